"""Exam plans: from content files, within courses, and the draw of a day's stations. Their editions are editions.py."""

import secrets
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from accounts.models import Role, User
from accounts.services import Conflict, Invalid
from courses.models import Activity
from practicals import circuit
from practicals.models import Assignment, Checklist, ExamDay, ExamPlan, Station
from practicals.planrules import Placed
from practicals.services.checks import require_role
from practicals.services.editions import (
    next_edition,
    placed,
    put_in_force,
    require_changeable,
    require_sound,
    rules_of,
)
from practicals.services.stations import require_in_use

FORMATIVE_CUT = Decimal(60)

# From content


@transaction.atomic
def load_exam_plan(activity: Activity, data: Mapping[str, Any], at: datetime) -> ExamPlan:
    """Make or update the plan of an examination from content/exams/practical.yaml. Unchanged: nothing changes. A file that names another
    edition makes that one, and puts it in force.

    Raises Invalid for an unknown checklist, Conflict for a plan that does not add up or would change after a day under it has begun.
    """
    entries = _entries(data)
    plan = ExamPlan.objects.filter(activity=activity, edition=data["edition"]).first()
    if plan is None:
        before = ExamPlan.objects.filter(activity=activity).in_force().first()
        if before:
            plan = next_edition(plan=before, edition=data["edition"], by=None, at=at)
        else:
            plan = ExamPlan(activity=activity, edition=data["edition"], in_force_since=at)
    for name, value in _fields(data).items():
        setattr(plan, name, value)
    if _differs(plan, entries):
        require_changeable(plan, at)
        plan.save()
        _place_stations(plan, entries)
    require_sound(plan)
    return put_in_force(plan=plan, by=None, at=at)


def _fields(data: Mapping[str, Any]) -> dict[str, Any]:
    rules, retake = data["pass_rule"], data["retake"]
    return {
        "kind": ExamPlan.Kind.CERTIFYING,
        "total_cut": Decimal(str(rules["total_cut_percent"])),
        "minimum_stations": rules["stations_passed_min"],
        "discrepancy": Decimal(str(data["discrepancy"]["points"])),
        "trainer_bar_months": data["trainer_bar_months"],
        "retake_wait_days": retake["wait_days"],
        "attempts_allowed": retake.get("attempts", 3),
        "resit_stations": retake.get("failed_stations_resit_max", 2),
        "carry_months": retake.get("window_months", 24),
        "reading_minutes": data["reading_minutes"],
        "change_minutes": data["change_minutes"],
        "cut_note": data.get("cut_note", "").strip(),
    }


def _entries(data: Mapping[str, Any]) -> dict[Checklist, dict[str, Any]]:
    codes = [entry["checklist"] for entry in data["stations"]]
    checklists = Checklist.objects.in_bulk(codes, field_name="code")
    unknown = [code for code in codes if code not in checklists]
    if unknown:
        raise Invalid(
            "unknown_checklist", _("There is no checklist %(code)s.") % {"code": unknown[0]}
        )
    cut = data["pass_rule"]["station_cut_percent"]
    return {
        checklists[entry["checklist"]]: {
            "minutes": entry["minutes"],
            "weight": Decimal(str(entry["weight"])),
            "cut": Decimal(str(entry.get("cut_percent", cut))),
            "drawn_from": entry["pair"] if entry["draw"] == "pair" else "",
        }
        for entry in data["stations"]
    }


def _differs(plan: ExamPlan, entries: Mapping[Checklist, Mapping[str, Any]]) -> bool:
    """Whether the plan, as it would be saved, is another than the one that is there."""
    if plan.pk is None:
        return True
    held = ExamPlan.objects.get(pk=plan.pk)
    wanted = [
        Placed(row.code, one["drawn_from"], one["minutes"], one["weight"], one["cut"])
        for row, one in entries.items()
    ]
    noted = held.cut_note != plan.cut_note
    return noted or rules_of(held) != rules_of(plan) or placed(held) != wanted


@transaction.atomic
def place_formative(*, activity: Activity, checklist: Checklist, at: datetime) -> ExamPlan:
    """Make a practical activity a practice station inside its course: one checklist, one instructor, no certification. Safe to call twice.

    One that was scored with another checklist is superseded by a new edition, and keeps what was scored. Raises Conflict when the activity
    is an examination, or the checklist a station of examinations: students and instructors read what they practise (R6, R60).
    """
    plan = ExamPlan.objects.filter(activity=activity).in_force().first()
    if plan and not plan.is_formative:
        raise Conflict(
            "examination", _("“%(activity)s” is an examination.") % {"activity": activity}
        )
    if not checklist.open_for_practice:
        raise Conflict(
            "secure_station",
            _("%(code)s is a station of examinations. Choose one that is open for practice.")
            % {"code": checklist.code},
        )
    if plan is None:
        plan = ExamPlan.objects.create(
            activity=activity,
            kind=ExamPlan.Kind.FORMATIVE,
            edition=activity.module.course.edition,
            total_cut=FORMATIVE_CUT,
            minimum_stations=1,
            in_force_since=at,
        )
    elif _scored_on_another(plan, checklist):
        number = ExamPlan.objects.filter(activity=activity).count() + 1
        named = f"{activity.module.course.edition[:16]}-{number}"
        copy = next_edition(plan=plan, edition=named, by=None, at=at)
        ExamPlan.objects.filter(pk=plan.pk).update(state=ExamPlan.State.SUPERSEDED)
        ExamPlan.objects.filter(pk=copy.pk).update(state=ExamPlan.State.IN_FORCE, in_force_since=at)
        plan = ExamPlan.objects.get(pk=copy.pk)
    whole = {"minutes": checklist.minutes, "weight": Decimal(100), "cut": FORMATIVE_CUT}
    _place_stations(plan, {checklist: whole})
    return plan


def _scored_on_another(plan: ExamPlan, checklist: Checklist) -> bool:
    return (
        Assignment.objects.filter(station__plan=plan).exclude(station__checklist=checklist).exists()
    )


def _place_stations(plan: ExamPlan, entries: Mapping[Checklist, Mapping[str, Any]]) -> None:
    """Let a plan have exactly these stations, in this order."""
    gone = Station.objects.filter(plan=plan).exclude(checklist__in=entries)
    if Assignment.objects.filter(station__in=gone).exists():
        raise Conflict(
            "station_in_use",
            _(
                "A station that examiners are assigned to cannot leave the plan; make a new edition."
            ),
        )
    gone.delete()
    for position, (checklist, fields) in enumerate(entries.items()):
        Station.objects.update_or_create(
            plan=plan, checklist=checklist, defaults={"position": position, **fields}
        )


# The draw


@transaction.atomic
def draw_stations(
    *, exam_day: ExamDay, by: User | None, at: datetime, seed: int | None = None
) -> list[Station]:
    """Draw the stations of a day: every fixed one, and one of each letter, among those that are active. The same seed draws the same;
    without one, a new seed is taken.

    Raises Conflict once examiners are assigned (all candidates of a day face the same stations), for a plan that is a draft or does not
    add up, and where a fixed station, or every one of a letter, is not active.
    """
    require_role(by, Role.REGISTRAR)
    exam_day = (
        ExamDay.objects.select_for_update(of=("self",)).select_related("plan").get(pk=exam_day.pk)
    )
    if exam_day.cancelled_at:
        raise Conflict("day_cancelled", _("This exam day is cancelled."))
    if exam_day.plan.state == ExamPlan.State.DRAFT:
        raise Conflict(
            "plan_is_draft",
            _("Edition %(edition)s of the plan is a draft; put it in force first.")
            % {"edition": exam_day.plan.edition},
        )
    require_sound(exam_day.plan)
    among = _stations_to_draw(exam_day.plan)
    if seed is None:
        seed = secrets.randbelow(10_000)
    chosen = circuit.draw([(row.pk, row.drawn_from) for row in among], seed)
    drawn = set(exam_day.stations.values_list("pk", flat=True))
    if drawn != set(chosen) or not exam_day.drawn_at or exam_day.seed != seed:
        if Assignment.objects.filter(appointment__exam_day=exam_day).exists():
            raise Conflict(
                "examiners_assigned",
                _("Examiners are assigned to the stations drawn; they are not drawn again."),
            )
        exam_day.stations.set(chosen)
        exam_day.seed, exam_day.drawn_at = seed, at
        exam_day.save(update_fields=["seed", "drawn_at"])
        log(exam_day, "practicals.draw", user=by, data={"seed": seed}, timestamp=at)
    stations = {row.pk: row for row in among}
    return [stations[pk] for pk in chosen]


def _stations_to_draw(plan: ExamPlan) -> list[Station]:
    """The stations of a plan that may be put on a day. Raises Conflict where one that must be there may not."""
    rows = list(plan.stations.select_related("checklist").order_by("position"))
    usable = []
    for row in rows:
        try:
            require_in_use(row.checklist)
        except Conflict:
            if not row.drawn_from:
                raise
            continue
        usable.append(row)
    left = {row.drawn_from for row in usable}
    for letter in sorted({row.drawn_from for row in rows} - left):
        codes = ", ".join(row.checklist.code for row in rows if row.drawn_from == letter)
        raise Conflict(
            "station_not_active",
            _("None of %(codes)s is active, and one of them has to be drawn.") % {"codes": codes},
        )
    return usable
