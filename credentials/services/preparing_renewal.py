"""What a holder does to have a credential renewed: begin, add and take out activities, sign and send. What is sent is the register's."""

import secrets
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.services import Conflict, Forbidden, Invalid, lock_learner, notify
from credentials import renewing, validity
from credentials.models import (
    Credential,
    Learning,
    LearningReview,
    RenewalRequest,
    RenewalStep,
)
from credentials.services.applying import look_at, printable
from credentials.services.award import today_in
from credentials.services.renewal_steps import append_step
from credentials.services.renewals import (
    WITH_HOLDER,
    Entry,
    Progress,
    Turn,
    complete_rows,
    cycle_of,
    draw_of,
    open_request,
    progress_of,
    rules_of,
)
from credentials.services.standing import standing_of

MOST_ACTIVITIES = 100
HOURS_A_DAY = 24


def require_holder_of(credential: Credential, by: User) -> None:
    if by.pk != credential.holder_id:
        raise Forbidden("not_the_holder", _("Only the holder prepares the renewal."))


def require_may_begin(*, credential: Credential, by: User, at: datetime) -> None:
    """Raise Forbidden for anybody but the holder, Conflict where nothing is renewed now: no rules, wrong status, too early, too late."""
    require_holder_of(credential, by)
    if not rules_of(credential).asks_something:
        raise Conflict(
            "no_renewal_rules",
            _("The rules of your edition name nothing to send. Write to the register to renew."),
        )
    status = standing_of(credential, at=at).status
    if status is validity.Status.SUSPENDED:
        raise Conflict(
            "suspended",
            _("Your credential is suspended. A renewal is begun when the suspension has ended."),
        )
    if status is validity.Status.EXPIRED:
        raise Conflict(
            "too_late",
            _("The time for a renewal is over. To hold the credential again, apply anew."),
        )
    if status in validity.FINAL:
        raise Conflict("ended", _("This credential has ended; it cannot be renewed."))
    period, today = cycle_of(credential), today_in(credential.credential_type, at)
    if today < period.first:
        raise Conflict(
            "renewed_already",
            _(
                "This credential is renewed already, from %(day)s. Hours for the next renewal count from then."
            )
            % {"day": date_format(period.first, "j F Y")},
        )
    if today < period.opens:
        raise Conflict(
            "too_early",
            _("A renewal can be begun from %(day)s.") % {"day": date_format(period.opens, "j F Y")},
        )


@transaction.atomic
def begin_renewal(*, credential: Credential, by: User, at: datetime) -> RenewalRequest:
    """Begin to prepare the renewal of a credential for the cycle that ends with its last valid day. An open one is returned as it is."""
    require_holder_of(credential, by)
    lock_learner(credential.holder_id)
    credential = Credential.objects.select_related("credential_type").get(pk=credential.pk)
    existing = open_request(credential)
    if existing:
        return existing
    require_may_begin(credential=credential, by=by, at=at)
    period = cycle_of(credential)
    request = RenewalRequest.objects.create(
        credential=credential, first_day=period.first, last_day=period.last, begun_at=at
    )
    append_step(
        request,
        RenewalStep.Kind.BEGUN,
        at=at,
        content={
            "credential": str(credential.public_id),
            "cycle": [str(period.first), str(period.last)],
        },
        by=by,
    )
    return complete_rows(RenewalRequest.objects.filter(pk=request.pk)).get()


def require_may_prepare(progress: Progress, by: User) -> None:
    """Raise Forbidden for anybody but the holder, Conflict while the renewal is not theirs to change."""
    require_holder_of(progress.request.credential, by)
    if progress.turn in WITH_HOLDER or progress.turn is Turn.SUSPENDED:
        return
    said = {
        Turn.WITH_REGISTER: _("This renewal is with the register. You hear from us."),
        Turn.RENEWED: _("This renewal is done; nothing can be added to it."),
        Turn.TOO_LATE: _(
            "The time for a renewal is over. To hold the credential again, apply anew."
        ),
        Turn.ENDED: _("This credential has ended; it cannot be renewed."),
    }
    raise Conflict(f"renewal_{progress.turn.value}", said[progress.turn])


def locked(request: RenewalRequest, at: datetime) -> Progress:
    """The renewal under its holder's lock, as it is now."""
    lock_learner(request.credential.holder_id)
    return progress_of(complete_rows(RenewalRequest.objects.filter(pk=request.pk)).get(), at=at)


@transaction.atomic
def add_learning(
    *,
    request: RenewalRequest,
    title: str,
    provider: str,
    first_day: date,
    hours: Decimal,
    category: str,
    file: Any,
    by: User,
    at: datetime,
    last_day: date | None = None,
    statement: str = "",
    replaces: Learning | None = None,
) -> Learning:
    """Add an activity with its certificate, or put it in the place of one that is taken out with it. What the rules say of it is another
    question (`progress_of`): it is kept, and shown with its verdict. Sending the same again before it is decided changes nothing.

    Raises Forbidden, Conflict while the renewal is not the holder's to change, Invalid for a missing fact, an unknown category, a wrong file.
    """
    progress = locked(request, at)
    require_may_prepare(progress, by)
    facts = _facts(progress, title, provider, first_day, last_day, hours, category, statement)
    seen = look_at(file)
    facts |= {
        "original_name": seen.name,
        "content_type": seen.content_type,
        "size": file.size,
        "sha256": seen.sha256,
    }
    same = next((row.learning for row in progress.current if _says(row, facts)), None)
    if same:
        return same
    if len(progress.entries) >= MOST_ACTIVITIES:
        raise Conflict("too_many", _("A renewal takes a hundred activities. Combine some."))
    if replaces:
        _take_out(_entry(progress, replaces), by, at)
    added: Learning = Learning.objects.append(
        chain=progress.request.chain,
        at=at,
        request=progress.request,
        file=file,
        replaces=replaces,
        **facts,
    )
    return added


def _says(row: Entry, facts: dict[str, Any]) -> bool:
    told = {name: value for name, value in facts.items() if name != "original_name"}
    return row.undecided and all(
        getattr(row.learning, name) == value for name, value in told.items()
    )


def _facts(
    progress: Progress,
    title: str,
    provider: str,
    first_day: date,
    last_day: date | None,
    hours: Decimal,
    category: str,
    statement: str,
) -> dict[str, Any]:
    """What is said of an activity. Raises Invalid with all that is wrong at once."""
    last_day = last_day or first_day
    facts: dict[str, Any] = {
        "title": " ".join(printable(title).split()),
        "provider": " ".join(printable(provider).split()),
        "first_day": first_day,
        "last_day": last_day,
        "hours": Decimal(hours),
        "category": category,
        "statement": printable(statement).strip(),
    }
    wrong: dict[str, list[str]] = {}
    for name, said in (
        ("title", _("Say what it was, in at most 150 characters.")),
        ("provider", _("Say who gave it, in at most 150 characters.")),
    ):
        if not 0 < len(facts[name]) <= 150:
            wrong[name] = [said]
    if last_day < first_day:
        wrong["last_day"] = [_("It cannot end before it began.")]
    elif not 0 < facts["hours"] <= HOURS_A_DAY * ((last_day - first_day).days + 1):
        wrong["hours"] = [_("Give hours above 0, and no more than these days have.")]
    elif facts["hours"] >= 1000 or facts["hours"] != round(facts["hours"], 1):
        wrong["hours"] = [_("Give hours below 1000, with one decimal at most.")]
    if progress.rules.categories and progress.rules.category(category) is None:
        wrong["category"] = [_("Choose one of the categories of your edition.")]
    if len(facts["statement"]) > 4000:
        wrong["statement"] = [_("Use at most 4000 characters.")]
    if wrong:
        raise Invalid("incomplete", _("Something about this activity is missing."), fields=wrong)
    return facts


@transaction.atomic
def withdraw_learning(*, learning: Learning, by: User, at: datetime) -> LearningReview:
    """Take an activity out of a renewal that is not sent. It stays on file; it counts no more. Twice is once."""
    progress = locked(learning.request, at)
    require_may_prepare(progress, by)
    return _take_out(_entry(progress, learning), by, at)


def _entry(progress: Progress, learning: Learning) -> Entry:
    found = next((row for row in progress.entries if row.learning.pk == learning.pk), None)
    if found is None:
        raise Conflict("no_such_activity", _("This activity is not part of this renewal."))
    return found


def _take_out(entry: Entry, by: User, at: datetime) -> LearningReview:
    if entry.withdrawn and entry.review:
        return entry.review
    if not entry.may_go:
        raise Conflict(
            "already_decided", _("A registrar has decided on this activity; it stays as it is.")
        )
    gone: LearningReview = LearningReview.objects.append(
        chain=f"learning:{entry.learning.uuid}",
        at=at,
        learning=entry.learning,
        outcome=LearningReview.Outcome.WITHDRAWN,
        by=by,
    )
    return gone


@transaction.atomic
def send_renewal(
    *, request: RenewalRequest, agreed: bool, by: User, at: datetime
) -> RenewalRequest:
    """Sign and send a renewal that is complete. From then on it is the register's. Sent twice it is sent once.

    Raises Invalid without the signature, Conflict for all that is still missing, in words.
    """
    progress = locked(request, at)
    require_holder_of(progress.request.credential, by)
    if progress.turn is Turn.WITH_REGISTER:
        return progress.request
    require_may_send(progress, by)
    if not agreed:
        said = _("Sign this statement to send the renewal.")
        raise Invalid("not_signed", said, fields={"agreed": [said]})
    row = progress.request
    row.sent_at = at
    row.save(update_fields=["sent_at"])
    sent = append_step(row, RenewalStep.Kind.SENT, at=at, content=_sent(progress), by=by)
    notify(
        recipient=row.credential.holder,
        kind="renewal_sent",
        reference=f"{row.uuid}:{at.isoformat()}",
        subject=_("Your renewal of %(number)s is with the register")
        % {"number": row.credential.number},
        template="credentials/mail/renewal_sent.txt",
        context={
            "request": row,
            "credential": row.credential,
            "hours": hours_of(progress.tally.total),
            "audited": progress.audited or sent.content.get("audit", {}).get("drawn", False),
        },
        url=f"/record/{row.credential.public_id}/renewal/",
        at=at,
    )
    return complete_rows(RenewalRequest.objects.filter(pk=row.pk)).get()


def require_may_send(progress: Progress, by: User) -> None:
    """Raise what keeps a renewal from being sent: whose turn it is, then everything that is missing."""
    require_may_prepare(progress, by)
    if progress.turn is Turn.SUSPENDED:
        raise Conflict(
            "suspended",
            _("Your credential is suspended. Send the renewal when the suspension has ended."),
        )
    missing = what_is_missing(progress)
    if missing:
        raise Conflict("renewal_incomplete", " ".join(missing))


def what_is_missing(progress: Progress) -> list[str]:
    """What the holder still has to do before the renewal can be sent, sentence by sentence."""
    found = []
    if progress.asked:
        names = ", ".join(f"“{row.learning.title}”" for row in progress.asked)
        found.append(
            _("Replace what was asked about, or take it out: %(which)s.") % {"which": names}
        )
    against = {row.activity.key for row in progress.tally.against_the_rules}
    if against:
        names = ", ".join(
            f"“{row.learning.title}”"
            for row in progress.current
            if str(row.learning.uuid) in against
        )
        found.append(_("Take out or replace what does not count: %(which)s.") % {"which": names})
    for share in progress.tally.shares:
        if share.missing:
            found.append(
                _("%(title)s: %(hours)s more hours.")
                % {"title": share.category.title, "hours": hours_of(share.missing)}
            )
    if progress.tally.missing:
        found.append(
            _("Hours still missing in all: %(hours)s.")
            % {"hours": hours_of(progress.tally.missing)}
        )
    for row in progress.papers_missing:
        found.append(_("%(title)s: send a current one.") % {"title": row.requirement.short_title})
    return found


def hours_of(hours: Decimal) -> str:
    """Hours as people write them: 24, 2.5."""
    return format(hours.normalize(), "f")


def _sent(progress: Progress) -> dict[str, Any]:
    """What was sent: each activity by uuid and hash, and on what each document rested."""
    return {
        **_draw(progress),
        "agreed": True,
        "hours": hours_of(progress.tally.total),
        "learning": {str(row.learning.uuid): row.learning.hash for row in progress.current},
        "documents": papers_said(progress),
    }


def _draw(progress: Progress) -> dict[str, Any]:
    """The lot of a renewal that is sent for the first time. Sent again it keeps the first."""
    percent = progress.rules.audit_percent
    if not percent or draw_of(progress.request):
        return {}
    seed, name = secrets.token_hex(16), str(progress.request.uuid)
    drawn = renewing.drawn(seed, name, percent)
    return {"audit": {"seed": seed, "percent": str(percent), "drawn": drawn}}


def papers_said(progress: Progress) -> dict[str, Any]:
    return {
        row.requirement.code: {
            "state": row.finding.state.value,
            "valid_until": str(row.finding.valid_until) if row.finding.valid_until else None,
            "document": str(row.document.uuid) if row.document else None,
        }
        for row in progress.papers
    }
