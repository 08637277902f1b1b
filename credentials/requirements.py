"""Whether a requirement is met, from evidence and documents. Pure: values in, values out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID


class State(StrEnum):
    MET = "met"
    WAITING = "waiting"  # a document is with a registrar
    RETURNED = "returned"  # more information was asked for
    REFUSED = "refused"
    EXPIRED = "expired"
    MISSING = "missing"


@dataclass(frozen=True)
class EvidenceFact:
    """One evidence row, oldest first in a sequence."""

    reference: UUID
    counts: bool
    label: str
    valid_until: date | None


@dataclass(frozen=True)
class DocumentFact:
    """The newest document for the requirement, and its newest review's outcome (None: not yet looked at)."""

    uuid: UUID
    outcome: str | None
    reason: str = ""


@dataclass(frozen=True)
class Finding:
    """The state of a requirement on a day, what says so in words, and the last day it counts."""

    state: State
    label: str = ""
    valid_until: date | None = None

    @property
    def met(self) -> bool:
        return self.state is State.MET


def judge(evidence: Sequence[EvidenceFact], document: DocumentFact | None, on: date) -> Finding:
    """Met while any reference's newest row counts and has not expired on `on`; otherwise what the newest document says."""
    newest = {fact.reference: fact for fact in evidence}
    counting = [fact for fact in newest.values() if fact.counts]
    current = [fact for fact in counting if fact.valid_until is None or fact.valid_until >= on]
    if current:
        best = max(current, key=lambda fact: fact.valid_until or date.max)
        return Finding(State.MET, best.label, best.valid_until)
    if document and document.outcome is None:
        return Finding(State.WAITING)
    if document and document.outcome == "more_information":
        return Finding(State.RETURNED, document.reason)
    if document and document.outcome == "not_met":
        return Finding(State.REFUSED, document.reason)
    if counting:
        last = max(counting, key=lambda fact: fact.valid_until or date.min)
        return Finding(State.EXPIRED, last.label, last.valid_until)
    return Finding(State.MISSING)
