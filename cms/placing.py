"""What publishing, moving and unpublishing a page does to the rows beneath. Called by Wagtail's signals (see apps.py).

Order of modules and activities is the order of the pages in the tree. A page whose parent is not placed yet is placed with the parent.
"""

from datetime import datetime
from typing import Any

from django.db import transaction
from wagtail.models import Page

from cms.models import ActivityPage, CoursePage, LessonPage, ModulePage, PracticalPage, QuizPage
from cms.models.base import path_of
from courses.models import Activity, Course, Module
from courses.services import (
    arrange,
    place_activity,
    place_course,
    place_module,
    require_may_leave,
    withdraw,
)
from practicals.services import place_formative
from quizzes.services import load_quiz

PLACED = (CoursePage, ModulePage, LessonPage, QuizPage, PracticalPage)


@transaction.atomic
def place(page: Page, *, at: datetime) -> None:
    """Make or update the row of a live page, its place among its siblings, and the rows of children that waited for it.

    Wagtail says "published" of a page that is only scheduled, too; that one is left until its time comes.
    """
    if not page.live:
        return
    if isinstance(page, CoursePage):
        new = not Course.objects.filter(page_key=page.translation_key).exists()
        _place_course(page, at)
    elif isinstance(page, ModulePage):
        new = not Module.objects.filter(page_key=page.translation_key).exists()
        if not _place_module(page, at):
            return
    elif isinstance(page, ActivityPage):
        new = False
        if not _place_activity(page, at):
            return
    else:
        return
    if new:
        place_children(page, at=at)
    if not isinstance(page, CoursePage):
        arrange_children(page.get_parent(update=True), at=at)


def place_children(page: Page, *, at: datetime) -> None:
    """Place the live children of a page; each of them, being new, places its own."""
    for child in page.get_children().live().specific():
        place(child, at=at)


def arrange_children(parent: Page, *, at: datetime) -> None:
    """Put the rows of a page's children into the order of the pages."""
    arrange(page_keys=list(parent.get_children().values_list("translation_key", flat=True)), at=at)


def _place_course(page: CoursePage, at: datetime) -> None:
    place_course(
        page_key=page.translation_key,
        at=at,
        code=page.code,
        edition=page.edition,
        title=page.title,
        lede=page.lede,
        hours=page.hours,
        access=page.access,
        is_open=page.is_open,
        path=path_of(page),
    )


def _place_module(page: ModulePage, at: datetime) -> Module | None:
    course = Course.objects.filter(page_key=page.get_parent(update=True).translation_key).first()
    if course is None:
        return None
    return place_module(
        page_key=page.translation_key,
        course=course,
        requires=list(page.requires.values_list("translation_key", flat=True)),
        at=at,
        code=page.code,
        title=page.title,
        hours=page.hours,
        path=path_of(page),
    )


def _place_activity(page: ActivityPage, at: datetime) -> Activity | None:
    module = Module.objects.filter(page_key=page.get_parent(update=True).translation_key).first()
    if module is None:
        return None
    activity = place_activity(
        page_key=page.translation_key,
        module=module,
        kind=page.kind,
        at=at,
        code=page.code,
        title=page.title,
        minutes=page.minutes,
        required=page.required,
        path=path_of(page),
    )
    if isinstance(page, QuizPage):
        _set_up_quiz(page, activity, at)
    if isinstance(page, PracticalPage) and page.checklist:
        place_formative(activity=activity, checklist=page.checklist, at=at)
    return activity


def _set_up_quiz(page: QuizPage, activity: Activity, at: datetime) -> None:
    load_quiz(
        activity=activity,
        cells=[
            (cell.value["domain"], cell.value["level"] or "", cell.value["count"])
            for cell in page.draw
        ],
        at=at,
        pool=page.pool,
        instructions=page.instructions,
        time_limit_minutes=page.time_limit_minutes,
        pass_percent=page.pass_percent,
        attempts_allowed=page.attempts_allowed,
        wait_days=page.wait_days,
        feedback=page.feedback,
        must_cover=page.must_cover,
        delivery=page.delivery,
        pilot_items=page.pilot_items,
        release=page.release,
        scale_cut=page.scale_cut,
        scale_max=page.scale_max,
        agreement=page.agreement,
        invigilated=page.invigilated,
        window_days=page.window_days,
        break_minutes=page.break_minutes,
    )


def require_may_move(page: Page, destination: Page) -> None:
    """Raise Conflict when learners have worked on something in the page's course and it would leave that course."""
    if isinstance(page, ModulePage | ActivityPage):
        require_may_leave(
            page_keys=list(
                page.get_descendants(inclusive=True).values_list("translation_key", flat=True)
            ),
            for_course=_course_key(destination),
        )


def _course_key(page: Page) -> Any:
    above = CoursePage.objects.ancestor_of(page, inclusive=True).first()
    return above and above.translation_key


@transaction.atomic
def move(page: Page, *, parents: tuple[Page, Page], at: datetime) -> None:
    """A page was moved: its row follows it, the paths below it change, and both old and new siblings are put in order."""
    place_again(page, at=at)
    for parent in {parent.pk: parent for parent in parents}.values():
        arrange_children(parent, at=at)


def place_again(page: Page, *, at: datetime) -> None:
    """Place a live page and everything live below it anew: something above them changed where they are."""
    for found in (
        Page.objects.live().descendant_of(page, inclusive=True).order_by("path").specific()
    ):
        if isinstance(found, PLACED):
            place(found, at=at)


def take_away(page: Any, *, at: datetime) -> None:
    """A page was unpublished."""
    withdraw(page_key=page.translation_key, at=at)
