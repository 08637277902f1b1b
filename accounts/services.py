"""What changes people and their ties, and the refusals every app speaks in.

Verbs take keywords, `by` (who does it; None is the system) and `at` (server time), run in one transaction, and may be called twice.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib.auth.models import Group
from django.db import transaction
from django.template.loader import render_to_string

from accounts.models import (
    ConflictDeclaration,
    Invitation,
    Membership,
    Notice,
    Role,
    TeachingRecord,
    User,
)

TRAINER_BAR_MONTHS = 24
INVITATION_DAYS = 14


class Refusal(Exception):
    """The system says no: a `code` for programs, a sentence a person can act on, and, for input, what is wrong with which field."""

    status = 400

    def __init__(self, code: str, sentence: str, *, fields: dict[str, Any] | None = None) -> None:
        super().__init__(sentence)
        self.code, self.sentence, self.fields = code, str(sentence), fields or {}


class Invalid(Refusal):
    """400: the input has the wrong shape or value."""


class Forbidden(Refusal):
    """403: a wrong role, or a separation rule, which the code names (R2, R3, R4)."""

    status = 403


class Missing(Refusal):
    """404: there is no such row, or none that this person may know of."""

    status = 404


class Conflict(Refusal):
    """409: closed, locked, already done otherwise."""

    status = 409


def lock_learner(learner_id: int) -> User:
    """Take the one lock that everything about a learner's progress, evidence and credentials is decided under.

    Call it inside a transaction, after locking your own row and before any other.
    """
    return User.objects.select_for_update().get(pk=learner_id)


@transaction.atomic
def give_roles(*, user: User, roles: Iterable[str], by: User | None, at: datetime) -> None:
    """Add `roles` to a person. Those that write or set things up also get into Wagtail."""
    names = [Role(role).value for role in roles]
    groups = [Group.objects.get_or_create(name=name)[0] for name in names]
    user.groups.add(*groups)
    user.__dict__.pop("roles", None)


@transaction.atomic
def record_teaching(
    *,
    teacher: User,
    learner: User,
    subject: str,
    taught_on: date,
    by: User | None,
    at: datetime,
    minutes: int | None = None,
    source: UUID | None = None,
) -> TeachingRecord:
    """Write that `teacher` taught `learner` on a day (minutes of contact, where known). The same fact is written once."""
    same = TeachingRecord.objects.filter(
        teacher=teacher, learner=learner, subject=subject, taught_on=taught_on, source=source
    ).first()
    if same:
        return same
    lock_learner(learner.pk)
    return TeachingRecord.objects.append(
        chain=f"teaching:{learner.uuid}",
        at=at,
        teacher=teacher,
        learner=learner,
        subject=subject,
        taught_on=taught_on,
        minutes=minutes,
        source=source,
        recorded_by=by,
    )


@transaction.atomic
def declare_conflict(
    *, examiner: User, candidate: User, kind: str, note: str, by: User, at: datetime, until: date | None = None
) -> ConflictDeclaration:
    """Write a tie between two people, or a candidate's objection. It bars the one from examining the other."""
    lock_learner(candidate.pk)
    return ConflictDeclaration.objects.append(
        chain=f"conflicts:{candidate.uuid}",
        at=at,
        examiner=examiner,
        candidate=candidate,
        kind=kind,
        note=note,
        until=until,
        declared_by=by,
    )


@dataclass(frozen=True)
class Bar:
    """Why one person may not examine another: the rule, since when, until when, and a sentence."""

    rule: str
    since: date | None
    until: date | None
    sentence: str


def months_before(day: date, months: int) -> date:
    """The day `months` calendar months before `day`; the last day of a shorter month."""
    index = day.year * 12 + day.month - 1 - months
    year, month = divmod(index, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month + 1, last)
        except ValueError:
            continue
    raise AssertionError("unreachable")


def bars_to_examining(
    *, examiner: User, candidate: User, on: date, months: int = TRAINER_BAR_MONTHS
) -> list[Bar]:
    """Every rule that keeps `examiner` from examining `candidate` on a day: R3 teaching and employer, R4 declared ties. Three queries."""
    if examiner.pk == candidate.pk:
        return [Bar("R2", None, None, "Nobody examines themselves.")]
    bars = []
    taught = (
        TeachingRecord.objects.filter(
            teacher=examiner, learner=candidate, taught_on__gt=months_before(on, months), taught_on__lte=on
        )
        .order_by("-taught_on")
        .first()
    )
    if taught:
        until = months_before(taught.taught_on, -months)
        bars.append(
            Bar(
                "R3",
                taught.taught_on,
                until,
                f"{examiner} taught this candidate ({taught.subject}), last on {taught.taught_on:%-d %B %Y}. "
                f"Nobody examines a person they taught within {months} months; the bar ends on {until:%-d %B %Y}.",
            )
        )
    current = Membership.objects.filter(began_on__lte=on).exclude(ended_on__lt=on)
    shared = (
        current.filter(user=examiner, organisation__in=current.filter(user=candidate).values("organisation"))
        .select_related("organisation")
        .first()
    )
    if shared:
        bars.append(
            Bar(
                "R3",
                shared.began_on,
                shared.ended_on,
                f"{examiner} and this candidate both belong to {shared.organisation}.",
            )
        )
    for tie in ConflictDeclaration.objects.in_force(on).filter(examiner=examiner, candidate=candidate):
        words = (
            f"The candidate objected to {examiner} on {tie.at:%-d %B %Y}."
            if tie.kind == tie.Kind.OBJECTION
            else f"A tie between {examiner} and this candidate was declared on {tie.at:%-d %B %Y}."
        )
        bars.append(Bar("R4", tie.at.date(), tie.until, words))
    return bars


@transaction.atomic
def notify(
    *,
    recipient: User,
    kind: str,
    reference: str,
    subject: str,
    template: str,
    context: dict[str, Any],
    at: datetime,
    url: str = "",
) -> Notice:
    """Tell a person something, in the product and by e-mail (sent by the worker). The same kind and reference is told once.

    `template` is a plain-text template; `url` a path of this site.
    """
    body = render_to_string(template, {**context, "recipient": recipient, "url": url})
    notice, new = Notice.objects.get_or_create(
        recipient=recipient,
        kind=kind,
        reference=reference,
        defaults={"subject": str(subject)[:200], "body": body, "url": url, "created_at": at},
    )
    if new:
        from accounts.tasks import send_notice

        send_notice.enqueue(notice.pk)
    return notice


@transaction.atomic
def invite(*, email: str, name: str, roles: Iterable[str], by: User | None, at: datetime) -> Invitation:
    """Invite somebody by e-mail to join with `roles`. Raises Invalid for an unknown role."""
    names = list(roles)
    unknown = [role for role in names if role not in Role.values]
    if unknown:
        raise Invalid("unknown_role", f"There is no role “{unknown[0]}”.", fields={"roles": unknown})
    invitation = Invitation.objects.create(
        email=email,
        name=name,
        roles=names,
        invited_by=by,
        invited_at=at,
        expires_at=at + timedelta(days=INVITATION_DAYS),
    )
    from accounts.tasks import send_invitation

    send_invitation.enqueue(invitation.pk)
    return invitation


@transaction.atomic
def accept_invitation(*, uuid: UUID, user: User, at: datetime) -> Invitation:
    """Give the roles of an invitation to the person who opened it. Raises Missing, or Conflict when used or too old."""
    invitation = Invitation.objects.select_for_update().filter(uuid=uuid).first()
    if invitation is None:
        raise Missing("no_invitation", "This invitation does not exist. Ask for a new one.")
    if invitation.accepted_at:
        if invitation.accepted_by_id == user.pk:
            return invitation
        raise Conflict("invitation_used", "This invitation has been used. Ask for a new one.")
    if invitation.expires_at < at:
        raise Conflict("invitation_expired", "This invitation is too old. Ask for a new one.")
    if invitation.email.lower() != user.email.lower():
        raise Forbidden("other_address", f"This invitation was sent to {invitation.email}. Sign in with that address.")
    invitation.accepted_at, invitation.accepted_by = at, user
    invitation.save(update_fields=["accepted_at", "accepted_by"])
    give_roles(user=user, roles=invitation.roles, by=invitation.invited_by, at=at)
    return invitation
