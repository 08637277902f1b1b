"""How a renewal is said: whose turn it is, what the rules say of an activity, and the bars of its hours."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from credentials.models import Credential, CredentialType, LearningReview, Reason
from credentials.renewing import Assessed, Category, Rules, Share, Tally, Verdict, read
from credentials.services import (
    Entry,
    Progress,
    Turn,
    cycle_of,
    hours_of,
    open_request,
    rules_of,
    today_in,
    turn_of,
)
from credentials.validity import Standing, Status

TURN_WORDS = {
    Turn.PREPARING: ("now", gettext_lazy("In preparation")),
    Turn.RETURNED: ("due", gettext_lazy("Back with you")),
    Turn.WITH_REGISTER: ("held", gettext_lazy("With the register")),
    Turn.RENEWED: ("done", gettext_lazy("Renewed")),
    Turn.SUSPENDED: ("suspended", gettext_lazy("Waits: the credential is suspended")),
    Turn.TOO_LATE: ("expired", gettext_lazy("Too late")),
    Turn.ENDED: ("expired", gettext_lazy("The credential has ended")),
}
# The same to a registrar, where it is not the holder who reads.
DESK_WORDS = {
    Turn.PREPARING: ("waiting", gettext_lazy("The holder prepares it")),
    Turn.RETURNED: ("waiting", gettext_lazy("Back with the holder")),
    Turn.WITH_REGISTER: ("held", gettext_lazy("To be decided")),
}
OUTCOME_OF = {
    Reason.Purpose.HOURS_ACCEPTED: LearningReview.Outcome.ACCEPTED,
    Reason.Purpose.HOURS_UNCLEAR: LearningReview.Outcome.MORE_INFORMATION,
    Reason.Purpose.HOURS_NOT_ACCEPTED: LearningReview.Outcome.NOT_ACCEPTED,
}
WIDTH = 600.0


def hours(value: Decimal) -> str:
    """1 hour, 2.5 hours."""
    return ngettext("%(n)s hour", "%(n)s hours", 1 if value == 1 else 2) % {"n": hours_of(value)}


def asks(kind: CredentialType) -> list[str]:
    """What an edition asks of a renewal, one sentence each; nothing where it asks nothing. One query."""
    rules = read(kind.renewal)
    said = []
    if rules.hours:
        said.append(
            _("%(hours)s of continuing education within the period") % {"hours": hours(rules.hours)}
        )
    said += [_category(row) for row in rules.categories]
    if rules.documents:
        titles = dict(kind.requirements.values_list("code", "title"))
        named = ", ".join(titles.get(code, code) for code in rules.documents)
        said.append(_("Current documents: %(which)s") % {"which": named})
    if rules.agreement:
        said.append(_("The code of conduct is signed again"))
    if rules.audit_percent:
        percent = hours_of(rules.audit_percent)
        said.append(_("Of the renewals sent, %(n)s %% are drawn by lot for audit") % {"n": percent})
    if rules.opens_months is not None:
        said.append(
            ngettext(
                "Begun at the earliest one month before the last valid day",
                "Begun at the earliest %(months)s months before the last valid day",
                rules.opens_months,
            )
            % {"months": rules.opens_months}
        )
    return said


def _category(row: Category) -> str:
    parts = []
    if row.minimum:
        parts.append(_("at least %(hours)s") % {"hours": hours(row.minimum)})
    if row.maximum is not None:
        parts.append(_("at most %(hours)s count") % {"hours": hours(row.maximum)})
    return f"{row.title}: {', '.join(parts)}" if parts else row.title


@dataclass(frozen=True)
class Bar:
    """Hours as a length: what counts, what is asked (a tick), and what both are in words."""

    title: str
    said: str
    asked: str
    state: str
    word: str
    filled: float
    tick: float | None


def bar_of_all(rules: Rules, tally: Tally) -> Bar:
    whole = max(rules.hours, tally.total, Decimal(1))
    return Bar(
        _("Hours in all"),
        hours(tally.total),
        _("%(hours)s asked") % {"hours": hours_of(rules.hours)},
        "done" if tally.total >= rules.hours else "now",
        _("Enough")
        if tally.total >= rules.hours
        else _("%(hours)s missing") % {"hours": hours_of(rules.hours - tally.total)},
        _px(tally.total, whole),
        _px(rules.hours, whole) if tally.total > rules.hours else None,
    )


def bar_of(share: Share) -> Bar:
    """One category against its minimum or maximum; without either, as far as it counts."""
    least, most = share.category.minimum, share.category.maximum
    whole = max(least, most or Decimal(0), share.counted, Decimal(1))
    if share.missing:
        state, word = "now", _("%(hours)s missing") % {"hours": hours_of(share.missing)}
    elif share.over:
        state, word = "due", _("%(hours)s beyond the most") % {"hours": hours_of(share.over)}
    else:
        state, word = "done", _("Enough") if least else ""
    return Bar(
        share.category.title,
        hours(share.counted),
        _asked(least, most),
        state,
        word,
        _px(share.counted, whole),
        _px(least, whole) if least and share.counted > least else None,
    )


def _asked(least: Decimal, most: Decimal | None) -> str:
    if least and most:
        return _("at least %(least)s, at most %(most)s") % {
            "least": hours_of(least),
            "most": hours_of(most),
        }
    if least:
        return _("at least %(hours)s") % {"hours": hours_of(least)}
    if most:
        return _("at most %(hours)s count") % {"hours": hours_of(most)}
    return _("as many as you like")


def _px(part: Decimal, whole: Decimal) -> float:
    return round(float(min(part / whole, Decimal(1))) * WIDTH, 1)


def bars(progress: Progress) -> list[Bar]:
    return [bar_of(share) for share in progress.tally.shares]


def verdict_words(row: Assessed, progress: Progress) -> str:
    """What the rules say of an activity, in one sentence; empty where it counts whole."""
    category = progress.rules.category(row.activity.category)
    title = category.title if category else row.activity.category
    most = hours_of(category.maximum) if category and category.maximum else ""
    period = {
        "first": date_format(progress.cycle.first, "j F Y"),
        "last": date_format(progress.cycle.ends(progress.today), "j F Y"),
    }
    match row.verdict:
        case Verdict.PARTLY:
            return _("Counted: %(counted)s. Of “%(title)s” at most %(most)s count.") % {
                "counted": hours(row.counted),
                "title": title,
                "most": most,
            }
        case Verdict.FULL:
            return _("None of it counts: the %(most)s hours of “%(title)s” are full.") % {
                "most": most,
                "title": title,
            }
        case Verdict.BEFORE:
            return _(
                "It does not count: it began before your cycle, which runs from %(first)s."
            ) % (period)
        case Verdict.AFTER:
            return _("It does not count: hours up to %(last)s do.") % period
        case Verdict.TO_COME:
            return _("It does not count yet: it is still to come.")
        case Verdict.USED_BEFORE:
            return _("It does not count: this very certificate is counted already.")
        case Verdict.UNKNOWN_CATEGORY:
            return _("It does not count: your edition has no such category.")
    return ""


def shown(progress: Progress, entries: Sequence[Entry]) -> list[dict[str, Any]]:
    """Activities as a table shows them: state, verdict and what counts, in words."""
    return [_shown(progress, row) for row in entries]


def _shown(progress: Progress, row: Entry) -> dict[str, Any]:
    category = progress.rules.category(row.learning.category)
    state, word = _state(progress, row)
    return {
        "entry": row,
        "learning": row.learning,
        "review": row.review,
        "category": category.title if category else row.learning.category,
        "hours": hours(row.learning.hours),
        "counted": hours_of(row.assessed.counted) if row.assessed else "0",
        "less": row.assessed is not None and row.assessed.counted != row.learning.hours,
        "verdict": verdict_words(row.assessed, progress) if row.assessed else "",
        "state": state,
        "word": word,
    }


def _state(progress: Progress, row: Entry) -> tuple[str, str]:
    shapes = {"accepted": "done", "more_information": "due", "not_accepted": "fail"}
    if row.review:
        return shapes.get(row.review.outcome, "waiting"), row.review.get_outcome_display()
    if row.assessed and not row.assessed.counted:
        return "due", _("Does not count")
    if progress.turn is Turn.WITH_REGISTER:
        return "held", _("To be checked")
    if row.assessed and row.assessed.verdict is Verdict.PARTLY:
        return "now", _("Counts in part")
    return "now", _("Counts, to be checked")


SOON_DAYS = 180


def renewal_said(
    credential: Credential, standing: Standing, *, at: datetime
) -> dict[str, Any] | None:
    """What a holder is told about the renewal on the credential's page: one under way, or one that is due; else None."""
    found = open_request(credential)
    if found:
        turn = turn_of(found, standing)
        return {
            "word": _("Renewal: %(state)s") % {"state": str(TURN_WORDS[turn][1]).lower()},
            "caution": turn is Turn.RETURNED,
            "sentence": _("Something is missing before it can be renewed.")
            if turn is Turn.RETURNED
            else _("A registrar looks at it; you hear from us.")
            if turn is Turn.WITH_REGISTER
            else _("What you have entered so far is kept."),
            "link": _("See how it stands") if turn is Turn.WITH_REGISTER else _("Go on with it"),
        }
    cycle = cycle_of(credential)
    today = today_in(credential.credential_type, at)
    due = (cycle.last - today).days <= SOON_DAYS and today >= cycle.opens
    if (
        not rules_of(credential).asks_something
        or standing.status not in (Status.ACTIVE, Status.LAPSED)
        or not due
    ):
        return None
    return {
        "word": _("Time to renew"),
        "caution": standing.status is Status.LAPSED,
        "sentence": _("The page says what is asked, what counts already and what is missing."),
        "link": _("Prepare the renewal"),
    }
