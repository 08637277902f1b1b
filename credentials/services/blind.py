"""A case as one reader may see it. An appeal is judged by number (R48): whoever carries out its outcome is shown whose it is, once it is decided."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import User
from credentials.blinding import without
from credentials.models import Case, CaseStep
from credentials.services.sources import Account


@dataclass(frozen=True)
class StepSeen:
    """One step. `who` is a name, or a number where the reader is shown no name; empty for somebody without an account."""

    kind: str
    label: str
    at: datetime
    by: User | None
    who: str
    owner: User | None
    outcome: str
    outcome_label: str
    action: str
    action_label: str
    note: str


@dataclass(frozen=True)
class Seen:
    """A case for one reader. `named`: whether they are shown whose it is."""

    case: Case
    named: bool

    @property
    def who(self) -> str:
        return self.case.raised_by if self.named else known_as(self.case)

    @property
    def about(self) -> str:
        return self.words(self.case.about)

    @property
    def said(self) -> str:
        return self.words(self.case.said)

    @property
    def hides(self) -> bool:
        """Whether something in the words was hidden from this reader."""
        return (self.about, self.said) != (self.case.about, self.case.said)

    def words(self, text: str) -> str:
        return text if self.named else without(text, _names(self.case))

    def steps(self, rows: Sequence[CaseStep]) -> list[StepSeen]:
        return [self._step(row) for row in rows]

    def account(self, account: Account) -> Account:
        """What an app tells of a decision, as this reader may see it."""
        return Account(
            self.words(account.title),
            [(name, self.words(value)) for name, value in account.facts],
            [[self.words(cell) for cell in row] for row in account.table],
            self.words(account.note),
        )

    def _step(self, row: CaseStep) -> StepSeen:
        theirs = not self.named and row.by_id is not None and row.by_id == self.case.about_person_id
        who = known_as(self.case) if theirs else str(row.by or "")
        return StepSeen(
            kind=row.kind,
            label=row.get_kind_display(),
            at=row.at,
            by=None if theirs else row.by,
            who=who,
            owner=row.owner,
            outcome=row.outcome,
            outcome_label=row.get_outcome_display(),
            action=row.action,
            action_label=row.get_action_display(),
            note=self.words(row.note),
        )


def known_as(case: Case) -> str:
    """Whose an appeal is, by number: the same for as long as the case is kept."""
    return _("Appellant %(number)s") % {"number": case.number}


def see_case(case: Case, by: User | None) -> Seen:
    """The case as `by` may see it; nobody in particular sees an appeal by number."""
    return Seen(case, case.kind != Case.Kind.APPEAL or (by is not None and carries_out(case, by)))


def carries_out(case: Case, by: User) -> bool:
    """Whether it is `by` who carries out what was decided. A list asks `with_carrier` once for all its rows."""
    if not case.closed_at:
        return False
    taken: Any = (
        case.__dict__["carrier_id"]
        if "carrier_id" in case.__dict__
        else Case.objects.with_carrier().values_list("carrier_id", flat=True).get(pk=case.pk)
    )
    return bool(taken == by.pk)


def _names(case: Case) -> Iterator[str]:
    """Every name and number that says whose an appeal is."""
    yield case.raised_by
    if case.about_person:
        yield case.about_person.name
        yield case.about_person.email
    if case.application:
        yield case.application.name_on_id
        yield case.application.reference
    if case.credential:
        yield case.credential.name
        yield case.credential.number
