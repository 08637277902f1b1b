"""Exam plans from content files, and the draw of a day's stations."""

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
from practicals.services.checks import require_role

FORMATIVE_CUT = Decimal(60)


@transaction.atomic
def load_exam_plan(activity: Activity, data: Mapping[str, Any], at: datetime) -> ExamPlan:
    """Make or update the plan of an examination from content/exams/practical.yaml. Unchanged: nothing changes.

    Raises Invalid for an unknown checklist, Conflict when a station in use would leave the plan.
    """
    rules = data["pass_rule"]
    plan, _new = ExamPlan.objects.update_or_create(
        activity=activity,
        defaults={
            "kind": ExamPlan.Kind.CERTIFYING,
            "edition": data["edition"],
            "total_cut": Decimal(str(rules["total_cut_percent"])),
            "minimum_stations": rules["stations_passed_min"],
            "discrepancy": Decimal(str(data["discrepancy"]["points"])),
            "trainer_bar_months": data["trainer_bar_months"],
            "retake_wait_days": data["retake"]["wait_days"],
            "reading_minutes": data["reading_minutes"],
            "change_minutes": data["change_minutes"],
        },
    )
    codes = [entry["checklist"] for entry in data["stations"]]
    checklists = Checklist.objects.in_bulk(codes, field_name="code")
    unknown = [code for code in codes if code not in checklists]
    if unknown:
        raise Invalid(
            "unknown_checklist", _("There is no checklist %(code)s.") % {"code": unknown[0]}
        )
    entries = {
        checklists[entry["checklist"]]: {
            "minutes": entry["minutes"],
            "weight": Decimal(str(entry["weight"])),
            "cut": Decimal(str(entry.get("cut_percent", rules["station_cut_percent"]))),
            "drawn_from": entry["pair"] if entry["draw"] == "pair" else "",
        }
        for entry in data["stations"]
    }
    _place_stations(plan, entries)
    return plan


@transaction.atomic
def place_formative(*, activity: Activity, checklist: Checklist, at: datetime) -> ExamPlan:
    """Make a practical activity a practice station inside its course: one checklist, one instructor, no certification. Safe to call twice.

    Raises Conflict when the activity is an examination, or was already scored with another checklist.
    """
    plan, _new = ExamPlan.objects.get_or_create(
        activity=activity,
        defaults={
            "kind": ExamPlan.Kind.FORMATIVE,
            "edition": activity.module.course.edition,
            "total_cut": FORMATIVE_CUT,
            "minimum_stations": 1,
        },
    )
    if not plan.is_formative:
        raise Conflict(
            "examination", _("“%(activity)s” is an examination.") % {"activity": activity}
        )
    whole = {"minutes": checklist.minutes, "weight": Decimal(100), "cut": FORMATIVE_CUT}
    _place_stations(plan, {checklist: whole})
    return plan


def _place_stations(plan: ExamPlan, entries: Mapping[Checklist, Mapping[str, Any]]) -> None:
    """Let a plan have exactly these stations, in this order."""
    gone = plan.stations.exclude(checklist__in=entries)
    if Assignment.objects.filter(station__in=gone).exists():
        raise Conflict(
            "station_in_use",
            _("A station that was examined cannot leave the plan; make a new edition."),
        )
    gone.delete()
    for position, (checklist, fields) in enumerate(entries.items()):
        Station.objects.update_or_create(
            plan=plan, checklist=checklist, defaults={"position": position, **fields}
        )


@transaction.atomic
def draw_stations(
    *, exam_day: ExamDay, by: User | None, at: datetime, seed: int | None = None
) -> list[Station]:
    """Draw the stations of a day: every fixed one, and one of each pair. The same seed draws the same; without one, a new seed is taken.

    Raises Conflict once examiners are assigned: all candidates of a day face the same stations.
    """
    require_role(by, Role.REGISTRAR)
    exam_day = ExamDay.objects.select_for_update().select_related("plan").get(pk=exam_day.pk)
    stations = {
        station.pk: station
        for station in exam_day.plan.stations.select_related("checklist").order_by("position")
    }
    if seed is None:
        seed = secrets.randbelow(10_000)
    chosen = circuit.draw([(pk, station.drawn_from) for pk, station in stations.items()], seed)
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
    return [stations[pk] for pk in chosen]
