"""The pages of fixed forms, as an author, a reviewer and those whom they do not concern use them."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Role
from quizzes.models import Form, Pool, Quiz, SecureView
from quizzes.services import draw_form
from tests.factories import NOTHING, NOW, person
from tests.quizzes.bank import add_items, exam

pytestmark = pytest.mark.django_db


def browse(*roles) -> Client:
    client = Client()
    client.force_login(person(*roles))
    return client


@pytest.fixture
def quiz():
    add_items(8, pool=Pool.SECURE)
    return exam(("D1", "apply", 3), delivery=Quiz.Delivery.FORM)


@pytest.fixture
def author():
    return browse(Role.ITEM_AUTHOR)


@pytest.fixture
def made(quiz, author) -> Form:
    author.post(reverse("exam-form-make"), {"quiz": quiz.activity.uuid})
    return Form.objects.get()


def to(name, form, *args):
    return reverse(f"exam-form-{name}" if name else "exam-form", args=[form.uuid, *args])


def said(response) -> str:
    return re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", response.content.decode()))


def test_a_form_is_drawn_finished_signed_by_two_and_retired(quiz, author, made):
    page = author.get(to("", made))
    assert "It does not say how its pass mark was set." in said(page)
    assert "I have read every question" not in said(page)

    refused = author.post(to("mark", made), {"pass_percent": "140", "standard": ""})
    assert refused.status_code == 400
    assert "140" in refused.content.decode(), "what was typed stays"
    author.post(to("mark", made), {"pass_percent": "66.5", "standard": "Angoff, nine judges"})
    page = author.get(to("", made))
    assert "It meets the blueprint" in said(page)

    digest = re.search(r'name="hash" value="(\w{64})"', page.content.decode())[1]
    author.post(to("sign", made), {"hash": digest})
    assert "The second signature is somebody else" in said(author.get(to("", made)))
    reviewer = browse(Role.ITEM_REVIEWER)
    stale = reviewer.post(to("sign", made), {"hash": "0" * 64})
    assert stale.status_code == 409
    assert "has changed since you read it" in said(stale)
    reviewer.post(to("sign", made), {"hash": digest})
    page = said(author.get(to("", made)))
    assert "Locked, in use" in page and "as signed" in page
    assert author.post(to("retire", made)).status_code == 403
    assert "is not put in use again" in said(reviewer.get(to("", made))), "one click is not enough"
    reviewer.post(to("retire", made))
    assert "Retired" in said(author.get(to("", made)))
    assert "retired" in said(author.get(reverse("exam-forms")))


def test_questions_are_taken_out_replaced_and_added(author, made):
    first = made.items.select_related("version__item").get(position=1)
    code = first.version.item.code
    page = author.get(to("choose", made) + "?place=1")
    assert f"In place of {code}" in said(page)
    offered = re.findall(r'name="version" value="([0-9a-f-]{36})"', page.content.decode())
    assert len(offered) == 6, "the five that are not in it, and the one that goes"
    nothing = author.post(to("choose", made) + "?place=1", {})
    assert nothing.status_code == 400 and "Choose one of the questions" in said(nothing)
    other = next(uuid for uuid in offered if uuid != str(first.version.uuid))
    author.post(to("choose", made) + "?place=1", {"version": other})
    assert str(made.items.get(position=1).version.uuid) == other
    author.post(to("take-out", made, 2))
    assert made.items.count() == 2
    assert "D1 apply: 2 where the blueprint has 3" in said(author.get(to("", made)))
    author.post(to("choose", made) + "?domain=D1&level=apply", {"version": first.version.uuid})
    assert made.items.count() == 3


def test_a_form_that_nobody_signed_can_be_thrown_away(author, made):
    author.post(to("throw-away", made))
    assert not Form.objects.exists()


def test_reading_a_form_is_reading_its_questions(author, made):
    author.get(to("", made))
    assert SecureView.objects.filter(where="form").count() >= 3


@pytest.mark.parametrize(
    "roles", [(), (Role.INSTRUCTOR,), (Role.REGISTRAR,), (Role.EXAMINER,), (Role.ADMINISTRATOR,)]
)
def test_forms_are_for_those_who_read_the_secure_pool(quiz, made, roles):
    stranger = browse(*roles)
    gets = [reverse("exam-forms"), to("", made), to("choose", made)]
    posts = [
        reverse("exam-form-make"),
        *(to(name, made) for name in ("mark", "sign", "retire", "throw-away", "choose")),
        to("take-out", made, 1),
    ]
    assert {stranger.get(path).status_code for path in gets} == {403}
    assert {stranger.post(path).status_code for path in posts} == {403}
    assert {Client().get(path).status_code for path in gets} == {302}
    assert made.items.count() == 3


def test_a_form_that_is_not_there_is_not_found(author, quiz):
    assert author.get(reverse("exam-form", args=[NOTHING])).status_code == 404
    assert author.post(reverse("exam-form-make"), {"quiz": "nonsense"}).status_code == 404


def test_a_bank_that_is_too_small_is_said_cell_by_cell(author):
    add_items(1, pool=Pool.SECURE)
    quiz = exam(("D2", "", 5))
    refused = author.post(reverse("exam-form-make"), {"quiz": quiz.activity.uuid})
    assert refused.status_code == 409
    assert "D2 any level: 0 of 5" in said(refused)


def test_the_pages_take_the_same_number_of_statements_however_long():
    add_items(40, pool=Pool.SECURE)
    author = person(Role.ITEM_AUTHOR)
    client = browse(Role.ITEM_AUTHOR)
    counts = []
    for many in (3, 30):
        quiz = exam(("D1", "apply", many))
        form = draw_form(quiz=quiz, by=author, at=NOW)
        client.get(to("", form))
        found = []
        for path in (reverse("exam-forms"), to("", form), to("choose", form)):
            with CaptureQueriesContext(connection) as context:
                client.get(path)
            found.append(len(context))
        counts.append(found)
    assert counts[0] == counts[1]
    assert counts[0][0] <= 8
