"""The decision an appeal is against, in a few words and without a name, and the file it was about: what whoever judges has to read."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from credentials.models import (
    Case,
    Decision,
    Document,
    DocumentReview,
    Learning,
    LearningReview,
    StatusEvent,
)
from credentials.services.decided import source_of
from credentials.services.preparing_renewal import hours_of
from credentials.services.sources import Account, accounts_of


@dataclass(frozen=True)
class Appealed:
    """The decision, and the document or certificate it was about, where there was one."""

    account: Account
    file: Document | Learning | None = None


def appealed(case: Case) -> Appealed | None:
    """What an appeal is against; None where no decision is on record with it."""
    name, _colon, uuid = case.subject.partition(":")
    if not uuid:
        return None
    if name in _OURS:
        return _OURS[name](UUID(uuid))
    source = source_of(name)
    account = accounts_of([(source, UUID(uuid))]).get(UUID(uuid)) if source else None
    return Appealed(account) if account else None


def _decision(uuid: UUID) -> Appealed:
    row = Decision.objects.get(uuid=uuid)
    facts = [
        (_("Decision"), row.get_outcome_display()),
        (_("Reason"), row.reason),
        (_("On"), _day(row.at)),
    ]
    return Appealed(Account(_("Refusal of an application"), facts))


def _review(uuid: UUID) -> Appealed:
    row = DocumentReview.objects.select_related("document__requirement").get(uuid=uuid)
    facts = [(_("Decision"), row.get_outcome_display()), *_why(row), (_("On"), _day(row.at))]
    if row.document.statement:
        facts.append((_("Sent with the words"), row.document.statement))
    title = row.document.requirement.short_title
    return Appealed(
        Account(title, facts, note=row.note), row.document if row.document.file else None
    )


def _hours(uuid: UUID) -> Appealed:
    row = LearningReview.objects.select_related("learning").get(uuid=uuid)
    facts = [
        (_("Given by"), row.learning.provider),
        (_("When"), _days(row.learning.first_day, row.learning.last_day)),
        (_("Hours claimed"), hours_of(row.learning.hours)),
        (_("Decision"), row.get_outcome_display()),
        *_why(row),
        (_("On"), _day(row.at)),
    ]
    return Appealed(Account(row.learning.title, facts, note=row.note), row.learning)


def _event(uuid: UUID) -> Appealed:
    row = StatusEvent.objects.get(uuid=uuid)
    facts = [
        *_why(row),
        (_("Recorded on"), _day(row.at)),
        (_("In force from"), _day(row.effective_at)),
    ]
    return Appealed(Account(row.get_kind_display(), facts, note=row.note))


_OURS: dict[str, Callable[[UUID], Appealed]] = {
    "decision": _decision,
    "review": _review,
    "hours": _hours,
    "event": _event,
}


def _why(row: Any) -> list[tuple[str, str]]:
    return [(_("Reason"), f"{row.reason_code} {row.reason_text}".strip())]


def _day(when: date) -> str:
    return date_format(when, "j F Y")


def _days(first: date, last: date) -> str:
    return _day(first) if first == last else f"{_day(first)} – {_day(last)}"
