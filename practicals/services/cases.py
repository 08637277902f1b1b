"""What a decision is made from: each station's rule, its signed sheets and the ruling in force. Read here, judged in decision.py.

Of an appointment that is open, from the rows as they are; of a result that is stored, from the sheets and rulings it names. Both give the
same values, which is why a result can be derived again.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from practicals import decision
from practicals.decision import Line, PlanRule, Ruling, Sheet, StationFinding, StationRule
from practicals.models import (
    Adjudication,
    Annulment,
    Appointment,
    Assignment,
    ChecklistVersion,
    ExamPlan,
    PracticalAssessment,
    PracticalResult,
    Station,
)
from practicals.services.resits import day_of, failed_stations, stations_to_sit


@dataclass(frozen=True)
class Case:
    """One station of an appointment: its rule, the examiners' assignments and active final sheets by place, and the ruling in force.

    `source` says where a station was sat that is carried over: {appointment, result, day}; None: here.
    """

    station: Station
    rule: StationRule
    places: tuple[str, ...]
    assignments: dict[str, Assignment] = field(default_factory=dict)
    sheets: dict[str, PracticalAssessment] = field(default_factory=dict)
    ruling: Adjudication | None = None
    source: dict[str, str] | None = None
    annulment: Annulment | None = None

    @property
    def complete(self) -> bool:
        """Whether nothing more is waited for."""
        return self.annulment is not None or all(place in self.sheets for place in self.places)

    @property
    def values(self) -> list[Sheet]:
        return [sheet_value(self.sheets[place]) for place in self.places]

    @property
    def finding(self) -> StationFinding:
        """What decision.py says; only of a complete case."""
        ruling = Ruling(self.ruling.lines, self.ruling.violations) if self.ruling else None
        first, *second = self.values
        return decision.station(self.rule, first, second[0] if second else None, ruling)

    @property
    def version(self) -> ChecklistVersion | None:
        if self.annulment:
            return self.annulment.version
        return next((row.checklist_version for row in self.assignments.values()), None)


@dataclass(frozen=True)
class Grounds:
    """Everything an appointment is decided from, and the newest result there is."""

    cases: list[Case]
    rule: PlanRule
    newest: PracticalResult | None

    @property
    def complete(self) -> bool:
        return bool(self.cases) and all(case.complete for case in self.cases)


def sheet_value(sheet: PracticalAssessment) -> Sheet:
    """A final sheet as decision.py reads it, from its frozen rows (prefetched where there are some)."""
    return Sheet(
        {row.criterion_code: row.rating for row in sheet.observations.all()},
        frozenset(row.code for row in sheet.violations.all()),
    )


def cases_of(appointment: Appointment) -> list[Case]:
    """The stations an appointment is decided on, in order: those sat here and those carried over. Ten queries, whatever their number, and six for a re-sit."""
    return grounds_of(appointment).cases


def grounds_of(appointment: Appointment) -> Grounds:
    """What was decided once is decided again by the same rule, whatever the plan says today."""
    newest = appointment.results.order_by("-version").first()
    cases = _own(appointment, newest)
    before = appointment.resit_of
    if before is not None:
        cases += _carried(before)
        cases.sort(key=lambda case: case.station.position)
    decided_by = newest or before
    return Grounds(cases, rule_of(decided_by, appointment.plan), newest)


def rule_of(result: PracticalResult | None, plan: ExamPlan) -> PlanRule:
    """The rule a result was decided by; the plan's where there is none yet, or it was not written down (schema 1)."""
    if result is not None and result.rule:
        return PlanRule(Decimal(result.rule["total_cut"]), result.rule["minimum_stations"])
    return PlanRule(plan.total_cut, plan.minimum_stations)


def _own(appointment: Appointment, newest: PracticalResult | None) -> list[Case]:
    plan = appointment.plan
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
    for ruling in appointment.adjudications.select_related("by").order_by("sequence"):
        rulings.setdefault(ruling.station_id, []).append(ruling)
    standing = appointment.annulments.filter(end=None).select_related("version")
    annulled = {row.station_id: row for row in standing}
    said = {row["code"]: row for row in newest.stations if not row.get("from")} if newest else {}
    return [
        _case(
            station,
            places,
            assignments.get(station.pk, {}),
            sheets,
            rulings.get(station.pk, []),
            _terms(station, plan, said.get(station.checklist.code)),
            annulled.get(station.pk),
        )
        for station in stations_to_sit(appointment)
    ]


def _terms(station: Station, plan: ExamPlan, said: Mapping[str, Any] | None) -> dict[str, Decimal]:
    """Weight, cut and discrepancy: those a station was decided by, or those of the plan."""
    terms = {"weight": station.weight, "cut": station.cut, "discrepancy": plan.discrepancy}
    if said:
        terms |= {name: Decimal(said[name]) for name in terms if name in said}
    return terms


def _case(
    station: Station,
    places: tuple[str, ...],
    assignments: dict[str, Assignment],
    sheets: dict[int, PracticalAssessment],
    rulings: list[Adjudication],
    terms: dict[str, Decimal],
    annulment: Annulment | None = None,
) -> Case:
    own = {place: sheets[row.pk] for place, row in assignments.items() if row.pk in sheets}
    version = next((row.checklist_version for row in assignments.values()), None)
    title = version.content["title"] if version else station.checklist.title
    # A ruling on sheets of which one was superseded since is history.
    on_these = tuple(own[place].pk for place in places if place in own)
    ruling = next(
        (row for row in reversed(rulings) if (row.sheet_a_id, row.sheet_b_id) == on_these), None
    )
    rule = _station_rule(station, title, version, terms)
    return Case(station, rule, places, assignments, own, ruling, annulment=annulment)


def _station_rule(
    station: Station, title: str, version: ChecklistVersion | None, terms: dict[str, Decimal]
) -> StationRule:
    return StationRule(
        code=station.checklist.code,
        title=title,
        lines=tuple(
            Line(row.code, row.max_points, row.critical, row.competence, row.text)
            for row in (version.criteria.all() if version else [])
        ),
        violations=version.violation_texts if version else {},
        **terms,
    )


# From what a result names


def _carried(before: PracticalResult) -> list[Case]:
    """The stations of an earlier examination that are not sat again, as that one stands now."""
    again = {row["code"] for row in failed_stations(before)}
    now = (
        PracticalResult.objects.filter(appointment=before.appointment_id)
        .select_related("appointment__exam_day", "appointment__plan")
        .latest("version")
    )
    source = {
        "appointment": str(now.appointment.uuid),
        "result": str(now.uuid),
        "day": day_of(now).isoformat(),
    }
    (cases,) = cases_named([now])
    return [
        case if case.source else replace(case, source=source)
        for case in cases
        if case.rule.code not in again
    ]


def cases_named(results: Iterable[PracticalResult]) -> list[list[Case]]:
    """The cases of each result, from the sheets, rulings and annulments it names. Seven queries, whatever their number."""
    results = list(results)
    entries = [row for result in results for row in result.stations]
    sheets = {
        str(sheet.uuid): sheet
        for sheet in PracticalAssessment.objects.filter(
            uuid__in={uuid for row in entries for uuid in row["sheets"]}
        )
        .select_related(
            "assignment__station__checklist",
            "assignment__checklist_version",
            "assignment__examiner",
        )
        .prefetch_related("observations", "violations", "assignment__checklist_version__criteria")
    }
    named = {row["ruling"] for row in entries if row["ruling"]}
    rulings = {
        str(ruling.uuid): ruling
        for ruling in Adjudication.objects.filter(uuid__in=named).select_related("by")
    }
    named = {row["annulment"] for row in entries if row.get("annulment")}
    annulments = {
        str(row.uuid): row
        for row in Annulment.objects.filter(uuid__in=named).select_related(
            "version", "station__checklist"
        )
    }
    return [
        [
            _annulled_named(result, row, sheets, annulments)
            if row.get("annulment")
            else _case_named(result, row, sheets, rulings)
            for row in result.stations
        ]
        for result in results
    ]


def _case_named(
    result: PracticalResult,
    said: Mapping[str, Any],
    sheets: Mapping[str, PracticalAssessment],
    rulings: Mapping[str, Adjudication],
) -> Case:
    own = {sheets[uuid].assignment.place: sheets[uuid] for uuid in said["sheets"]}
    assignments = {place: sheet.assignment for place, sheet in own.items()}
    first = next(iter(assignments.values()))
    terms = _terms(first.station, result.appointment.plan, said)
    return Case(
        first.station,
        _station_rule(first.station, said["title"], first.checklist_version, terms),
        tuple(own),
        assignments,
        own,
        rulings[said["ruling"]] if said["ruling"] else None,
        said.get("from"),
    )


def _annulled_named(
    result: PracticalResult,
    said: Mapping[str, Any],
    sheets: Mapping[str, PracticalAssessment],
    annulments: Mapping[str, Annulment],
) -> Case:
    row = annulments[said["annulment"]]
    own = {sheets[uuid].assignment.place: sheets[uuid] for uuid in said["sheets"]}
    terms = _terms(row.station, result.appointment.plan, said)
    rule = _station_rule(row.station, said["title"], row.version, terms)
    assignments = {place: sheet.assignment for place, sheet in own.items()}
    return Case(row.station, rule, tuple(own), assignments, own, annulment=row)


# What is written down


def said_of(cases: list[Case], rule: PlanRule) -> dict[str, Any]:
    """The decision on these cases as a result holds it, JSON only but for the total."""
    findings = [case.finding for case in cases if case.annulment is None]
    annulled = [case.rule for case in cases if case.annulment]
    whole = decision.whole(findings, rule, annulled)
    decided = iter(findings)
    return {
        "outcome": whole.outcome,
        "total": decision.down(whole.total) if whole.total is not None else None,
        "stations": [
            _annulled_said(case) if case.annulment else _station_said(case, next(decided))
            for case in cases
        ],
        "competences": [
            {
                "competence": found.competence,
                "percent": decision.said(decision.down(found.percent)),
                "points": found.out_of,
                "band": found.band,
            }
            for found in decision.by_competence(findings, rule.total_cut)
        ],
        "reasons": list(whole.reasons),
        "rule": {
            "total_cut": decision.said(rule.total_cut),
            "minimum_stations": rule.minimum_stations,
        },
    }


def _annulled_said(case: Case) -> dict[str, Any]:
    """A station that counts for nothing: what was signed of it is named, and no figure is drawn from it."""
    return {
        **_terms_said(case),
        **dict.fromkeys(("percent_a", "percent_b", "difference", "percent", "band"), None),
        "held": False,
        "passed": False,
        "critical": [],
        "triggers": [],
        "reasons": [case.rule.says("annulled")],
        "sheets": [str(case.sheets[place].uuid) for place in case.places if place in case.sheets],
        "ruling": None,
        "from": None,
        "annulment": str(case.annulment.uuid) if case.annulment else None,
    }


def _terms_said(case: Case) -> dict[str, Any]:
    return {
        "code": case.rule.code,
        "title": case.rule.title,
        "position": case.station.position,
        "version": str(case.version.uuid) if case.version else None,
        "weight": decision.said(case.rule.weight),
        "cut": decision.said(case.rule.cut),
        "discrepancy": decision.said(case.rule.discrepancy),
    }


def _station_said(case: Case, found: StationFinding) -> dict[str, Any]:
    """One station of a result. What examiners gave stays on the staff's side of it (percent_a, percent_b)."""
    return {
        **_terms_said(case),
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
        "from": case.source,
    }
