"""The register's public answer about a credential: one function behind the page, the HTTP interface, the QR code and the receipt.

It says who holds what, under which number, and whether it is valid now or was on a day. Reasons and notes stay private.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Prefetch
from django.utils.translation import gettext as _

from accounts.services import Missing
from credentials import numbers, openbadges, services
from credentials.models import Credential, StatusEvent
from credentials.validity import Span, Standing, Status, end_of_day


def events() -> Prefetch:
    """What the answer rests on of each event; its note never leaves the database."""
    return Prefetch(
        "events",
        StatusEvent.objects.only(
            "credential",
            "sequence",
            "at",
            "kind",
            "effective_at",
            "valid_until",
            "withdraws",
            "scope",
            "limits",
        ),
    )


@dataclass(frozen=True)
class Answer:
    """What the register says about a credential at `at`; `on` None means today."""

    credential: Credential
    standing: Standing
    today: Standing
    history: list[Span]
    coverage: services.Coverage
    at: datetime
    on: date | None

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.credential.statement["zone"])

    def as_json(self) -> dict[str, Any]:
        """The answer for programs and receipts. Days are days in the edition's time zone, `since` and spans are instants."""
        credential, standing, statement = self.credential, self.standing, self.credential.statement
        return {
            "number": credential.number,
            "public_id": str(credential.public_id),
            "name": credential.name,
            "credential": statement["title"],
            "code": statement["code"],
            "edition": statement["edition"],
            "issuer": statement["issuer"],
            "scope": self.coverage.scope,
            "limits": self.coverage.limits,
            "zone": statement["zone"],
            "status": standing.status.value,
            "valid": standing.valid,
            "since": standing.since and standing.since.isoformat(),
            "granted_on": credential.valid_from.isoformat(),
            "valid_until": standing.valid_until and standing.valid_until.isoformat(),
            "on": self.on and self.on.isoformat(),
            "checked_at": self.at.isoformat(timespec="seconds"),
            "history": [
                {
                    "status": span.status.value,
                    "from": span.since.isoformat(),
                    "to": span.until and span.until.isoformat(),
                }
                for span in self.history
            ],
            "document": openbadges.credential_url(credential),
        }


def find(identifier: str) -> Credential:
    """The credential with a number (however typed) or public id; two statements. Raises Missing for anything else, without a query if it cannot be one."""
    given = _wanted(identifier.strip())
    credential = given and Credential.objects.filter(**given).prefetch_related(events()).first()
    if not credential:
        raise Missing("unknown_number", _("No credential with this number is in the register."))
    return credential


def _wanted(identifier: str) -> dict[str, Any] | None:
    if len(identifier) == 36:
        try:
            return {"public_id": UUID(identifier)}
        except ValueError:
            return None
    number = numbers.normalise(identifier)
    return {"number": number} if number else None


def answer(identifier: str, *, at: datetime, on: date | None = None) -> Answer:
    """The register's answer for now or for a day. Raises Missing, or Invalid for a day to come."""
    return answer_about(find(identifier), at=at, on=on)


def answer_about(credential: Credential, *, at: datetime, on: date | None = None) -> Answer:
    """The same for a credential at hand; reads its events, prefetched or not."""
    return Answer(
        credential=credential,
        standing=public_standing(credential, at=at, on=on),
        today=public_standing(credential, at=at),
        history=public_history(credential, at=at),
        coverage=services.coverage_of(credential, at=at, on=on),
        at=at,
        on=on,
    )


def public_standing(credential: Credential, *, at: datetime, on: date | None = None) -> Standing:
    """The standing as the public hears it: whether it may still be renewed late is between the holder and the register."""
    standing = services.standing_of(credential, at=at, on=on)
    if standing.status not in (Status.LAPSED, Status.EXPIRED) or not standing.valid_until:
        return standing
    last = end_of_day(standing.valid_until, credential.statement["zone"])
    return replace(standing, status=Status.EXPIRED, since=last)


def public_history(credential: Credential, *, at: datetime) -> list[Span]:
    """The stretches of the credential's life as the public hears them."""
    spans: list[Span] = []
    for span in services.history_of(credential, at=at):
        status = Status.EXPIRED if span.status is Status.LAPSED else span.status
        if spans and spans[-1].status is status:
            spans[-1] = replace(spans[-1], until=span.until)
        else:
            spans.append(replace(span, status=status))
    return spans
