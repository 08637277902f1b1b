"""What happens to a credential after it is issued. Only events are written; status and scope follow from them (standing.py)."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.services import Conflict, Forbidden, Invalid, lock_learner
from credentials import validity
from credentials.models import Credential, Renewal, StatusEvent
from credentials.services.changing import (
    append_event,
    asked_before,
    change,
    effective_at,
    fresh,
    reason_named,
    require_fits,
    require_registrar,
    require_uninvolved,
)
from credentials.services.renewal_steps import close_by_event
from credentials.services.standing import coverage_of, still_to_come

Kind = StatusEvent.Kind


def suspend(
    *,
    credential: Credential,
    reason_code: str,
    by: User,
    at: datetime,
    note: str = "",
    effective_on: date | None = None,
) -> StatusEvent:
    """Suspend an active credential, now or from a day. Asked for twice it is done once."""
    return change(credential, Kind.SUSPENDED, reason_code, note, by, at, on=effective_on)


def reinstate(
    *,
    credential: Credential,
    reason_code: str,
    by: User,
    at: datetime,
    note: str = "",
    effective_on: date | None = None,
) -> StatusEvent:
    """End a suspension; a new document is signed. Asked for twice it is done once."""
    return change(credential, Kind.REINSTATED, reason_code, note, by, at, on=effective_on)


def record_death(
    *,
    credential: Credential,
    reason_code: str,
    by: User,
    at: datetime,
    note: str = "",
    effective_on: date | None = None,
) -> StatusEvent:
    """Write that the holder has died, on the day where it is known. Nobody is written to. Asked for twice it is done once."""
    return change(credential, Kind.DECEASED, reason_code, note, by, at, on=effective_on)


@transaction.atomic
def surrender(
    *,
    credential: Credential,
    by: User,
    at: datetime,
    reason_code: str = "U1",
    note: str = "",
    effective_on: date | None = None,
) -> StatusEvent:
    """The holder gives the credential back, or a registrar writes down that they did. For good. Asked for twice it is done once."""
    if by.pk != credential.holder_id:
        return change(credential, Kind.SURRENDERED, reason_code, note, by, at, on=effective_on)
    lock_learner(credential.holder_id)
    given_back = credential.events.filter(kind=Kind.SURRENDERED, by=by, withdrawn_by=None).first()
    if given_back:
        return given_back
    when = effective_at(credential, at=at, on=effective_on)
    require_fits(credential, Kind.SURRENDERED, at, when)
    reason = reason_named(credential, Kind.SURRENDERED, reason_code)
    return append_event(
        credential=credential,
        kind=Kind.SURRENDERED,
        effective_at=when,
        reason_code=reason.code,
        reason_text=reason.text,
        note=note,
        by=by,
        at=at,
    )


@transaction.atomic
def change_scope(
    *,
    credential: Credential,
    scope: str,
    limits: str,
    reason_code: str,
    by: User,
    at: datetime,
    note: str = "",
    effective_on: date | None = None,
) -> StatusEvent:
    """Change what the credential covers; documents signed before it end, and a new one says the new scope. Raises Invalid without a scope."""
    scope, limits = scope.strip(), limits.strip()
    if not scope:
        said = _("Say what the credential covers.")
        raise Invalid("no_scope", said, fields={"scope": [said]})
    covered = coverage_of(credential, at=at)
    if (scope, limits) == (covered.scope, covered.limits) and not asked_before(
        credential, Kind.SCOPE_CHANGED, by, reason_code
    ):
        said = _("This is the scope it has. Change it, or leave it.")
        raise Invalid("same_scope", said, fields={"scope": [said]})
    return change(
        credential,
        Kind.SCOPE_CHANGED,
        reason_code,
        note,
        by,
        at,
        on=effective_on,
        once=scope == covered.scope and limits == covered.limits,
        scope=scope,
        limits=limits,
    )


@transaction.atomic
def correct_name(
    *,
    credential: Credential,
    name: str,
    reason_code: str,
    by: User,
    at: datetime,
    note: str = "",
) -> StatusEvent:
    """Correct the holder's name; the number stays, and a new document is signed. Raises Invalid for no name, or the same."""
    from credentials.services.search import index_name

    name = " ".join(name.split())
    if not 0 < len(name) <= 150:
        said = _("Enter the name, at most 150 characters.")
        raise Invalid("no_name", said, fields={"name": [said]})
    if name == credential.name and not asked_before(credential, Kind.CORRECTED, by, reason_code):
        said = _("This is the name it bears.")
        raise Invalid("same_name", said, fields={"name": [said]})
    same = name == credential.name
    event = change(
        credential,
        Kind.CORRECTED,
        reason_code,
        note,
        by,
        at,
        once=same,
        name=name,
        sets={"name": name},
    )
    if not same:
        credential.refresh_from_db()
        index_name(credential)
    return event


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
    effective_on: date | None = None,
    rests_on: dict[str, Any] | None = None,
) -> StatusEvent:
    """Renew from the day after the last valid day: same number, same history, a new document. `hours` are kept where they are given.

    One renewal ahead at most: until its period begins, a second one is refused, and the same one asked for again is returned. A late one
    counts from the old last day and holds from now. What the holder was preparing or has sent ends with it; `rests_on` says what it rested on.
    """
    if hours is not None and not 0 <= ethics_hours <= hours:
        said = _("Hours of ethics and law are part of the hours.")
        raise Invalid("more_ethics_than_hours", said, fields={"ethics_hours": [said]})
    lock_learner(credential.holder_id)
    credential.refresh_from_db(fields=["valid_until"])
    last = renewed_until(credential)
    event = change(
        credential,
        Kind.RENEWED,
        reason_code,
        note,
        by,
        at,
        on=effective_on,
        valid_until=last,
        sets={"valid_until": last},
    )
    if event.valid_until == last:
        if hours is not None:
            Renewal.objects.create(event=event, hours=hours, ethics_hours=ethics_hours)
        close_by_event(credential, event, at=at, content=rests_on or {})
    credential.refresh_from_db(fields=["valid_until"])
    return event


def renewed_until(credential: Credential) -> date:
    """The last valid day that a renewal now would give."""
    first = credential.valid_until + timedelta(days=1)
    return validity.last_valid_day(first, credential.credential_type.validity_years)


@transaction.atomic
def withdraw_change(
    *,
    credential: Credential,
    event: StatusEvent,
    reason_code: str,
    by: User,
    at: datetime,
    note: str = "",
) -> StatusEvent:
    """Withdraw a change that is written and still to take effect: it never does. Raises Conflict once it has. Twice is once."""
    require_registrar(by)
    lock_learner(credential.holder_id)
    require_uninvolved(holder=credential.holder, by=by, at=at)
    credential = fresh(credential)
    done = credential.events.filter(withdraws=event.pk).first()
    if done:
        return done
    if event.pk not in {row.pk for row in still_to_come(credential, at=at)}:
        raise Conflict(
            "in_effect", _("This change has taken effect. What is in effect is not withdrawn.")
        )
    reason = reason_named(credential, Kind.WITHDRAWN, reason_code)
    return append_event(
        credential=credential,
        kind=Kind.WITHDRAWN,
        effective_at=at,
        reason_code=reason.code,
        reason_text=reason.text,
        note=note,
        withdraws=event,
        by=by,
        at=at,
    )


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
