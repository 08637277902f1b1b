"""What publishing does to rows."""

import uuid

import pytest

from accounts.services import Conflict
from courses.models import Activity, Course, Module, Progress
from courses.services import (
    arrange,
    place_activity,
    place_course,
    place_module,
    registers_changed,
    withdraw,
)
from tests.factories import (
    NOW,
    ActivityFactory,
    CourseFactory,
    EnrolmentFactory,
    ModuleFactory,
)

pytestmark = pytest.mark.django_db


def course(**fields):
    given = {"code": "C1", "edition": "1", "title": "Course", "page_key": uuid.uuid4()}
    return place_course(at=NOW, **{**given, **fields})


def module(of, **fields):
    given = {"page_key": uuid.uuid4(), "code": "M1", "title": "Module", "hours": 3}
    return place_module(course=of, at=NOW, **{**given, **fields})


def activity(of, **fields):
    given = {"page_key": uuid.uuid4(), "kind": "lesson", "title": "Lesson"}
    return place_activity(module=of, at=NOW, **{**given, **fields})


def test_placing_twice_keeps_one_row():
    key = uuid.uuid4()
    first = course(page_key=key)
    again = course(page_key=key, title="New title")
    assert (first.pk, again.title) == (again.pk, "New title")
    assert Course.objects.count() == 1


def test_a_code_is_open_once():
    course(code="C1")
    with pytest.raises(Conflict, match="Close it first"):
        course(code="C1")
    course(code="C1", is_open=False)


def test_a_module_requires_only_modules_of_its_course_and_never_itself():
    own, other = course(), course(code="C2")
    first, foreign = module(own), module(other)
    key = uuid.uuid4()
    placed = module(own, page_key=key, requires=[first.page_key, foreign.page_key, key])
    assert list(placed.requires.all()) == [first]


def test_an_activity_moves_to_another_module_of_its_course():
    of = course()
    one, two = module(of), module(of)
    lesson = activity(one)
    moved = activity(two, page_key=lesson.page_key)
    assert (moved.pk, moved.module) == (lesson.pk, two)


def test_what_was_worked_on_does_not_leave_its_course():
    lesson = ActivityFactory()
    enrolment = EnrolmentFactory(course=lesson.module.course)
    Progress.objects.create(enrolment=enrolment, activity=lesson, state="complete", changed_at=NOW)
    elsewhere = ModuleFactory()
    with pytest.raises(Conflict, match="Copy it"):
        activity(elsewhere, page_key=lesson.page_key)
    with pytest.raises(Conflict, match="Copy it"):
        module(elsewhere.course, page_key=lesson.module.page_key)


def test_an_untouched_activity_may_leave_its_course():
    lesson, elsewhere = ActivityFactory(), ModuleFactory()
    assert activity(elsewhere, page_key=lesson.page_key).module == elsewhere


def test_a_lesson_does_not_become_a_quiz():
    lesson = ActivityFactory()
    with pytest.raises(Conflict, match="make a new page"):
        activity(lesson.module, page_key=lesson.page_key, kind="quiz")


def test_withdrawing_keeps_the_row_and_placing_brings_it_back():
    lesson = ActivityFactory()
    withdraw(page_key=lesson.page_key, at=NOW)
    lesson.refresh_from_db()
    assert not lesson.is_live
    assert activity(lesson.module, page_key=lesson.page_key).is_live


def test_withdrawing_a_module_frees_learners_of_what_is_in_it():
    lesson = ActivityFactory()
    withdraw(page_key=lesson.module.page_key, at=NOW)
    assert not Activity.objects.owed().exists()


def test_withdrawing_a_course_closes_it():
    row = CourseFactory()
    withdraw(page_key=row.page_key, at=NOW)
    row.refresh_from_db()
    assert not row.is_open


def test_rows_follow_the_order_of_pages():
    of = course()
    rows = [module(of, code=f"M{n}") for n in range(3)]
    keys = [rows[2].page_key, rows[0].page_key, rows[1].page_key]
    arrange(page_keys=keys, at=NOW)
    assert list(of.modules.order_by("position").values_list("page_key", flat=True)) == keys


def test_every_change_that_learners_can_see_raises_the_revision():
    of = course()

    def revision():
        of.refresh_from_db()
        return of.revision

    seen = [revision()]
    one = module(of)
    seen.append(revision())
    lesson = activity(one)
    seen.append(revision())
    arrange(page_keys=[uuid.uuid4(), one.page_key], at=NOW)
    seen.append(revision())
    withdraw(page_key=lesson.page_key, at=NOW)
    seen.append(revision())
    registers_changed()
    seen.append(revision())
    assert seen == sorted(set(seen))


def test_arranging_what_is_in_order_changes_nothing(django_assert_num_queries):
    of = course()
    keys = [module(of, position=place).page_key for place in range(3)]
    with django_assert_num_queries(4):  # savepoint, modules, activities, release
        arrange(page_keys=keys, at=NOW)


def test_no_row_is_ever_deleted():
    lesson = ActivityFactory()
    withdraw(page_key=lesson.page_key, at=NOW)
    withdraw(page_key=lesson.module.page_key, at=NOW)
    assert (Activity.objects.count(), Module.objects.count()) == (1, 1)
