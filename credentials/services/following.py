"""What may follow from an appeal that is upheld, by what it is against, and where each is done. Nothing here does it: whoever carries it out does."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.urls import reverse

from credentials.models import Case, CaseStep, DocumentReview, LearningReview, StatusEvent

Action = CaseStep.Action
Follows = Callable[[UUID], Iterable["Follow"]]
_SOURCES: dict[str, Follows] = {}


@dataclass(frozen=True)
class Follow:
    """One thing that may follow, and the page where it is done; empty where it is done elsewhere."""

    action: CaseStep.Action
    url: str = ""


@dataclass(frozen=True)
class FollowUp:
    """One thing that follows from a case: still to do, or what was written when it was done or waived."""

    action: str
    label: str
    answer: CaseStep | None

    @property
    def state(self) -> str:
        return self.answer.kind if self.answer else "open"

    @property
    def note(self) -> str:
        return self.answer.note if self.answer else ""

    @property
    def at(self) -> datetime | None:
        return self.answer.at if self.answer else None


def register_follows(name: str, follows: Follows) -> None:
    """What may follow from an appeal against a decision of an app above, whose keys begin with `name`: the usual first."""
    _SOURCES[name] = follows


def possible_follows(case: Case) -> list[Follow]:
    """What may follow from an appeal, the usual first. A concern leads to changes of their own, with their own reasons."""
    if case.kind != Case.Kind.APPEAL:
        return []
    name, _colon, uuid = case.subject.partition(":")
    if name in _OURS:
        found = list(_OURS[name](case, UUID(uuid)))
    elif name in _SOURCES:
        found = list(_SOURCES[name](UUID(uuid)))
    else:
        found = _unnamed(case)
    return [*found, Follow(Action.WIDER)]


def follow_ups(steps: Sequence[CaseStep]) -> list[FollowUp]:
    """What follows from a case, in the order it was ordered, from its steps."""
    answers = {row.action: row for row in steps if row.kind in CaseStep.ANSWERS}
    return [
        FollowUp(row.action, row.get_action_display(), answers.get(row.action))
        for row in steps
        if row.kind == CaseStep.Kind.ORDERED
    ]


def _refusal(case: Case, _uuid: UUID) -> list[Follow]:
    return [Follow(Action.APPLICATION, _application(case))]


def _document(_case: Case, uuid: UUID) -> list[Follow]:
    review = DocumentReview.objects.select_related("document").get(uuid=uuid)
    return [Follow(Action.DOCUMENT, reverse("document-review", args=[review.document.uuid]))]


def _hours(_case: Case, uuid: UUID) -> list[Follow]:
    review = LearningReview.objects.select_related("learning__request").get(uuid=uuid)
    return [Follow(Action.HOURS, reverse("renewal-review", args=[review.learning.request.uuid]))]


def _change(case: Case, uuid: UUID) -> list[Follow]:
    kind = StatusEvent.objects.values_list("kind", flat=True).get(uuid=uuid)
    first = {
        StatusEvent.Kind.SUSPENDED: Follow(Action.REINSTATE, _change_page(case, "reinstate")),
        StatusEvent.Kind.SCOPE_CHANGED: Follow(Action.SCOPE, _change_page(case, "scope")),
    }.get(StatusEvent.Kind(kind), Follow(Action.APPLICATION, _application(case)))
    return [first, Follow(Action.CORRECT, _change_page(case, "correct"))]


_OURS: dict[str, Callable[[Case, UUID], list[Follow]]] = {
    "decision": _refusal,
    "review": _document,
    "hours": _hours,
    "event": _change,
}


def _unnamed(case: Case) -> list[Follow]:
    """A registrar wrote the appeal down, and no decision is named in it."""
    found = [Follow(Action.DECIDE)]
    if case.credential:
        found.append(Follow(Action.REINSTATE, _change_page(case, "reinstate")))
        found.append(Follow(Action.SCOPE, _change_page(case, "scope")))
        found.append(Follow(Action.CORRECT, _change_page(case, "correct")))
    if case.application:
        found.append(Follow(Action.APPLICATION, _application(case)))
    return found


def _change_page(case: Case, change: str) -> str:
    return (
        reverse("credential-change", args=[case.credential.public_id, change])
        if case.credential
        else ""
    )


def _application(case: Case) -> str:
    return reverse("application-decision", args=[case.application.uuid]) if case.application else ""
