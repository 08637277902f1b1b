"""What people of the demonstration do, always through the services that everybody's clicks go through. Time is given, never the clock's."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import cached_property
from math import ceil
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from accounts.models import User
from courses.models import Activity, Course, Enrolment
from courses.services import admit, complete_lesson, enrol, outline
from credentials.models import Application, Credential, CredentialType, Document, Requirement
from credentials.services import apply, review_document, upload_document
from lms.demo.papers import paper
from practicals.models import Appointment, Assignment, ExamDay, ExamPlan, PracticalAssessment
from practicals.services import (
    answer_appointment,
    ask_for_date,
    auto_assign,
    check_in,
    draw_stations,
    keep_client,
    offer_appointment,
    place_client,
    sync_sheet,
)
from practicals.services.timetable import timetable_of
from quizzes.models import Attempt, ItemVersion, Response, Sitting
from quizzes.services import (
    here,
    save_response,
    seat,
    set_sitting,
    start_attempt,
    submit_attempt,
)

ZONE = ZoneInfo("Europe/London")
MET = {"education": "E1", "licence": "L1", "insurance": "I1", "first-aid": "F1"}
# What one candidate's way through the stations takes, the last signature included.
CIRCUIT = timedelta(hours=2, minutes=40)
NOTES = [
    "Asked about pressure twice, changed it once.",
    "Drape slipped at the hip, put right at once.",
    "Clear explanation before the change of depth.",
    "Aftercare given without notes.",
    "",
    "",
    "",
]


@dataclass(frozen=True)
class Clock:
    """Moments counted back from the day the demonstration was set up."""

    now: datetime

    def ago(self, days: float, hour: int = 10, minute: int = 0) -> datetime:
        """An hour of the day so many days ago, by the clock of the register's place."""
        day = self.now.astimezone(ZONE).date() - timedelta(days=days)
        return datetime.combine(day, time(hour, minute), ZONE)

    def day(self, days: float) -> date:
        """The date so many days ago; negative is to come."""
        return self.ago(days).date()

    def circuit_just_over(self) -> datetime:
        """When a practical began that is over by now, at an hour at which people are examined: today, or yesterday if it is too early for that."""
        begins = self.now.astimezone(ZONE) - CIRCUIT
        begins = begins.replace(minute=begins.minute // 30 * 30, second=0, microsecond=0)
        last = self.ago(0, 15)
        return min(begins, last) if begins >= self.ago(0, 8) else self.ago(1, 15)


# Client models of an exam day: name, what to leave alone, allergies.
MODELS = (
    ("Petra Lang", "left knee, scar after surgery", ""),
    ("Sam Adeyemi", "", "nut oils"),
    ("Ivo Marek", "lower back, with pressure", ""),
    ("Jun Okada", "", ""),
)


class Acts:
    """The verbs. `registrar` decides on documents and plans exam days."""

    def __init__(self, clock: Clock, registrar: User) -> None:
        self.clock, self.registrar = clock, registrar
        self.chance = random.Random(2026)
        self.days: dict[int | None, ExamDay] = {}

    @cached_property
    def kind(self) -> CredentialType:
        return CredentialType.objects.get(code="SMT", state=CredentialType.State.OPEN)

    @cached_property
    def requirements(self) -> dict[str, Requirement]:
        return {row.code: row for row in self.kind.requirements.all()}

    @cached_property
    def course(self) -> Course:
        return Course.objects.get(satisfies=self.requirements["education"], is_open=True)

    @cached_property
    def written(self) -> Activity:
        return Activity.objects.get(satisfies=self.requirements["written"])

    @cached_property
    def plan(self) -> ExamPlan:
        return ExamPlan.objects.in_force().get(activity__satisfies=self.requirements["practical"])

    # The course

    def study(
        self,
        person: User,
        enrolment: Enrolment,
        *,
        modules: int,
        since: datetime,
        days: int,
        lessons: int = 0,
    ) -> datetime:
        """Do the first `modules` of the course, and `lessons` of the next one, spread evenly over `days`. Returns when the last was done."""
        parts = outline(enrolment=enrolment)
        steps = [
            step.activity
            for part in parts[:modules]
            for step in part.steps
            if step.activity.required
        ]
        if lessons:
            steps += [step.activity for step in parts[modules].steps][:lessons]
        for number, activity in enumerate(steps, start=1):
            at = since + timedelta(days=days * number / len(steps))
            if activity.kind == Activity.Kind.LESSON:
                complete_lesson(learner=person, activity=activity, at=at)
            elif activity.kind == Activity.Kind.QUIZ:
                self.sit(person, activity, at=at, minutes=9)
        return at

    def take_whole_course(
        self, person: User, *, since: datetime, days: int, cohort: Any = None
    ) -> None:
        enrolment, _new = enrol(learner=person, course=self.course, cohort=cohort, at=since)
        self.study(person, enrolment, modules=99, since=since, days=days)

    # Quizzes and the written examination

    def sit(
        self,
        person: User,
        activity: Activity,
        *,
        at: datetime,
        minutes: int,
        right: float = 1.0,
        leave: int = 0,
        just: bool = False,
        device: str | None = None,
    ) -> Attempt:
        """Answer a quiz: a share of `right` answers, or `just` as many points as the pass mark asks for; the last `leave` questions are
        left open, and then the attempt stays open too.
        """
        attempt, _new = start_attempt(
            activity=activity, by=person, at=at, agreed=True, device=device
        )
        rows = list(attempt.responses.select_related("item_version").order_by("position"))
        wrong = set(self.chance.sample(range(len(rows)), round(len(rows) * (1 - right))))
        if just:
            wrong = self._all_but_enough(rows, attempt.pass_percent)
        answered = rows[: len(rows) - leave]
        for number, row in enumerate(answered):
            moment = at + timedelta(minutes=minutes) * (number + 1) / (len(rows) + 1)
            answer = (
                wrong_answer(row.item_version)
                if number in wrong
                else right_answer(row.item_version)
            )
            save_response(
                uuid=attempt.uuid,
                position=row.position,
                answer=answer,
                flagged=bool(leave) and number in (11, 40, 77),
                seq=1,
                by=person,
                at=moment,
            )
        if not leave:
            submit_attempt(uuid=attempt.uuid, by=person, at=at + timedelta(minutes=minutes))
        return attempt

    def _all_but_enough(self, rows: Sequence[Response], pass_percent: Decimal) -> set[int]:
        """Which to answer wrongly, so that the points of the others are the fewest that pass."""
        points = [row.item_version.points for row in rows]
        left, enough = sum(points), ceil(sum(points) * pass_percent / 100)
        wrong = set()
        for number in self.chance.sample(range(len(rows)), len(rows)):
            if left - points[number] >= enough:
                wrong.add(number)
                left -= points[number]
        return wrong

    def sit_written(
        self,
        person: User,
        *,
        at: datetime,
        right: float = 0.86,
        minutes: int = 118,
        leave: int = 0,
        just: bool = False,
        device: str | None = None,
    ) -> Attempt:
        """The written examination; 68 percent passes, `just` so many. With `leave`, it stays open at so many questions before the end."""
        admit(learner=person, activity=self.written, at=at - timedelta(minutes=5))
        return self.sit(
            person,
            self.written,
            at=at,
            minutes=minutes,
            right=right,
            leave=leave,
            just=just,
            device=device,
        )

    def sitting(
        self,
        people: Sequence[User],
        *,
        opens_at: datetime,
        closes_at: datetime,
        place: str,
        invigilator: User,
    ) -> Sitting:
        """A sitting of the written examination, with a seat for each of these."""
        made = set_sitting(
            sitting=None,
            quiz=self.written.quiz,
            place=place,
            zone=ZONE.key,
            opens_at=opens_at,
            closes_at=closes_at,
            invigilators=[invigilator],
            by=self.registrar,
            at=self.clock.ago(12, 11),
        )
        for person in people:
            seat(sitting=made, person=person, by=self.registrar, at=self.clock.ago(9, 11))
        return made

    def alive(self, attempt: Attempt, *, since: datetime, until: datetime) -> None:
        """The player's signs of life, one a minute at most."""
        while since <= until:
            here(uuid=attempt.uuid, unsent=0, by=attempt.learner, at=since)
            since += min(timedelta(seconds=55), max(until - since, timedelta(seconds=1)))

    def quiz_of(self, *, module: int) -> Activity:
        """The check at the end of a module of the course, counted from 1."""
        return Activity.objects.filter(
            module=self.course.modules.order_by("position")[module - 1], kind=Activity.Kind.QUIZ
        ).get()

    # The application and its documents

    def apply(
        self, person: User, *, at: datetime, listed: bool = True, accommodations: str = ""
    ) -> Application:
        return apply(
            by=person,
            credential_type=self.kind,
            name_on_id=person.name,
            agreed=True,
            listed=listed,
            accommodations=accommodations,
            at=at,
        )

    def send(
        self,
        application: Application,
        code: str,
        *,
        at: datetime,
        until: date | None = None,
        claims: dict[str, int] | None = None,
    ) -> Document:
        """Send a document for a requirement; `until` is its last day, a year later where it has one; `claims` hours by part."""
        requirement = self.requirements[code]
        if requirement.expires and until is None:
            until = (at + timedelta(days=365)).date()
        number = f"{code[:2].upper()}-{self.chance.randrange(10_000, 99_999)}"
        issued = (at - timedelta(days=self.chance.randrange(20, 90))).date()
        return upload_document(
            application=application,
            requirement=requirement,
            by=application.applicant,
            file=paper(
                code, name=application.name_on_id, number=number, issued=issued, until=until
            ),
            number=number,
            valid_until=until,
            at=at,
            parts={
                part: {"hours": hours, "where": "Transcript, page 1"}
                for part, hours in (claims or {}).items()
            },
            renewing=True,
        )

    def needs_no_licence(self, application: Application, *, at: datetime, where: str) -> Document:
        return upload_document(
            application=application,
            requirement=self.requirements["licence"],
            by=application.applicant,
            not_required=True,
            statement=f"I practise in {where}, where massage therapists need no licence.",
            at=at,
        )

    def accept(self, document: Document, *, at: datetime) -> None:
        code = document.requirement.code
        self.review(document, "met", "L2" if document.not_required else MET[code], at=at)

    def review(
        self, document: Document, outcome: str, reason: str, *, at: datetime, note: str = ""
    ) -> None:
        review_document(
            document=document,
            outcome=outcome,
            reason_code=reason,
            note=note,
            valid_until=document.valid_until,
            by=self.registrar,
            at=at,
        )

    def settle_documents(
        self,
        application: Application,
        *,
        at: datetime,
        education: bool = False,
        until: dict[str, date] | None = None,
    ) -> None:
        """Send every document of an application and have it accepted three days later."""
        codes = [*(["education"] if education else []), "licence", "insurance", "first-aid"]
        for number, code in enumerate(codes):
            sent = at + timedelta(minutes=7 * number)
            document = self.send(application, code, at=sent, until=(until or {}).get(code))
            self.accept(document, at=sent + timedelta(days=3, hours=2))

    # Practicals

    def exam_day(
        self, begins: datetime, place: tuple[str, str], examiners: Sequence[User], capacity: int = 8
    ) -> ExamDay:
        """A day as the registrar sets it up in Wagtail; its stations are drawn a month before."""
        day = ExamDay.objects.create(
            plan=self.plan,
            date=begins.astimezone(ZONE).date(),
            begins_at=begins.astimezone(ZONE).time().replace(second=0, microsecond=0),
            zone=str(ZONE),
            place=place[0],
            address=place[1],
            capacity=capacity,
        )
        day.examiners.set(examiners)
        self.days[day.pk] = day
        draw_stations(
            exam_day=day,
            by=self.registrar,
            at=min(begins - timedelta(days=30), self.clock.now),
            seed=self.chance.randrange(9999),
        )
        return day

    def expect(
        self, day: ExamDay, people: Sequence[User], *, offered: datetime, accepted: bool = True
    ) -> list[Appointment]:
        """Offer people a place on a day; they accept the next day."""
        made = []
        for person in people:
            appointment = offer_appointment(
                exam_day=day, candidate=person, by=self.registrar, at=offered
            )
            if accepted:
                appointment = answer_appointment(
                    appointment=appointment, accept=True, by=person, at=offered + timedelta(days=1)
                )
            made.append(appointment)
        return made

    def lie_down(self, day: ExamDay, *, at: datetime) -> None:
        """Client models of a day, screened and consenting, each at the stations they are cleared for; the last one has yet to sign."""
        stations = list(day.stations.order_by("position"))
        for number, (name, avoid, allergies) in enumerate(MODELS):
            cleared = stations[number :: len(MODELS)]
            client = keep_client(
                exam_day=day,
                record={
                    "code": f"M{number + 1}",
                    "name": name,
                    "is_adult": True,
                    "screened_on": (at - timedelta(days=2)).date(),
                    "told_right_to_stop": True,
                    "chaperone": number == 2,
                    "allergies": allergies,
                    "avoid": avoid,
                    "notes": "",
                },
                cleared_for=cleared,
                consents=number < len(MODELS) - 1,
                by=self.registrar,
                at=at,
            )
            if client.is_ready:
                place_client(client=client, station=cleared[0], by=self.registrar, at=at)

    def ask(self, person: User, days: Sequence[ExamDay], words: str, *, at: datetime) -> None:
        """A candidate asks for a date."""
        ask_for_date(plan=self.plan, days=days, words=words, by=person, at=at)

    def assign(self, day: ExamDay, *, at: datetime) -> None:
        auto_assign(exam_day=day, by=self.registrar, at=at)

    def examine(self, appointment: Appointment, *, weak: str = "") -> Credential | None:
        """Both examiners score every station of an appointment and sign. `weak` names a station whose sheets differ widely."""
        self.arrive(appointment)
        for pair in self.stations_of(appointment):
            for assignment in pair:
                harsh = assignment.station.checklist.code == weak and assignment.place == "B"
                self.sign(assignment, harsh=harsh)
        return Credential.objects.filter(holder=appointment.candidate).first()

    def arrive(self, appointment: Appointment) -> None:
        """At the door: document seen, agreement made."""
        check_in(
            appointment=appointment,
            identity="passport",
            name=appointment.candidate.name,
            by=self.registrar,
            at=appointment.starts_at - timedelta(minutes=10),
        )

    def stations_of(self, appointment: Appointment) -> list[list[Assignment]]:
        """The two assignments of each station, in the order of the stations."""
        rows = appointment.assignments.select_related(
            "station__checklist",
            "examiner",
            "checklist_version",
            "appointment__candidate",
        ).order_by("station__position", "place")
        pairs: dict[int, list[Assignment]] = {}
        for row in rows:
            pairs.setdefault(row.station_id, []).append(row)
        return list(pairs.values())

    def sign(
        self, assignment: Assignment, *, harsh: bool = False, level: str = ""
    ) -> PracticalAssessment:
        """One examiner's whole sheet, synced once and signed."""
        content = self.sheet(assignment, harsh=harsh, level=level)
        content |= {"rev": 1, "final": True, "signature": assignment.examiner.name}
        ended = datetime.fromisoformat(content["finished_at"])
        at = ended + timedelta(minutes=2, seconds=self.chance.randrange(50))
        sheet, _new = sync_sheet(
            uuid=uuid4(), assignment=assignment, content=content, by=assignment.examiner, at=at
        )
        return sheet

    def prepare(self, assignment: Assignment) -> PracticalAssessment:
        """One examiner's sheet, every line scored and synced, but not signed."""
        content = self.sheet(assignment) | {"rev": 21, "final": False}
        ended = datetime.fromisoformat(content["finished_at"])
        content["finished_at"] = None
        sheet, _new = sync_sheet(
            uuid=uuid4(), assignment=assignment, content=content, by=assignment.examiner, at=ended
        )
        return sheet

    def began(self, appointment: Appointment, station_id: int) -> datetime:
        """When a candidate began at a station, after reading."""
        rounds = timetable_of(self.days[appointment.exam_day_id])
        round_at = rounds.at(appointment.place_in_circuit, station_id) or rounds.begins
        return round_at + timedelta(minutes=self.plan.reading_minutes)

    def sheet(
        self, assignment: Assignment, *, harsh: bool = False, level: str = ""
    ) -> dict[str, Any]:
        """What an examiner saw: nearly everything done; two examiners of one station agree but for a line. `level`: middling, or low: both saw little of it."""
        appointment = assignment.appointment
        began = self.began(appointment, assignment.station_id)
        lines = list(assignment.checklist_version.criteria.order_by("position"))
        seen = random.Random(f"{appointment.candidate.email} {assignment.station_id}")
        plain = [row.code for row in lines if not row.critical and row.max_points == 2]
        lower = set(seen.sample(plain, seen.randint(1, 6)))
        if assignment.place == "B":
            lower.add(self.chance.choice(plain))
        if harsh:
            lower = set(plain[:4])
        elif level:
            rest = [row.code for row in lines if not row.critical]
            lower = set(plain if level == "middling" else rest)
        length = timedelta(minutes=assignment.station.minutes)
        marks = []
        for index, row in enumerate(lines):
            rating = row.max_points
            if row.code in lower:
                rating = 0 if harsh or level == "low" else 1
            moment = began + length * (index + 1) / (len(lines) + 1)
            note = self.chance.choice(NOTES) if row.code in lower else ""
            marks.append(
                {"criterion": row.code, "rating": rating, "note": note, "at": moment.isoformat()}
            )
        return {
            "started_at": began.isoformat(),
            "finished_at": (began + length).isoformat(),
            "observations": marks,
            "violations": [],
            "global_rating": 2 if harsh or level else 4,
            "signature": "",
        }


def right_answer(version: ItemVersion) -> dict[str, Any]:
    """The key, which has the shape of an answer."""
    return version.content["key"]


def wrong_answer(version: ItemVersion) -> dict[str, Any] | None:
    """Another option where there are options to choose one of; else nothing."""
    content = version.content
    if "choice" not in content["key"]:
        return None
    others = [row["id"] for row in content["options"] if row["id"] != content["key"]["choice"]]
    return {"choice": others[0]}
