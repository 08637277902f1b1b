"""A learner opens a page of a course: may they, and what stands around it.

Anonymous people are sent to sign in; people who are not enrolled are offered to; in a closed module the page says which modules come first.
Instructors and those who review read everything, and complete nothing.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.response import TemplateResponse
from wagtail.models import Page

from accounts.models import Role, User
from courses.models import Course, Enrolment
from courses.services import Part, Step, hours_done, may_enter, next_step, outline, syllabus

READERS = (
    Role.INSTRUCTOR,
    Role.ITEM_AUTHOR,
    Role.ITEM_REVIEWER,
    Role.CHIEF_EXAMINER,
    Role.ADMINISTRATOR,
)


@dataclass(frozen=True)
class Visit:
    """Where a page stands in its course, for one reader. `enrolment` is None for staff who read along; `place` is the n-th step of its module."""

    course: Course
    enrolment: Enrolment | None
    part: Part
    step: Step
    place: int
    before: Step | None
    after: Step | None


def visit_of(page_key: UUID, user: User) -> Visit | None:
    """The visit of somebody enrolled in the activity's course, or of staff; None for anybody else. Two queries for a learner."""
    enrolments = Enrolment.objects.filter(
        learner=user, course__modules__activities__page_key=page_key
    )
    enrolment = next(iter(enrolments.select_related("course").order_by()), None)
    if enrolment:
        enrolment.learner = user
        return _place(
            page_key,
            enrolment.course,
            enrolment,
            outline(enrolment=enrolment, course=enrolment.course),
        )
    if user.has_role(*READERS):
        course = course_of(page_key)
        return _place(page_key, course, None, syllabus(course=course)) if course else None
    return None


def _place(page_key: UUID, course: Course, enrolment: Enrolment | None, parts: list[Part]) -> Visit:
    steps = [(part, step) for part in parts for step in part.steps]
    for at, (part, step) in enumerate(steps):
        if step.activity.page_key == page_key:
            before = steps[at - 1][1] if at else None
            after = steps[at + 1][1] if at + 1 < len(steps) else None
            place = 1 + next(n for n, other in enumerate(part.steps) if other is step)
            return Visit(course, enrolment, part, step, place, before, after)
    raise Http404


def course_of(page_key: UUID) -> Course | None:
    """The course an activity's page belongs to."""
    return Course.objects.filter(modules__activities__page_key=page_key).first()


def serve(page: Page, request: HttpRequest) -> HttpResponse:
    """The page for those who may read it, else what they can do about it."""
    if not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    visit = visit_of(page.translation_key, request.user)
    context = page.get_context(request)
    if visit is None:
        course = course_of(page.translation_key)
        if course is None:
            raise Http404
        return render(
            request, "cms/not_enrolled.html", context | _offer(course, request.user), status=403
        )
    context |= {"visit": visit, "course": visit.course}
    if visit.enrolment and visit.part.closed_by:
        return render(request, "cms/closed.html", context, status=403)
    return TemplateResponse(request, page.template, context | page.reading_context(visit, request))


def preview_context(page: Page, request: HttpRequest) -> dict[str, Any]:
    """What a preview shows around a draft: the course as far as it is published, if it is."""
    course = course_of(page.translation_key)
    if course is None:
        return page.reading_context(None, request)
    try:
        visit = _place(page.translation_key, course, None, syllabus(course=course))
    except Http404:
        return page.reading_context(None, request)
    return {"visit": visit, "course": course} | page.reading_context(visit, request)


def _offer(course: Course, user: User) -> dict[str, Any]:
    """What somebody who is not enrolled may do."""
    by_application = course.access == Course.Access.APPLICATION
    return {
        "course": course,
        "may_enrol": course.is_open
        and (not by_application or may_enter(learner=user, course=course)),
        "by_application": by_application,
    }


def course_context(request: HttpRequest, page_key: UUID) -> dict[str, Any]:
    """A course page: for visitors the syllabus, for learners their outline."""
    course = Course.objects.filter(page_key=page_key).first()
    if course is None:
        return {"course": None, "parts": []}
    user = request.user
    if not user.is_authenticated:
        return {"course": course, "parts": syllabus(course=course)}
    enrolment = Enrolment.objects.filter(learner=user, course=course).first()
    if enrolment is None:
        return {"parts": syllabus(course=course)} | _offer(course, user)
    parts = outline(enrolment=enrolment)
    return {
        "course": course,
        "enrolment": enrolment,
        "parts": parts,
        "next": next_step(parts),
        "hours_done": hours_done(parts),
    }


def module_context(request: HttpRequest, page_key: UUID) -> dict[str, Any]:
    """A module page: its part of the course."""
    course = Course.objects.filter(modules__page_key=page_key).first()
    if course is None:
        return {"course": None, "part": None}
    context = course_context(request, course.page_key)
    part = next((part for part in context["parts"] if part.module.page_key == page_key), None)
    if part is None:
        raise Http404
    return context | {"part": part}
