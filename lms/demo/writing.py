"""What authors and instructors of the demonstration left half written in Wagtail: drafts, and pages and items under review."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.utils import timezone

from accounts.models import User
from cms.models import LessonPage
from quizzes.models import Domain, Item, Level, Pool
from quizzes.services import ensure_item_workflow, submit_item

ITEMS: list[dict[str, Any]] = [
    {
        "code": "D5-N-101",
        "pool": Pool.SECURE,
        "domain": "D5",
        "level": Level.ANALYSE,
        "stem": "Two days after a half-marathon a client reports dark urine and severe, swollen thighs. What do you do?",
        "options": [
            ("Give no massage and send the client to emergency care now.", True, "Dark urine with swollen, painful muscle after hard effort may be the breakdown of muscle, which harms the kidneys."),
            ("Massage lightly and advise plenty of rest.", False, "Waiting costs the time in which the kidneys can be protected."),
            ("Advise drinking and see the client tomorrow.", False, "Drinking alone does not treat it, and a day is too long."),
            ("Work around the thighs and write a note.", False, "The danger is not where the hands are; it is in the blood."),
        ],
        "review": False,
    },
    {
        "code": "D8-A-101",
        "pool": Pool.SECURE,
        "domain": "D8",
        "level": Level.APPLY,
        "stem": "A rower has 40 minutes between two heats and asks for deep work on a tight back. What fits best?",
        "options": [
            ("Ten minutes of light, rhythmic work and easy movement.", True, "Between heats, work is short, light and familiar; depth may leave soreness for the next start."),
            ("Thirty minutes of deep work on the back.", False, "Deep work this close to a start may leave soreness and dull the athlete."),
            ("Long static stretches of the hamstrings.", False, "Long static holds just before effort may lower force for a short time."),
            ("Nothing: between heats nobody is ever treated.", False, "Short, light work is usual between heats when the athlete wants it."),
        ],
        "review": True,
    },
    {
        "code": "P-D7-101",
        "pool": Pool.PRACTICE,
        "domain": "D7",
        "level": Level.RECALL,
        "stem": "Which stroke usually opens and closes a session?",
        "options": [
            ("Effleurage", True, "Long, light, moulded strokes begin the contact and end it."),
            ("Tapotement", False, "Percussive strokes are used, if at all, in between."),
            ("Cross-fibre friction", False, "A specific technique for a small area, not for beginning or ending."),
            ("Vibration", False, "It may be added, but it is not what usually frames a session."),
        ],
        "review": False,
    },
]  # fmt: skip


def write_drafts(people: Mapping[str, User]) -> None:
    """The author's two drafts and one item under review; the instructor's draft lesson and one under review."""
    ensure_item_workflow(at=timezone.now())
    for data in ITEMS:
        _item(data, people["author"])
    _lesson("5.4", people["instructor"], " Revised after the last class.", review=False)
    _lesson("8.3", people["instructor"], " With the order of the tent.", review=True)


def _item(data: Mapping[str, Any], author: User) -> None:
    item = Item(
        code=data["code"],
        pool=data["pool"],
        domain=Domain.objects.get(code=data["domain"]),
        level=data["level"],
        stem=data["stem"],
        reference="Palpate contraindication register, 2026",
        review_by=timezone.now().date() + timedelta(days=700),
        author=author,
        live=False,
    )
    options = [
        {"text": text, "correct": correct, "rationale": why}
        for text, correct, why in data["options"]
    ]
    item.body = [("single", {"options": options})]
    item.full_clean(exclude=["author"])
    item.save()
    item.save_revision(user=author)
    if data["review"]:
        submit_item(item=item, by=author, at=timezone.now())


def _lesson(code: str, instructor: User, addition: str, *, review: bool) -> None:
    page = LessonPage.objects.get(code=code)
    page.lede = f"{page.lede}{addition}"
    page.save_revision(user=instructor)
    if review:
        page.get_workflow().start(page, instructor)
