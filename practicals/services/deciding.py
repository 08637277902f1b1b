"""From final sheets to a result: decided in decision.py, appended here, reported down to courses."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Role, User
from accounts.services import bars_among, notify
from courses.models import Progress
from courses.services import record_result
from practicals import decision
from practicals.decision import Line, Ruling, Sheet, StationFinding, StationRule
from practicals.models import (
    Adjudication,
    Appointment,
    Assignment,
    PracticalAssessment,
    PracticalResult,
    Station,
)

OUTCOMES = {
    decision.HELD: (PracticalResult.Outcome.HELD, Progress.State.HELD),
    decision.PASSED: (PracticalResult.Outcome.PASSED, Progress.State.COMPLETE),
    decision.FAILED: (PracticalResult.Outcome.FAILED, Progress.State.FAILED),
}


@dataclass(frozen=True)
class Case:
    """One station of an appointment: its rule, the examiners' assignments and active final sheets by place, and the ruling in force."""

    station: Station
    rule: StationRule
    places: tuple[str, ...]
    assignments: dict[str, Assignment] = field(default_factory=dict)
    sheets: dict[str, PracticalAssessment] = field(default_factory=dict)
    ruling: Adjudication | None = None

    @property
    def complete(self) -> bool:
        return all(place in self.sheets for place in self.places)

    @property
    def values(self) -> list[Sheet]:
        return [sheet_value(self.sheets[place]) for place in self.places]

    @property
    def finding(self) -> StationFinding:
        """What decision.py says; only of a complete case."""
        ruling = (
            Ruling(self.ruling.lines, self.ruling.violations, self.ruling.reasons)
            if self.ruling
            else None
        )
        first, *second = self.values
        return decision.station(self.rule, first, second[0] if second else None, ruling)


def sheet_value(sheet: PracticalAssessment) -> Sheet:
    """A final sheet as decision.py reads it, from its frozen rows (prefetched where there are some)."""
    return Sheet(
        {row.criterion_code: row.rating for row in sheet.observations.all()},
        frozenset(row.code for row in sheet.violations.all()),
    )


def cases_of(appointment: Appointment) -> list[Case]:
    """The stations of an appointment in order, with what there is of each. Seven queries, whatever their number."""
    plan = appointment.plan
    held_at = appointment.exam_day.stations if appointment.exam_day else plan.stations
    places = (
        (Assignment.Place.A,) if plan.is_formative else (Assignment.Place.A, Assignment.Place.B)
    )
    assignments: dict[int, dict[str, Assignment]] = {}
    rows = appointment.assignments.select_related("checklist_version", "examiner").prefetch_related(
        "checklist_version__criteria"
    )
    for row in rows:
        assignments.setdefault(row.station_id, {})[row.place] = row
    finals = PracticalAssessment.objects.filter(
        assignment__appointment=appointment, active=True, final_at__isnull=False
    ).prefetch_related("observations", "violations")
    sheets = {sheet.assignment_id: sheet for sheet in finals}
    rulings: dict[int, list[Adjudication]] = {}
    for ruling in appointment.adjudications.order_by("sequence"):
        rulings.setdefault(ruling.station_id, []).append(ruling)
    return [
        _case(
            plan,
            station,
            places,
            assignments.get(station.pk, {}),
            sheets,
            rulings.get(station.pk, []),
        )
        for station in held_at.select_related("checklist").order_by("position")
    ]


def _case(
    plan: Any,
    station: Station,
    places: tuple[str, ...],
    assignments: dict[str, Assignment],
    sheets: dict[int, PracticalAssessment],
    rulings: list[Adjudication],
) -> Case:
    own = {place: sheets[row.pk] for place, row in assignments.items() if row.pk in sheets}
    version = next((row.checklist_version for row in assignments.values()), None)
    criteria = version.criteria.all() if version else []
    rule = StationRule(
        code=station.checklist.code,
        title=version.content["title"] if version else station.checklist.title,
        lines=tuple(
            Line(row.code, row.max_points, row.critical, row.competence, row.text)
            for row in criteria
        ),
        weight=station.weight,
        cut=station.cut,
        discrepancy=plan.discrepancy,
        violations=version.violation_texts if version else {},
    )
    # A ruling on sheets of which one was superseded since is history.
    on_these = tuple(own[place].pk for place in places if place in own)
    ruling = next(
        (row for row in reversed(rulings) if (row.sheet_a_id, row.sheet_b_id) == on_these), None
    )
    return Case(station, rule, places, assignments, own, ruling)


@transaction.atomic
def decide_if_due(
    *, appointment: Appointment, by: User | None, at: datetime
) -> PracticalResult | None:
    """Decide an appointment whose sheets are all signed, append the result and report it; None while a sheet is missing.

    The caller has locked the appointment. What is decided already, in the same words, is not written again.
    """
    cases = cases_of(appointment)
    if not cases or not all(case.complete for case in cases):
        return None
    plan = appointment.plan
    findings = [case.finding for case in cases]
    rule = decision.PlanRule(plan.total_cut, plan.minimum_stations)
    whole = decision.whole(findings, rule)
    outcome, state = OUTCOMES[whole.outcome]
    said = {
        "outcome": outcome,
        "total": decision.down(whole.total) if whole.total is not None else None,
        "stations": [
            _station_said(case, found) for case, found in zip(cases, findings, strict=True)
        ],
        "competences": _competences_said(findings, plan),
        "reasons": list(whole.reasons),
    }
    newest = appointment.results.order_by("-version").first()
    if newest and all(getattr(newest, name) == value for name, value in said.items()):
        return newest
    held_before = newest if newest and newest.outcome == PracticalResult.Outcome.HELD else None
    decide_by = None
    if outcome == PracticalResult.Outcome.HELD:
        limit = at.date() + timedelta(days=plan.adjudication_days)
        decide_by = held_before.decide_by if held_before else limit
    result = PracticalResult.objects.append(
        chain=f"appointment:{appointment.uuid}",
        at=at,
        appointment=appointment,
        version=newest.version + 1 if newest else 1,
        decide_by=decide_by,
        **said,
    )
    record_result(
        enrolment=appointment.enrolment,
        activity=plan.activity,
        state=state,
        reference=appointment.uuid,
        label=f"{plan.activity.title}: {result.get_outcome_display().lower()}, {at:%-d %B %Y}",
        by=by,
        at=at,
    )
    if not (held_before and outcome == PracticalResult.Outcome.HELD):
        _tell(appointment, result, cases, at)
    return result


def _station_said(case: Case, found: StationFinding) -> dict[str, Any]:
    """One station of a result, JSON only. What examiners gave stays on the staff's side of it (percent_a, percent_b)."""
    return {
        "code": found.rule.code,
        "title": found.rule.title,
        "position": case.station.position,
        "weight": decision.said(found.rule.weight),
        "cut": decision.said(found.rule.cut),
        "percent_a": decision.said(decision.down(found.percent_a)),
        "percent_b": decision.said(decision.down(found.percent_b))
        if found.percent_b is not None
        else None,
        "difference": decision.said(decision.up(found.difference)),
        "percent": decision.said(decision.down(found.percent))
        if found.percent is not None
        else None,
        "band": decision.band(found.percent, found.rule.cut) if found.percent is not None else None,
        "held": found.held,
        "passed": found.passed,
        "critical": list(found.critical),
        "triggers": list(found.triggers),
        "reasons": list(found.reasons),
        "sheets": [str(case.sheets[place].uuid) for place in case.places],
        "ruling": str(case.ruling.uuid) if case.ruling else None,
    }


def _competences_said(findings: list[StationFinding], plan: Any) -> list[dict[str, Any]]:
    return [
        {
            "competence": found.competence,
            "percent": decision.said(decision.down(found.percent)),
            "points": found.out_of,
            "band": found.band,
        }
        for found in decision.by_competence(findings, plan.total_cut)
    ]


def _tell(
    appointment: Appointment, result: PracticalResult, cases: list[Case], at: datetime
) -> None:
    """The candidate always learns where they stand; chief examiners who may decide learn of what is held."""
    held = result.outcome == PracticalResult.Outcome.HELD
    title = appointment.plan.activity.title
    notify(
        recipient=appointment.candidate,
        kind="practical_held" if held else "practical_result",
        reference=f"{appointment.uuid}:{result.version}",
        subject=_("%(title)s: your result is held") % {"title": title}
        if held
        else _("%(title)s: your result") % {"title": title},
        template="practicals/mail/held.txt" if held else "practicals/mail/result.txt",
        context={"appointment": appointment, "result": result, "plan": appointment.plan},
        url=f"/appointments/{appointment.uuid}/result/",
        at=at,
    )
    if not held:
        return
    for chief in _chiefs_who_may_decide(appointment, cases, at):
        notify(
            recipient=chief,
            kind="practical_to_decide",
            reference=f"{appointment.uuid}:{result.version}",
            subject=_("To decide by %(day)s: candidate %(number)s")
            % {
                "day": f"{result.decide_by:%-d %B}",
                "number": appointment.candidate_number,
            },
            template="practicals/mail/to_decide.txt",
            context={"appointment": appointment, "result": result},
            url="/adjudicate/",
            at=at,
        )


def _chiefs_who_may_decide(appointment: Appointment, cases: list[Case], at: datetime) -> list[User]:
    """Chief examiners who neither taught nor examined the candidate; all of them when nobody is free, so that somebody sees it."""
    chiefs = list(
        User.objects.filter(groups__name=Role.CHIEF_EXAMINER, is_active=True).order_by("pk")
    )
    examined = {row.examiner_id for case in cases for row in case.assignments.values()}
    bars = bars_among(
        examiners=chiefs,
        candidates=[appointment.candidate],
        on=at.date(),
        months=appointment.plan.trainer_bar_months,
    )
    free = [
        chief
        for chief in chiefs
        if chief.pk not in examined and (chief.pk, appointment.candidate_id) not in bars
    ]
    return free or chiefs
