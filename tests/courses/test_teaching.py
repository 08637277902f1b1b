"""Class lists and sessions."""

import datetime as dt

import pytest

from accounts.models import Role, TeachingRecord
from accounts.services import Forbidden, Invalid, bars_to_examining
from courses.models import Cohort, Progress
from courses.services import class_list, record_session, staff_class
from tests.factories import (
    NOW,
    ActivityFactory,
    CourseFactory,
    EnrolmentFactory,
    ModuleFactory,
    UserFactory,
    person,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def instructor():
    return person(Role.INSTRUCTOR)


@pytest.fixture
def cohort(instructor):
    row = Cohort.objects.create(course=CourseFactory(), title="Autumn", begins_on=NOW.date())
    row.instructors.add(instructor)
    return row


def session(cohort, learners, **fields):
    given = {"subject": "Draping", "taught_on": NOW.date(), "minutes": 90, "at": NOW}
    return record_session(cohort=cohort, learners=learners, **{**given, **fields})


def test_a_session_bars_its_instructor_from_examining_whoever_was_there(cohort, instructor):
    there, absent = (EnrolmentFactory(course=cohort.course, cohort=cohort).learner for _ in "ab")
    assert session(cohort, [there], by=instructor) == 1
    record = TeachingRecord.objects.get()
    assert (record.teacher, record.learner, record.minutes) == (instructor, there, 90)
    assert bars_to_examining(examiner=instructor, candidate=there, on=NOW.date())
    assert not bars_to_examining(examiner=instructor, candidate=absent, on=NOW.date())


def test_the_same_session_twice_is_written_once(cohort, instructor):
    learner = EnrolmentFactory(course=cohort.course, cohort=cohort).learner
    for _again in range(2):
        session(cohort, [learner], by=instructor)
    assert TeachingRecord.objects.count() == 1


def test_only_an_instructor_of_the_class_records_its_sessions(cohort):
    with pytest.raises(Forbidden):
        session(cohort, [], by=person(Role.INSTRUCTOR))


def test_a_session_is_of_people_of_the_class(cohort, instructor):
    with pytest.raises(Invalid):
        session(cohort, [UserFactory()], by=instructor)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("taught_on", NOW.date() + dt.timedelta(days=1)),
        ("minutes", 0),
        ("minutes", 10_000),
        ("subject", "   "),
    ],
)
def test_a_session_that_cannot_be_is_refused_by_field(cohort, instructor, field, value):
    learner = EnrolmentFactory(course=cohort.course, cohort=cohort).learner
    with pytest.raises(Invalid) as refused:
        session(cohort, [learner], by=instructor, **{field: value})
    assert list(refused.value.fields) == [field]
    assert not TeachingRecord.objects.exists()


def test_nobody_present_is_no_session(cohort, instructor):
    with pytest.raises(Invalid) as refused:
        session(cohort, [], by=instructor)
    assert list(refused.value.fields) == ["learners"]


def test_somebody_who_joins_the_instructors_teaches_everybody_there(cohort, instructor):
    learner = EnrolmentFactory(course=cohort.course, cohort=cohort).learner
    new = person(Role.INSTRUCTOR)
    for _again in range(2):
        staff_class(cohort=cohort, instructors=[instructor, new], at=NOW)
    assert [(row.teacher, row.learner) for row in TeachingRecord.objects.all()] == [(new, learner)]


def test_somebody_who_leaves_the_instructors_has_taught_all_the_same(cohort, instructor):
    EnrolmentFactory(course=cohort.course, cohort=cohort)
    staff_class(cohort=cohort, instructors=[], at=NOW)
    staff_class(cohort=cohort, instructors=[instructor], at=NOW)
    staff_class(cohort=cohort, instructors=[], at=NOW)
    assert TeachingRecord.objects.count() == 1


def test_a_class_list_says_how_far_everybody_is_and_what_is_next(cohort):
    module = ModuleFactory(course=cohort.course)
    first, second = ActivityFactory.create_batch(2, module=module)
    ada = EnrolmentFactory(course=cohort.course, cohort=cohort, learner__name="Ada")
    EnrolmentFactory(course=cohort.course, cohort=cohort, learner__name="Bea")
    Progress.objects.create(enrolment=ada, activity=first, state="complete", changed_at=NOW)
    one, two = class_list(cohort=cohort).learners
    assert [(row.done, row.owed, row.next_step, row.last_seen) for row in (one, two)] == [
        (1, 2, second, NOW),
        (0, 2, first, None),
    ]


def test_a_class_list_takes_four_queries_whatever_its_size(cohort, django_assert_num_queries):
    for module in ModuleFactory.create_batch(3, course=cohort.course):
        ActivityFactory.create_batch(4, module=module)
    for enrolment in EnrolmentFactory.create_batch(7, course=cohort.course, cohort=cohort):
        for activity in cohort.course.modules.first().activities.all():
            Progress.objects.create(
                enrolment=enrolment, activity=activity, state="complete", changed_at=NOW
            )
    with django_assert_num_queries(4):
        rows = class_list(cohort=cohort).learners
    assert [row.done for row in rows] == [4] * 7
