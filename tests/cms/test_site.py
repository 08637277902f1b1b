"""The public pages: what they say, that they need no cookie, and that visitors get them from the cache."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Role
from cms.models import CredentialPage, StandardPage
from courses.models import Course
from credentials.models import Credential, CredentialType, Requirement
from tests.cms.conftest import draft, lesson, made, publish, words
from tests.factories import (
    NOW,
    ApplicationFactory,
    CredentialTypeFactory,
    EnrolmentFactory,
    RequirementFactory,
    UserFactory,
    person,
)

pytestmark = pytest.mark.django_db


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def programme(site):
    """The programme page of a credential type with two requirements, one met by the course."""
    kind = CredentialTypeFactory(code="SMT", title="Sports Massage Therapist")
    RequirementFactory(credential_type=kind, title="Professional insurance", help="Send it.")
    education = RequirementFactory(
        credential_type=kind, title="Education", kind=Requirement.Kind.COURSE, accepts_document=True
    )
    Course.objects.get().satisfies.add(education)
    return made(
        site.home,
        CredentialPage,
        title="The credential",
        slug="the-credential",
        code="SMT",
        body=words("How to check it."),
    )


PUBLIC = ["/", "/courses/", "/courses/course/", "/courses/course/anatomy/", "/the-credential/"]


@pytest.mark.parametrize("path", PUBLIC)
def test_a_visitor_gets_public_pages_without_a_cookie_or_a_token(programme, client, path):
    answer = client.get(path)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert not answer.cookies
    assert "csrfmiddlewaretoken" not in page
    assert '<form method="post"' not in page


@pytest.mark.parametrize("path", PUBLIC)
def test_the_second_visitor_costs_no_statement(programme, path):
    Client().get(path)
    with CaptureQueriesContext(connection) as queries:
        assert Client().get(path).status_code == 200
    assert len(queries) == 0


def test_the_front_page_lets_anybody_check_a_therapist(programme, claim, figure):
    saying = ("saying", {"said": "It flushes.", "claim": claim})
    publish(programme.get_parent().specific, sayings=[saying], plate=figure, plate_title="A plate")
    page = Client().get("/").content.decode()
    assert '<form class="verify-box" action="/verify/" method="get"' in page
    assert 'name="number"' in page
    for words_ in ("It flushes.", "Not true", "Light activity does more", "A plate"):
        assert words_ in page
    assert "/the-credential/" in page


def test_the_front_page_shows_the_certificate_that_is_chosen(programme):
    kind = CredentialType.objects.get()
    application = ApplicationFactory(credential_type=kind)
    credential = Credential.objects.create(
        number="SMT-7K3Q-90TX",
        holder=application.applicant,
        credential_type=kind,
        application=application,
        name="Orla Brandreth",
        name_key="orla brandreth",
        statement={"title": kind.title, "issuer": kind.issuer_name},
        issued_at=NOW,
        valid_from=NOW.date(),
        valid_until=NOW.date().replace(year=2028),
        listed=True,
    )
    home = programme.get_parent().specific
    assert "Orla Brandreth" not in Client().get("/").content.decode()
    publish(home, certificate_number=credential.number)
    page = Client().get("/?page=2").content.decode()
    assert f"/credentials/{credential.public_id}/certificate.svg" in page
    assert "Orla Brandreth" in page
    Credential.objects.update(listed=False)
    assert "Orla Brandreth" not in Client().get("/?page=3").content.decode()


def test_the_programme_page_says_what_you_need_from_the_edition_in_force(programme, client):
    page = client.get("/the-credential/").content.decode()
    for said in ("Professional insurance", "Send it.", "or a document", "How to check it.", "None"):
        assert said in page
    assert "/courses/course/" in page
    assert "/accounts/login/?next=/apply/SMT/" in page


def test_the_programme_page_without_an_edition_in_force_says_so(programme, client):
    CredentialType.objects.update(state=CredentialType.State.CLOSED)
    assert (
        "No edition of this credential is in force"
        in client.get("/the-credential/").content.decode()
    )


def test_a_visitor_is_offered_to_sign_in_and_a_person_to_enrol(site):
    assert (
        "/accounts/login/?next=/courses/course/"
        in Client().get("/courses/course/").content.decode()
    )
    page = signed_in(UserFactory()).get("/courses/course/").content.decode()
    assert 'action="/enrol/C1/"' in page


def test_a_learner_s_course_page_shows_progress_and_the_next_step(site):
    client = signed_in(EnrolmentFactory(course=Course.objects.get()).learner)
    page = client.get("/courses/course/").content.decode()
    assert "Next: 1.1 Lesson 1.1" in page
    assert "0 of 2" in page
    assert "Not open" in page
    assert "/enrol/" not in page


def test_the_catalogue_says_what_one_is_enrolled_in(site):
    client = signed_in(EnrolmentFactory(course=Course.objects.get()).learner)
    assert "You are enrolled" in client.get("/courses/").content.decode()


@pytest.mark.parametrize("path", ["/courses/", "/courses/course/", "/courses/course/anatomy/"])
def test_course_pages_take_a_fixed_number_of_queries(site, path):
    client = signed_in(EnrolmentFactory(course=Course.objects.get()).learner)

    def cost():
        client.get(path)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(path).status_code == 200
        return len(queries)

    before = cost()
    for number in range(3, 9):
        lesson(site.first, f"1.{number}", slug=f"l{number}")
    assert cost() == before <= 16


def test_a_draft_and_an_unknown_path_are_not_found(site, client):
    draft(site.home, StandardPage, title="Draft", slug="draft", body=words("x"))
    for path in ("/draft/", "/nothing/", "/courses/nothing/", "/courses/course/anatomy/none/"):
        assert client.get(path).status_code == 404


def test_a_plain_page_shows_its_words(site, client):
    made(
        site.home, StandardPage, title="Privacy", slug="privacy", lede="Yours.", body=words("Kept.")
    )
    page = client.get("/privacy/").content.decode()
    assert "Yours." in page
    assert "Kept." in page


@pytest.mark.parametrize("role", [None, Role.INSTRUCTOR])
def test_public_pages_are_there_for_signed_in_people_too(programme, role):
    client = signed_in(person(*([role] if role else [])))
    for path in PUBLIC:
        assert client.get(path).status_code == 200
