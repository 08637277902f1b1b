"""Stations and practice of the demonstration: what the author wrote for the station bank, in several states, and a student's practice."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from accounts.models import User
from courses.models import Activity, Figure
from lms.demo.acts import Clock
from practicals.models import Checklist, Life, Pool
from practicals.services import (
    begin_practice,
    decide_on_checklist,
    ensure_checklist_workflow,
    join_by_code,
    move_checklist,
    open_code,
    score_myself,
    submit_checklist,
    sync_practice,
)

STATIONS: list[dict[str, Any]] = [
    {
        "code": "E3",
        "title": "Inter-event routine",
        "scenario": "A sprinter between two heats, 35 minutes apart, warm and in a tracksuit.",
        "minutes": 12,
        "candidate_instructions": "Work with a sprinter who has run one heat and runs the next in 35 minutes. Nothing has been consented. The athlete stays dressed and warm; the medical team answers the radio on your table. The finishing time is not yours.",
        "client_script": "You are pleased, a little tired, and sit down heavily. Say only if you are asked: the left hamstring grabbed in the last ten metres and feels tight in one spot since. If you are sent to the medical team, go, and come back with a card that reads “not to be treated today”. Ask once for “something deep, quickly”.",
        "equipment": "treatment table in a tent\npaper towel roll\nhand gel\nsurface wipes\nradio to the medical team\nclock\nevent log sheet",
        "reference": "McHugh and Cosgrave 2010, Scand J Med Sci Sports 20:169.",
        "figure": "pre-event-clock",
        "lines": [
            ("Prepare", "Cleans hands and surface; fresh paper; asks the time of the next heat first", 1, True, "hygiene"),
            ("Screen", "Asks again about injury, illness, cramp, food and fluid since the first heat", 2, True, "safety"),
            ("Screen", "Recognises the scripted strain and directs to the medical team instead of treating it", 2, True, "safety"),
            ("Consent", "Explains a short, light, familiar routine through clothing; consent obtained", 2, True, "communication"),
            ("Technique", "Light, rhythmic compressions and jostling; both sides; nothing deep", 2, False, "technique"),
            ("Plan", "Finishes in ten minutes and returns the athlete warm, with time to move", 2, False, "reasoning"),
            ("Close", "Logs number, time, areas and any referral", 1, False, "record"),
        ],
        "violations": ["Deep or painful work between heats", "Treats an acute strain"],
        "stage": "content",
    },
    {
        "code": "M1",
        "title": "Hand-over to the medical team",
        "scenario": "A finisher is unwell; the candidate hands over to a medic who has one minute.",
        "minutes": 8,
        "candidate_instructions": "A finisher at your table has become unwell. You have called the medical team; a medic arrives and has one minute. Hand over, then write the line in the log.",
        "client_script": "You are the medic. Listen without helping. Ask, if it was not said: “Since when? What have they drunk?” Leave after a minute.",
        "equipment": "clock\nevent log sheet\npen",
        "reference": "SMT practical blueprint, 2026 (records and referral).",
        "lines": [
            ("Say", "Says who, what was seen and heard, since when, and what was done, in that order", 2, True, "communication"),
            ("Say", "States facts without a diagnosis", 2, False, "reasoning"),
            ("Record", "Writes time, number, findings and to whom handed over", 2, False, "record"),
        ],
        "violations": ["Leaves the athlete alone"],
        "stage": "approved",
    },
    {
        "code": "P-T5",
        "title": "Neuromuscular therapy",
        "pool": Pool.PRACTICE,
        "scenario": "A fellow student who sits long and feels the hip on the bicycle.",
        "minutes": 12,
        "candidate_instructions": "Assess and treat the hip rotator region of a fellow student. Ask what must be asked in this region, obtain consent, test, say your hypothesis aloud, treat, and test again.",
        "client_script": "",
        "equipment": "treatment table\nbolsters\nclean linen and towels\nlubricant\ngoniometer",
        "reference": "Palpate contraindication register, 2026.",
        "lines": [
            ("Screen", "Asks cauda equina and radicular questions", 2, True, "safety"),
            ("Assess", "Tests active then passive hip rotation, comparing sides", 2, False, "assessment"),
        ],
        "violations": [],
        "stage": "draft",
    },
]  # fmt: skip


def write_stations(people: Mapping[str, User]) -> None:
    """The author's stations: one at its first review, one approved and not drawn yet, one practice station half written."""
    ensure_checklist_workflow(at=timezone.now())
    reviewers = [people["reviewer"], people["reviewer2"], people["chief"]]
    for data in STATIONS:
        station = _station(data, people["author"])
        _bring_to(station, data["stage"], people["author"], reviewers)


def _station(data: Mapping[str, Any], author: User) -> Checklist:
    code = data["code"]
    station = Checklist(
        code=code,
        pool=data.get("pool", Pool.SECURE),
        author=author,
        live=False,
        review_by=timezone.now().date() + timedelta(days=700),
        **{
            name: data[name]
            for name in (
                "title",
                "scenario",
                "minutes",
                "candidate_instructions",
                "client_script",
                "equipment",
                "reference",
            )
        },
    )
    station.criteria = [
        ("criterion", {"code": f"{code}.{number:02}", "section": section, "text": text, "max": str(most), "critical": star, "competence": competence})
        for number, (section, text, most, star, competence) in enumerate(data["lines"], start=1)
    ]  # fmt: skip
    station.violations = [
        ("violation", {"code": f"{code}.{letter}", "text": text})
        for letter, text in zip("abcde", data["violations"], strict=False)
    ]
    figure = Figure.objects.filter(code=data.get("figure", "")).first()
    station.figures = [("figure", {"figure": figure, "candidate": False})] if figure else []
    station.full_clean(exclude=["author"])
    station.save()
    station.save_revision(user=author)
    return station


def _bring_to(station: Checklist, stage: str, author: User, reviewers: list[User]) -> None:
    if stage == "draft":
        return
    at = timezone.now()
    submit_checklist(checklist=station, by=author, at=at)
    if stage == "content":
        return
    said = [
        "Every line can be seen or heard from where an examiner stands; the script is playable.",
        "Plain words, no names, nothing that depends on who is on the table.",
    ]
    for reviewer, comment in zip(reviewers[1:], said, strict=True):
        state = station.current_workflow_task_state
        decide_on_checklist(state=state, approve=True, comment=comment, by=reviewer, at=at)


def suspend_after_talk(people: Mapping[str, User]) -> None:
    """Station T6 was talked about after an exam day: suspended, and put back once its script was looked at."""
    station = Checklist.objects.get(code="T6")
    for to, comment in (
        (Life.SUSPENDED, "A candidate told others about the client's shoulder. To be looked at."),
        (Life.ACTIVE, "The script gives several things to find; knowing one of them helps nobody."),
    ):
        move_checklist(
            checklist=station, to=to, comment=comment, by=people["chief"], at=timezone.now()
        )


def practise(people: Mapping[str, User], clock: Clock) -> None:
    """The student showed a practice station: scored by a class-mate and by himself, who saw it differently; a second one waits."""
    student, peer = people["student"], people["giulia"]
    intake, palpation = (
        Activity.objects.get(code=code) for code in ("M6-P1-CLINIC", "M4-P2-CLINIC")
    )
    at = clock.ago(6, 19)
    run = begin_practice(activity=palpation, by=student, at=at)
    code = open_code(run=run, by=student, at=at).code
    theirs = join_by_code(code=code, by=peer, at=at)
    _score(theirs, peer, at, {"P2.03": 1, "P2.05": 0, "P2.06": 1, "P2.10": 1}, 3)
    own = score_myself(run=run, by=student, at=at)
    _score(own, student, at + timedelta(minutes=20), {"P2.03": 1, "P2.07": 1}, 4)
    later = begin_practice(activity=intake, by=student, at=clock.ago(1, 19))
    open_code(run=later, by=student, at=clock.now)


def _score(sheet: Any, by: User, at: datetime, less: Mapping[str, int], global_rating: int) -> None:
    lines = sheet.run.version.criteria.order_by("position")
    notes = {"P2.05": "Searched at the wrong level; found it after I named the vertebra."}
    content = {
        "rev": 1,
        "final": True,
        "started_at": at.isoformat(),
        "finished_at": (at + timedelta(minutes=10)).isoformat(),
        "observations": [
            {
                "criterion": line.code,
                "rating": less.get(line.code, line.max_points),
                "note": notes.get(line.code, "") if line.code in less else "",
                "at": (at + timedelta(seconds=40 * line.position)).isoformat(),
            }
            for line in lines
        ],
        "violations": [],
        "global_rating": global_rating,
        "signature": by.name,
    }
    sync_practice(sheet=sheet, content=content, by=by, at=at + timedelta(minutes=11))
