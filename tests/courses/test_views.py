"""HTML pages of courses, for everybody they may meet."""

import datetime as dt

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.test import Client
from django_tasks_db.models import DBTaskResult

from accounts.models import Role, TeachingRecord
from courses.models import Cohort, CompletionStatement, Enrolment, Progress
from courses.services import complete_lesson
from courses.tasks import render_statement
from tests.factories import (
    NOTHING,
    NOW,
    ActivityFactory,
    CourseFactory,
    EnrolmentFactory,
    UserFactory,
    person,
)

pytestmark = pytest.mark.django_db

WRONG_ROLES = [None, *(role for role in Role.values if role != Role.INSTRUCTOR)]


def signed_in(user, **options) -> Client:
    client = Client(**options)
    client.force_login(user)
    return client


@pytest.fixture
def instructor():
    return person(Role.INSTRUCTOR)


@pytest.fixture
def lesson():
    return ActivityFactory(path="/courses/c/m/l/")


@pytest.fixture
def cohort(instructor, lesson):
    row = Cohort.objects.create(course=lesson.module.course, title="Autumn", begins_on=NOW.date())
    row.instructors.add(instructor)
    return row


@pytest.fixture
def learner(cohort):
    return EnrolmentFactory(
        course=cohort.course, cohort=cohort, learner__name="Ada Lovelace"
    ).learner


@pytest.fixture
def private_files(tmp_path, settings):
    settings.STORAGES = {
        **settings.STORAGES,
        "private": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": tmp_path, "base_url": None},
        },
    }


# Enrolling and reading


def test_enrolling_leads_to_the_course(lesson):
    course = lesson.module.course
    course.path = "/courses/c/"
    course.save()
    client = signed_in(UserFactory())
    for _again in range(2):
        answer = client.post(f"/enrol/{course.code}/")
        assert (answer.status_code, answer["Location"]) == (302, "/courses/c/")
    assert Enrolment.objects.count() == 1


def test_a_closed_course_says_so():
    course = CourseFactory(is_open=False)
    answer = signed_in(UserFactory()).post(f"/enrol/{course.code}/")
    assert answer.status_code == 409
    assert "takes no new learners" in answer.content.decode()


def test_an_unknown_course_is_not_found():
    assert signed_in(UserFactory()).post("/enrol/nothing/").status_code == 404


def test_a_form_from_elsewhere_enrols_nobody(lesson):
    client = signed_in(UserFactory(), enforce_csrf_checks=True)
    assert client.post(f"/enrol/{lesson.module.course.code}/").status_code == 403
    assert not Enrolment.objects.exists()


def test_an_activity_s_address_leads_to_its_page(lesson):
    answer = signed_in(UserFactory()).get(f"/activities/{lesson.uuid}/")
    assert (answer.status_code, answer["Location"]) == (302, lesson.path)


def test_an_activity_without_a_page_is_not_found():
    row = ActivityFactory()
    client = signed_in(UserFactory())
    assert client.get(f"/activities/{row.uuid}/").status_code == 404
    assert client.get(f"/activities/{NOTHING}/").status_code == 404


def test_a_stranger_completes_nothing(lesson):
    answer = signed_in(UserFactory()).post(f"/activities/{lesson.uuid}/complete/")
    assert answer.status_code == 404
    assert not Progress.objects.exists()


@pytest.mark.parametrize("path", ["/enrol/x/", f"/activities/{NOTHING}/complete/"])
def test_what_changes_something_is_posted(path):
    assert signed_in(UserFactory()).get(path).status_code == 405


# Teaching


def test_an_instructor_sees_their_classes_and_nobody_else_s(instructor, cohort, learner):
    Cohort.objects.create(course=cohort.course, title="Somebody else's", begins_on=NOW.date())
    page = signed_in(instructor).get("/teach/").content.decode()
    assert "Autumn" in page
    assert f"/teach/{cohort.uuid}/" in page
    assert "Somebody else" not in page


def test_a_class_list_shows_progress_next_step_and_last_seen(instructor, cohort, learner, lesson):
    second = ActivityFactory(module=lesson.module, title="Second lesson", code="1.2")
    complete_lesson(learner=learner, activity=lesson, at=NOW)
    page = signed_in(instructor).get(f"/teach/{cohort.uuid}/").content.decode()
    assert "Ada Lovelace" in page
    assert f"1.2 {second.title}" in page
    assert "23\u00a0November 2026" in page
    assert '<th scope="row">Ada Lovelace</th>' in page


def test_an_instructor_begins_a_practice_station_from_the_class_list(
    instructor, cohort, learner, lesson
):
    station = ActivityFactory(module=lesson.module, kind="practical", required=False)
    enrolment = Enrolment.objects.get()
    page = signed_in(instructor).get(f"/teach/{cohort.uuid}/").content.decode()
    assert f"{enrolment.uuid}/{station.uuid}/" in page


def test_recording_a_session_writes_teaching_records(instructor, cohort, learner):
    client = signed_in(instructor)
    form = {
        "taught_on": dt.date.today().isoformat(),
        "minutes": "90",
        "subject": "Draping",
        "learners": [str(learner.uuid)],
    }
    answer = client.post(f"/teach/{cohort.uuid}/", form)
    assert answer.status_code == 302
    record = TeachingRecord.objects.get()
    assert (record.teacher, record.learner, record.minutes) == (instructor, learner, 90)


@pytest.mark.parametrize(
    "wrong",
    [
        {"taught_on": "2999-01-01"},
        {"taught_on": "yesterday"},
        {"minutes": "-5"},
        {"minutes": "99999999999999999999"},
        {"subject": ""},
        {"subject": "x\x00"},
        {"learners": []},
        {"learners": ["999999"]},
        {"learners": ["9" * 30]},
        {"learners": ["b0d826d7-a63a-4845-ac4c-1717facbf60d"]},
        {"learners": ["x\x00"]},
    ],
)
def test_a_session_with_something_wrong_keeps_what_was_typed(instructor, cohort, learner, wrong):
    form = {
        "taught_on": dt.date.today().isoformat(),
        "minutes": "90",
        "subject": "A long talk about draping",
        "learners": [str(learner.uuid)],
    }
    answer = signed_in(instructor).post(f"/teach/{cohort.uuid}/", {**form, **wrong})
    page = answer.content.decode()
    assert answer.status_code == 400
    assert 'role="alert"' in page
    if "subject" not in wrong:
        assert "A long talk about draping" in page
    assert not TeachingRecord.objects.exists()


def test_anonymous_people_are_sent_to_sign_in(client, cohort):
    for path in ("/teach/", f"/teach/{cohort.uuid}/", f"/statements/{NOTHING}/"):
        answer = client.get(path)
        assert (answer.status_code, answer["Location"]) == (302, f"/accounts/login/?next={path}")


@pytest.mark.parametrize("role", WRONG_ROLES)
def test_the_desk_is_for_instructors(cohort, role):
    client = signed_in(person(*([role] if role else [])))
    assert client.get("/teach/").status_code == 403
    assert client.get(f"/teach/{cohort.uuid}/").status_code == 403
    assert client.post(f"/teach/{cohort.uuid}/", {}).status_code == 403


def test_another_instructor_s_class_is_not_found(cohort):
    client = signed_in(person(Role.INSTRUCTOR))
    assert client.get(f"/teach/{cohort.uuid}/").status_code == 404
    assert client.post(f"/teach/{cohort.uuid}/", {}).status_code == 404


def test_the_class_list_takes_a_fixed_number_of_queries(
    instructor, cohort, lesson, django_assert_max_num_queries
):
    ActivityFactory.create_batch(3, module=lesson.module)
    client = signed_in(instructor)
    counts = []
    for _more in range(2):
        for enrolment in EnrolmentFactory.create_batch(4, course=cohort.course, cohort=cohort):
            complete_lesson(learner=enrolment.learner, activity=lesson, at=NOW)
        with django_assert_max_num_queries(14) as queries:
            client.get(f"/teach/{cohort.uuid}/")
        counts.append(len(queries))
    assert counts[0] == counts[1]


# The statement of completion


@pytest.fixture
def finished(lesson, private_files):
    enrolment = EnrolmentFactory(course=lesson.module.course, learner__name="Ada Lovelace")
    complete_lesson(learner=enrolment.learner, activity=lesson, at=NOW)
    return enrolment


def test_a_statement_says_what_it_is_not(finished):
    page = signed_in(finished.learner).get(f"/statements/{finished.uuid}/").content.decode()
    assert "This is not a certification." in page
    assert "Ada Lovelace" in page


def test_its_pdf_is_rendered_by_a_worker_and_then_served(finished):
    statement = CompletionStatement.objects.get()
    client = signed_in(finished.learner)
    waiting = client.get(f"/statements/{finished.uuid}/statement.pdf")
    assert waiting.status_code == 202
    assert DBTaskResult.objects.filter(task_path="courses.tasks.render_statement").exists()
    render_statement.func(statement.pk)
    served = client.get(f"/statements/{finished.uuid}/statement.pdf")
    assert served.status_code == 200
    assert b"".join(served.streaming_content).startswith(b"%PDF")


def test_rendering_twice_keeps_the_first(finished):
    statement = CompletionStatement.objects.get()
    storages["private"].save(statement.pdf_path, ContentFile(b"%PDF first"))
    render_statement.func(statement.pk)
    assert storages["private"].open(statement.pdf_path).read() == b"%PDF first"


@pytest.mark.parametrize("role", [None, *Role.values])
def test_a_stranger_of_any_role_sees_no_statement(finished, role):
    client = signed_in(person(*([role] if role else [])))
    assert client.get(f"/statements/{finished.uuid}/").status_code == 404
    assert client.get(f"/statements/{finished.uuid}/statement.pdf").status_code == 404


def test_who_has_not_finished_has_no_statement(learner):
    enrolment = Enrolment.objects.get(learner=learner)
    assert signed_in(learner).get(f"/statements/{enrolment.uuid}/").status_code == 404
