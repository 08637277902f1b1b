"""What follows from an appeal is carried out by somebody who takes it on. They are shown whose it is, and write down what was done or waived."""

from datetime import datetime

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.services import Conflict, Forbidden, Invalid, notify
from credentials.models import Case, CaseStep
from credentials.services.blind import carries_out
from credentials.services.cases import append_step, locked_case
from credentials.services.changing import require_registrar
from credentials.services.following import FollowUp, follow_ups

CARRY_OUT_DAYS = 10  # working days after the decision


def what_follows(case: Case) -> list[FollowUp]:
    """What follows from a case and how far each is. One query."""
    return follow_ups(list(case.steps.select_related("by").order_by("sequence")))


def may_take_on(case: Case) -> bool:
    """Whether something follows that somebody has to do who knows whose the appeal is."""
    return CaseStep.objects.pending().filter(case=case).exists()


@transaction.atomic
def take_on(*, case: Case, by: User, at: datetime) -> Case:
    """Take on what follows from an appeal. Whose it is is shown to `by` from then on, and that is on record; twice is once.

    Raises Conflict while nothing is decided, or where nothing is left to do; Forbidden for somebody it is about.
    """
    require_registrar(by)
    case = locked_case(case)
    if case.about_person_id == by.pk:
        raise Forbidden("about_yourself", _("Nobody carries out what was decided on themselves."))
    if carries_out(case, by):
        return case
    if not may_take_on(case):
        raise Conflict(
            "nothing_to_carry_out", _("Nothing has to be carried out: whose it is stays hidden.")
        )
    append_step(case, CaseStep.Kind.TAKEN, by, at)
    return case


def require_carries_out(*, case: Case, by: User) -> None:
    """Raise Forbidden for anybody but whoever took the case on last."""
    if not carries_out(case, by):
        raise Forbidden("not_taken_on", _("Take it on first; then write down what was done."))


@transaction.atomic
def answer_follow_up(
    *, case: Case, action: str, answer: str, note: str, by: User, at: datetime
) -> CaseStep:
    """Write down that something that follows was done, or is waived, and how or why. Whoever appealed is told. The same twice is once.

    Raises Forbidden for anybody but whoever took it on, Conflict where it was answered otherwise, Invalid without words.
    """
    require_registrar(by)
    case = locked_case(case)
    require_carries_out(case=case, by=by)
    row = next((row for row in what_follows(case) if row.action == action), None)
    if row is None:
        raise Conflict("does_not_follow", _("This does not follow from the case."))
    note = note.strip()
    if row.answer:
        if (row.answer.kind, row.answer.note, row.answer.by_id) == (answer, note, by.pk):
            return row.answer
        raise Conflict(
            "answered_already",
            _("“%(what)s” is answered already: %(answer)s.")
            % {"what": row.label, "answer": row.answer.get_kind_display().lower()},
        )
    _require_answer(answer, note)
    made = append_step(case, CaseStep.Kind(answer), by, at, action=action, note=note)
    _tell(case, made, at)
    return made


def _require_answer(answer: str, note: str) -> None:
    fields: dict[str, list[str]] = {}
    if answer not in CaseStep.ANSWERS:
        fields["answer"] = [_("Choose whether it is done or waived.")]
    if not note:
        fields["note"] = [_("Say what was done, or why it is not.")]
    if fields:
        raise Invalid("incomplete", _("The record is not complete."), fields=fields)


def _tell(case: Case, step: CaseStep, at: datetime) -> None:
    """Whoever appealed is told of each step, and of the last one that it was the last."""
    if case.about_person is None:
        return
    notify(
        recipient=case.about_person,
        kind="appeal_followed",
        reference=f"{case.uuid}:{step.action}",
        subject=_("Your appeal %(reference)s: what followed") % {"reference": case.reference},
        template="credentials/mail/appeal_followed.txt",
        context={
            "case": case,
            "step": step,
            "left": [row.label for row in what_follows(case) if row.answer is None],
        },
        url=reverse("appeal", args=[case.uuid]),
        at=at,
    )
