"""What was decided on an appeal is carried out by somebody who takes it on, and who is shown whose it is from then on."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.services import Conflict, Forbidden
from credentials.models import Case, CaseStep
from credentials.services.blind import carries_out
from credentials.services.cases import append_step, locked_case
from credentials.services.changing import require_registrar

LEADS_ON = frozenset({Case.Outcome.UPHELD, Case.Outcome.PARTLY})


def may_take_on(case: Case) -> bool:
    """Whether somebody has to know whose an appeal is: something follows from it, or nobody but a person can tell whoever appealed."""
    if case.kind != Case.Kind.APPEAL or not case.closed_at:
        return False
    return case.outcome in LEADS_ON or case.about_person_id is None


@transaction.atomic
def take_on(*, case: Case, by: User, at: datetime) -> Case:
    """Take on what was decided on an appeal. Whose it is is shown to `by` from then on, and that is on record; twice is once.

    Raises Conflict for a case that is open, or from which nothing follows; Forbidden for somebody it is about.
    """
    require_registrar(by)
    case = locked_case(case)
    if case.about_person_id == by.pk:
        raise Forbidden("about_yourself", _("Nobody carries out what was decided on themselves."))
    if not may_take_on(case):
        raise Conflict(
            "nothing_to_carry_out", _("Nothing has to be carried out: whose it is stays hidden.")
        )
    if not carries_out(case, by):
        append_step(case, CaseStep.Kind.TAKEN, by, at)
    return case
