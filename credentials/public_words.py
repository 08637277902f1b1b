"""What the public answer says in words: today or as of a day, valid or not, and what that means. Calm, and as plain for the bad as for the good."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils.dateformat import format as date_format
from django.utils.formats import date_format as localised
from django.utils.translation import gettext as _

from credentials import lifeline
from credentials.validity import FINAL, Standing, Status, end_of_day
from credentials.verification import Answer
from credentials.words import STATUS_WORDS


def day(moment: datetime, zone: ZoneInfo) -> str:
    return localised(moment.astimezone(zone).date(), "j F Y")


def short_day(moment: datetime, zone: ZoneInfo) -> str:
    return date_format(moment.astimezone(zone).date(), "j M Y")


def moment(at: datetime, zone: ZoneInfo) -> str:
    """Monday 23 November 2026, 10:42 GMT."""
    return date_format(at.astimezone(zone), "l j F Y, H:i T")


def headline(answer: Answer) -> str:
    """The answer itself, as few words as it takes."""
    if answer.on is None:
        return _("Valid today") if answer.standing.valid else _("Not valid today")
    said = _("Valid on %(day)s") if answer.standing.valid else _("Not valid on %(day)s")
    return said % {"day": localised(answer.on, "j F Y")}


def mark(standing: Standing) -> str:
    """Which mark stands beside the answer: a tick, a half disc, a barred disc where a life ended without fault, a crossed disc."""
    if standing.valid:
        return "yes"
    if standing.status in (Status.SURRENDERED, Status.DECEASED):
        return "ended"
    return "over" if standing.status in FINAL else "no"


def word(standing: Standing) -> str:
    """The status in a word or two."""
    if standing.status is Status.PENDING:
        return _("Not yet granted")
    return str(STATUS_WORDS[standing.status])


def since(standing: Standing, zone: ZoneInfo) -> str:
    """What stands behind the status word: since when."""
    if standing.status is Status.EXPIRED and standing.valid_until:
        return _("after %(day)s, its last valid day") % {
            "day": localised(standing.valid_until, "j F Y")
        }
    if standing.status is Status.ACTIVE or standing.since is None:
        return ""
    return _("since %(day)s") % {"day": day(standing.since, zone)}


def valid_until(answer: Answer) -> tuple[str, str]:
    """The label and value of the last day, as the status leaves it."""
    standing, zone = answer.standing, answer.zone
    if standing.valid_until is None:
        return _("Valid until"), _("not granted by then")
    last = localised(standing.valid_until, "j F Y")
    if standing.status in FINAL and standing.since:
        return _("Ended"), day(standing.since, zone)
    if standing.status is Status.EXPIRED:
        return _("Was valid until"), last
    if standing.status is Status.SUSPENDED:
        return _("Valid until"), _("%(day)s, if the suspension is lifted") % {"day": last}
    return _("Valid until"), last


def meaning(answer: Answer) -> list[str]:
    """What the answer means for whoever asked, in a few sentences."""
    if answer.on is not None:
        return [
            _("This is how it stood at the end of that day, as the register knows it now."),
            _not_a_licence(),
        ]
    named = {"name": answer.credential.name, "since": since(answer.standing, answer.zone)}
    match answer.standing.status:
        case Status.ACTIVE:
            unbroken = len(answer.history) == 1
            return [_active(answer, unbroken), _not_a_licence()]
        case Status.SUSPENDED:
            return [
                _(
                    "%(name)s may not use the title or work under this credential while it is suspended. The register may lift "
                    "the suspension or end the credential; this page will say which, and when."
                )
                % named,
                _(
                    "A suspension is not a finding. The register publishes that it exists and since when, and keeps the reason private."
                ),
            ]
        case Status.EXPIRED | Status.LAPSED:
            return [
                _(
                    "%(name)s held this credential until its last valid day. It was not renewed, and the title may no longer be used."
                )
                % named,
                _("That a credential has run out says nothing against anybody."),
            ]
        case Status.REVOKED:
            return [
                _(
                    "The register has ended this credential for good. %(name)s may not use the title."
                )
                % named,
                _(
                    "The register publishes that it was revoked and since when, and keeps the reason private."
                ),
            ]
        case Status.SURRENDERED:
            return [
                _("%(name)s gave this credential back and may no longer use the title.") % named,
                _("Giving a credential back is not a finding against anybody."),
            ]
        case Status.DECEASED:
            return [_("The holder has died, and the credential ended with that.")]
    return [_("This credential is not in force.")]


def _active(answer: Answer, unbroken: bool) -> str:
    named = {"name": answer.credential.name}
    if unbroken:
        return (
            _(
                "%(name)s has shown all that this credential requires, and has met its rules since it was granted, without a break."
            )
            % named
        )
    return (
        _(
            "%(name)s has shown all that this credential requires and holds it today. The history below says when it was not in force."
        )
        % named
    )


def _not_a_licence() -> str:
    return _(
        "It is a certification of competence within its scope. It is not a licence to practise where the law asks for one."
    )


def spoken(answer: Answer) -> str:
    """The line of a credential's life, read aloud."""
    parts = [
        _("%(status)s from %(begin)s to %(end)s")
        % {
            "status": STATUS_WORDS[span.status],
            "begin": day(span.since, answer.zone),
            "end": day(span.until - timedelta(microseconds=1), answer.zone)
            if span.until
            else _("today"),
        }
        for span in answer.history
    ]
    if answer.today.valid_until:
        parts.append(
            _("last valid day %(day)s") % {"day": localised(answer.today.valid_until, "j F Y")}
        )
    return "; ".join(parts) + "."


def line(answer: Answer, width: int) -> lifeline.Lifeline:
    """The line of a credential's life as it is drawn, `width` wide."""
    zone, until = answer.zone, answer.today.valid_until or answer.credential.valid_until
    last = end_of_day(until, answer.credential.statement["zone"])
    over = answer.today.status in FINAL
    marked, asked = answer.at, _("today, %(day)s")
    if answer.on and end_of_day(answer.on, str(zone)) >= answer.history[0].since:
        marked, asked = min(end_of_day(answer.on, str(zone)), answer.at), _("asked, %(day)s")
    return lifeline.draw(
        [
            lifeline.Stretch(span.status.value, span.since, span.until, _above(answer, index))
            for index, span in enumerate(answer.history)
        ],
        width=width,
        begin=(answer.history[0].since, short_day(answer.history[0].since, zone), _("granted")),
        last=(last, short_day(last, zone), _("last day planned") if over else _("valid until")),
        mark=(marked, asked % {"day": short_day(marked, zone)}),
        now=answer.at,
    )


def _above(answer: Answer, index: int) -> str:
    """What is written above a stretch: nothing where the line's ends say it already."""
    span = answer.history[index]
    if span.status in (Status.EXPIRED, Status.PENDING):
        return ""
    if span.status is Status.ACTIVE:
        return str(STATUS_WORDS[span.status]).lower() if len(answer.history) == 1 else ""
    return f"{str(STATUS_WORDS[span.status]).lower()} {date_format(span.since.astimezone(answer.zone).date(), 'j M')}"


def rows(answer: Answer) -> list[dict[str, str]]:
    """The history as a table, newest first. A day on which the status changed belongs to what it changed to."""
    table = []
    for span in reversed(answer.history):
        first = span.since.astimezone(answer.zone).date()
        if span.until:
            last = max((span.until.astimezone(answer.zone) - timedelta(days=1)).date(), first)
            to = date_format(last, "j M Y")
        else:
            to = {Status.SUSPENDED: _("no end date set")}.get(
                span.status, _("for good") if span.status in FINAL else _("today")
            )
        table.append(
            {
                "status": span.status.value,
                "word": str(STATUS_WORDS[span.status]),
                "begin": date_format(first, "j M Y"),
                "to": to,
            }
        )
    return table
