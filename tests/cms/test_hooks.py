"""What the editor says while somebody writes."""

import pytest
from django.test import Client
from django.urls import reverse
from wagtail.models import Page

from accounts.models import Role
from cms.models import CoursePage, LessonPage, ModulePage
from cms.words import stated_by
from courses.models import Activity, Course, Progress
from lms.roles import sync_roles
from quizzes.models import Domain, Item
from tests.cms.conftest import made, publish
from tests.factories import NOW, EnrolmentFactory, person

pytestmark = pytest.mark.django_db

MYTH = "Massage flushes lactic acid from the legs."


@pytest.fixture
def editor(site) -> Client:
    sync_roles()
    client = Client()
    client.force_login(person(Role.ADMINISTRATOR))
    return client


def test_a_page_says_which_of_its_sentences_go_too_far(site, claim):
    page = publish(site.lesson, body=[("text", f"<p>{MYTH}</p>")])
    (said,) = stated_by(page)
    assert MYTH in said
    assert "CC1" in said


@pytest.mark.parametrize("correct", [True, False])
def test_a_wrong_option_may_hold_the_myth_and_a_right_one_may_not(site, claim, correct):
    options = [
        {"text": MYTH, "correct": correct, "why": "See above."},
        {"text": "It rests.", "correct": not correct, "why": "See below."},
    ]
    page = publish(site.lesson, body=[("check", {"stem": "What?", "options": options})])
    assert bool(stated_by(page)) is correct


@pytest.mark.parametrize("answer", [True, False])
def test_a_statement_to_be_called_false_may_be_a_myth(claim, answer):
    item = Item(
        code="X",
        stem=MYTH,
        domain=Domain(code="D1"),
        body=[("truefalse", {"answer": answer, "why_true": "No.", "why_false": "Yes."})],
    )
    assert bool(stated_by(item)) is answer


def test_whoever_saves_a_page_with_a_myth_is_told(editor, site, claim):
    url = reverse("wagtailadmin_pages:edit", args=[site.lesson.pk])
    form = {
        "title": site.lesson.title,
        "slug": site.lesson.slug,
        "code": "1.1",
        "minutes": "5",
        "required": "on",
        "lede": MYTH,
        "objectives-count": "0",
        "body-count": "1",
        "body-0-deleted": "",
        "body-0-order": "0",
        "body-0-type": "text",
        "body-0-id": "",
        "body-0-value": '{"blocks":[{"key":"a","text":"Words","type":"unstyled","depth":0,"inlineStyleRanges":[],"entityRanges":[]}],"entityMap":{}}',
        "comments-TOTAL_FORMS": "0",
        "comments-INITIAL_FORMS": "0",
        "comments-MIN_NUM_FORMS": "0",
        "comments-MAX_NUM_FORMS": "",
    }
    answer = editor.post(url, form, follow=True)
    assert answer.status_code == 200
    assert LessonPage.objects.get(pk=site.lesson.pk).get_latest_revision_as_object().lede == MYTH
    said = [str(message) for message in answer.context["messages"]]
    assert any("CC1" in sentence for sentence in said), said


def test_a_move_that_would_tear_a_course_apart_is_refused_in_words(editor, site):
    other = made(site.catalogue, CoursePage, title="O", slug="o", code="C2", edition="1")
    elsewhere = made(other, ModulePage, title="E", slug="e", code="M1")
    enrolment = EnrolmentFactory(course=Course.objects.get(code="C1"))
    row = Activity.objects.get(code="1.1")
    Progress.objects.create(enrolment=enrolment, activity=row, state="complete", changed_at=NOW)
    url = reverse("wagtailadmin_pages:move_confirm", args=[site.lesson.pk, elsewhere.pk])
    answer = editor.post(url, follow=True)
    assert "Copy it to the other course" in answer.content.decode()
    assert Page.objects.get(pk=site.lesson.pk).get_parent().pk == site.first.pk


def test_a_move_within_the_course_is_allowed(editor, site):
    url = reverse("wagtailadmin_pages:move_confirm", args=[site.lesson.pk, site.second.pk])
    editor.post(url)
    assert Page.objects.get(pk=site.lesson.pk).get_parent().pk == site.second.pk


def module_form(page: ModulePage, *requires: ModulePage) -> dict[str, object]:
    comments = {f"comments-{name}_FORMS": "0" for name in ("TOTAL", "INITIAL", "MIN_NUM")}
    return {
        "title": page.title,
        "slug": page.slug,
        "code": page.code,
        "hours": "5",
        "summary": "",
        "requires": [other.pk for other in requires],
        "objectives-count": "0",
        **comments,
        "comments-MAX_NUM_FORMS": "",
    }


def test_two_modules_never_wait_for_each_other(editor, site):
    """The second requires the first, a third the second: the first can require neither."""
    third = publish(
        made(site.course, ModulePage, title="T", slug="t", code="M3"), requires=[site.second]
    )
    url = reverse("wagtailadmin_pages:edit", args=[site.first.pk])
    for other in (site.second, third):
        page = editor.post(url, module_form(site.first, other)).content.decode()
        assert "would wait for each other" in page
    assert not site.first.get_latest_revision_as_object().requires.exists()
    url = reverse("wagtailadmin_pages:edit", args=[third.pk])
    assert editor.post(url, module_form(third, site.first, site.second)).status_code == 302


@pytest.mark.parametrize("name", ["home", "course", "first", "lesson", "quiz", "practical"])
def test_every_page_opens_in_the_editor(editor, site, name):
    url = reverse("wagtailadmin_pages:edit", args=[getattr(site, name).pk])
    assert editor.get(url).status_code == 200


def test_the_registers_and_classes_are_listed_filtered_and_exported(editor, claim, entry, figure):
    for model in ("claim", "contraindication", "figure"):
        base = reverse(f"wagtailsnippets_courses_{model}:list")
        assert editor.get(base).status_code == 200
        export = editor.get(f"{base}?export=csv")
        assert export.status_code == 200
        assert len(b"".join(export.streaming_content).splitlines()) == 2
    for name in ("cohort", "enrolment"):
        assert editor.get(reverse(f"{name}:index")).status_code == 200
