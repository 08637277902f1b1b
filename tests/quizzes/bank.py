"""A small item bank and quizzes on it, made through the same verbs the loader uses."""

import datetime as dt
from itertools import count
from typing import Any

from accounts.models import Role
from courses.models import Activity
from credentials.models import Requirement
from quizzes.frozen import contents
from quizzes.models import Attempt, Item, ItemVersion, Pool, Quiz
from quizzes.services import load_domain, load_item, load_quiz, start_attempt
from tests.factories import (
    NOW,
    ActivityFactory,
    ApplicationFactory,
    EnrolmentFactory,
    RequirementFactory,
    person,
)

numbers = count(1)

ANSWERS: dict[str, dict[str, Any]] = {
    "single": {
        "options": [
            {"text": "Over muscle", "rationale": "Muscle bears pressure."},
            {"text": "Over the vessels", "rationale": "They lie bare.", "correct": True},
            {"text": "Over bone", "rationale": "It is padded."},
            {"text": "Nowhere", "rationale": "There is one."},
        ]
    },
    "multiple": {
        "options": [
            {"text": "Swelling", "rationale": "A sign.", "correct": True},
            {"text": "Warmth", "rationale": "A sign.", "correct": True},
            {"text": "A tan", "rationale": "No sign."},
        ]
    },
    "truefalse": {"answer": True, "rationales": {True: "Right.", False: "Look again."}},
    "order": {
        "sequence": [
            {"text": "Stop", "rationale": "First."},
            {"text": "Look", "rationale": "Second."},
            {"text": "Call", "rationale": "Third."},
        ]
    },
    "match": {
        "pairs": [
            {"left": "Red", "right": "Stop", "rationale": "As at a light."},
            {"left": "Green", "right": "Go", "rationale": "As at a light."},
        ],
        "extra_right": ["Wait"],
    },
    "numeric": {
        "numeric": {"value": 110, "tolerance": 5, "unit": "degrees", "rationale": "Measured."}
    },
    "text": {"text": {"accept": ["semitendinosus"], "rationale": "The medial hamstring."}},
}


def entry(kind: str = "single", **fields: Any) -> dict[str, Any]:
    """An item as it stands in content/."""
    number = next(numbers)
    return {
        "code": f"T-{number:04d}",
        "type": kind,
        "domain": "D1",
        "level": "apply",
        "stem": f"Where do you not press? Situation {number}.",
        "reference": "Palpate contraindication register, 2026",
        "review_by": dt.date(2028, 11, 1),
        **ANSWERS[kind],
        **fields,
    }


def add_items(
    how_many: int, kind: str = "single", *, pool: str = Pool.PRACTICE, **fields: Any
) -> list[Item]:
    for number, code in enumerate(("D1", "D2", "D3")):
        load_domain(code=code, title=f"Domain {code}", position=number, at=NOW)
    return [
        load_item(data=entry(kind, **fields), pool=pool, at=NOW)[0] for _number in range(how_many)
    ]


def practice_quiz(*cells: tuple[str, str, int], **fields: Any) -> Quiz:
    """A quiz on the practice pool; by default three questions of D1."""
    activity = ActivityFactory(kind=Activity.Kind.QUIZ, module__course__hours=0)
    return load_quiz(
        activity=activity, pool=Pool.PRACTICE, cells=cells or [("D1", "", 3)], at=NOW, **fields
    )


def exam(
    *cells: tuple[str, str, int], requirement: Requirement | None = None, **fields: Any
) -> Quiz:
    """An examination that counts to a credential: two and a half hours, pass mark 68, three attempts, thirty days between."""
    activity = ActivityFactory(
        kind=Activity.Kind.QUIZ, title="Written examination", module__course__hours=0
    )
    requirement = requirement or RequirementFactory(
        kind=Requirement.Kind.ACTIVITY,
        title="Written examination",
        credential_type__code=f"T{next(numbers)}",
    )
    RequirementFactory(credential_type=requirement.credential_type, title="Insurance")
    activity.satisfies.add(requirement)
    settings = {
        "time_limit_minutes": 150,
        "pass_percent": 68,
        "attempts_allowed": 3,
        "wait_days": 30,
    }
    return load_quiz(
        activity=activity,
        pool=Pool.SECURE,
        cells=cells or [("D1", "", 3)],
        at=NOW,
        **{**settings, **fields},
    )


def learner_of(quiz: Quiz, **fields: Any):
    """Somebody enrolled; with an open application where the quiz is an examination."""
    learner = person(**fields)
    EnrolmentFactory(learner=learner, course=quiz.activity.module.course)
    for requirement in quiz.activity.satisfies.all():
        ApplicationFactory(applicant=learner, credential_type=requirement.credential_type)
    return learner


def sit(quiz: Quiz, learner=None, at=NOW) -> Attempt:
    attempt, _new = start_attempt(activity=quiz.activity, by=learner or learner_of(quiz), at=at)
    return attempt


def content_at(attempt: Attempt, position: int) -> dict[str, Any]:
    version = attempt.responses.get(position=position).item_version
    return contents([version.uuid])[0]


def right_answer(attempt: Attempt, position: int) -> dict[str, Any]:
    return content_at(attempt, position)["key"]


def wrong_answer(attempt: Attempt, position: int) -> dict[str, Any]:
    """A wrong choice, of a single-choice question."""
    content = content_at(attempt, position)
    ids = [option["id"] for option in content["options"]]
    return {"choice": next(name for name in ids if name != content["key"]["choice"])}


def version_of(item: Item) -> ItemVersion:
    return item.versions.order_by("-number")[0]


STAFF = (Role.ITEM_AUTHOR, Role.ITEM_REVIEWER, Role.INSTRUCTOR)
