"""Editions of an exam plan: what one must be, when it is fixed, the next one, and what that changes.

A plan is fixed once a day under it has begun. What is to change then is a new edition: a copy, changed, put in force by somebody, which
supersedes the one before for the days still to be set up. Days and appointments keep the edition they name.
"""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from accounts.models import Role, User
from accounts.services import Conflict, Invalid
from practicals import planrules
from practicals.models import Appointment, ExamDay, ExamPlan, PracticalAssessment, Station
from practicals.planrules import Placed
from practicals.services.checks import require_role
from practicals.services.stations import require_in_use

KEEPERS = (Role.REGISTRAR, Role.ADMINISTRATOR)


# What a plan is


def placed(plan: ExamPlan) -> list[Placed]:
    """The stations of a plan as the rules read them, in its order. One query."""
    return [
        Placed(row.checklist.code, row.drawn_from, row.minutes, row.weight, row.cut)
        for row in plan.stations.select_related("checklist").order_by("position", "pk")
    ]


def rules_of(plan: ExamPlan) -> dict[str, Any]:
    return {name: getattr(plan, name) for name in ExamPlan.RULES if name != "edition"}


def faults_of(plan: ExamPlan) -> list[planrules.Fault]:
    """What keeps a plan from being examined under; a formative one has nothing to add up."""
    if plan.is_formative:
        return []
    return planrules.faults(placed(plan), minimum_stations=plan.minimum_stations)


def require_sound(plan: ExamPlan) -> None:
    """Raise Conflict, with every fault in words, unless days can be held under the plan."""
    found = faults_of(plan)
    if found:
        sentences = [fault_words(fault) for fault in found]
        raise Conflict("plan_at_fault", f"{plan}: {' '.join(sentences)}")


def fault_words(fault: planrules.Fault) -> str:
    words = {
        "empty": _("It has no station."),
        "twice": _("%(codes)s stands in it twice."),
        "alone": _("Of the letter %(letter)s there is only %(codes)s; a draw needs two or more."),
        "unequal": _(
            "The stations of the letter %(letter)s weigh differently (%(weights)s); one of them is drawn, so all weigh the same."
        ),
        "too_heavy": _(
            "What a candidate sits weighs %(total)s in all, %(by)s more than 100. Every fixed station and one of each letter count."
        ),
        "too_light": _(
            "What a candidate sits weighs %(total)s in all, %(by)s less than 100. Every fixed station and one of each letter count."
        ),
        "minimum": _(
            "%(minimum)s stations are to be passed, and a candidate sits %(count)s. Say a number from 1 to %(count)s."
        ),
    }
    return words[fault.code] % fault.values


def begun_days(plan: ExamPlan, at: datetime) -> list[ExamDay]:
    """The exam days that have begun under a plan: their first round is due with somebody who accepted, or a sheet is written."""
    accepted = Appointment.objects.filter(plan=plan, state=Appointment.State.ACCEPTED)
    scored = PracticalAssessment.objects.filter(assignment__appointment__plan=plan)
    days = ExamDay.objects.filter(plan=plan)
    return list(
        (
            days.filter(appointments__in=accepted.filter(starts_at__lte=at))
            | days.filter(pk__in=scored.values("assignment__appointment__exam_day"))
        ).distinct()
    )


def require_changeable(plan: ExamPlan, at: datetime) -> None:
    """Raise Conflict when a day has begun under the plan: its rules are what its candidates were examined by."""
    if plan.pk is None or plan.is_formative:
        return
    if plan.state == ExamPlan.State.SUPERSEDED or begun_days(plan, at):
        raise Conflict(
            "plan_fixed",
            _(
                "Edition %(edition)s has been examined under and stays as it is. Make a new edition and change that."
            )
            % {"edition": plan.edition},
        )


# Editions


@transaction.atomic
def next_edition(*, plan: ExamPlan, edition: str, by: User | None, at: datetime) -> ExamPlan:
    """A copy of a plan with its stations, as a draft under a new name. Raises Conflict when there is one of that name, Invalid without."""
    require_role(by, *KEEPERS)
    plan = ExamPlan.objects.select_for_update(of=("self",)).get(pk=plan.pk)
    named = edition.strip()
    if not named:
        raise Invalid("no_edition", _("Name the edition."), fields={"edition": [_("Name it.")]})
    if len(named) > 20 or "\x00" in named:
        raise Invalid(
            "no_edition", _("Keep it short."), fields={"edition": [_("20 characters at most.")]}
        )
    if ExamPlan.objects.filter(activity=plan.activity_id, edition=named).exists():
        raise Conflict(
            "edition_exists", _("There is an edition %(name)s already.") % {"name": named}
        )
    fields = {
        field.attname: getattr(plan, field.attname)
        for field in ExamPlan._meta.concrete_fields
        if field.attname not in ("id", "edition", "state", "in_force_since", "follows_id")
    }
    copy = ExamPlan.objects.create(
        **fields, edition=named, state=ExamPlan.State.DRAFT, follows=plan
    )
    Station.objects.bulk_create(
        Station(
            plan=copy,
            checklist=row.checklist,
            position=row.position,
            minutes=row.minutes,
            weight=row.weight,
            cut=row.cut,
            drawn_from=row.drawn_from,
        )
        for row in plan.stations.select_related("checklist").order_by("position", "pk")
    )
    log(copy, "practicals.edition", user=by, data={"of": plan.edition}, timestamp=at)
    return copy


@transaction.atomic
def put_in_force(*, plan: ExamPlan, by: User | None, at: datetime) -> ExamPlan:
    """A draft becomes the edition new exam days are held under, and supersedes the one before. Safe to call twice.

    Raises Conflict for a superseded edition, and, fault by fault in words, for one that does not add up.
    """
    require_role(by, *KEEPERS)
    rows = ExamPlan.objects.select_for_update(of=("self",)).filter(activity=plan.activity_id)
    plan = next(row for row in rows.order_by("pk") if row.pk == plan.pk)
    if plan.state == ExamPlan.State.IN_FORCE:
        return plan
    if plan.state == ExamPlan.State.SUPERSEDED:
        raise Conflict("superseded", _("This edition is superseded. Make a new one of it."))
    require_sound(plan)
    for row in plan.stations.select_related("checklist"):
        require_in_use(row.checklist)
    rows.filter(state=ExamPlan.State.IN_FORCE).update(state=ExamPlan.State.SUPERSEDED)
    plan.state, plan.in_force_since = ExamPlan.State.IN_FORCE, at
    plan.save(update_fields=["state", "in_force_since"])
    log(plan, "practicals.in_force", user=by, data={"edition": plan.edition}, timestamp=at)
    return plan


def changes_of(plan: ExamPlan) -> list[planrules.Difference]:
    """What an edition changes of the one it was copied from; nothing for a first one. Two queries."""
    if plan.follows is None:
        return []
    return planrules.differences(
        placed(plan.follows), placed(plan), rules_of(plan.follows), rules_of(plan)
    )
