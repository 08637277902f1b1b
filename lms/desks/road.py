"""The road to a credential on one's own page: what credentials.services.road says of each requirement, and beside it what only courses,
quizzes and practicals know: hours by module, attempts, appointments, held results.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from django.db.models import F
from django.urls import reverse
from django.utils.dateformat import format as date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from courses.models import Course, Enrolment
from courses.services import Part, hours_done
from credentials.models import Application, Credential, CredentialType, Requirement
from credentials.services import (
    Action,
    Milestone,
    ground,
    requirements_of,
    road,
    standings_of,
    today_in,
)
from lms.desks.exams import Exam, Exams
from practicals.models import ExamPlan, PracticalResult
from practicals.services import failed_stations, next_after


@dataclass(frozen=True)
class Bar:
    """One module in the drawing of hours: how many, done or in part (percent)."""

    number: int
    hours: int
    state: str
    percent: int
    words: str


@dataclass(frozen=True)
class Stop:
    """One requirement on the road, as the page shows it."""

    requirement: Requirement
    place: str
    shape: str
    word: str
    sentence: str
    action: Action | None = None
    other: Action | None = None
    bars: list[Bar] = field(default_factory=list)

    @property
    def title(self) -> str:
        return self.requirement.title

    @property
    def acts(self) -> bool:
        """Whether the person can do something here now."""
        return self.place == "now" and self.action is not None

    @property
    def is_returned(self) -> bool:
        return self.acts and self.shape in ("due", "fail", "overdue")


def road_of(
    user: User,
    kind: CredentialType | None,
    *,
    application: Application | None,
    enrolments: Sequence[Enrolment],
    parts: Sequence[Part],
    exams: Exams,
    at: datetime,
) -> list[Stop]:
    """The requirements of `kind` in order; empty without one."""
    if kind is None:
        return []
    if application:
        standings = standings_of([application], at=at)[application.pk]
    else:
        standings = requirements_of(learner=user, credential_type=kind, at=at)
    courses = _courses(kind)
    taken = {row.course_id for row in enrolments}
    links = {
        pk: Action(course.path, _("See the course"))
        for pk, course in courses.items()
        if course.path
    }
    stops = []
    for milestone in road(standings, on=today_in(kind, at), links=links):
        stop = _stop(milestone)
        requirement = stop.requirement
        if stop.place == "done":
            stops.append(stop)
        elif requirement.pk in exams.by_requirement:
            stops.append(_exam(stop, exams.by_requirement[requirement.pk], application, at))
        elif requirement.pk in courses and courses[requirement.pk].pk in taken and parts:
            stops.append(_course(stop, parts))
        elif application is None:
            stops.append(_before_applying(stop))
        else:
            stops.append(stop)
    return stops


def ground_of(credential: Credential, *, at: datetime) -> list[Stop]:
    """What a credential rests on: its requirements as they stand today."""
    return [_stop(row) for row in ground(credential, at=at)]


def _stop(milestone: Milestone) -> Stop:
    return Stop(
        milestone.requirement,
        milestone.place,
        milestone.shape,
        milestone.word,
        milestone.sentence,
        milestone.action,
        milestone.other,
    )


def _courses(kind: CredentialType) -> dict[int, Course]:
    """The open course that satisfies each requirement, where there is one. One query."""
    rows = Course.objects.filter(satisfies__credential_type=kind, is_open=True)
    return {
        row.requirement_id: row
        for row in rows.annotate(requirement_id=F("satisfies")).order_by("-pk")
    }


def _before_applying(stop: Stop) -> Stop:
    """Documents travel with an application; before it, only a course can be begun."""
    action = stop.action if stop.requirement.kind == Requirement.Kind.COURSE else None
    action = action if action and "/application/" not in action.url else None
    sentences: dict[str, str] = {
        Requirement.Kind.AGREEMENT: _("You read and sign it when you apply."),
        Requirement.Kind.DOCUMENT: _("You send it once you have applied."),
    }
    sentence = sentences.get(stop.requirement.kind, stop.sentence)
    place, shape = ("now", "now") if action else ("wait", "waiting")
    word = stop.word if action else _("To come")
    return replace(
        stop, place=place, shape=shape, word=word, sentence=sentence, action=action, other=None
    )


# The course


def _course(stop: Stop, parts: Sequence[Part]) -> Stop:
    done = hours_done(parts)
    word = ngettext("%(n)d hour done", "%(n)d hours done", done) % {"n": done}
    return replace(
        stop,
        place="now",
        shape="now",
        word=word,
        sentence=_modules_done(parts),
        action=None,
        other=None,
        bars=[_bar(number, part) for number, part in enumerate(parts, start=1)],
    )


def _modules_done(parts: Sequence[Part]) -> str:
    done = [number for number, part in enumerate(parts, start=1) if part.owed and part.complete]
    begun = next(
        (number for number, part in enumerate(parts, start=1) if 0 < part.done < part.owed), None
    )
    said = ngettext(
        "%(n)d of %(all)d modules is done", "%(n)d of %(all)d modules are done", len(done)
    ) % {"n": len(done), "all": len(parts)}
    if begun:
        return _("%(done)s, and you are in module %(n)d.") % {"done": said, "n": begun}
    return f"{said}."


def _bar(number: int, part: Part) -> Bar:
    if part.owed and part.complete:
        return Bar(number, part.module.hours, "ok", 100, _("done"))
    if part.done:
        words = _("%(n)d of %(all)d steps done") % {"n": part.done, "all": part.owed}
        return Bar(number, part.module.hours, "part", round(100 * part.done / part.owed), words)
    return Bar(number, part.module.hours, "", 0, _("not begun"))


# Examinations


def _exam(stop: Stop, exam: Exam, application: Application | None, at: datetime) -> Stop:
    if application is None:
        return _wait(stop, "waiting", _("To come"), _("It opens to you when you have applied."))
    return _practical(stop, exam, exam.plan, at) if exam.plan else _written(stop, exam, at)


def _written(stop: Stop, exam: Exam, at: datetime) -> Stop:
    entry, course = exam.entry, exam.activity.module.course
    page = reverse("activity", args=[exam.activity.uuid]) if exam.enrolled else course.path
    if entry is None or not entry.attempts:
        go = Action(page, _("Go to the examination"))
        return _now(stop, "now", _("Open to you"), _written_facts(exam), go)
    if entry.open:
        where = reverse("attempt", args=[entry.open.uuid])
        if entry.open.due_at and entry.open.due_at <= at:
            said = _("The time is up. The answers saved before count.")
            return _now(stop, "due", _("Time is up"), said, Action(where, _("See your result")))
        go = Action(where, _("Go on"))
        return _now(stop, "now", _("In progress"), _written_facts(exam), go)
    last = entry.attempts[-1]
    result = Action(reverse("attempt-result", args=[last.uuid]), _("See your result"))
    ended = last.submitted_at or last.started_at
    if last.passed is None and not getattr(last, "annulled", False):
        said = _("You sat it on %(day)s. We write to you when the result is released.")
        why = replace(result, label=_("Why it is held"))
        return _wait(stop, "held", _("Result held"), said % {"day": _day(ended)}, why)
    said = _("You did not reach the pass mark on %(day)s.") % {"day": _day(ended)}
    if last.passed is None:
        said = _("The attempt of %(day)s does not count.") % {"day": _day(ended)}
    if entry.refusal:
        said = f"{said} {entry.refusal.sentence}"
        return _wait(stop, "fail", _("Not passed"), said, result)
    again = Action(page, _("Sit it again"))
    return replace(_now(stop, "now", _("Open to you again"), said, again), other=result)


def _written_facts(exam: Exam) -> str:
    quiz = exam.quiz
    if quiz is None or not quiz.time_limit_minutes:
        return ""
    said = _("%(n)d minutes.") % {"n": quiz.time_limit_minutes}
    if quiz.attempts_allowed:
        attempts = ngettext("One attempt.", "Up to %(n)d attempts.", quiz.attempts_allowed)
        said = f"{said} {attempts % {'n': quiz.attempts_allowed}}"
    return said


def _practical(stop: Stop, exam: Exam, plan: ExamPlan, at: datetime) -> Stop:
    visit, result = exam.visit, exam.result
    if visit is None:
        said = _("Ask for a date; the registrar offers you a place, and we write to you then.")
        ask = Action(reverse("appointments"), _("Ask for a date"))
        return _wait(stop, "waiting", _("Waiting"), said, ask)
    day = _day(visit.starts_at)
    when = _("%(day)s at %(time)s, %(place)s.") % {
        "day": day,
        "time": f"{visit.starts_at:%H:%M}",
        "place": visit.day.place,
    }
    where = reverse("appointment", args=[visit.appointment.uuid])
    see = Action(where, _("See your appointment"))
    if visit.is_offered:
        return _now(stop, "due", _("Answer the offer"), when, see)
    if result is None and visit.starts_at > at:
        said = _("You are expected on %(when)s") % {"when": when}
        return _wait(stop, "now", _("Appointment made"), said, see)
    if result is None:
        said = _("You were examined on %(day)s. The result comes when every sheet is signed.")
        return _wait(stop, "held", _("Being scored"), said % {"day": day}, see)
    if result.outcome == PracticalResult.Outcome.HELD:
        return _wait(stop, "held", _("Held"), _held(result), see)
    if result.outcome == PracticalResult.Outcome.INCOMPLETE:
        return _wait(stop, "held", _("To be completed"), _completed(result), see)
    said = _("You were examined on %(day)s and did not pass.") % {"day": day}
    said = f"{said} {_again(result, visit.day.date + timedelta(days=plan.retake_wait_days))}"
    return _wait(stop, "fail", _("Not passed"), said, Action(where, _("See your result")))


def _again(result: PracticalResult, first: date) -> str:
    """What is sat again, and from when."""
    follows = next_after(result)
    if follows and follows.used_up:
        return _("Agree a plan of further learning with the registrar before another attempt.")
    if follows and follows.stations:
        codes = ", ".join(station["code"] for station in follows.stations)
        said = ngettext(
            "You can sit station %(codes)s again from %(day)s; what you passed is carried over.",
            "You can sit stations %(codes)s again from %(day)s; what you passed is carried over.",
            len(follows.stations),
        )
        return said % {"codes": codes, "day": _day(first)}
    return _("You can be examined again from %(day)s.") % {"day": _day(first)}


def _completed(result: PracticalResult) -> str:
    codes = ", ".join(station["code"] for station in failed_stations(result))
    said = _(
        "A sheet of yours is lost, through no fault of yours: you sit %(codes)s again, at no charge. The registrar offers you a date."
    )
    return said % {"codes": codes}


def _held(result: PracticalResult) -> str:
    if result.decide_by is None:
        return _("The two examiners' sheets differ; a chief examiner decides.")
    said = _("The two examiners' sheets differ; a chief examiner decides by %(day)s.")
    return said % {"day": _day(result.decide_by)}


def _now(stop: Stop, shape: str, word: str, sentence: str, action: Action) -> Stop:
    """It is the person's turn."""
    said = sentence or stop.sentence
    return replace(
        stop, place="now", shape=shape, word=word, sentence=said, action=action, other=None
    )


def _wait(stop: Stop, shape: str, word: str, sentence: str, action: Action | None = None) -> Stop:
    """It is somebody else's turn, or not yet time."""
    return replace(
        stop, place="wait", shape=shape, word=word, sentence=sentence, action=action, other=None
    )


def _day(moment: date | datetime) -> str:
    return date_format(moment, "j F Y")
