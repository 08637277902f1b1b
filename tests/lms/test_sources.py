"""The records behind a credential's evidence, as registrars see them."""

import uuid

import pytest
from django.urls import reverse

from accounts.models import Role
from courses.models import Enrolment
from credentials.services import accounts_of, record_evidence
from lms.desks.sources import course_accounts
from tests.credentials.pages import text
from tests.credentials.scheme import scheme
from tests.factories import NOTHING, NOW, CourseFactory, person
from tests.practicals.build import exam

pytestmark = pytest.mark.django_db


@pytest.fixture
def enrolment():
    course = CourseFactory(title="Preparation", hours=470)
    return Enrolment.objects.create(
        learner=person(name="Orla"), course=course, enrolled_at=NOW, completed_at=NOW
    )


def counted(enrolment):
    kind = scheme()
    record_evidence(
        learner=enrolment.learner,
        requirement=kind.requirements.get(code="education"),
        source="course",
        reference=enrolment.uuid,
        label="Preparation, completed",
        by=None,
        at=NOW,
    )


def test_a_registrar_reads_the_record_behind_a_fact(client, enrolment):
    counted(enrolment)
    client.force_login(person(Role.REGISTRAR))
    page = text(client.get(reverse("source-course", args=[enrolment.uuid])))
    for words in ("Preparation, Orla", "470", "Completed", "Education"):
        assert words in page


def test_a_practical_is_shown_station_by_station(client):
    built = exam()
    built.score(P1A={"ratings": {2: 1}})
    client.force_login(built.registrar)
    page = text(client.get(reverse("source-practical", args=[built.appointment.uuid])))
    for station in built.result.stations:
        assert f"{station['code']} {station['title']}" in page
        assert f"{station['percent']} %" in page
    assert built.result.get_outcome_display() in page
    (account,) = accounts_of([("practical", built.appointment.uuid)]).values()
    assert [len(row) for row in account.table] == [6, 6, 6]


def test_what_counted_to_nothing_or_is_unknown_is_not_shown(client, enrolment):
    client.force_login(person(Role.REGISTRAR))
    assert client.get(reverse("source-course", args=[enrolment.uuid])).status_code == 404
    for kind in ("course", "quiz", "practical"):
        assert client.get(reverse(f"source-{kind}", args=[NOTHING])).status_code == 404


@pytest.mark.parametrize("roles", [(), (Role.INSTRUCTOR,), (Role.EXAMINER, Role.ADMINISTRATOR)])
def test_it_is_for_registrars(client, enrolment, roles):
    counted(enrolment)
    address = reverse("source-course", args=[enrolment.uuid])
    assert "/accounts/login/" in client.get(address).url
    client.force_login(person(*roles))
    assert client.get(address).status_code == 403


def test_accounts_take_one_query_a_source_however_many(enrolment, django_assert_num_queries):
    facts = [("course", enrolment.uuid), ("practical", uuid.uuid4()), ("quiz", uuid.uuid4())]
    with django_assert_num_queries(3):
        assert list(accounts_of([*facts, ("agreement", NOTHING)])) == [enrolment.uuid]
    with django_assert_num_queries(1):
        course_accounts({enrolment.uuid, *(uuid.uuid4() for _number in range(50))})
