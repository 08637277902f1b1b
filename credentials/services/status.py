"""What happens to a credential after it is issued, and what its status is. Only events are written; the status follows from them."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Role, User
from accounts.services import Conflict, Forbidden, Invalid, lock_learner, notify
from credentials import validity
from credentials.models import Credential, Reason, Renewal, StatusEvent

# Each change a registrar makes, and whose reasons it takes.
PURPOSE_OF = {
    StatusEvent.Kind.SUSPENDED: Reason.Purpose.SUSPEND,
    StatusEvent.Kind.REINSTATED: Reason.Purpose.REINSTATE,
    StatusEvent.Kind.REVOKED: Reason.Purpose.REVOKE,
    StatusEvent.Kind.RENEWED: Reason.Purpose.RENEW,
}


def events_of(credential: Credential) -> list[validity.Event]:
    """The credential's events as validity.py reads them. Uses prefetched rows where there are some."""
    return [
        validity.Event(row.sequence, row.kind, row.effective_at, row.valid_until)
        for row in credential.events.all()
    ]


def standing_of(
    credential: Credential, *, at: datetime, on: date | None = None
) -> validity.Standing:
    """The status now, or as of the end of day `on` (today means now). Raises Invalid for a day to come."""
    zone = credential.statement["zone"]
    today = at.astimezone(ZoneInfo(zone)).date()
    if on and on > today:
        raise Invalid(
            "day_to_come",
            _("Choose today or a day in the past."),
            fields={"on": [_("This day is still to come.")]},
        )
    when = at if on is None or on == today else validity.end_of_day(on, zone)
    return validity.standing(events_of(credential), when, zone)


def history_of(credential: Credential, *, at: datetime) -> list[validity.Span]:
    """Every stretch of the credential's life up to now, oldest first."""
    return validity.history(events_of(credential), at, credential.statement["zone"])


def require_registrar(by: User) -> None:
    if not by.has_role(Role.REGISTRAR):
        raise Forbidden("wrong_role", _("Only a registrar does this."))


def require_other_person(person: User, by: User) -> None:
    """R2: raise Forbidden when `by` would decide on their own case."""
    if person.pk == by.pk:
        raise Forbidden(
            "R2", _("Rule R2: nobody decides on their own case. Another registrar has to.")
        )


def require_change_allowed(*, credential: Credential, kind: str, by: User, at: datetime) -> None:
    """Raise what would keep `by` from this change now: Forbidden for role or separation, Conflict for the status it would follow."""
    require_registrar(by)
    require_other_person(credential.holder, by)
    events = list(credential.events.order_by("sequence"))
    status = _status_of(credential, events, at)
    if kind not in validity.MAY_FOLLOW.get(status, frozenset()):
        raise Conflict(
            "not_from_this_status",
            _("This credential is %(status)s, so it cannot be %(change)s.")
            % {"status": status, "change": StatusEvent.Kind(kind).label.lower()},
        )
    begins = _renewed_from(credential, events, at) if kind == StatusEvent.Kind.RENEWED else None
    if begins:
        raise Conflict(
            "renewed_already",
            _("This credential is renewed already, from %(day)s. Renew it again after that day.")
            % {"day": f"{begins:%-d %B %Y}"},
        )


def suspend(
    *, credential: Credential, reason_code: str, by: User, at: datetime, note: str = ""
) -> StatusEvent:
    """Suspend an active credential. Asked for twice it is done once."""
    return _change(
        credential, StatusEvent.Kind.SUSPENDED, reason_code=reason_code, note=note, by=by, at=at
    )


def reinstate(
    *, credential: Credential, reason_code: str, by: User, at: datetime, note: str = ""
) -> StatusEvent:
    """End a suspension; a new document is signed. Asked for twice it is done once."""
    return _change(
        credential, StatusEvent.Kind.REINSTATED, reason_code=reason_code, note=note, by=by, at=at
    )


def revoke(
    *, credential: Credential, reason_code: str, by: User, at: datetime, note: str = ""
) -> StatusEvent:
    """Revoke a credential for good. Asked for twice it is done once."""
    return _change(
        credential, StatusEvent.Kind.REVOKED, reason_code=reason_code, note=note, by=by, at=at
    )


@transaction.atomic
def renew(
    *,
    credential: Credential,
    reason_code: str,
    by: User,
    at: datetime,
    note: str = "",
    hours: Decimal | int | None = None,
    ethics_hours: Decimal | int = 0,
) -> StatusEvent:
    """Renew from the day after the last valid day: same number, same history, a new document. `hours` are kept where they are given.

    One renewal ahead at most: until its period begins, a second one is refused, and the same one asked for again is returned.
    """
    if hours is not None and not 0 <= ethics_hours <= hours:
        said = _("Hours of ethics and law are part of the hours.")
        raise Invalid("more_ethics_than_hours", said, fields={"ethics_hours": [said]})
    lock_learner(credential.holder_id)
    credential.refresh_from_db(fields=["valid_until"])
    last = renewed_until(credential)
    event = _change(
        credential,
        StatusEvent.Kind.RENEWED,
        reason_code=reason_code,
        note=note,
        by=by,
        at=at,
        valid_until=last,
    )
    if event.valid_until == last:
        if hours is not None:
            Renewal.objects.create(event=event, hours=hours, ethics_hours=ethics_hours)
        credential.valid_until = last
        credential.save(update_fields=["valid_until"])
    return event


def renewed_until(credential: Credential) -> date:
    """The last valid day that a renewal now would give."""
    first = credential.valid_until + timedelta(days=1)
    return validity.last_valid_day(first, credential.credential_type.validity_years)


@transaction.atomic
def list_publicly(*, credential: Credential, listed: bool, by: User, at: datetime) -> Credential:
    """The holder agrees, or no longer agrees, that the public register finds the credential by name. By number it is always found."""
    require_holder(credential=credential, by=by)
    lock_learner(credential.holder_id)
    if credential.listed != listed:
        credential.listed = listed
        credential.save(update_fields=["listed"])
    return credential


def require_holder(*, credential: Credential, by: User) -> None:
    if by.pk != credential.holder_id:
        raise Forbidden("not_the_holder", _("Only the holder decides about the public listing."))


def append_event(*, credential: Credential, kind: str, at: datetime, **fields: Any) -> StatusEvent:
    """Append to the credential's chain and enqueue what follows from it: signing, the status list, a message to the holder."""
    from credentials.tasks import publish_status_lists, sign_document

    event = StatusEvent.objects.append(
        chain=credential.chain, at=at, credential=credential, kind=kind, **fields
    )
    if kind in StatusEvent.MAKES_DOCUMENT:
        sign_document.enqueue(event.pk)
    if kind in StatusEvent.ENDS_DOCUMENTS:
        publish_status_lists.enqueue()
    if kind != StatusEvent.Kind.DECEASED:
        notify(
            recipient=credential.holder,
            kind=f"credential_{kind}",
            reference=str(event.uuid),
            subject=_("Your credential %(number)s: %(what)s")
            % {"number": credential.number, "what": event.get_kind_display().lower()},
            template="credentials/mail/status.txt",
            context={"credential": credential, "event": event},
            url=f"/record/{credential.public_id}/",
            at=at,
        )
    return event


@transaction.atomic
def _change(
    credential: Credential,
    kind: StatusEvent.Kind,
    *,
    reason_code: str,
    note: str,
    by: User,
    at: datetime,
    valid_until: date | None = None,
) -> StatusEvent:
    """One status change by a registrar with a reason. The same change asked for again by the same person is made once."""
    require_registrar(by)
    lock_learner(credential.holder_id)
    require_other_person(credential.holder, by)
    newest = credential.events.order_by("-sequence").first()
    try:
        require_change_allowed(credential=credential, kind=kind, by=by, at=at)
    except Conflict:
        asked = (kind, by.pk, reason_code)
        if newest and (newest.kind, newest.by_id, newest.reason_code) == asked:
            return newest
        raise
    reason = Reason.objects.filter(
        credential_type=credential.credential_type_id, purpose=PURPOSE_OF[kind], code=reason_code
    ).first()
    if reason is None:
        raise Invalid(
            "no_such_reason",
            _("Choose a reason."),
            fields={"reason_code": [_("Choose one of the reasons of this scheme.")]},
        )
    return append_event(
        credential=credential,
        kind=kind,
        effective_at=at,
        reason_code=reason.code,
        reason_text=reason.text,
        note=note,
        valid_until=valid_until,
        by=by,
        at=at,
    )


def _status_of(credential: Credential, events: list[StatusEvent], at: datetime) -> validity.Status:
    facts = [
        validity.Event(row.sequence, row.kind, row.effective_at, row.valid_until) for row in events
    ]
    return validity.standing(facts, at, credential.statement["zone"]).status


def _renewed_from(credential: Credential, events: list[StatusEvent], at: datetime) -> date | None:
    """The first day of a renewal on record whose period is still to begin, or None."""
    ends = [row.valid_until for row in events if row.valid_until]
    today = at.astimezone(ZoneInfo(credential.statement["zone"])).date()
    if len(ends) > 1 and ends[-2] >= today:
        return ends[-2] + timedelta(days=1)
    return None
