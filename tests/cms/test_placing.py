"""Pages and the rows beneath them."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.utils import timezone
from wagtail.models import Page

from accounts.services import Conflict
from cms.models import CoursePage, LessonPage, ModulePage, QuizPage
from courses.models import Activity, Course, Module, Progress
from quizzes.models import BlueprintCell, Domain, Quiz
from tests.cms.conftest import draft, lesson, made, publish, words
from tests.factories import NOW, EnrolmentFactory

pytestmark = pytest.mark.django_db


def rows_of(module: Module) -> list[str]:
    return list(
        module.activities.filter(is_live=True).order_by("position").values_list("code", flat=True)
    )


def module_of(page: Page) -> Module:
    return Module.objects.get(page_key=page.translation_key)


def test_publishing_places_course_modules_and_activities_in_the_order_of_the_pages(site):
    course = Course.objects.get()
    assert list(course.modules.order_by("position").values_list("code", flat=True)) == ["M1", "M2"]
    assert rows_of(module_of(site.first)) == ["1.1", "1.2", "ST"]
    assert list(module_of(site.second).requires.all()) == [module_of(site.first)]


def test_rows_know_where_their_pages_are(site):
    paths = {
        Course.objects.get().path,
        module_of(site.first).path,
        Activity.objects.get(code="1.1").path,
    }
    assert paths == {"/courses/course/", "/courses/course/anatomy/", "/courses/course/anatomy/one/"}


def test_a_draft_places_nothing_and_a_second_publication_no_second_row(site):
    page = draft(site.first, LessonPage, title="New", slug="new", code="1.3", body=words("x"))
    assert not Activity.objects.filter(code="1.3").exists()
    for title in ("New", "Newer"):
        publish(page, title=title)
    assert Activity.objects.get(code="1.3").title == "Newer"


def test_a_draft_of_a_live_page_changes_nothing_until_it_is_published(site):
    page = LessonPage.objects.get(pk=site.lesson.pk)
    page.title = "Other title"
    revision = page.save_revision()
    assert Activity.objects.get(code="1.1").title == "Lesson 1.1"
    revision.publish()
    assert Activity.objects.get(code="1.1").title == "Other title"


def test_a_scheduled_page_is_placed_when_its_time_comes(site):
    page = draft(site.first, LessonPage, title="Soon", slug="soon", code="1.9", body=words("x"))
    page.go_live_at = timezone.now() + dt.timedelta(days=1)
    page.save_revision(approved_go_live_at=page.go_live_at).publish()
    assert not Activity.objects.filter(code="1.9").exists()
    page.go_live_at = timezone.now() - dt.timedelta(minutes=1)
    page.save_revision(approved_go_live_at=page.go_live_at)
    call_command("publish_scheduled", verbosity=0)
    assert Activity.objects.filter(code="1.9", is_live=True).exists()


def test_unpublishing_withdraws_and_publishing_again_brings_back(site):
    LessonPage.objects.get(pk=site.lesson.pk).unpublish()
    assert rows_of(module_of(site.first)) == ["1.2", "ST"]
    publish(site.lesson)
    assert rows_of(module_of(site.first)) == ["1.1", "1.2", "ST"]


def test_unpublishing_a_module_and_a_course_withdraws_them(site):
    ModulePage.objects.get(pk=site.first.pk).unpublish()
    assert not module_of(site.first).is_live
    CoursePage.objects.get(pk=site.course.pk).unpublish()
    assert not Course.objects.get().is_open


def test_deleting_a_page_keeps_its_row(site):
    Page.objects.get(pk=site.lesson.pk).specific.delete()
    assert not Activity.objects.get(code="1.1").is_live


def test_moving_a_page_among_its_siblings_reorders_the_rows(site):
    Page.objects.get(pk=site.next_lesson.pk).specific.move(
        Page.objects.get(pk=site.lesson.pk), pos="left"
    )
    assert rows_of(module_of(site.first)) == ["1.2", "1.1", "ST"]


def test_moving_a_page_to_another_module_takes_the_row_and_its_progress_along(site):
    enrolment = EnrolmentFactory(course=Course.objects.get())
    row = Activity.objects.get(code="1.1")
    Progress.objects.create(enrolment=enrolment, activity=row, state="complete", changed_at=NOW)
    Page.objects.get(pk=site.lesson.pk).specific.move(
        Page.objects.get(pk=site.second.pk), pos="first-child"
    )
    row.refresh_from_db()
    assert row.module == module_of(site.second)
    assert row.path == "/courses/course/safety/one/"
    assert rows_of(row.module) == ["1.1", "2.1"]
    assert rows_of(module_of(site.first)) == ["1.2", "ST"]
    assert row.progress.get().state == "complete"


def test_what_learners_worked_on_is_not_moved_out_of_its_course(site):
    other = made(site.catalogue, CoursePage, title="O", slug="o", code="C2", edition="1")
    elsewhere = made(other, ModulePage, title="E", slug="e", code="M1")
    enrolment = EnrolmentFactory(course=Course.objects.get(code="C1"))
    row = Activity.objects.get(code="1.1")
    Progress.objects.create(enrolment=enrolment, activity=row, state="complete", changed_at=NOW)
    with pytest.raises(Conflict, match="Copy it"):
        Page.objects.get(pk=site.lesson.pk).specific.move(
            Page.objects.get(pk=elsewhere.pk), pos="last-child"
        )


def test_a_new_slug_changes_the_paths_of_everything_below(site, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        publish(site.first, slug="bones")
    assert Activity.objects.get(code="1.1").path == "/courses/course/bones/one/"


def test_pages_published_before_their_parents_are_placed_with_them(site):
    course = draft(site.catalogue, CoursePage, title="O", slug="o", code="C2", edition="1")
    module = made(course, ModulePage, title="M", slug="m", code="M1")
    lesson(module, "7.7", slug="l")
    assert not Activity.objects.filter(code="7.7").exists()
    publish(course)
    assert Activity.objects.get(code="7.7").module.course.code == "C2"


def test_a_copy_of_a_course_begins_as_drafts(site):
    CoursePage.objects.get(pk=site.course.pk).copy(
        recursive=True, update_attrs={"slug": "copy", "title": "Copy"}
    )
    assert Course.objects.count() == 1
    assert not CoursePage.objects.get(slug="copy").live


def test_two_open_courses_of_one_code_are_refused_in_the_editor(site):
    page = draft(site.catalogue, CoursePage, title="O", slug="o", code="C1", edition="2")
    with pytest.raises(ValidationError, match="Another open course"):
        page.full_clean()


def test_a_quiz_page_sets_up_its_quiz(site):
    Domain.objects.create(code="D1", title="Ethics")
    cell = ("cell", {"domain": "D1", "level": "apply", "count": 4})
    page = publish(site.quiz, draw=[cell], pass_percent=60, attempts_allowed=2)
    quiz = Quiz.objects.get(activity__page_key=page.translation_key)
    assert (quiz.pool, quiz.pass_percent, quiz.attempts_allowed) == ("practice", 60, 2)
    assert list(BlueprintCell.objects.values_list("domain__code", "level", "count")) == [
        ("D1", "apply", 4)
    ]
    assert page.questions == 4


def test_a_quiz_of_the_secure_pool_never_shows_its_keys(site):
    Domain.objects.create(code="D1", title="Ethics")
    page = QuizPage.objects.get(pk=site.quiz.pk)
    page.pool, page.draw = "secure", [("cell", {"domain": "D1", "level": "", "count": 1})]
    page.full_clean()
    assert page.feedback == Quiz.Feedback.BANDS
