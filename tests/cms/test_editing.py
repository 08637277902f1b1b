"""Writing and reviewing pages: nobody publishes their own."""

import pytest

from accounts.models import Role
from cms.editing import ensure_workflow
from cms.models import LessonPage, SecondReader
from courses.models import Activity
from lms.roles import sync_roles
from tests.cms.conftest import draft, words
from tests.factories import person

pytestmark = pytest.mark.django_db


@pytest.fixture
def handed_in(site):
    ensure_workflow()
    sync_roles()
    author = person(Role.INSTRUCTOR)
    row = draft(site.first, LessonPage, title="New", slug="new", code="1.9", body=words("Fresh."))
    row.save_revision(user=author)
    row.get_workflow().start(row, author)
    row.author = author
    return row


def actions(handed_in, user):
    task = handed_in.current_workflow_task
    return [name for name, _label, _form in task.get_actions(handed_in, user)]


def test_every_page_has_the_workflow_and_making_it_twice_makes_one(site):
    assert ensure_workflow() == ensure_workflow()
    assert SecondReader.objects.count() == 1
    assert site.lesson.get_workflow().name == "A second reader"


def test_nobody_approves_what_they_wrote_or_handed_in(handed_in):
    assert actions(handed_in, handed_in.author) == []


def test_a_superuser_is_no_exception(handed_in):
    handed_in.author.is_superuser = True
    assert actions(handed_in, handed_in.author) == []


@pytest.mark.parametrize("role", [Role.ITEM_REVIEWER, Role.ADMINISTRATOR])
def test_a_second_reader_approves_and_that_publishes(handed_in, role):
    reader = person(role)
    assert "approve" in actions(handed_in, reader)
    handed_in.current_workflow_task_state.approve(user=reader)
    assert Activity.objects.filter(code="1.9", is_live=True).exists()


@pytest.mark.parametrize("role", [Role.INSTRUCTOR, Role.EXAMINER, Role.REGISTRAR, Role.ITEM_AUTHOR])
def test_other_roles_decide_nothing(handed_in, role):
    assert actions(handed_in, person(role)) == []


def test_a_draft_that_is_reviewed_is_not_read_by_learners(handed_in, client):
    assert not Activity.objects.filter(code="1.9").exists()
    assert client.get("/courses/course/anatomy/new/").status_code == 404
