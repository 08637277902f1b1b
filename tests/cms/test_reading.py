"""Who may read a page of a course, and what it costs."""

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from wagtail.models import PageViewRestriction

from accounts.models import Role
from cms.models import LessonPage, QuizPage
from courses.models import Activity, Course, Progress
from courses.services import load_claim
from tests.cms.conftest import draft, lesson, made, publish, words
from tests.factories import NOW, EnrolmentFactory, UserFactory, person

pytestmark = pytest.mark.django_db

URL = "/courses/course/anatomy/one/"
CLOSED = "/courses/course/safety/later/"


def counted() -> CaptureQueriesContext:
    return CaptureQueriesContext(connection)


def as_person(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def learner(site):
    return EnrolmentFactory(course=Course.objects.get()).learner


def test_anonymous_people_are_sent_to_sign_in_and_back(site, client):
    answer = client.get(URL)
    assert answer.status_code == 302
    assert answer["Location"] == f"/accounts/login/?next={URL}"


@pytest.mark.parametrize("role", [None, Role.EXAMINER, Role.REGISTRAR, Role.INVIGILATOR])
def test_somebody_who_is_not_enrolled_is_offered_to_and_reads_nothing(site, role):
    answer = as_person(person(*([role] if role else []))).get(URL)
    page = answer.content.decode()
    assert answer.status_code == 403
    assert 'action="/enrol/C1/"' in page
    assert "Some words." not in page


def test_an_examination_course_is_entered_by_applying(site):
    publish(site.course, access="application")
    page = as_person(UserFactory()).get(URL).content.decode()
    assert "Apply for the credential first" in page
    assert "/enrol/" not in page


def test_a_learner_reads_the_lesson_with_its_outline(site, learner):
    answer = as_person(learner).get(URL)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "Some words." in page
    assert 'aria-current="page"' in page
    assert "/courses/course/anatomy/two/" in page
    assert f"/activities/{Activity.objects.get(code='1.1').uuid}/complete/" in page


def test_marking_as_read_leads_to_the_next_step(site, learner):
    client = as_person(learner)
    uuid = Activity.objects.get(code="1.1").uuid
    answer = client.post(f"/activities/{uuid}/complete/")
    assert answer["Location"] == "/courses/course/anatomy/two/"
    assert Progress.objects.get().state == "complete"
    assert "Mark as read" not in client.get(URL).content.decode()


def test_the_last_lesson_leads_back_to_the_course(site, learner):
    client = as_person(learner)
    for code in ("1.1", "1.2", "2.1"):
        answer = client.post(f"/activities/{Activity.objects.get(code=code).uuid}/complete/")
    assert answer["Location"] == "/courses/course/"
    assert "Statement of completion" in client.get("/courses/course/").content.decode()


def test_a_closed_module_says_which_come_first_and_shows_nothing(site, learner):
    answer = as_person(learner).get(CLOSED)
    page = answer.content.decode()
    assert answer.status_code == 403
    assert "/courses/course/anatomy/" in page
    assert "Anatomy" in page
    assert "Some words." not in page


def test_a_quiz_of_a_closed_module_is_closed_too(site, learner):
    made(site.second, QuizPage, title="Check", slug="check", code="M2-CHECK", draw=[])
    assert as_person(learner).get("/courses/course/safety/check/").status_code == 403


def test_the_module_opens_when_what_it_requires_is_complete(site, learner):
    client = as_person(learner)
    for code in ("1.1", "1.2"):
        client.post(f"/activities/{Activity.objects.get(code=code).uuid}/complete/")
    assert client.get(CLOSED).status_code == 200


@pytest.mark.parametrize("role", [Role.INSTRUCTOR, Role.ITEM_REVIEWER, Role.ADMINISTRATOR])
def test_staff_read_along_even_closed_modules_and_complete_nothing(site, role):
    client = as_person(person(role))
    for url in (URL, CLOSED):
        page = client.get(url).content.decode()
        assert "Some words." in page
        assert "/complete/" not in page


def test_an_unpublished_lesson_is_not_found(site, learner):
    site.lesson.unpublish()
    assert as_person(learner).get(URL).status_code == 404


def test_a_lesson_of_an_unpublished_module_is_not_found(site, learner):
    site.first.unpublish()
    assert as_person(learner).get(URL).status_code == 404


def test_a_preview_asks_nobody_and_shows_the_draft(site):
    page = site.lesson
    page.body = [("text", "<p>Words of a draft.</p>")]
    answer = page.make_preview_request(preview_mode="")
    answer.render()
    assert b"Words of a draft." in answer.content


def test_a_preview_of_a_page_that_was_never_placed_works(site):
    page = draft(site.first, LessonPage, title="New", slug="new", code="9.9", body=words("Fresh."))
    answer = page.make_preview_request(preview_mode="")
    answer.render()
    assert b"Fresh." in answer.content


def full_body(claim, entry, figure, target):
    """Ten blocks and more, naming everything that a lesson can name."""
    prose = f'<p>See <a linktype="page" id="{target.pk}">the other</a>.</p>'
    callout = {"klass": "A", "title": "Stop", "text": "Now.", "register": entry}
    return [
        ("text", prose),
        ("figure", {"figure": figure}),
        ("text", prose),
        ("contraindication", callout),
        ("contraindication", callout),
        ("research", {"claim": claim, "text": "Measured."}),
        ("text", prose),
        ("figure", {"figure": figure}),
        ("research", {"claim": claim, "text": "Again."}),
        ("references", {"references": ["One", "Two"]}),
        ("text", prose),
    ]


def test_a_lesson_costs_twelve_statements_at_most(site, learner, claim, entry, figure):
    publish(site.lesson, body=full_body(claim, entry, figure, site.next_lesson))
    for number in range(3, 12):
        lesson(site.first, f"1.{number}", slug=f"l{number}")
    client = as_person(learner)
    client.get(URL)
    with counted() as queries:
        assert client.get(URL).status_code == 200
    assert len(queries) <= 12, "\n".join(query["sql"][:150] for query in queries)


def test_what_a_lesson_names_is_asked_for_once_for_each_kind(site, learner, claim, entry, figure):
    client = as_person(learner)
    client.get(URL)
    with counted() as bare:
        client.get(URL)
    publish(site.lesson, body=full_body(claim, entry, figure, site.next_lesson))
    cache.clear()
    client.get(CLOSED)
    with counted() as cold:
        client.get(URL)
    # its text, pages linked to, figures, entries, claims
    assert len(cold) - len(bare) <= 5


def test_links_between_lessons_lead_to_where_the_pages_are(site, learner):
    link = f'<p><a linktype="page" id="{site.next_lesson.pk}">go</a></p>'
    publish(site.lesson, body=[("text", link)])
    page = as_person(learner).get(URL).content.decode()
    assert '<a href="/courses/course/anatomy/two/">go</a>' in page


def test_a_change_in_a_register_is_seen_at_once(site, learner, claim):
    publish(site.lesson, body=[("research", {"claim": claim, "text": "Measured."})])
    client = as_person(learner)
    assert "Light activity does more" in client.get(URL).content.decode()
    load_claim(code="CC1", at=NOW, safe_wording="Say something new.")
    assert "Say something new." in client.get(URL).content.decode()


def test_a_new_revision_is_seen_at_once(site, learner):
    client = as_person(learner)
    client.get(URL)
    publish(site.lesson, body=[("text", "<p>New words.</p>")])
    assert "New words." in client.get(URL).content.decode()


def test_a_view_restriction_above_a_lesson_holds(site, learner):
    PageViewRestriction.objects.create(page=site.course, restriction_type="password", password="x")
    answer = as_person(learner).get(URL)
    assert "Some words." not in answer.content.decode()
