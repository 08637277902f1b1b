"""A small world with every part real: a scheme of six requirements, a course, a written examination, eight stations, and somebody in each role.

It is set up through the services; everything people do in it goes over HTTP.
"""

import copy
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from typing import Any
from uuid import uuid4

from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import Role, User
from courses.models import Activity, Course
from credentials.models import CredentialType, Requirement
from practicals.models import ExamDay
from practicals.services import draw_stations, load_exam_plan
from quizzes.models import Pool
from quizzes.services import load_quiz
from tests.credentials import scheme
from tests.factories import ActivityFactory, CourseFactory, ModuleFactory, person
from tests.practicals.build import load_checklists, plan_data, sheet
from tests.quizzes.bank import add_items

STATIONS = ("P1", "P2", "T1", "T2", "T3", "E1", "E2", "D1")
QUESTIONS = 10


class Walker:
    """Somebody at the HTTP interface. Each verb names the status it expects."""

    def __init__(self, user: User | None = None) -> None:
        self.user, self.client = user, APIClient()
        if user:
            self.client.force_login(user)

    def get(self, path: str, expect: int = 200, **query: Any) -> Any:
        return self._said(self.client.get(f"/api/v1/{path}", query), expect)

    def post(self, path: str, body: Any = None, expect: int = 201, form: bool = False) -> Any:
        kind = "multipart" if form else "json"
        return self._said(self.client.post(f"/api/v1/{path}", body, format=kind), expect)

    def put(self, path: str, body: Any, expect: int = 200) -> Any:
        return self._said(self.client.put(f"/api/v1/{path}", body, format="json"), expect)

    @staticmethod
    def _said(answer: Any, expect: int) -> Any:
        assert answer.status_code == expect, f"{answer.status_code}: {answer.content[:600]!r}"
        return answer.json()

    def __str__(self) -> str:
        return str(self.user)

    def __deepcopy__(self, seen: dict[int, Any]) -> "Walker":
        """The same person with a client of their own."""
        return Walker(copy.deepcopy(self.user, seen))


@dataclass
class World:
    kind: CredentialType
    course: Course
    written: Activity
    practical: Activity
    day: ExamDay
    registrar: Walker
    chief: Walker
    author: Walker
    examiners: list[Walker]
    visitor: Walker = field(default_factory=Walker)

    # What a candidate does

    def newcomer(self, name: str = "Orla Brandreth", **fields: Any) -> Walker:
        return Walker(person(name=name, **fields))

    def apply(self, walker: Walker) -> str:
        """The uuid of the application."""
        body = {
            "credential_type": self.kind.code,
            "name_on_id": str(walker.user),
            "agreed": True,
            "listed": True,
        }
        return walker.post("applications/", body)["uuid"]

    def send(self, walker: Walker, application: str, requirement: str, **fields: Any) -> str:
        """The uuid of a document that is current for a year."""
        body = {
            "application": application,
            "requirement": requirement,
            "file": scheme.a_file(scheme.PDF + uuid4().bytes),
            "valid_until": next_year(),
            **fields,
        }
        return walker.post("documents/", body, form=True)["uuid"]

    def accept_documents(self, walker: Walker, application: str, *requirements: str) -> None:
        for requirement in requirements:
            document = self.send(walker, application, requirement)
            code = f"{requirement[0].upper()}1"
            self.registrar.post(
                f"documents/{document}/review/",
                {"outcome": "met", "reason_code": code, "valid_until": next_year()},
                expect=200,
            )

    def study(self, walker: Walker) -> dict[str, Any]:
        """Enrol and do what is next until nothing is; returns the enrolment as it then stands."""
        enrolment = walker.post("enrolments/", {"course": self.course.code})
        while (step := walker.get(f"enrolments/{enrolment['uuid']}/")["next"]) is not None:
            if step["kind"] == "lesson":
                walker.post(f"activities/{step['uuid']}/complete/", expect=200)
            else:
                self.sit(walker, step["uuid"])
        return walker.get(f"enrolments/{enrolment['uuid']}/")

    def sit(self, walker: Walker, activity: Any, right: int = QUESTIONS) -> dict[str, Any]:
        """Answer a quiz, `right` questions rightly, and submit it. The keys come from the authors' interface."""
        keys = {
            item["stem"]: item["key"]
            for item in self.author.get("items/", quiz=activity)["results"]
        }
        attempt = walker.post(f"activities/{activity}/attempts/")
        for question in attempt["questions"]:
            key = keys[question["stem"]]
            wrong = next(row["id"] for row in question["options"] if row["id"] != key["choice"])
            answer = key if question["position"] <= right else {"choice": wrong}
            walker.put(
                f"attempts/{attempt['uuid']}/responses/{question['position']}/",
                {"answer": answer, "flagged": False, "seq": 1},
            )
        return walker.post(f"attempts/{attempt['uuid']}/submit/", expect=200)

    def sit_written(self, walker: Walker, right: int = QUESTIONS) -> dict[str, Any]:
        walker.post("enrolments/", {"course": self.written.module.course.code})
        return self.sit(walker, str(self.written.uuid), right)

    # What happens at the table

    def expect(self, walker: Walker) -> str:
        """Offer an appointment, accept it, and assign both examiners to every station."""
        body = {"exam_day": str(self.day.uuid), "candidate": str(walker.user.uuid)}
        appointment = self.registrar.post("appointments/", body)["uuid"]
        walker.post(f"appointments/{appointment}/accept/", expect=200)
        for code in STATIONS:
            for place, examiner in zip("AB", self.examiners, strict=True):
                self.assign(appointment, code, place, examiner)
        return appointment

    def assign(
        self, appointment: str, code: str, place: str, examiner: Walker, expect: int = 201
    ) -> Any:
        body = {
            "appointment": appointment,
            "station": code,
            "place": place,
            "examiner": str(examiner.user.uuid),
        }
        return self.registrar.post("practicals/assignments/", body, expect=expect)

    def examine(self, **changes: dict[str, Any]) -> None:
        """The day has come: both examiners sign every sheet they have not signed; `P1B={"ratings": {2: 0}}` changes one."""
        ExamDay.objects.filter(pk=self.day.pk).update(date=timezone.localdate())
        for place, examiner in zip("AB", self.examiners, strict=True):
            for row in examiner.get("practicals/assignments/")["results"]:
                assignment = examiner.get(f"practicals/assignments/{row['uuid']}/")
                if assignment["sheet"] and assignment["sheet"]["final"]:
                    continue
                code = assignment["station"]
                body = sheet(code, **changes.get(f"{code}{place}", {}))
                examiner.put(
                    f"practicals/assessments/{uuid4()}/",
                    {**body, "assignment": row["uuid"]},
                    expect=201,
                )

    # What others see

    def states(self, walker: Walker, application: str) -> dict[str, str]:
        rows = walker.get(f"applications/{application}/")["requirements"]
        return {row["code"]: row["state"] for row in rows}

    def verify(self, number: str, **query: Any) -> dict[str, Any]:
        return self.visitor.get(f"verify/{number}/", **query)

    def another_registrar(self) -> Walker:
        return Walker(person(Role.REGISTRAR, name="Solveig Dahl"))

    def change(
        self,
        credential: dict[str, Any],
        verb: str,
        reason: str,
        expect: int = 200,
        by: Walker | None = None,
    ) -> Any:
        return (by or self.registrar).post(
            f"credentials/{credential['public_id']}/{verb}/",
            {"reason_code": reason, "note": "n"},
            expect=expect,
        )


def next_year() -> date:
    return timezone.now().date() + timedelta(days=365)


def build() -> World:
    at = timezone.now()
    kind = scheme.scheme(code="SMT")
    practical_requirement = scheme.add(kind, "practical", Requirement.Kind.ACTIVITY)
    add_items(QUESTIONS + 4)
    add_items(QUESTIONS + 6, pool=Pool.SECURE)
    course = CourseFactory(code="SMT-PREP", title="Preparation", hours=470)
    course.satisfies.add(scheme.need(kind, "education"))
    first = ModuleFactory(course=course, position=1)
    second = ModuleFactory(course=course, position=2)
    second.requires.add(first)
    for position, module in enumerate((first, first, second), start=1):
        ActivityFactory(module=module, position=position)
    check = ActivityFactory(module=second, kind=Activity.Kind.QUIZ, position=9, title="Check")
    load_quiz(activity=check, pool=Pool.PRACTICE, cells=[("D1", "", 4)], at=at)
    exams = CourseFactory(
        code="SMT-EXAMS", title="Examinations", hours=0, access=Course.Access.APPLICATION
    )
    written = ActivityFactory(
        module=ModuleFactory(course=exams), kind=Activity.Kind.QUIZ, title="Written examination"
    )
    written.satisfies.add(scheme.need(kind, "written"))
    load_quiz(
        activity=written,
        pool=Pool.SECURE,
        cells=[("D1", "", QUESTIONS)],
        time_limit_minutes=150,
        pass_percent=68,
        attempts_allowed=3,
        wait_days=30,
        at=at,
    )
    practical = ActivityFactory(
        module=written.module, kind=Activity.Kind.PRACTICAL, title="Practical examination"
    )
    practical.satisfies.add(practical_requirement)
    registrar = person(Role.REGISTRAR, name="Amélie Moreau")
    examiners = [person(Role.EXAMINER, name=name) for name in ("Marek Novotný", "Aoife Brennan")]
    return World(
        kind=kind,
        course=course,
        written=written,
        practical=practical,
        day=_day(practical, registrar, examiners, at),
        registrar=Walker(registrar),
        chief=Walker(person(Role.CHIEF_EXAMINER, name="Maja Lindqvist")),
        author=Walker(person(Role.ITEM_AUTHOR, name="Henrik Brandt")),
        examiners=[Walker(examiner) for examiner in examiners],
    )


def _day(practical: Activity, registrar: User, examiners: list[User], at: Any) -> ExamDay:
    load_checklists(*STATIONS)
    data = plan_data(
        [(code, "") for code in STATIONS],
        pass_rule={
            "total_cut_percent": 65,
            "stations_passed_min": 6,
            "station_cut_percent": 60,
        },
    )
    plan = load_exam_plan(practical, data, at)
    day = ExamDay.objects.create(
        plan=plan,
        date=at.date() + timedelta(days=5),
        begins_at=time(9),
        place="Tarn Sports Hall",
        capacity=4,
    )
    day.examiners.set(examiners)
    draw_stations(exam_day=day, by=registrar, at=at, seed=1)
    return day
