"""A small practical examination for tests: two stations (P1 with a violation, T2), two examiners, a chief, a registrar, a candidate."""

import copy
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from typing import Any
from uuid import UUID, uuid4

from accounts.models import Role, User
from courses.models import Activity, Cohort, Course
from credentials.models import CredentialType, Requirement
from practicals import services
from practicals.models import (
    Appointment,
    Assignment,
    Checklist,
    ExamDay,
    ExamPlan,
    PracticalAssessment,
    PracticalResult,
)
from tests.factories import (
    NOW,
    ActivityFactory,
    ApplicationFactory,
    CourseFactory,
    CredentialTypeFactory,
    EnrolmentFactory,
    ModuleFactory,
    RequirementFactory,
    person,
)

DAY = date(2026, 11, 23)
BEFORE = NOW - timedelta(days=3)


def checklist_data(
    code: str = "P1", lines: int = 10, violations: int = 2, **fields: Any
) -> dict[str, Any]:
    """A checklist file: `lines` lines of two points; the first is ★."""
    return {
        "code": code,
        "title": f"Station {code}",
        "scenario": "A runner, prone.",
        "minutes": 10,
        "candidate_instructions": "Begin when you are ready.",
        "client_script": "You feel tight.",
        "equipment": ["table", "linen"],
        "criteria": [
            {
                "code": f"{code}.{number:02}",
                "section": "Screen" if number <= 2 else "Technique",
                "text": f"Does thing {number}",
                "max": 2,
                "critical": number == 1,
                "competence": "safety" if number <= 2 else "technique",
            }
            for number in range(1, lines + 1)
        ],
        "violations": [
            {"code": f"{code}.{letter}", "text": f"Wrong {letter}"}
            for letter in "abcde"[:violations]
        ],
        **fields,
    }


def plan_data(
    stations: list[tuple[str, str]] = (("P1", ""), ("T2", "")), **fields: Any
) -> dict[str, Any]:
    """An exam plan file; `stations` are (checklist, letter of its pair). What a candidate sits weighs 100 in all."""
    weights = _weights(list(stations))
    return {
        "edition": "2026.1",
        "reading_minutes": 2,
        "change_minutes": 2,
        "trainer_bar_months": 24,
        "stations": [
            {
                "checklist": code,
                "minutes": 10,
                "weight": weights[code],
                "draw": "pair" if letter else "fixed",
                "pair": letter,
                "cut_percent": 60,
            }
            for code, letter in stations
        ],
        "pass_rule": {"total_cut_percent": 65, "stations_passed_min": 1, "station_cut_percent": 60},
        "discrepancy": {"points": 10},
        "retake": {"wait_days": 30},
        **fields,
    }


def _weights(stations: list[tuple[str, str]]) -> dict[str, float]:
    """The same weight for each place a candidate sits; the first takes what does not divide."""
    places = list(dict.fromkeys(letter or code for code, letter in stations))
    each = int(10_000 / len(places)) / 100
    of_place = dict.fromkeys(places, each) | {places[0]: round(100 - each * (len(places) - 1), 2)}
    return {code: of_place[letter or code] for code, letter in stations}


def sheet(
    code: str = "P1", rev: int = 1, final: bool = True, lines: int = 10, **changes: Any
) -> dict[str, Any]:
    """What a device sends: every line 2, signed. `ratings` and `notes` change lines by number; other names replace fields."""
    ratings, notes = changes.pop("ratings", {}), changes.pop("notes", {})
    return {
        "rev": rev,
        "final": final,
        "started_at": "2026-11-28T09:00:00Z",
        "finished_at": "2026-11-28T09:10:00Z",
        "observations": [
            {
                "criterion": f"{code}.{number:02}",
                "rating": ratings.get(number, 2),
                "note": notes.get(number, ""),
                "at": "2026-11-28T09:05:00Z",
            }
            for number in range(1, lines + 1)
            if ratings.get(number, 2) is not None
        ],
        "violations": [],
        "global_rating": 3,
        "signature": "R. Okafor",
        **changes,
    }


@dataclass
class Exam:
    """Everything around one exam day."""

    registrar: User
    chief: User
    examiners: list[User]
    candidate: User
    credential_type: CredentialType
    requirement: Requirement
    activity: Activity
    plan: ExamPlan
    day: ExamDay
    appointment: Appointment | None = None
    sheets: dict[tuple[str, str], UUID] = field(default_factory=dict)

    def offer(self, candidate: User | None = None) -> Appointment:
        return services.offer_appointment(
            exam_day=self.day, candidate=candidate or self.candidate, by=self.registrar, at=BEFORE
        )

    def accept(self, appointment: Appointment) -> Appointment:
        return services.answer_appointment(
            appointment=appointment, accept=True, by=appointment.candidate, at=BEFORE
        )

    def alone(self, candidate: User | None = None) -> Appointment:
        """A candidate who has accepted, in a circuit of their own: the same two examiners can be with them at every station."""
        row = self.accept(self.offer(candidate or applicant(self.credential_type)))
        others = Appointment.objects.filter(exam_day=self.day).count()
        row.place_in_circuit = self.day.stations.count() * others
        row.save(update_fields=["place_in_circuit"])
        return row

    def station(self, code: str):
        return self.plan.stations.get(checklist__code=code)

    def assignment(self, code: str, place: str) -> Assignment:
        return Assignment.objects.get(
            appointment=self.appointment, station__checklist__code=code, place=place
        )

    def send(
        self, code: str, place: str, at: Any = NOW, uuid: UUID | None = None, **changes: Any
    ) -> PracticalAssessment:
        """Sync a whole sheet of one examiner; final unless said otherwise. The same station and place keep their uuid."""
        assignment = self.assignment(code, place)
        uuid = self.sheets.setdefault((code, place), uuid or uuid4())
        return services.sync_sheet(
            uuid=uuid,
            assignment=assignment,
            content=sheet(code, **changes),
            by=assignment.examiner,
            at=at,
        )[0]

    def score(self, at: Any = NOW, **by_place: dict[str, Any]) -> PracticalResult | None:
        """Sign every sheet; `P1A={"ratings": {2: 1}}` changes one."""
        for station in self.day.stations.select_related("checklist").order_by("position"):
            code = station.checklist.code
            for place in "AB":
                self.send(code, place, at=at, **by_place.get(f"{code}{place}", {}))
        return self.result

    @property
    def result(self) -> PracticalResult | None:
        return PracticalResult.objects.newest().filter(appointment=self.appointment).first()


def load_checklists(*codes: str, **fields: Any) -> list[Checklist]:
    return [services.load_checklist(checklist_data(code, **fields), NOW) for code in codes]


def exam_day(plan: ExamPlan, **fields: Any) -> ExamDay:
    return ExamDay.objects.create(
        plan=plan,
        **{"date": DAY, "begins_at": time(11), "place": "Leeds, Hall 2", "capacity": 8, **fields},
    )


@dataclass
class Standing:
    """The exam that stands while the tests of a module run (conftest.py): the first of each test is a copy of it."""

    exam: "Exam | None" = None
    taken: bool = False

    def copy(self) -> "Exam | None":
        if self.exam is None or self.taken:
            return None
        self.taken = True
        return copy.deepcopy(self.exam)


STANDING = Standing()


def exam(
    assigned: bool = True, accepted: bool = True, codes: tuple[str, ...] = ("P1", "T2")
) -> Exam:
    """An exam day with its stations drawn; the candidate has accepted and both examiners are assigned unless said otherwise."""
    plain = assigned and accepted and codes == ("P1", "T2")
    return (STANDING.copy() if plain else None) or _exam(assigned, accepted, codes)


def _exam(assigned: bool, accepted: bool, codes: tuple[str, ...]) -> Exam:
    credential_type = CredentialTypeFactory(code=f"SMT-{uuid4().hex[:6]}")
    requirement = RequirementFactory(
        credential_type=credential_type, kind=Requirement.Kind.ACTIVITY, code="practical"
    )
    course = CourseFactory(hours=0)
    activity = ActivityFactory(
        module=ModuleFactory(course=course),
        kind=Activity.Kind.PRACTICAL,
        title="Practical examination",
    )
    activity.satisfies.add(requirement)
    load_checklists(*codes)
    exam_plan = services.load_exam_plan(activity, plan_data([(code, "") for code in codes]), NOW)
    registrar, chief = (
        person(Role.REGISTRAR, name="A. Moreau"),
        person(Role.CHIEF_EXAMINER, name="M. Lindqvist"),
    )
    examiners = [person(Role.EXAMINER, name=name) for name in ("S. Haddad", "R. Okafor")]
    day = exam_day(exam_plan)
    day.examiners.set(examiners)
    services.draw_stations(exam_day=day, by=registrar, at=BEFORE, seed=7)
    candidate = applicant(credential_type, name="Orla Brandreth")
    built = Exam(
        registrar,
        chief,
        examiners,
        candidate,
        credential_type,
        requirement,
        activity,
        exam_plan,
        day,
    )
    built.appointment = built.offer()
    if accepted:
        built.appointment = built.accept(built.appointment)
    if assigned:
        for station in day.stations.order_by("position"):
            for place, examiner in zip("AB", examiners, strict=True):
                services.assign_examiner(
                    appointment=built.appointment,
                    station=station,
                    place=place,
                    examiner=examiner,
                    by=registrar,
                    at=BEFORE,
                )
    return built


def applicant(credential_type: CredentialType, **fields: Any) -> User:
    """A person with an open application."""
    return ApplicationFactory(applicant=person(**fields), credential_type=credential_type).applicant


@dataclass
class Practice:
    """A class with an instructor and a learner, and a practice station in its course."""

    instructor: User
    learner: User
    course: Course
    cohort: Cohort
    activity: Activity
    enrolment: Any


def practice() -> Practice:
    course = CourseFactory()
    activity = ActivityFactory(
        module=ModuleFactory(course=course),
        kind=Activity.Kind.PRACTICAL,
        title="Practice station",
        required=False,
    )
    (checklist,) = load_checklists("T1", pool="practice")
    services.place_formative(activity=activity, checklist=checklist, at=NOW)
    instructor = person(Role.INSTRUCTOR, name="L. Ferreira")
    cohort = Cohort.objects.create(course=course, title="Autumn", begins_on=NOW.date())
    cohort.instructors.add(instructor)
    learner = person(name="Tomas Weller")
    enrolment = EnrolmentFactory(learner=learner, course=course, cohort=cohort)
    return Practice(instructor, learner, course, cohort, activity, enrolment)
