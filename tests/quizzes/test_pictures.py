"""After practice: the figure of a question with the right region, the one given, and the pins as they were named."""

import re

import pytest
from django.urls import reverse

from quizzes.models import Quiz
from quizzes.services import save_response, submit_attempt
from tests.factories import NOW
from tests.quizzes.bank import add_items, practice_quiz, right_answer, sit

pytestmark = pytest.mark.django_db


def page_after(client, kind, answer):
    add_items(1, kind)
    attempt = sit(practice_quiz(("D1", "", 1), feedback=Quiz.Feedback.AFTER))
    given = answer(attempt.responses.get().item_version.content)
    if given:
        save_response(
            uuid=attempt.uuid, position=1, answer=given, flagged=False, seq=1,
            by=attempt.learner, at=NOW,
        )  # fmt: skip
    submit_attempt(uuid=attempt.uuid, by=attempt.learner, at=NOW)
    client.force_login(attempt.learner)
    page = client.get(reverse("attempt-result", args=[attempt.uuid]))
    assert page.status_code == 200
    return re.sub(r"\s+", " ", page.content.decode())


def wrong_region(content):
    wrong = next(row for row in content["scoring"]["regions"] if not row["correct"])
    option = next(row for row in content["options"] if row["id"] == wrong["id"])
    return {"x": option["x"], "y": option["y"]}


def test_the_right_region_is_outlined_and_the_wrong_one_given_too(client):
    words = page_after(client, "hotspot", wrong_region)
    assert "<svg" in words and 'class="m-edge"' in words  # the drawing itself
    assert '<polygon class="is-right" points="0.6,0.6 0.8,0.6 0.8,0.8"/>' in words
    assert '<ellipse class="is-wrong" cx="0.3" cy="0.3" rx="0.1" ry="0.2"/>' in words
    assert 'style="left: 30%; top: 30%"' in words and "The ring is your answer." in words


def test_unanswered_only_the_right_region_is_shown(client):
    words = page_after(client, "hotspot", lambda content: None)
    assert 'class="is-right"' in words and 'class="is-wrong"' not in words
    assert 'class="marker"' not in words and "The ring is your answer." not in words


def test_pins_say_whether_they_were_named_rightly(client):
    def one_of_two(content):
        first = next(row["id"] for row in content["options"] if row["x"] == 0.2)
        return {"pairs": {first: content["key"]["pairs"][first]}}

    words = page_after(client, "label", one_of_two)
    assert '<span class="pin is-right" aria-hidden="true" style="left: 20%; top: 20%">1</span>' in (
        words
    )
    assert 'class="pin is-missed" aria-hidden="true" style="left: 80%; top: 20%">2<' in words


def test_a_figure_that_is_only_looked_at_is_shown_as_it_is(client):
    add_items(1, "single", figure="knee")
    attempt = sit(practice_quiz(("D1", "", 1)))
    save_response(
        uuid=attempt.uuid, position=1, answer=right_answer(attempt, 1), flagged=False, seq=1,
        by=attempt.learner, at=NOW,
    )  # fmt: skip
    submit_attempt(uuid=attempt.uuid, by=attempt.learner, at=NOW)
    client.force_login(attempt.learner)
    words = client.get(reverse("attempt-result", args=[attempt.uuid])).content.decode()
    assert 'class="m-edge"' in words and 'class="outlines"' not in words
