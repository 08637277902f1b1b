"""Decisions a person may appeal against: each with its day, the last day of an appeal, and who had a part in it.

Ours are refusals, documents and hours not accepted, and changes of a credential. The apps above give their own by name, as they give accounts of
sources: `register_decisions("written", decisions, people)`.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.utils.translation import gettext as _

from accounts.models import User
from accounts.services import Part
from credentials.models import (
    Application,
    Credential,
    Decision,
    DocumentReview,
    LearningReview,
    StatusEvent,
)

APPEAL_DAYS = 30  # calendar days after the decision, R48


@dataclass(frozen=True)
class Decided:
    """A decision on a person. `key` names it for good: "decision:<uuid>"."""

    key: str
    what: str
    decided_on: date
    application: Application | None = None
    credential: Credential | None = None

    @property
    def until(self) -> date:
        """The last day of an appeal."""
        return self.decided_on + timedelta(days=APPEAL_DAYS)


Decisions = Callable[[User], Iterable[Decided]]
People = Callable[[UUID], Iterable[tuple[Part, int | None]]]
_SOURCES: dict[str, tuple[Decisions, People]] = {}
_ACCOUNTS: dict[str, str] = {}


def register_decisions(
    name: str, decisions: Decisions, people: People, *, source: str = ""
) -> None:
    """`decisions`: a person's own, their keys beginning with `name`; `people`: who had a part in one, beside those who examined the person.

    `source`: by which name the same app gives accounts of them (`register_source`).
    """
    _SOURCES[name] = decisions, people
    _ACCOUNTS[name] = source


def source_of(name: str) -> str:
    """The source that accounts for decisions of this name; empty where none does."""
    return _ACCOUNTS.get(name, "")


def decisions_on(person: User) -> list[Decided]:
    """Everything that was decided against a person and can be appealed, the newest first. A fixed number of queries."""
    found = [*_refusals(person), *_documents(person), *_hours(person), *_changes(person)]
    for decisions, _people in _SOURCES.values():
        found += decisions(person)
    return sorted(found, key=lambda row: (row.decided_on, row.key), reverse=True)


def people_behind(key: str) -> Iterator[tuple[Part, int | None]]:
    """Who had a part in a decision of an app above, as (part, primary key)."""
    name, _colon, uuid = key.partition(":")
    if name in _SOURCES:
        yield from _SOURCES[name][1](UUID(uuid))


def _refusals(person: User) -> Iterator[Decided]:
    rows = Decision.objects.filter(
        application__applicant=person, outcome=Decision.Outcome.REFUSED
    ).select_related("application")
    for row in rows:
        what = _("Refusal of application %(reference)s")
        yield Decided(
            f"decision:{row.uuid}",
            what % {"reference": row.application.reference},
            row.at.date(),
            application=row.application,
        )


def _documents(person: User) -> Iterator[Decided]:
    rows = DocumentReview.objects.filter(
        document__application__applicant=person, outcome=DocumentReview.Outcome.NOT_MET
    ).select_related("document__application", "document__requirement")
    for row in rows:
        what = _("Document not accepted: %(what)s")
        yield Decided(
            f"review:{row.uuid}",
            what % {"what": row.document.requirement.short_title},
            row.at.date(),
            application=row.document.application,
        )


def _hours(person: User) -> Iterator[Decided]:
    """Continuing education that a renewal rests on."""
    rows = LearningReview.objects.filter(
        learning__request__credential__holder=person,
        outcome=LearningReview.Outcome.NOT_ACCEPTED,
    ).select_related("learning__request__credential__application")
    for row in rows:
        credential = row.learning.request.credential
        yield Decided(
            f"hours:{row.uuid}",
            _("Hours not accepted: %(what)s") % {"what": row.learning.title},
            row.at.date(),
            application=credential.application,
            credential=credential,
        )


_AGAINST = (
    StatusEvent.Kind.SUSPENDED,
    StatusEvent.Kind.REVOKED,
    StatusEvent.Kind.SCOPE_CHANGED,
)


def _changes(person: User) -> Iterator[Decided]:
    """Counted from the day it was recorded, which is when the holder was told, or from the later day on which it takes effect."""
    rows = StatusEvent.objects.filter(
        credential__holder=person, kind__in=_AGAINST, withdrawn_by=None
    ).select_related("credential__application")
    for row in rows:
        said: dict[str, str] = {
            StatusEvent.Kind.SUSPENDED: _("Suspension of credential %(number)s"),
            StatusEvent.Kind.REVOKED: _("Revocation of credential %(number)s"),
            StatusEvent.Kind.SCOPE_CHANGED: _("Change of the scope of credential %(number)s"),
        }
        yield Decided(
            f"event:{row.uuid}",
            said[row.kind] % {"number": row.credential.number},
            max(row.at, row.effective_at).date(),
            application=row.credential.application,
            credential=row.credential,
        )
