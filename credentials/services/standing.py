"""What a credential is, now or on a day: its status and what it covers. One reading of its events, behind every answer."""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from accounts.services import Invalid
from credentials import validity
from credentials.models import Credential, StatusEvent


def events_of(credential: Credential) -> list[validity.Event]:
    """The credential's events as validity.py reads them. Uses prefetched rows where there are some."""
    rows = list(credential.events.all())
    sequence_of = {row.pk: row.sequence for row in rows}
    return [
        validity.Event(
            row.sequence,
            row.kind,
            row.effective_at,
            row.valid_until,
            sequence_of[row.withdraws_id] if row.withdraws_id else None,
        )
        for row in rows
    ]


def late_months_of(credential: Credential) -> int:
    """How long a late renewal is taken, as the credential was issued."""
    return int(credential.statement.get("late_months", 0))


def now_of(credential: Credential, at: datetime) -> datetime:
    """`at`, or the moment of the newest entry where the clock has been set back behind it: what is written has happened."""
    return max([at, *(row.at for row in credential.events.all())])


def instant_of(credential: Credential, *, at: datetime, on: date | None = None) -> datetime:
    """The instant that is asked about: now, or the end of day `on` (today means now). Raises Invalid for a day to come."""
    zone, now = credential.statement["zone"], now_of(credential, at)
    today = now.astimezone(ZoneInfo(zone)).date()
    if on and on > today:
        raise Invalid(
            "day_to_come",
            _("Choose today or a day in the past."),
            fields={"on": [_("This day is still to come.")]},
        )
    return now if on is None or on == today else validity.end_of_day(on, zone)


def standing_of(
    credential: Credential, *, at: datetime, on: date | None = None
) -> validity.Standing:
    """The status now, or as of the end of day `on` (today means now). Raises Invalid for a day to come."""
    return validity.standing(
        events_of(credential),
        instant_of(credential, at=at, on=on),
        credential.statement["zone"],
        late_months_of(credential),
    )


def history_of(credential: Credential, *, at: datetime) -> list[validity.Span]:
    """Every stretch of the credential's life up to now, oldest first."""
    return validity.history(
        events_of(credential),
        now_of(credential, at),
        credential.statement["zone"],
        late_months_of(credential),
    )


@dataclass(frozen=True)
class Coverage:
    """What a credential covers, and what it does not."""

    scope: str
    limits: str


def coverage_of(credential: Credential, *, at: datetime, on: date | None = None) -> Coverage:
    """What it covers now or at the end of day `on`. Raises Invalid for a day to come."""
    return coverage_at(credential, instant_of(credential, at=at, on=on))


def coverage_at(credential: Credential, when: datetime) -> Coverage:
    """What it covers at an instant: as it was issued, or as the newest change of scope in effect says."""
    changes = [
        row
        for row in credential.events.all()
        if row.kind == StatusEvent.Kind.SCOPE_CHANGED and row.effective_at <= when
    ]
    withdrawn = {row.withdraws_id for row in credential.events.all() if row.withdraws_id}
    changes = [row for row in changes if row.pk not in withdrawn]
    if not changes:
        return Coverage(credential.statement["scope"], credential.statement["limits"])
    newest = max(changes, key=lambda row: (row.effective_at, row.sequence))
    return Coverage(newest.scope, newest.limits)


def still_to_come(credential: Credential, *, at: datetime) -> list[StatusEvent]:
    """Events that are written, take effect later and are not withdrawn, the next first."""
    now, rows = now_of(credential, at), list(credential.events.all())
    withdrawn = {row.withdraws_id for row in rows if row.withdraws_id}
    coming = [row for row in rows if row.effective_at > now and row.pk not in withdrawn]
    return sorted(coming, key=lambda row: (row.effective_at, row.sequence))
