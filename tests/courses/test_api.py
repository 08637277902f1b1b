"""The HTTP interface of courses, for everybody it may meet."""

import uuid

import pytest

from accounts.models import Role
from courses.models import Cohort, Course, Enrolment, Progress
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

ROLES = [None, *Role.values]


@pytest.fixture
def lesson():
    return ActivityFactory(title="Lesson one", code="1.1")


@pytest.fixture
def enrolment(lesson):
    return EnrolmentFactory(course=lesson.module.course)


def test_the_catalogue_lists_open_courses(as_user, lesson):
    CourseFactory(is_open=False)
    body = as_user(UserFactory()).get("/api/v1/courses/").json()
    assert set(body) == {"next", "previous", "results"}
    assert [row["code"] for row in body["results"]] == [lesson.module.course.code]
    assert {"code", "title", "hours"} <= set(body["results"][0])


def test_enrolling_answers_201_then_200_with_the_outline(as_user, lesson):
    client = as_user(UserFactory())
    code = lesson.module.course.code
    first = client.post("/api/v1/enrolments/", {"course": code})
    again = client.post("/api/v1/enrolments/", {"course": code})
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["uuid"] == again.json()["uuid"]
    (module,) = first.json()["modules"]
    (activity,) = module["activities"]
    assert activity == {
        "uuid": str(lesson.uuid),
        "kind": "lesson",
        "code": "1.1",
        "title": "Lesson one",
        "minutes": 20,
        "required": True,
        "path": "",
        "state": "open",
    }
    assert first.json()["next"] == activity


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"[" * 100_000, "parse_error"),
        (b'{"course":' * 50_000, "parse_error"),
        (b'{"course": "' + b"x" * 3_000_000 + b'"}', "too_large"),
        (b'{"course":', "parse_error"),
        (b"\xff", "parse_error"),
    ],
)
def test_what_cannot_be_read_is_a_problem_too(as_user, body, code):
    answer = as_user(UserFactory()).generic(
        "POST", "/api/v1/enrolments/", body, content_type="application/json"
    )
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert answer["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"course": ""},
        {"course": "NOT-THERE"},
        {"course": None},
        {"course": ["C"]},
        {"course": "C\x00"},
        {"course": "C" * 5_000},
        [],
    ],
)
def test_enrolling_in_nonsense_is_a_problem_with_its_field(as_user, body):
    answer = as_user(UserFactory()).post("/api/v1/enrolments/", body)
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["errors"]


def test_a_closed_course_is_a_conflict(as_user):
    course = CourseFactory(is_open=False)
    answer = as_user(UserFactory()).post("/api/v1/enrolments/", {"course": course.code})
    assert (answer.status_code, answer.json()["code"]) == (409, "course_closed")


def test_examinations_without_an_application_are_a_conflict(as_user):
    course = CourseFactory(access=Course.Access.APPLICATION)
    answer = as_user(UserFactory()).post("/api/v1/enrolments/", {"course": course.code})
    assert (answer.status_code, answer.json()["code"]) == (409, "apply_first")


def test_of_two_editions_the_open_one_is_meant(as_user, lesson):
    course = lesson.module.course
    CourseFactory(code=course.code, edition="older", is_open=False)
    answer = as_user(UserFactory()).post("/api/v1/enrolments/", {"course": course.code})
    assert answer.json()["course"]["edition"] == course.edition


def test_completing_a_lesson_says_what_is_next_and_may_be_repeated(as_user, lesson, enrolment):
    then = ActivityFactory(module=lesson.module)
    client = as_user(enrolment.learner)
    for _again in range(2):
        answer = client.post(f"/api/v1/activities/{lesson.uuid}/complete/")
        assert answer.status_code == 200
        assert answer.json()["state"] == "complete"
        assert answer.json()["next"]["uuid"] == str(then.uuid)
    assert Progress.objects.count() == 1


def test_a_closed_module_is_a_conflict_and_shown_as_closed(as_user, lesson, enrolment):
    later = ModuleFactory(course=enrolment.course)
    later.requires.add(lesson.module)
    closed = ActivityFactory(module=later)
    client = as_user(enrolment.learner)
    answer = client.post(f"/api/v1/activities/{closed.uuid}/complete/")
    assert (answer.status_code, answer.json()["code"]) == (409, "module_closed")
    modules = client.get(f"/api/v1/enrolments/{enrolment.uuid}/").json()["modules"]
    seen = next(module for module in modules if module["uuid"] == str(later.uuid))
    assert seen["activities"][0]["state"] == "closed"
    assert seen["closed_by"] == [lesson.module.title]


def test_a_quiz_is_not_completed_by_reading_it(as_user, enrolment):
    quiz = ActivityFactory(module=ModuleFactory(course=enrolment.course), kind="quiz")
    answer = as_user(enrolment.learner).post(f"/api/v1/activities/{quiz.uuid}/complete/")
    assert answer.status_code == 400


PATHS = [
    ("get", "/api/v1/courses/"),
    ("get", "/api/v1/enrolments/"),
    ("post", "/api/v1/enrolments/"),
    ("get", "/api/v1/enrolments/{enrolment}/"),
    ("post", "/api/v1/activities/{lesson}/complete/"),
]


@pytest.mark.parametrize(("method", "path"), PATHS)
def test_anonymous_people_are_told_to_sign_in(api_client, lesson, enrolment, method, path):
    url = path.format(enrolment=enrolment.uuid, lesson=lesson.uuid)
    answer = getattr(api_client, method)(url)
    assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in")


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(("method", "path"), PATHS[3:])
def test_a_stranger_of_any_role_finds_nothing(as_user, lesson, enrolment, method, path, role):
    stranger = person(*([role] if role else []))
    url = path.format(enrolment=enrolment.uuid, lesson=lesson.uuid)
    assert getattr(as_user(stranger), method)(url).status_code == 404
    assert not Progress.objects.exists()


def test_an_instructor_of_the_class_reads_and_does_not_complete(as_user, lesson, enrolment):
    instructor = person(Role.INSTRUCTOR)
    cohort = Cohort.objects.create(course=enrolment.course, title="A", begins_on=NOW.date())
    cohort.instructors.add(instructor)
    Enrolment.objects.filter(pk=enrolment.pk).update(cohort=cohort)
    client = as_user(instructor)
    assert client.get(f"/api/v1/enrolments/{enrolment.uuid}/").status_code == 200
    assert client.post(f"/api/v1/activities/{lesson.uuid}/complete/").status_code == 404


def test_one_s_own_enrolments_are_listed_and_nobody_else_s(as_user, enrolment):
    EnrolmentFactory()
    rows = as_user(enrolment.learner).get("/api/v1/enrolments/").json()["results"]
    assert [row["uuid"] for row in rows] == [str(enrolment.uuid)]


@pytest.mark.parametrize("identifier", [uuid.uuid4(), "nonsense", "%00"])
def test_an_unknown_or_malformed_uuid_is_not_found(as_user, identifier):
    client = as_user(UserFactory())
    assert client.get(f"/api/v1/enrolments/{identifier}/").status_code == 404
    assert client.post(f"/api/v1/activities/{identifier}/complete/").status_code == 404


def test_the_outline_takes_a_fixed_number_of_queries(as_user, enrolment, django_assert_num_queries):
    for module in ModuleFactory.create_batch(5, course=enrolment.course):
        ActivityFactory.create_batch(6, module=module)
    client = as_user(enrolment.learner)
    with django_assert_num_queries(6):  # session, user, enrolment with course, outline (3)
        client.get(f"/api/v1/enrolments/{enrolment.uuid}/")


def test_the_list_of_courses_takes_a_fixed_number_of_queries(as_user, django_assert_num_queries):
    CourseFactory.create_batch(12)
    client = as_user(UserFactory())
    with django_assert_num_queries(3):
        client.get("/api/v1/courses/")
