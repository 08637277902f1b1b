"""What a learner, applicant or holder finds on their own page: the one next step, the road to the credential, practice and notices.

Facts come from the apps below; here they are put in the order of what the person does next.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Count, Q, Sum
from django.urls import reverse
from django.utils.dateformat import format as date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Notice, User
from courses.models import Activity, Course, Enrolment
from courses.services import Part, next_step, outline
from credentials import services as credentials
from credentials.models import Application, Credential, CredentialType
from credentials.validity import FINAL, Status
from credentials.words import STATUS_WORDS, standing_words
from lms.desks.exams import Exams, exams_of
from lms.desks.road import Stop, ground_of, road_of
from quizzes.models import Attempt, Pool, Quiz

PRACTICE_SHOWN = 5
NOTICES_SHOWN = 3


@dataclass(frozen=True)
class Next:
    """What the person does next, said once and large. Without `url` there is nothing to do but wait."""

    kicker: str
    title: str
    sentence: str
    url: str = ""
    label: str = ""


@dataclass(frozen=True)
class Held:
    """A credential of the person's own."""

    credential: Credential
    status: str
    word: str
    sentence: str


@dataclass(frozen=True)
class Practice:
    """A practice quiz that is open to the person."""

    title: str
    url: str
    questions: int
    state: str


@dataclass(frozen=True)
class Home:
    next: Next | None
    returned: Stop | None
    held: list[Held]
    type: CredentialType | None
    application: Application | None
    stops: list[Stop]
    practice: list[Practice]
    notices: list[Notice]
    unread: int
    is_road: (
        bool  # whether the stops are to be walked; otherwise they are what a credential rests on
    )
    courses: list[Course] = field(default_factory=list)

    @property
    def is_new(self) -> bool:
        """Nothing begun and nothing held: the page says where to begin."""
        return not (self.stops or self.held or self.next)

    @property
    def met(self) -> int:
        return sum(stop.place == "done" for stop in self.stops)


def home_of(user: User, *, at: datetime) -> Home:
    """The page of one person. A fixed number of queries, whatever they have done."""
    held = _held(user, at)
    enrolments = list(
        Enrolment.objects.filter(learner=user).select_related("course").order_by("-enrolled_at")
    )
    application = (
        Application.objects.filter(applicant=user, closed_at=None)
        .select_related("credential_type")
        .first()
    )
    studying = next((row for row in enrolments if row.course.hours and not row.completed_at), None)
    parts = outline(enrolment=studying) if studying else []
    kind = application.credential_type if application else _type_of(enrolments, held)
    exams = exams_of(user, kind, enrolments, at=at)
    stops = road_of(
        user, kind, application=application, enrolments=enrolments, parts=parts, exams=exams, at=at
    )
    notices = Notice.objects.visible_to(user).unread()
    following = _next(user, parts, stops, exams, application, at)
    returned = next((stop for stop in stops if stop.is_returned), None)
    in_force = next((row for row in held if row.status not in FINAL), None)
    if in_force and kind is None:
        stops = ground_of(in_force.credential, at=at)
    return Home(
        next=following,
        returned=returned if returned and following and returned.title != following.title else None,
        held=held,
        type=kind or (in_force.credential.credential_type if in_force else None),
        application=application,
        stops=stops,
        practice=_practice(parts),
        notices=list(notices[:NOTICES_SHOWN]),
        unread=notices.count(),
        is_road=kind is not None,
        courses=[] if enrolments else list(Course.objects.filter(is_open=True, hours__gt=0)[:3]),
    )


def _held(user: User, at: datetime) -> list[Held]:
    rows = (
        Credential.objects.filter(holder=user)
        .select_related("credential_type", "application__applicant", "application__credential_type")
        .prefetch_related("events")
    )
    found = []
    for row in rows:
        standing = credentials.standing_of(row, at=at)
        found.append(
            Held(
                row,
                standing.status,
                str(STATUS_WORDS[standing.status]),
                standing_words(row, standing),
            )
        )
    return found


def _type_of(enrolments: Sequence[Enrolment], held: Sequence[Held]) -> CredentialType | None:
    """The open type that a course of the person's leads to, unless they hold it and need not apply."""
    ends = (*FINAL, Status.EXPIRED)
    has = {row.credential.statement["code"] for row in held if row.status not in ends}
    return (
        CredentialType.objects.filter(
            state=CredentialType.State.OPEN,
            requirements__courses__in=[row.course_id for row in enrolments],
        )
        .exclude(code__in=has)
        .distinct()
        .first()
    )


# The next step: what runs out first comes first.


def _next(
    user: User,
    parts: Sequence[Part],
    stops: Sequence[Stop],
    exams: Exams,
    application: Application | None,
    at: datetime,
) -> Next | None:
    candidates = (
        _open_attempt(user, at),
        _answer_appointment(exams),
        _lesson(parts),
        _returned(stops),
        _requirement(stops),
        _apply(application, stops),
        _wait(stops, application),
    )
    return next((step for step in candidates if step), None)


def _open_attempt(user: User, at: datetime) -> Next | None:
    attempt = (
        Attempt.objects.filter(learner=user, quiz__pool=Pool.SECURE, submitted_at=None)
        .exclude(due_at__lte=at)
        .select_related("quiz__activity")
        .annotate(
            asked=Count("responses"),
            left=Count("responses", filter=Q(responses__answer__isnull=True)),
        )
        .first()
    )
    if attempt is None:
        return None
    left = ngettext(
        "%(n)d of %(all)d questions is still to answer.",
        "%(n)d of %(all)d questions are still to answer.",
        attempt.left,
    ) % {"n": attempt.left, "all": attempt.asked}
    if attempt.due_at:
        minutes = max(1, int((attempt.due_at - at).total_seconds() // 60))
        time = ngettext("%(n)d minute is left.", "%(n)d minutes are left.", minutes)
        left = f"{left} {time % {'n': minutes}}"
    return Next(
        _("Next · In progress"),
        attempt.quiz.activity.title,
        left,
        reverse("attempt", args=[attempt.uuid]),
        _("Go on"),
    )


def _answer_appointment(exams: Exams) -> Next | None:
    offered = exams.offered
    if offered is None:
        return None
    return Next(
        _("Next · Practical"),
        _("You are offered a place on %(day)s") % {"day": date_format(offered.starts_at, "j F Y")},
        _("%(time)s, %(place)s. Accept it, or decline and be offered another.")
        % {"time": f"{offered.starts_at:%H:%M}", "place": offered.day.place},
        reverse("appointment", args=[offered.appointment.uuid]),
        _("Answer the offer"),
    )


def _returned(stops: Sequence[Stop]) -> Next | None:
    stop = next((stop for stop in stops if stop.is_returned), None)
    return _act(_("Next · Your documents"), stop)


def _requirement(stops: Sequence[Stop]) -> Next | None:
    """The first thing an applicant can do now."""
    stop = next((stop for stop in stops if stop.acts), None)
    return _act(_("Next · Your application"), stop)


def _act(kicker: str, stop: Stop | None) -> Next | None:
    if stop is None or stop.action is None:
        return None
    return Next(kicker, stop.title, stop.sentence, stop.action.url, stop.action.label)


def _lesson(parts: Sequence[Part]) -> Next | None:
    activity = next_step(parts)
    if activity is None:
        return None
    number, part = next(
        (number, part)
        for number, part in enumerate(parts, start=1)
        if part.module.pk == activity.module_id
    )
    begun = any(part.done for part in parts)
    return Next(
        _("Next · %(place)s") % {"place": _place(number, part, activity)},
        activity.title,
        _minutes(activity),
        reverse("activity", args=[activity.uuid]),
        _button(activity, begun),
    )


def _place(number: int, part: Part, activity: Activity) -> str:
    same = [step.activity for step in part.steps if step.activity.kind == activity.kind]
    words: dict[str, str] = {
        Activity.Kind.LESSON: _("Module %(module)d, lesson %(n)d of %(all)d"),
        Activity.Kind.QUIZ: _("Module %(module)d, quiz %(n)d of %(all)d"),
        Activity.Kind.PRACTICAL: _("Module %(module)d, practice station %(n)d of %(all)d"),
    }
    index = [row.pk for row in same].index(activity.pk) + 1
    return words[activity.kind] % {"module": number, "n": index, "all": len(same)}


def _minutes(activity: Activity) -> str:
    if activity.kind == Activity.Kind.PRACTICAL:
        return _("Your instructor scores it with you; read what it asks first.")
    if not activity.minutes:
        return ""
    return ngettext("%(n)d minute.", "%(n)d minutes.", activity.minutes) % {"n": activity.minutes}


def _button(activity: Activity, begun: bool) -> str:
    if activity.kind == Activity.Kind.QUIZ:
        return _("Take the quiz")
    if activity.kind == Activity.Kind.PRACTICAL:
        return _("Read about the station")
    said = _("Go on with lesson %(code)s") if begun else _("Begin with lesson %(code)s")
    return said % {"code": activity.code}


def _apply(application: Application | None, stops: Sequence[Stop]) -> Next | None:
    if application or not stops:
        return None
    kind = stops[0].requirement.credential_type
    return Next(
        _("Next · Your application"),
        _("Apply for the credential"),
        _(
            "One page: your name as on your identity document, the code of conduct, and whether you are listed in the public register."
        ),
        reverse("apply", args=[kind.code]),
        _("Apply"),
    )


def _wait(stops: Sequence[Stop], application: Application | None) -> Next | None:
    waiting = [stop for stop in stops if stop.place == "wait"]
    if not (application and waiting):
        return None
    return Next(_("Now"), _("Nothing for you to do"), waiting[0].sentence)


# The margin


def _practice(parts: Sequence[Part]) -> list[Practice]:
    """Practice quizzes of the modules that are open: those not done yet first, then those of the newest modules."""
    steps: dict[int, Any] = {
        step.activity.pk: step
        for part in parts
        if not part.closed_by
        for step in part.steps
        if step.activity.kind == Activity.Kind.QUIZ
    }
    sizes = (
        Quiz.objects.filter(activity__in=steps, pool=Pool.PRACTICE)
        .values_list("activity")
        .annotate(n=Sum("cells__count"))
    )
    known = dict(sizes)
    newest_first = [step for pk, step in reversed(steps.items()) if known.get(pk)]
    rows = sorted(newest_first, key=lambda step: step.state == "complete")
    return [
        Practice(
            step.activity.title,
            reverse("activity", args=[step.activity.uuid]),
            known[step.activity.pk],
            step.state,
        )
        for step in rows[:PRACTICE_SHOWN]
    ]
