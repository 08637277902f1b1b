"""Placing: what publishing a page does to the rows that learners' progress hangs on. Rows are never deleted, only withdrawn."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from accounts.services import Conflict
from courses.models import Activity, Course, Module, Progress


@transaction.atomic
def place_course(*, page_key: UUID, at: datetime, **fields: Any) -> Course:
    """Make or update the course of a page. `fields`: code, edition, title, lede, hours, access, is_open, path.

    Raises Conflict when another page's course of this code takes learners.
    """
    others = Course.objects.filter(code=fields.get("code"), is_open=True).exclude(page_key=page_key)
    if fields.get("is_open", True) and others.exists():
        raise Conflict(
            "code_taken",
            _("Another open course has the code %(code)s. Close it first.")
            % {"code": fields["code"]},
        )
    course, _new = Course.objects.update_or_create(page_key=page_key, defaults=fields)
    _changed(course.pk)
    return course


@transaction.atomic
def place_module(
    *, page_key: UUID, course: Course, requires: Sequence[UUID] = (), at: datetime, **fields: Any
) -> Module:
    """Make or update the module of a page. `requires` are page keys of modules of the same course; `fields`: code, title, hours, position, path.

    Raises Conflict when the module would leave a course in which learners have worked on it.
    """
    existing = Module.objects.filter(page_key=page_key).first()
    if existing and existing.course_id != course.pk:
        inside = existing.activities.values_list("page_key", flat=True)
        require_may_leave(page_keys=list(inside), for_course=course.page_key)
    module, _new = Module.objects.update_or_create(
        page_key=page_key, defaults={"course": course, "is_live": True, **fields}
    )
    module.requires.set(course.modules.filter(page_key__in=requires).exclude(pk=module.pk))
    _changed(course.pk)
    return module


@transaction.atomic
def place_activity(
    *, page_key: UUID, module: Module, kind: str, at: datetime, **fields: Any
) -> Activity:
    """Make or update the activity of a page. `fields`: code, title, minutes, required, position, path.

    It may move to another module of its course. Raises Conflict when the page's activity is of another kind, or would leave a
    course in which learners have worked on it.
    """
    existing = Activity.objects.filter(page_key=page_key).select_related("module__course").first()
    if existing and existing.kind != kind:
        raise Conflict(
            "other_kind",
            _("“%(title)s” is a %(kind)s; make a new page for a %(wanted)s.")
            % {"title": existing, "kind": existing.kind, "wanted": kind},
        )
    if existing and existing.module.course_id != module.course_id:
        require_may_leave(page_keys=[page_key], for_course=module.course.page_key)
    activity, _new = Activity.objects.update_or_create(
        page_key=page_key, defaults={"module": module, "kind": kind, "is_live": True, **fields}
    )
    _changed(module.course_id)
    return activity


def require_may_leave(*, page_keys: Sequence[UUID], for_course: UUID | None) -> None:
    """Raise Conflict when pages would take to another course (or out of all) what learners of theirs have worked on.

    `for_course` is the page key of the course they go to.
    """
    elsewhere = ~Q(activity__module__course__page_key=for_course) if for_course else Q()
    touched = (
        Progress.objects.filter(elsewhere, activity__page_key__in=page_keys)
        .select_related("activity__module__course")
        .first()
    )
    if touched:
        raise Conflict(
            "worked_on",
            _(
                "Learners of “%(course)s” have worked on this. Copy it to the other course instead of moving it."
            )
            % {"course": touched.activity.module.course},
        )


@transaction.atomic
def arrange(*, page_keys: Sequence[UUID], at: datetime) -> None:
    """Put modules, or the activities of a module, into the order of their pages."""
    place = {key: position for position, key in enumerate(page_keys)}
    modules = list(Module.objects.filter(page_key__in=place))
    activities = list(Activity.objects.filter(page_key__in=place).select_related("module"))
    moved_modules = [row for row in modules if _moves(row, place)]
    moved_activities = [row for row in activities if _moves(row, place)]
    Module.objects.bulk_update(moved_modules, ["position"])
    Activity.objects.bulk_update(moved_activities, ["position"])
    courses = {row.course_id for row in moved_modules}
    courses |= {row.module.course_id for row in moved_activities}
    if courses:
        _changed(*courses)


def _moves(row: Module | Activity, place: Mapping[UUID, int]) -> bool:
    """Give a row its place; whether that changes it."""
    before, row.position = row.position, place[row.page_key]
    return before != row.position


@transaction.atomic
def withdraw(*, page_key: UUID, at: datetime) -> None:
    """A page was unpublished: what it placed is no longer owed. What learners did stays."""
    Activity.objects.filter(page_key=page_key).update(is_live=False)
    Module.objects.filter(page_key=page_key).update(is_live=False)
    Course.objects.filter(page_key=page_key).update(is_open=False)
    _changed(
        *Course.objects.filter(
            Q(page_key=page_key)
            | Q(modules__page_key=page_key)
            | Q(modules__activities__page_key=page_key)
        ).values_list("pk", flat=True)
    )


def _changed(*courses: int) -> None:
    """What learners read in these courses has changed."""
    Course.objects.filter(pk__in=courses).update(revision=F("revision") + 1)


def registers_changed() -> None:
    """A register entry or a figure has changed: every lesson that shows it is rendered anew."""
    Course.objects.update(revision=F("revision") + 1)
