"""A small item bank and quizzes on it, made through the same verbs the loader uses."""

import datetime as dt
from itertools import count
from typing import Any

from accounts.models import Role
from courses.models import Activity, Figure
from credentials.models import Requirement
from quizzes.frozen import contents
from quizzes.models import Attempt, Domain, Item, ItemVersion, Life, Pool, Quiz
from quizzes.services import (
    decide_on_item,
    ensure_item_workflow,
    freeze_item,
    load_domain,
    load_item,
    load_quiz,
    start_attempt,
    submit_item,
)
from quizzes.services.items import _fill
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
    "hotspot": {
        "figure": "knee",
        "picture": "A knee from behind, the outer side on the right.",
        "regions": [
            {
                "outline": "ellipse 0.3,0.3 0.1,0.2",
                "text": "The wide band above",
                "rationale": "Muscle bears pressure.",
            },
            {
                "outline": "polygon 0.6,0.6 0.8,0.6 0.8,0.8",
                "text": "The narrow band below",
                "rationale": "Vessels lie bare there.",
                "correct": True,
            },
        ],
    },
    "label": {
        "figure": "knee",
        "picture": "A knee from behind, the outer side on the right.",
        "pins": [
            {
                "place": "0.2,0.2",
                "label": "Semitendinosus",
                "where": "the round cord, inner side",
                "rationale": "It is round.",
            },
            {
                "place": "0.8,0.2",
                "label": "Biceps femoris",
                "where": "the broad cord, outer side",
                "rationale": "It lies outside.",
            },
        ],
        "extra_labels": ["Soleus"],
    },
    "extended": {
        "theme": "Nerves of the leg",
        "choices": ["Tibial nerve", "Common fibular nerve", "Sural nerve"],
        "stems": [
            {
                "text": "It winds round the neck of the fibula.",
                "answer": "Common fibular nerve",
                "rationale": "There it lies on bone.",
            },
            {
                "text": "Its loss lets the foot drop.",
                "answer": "Common fibular nerve",
                "rationale": "It serves the extensors.",
            },
            {
                "text": "It runs down the middle of the fossa.",
                "answer": "Tibial nerve",
                "rationale": "Straight through.",
            },
        ],
    },
}

# Worth more than one point.
LONG_ANSWERS: dict[str, dict[str, Any]] = {
    "case": {
        "stimulus": "Maya, 17, limps off after a sprint.",
        "parts": [
            {
                "stem": "What comes first?",
                "options": [
                    {"text": "Look", "rationale": "Look, then touch.", "correct": True},
                    {"text": "Knead", "rationale": "It may bleed."},
                ],
            },
            {
                "stem": "Who decides?",
                "options": [
                    {"text": "The coach", "rationale": "He has no say in it."},
                    {"text": "The team doctor", "rationale": "She examines.", "correct": True},
                ],
            },
        ],
    },
    "essay": {
        "essay": {
            "points": 6,
            "tolerance": 1,
            "words": 150,
            "model": "Stop, say why, and send her to a doctor today.",
            "rubric": [
                {"text": "Stops the treatment", "points": 2},
                {"text": "Says why, without alarm", "points": 2},
                {"text": "Sends her on the same day", "points": 2},
            ],
        }
    },
}

DRAWING = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 440 600" class="fig"><title>The knee</title><desc>Semitendinosus and all</desc>'
    '<path class="m-edge" d="M0 0L440 600"/><g class="lead"><text>1</text></g></svg>'
)


def figure_of_the_knee() -> Figure:
    figure, _new = Figure.objects.get_or_create(
        code="knee",
        defaults={
            "title": "The knee",
            "svg": DRAWING,
            "alt": "Semitendinosus on the inner side.",
            "credit": "Palpate, own drawing",
        },
    )
    return figure


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
        **{**ANSWERS, **LONG_ANSWERS}[kind],
        **fields,
    }


def add_items(
    how_many: int,
    kind: str = "single",
    *,
    pool: str = Pool.PRACTICE,
    loaded: bool = False,
    **fields: Any,
) -> list[Item]:
    """Active items with a frozen version each. `loaded`: by the loader's own verb, with a revision and a history; else only as rows, since most tests
    want something to ask and nothing to edit.
    """
    for number, code in enumerate(("D1", "D2", "D3")):
        load_domain(code=code, title=f"Domain {code}", position=number, at=NOW)
    figure_of_the_knee()
    make = _load if loaded else _plant
    return [make(entry(kind, **fields), pool) for _number in range(how_many)]


def _load(data: dict[str, Any], pool: str) -> Item:
    return load_item(data=data, pool=pool, at=NOW)[0]


def _plant(data: dict[str, Any], pool: str) -> Item:
    item = Item(code=data["code"], life=Life.ACTIVE, live=True, last_published_at=NOW)
    claims = _fill(item, data, pool)
    item.save()
    if claims:
        item.claims = claims
        item.save()
    freeze_item(item=item, at=NOW)
    return item


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


def write_item(author, *, pool: str = Pool.SECURE, **fields: Any) -> Item:
    """An item as its author has written it, not yet handed to its review."""
    load_domain(code="D1", title="Domain D1", position=0, at=NOW)
    number = next(numbers)
    said = {
        "code": f"W-{number:04d}",
        "level": "apply",
        "stem": f"What comes first in case {number}?",
        "reference": "Palpate contraindication register, 2026",
        "review_by": dt.date(2028, 11, 1),
        **fields,
    }
    item = Item(pool=pool, domain=Domain.objects.get(code="D1"), author=author, live=False, **said)
    item.body = [
        ("single", {"options": [{"correct": False, **o} for o in ANSWERS["single"]["options"]]})
    ]
    item.save()
    item.save_revision(user=author, clean=False)
    return item


def review_item(item: Item, *, at: dt.datetime = NOW) -> Item:
    """Hand an item to its review and have two people who did not write it approve it."""
    ensure_item_workflow(at=at)
    submit_item(item=item, by=item.author, at=at)
    for _step in range(2):
        decide_on_item(
            state=item.current_workflow_task_state,
            approve=True,
            comment="Read, and checked against the register.",
            by=person(Role.ITEM_REVIEWER),
            at=at,
        )
    return Item.objects.get(pk=item.pk)
