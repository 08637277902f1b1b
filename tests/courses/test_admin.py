"""Setting up classes and enrolments in Wagtail goes through the same rules as everywhere."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Role, TeachingRecord
from courses.models import Cohort, Enrolment
from lms.roles import sync_roles
from tests.factories import NOW, CourseFactory, EnrolmentFactory, UserFactory, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin() -> Client:
    sync_roles()
    client = Client()
    client.force_login(person(Role.ADMINISTRATOR))
    return client


@pytest.fixture
def cohort():
    return Cohort.objects.create(course=CourseFactory(), title="Autumn", begins_on=NOW.date())


def class_form(cohort, *instructors):
    return {
        "title": cohort.title,
        "course": cohort.course_id,
        "instructors": [person_.pk for person_ in instructors],
        "begins_on": "2026-09-07",
        "ends_on": "",
    }


def test_putting_somebody_in_charge_of_a_class_writes_that_they_teach_it(admin, cohort):
    learner = EnrolmentFactory(course=cohort.course, cohort=cohort).learner
    instructor = person(Role.INSTRUCTOR)
    url = reverse("cohort:edit", args=[cohort.pk])
    assert admin.post(url, class_form(cohort, instructor)).status_code == 302
    assert list(cohort.instructors.all()) == [instructor]
    record = TeachingRecord.objects.get()
    assert (record.teacher, record.learner) == (instructor, learner)


def test_a_new_class_has_its_instructors(admin):
    instructor = person(Role.INSTRUCTOR)
    draft = Cohort(course=CourseFactory(), title="Spring")
    assert admin.post(reverse("cohort:add"), class_form(draft, instructor)).status_code == 302
    assert list(Cohort.objects.get(title="Spring").instructors.all()) == [instructor]


def test_only_instructors_are_put_in_charge(admin, cohort):
    url = reverse("cohort:edit", args=[cohort.pk])
    assert admin.post(url, class_form(cohort, UserFactory())).status_code == 200
    assert not cohort.instructors.exists()


def test_enrolling_somebody_into_a_class_writes_who_teaches_them(admin, cohort):
    instructor, learner = person(Role.INSTRUCTOR), UserFactory()
    cohort.instructors.add(instructor)
    form = {"learner": learner.pk, "course": cohort.course_id, "cohort": cohort.pk}
    assert admin.post(reverse("enrolment:add"), form).status_code == 302
    assert Enrolment.objects.get().cohort == cohort
    assert TeachingRecord.objects.get().teacher == instructor


def test_somebody_who_is_enrolled_joins_the_class(admin, cohort):
    enrolment = EnrolmentFactory(course=cohort.course)
    form = {"learner": enrolment.learner_id, "course": cohort.course_id, "cohort": cohort.pk}
    assert admin.post(reverse("enrolment:edit", args=[enrolment.pk]), form).status_code == 302
    enrolment.refresh_from_db()
    assert enrolment.cohort == cohort


def test_a_refusal_is_said_on_the_form(admin, cohort):
    closed = CourseFactory(is_open=False)
    form = {"learner": UserFactory().pk, "course": closed.pk, "cohort": ""}
    answer = admin.post(reverse("enrolment:add"), form)
    assert "takes no new learners" in answer.content.decode()
    form = {"learner": UserFactory().pk, "course": CourseFactory().pk, "cohort": cohort.pk}
    answer = admin.post(reverse("enrolment:add"), form)
    assert "a class of another course" in answer.content.decode()
    assert not Enrolment.objects.exists()


@pytest.mark.parametrize("name", ["cohort:index", "enrolment:index"])
def test_classes_are_looked_at_and_exported(admin, cohort, name):
    EnrolmentFactory(course=cohort.course, cohort=cohort)
    assert admin.get(reverse(name)).status_code == 200
    export = admin.get(f"{reverse(name)}?export=csv")
    assert len(b"".join(export.streaming_content).splitlines()) == 2


@pytest.mark.parametrize("role", [None, Role.INSTRUCTOR, Role.EXAMINER])
def test_others_set_no_classes_up(cohort, role):
    sync_roles()
    client = Client()
    client.force_login(person(*([role] if role else [])))
    assert client.post(reverse("cohort:add"), class_form(cohort)).status_code in (302, 403)
    assert Cohort.objects.count() == 1
