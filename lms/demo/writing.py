"""What authors and instructors of the demonstration left half written in Wagtail: drafts, and pages and items under review."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from accounts.models import User
from cms.models import LessonPage
from courses.models import Claim
from quizzes.models import Domain, Item, Level, Life, Pool
from quizzes.services import (
    decide_on_item,
    ensure_item_workflow,
    exposure_of,
    move_item,
    submit_item,
)

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
        "stage": "draft",
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
        "stage": "content",
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
        "stage": "draft",
    },
    {
        "code": "D4-A-301",
        "pool": Pool.SECURE,
        "domain": "D4",
        "level": Level.APPLY,
        "stem": "You measure 20 degrees of ankle dorsiflexion with the knee bent and 5 with it straight. Which muscle most likely limits the straight-knee position?",
        "options": [
            ("Gastrocnemius", True, "It crosses the knee as well, so straightening the knee takes up its length; bending it gives that length back."),
            ("Soleus", False, "It does not cross the knee, so the knee's position changes nothing for it."),
            ("Tibialis anterior", False, "It lies in front and lifts the foot; it does not hold it down."),
            ("Fibularis brevis", False, "It does not cross the knee either."),
        ],
        "stage": "editorial",
    },
    {
        "code": "D3-A-301",
        "pool": Pool.SECURE,
        "domain": "D3",
        "level": Level.APPLY,
        "stem": "A triathlete asks whether your session will clear the lactate of this morning's race. What do you answer?",
        "options": [
            ("It is back to its usual level by itself, and easy movement does more than I can.", True, "Blood lactate returns to normal without treatment, and light activity raises blood flow more than hands do."),
            ("Yes, within half an hour of firm work.", False, "No measurement has shown that."),
            ("Yes, if you drink plenty afterwards.", False, "Drinking does not change it, and too much after a long race is a danger."),
            ("Only if I work deeply on the legs.", False, "Depth changes nothing about it."),
        ],
        "claims": ["CC1", "CC3"],
        "stage": "evidence",
    },
    {
        "code": "D6-A-301",
        "pool": Pool.SECURE,
        "domain": "D6",
        "level": Level.APPLY,
        "stem": "A new client writes “metal plate, left forearm, 2024” on the intake form. What do you ask first?",
        "options": [
            ("Whether the surgeon has discharged them, and how the arm is today.", True, "Healing and present symptoms decide what is possible; the year alone does not."),
            ("Who made the plate.", False, "It changes nothing about the session."),
            ("Whether they can be treated lying on that arm.", False, "It may come later; first you need to know how the arm is."),
            ("Nothing: two years are enough for everybody.", False, "Time alone is no clearance."),
        ],
        "stage": "returned",
    },
    {
        "code": "D2-A-301",
        "pool": Pool.SECURE,
        "domain": "D2",
        "level": Level.APPLY,
        "stem": "Your palm lies flat on the back of the forearm, close to the elbow, and the client extends the wrist. Where does most of what you feel tighten come from?",
        "options": [
            ("The lateral epicondyle", True, "The common origin of the wrist and finger extensors lies there."),
            ("The medial epicondyle", False, "That is where the flexors come from."),
            ("The olecranon", False, "It takes the triceps, which extends the elbow."),
            ("The radial styloid", False, "It lies at the wrist and takes the brachioradialis."),
        ],
        "stage": "approved",
    },
    {
        "code": "D1-A-301",
        "pool": Pool.SECURE,
        "domain": "D1",
        "level": Level.APPLY,
        "stem": "A teammate of a client asks you at the table how the client's knee is coming along. What do you say?",
        "options": [
            ("That you do not speak about clients, and that they may ask the client.", True, "What you know from the table is confidential, whoever asks and however kindly."),
            ("Only whether it is better or worse.", False, "That is already information about health."),
            ("Whatever the coach has been told.", False, "What the coach may know was agreed with the client, for the coach."),
            ("That there is nothing wrong.", False, "It is untrue, and says something about the client all the same."),
        ],
        "stage": "pilot",
    },
    {
        "code": "D5-A-301",
        "pool": Pool.SECURE,
        "domain": "D5",
        "level": Level.APPLY,
        "stem": "On a client's shin you find three red, itchy rings with scaling edges. What do you do?",
        "options": [
            ("Leave the area out, wash, change the linen, and advise seeing a pharmacist or doctor.", True, "It may be a fungal infection, which passes on by touch and by linen."),
            ("Work over it with more lubricant.", False, "That spreads it, on the client and to others."),
            ("Disinfect the rings and go on.", False, "A disinfectant on the skin does not make it safe to touch."),
            ("Send the client to emergency care.", False, "It is no emergency; it wants a look in the next days."),
        ],
        "stage": "suspended",
    },
    {
        "code": "D7-R-301",
        "pool": Pool.SECURE,
        "domain": "D7",
        "level": Level.RECALL,
        "stem": "Which stroke lifts and squeezes the tissue between the hands?",
        "options": [
            ("Petrissage", True, "Kneading: the tissue is lifted, squeezed and let go in rhythm."),
            ("Effleurage", False, "It glides and does not lift."),
            ("Friction", False, "It moves small areas against what lies below."),
            ("Tapotement", False, "It taps in quick rhythm."),
        ],
        "stage": "retired",
    },
    {
        "code": "D8-R-301",
        "pool": Pool.SECURE,
        "domain": "D8",
        "level": Level.RECALL,
        "stem": "What does a finish-line team write down about every athlete it works on?",
        "options": [
            ("Name or number, time, what was found and done, and any referral.", True, "It is the least that lets somebody else go on, and that can be answered for."),
            ("Only who was sent to the medical tent.", False, "Those who stay need a record as well."),
            ("Nothing: there is no time at events.", False, "A line takes less than a minute and is owed."),
            ("The finishing time.", False, "It belongs to the race, not to the record."),
        ],
        "stage": "overdue",
    },
]  # fmt: skip

# How far each stage has come: decisions in review, then moves. "returned" is sent back by its second reviewer.
APPROVALS = {"editorial": 1, "returned": 1, "evidence": 2}
MOVES = {
    "pilot": [(Life.PILOT, "New: on trial until a hundred have answered it.")],
    "suspended": [
        (Life.ACTIVE, "Read again by both of us; fit for use."),
        (
            Life.SUSPENDED,
            "A candidate wrote that linen and referral are two answers. To be looked into.",
        ),
    ],
    "retired": [
        (Life.ACTIVE, "Fit for use."),
        (Life.RETIRED, "Too easy: everybody knows it, and it takes a place from a better one."),
    ],
    "overdue": [(Life.ACTIVE, "Fit for use.")],
}
READ = [
    "Content read against the lesson and the register; the key is the only defensible one.",
    "Language plain, names and roles fair, no clue in the length of the options.",
    "The claims are tested as what they are; the wording follows the register.",
]


def write_drafts(people: Mapping[str, User]) -> None:
    """The author's items, one or two in every state; questions asked up to their cap; the instructor's draft lesson and one under review."""
    ensure_item_workflow(at=timezone.now())
    for data in ITEMS:
        item = _item(data, people["author"])
        reviewers = [people["reviewer"], people["reviewer2"]]
        _bring_to(item, data["stage"], people["author"], reviewers)
    _wear_out()
    _lesson("5.4", people["instructor"], " Revised after the last class.", review=False)
    _lesson("8.3", people["instructor"], " With the order of the tent.", review=True)


def _item(data: Mapping[str, Any], author: User) -> Item:
    days = -20 if data["stage"] == "overdue" else 700
    item = Item(
        code=data["code"],
        pool=data["pool"],
        domain=Domain.objects.get(code=data["domain"]),
        level=data["level"],
        stem=data["stem"],
        reference="Palpate contraindication register, 2026",
        review_by=timezone.now().date() + timedelta(days=days),
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
    item.claims = Claim.objects.filter(code__in=data.get("claims", []))
    item.save_revision(user=author)
    return item


def _bring_to(item: Item, stage: str, author: User, reviewers: list[User]) -> None:
    """Hand it in, have it decided on, and move it, as far as its stage says. What is overdue was read when its date was still to come."""
    if stage == "draft":
        return
    at = timezone.now() - timedelta(days=400 if stage == "overdue" else 0)
    submit_item(item=item, by=author, at=at)
    if stage == "content":
        return
    for number in range(APPROVALS.get(stage, 2)):
        _decide(item, READ[number], reviewers[number], at)
    if stage == "returned":
        words = "Two of the options begin alike, which gives the key away. Please even them out."
        _decide(item, words, reviewers[1], at, approve=False)
    for life, comment in MOVES.get(stage, []):
        move_item(item=item, to=life, comment=comment, by=reviewers[0], at=at)


def _decide(item: Item, comment: str, by: User, at: datetime, *, approve: bool = True) -> None:
    state = item.current_workflow_task_state
    decide_on_item(state=state, approve=approve, comment=comment, by=by, at=at)


def _wear_out() -> None:
    """The two questions asked most have come to their caps."""
    asked = Item.objects.filter(pool=Pool.SECURE, versions__responses__isnull=False).distinct()
    exposures = exposure_of(asked, timezone.now())
    for pk, exposure in sorted(exposures.items(), key=lambda row: (-row[1].count, row[0]))[:2]:
        item = Item.objects.get(pk=pk)
        item.exposure_cap = exposure.count
        item.save_revision().publish()


def _lesson(code: str, instructor: User, addition: str, *, review: bool) -> None:
    page = LessonPage.objects.get(code=code)
    page.lede = f"{page.lede}{addition}"
    page.save_revision(user=instructor)
    if review:
        page.get_workflow().start(page, instructor)
