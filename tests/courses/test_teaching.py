"""Class lists and sessions."""

import datetime as dt

import pytest
from django.db import IntegrityError

from accounts.models import Role, TeachingRecord
from accounts.services import Forbidden, Invalid, bars_to_examining
from courses.models import Cohort, Progress
from courses.services import class_list, enrol, keep_teaching_current, record_session, staff_class
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


def test_a_class_may_last_a_day_but_does_not_end_before_it_begins(cohort):
    cohort.ends_on = cohort.begins_on
    cohort.save()
    cohort.ends_on -= dt.timedelta(days=1)
    with pytest.raises(IntegrityError, match="a_class_ends_after_it_began"):
        cohort.save()


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


# A class that goes on


def taught_on(learner):
    return list(learner.teaching_received.order_by("pk").values_list("taught_on", flat=True))


def days_later(days):
    return NOW + dt.timedelta(days=days)


def joins(cohort):
    learner = UserFactory()
    enrol(learner=learner, course=cohort.course, cohort=cohort, at=NOW)
    return learner


@pytest.mark.parametrize(("days", "written"), [(30, 0), (31, 1)])
def test_a_class_that_goes_on_is_written_down_again_after_thirty_days(cohort, days, written):
    learner = joins(cohort)
    assert keep_teaching_current(at=days_later(days)) == written
    assert keep_teaching_current(at=days_later(days)) == 0
    assert taught_on(learner) == [NOW.date(), days_later(days).date()][: 1 + written]


def test_the_bar_counts_from_the_end_of_the_teaching_not_from_joining(cohort, instructor):
    learner = joins(cohort)
    for days in range(0, 800, 31):
        keep_teaching_current(at=days_later(days))
    cohort.ends_on = days_later(800).date()
    cohort.save()
    keep_teaching_current(at=days_later(900))
    (bar,) = bars_to_examining(
        examiner=instructor, candidate=learner, on=days_later(800 + 690).date()
    )
    assert bar.rule == "R3"
    assert bar.since > days_later(800 - 31).date()
    assert not bars_to_examining(
        examiner=instructor, candidate=learner, on=days_later(800 + 740).date()
    )


def test_a_recorded_session_is_record_enough(cohort, instructor):
    session(cohort, [joins(cohort)], by=instructor, taught_on=NOW.date())
    session(
        cohort,
        [learner := joins(cohort)],
        by=instructor,
        taught_on=days_later(20).date(),
        at=days_later(20),
    )
    keep_teaching_current(at=days_later(40))
    assert taught_on(learner) == [NOW.date(), days_later(20).date()]


def test_teaching_in_another_class_is_not_taken_for_this_one(cohort, instructor):
    learner = joins(cohort)
    other = Cohort.objects.create(course=CourseFactory(), title="Other", begins_on=NOW.date())
    other.instructors.add(instructor)
    enrol(learner=learner, course=other.course, cohort=other, at=days_later(20))
    assert keep_teaching_current(at=days_later(40)) == 1


@pytest.mark.parametrize("what", ["ended", "not begun", "completed", "left by its instructor"])
def test_where_nobody_is_taught_any_more_nothing_is_written(cohort, instructor, what):
    learner, later = joins(cohort), days_later(60)
    if what == "ended":
        Cohort.objects.update(ends_on=days_later(59).date())
    elif what == "not begun":
        Cohort.objects.update(begins_on=days_later(61).date())
    elif what == "completed":
        learner.enrolments.update(completed_at=NOW)
    else:
        staff_class(cohort=cohort, instructors=[], at=NOW)
    assert keep_teaching_current(at=later) == 0


def test_on_its_last_day_a_class_is_still_taught(cohort):
    joins(cohort)
    Cohort.objects.update(ends_on=days_later(60).date())
    assert keep_teaching_current(at=days_later(60)) == 1


def test_every_instructor_and_every_learner_of_a_class_is_kept(cohort, instructor):
    staff_class(cohort=cohort, instructors=[instructor, person(Role.INSTRUCTOR)], at=NOW)
    for _learner in range(3):
        joins(cohort)
    assert keep_teaching_current(at=days_later(31)) == 6
    assert TeachingRecord.objects.filter(taught_on=days_later(31).date()).count() == 6


def test_what_is_due_is_found_in_one_query_and_written_in_bounded_batches(
    cohort, monkeypatch, django_assert_num_queries
):
    for _learner in range(5):
        joins(cohort)
    with django_assert_num_queries(1):
        keep_teaching_current(at=NOW)
    monkeypatch.setattr("courses.services.teaching.KEPT_AT_ONCE", 2)
    assert [keep_teaching_current(at=days_later(31)) for _run in range(4)] == [2, 2, 1, 0]


def test_a_pair_that_cannot_be_written_holds_up_no_other(cohort, monkeypatch):
    from courses.services import teaching

    broken, fine = joins(cohort), joins(cohort)
    real = teaching.record_membership

    def breaks(*, learner, **given):
        if learner == broken:
            raise RuntimeError
        real(learner=learner, **given)

    monkeypatch.setattr(teaching, "record_membership", breaks)
    assert keep_teaching_current(at=days_later(31)) == 1
    assert taught_on(fine)[-1] == days_later(31).date()


def test_long_titles_fit_the_record(cohort):
    cohort.course.title, cohort.title = "C" * 200, "K" * 150
    cohort.course.save()
    cohort.save()
    assert joins(cohort).teaching_received.get().subject == "C" * 200
