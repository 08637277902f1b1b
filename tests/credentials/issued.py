"""Credentials at any stage, issued the short way: the application's last requirement is met. Dates are relative to today, as views ask the clock."""

import datetime as dt
import uuid
from typing import Any

from django.utils import timezone

from accounts.models import Role, User
from credentials import services
from credentials.models import Credential, CredentialType, Reason, Requirement, StatusEvent
from tests.factories import (
    ApplicationFactory,
    CredentialTypeFactory,
    ReasonFactory,
    RequirementFactory,
    UserFactory,
    person,
)

LOREM = "Massage and soft-tissue work before, between and after events."


def now() -> dt.datetime:
    return timezone.now()


def days_ago(days: float) -> dt.datetime:
    return now() - dt.timedelta(days=days)


def edition(**fields: Any) -> CredentialType:
    """An edition that asks for an examination and a document, with a reason for each change."""
    kind = CredentialTypeFactory(**{"edition": "2026.1", "scope": LOREM, **fields})
    RequirementFactory(
        credential_type=kind,
        code="written",
        kind=Requirement.Kind.ACTIVITY,
        title="Written examination",
    )
    RequirementFactory(
        credential_type=kind, code="insurance", kind=Requirement.Kind.DOCUMENT, title="Insurance"
    )
    for purpose in (
        Reason.Purpose.SUSPEND,
        Reason.Purpose.REINSTATE,
        Reason.Purpose.REVOKE,
        Reason.Purpose.RENEW,
    ):
        ReasonFactory(
            credential_type=kind,
            purpose=purpose,
            code=purpose.upper()[:10],
            text="a private reason",
        )
    return kind


def issued(
    name: str = "Orla Brandreth",
    *,
    at: dt.datetime | None = None,
    kind: CredentialType | None = None,
    listed: bool = True,
) -> Credential:
    """A credential issued at `at` (default: a hundred days ago)."""
    at = at or days_ago(100)
    kind = kind or CredentialType.objects.first() or edition()
    holder = UserFactory(name=name)
    ApplicationFactory(
        applicant=holder,
        credential_type=kind,
        name_on_id=name,
        listed=listed,
        submitted_at=at,
        agreed_at=at,
    )
    for requirement in kind.requirements.all():
        services.record_evidence(
            learner=holder, requirement=requirement, source="quiz", reference=uuid.uuid4(),
            label="secret mark 71 %", by=None, at=at,
        )  # fmt: skip
    return Credential.objects.get(holder=holder)


def registrar() -> User:
    return User.objects.filter(groups__name=Role.REGISTRAR).first() or person(Role.REGISTRAR)


def change(
    credential: Credential, what: str, *, at: dt.datetime | None = None, **fields: Any
) -> StatusEvent:
    """`suspend`, `reinstate`, `revoke` or `renew` a credential, by a registrar, with a private reason and note."""
    verb = getattr(services, what)
    if what == "renew":
        fields |= {"hours": 20, "ethics_hours": 3}
    boss = registrar()
    if what == "revoke":  # four eyes
        other = person(Role.REGISTRAR)
        verb(credential=credential, reason_code="REVOKE", by=other, at=at or now())
    return verb(
        credential=credential,
        reason_code=what.upper()[:10],
        note="a private note",
        by=boss,
        at=at or now(),
        **fields,
    )
