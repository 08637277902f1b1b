"""What happened before you came: everybody in the demonstration at their stage, told as calls of services with dates in the past."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from hashlib import sha256

from accounts.models import ConflictDeclaration, Organisation, Role, User
from accounts.services import (
    accommodate,
    declare_conflict,
    give_roles,
    invite,
    open_account,
    read_all_notices,
    record_teaching,
)
from courses.models import Cohort
from courses.services import enrol, record_session, staff_class
from credentials.models import Application, Credential
from credentials.services import (
    ask_exemption,
    reinstate,
    remind_of_expiry,
    renew,
    revoke,
    suspend,
)
from lms.demo.acts import Acts, Clock
from lms.demo.aftermath import Aftermath
from lms.demo.cast import ACCOUNTS, EVERYBODY, EXAMINERS, PASSWORD
from lms.demo.raising import Raising
from lms.demo.renewing import tell_renewals
from quizzes.models import Attempt, Incident, ItemRuling
from quizzes.services import (
    end_break,
    report_incident,
    rule_on_item,
    submit_attempt,
    take_break,
)

Say = Callable[[str], None]
HALL = (
    "Tarn Sports Hall",
    "2 Mill Lane, Tarn. Entrance from the river side; the bus 14 stops at the door.",
)
COLLEGE = (
    "Aldermoor College, practice rooms",
    "Aldermoor Road 40, second floor, rooms 2.10 to 2.18.",
)
YEAR = 365


class Story:
    """The people by key, and the acts they do."""

    def __init__(self, clock: Clock, say: Say) -> None:
        self.clock, self.say = clock, say
        self.people: dict[str, User] = {}

    def tell(self) -> None:
        self._accounts()
        self.acts = Acts(self.clock, self.people["registrar"])
        self._classes()
        self._holders()
        self._whole_course()
        self._afterwards()
        self._current_papers()
        tell_renewals(self.people, self.clock)
        self._applicants()
        self._cases()
        self._examinations()
        self.say("Practicals that did not end with the first result")
        Aftermath(self.acts, self.people).tell()
        self._learners()
        self._invited()
        self._reminders()
        self._read_old_notices()

    def _accounts(self) -> None:
        self.say("People and their roles")
        signs_in = {part.key for part in ACCOUNTS}
        opened = self.clock.ago(3 * YEAR)
        for part in EVERYBODY:
            user, _new = open_account(
                email=part.email,
                name=part.name,
                password=PASSWORD if part.key in signs_in else None,
                by=None,
                at=opened,
            )
            give_roles(user=user, roles=part.roles, by=None, at=opened)
            self.people[part.key] = user
        self._organisations()

    def _organisations(self) -> None:
        """Where people work: colleagues do not examine each other."""
        since = self.clock.day(3 * YEAR)
        for name, position, keys in (
            ("Aldermoor College", "Lecturer", ("instructor", "examiner3")),
            ("Tarn Physio Rooms", "Therapist", ("examiner5", "examiner6")),
        ):
            school = Organisation.objects.create(name=name)
            for person in self._named(*keys):
                school.memberships.create(user=person, position=position, began_on=since)

    def _named(self, *keys: str) -> list[User]:
        return [self.people[key] for key in keys]

    @property
    def _all_examiners(self) -> list[User]:
        return self._named("examiner1", "examiner2", *(part.key for part in EXAMINERS))

    # Classes

    def _classes(self) -> None:
        """The instructor's two classes: one that began in autumn, one that has finished."""
        course = self.acts.course
        self.finished = Cohort.objects.create(
            course=course,
            title="Weekend class",
            begins_on=self.clock.day(430),
            ends_on=self.clock.day(70),
        )
        self.autumn = Cohort.objects.create(
            course=course, title="Autumn class", begins_on=self.clock.day(76)
        )
        for cohort, days in ((self.finished, 430), (self.autumn, 76)):
            staff_class(
                cohort=cohort, instructors=self._named("instructor"), at=self.clock.ago(days)
            )

    # Those who hold the credential

    def _holders(self) -> None:
        """Four exam days in the past; whoever passed holds the credential since then."""
        self.say("Holders: the whole way, some years back")
        self._certify(["gareth", "sven"], days_ago=790, place=HALL)
        self._certify(["ana", "tunde"], days_ago=708, place=COLLEGE)
        self._certify(["katarzyna", "dmitri", "ingrid"], days_ago=455, place=HALL)

    def _certify(self, keys: list[str], *, days_ago: int, place: tuple[str, str]) -> None:
        """People who trained elsewhere apply, send documents, pass both examinations on the same day as each other."""
        acts, clock = self.acts, self.clock
        people = self._named(*keys)
        for number, person in enumerate(people):
            applied = clock.ago(days_ago + 80 - number, 9, 12)
            application = acts.apply(person, at=applied, listed=person.name != "Tunde Adeyemi")
            acts.settle_documents(application, at=applied + timedelta(hours=5), education=True)
            acts.sit_written(
                person, at=clock.ago(days_ago + 45 - number, 10), right=0.80 + 0.04 * number
            )
        self._hold_day(people, days_ago=days_ago, place=place)

    def _hold_day(self, people: list[User], *, days_ago: float, place: tuple[str, str]) -> None:
        acts, clock = self.acts, self.clock
        day = acts.exam_day(clock.ago(days_ago, 9), place, self._all_examiners)
        appointments = acts.expect(day, people, offered=clock.ago(days_ago + 24, 14))
        acts.assign(day, at=clock.ago(days_ago + 20, 15))
        for appointment in appointments:
            acts.examine(appointment)

    def _whole_course(self) -> None:
        """The holder, and others of the finished class, came through our own course."""
        self.say("The weekend class: 470 hours each")
        acts, clock = self.acts, self.clock
        people = self._named("holder", "leilani")
        for number, person in enumerate(people):
            acts.take_whole_course(
                person, since=clock.ago(425 - number, 18), days=110, cohort=self.finished
            )
            applied = clock.ago(300 - number, 8, 40)
            application = acts.apply(person, at=applied)
            acts.settle_documents(
                application, at=applied + timedelta(hours=2), until={"insurance": clock.day(-90)}
            )
            # Leilani has as many points as the pass mark asks for, and none to spare.
            just = person == people[1]
            acts.sit_written(person, at=clock.ago(272 - number, 10), right=0.9, just=just)
        self._hold_day(people, days_ago=244, place=COLLEGE)
        for key in ("candidate", "mateus"):
            acts.take_whole_course(
                self.people[key], since=clock.ago(420, 18), days=300, cohort=self.finished
            )

    def _afterwards(self) -> None:
        """What happened to credentials since they were issued."""
        self.say("Renewals, suspensions, a revocation")
        clock, registrar = self.clock, self.people["registrar"]

        def of(key: str) -> Credential:
            return Credential.objects.get(holder=self.people[key])

        renew(
            credential=of("sven"), reason_code="N1", by=registrar, at=clock.ago(95, 11),
            hours=26, ethics_hours=4, note="26 hours, 4 of them in ethics; documents complete.",
        )  # fmt: skip
        suspend(
            credential=of("katarzyna"), reason_code="S2", by=registrar, at=clock.ago(19, 16, 20),
            note="Reminders of 90 and 30 days were not answered.",
        )  # fmt: skip
        suspend(
            credential=of("ingrid"),
            reason_code="S6",
            by=registrar,
            at=clock.ago(200, 10),
            note="Parental leave.",
        )
        reinstate(credential=of("ingrid"), reason_code="T4", by=registrar, at=clock.ago(80, 9, 30))
        self._rule_out()
        revoke(  # four eyes: one proposes, the other approves
            credential=of("dmitri"), reason_code="R2", by=registrar, at=clock.ago(151, 15),
            note="The college named on the transcript has no record of him; he was heard on the case.",
        )  # fmt: skip
        revoke(credential=of("dmitri"), by=self.people["registrar2"], at=clock.ago(150, 15))

    def _current_papers(self) -> None:
        """What holders have sent since: current papers, but for one that has just run out and one that ends soon."""
        self.say("Current papers of holders")
        acts, clock = self.acts, self.clock
        ends = {"gareth": -160, "sven": -200, "ana": -19, "tunde": -140, "ingrid": -120}
        for number, (key, day) in enumerate(ends.items()):
            application = Application.objects.get(applicant=self.people[key])
            for code in ("licence", "insurance", "first-aid"):
                gone = (key, code) == ("tunde", "first-aid")
                until = clock.day(6 if gone else day if code == "insurance" else day - 60)
                sent = acts.send(application, code, at=clock.ago(170 - number, 12), until=until)
                acts.accept(sent, at=clock.ago(168 - number, 10))

    def _cases(self) -> None:
        """Appeals and concerns at their stages, and an exception that waits for the second registrar."""
        clock, people = self.clock, self.people
        Raising(self.acts, people).tell_others()
        registrar, second = people["registrar"], people["registrar2"]
        priya = Application.objects.get(applicant=people["priya"])
        ask_exemption(
            application=priya, requirement=self.acts.requirements["first-aid"], ground="ours",
            reason="Our reply to her question about the course was four weeks late, and it is held again in spring.",
            approver=second, by=registrar, valid_until=clock.day(-120), at=clock.ago(2, 10),
        )  # fmt: skip

    def _rule_out(self) -> None:
        """A question of the written examination turns out to be wrong. Void, it takes one pass below the mark, and a credential rests on it."""
        attempt = Attempt.objects.get(
            learner=self.people["leilani"], quiz__activity=self.acts.written
        )
        right = attempt.responses.filter(
            points=1, item_version__content__type="single", item_version__rulings=None
        )
        rule_on_item(
            version=right.order_by("item_version__item__code")[0].item_version,
            kind=ItemRuling.Kind.VOID,
            also=[],
            reasons="The source was revised: of the four options two can now be defended, and the key is no longer the better one.",
            by=self.people["reviewer2"],
            at=self.clock.ago(1, 16),
        )

    # Those on their way

    def _applicants(self) -> None:
        self.say("Applicants and their documents")
        acts, clock, people = self.acts, self.clock, self.people
        # Priya: sent again after it came back.
        priya = acts.apply(people["priya"], at=clock.ago(26, 12))
        acts.accept(acts.send(priya, "education", at=clock.ago(26, 13)), at=clock.ago(22, 10))
        first = acts.send(priya, "licence", at=clock.ago(25, 9))
        acts.review(
            first, "more_information", "L3", at=clock.ago(21, 11), note="The back is missing."
        )
        acts.send(priya, "licence", at=clock.ago(9, 20))
        acts.accept(acts.send(priya, "insurance", at=clock.ago(24, 9)), at=clock.ago(21, 12))
        # Mei-Lin: everything sent, nothing looked at yet.
        meilin = acts.apply(
            people["meilin"],
            at=clock.ago(13, 17),
            accommodations="Extra time: 25 %, dyslexia report available.",
        )
        claims = {
            "practice": 30, "anatomy": 160, "safety": 48, "assessment": 30, "technique": 140, "clinic": 72,
        }  # fmt: skip
        for number, code in enumerate(("education", "licence", "insurance", "first-aid")):
            given = claims if code == "education" else None
            acts.send(meilin, code, at=clock.ago(12, 9, 10 * number), claims=given)
        # Elif: new today.
        elif_ = acts.apply(people["elif"], at=clock.ago(1, 19))
        acts.send(elif_, "education", at=clock.ago(1, 19, 30))
        acts.needs_no_licence(elif_, at=clock.ago(1, 19, 40), where="Scotland")
        # Thabo: did not reach the pass mark ten days ago.
        thabo = acts.apply(people["thabo"], at=clock.ago(60, 9))
        acts.settle_documents(thabo, at=clock.ago(60, 10), education=True)
        acts.sit_written(people["thabo"], at=clock.ago(10, 10), right=0.58)
        self._sitting()

    def _sitting(self) -> None:
        """Today's sitting of the written examination, in its third hour: five seats, each where it stays until somebody acts. The outsider
        sits at home.
        """
        acts, clock, people = self.acts, self.clock, self.people
        for number, key in enumerate(("noor", "bela", "keiko")):
            acts.apply(people[key], at=clock.ago(29 - number, 15))
        accommodate(
            person=people["meilin"], time_factor=Decimal("1.25"), break_minutes=15, larger_type=True,
            need="Sits by the door; may read half aloud.", by=people["registrar"], at=clock.ago(11, 9),
        )  # fmt: skip
        watcher = people["invigilator"]
        acts.sitting(
            self._named("meilin", "noor", "bela", "keiko", "priya"),
            opens_at=clock.now - timedelta(hours=3),
            closes_at=clock.now + timedelta(hours=8),
            place=HALL[0],
            invigilator=watcher,
        )

        def ago(minutes: float) -> datetime:
            return clock.now - timedelta(minutes=minutes)

        # The outsider: equivalent education accepted, three answers to go.
        application = acts.apply(people["outsider"], at=clock.ago(31, 9))
        acts.settle_documents(application, at=clock.ago(31, 11), education=True)
        acts.sit_written(people["outsider"], at=ago(14), minutes=14, leave=3)
        # Finished, after nearly two hours.
        acts.sit_written(people["noor"], at=ago(118), minutes=104, right=0.83)
        # With her accommodation: longer than the others had, a break in between, and done.
        hsu = acts.sit_written(people["meilin"], at=ago(178), minutes=150, right=0.81, leave=2)
        acts.alive(hsu, since=ago(178), until=ago(26))
        take_break(uuid=hsu.uuid, by=people["meilin"], at=ago(26))
        end_break(uuid=hsu.uuid, by=people["meilin"], at=ago(16))
        submit_attempt(uuid=hsu.uuid, by=people["meilin"], at=ago(12))
        # The network at his seat failed and has not come back; the invigilator has reported it.
        computer = sha256(b"the computer at seat 3").hexdigest()
        szabo = acts.sit_written(people["bela"], at=ago(96), minutes=64, leave=41, device=computer)
        acts.alive(szabo, since=ago(96), until=ago(31))
        report_incident(
            attempt=szabo, kind=Incident.Kind.OUTAGE, by=watcher, at=ago(22),
            what="The network of the back row has failed. He keeps his seat and writes nothing; another device is being set up.",
        )  # fmt: skip
        # Her time ran out meanwhile, and the clock closed it. It can be given back.
        priya = acts.sit_written(people["priya"], at=ago(166), minutes=148, leave=9)
        acts.alive(priya, since=ago(166), until=ago(31))
        report_incident(
            attempt=priya, kind=Incident.Kind.OUTAGE, by=watcher, at=ago(21),
            what="The same network, one seat further. She had nine questions to go when it failed, and no way to answer them.",
        )  # fmt: skip
        submit_attempt(uuid=priya.uuid, by=None, at=ago(15))

    def _examinations(self) -> None:
        """The practical that waits for two signatures, last week's held one, and the next exam day."""
        self.say("Examinations: just over, held, and to come")
        acts, clock, people = self.acts, self.clock, self.people
        pair = self._named("examiner1", "examiner2")
        # The candidate, examined just now: seven stations signed, the last one scored but not signed.
        nia = people["candidate"]
        application = acts.apply(nia, at=clock.ago(64, 9))
        raising = Raising(acts, people)
        raising.tell_closed(application)
        acts.settle_documents(application, at=clock.ago(56, 12))
        raising.tell_open(application)
        acts.sit_written(nia, at=clock.ago(33, 10), right=0.88)
        self._just_over(nia, pair)
        # Kwame, examined three days ago: two sheets far apart.
        kwame = people["kwame"]
        application = acts.apply(kwame, at=clock.ago(75, 9))
        acts.settle_documents(application, at=clock.ago(75, 12), education=True)
        acts.sit_written(kwame, at=clock.ago(40, 10), right=0.83)
        day = acts.exam_day(clock.ago(3, 9), HALL, pair, capacity=1)
        (appointment,) = acts.expect(day, [kwame], offered=clock.ago(20, 14))
        acts.assign(day, at=clock.ago(15, 15))
        acts.examine(appointment, weak="P1")
        self._next_day()

    def _just_over(self, candidate: User, pair: list[User]) -> None:
        acts, clock = self.acts, self.clock
        day = acts.exam_day(clock.circuit_just_over(), COLLEGE, pair, capacity=1)
        (appointment,) = acts.expect(day, [candidate], offered=clock.ago(19, 14))
        acts.assign(day, at=clock.ago(14, 15))
        acts.arrive(appointment)
        *before, last = acts.stations_of(appointment)
        for station in before:
            for assignment in station:
                acts.sign(assignment)
        for assignment in last:
            acts.prepare(assignment)

    def _next_day(self) -> None:
        """Nine days from now. One examiner taught one candidate: the plan shows who may not examine whom, and why."""
        acts, clock, people = self.acts, self.clock, self.people
        coming = self._named("yusuf", "lucia", "siobhan")
        for number, person in enumerate(coming):
            application = acts.apply(person, at=clock.ago(50 + number, 9))
            acts.settle_documents(application, at=clock.ago(50 + number, 12), education=True)
            acts.sit_written(person, at=clock.ago(21 + number, 10), right=0.84)
        record_teaching(
            teacher=people["examiner3"], learner=people["lucia"], subject="Trigger point workshop",
            taught_on=clock.day(410), minutes=360, by=people["examiner3"], at=clock.ago(409),
        )  # fmt: skip
        declare_conflict(
            examiner=people["examiner6"], candidate=people["yusuf"], kind=ConflictDeclaration.Kind.OBJECTION,
            note="He treated me for a year.", by=people["yusuf"], at=clock.ago(10, 18),
        )  # fmt: skip
        day = acts.exam_day(clock.ago(-9, 9), HALL, self._all_examiners)
        acts.expect(day, self._named("yusuf", "lucia"), offered=clock.ago(8, 14))
        acts.expect(day, self._named("siobhan"), offered=clock.ago(2, 14), accepted=False)
        acts.assign(day, at=clock.ago(1, 15))
        acts.lie_down(day, at=clock.ago(1, 16))
        acts.ask(
            people["noor"], [day], "Mornings are best; I travel from York.", at=clock.ago(1, 19)
        )

    # Those who learn

    def _learners(self) -> None:
        self.say("The autumn class at its different places")
        acts, clock, people = self.acts, self.clock, self.people
        progress = {
            "student": (4, 1),
            "giulia": (6, 2),
            "omar": (2, 3),
            "ruth": (5, 0),
            "finn": (0, 1),
            "hana": (3, 0),
        }
        began = clock.ago(74, 18)
        for key, (modules, lessons) in progress.items():
            enrolment, _new = enrol(
                learner=people[key], course=acts.course, cohort=self.autumn, at=began
            )
            days = 20 if key == "finn" else 72
            acts.study(
                people[key], enrolment, modules=modules, lessons=lessons, since=began, days=days
            )
        for days, subject in (
            (60, "Palpation of the lower limb"),
            (32, "Screening: role play"),
            (11, "End-feel"),
        ):
            record_session(
                cohort=self.autumn,
                learners=self._named("student", "giulia", "omar", "ruth"),
                subject=subject,
                taught_on=clock.day(days),
                minutes=180,
                by=people["instructor"],
                at=clock.ago(days, 21),
            )
        self._student()

    def _student(self) -> None:
        """Practised in module 5; applied early; one document accepted and running out, one came back, one waits."""
        acts, clock, tomas = self.acts, self.clock, self.people["student"]
        check = acts.quiz_of(module=5)
        acts.sit(tomas, check, at=clock.ago(2, 20), minutes=11, right=0.5)
        application = acts.apply(tomas, at=clock.ago(40, 9))
        aid = acts.send(application, "first-aid", at=clock.ago(40, 10), until=clock.day(-52))
        acts.accept(aid, at=clock.ago(36, 11))
        insurance = acts.send(application, "insurance", at=clock.ago(12, 20), until=clock.day(-200))
        acts.review(
            insurance, "more_information", "I3", at=clock.ago(4, 11), note="Page 2 is missing."
        )
        acts.send(application, "licence", at=clock.ago(3, 20))

    def _invited(self) -> None:
        """An examiner to be, whose answer is awaited."""
        invite(
            email="henrike.lund@example.org",
            name="Henrike Lund",
            roles=[Role.EXAMINER],
            by=self.people["registrar"],
            at=self.clock.ago(2, 15),
        )

    def _reminders(self) -> None:
        """Week by week, what the sweep would have told holders whose credential was about to end."""
        for days in range(168, 0, -7):
            remind_of_expiry(at=self.clock.ago(days, 6))

    def _read_old_notices(self) -> None:
        """What is older than a fortnight has been read."""
        for person in self.people.values():
            read_all_notices(by=person, at=self.clock.now, until=self.clock.ago(14))
