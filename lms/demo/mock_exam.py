"""A mock examination that waits for its release: one fixed form, three dozen candidates answered it by a seeded pattern, one of its questions
has turned out to be wrong, and three essays still want a marker.
"""

import random
from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from math import exp
from typing import Any
from uuid import UUID

from accounts.models import User
from accounts.services import open_account
from courses.models import Activity, Course
from courses.services import enrol, place_activity, place_course, place_module
from lms.demo.acts import Clock, right_answer
from quizzes.models import Attempt, ItemRuling, ItemVersion, Pool, Quiz, Response
from quizzes.services import (
    draw_form,
    hash_of,
    load_domain,
    load_item,
    load_quiz,
    mark_essay,
    release_results,
    rule_on_item,
    save_response,
    set_form,
    sign_form,
    start_attempt,
    submit_attempt,
)

PAGES = [UUID(int=0xA0C0 + number, version=4) for number in range(3)]
MANY = 36
EARLY = 5  # sat a day before the others, and have been told

ESSAY: dict[str, Any] = {
    "code": "M-ESSAY-01",
    "type": "essay",
    "domain": "EV",
    "level": "analyse",
    "stimulus": "At the finish of a summer half marathon a runner lies down on your table. He is confused, talks slowly and asks three times where he is. His skin is hot.",
    "stem": "Write what you do in the next five minutes, in order, and what you hand over to whom.",
    "reference": "Palpate contraindication register, 2026",
    "essay": {
        "points": 6,
        "tolerance": 1,
        "words": 120,
        "model": "No massage. I call the medical team at once and say: collapsed after the finish, confused, hot. I stay with him, lay him in the shade, take off what he does not need, and cool him with whatever is there, water and ice to the whole body, while help is coming. I keep watch on his breathing and do not give him anything to drink while he is confused. To the medical team I hand over when he finished, what I saw and when, and what I did. Afterwards I write it down.",
        "rubric": [
            {"text": "Does not treat, and calls the medical team at once", "points": 2},
            {"text": "Cools the whole body without waiting, and stays with him", "points": 2},
            {"text": "Gives a confused person nothing to drink", "points": 1},
            {"text": "Hands over times, signs and what was done, and records it", "points": 1},
        ],
    },
}
TEXTS = [
    "I do not massage him. I call the medics on the radio: runner down, confused, hot. I cool him with water and ice all over and stay with him. Nothing to drink while he is confused. I tell the medics when he came in, what I saw and what I did, and write it down afterwards.",
    "Call the medical team first. Then shade, take off the vest, ice and water on the whole body. I stay and watch his breathing. I tell the doctor what happened and since when.",
    "He is probably low on salt. I let him lie with his legs up, give him water in small sips and call the medical tent if he is not better after a few minutes.",
    "I stop and call for help. Confused and hot means heat stroke until somebody shows otherwise, so cooling cannot wait: cold water, ice, wet towels changed all the time. No drinking. Hand over to the race doctor: finish time, confused since, cooled since.",
    "I would calm him down with slow effleurage on the back, put a wet towel on his head and get somebody from the medical team to have a look at him.",
]
# What the two markers give each text, line by line.
GIVEN = [
    ((2, 2, 1, 1), (2, 2, 1, 1)),
    ((2, 2, 0, 1), (2, 2, 0, 0)),
    ((0, 0, 0, 0), (1, 0, 0, 0)),
    ((2, 2, 1, 1), (2, 2, 1, 0)),
    ((0, 1, 0, 0), (0, 0, 0, 0)),
]


class MockExamination:
    """Its own small course, so that nothing here counts towards a credential."""

    def __init__(self, people: Mapping[str, User], clock: Clock) -> None:
        self.people, self.clock = people, clock
        self.chance = random.Random(1997)

    def hold(self) -> None:
        clock = self.clock
        quiz = self._set_up(clock.ago(60))
        self._lock_form(quiz, clock.ago(40))
        early = [self._sit(quiz, number, clock.ago(9, 10)) for number in range(EARLY)]
        self._mark_essays(early, clock.ago(8))
        release_results(quiz=quiz, attempts=early, by=self.people["registrar"], at=clock.ago(7, 15))
        late = [self._sit(quiz, number, clock.ago(6, 10)) for number in range(EARLY, MANY)]
        self._mark_essays(late[3:], clock.ago(4))
        self._begin_marking(late[:3], clock.ago(4, 14))
        self._rule(quiz, clock.ago(2, 16))

    def _set_up(self, at: datetime) -> Quiz:
        load_domain(code="EV", title="Emergencies at events, in writing", position=90, at=at)
        load_item(data={**ESSAY, "review_by": clock_day(at, 700)}, pool=Pool.SECURE, at=at)
        course = place_course(
            page_key=PAGES[0],
            at=at,
            code="MOCK",
            edition="2026",
            title="Mock examination",
            lede="Ten questions under the conditions of the real one.",
            hours=0,
            access=Course.Access.OPEN,
            is_open=True,
            path="",
        )
        module = place_module(
            page_key=PAGES[1], course=course, at=at, code="M", title="Mock examination", hours=0
        )
        activity = place_activity(
            page_key=PAGES[2],
            module=module,
            kind=Activity.Kind.QUIZ,
            at=at,
            code="M1",
            title="Mock written examination",
            minutes=30,
            required=True,
        )
        return load_quiz(
            activity=activity,
            pool=Pool.SECURE,
            cells=[("D1", "", 3), ("D5", "", 4), ("D7", "", 2), ("EV", "analyse", 6)],
            time_limit_minutes=30,
            pass_percent=60,
            attempts_allowed=2,
            wait_days=14,
            release=Quiz.Release.BY_PERSON,
            scale_cut=500,
            scale_max=800,
            delivery=Quiz.Delivery.FORM,
            agreement=Quiz.objects.get(activity__code="SMT-WRITTEN").agreement,
            at=at,
        )

    def _lock_form(self, quiz: Quiz, at: datetime) -> None:
        by = self.people["reviewer"]
        form = draw_form(quiz=quiz, by=by, at=at, seed=11)
        form = set_form(
            form=form,
            by=by,
            at=at,
            pass_percent=Decimal(60),
            standard="Set by the faculty for practice; no standard was set by a panel.",
        )
        choices = form.items.filter(
            version__content__type="single", version__rulings=None
        ).order_by("position")
        self.wrong_key, self.easy = (row.position for row in choices[1:5:3])
        for name in ("reviewer", "reviewer2"):
            sign_form(form=form, form_hash=hash_of(form), by=self.people[name], at=at)

    # Sitting it

    def _candidate(self, number: int, at: datetime) -> User:
        if number == 0:
            return self.people["holder"]
        if number == EARLY:
            return self.people["student"]
        person, _new = open_account(
            email=f"mock{number}@example.org",
            name=f"Mock Candidate {number}",
            password=None,
            by=None,
            at=at - timedelta(days=30),
        )
        return person

    def _sit(self, quiz: Quiz, number: int, at: datetime) -> Attempt:
        person = self._candidate(number, at)
        ability = 0.2 + 1.9 * ((number * 7) % MANY / MANY - 0.5) * 2
        if number in (0, 2):  # who reads a fail
            ability = -1.2
        enrol(learner=person, course=quiz.activity.module.course, at=at - timedelta(days=20))
        attempt, _new = start_attempt(activity=quiz.activity, by=person, at=at, agreed=True)
        rows = list(attempt.responses.select_related("item_version").order_by("position"))
        for row in rows:
            save_response(
                uuid=attempt.uuid,
                position=row.position,
                answer=self._answer(row, ability, number),
                flagged=False,
                seq=1,
                by=person,
                at=at + timedelta(minutes=2 * row.position),
            )
        submit_attempt(uuid=attempt.uuid, by=person, at=at + timedelta(minutes=26))
        return attempt

    def _answer(self, row: Response, ability: float, number: int) -> dict[str, Any]:
        """Whoever knows more answers rightly more often; of one question the better ones choose what its key says is wrong."""
        version = row.item_version
        if version.content["type"] == "essay":
            return {"text": TEXTS[(number + 2) % len(TEXTS)]}
        chance = self.chance.random()
        if row.position == self.easy:
            return right_answer(version)
        if row.position == self.wrong_key:
            knows = chance < 1 / (1 + exp(-2.2 * ability))
            return wrong_choice(version, 0) if knows else right_answer(version)
        if chance < 1 / (1 + exp(-1.6 * (ability + 0.6 - 0.15 * row.position))):
            return right_answer(version)
        return wrong_choice(version, self.chance.randrange(3))

    # Essays

    def _text_of(self, attempt: Attempt) -> int:
        """Which text this one wrote."""
        return TEXTS.index((self._essay_of(attempt).answer or {})["text"])

    def _essay_of(self, attempt: Attempt) -> Response:
        return attempt.responses.get(item_version__content__type="essay")

    def _mark(self, attempt: Attempt, who: str, points: tuple[int, ...], at: datetime) -> None:
        essay = self._essay_of(attempt)
        rubric = essay.item_version.content["scoring"]["rubric"]
        lines = {line["id"]: given for line, given in zip(rubric, points, strict=True)}
        mark_essay(response=essay, marker=self.people[who], lines=lines, comment="", at=at)

    def _mark_essays(self, attempts: list[Attempt], at: datetime) -> None:
        for attempt in attempts:
            text = self._text_of(attempt)
            for who, points in zip(("reviewer", "reviewer2"), GIVEN[text], strict=True):
                self._mark(attempt, who, points, at)

    def _begin_marking(self, attempts: list[Attempt], at: datetime) -> None:
        """One essay has its first mark, two have none."""
        text = self._text_of(attempts[0])
        self._mark(attempts[0], "reviewer2", GIVEN[text][1], at)

    # The question that was wrong

    def _rule(self, quiz: Quiz, at: datetime) -> None:
        attempt = quiz.attempts.order_by("pk")[0]
        rule_on_item(
            version=attempt.responses.get(position=self.wrong_key).item_version,
            kind=ItemRuling.Kind.VOID,
            also=[],
            reasons="The better candidates chose another answer than the key. Read again against its source, the question can be understood in two ways, and both answers can be defended.",
            by=self.people["reviewer2"],
            at=at,
        )


def clock_day(at: datetime, days: int) -> Any:
    return (at + timedelta(days=days)).date()


def wrong_choice(version: ItemVersion, which: int) -> dict[str, Any]:
    """A wrong option of a choice, always the same for the same `which`; for other types, nothing is chosen."""
    content = version.content
    wrong = sorted(
        option["id"]
        for option in content["options"]
        if option["id"] != content["key"].get("choice")
    )
    if content["type"] not in ("single", "truefalse"):
        return {"choices": wrong[:1]} if content["type"] == "multiple" else right_answer(version)
    return {"choice": wrong[which % len(wrong)]}
