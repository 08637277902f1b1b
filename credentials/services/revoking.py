"""Revoking, which takes two registrars: one proposes with a reason, another puts it in force or declines. Neither may be involved."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.services import Conflict, Invalid, Part, lock_learner, require_second_person
from credentials.models import Credential, Proposal, StatusEvent
from credentials.services.changing import (
    change,
    effective_at,
    fresh,
    reason_named,
    require_fits,
    require_registrar,
    require_uninvolved,
)

Kind, Step = StatusEvent.Kind, Proposal.Step


def last_step(credential: Credential) -> Proposal | None:
    """The newest step of the newest proposal to revoke, or None where none was ever made."""
    return Proposal.objects.filter(credential=credential).order_by("-sequence").first()


def open_proposal(credential: Credential) -> Proposal | None:
    """The proposal to revoke that waits for a second registrar, or None."""
    newest = last_step(credential)
    return newest if newest and newest.step == Step.PROPOSED else None


@transaction.atomic
def revoke(
    *,
    credential: Credential,
    by: User,
    at: datetime,
    reason_code: str = "",
    note: str = "",
    effective_on: date | None = None,
) -> Proposal | StatusEvent:
    """Revoke a credential for good. The first registrar's call proposes it; the same from another registrar puts it in force.

    Whoever comes second may name no reason and then takes the proposal's; another reason, or another day, is refused. Asked for twice by one
    person it is done once. Returns the open proposal, or the event. Raises Forbidden by rule, Conflict for a status it cannot follow.
    """
    require_registrar(by)
    lock_learner(credential.holder_id)
    require_uninvolved(holder=credential.holder, by=by, at=at)
    row = fresh(credential)
    done = row.proposals.filter(step=Step.APPROVED, event__withdrawn_by=None).first()
    if done and done.event and done.by_id == by.pk and reason_code in ("", done.reason_code):
        return done.event
    waiting = open_proposal(row)
    if waiting is None:
        return _propose(row, reason_code, note, effective_on, by, at)
    if waiting.by_id == by.pk:
        _require_same(waiting, reason_code, effective_on)
        return waiting
    return _approve(row, waiting, reason_code, note, effective_on, by, at)


def _propose(
    row: Credential, reason_code: str, note: str, on: date | None, by: User, at: datetime
) -> Proposal:
    require_fits(row, Kind.REVOKED, at, effective_at(row, at=at, on=on))
    if not reason_code and row.proposals.exists():  # it was declined or taken back meanwhile
        raise Conflict("not_proposed", _("No revocation of this credential is proposed any more."))
    reason = reason_named(row, Kind.REVOKED, reason_code)
    return Proposal.objects.append(
        chain=f"{row.chain}:proposals",
        at=at,
        credential=row,
        step=Step.PROPOSED,
        reason_code=reason.code,
        reason_text=reason.text,
        effective_on=on,
        note=note,
        by=by,
    )


def _approve(
    row: Credential,
    waiting: Proposal,
    reason_code: str,
    note: str,
    on: date | None,
    by: User,
    at: datetime,
) -> StatusEvent:
    require_second_person(first=waiting.by, by=by, acts=Part.APPROVER)
    _require_same(waiting, reason_code, on)
    event = change(
        row,
        Kind.REVOKED,
        waiting.reason_code,
        note or waiting.note,
        by,
        at,
        on=_day_of(row, waiting, at),
        proposed_by=waiting.by,
    )
    _step(waiting, Step.APPROVED, note, by, at, event)
    return event


def _day_of(row: Credential, waiting: Proposal, at: datetime) -> date | None:
    """The day the proposal names; a day to come that has passed while it waited means now."""
    day = waiting.effective_on
    zone = ZoneInfo(row.statement["zone"])
    proposed_on, today = waiting.at.astimezone(zone).date(), at.astimezone(zone).date()
    return None if day and proposed_on < day <= today else day


@transaction.atomic
def decline_revocation(
    *, credential: Credential, by: User, at: datetime, note: str = ""
) -> Proposal:
    """Another registrar declines a proposal to revoke, with a note that says why; its proposer takes it back. Twice is once."""
    require_registrar(by)
    lock_learner(credential.holder_id)
    require_uninvolved(holder=credential.holder, by=by, at=at)
    newest = Proposal.objects.filter(credential=credential).order_by("-sequence").first()
    if newest and newest.step in (Step.DECLINED, Step.WITHDRAWN) and newest.by_id == by.pk:
        return newest
    if newest is None or newest.step != Step.PROPOSED:
        raise Conflict("not_proposed", _("No revocation of this credential is proposed."))
    own = newest.by_id == by.pk
    if not own and not note.strip():
        said = _("Say why you decline it. Registrars and auditors read it.")
        raise Invalid("say_why", said, fields={"note": [said]})
    return _step(newest, Step.WITHDRAWN if own else Step.DECLINED, note, by, at)


def _step(
    waiting: Proposal,
    step: str,
    note: str,
    by: User,
    at: datetime,
    event: StatusEvent | None = None,
) -> Proposal:
    return Proposal.objects.append(
        chain=waiting.chain,
        at=at,
        credential=waiting.credential,
        step=step,
        reason_code=waiting.reason_code,
        reason_text=waiting.reason_text,
        effective_on=waiting.effective_on,
        note=note,
        by=by,
        event=event,
    )


def _require_same(waiting: Proposal, reason_code: str, on: date | None) -> None:
    if reason_code not in ("", waiting.reason_code) or on not in (None, waiting.effective_on):
        raise Conflict(
            "proposed_otherwise",
            _(
                "%(who)s proposed to revoke this credential for reason %(code)s. Approve or decline that first."
            )
            % {"who": waiting.by, "code": waiting.reason_code},
        )


def proposals_waiting() -> list[Proposal]:
    """Every proposal to revoke that waits for a second registrar, the oldest first. One query."""
    newer = Proposal.objects.filter(
        credential=OuterRef("credential"), sequence__gt=OuterRef("sequence")
    )
    rows = Proposal.objects.filter(~Exists(newer), step=Step.PROPOSED)
    return list(rows.select_related("credential", "by").order_by("at", "pk"))
