"""Enrolling, reading, finishing."""

from uuid import uuid4

import pytest

from accounts.models import Notice, Role, TeachingRecord
from accounts.services import Conflict, Invalid, Missing
from courses.models import Cohort, CompletionStatement, Course, Enrolment, Progress
from courses.services import (
    complete_due,
    complete_lesson,
    enrol,
    outline,
    record_result,
    taking,
    withdraw,
)
from credentials.models import Evidence, Requirement
from tests.factories import (
    NOW,
    ActivityFactory,
    ApplicationFactory,
    CourseFactory,
    CredentialTypeFactory,
    EnrolmentFactory,
    ModuleFactory,
    RequirementFactory,
    UserFactory,
    person,
)

pytestmark = pytest.mark.django_db


def cohort_of(course, *instructors, **fields):
    row = Cohort.objects.create(course=course, title="Autumn", begins_on=NOW.date(), **fields)
    row.instructors.set(instructors)
    return row


def test_enrolling_twice_is_enrolling_once():
    learner, course = UserFactory(), CourseFactory()
    first, new = enrol(learner=learner, course=course, at=NOW)
    again, once_more = enrol(learner=learner, course=course, at=NOW)
    assert (first, new, once_more) == (again, True, False)


def test_a_closed_course_takes_nobody_new_but_knows_its_own():
    course = CourseFactory(is_open=False)
    enrolment = EnrolmentFactory(course=course)
    with pytest.raises(Conflict, match="no new learners"):
        enrol(learner=UserFactory(), course=course, at=NOW)
    assert enrol(learner=enrolment.learner, course=course, at=NOW) == (enrolment, False)


@pytest.fixture
def examinations():
    """A course that holds the examination of a credential and is entered with an application."""
    course = CourseFactory(access=Course.Access.APPLICATION, hours=0)
    exam = ActivityFactory(module=ModuleFactory(course=course), kind="quiz")
    requirement = RequirementFactory(kind=Requirement.Kind.ACTIVITY)
    exam.satisfies.add(requirement)
    return course, requirement.credential_type


def test_examinations_are_entered_with_an_application_and_no_course(examinations):
    course, kind = examinations
    learner = UserFactory()
    with pytest.raises(Conflict, match="Apply for the credential first"):
        enrol(learner=learner, course=course, at=NOW)
    ApplicationFactory(applicant=learner, credential_type=kind)
    assert enrol(learner=learner, course=course, at=NOW)[1]


def test_an_application_for_something_else_or_a_closed_one_opens_nothing(examinations):
    course, kind = examinations
    learner = UserFactory()
    ApplicationFactory(applicant=learner, credential_type=CredentialTypeFactory(code="OTHER"))
    ApplicationFactory(applicant=learner, credential_type=kind, closed_at=NOW)
    with pytest.raises(Conflict):
        enrol(learner=learner, course=course, at=NOW)


def test_joining_a_class_writes_who_teaches_whom_once():
    course, instructor, learner = CourseFactory(), person(Role.INSTRUCTOR), UserFactory()
    cohort = cohort_of(course, instructor)
    enrol(learner=learner, course=course, cohort=cohort, at=NOW)
    enrol(learner=learner, course=course, cohort=cohort, at=NOW)
    record = TeachingRecord.objects.get()
    assert (record.teacher, record.learner) == (instructor, learner)


def test_a_learner_is_in_one_class_of_a_course():
    course, learner = CourseFactory(), UserFactory()
    one, two = cohort_of(course), cohort_of(course)
    enrol(learner=learner, course=course, cohort=one, at=NOW)
    with pytest.raises(Conflict, match="another class"):
        enrol(learner=learner, course=course, cohort=two, at=NOW)


def test_a_class_of_another_course_is_refused():
    with pytest.raises(Invalid):
        enrol(
            learner=UserFactory(), course=CourseFactory(), cohort=cohort_of(CourseFactory()), at=NOW
        )


def test_reading_a_lesson_twice_is_reading_it_once():
    lesson = ActivityFactory()
    enrolment = EnrolmentFactory(course=lesson.module.course)
    for _again in range(2):
        complete_lesson(learner=enrolment.learner, activity=lesson, at=NOW)
    assert Progress.objects.get().state == "complete"


def test_only_an_enrolled_learner_reads_and_only_lessons():
    lesson, quiz = ActivityFactory(), ActivityFactory(kind="quiz")
    with pytest.raises(Missing):
        complete_lesson(learner=UserFactory(), activity=lesson, at=NOW)
    learner = EnrolmentFactory(course=quiz.module.course).learner
    with pytest.raises(Invalid):
        complete_lesson(learner=learner, activity=quiz, at=NOW)


def test_a_closed_module_names_what_comes_first():
    course = CourseFactory()
    first, second = ModuleFactory(course=course, title="Anatomy"), ModuleFactory(course=course)
    second.requires.add(first)
    begin, later = ActivityFactory(module=first), ActivityFactory(module=second)
    learner = EnrolmentFactory(course=course).learner
    with pytest.raises(Conflict, match="Complete Anatomy first"):
        complete_lesson(learner=learner, activity=later, at=NOW)
    complete_lesson(learner=learner, activity=begin, at=NOW)
    complete_lesson(learner=learner, activity=later, at=NOW)


def test_a_withdrawn_lesson_is_not_completed():
    lesson = ActivityFactory(is_live=False)
    learner = EnrolmentFactory(course=lesson.module.course).learner
    with pytest.raises(Conflict, match="withdrawn"):
        complete_lesson(learner=learner, activity=lesson, at=NOW)


def test_the_last_activity_completes_the_course_states_it_and_counts_as_education(
    django_capture_on_commit_callbacks,
):
    lesson = ActivityFactory()
    ActivityFactory(module=lesson.module, required=False)
    course = lesson.module.course
    requirement = RequirementFactory(kind=Requirement.Kind.COURSE)
    course.satisfies.add(requirement)
    enrolment = EnrolmentFactory(course=course)
    complete_lesson(learner=enrolment.learner, activity=lesson, at=NOW)
    enrolment.refresh_from_db()
    statement = CompletionStatement.objects.get()
    assert enrolment.completed_at == NOW
    assert (statement.hours, statement.name) == (course.hours, enrolment.learner.name)
    assert Evidence.objects.get().requirement == requirement
    notice = Notice.objects.get(kind="course_complete")
    assert "not a certification" in notice.body
    assert statement.number in notice.body


def test_a_course_of_no_hours_states_nothing():
    exam = ActivityFactory(module=ModuleFactory(course=CourseFactory(hours=0)), kind="quiz")
    enrolment = EnrolmentFactory(course=exam.module.course)
    record_result(
        enrolment=enrolment,
        activity=exam,
        state="complete",
        reference=None,
        label="",
        by=None,
        at=NOW,
    )
    enrolment.refresh_from_db()
    assert enrolment.completed_at
    assert not CompletionStatement.objects.exists()


def report(enrolment, activity, state, reference):
    record_result(
        enrolment=enrolment,
        activity=activity,
        state=state,
        reference=reference,
        label="Passed",
        by=None,
        at=NOW,
    )


def test_a_result_that_is_superseded_no_longer_counts_even_when_another_came_after_it():
    exam = ActivityFactory(kind="quiz")
    exam.satisfies.add(RequirementFactory(kind=Requirement.Kind.ACTIVITY))
    enrolment = EnrolmentFactory(course=exam.module.course)
    first, second = uuid4(), uuid4()
    report(enrolment, exam, "complete", first)
    report(enrolment, exam, "complete", second)
    report(enrolment, exam, "failed", first)
    assert Progress.objects.get().state == "complete"
    newest = {row.reference: row.counts for row in Evidence.objects.order_by("sequence")}
    assert newest == {first: False, second: True}


def test_a_later_fail_leaves_what_is_passed_passed():
    exam = ActivityFactory(kind="quiz")
    exam.satisfies.add(RequirementFactory(kind=Requirement.Kind.ACTIVITY))
    enrolment = EnrolmentFactory(course=exam.module.course)
    passed = uuid4()
    report(enrolment, exam, "complete", passed)
    report(enrolment, exam, "failed", uuid4())
    assert (Progress.objects.get().state, Progress.objects.get().reference) == ("complete", passed)
    assert Evidence.objects.get().reference == passed


def test_the_sweep_completes_a_course_whose_last_open_lesson_was_withdrawn():
    read, left = ActivityFactory(), ActivityFactory()
    left.module = read.module
    left.save()
    enrolment = EnrolmentFactory(course=read.module.course)
    beginner = EnrolmentFactory(course=read.module.course)
    complete_lesson(learner=enrolment.learner, activity=read, at=NOW)
    assert complete_due(at=NOW) == 0
    withdraw(page_key=left.page_key, at=NOW)
    assert complete_due(at=NOW) == 1
    assert complete_due(at=NOW) == 0
    assert CompletionStatement.objects.get().enrolment == enrolment
    beginner.refresh_from_db()
    assert beginner.completed_at is None


def test_a_course_that_owes_nothing_is_completed_by_nobody():
    EnrolmentFactory(course=ActivityFactory(required=False).module.course)
    assert complete_due(at=NOW) == 0


def test_a_course_that_cannot_be_completed_holds_up_no_other(monkeypatch):
    lessons = [ActivityFactory() for _number in range(2)]
    for lesson in lessons:
        enrolment = EnrolmentFactory(course=lesson.module.course)
        Progress.objects.create(
            enrolment=enrolment, activity=lesson, state="complete", changed_at=NOW
        )
    broken = Enrolment.objects.order_by("pk")[0]
    state = taking._state_completion

    def breaks(*, enrolment, **given):
        if enrolment.pk == broken.pk:
            raise RuntimeError
        state(enrolment=enrolment, **given)

    monkeypatch.setattr(taking, "_state_completion", breaks)
    assert complete_due(at=NOW) == 1
    assert Enrolment.objects.get(completed_at=None) == broken


def test_the_outline_takes_three_queries_whatever_its_size(django_assert_num_queries):
    course = CourseFactory()
    modules = [ModuleFactory(course=course) for _number in range(6)]
    for module in modules[1:]:
        module.requires.add(modules[0])
    for module in modules:
        ActivityFactory.create_batch(5, module=module)
    enrolment = EnrolmentFactory(course=course)
    with django_assert_num_queries(3):
        parts = outline(enrolment=enrolment)
    assert [bool(part.closed_by) for part in parts] == [False] + [True] * 5
    assert sum(len(part.steps) for part in parts) == 30


def test_enrolments_are_seen_by_their_learner_and_the_instructors_of_the_class():
    course, instructor, stranger = CourseFactory(), person(Role.INSTRUCTOR), person(Role.INSTRUCTOR)
    enrolment = EnrolmentFactory(course=course, cohort=cohort_of(course, instructor))
    seen = {
        who.pk: list(Enrolment.objects.visible_to(who))
        for who in (enrolment.learner, instructor, stranger)
    }
    assert seen == {enrolment.learner.pk: [enrolment], instructor.pk: [enrolment], stranger.pk: []}
