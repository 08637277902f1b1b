"""A key is checked over an administration: one form, a sitting, a window of days. Forms are never put together."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Role
from quizzes.models import Attempt, Form, Pool, Quiz, Sitting
from quizzes.services import (
    Administration,
    administrations_of,
    draw_form,
    forms_sat,
    hash_of,
    validation_of,
)
from quizzes.services import validation as validating
from tests.factories import NOW, person
from tests.quizzes.bank import add_items, exam
from tests.quizzes.test_release import sat

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


@pytest.fixture
def quiz():
    add_items(12, pool=Pool.SECURE)
    return exam(("D1", "", 5), pass_percent=60, release=Quiz.Release.BY_PERSON)


def on_a_form(quiz, seed):
    """A locked form, which the next attempts sit; the one before it is retired."""
    Form.objects.filter(quiz=quiz, retired_at=None).update(retired_at=NOW)
    Quiz.objects.filter(pk=quiz.pk).update(delivery=Quiz.Delivery.FORM)
    quiz.refresh_from_db()
    by = person(Role.ITEM_REVIEWER)
    form = draw_form(quiz=quiz, by=by, at=NOW, seed=seed)
    Form.objects.filter(pk=form.pk).update(
        hash=hash_of(form), locked_at=NOW, pass_percent=Decimal(60), standard="Panel, 2026."
    )
    return Form.objects.get(pk=form.pk)


def numbers(validation):
    return {row.version.pk: row.statistics.n for row in validation.questions}


def test_two_forms_are_two_administrations(quiz):
    drawn = sat(quiz, 3)
    first = on_a_form(quiz, 1)
    sat(quiz, 3), sat(quiz, 4, at=NOW + DAY)
    second = on_a_form(quiz, 2)
    last = sat(quiz, 5, at=NOW + 2 * DAY)
    assert [(row.form, row.attempts) for row in forms_sat(quiz)] == [
        (second, 1),
        (first, 2),
        (None, 1),
    ]
    for form, n in ((second, 1), (first, 2)):
        found = validation_of(Administration(quiz, form))
        assert (found.attempts, found.of) == (n, n)
        assert numbers(found) == dict.fromkeys(form.items.values_list("version", flat=True), n)
    assert validation_of(Administration(quiz)).attempts == 1
    attempts = Attempt.objects.select_related("quiz").filter(pk__in=[drawn.pk, last.pk])
    assert [row.form for row in administrations_of(attempts)] == [None, second]


def test_a_window_of_days_and_a_sitting_narrow_it(quiz):
    hall = Sitting.objects.create(
        quiz=quiz, place="Hall 2", opens_at=NOW - DAY, closes_at=NOW + DAY
    )
    here, later = sat(quiz, 3), sat(quiz, 4, at=NOW + 2 * DAY)
    Attempt.objects.filter(pk=here.pk).update(sitting=hall)
    day = NOW.date()
    for given, expected in (
        ({}, 2),
        ({"sitting": hall}, 1),
        ({"last": day}, 1),
        ({"first": day + DAY}, 1),
        ({"first": day + DAY, "sitting": hall}, 0),
        ({"first": day, "last": day + 2 * DAY}, 2),
    ):
        assert validation_of(Administration(quiz, **given)).attempts == expected, given
    assert later.sitting is None


def test_of_very_many_the_newest_are_looked_at_and_how_many_there_are_is_said(quiz, monkeypatch):
    monkeypatch.setattr(validating, "NEWEST", 2)
    for _ in range(3):
        sat(quiz, 3)
    found = validation_of(Administration(quiz))
    assert (found.attempts, found.of) == (2, 3)


def test_choosing_takes_the_same_few_statements_for_one_form_and_for_two(quiz):
    counts = []
    for seed in (1, 2):
        on_a_form(quiz, seed)
        sat(quiz, 3)
        with CaptureQueriesContext(connection) as context:
            forms_sat(quiz)
        counts.append(len(context))
    assert counts[0] == counts[1] == 2


@pytest.fixture
def as_registrar(client):
    client.force_login(person(Role.REGISTRAR))
    return client


def test_the_screen_names_what_it_looks_at(quiz, as_registrar):
    first = on_a_form(quiz, 1)
    sat(quiz, 3), sat(quiz, 4)
    on_a_form(quiz, 2)
    sat(quiz, 5, at=NOW + DAY)
    url = reverse("quiz-results", args=[quiz.activity.uuid])
    page = as_registrar.get(url)
    assert page.context["validation"].attempts == 1 and "form 2: n = 1 attempt" in words(page)
    page = as_registrar.get(url, {"form": first.uuid})
    assert page.context["validation"].attempts == 2 and "form 1: n = 2 attempts" in words(page)
    page = as_registrar.get(url, {"form": first.uuid, "first": "2026-11-24"})
    assert page.context["validation"].attempts == 0
    assert "Nobody submitted it in this administration." in words(page)
    release = as_registrar.get(reverse("release-results", args=[quiz.activity.uuid]))
    assert [row.administration.form.number for row in release.context["looked_at"]] == [1, 2]


@pytest.mark.parametrize(
    "given",
    [
        {"form": "nonsense"},
        {"first": "yesterday"},
        {"first": "2026-11-24", "last": "2026-11-01"},
        {"sitting": "7"},
    ],
)
def test_a_choice_that_is_none_is_said(quiz, as_registrar, given):
    attempt = sat(quiz, 3)
    hall = Sitting.objects.create(
        quiz=quiz, place="Hall 2", opens_at=NOW - DAY, closes_at=NOW + DAY
    )
    Attempt.objects.filter(pk=attempt.pk).update(sitting=hall)
    page = as_registrar.get(reverse("quiz-results", args=[quiz.activity.uuid]), given)
    assert page.status_code == 400 and "needs your attention" in words(page)


def words(page):
    return " ".join(page.content.decode().split())
