"""The pages: who sees them, what they say, and that nothing of an examination leaks into them."""

import datetime as dt
import json
import re

import pytest
from django.urls import reverse

from accounts.models import Role
from quizzes.models import Attempt, Pool, Quiz
from quizzes.services import save_response, submit_attempt
from tests.factories import NOW, EnrolmentFactory, person
from tests.quizzes.bank import (
    ANSWERS,
    add_items,
    content_at,
    exam,
    learner_of,
    practice_quiz,
    right_answer,
    sit,
    wrong_answer,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def practice():
    add_items(5)
    return practice_quiz()


@pytest.fixture(scope="module")
def standing_examination(standing):
    return standing(build_examination)


@pytest.fixture
def examination(own, standing_examination):
    return own(standing_examination)


def build_examination():
    add_items(12, pool=Pool.SECURE)
    return exam(("D1", "apply", 10))


@pytest.fixture
def as_person(client):
    def sign_in(user):
        client.force_login(user)
        return client

    return sign_in


def start_page(quiz):
    return reverse("quiz-start", args=[quiz.activity.uuid])


def pages_of(attempt):
    return [
        reverse(name, args=[attempt.uuid])
        for name in ("attempt", "attempt-submit", "attempt-result")
    ]


def answer(attempt, position, given, at):
    save_response(
        uuid=attempt.uuid,
        position=position,
        answer=given,
        flagged=False,
        seq=1,
        by=attempt.learner,
        at=at,
    )


def embedded(response, name):
    text = response.content.decode()
    return json.loads(re.search(rf'<script id="{name}"[^>]*>(.*?)</script>', text, re.S)[1])


def test_anonymous_people_are_sent_to_sign_in(client, practice):
    for url in [start_page(practice), *pages_of(sit(practice))]:
        response = client.get(url)
        assert response.status_code == 302 and "/login/" in response["Location"]


@pytest.mark.parametrize("role", [None, *Role])
def test_a_stranger_finds_nothing_whatever_their_role(as_person, practice, role):
    client = as_person(person(*filter(None, [role])))
    for url in [start_page(practice), *pages_of(sit(practice))]:
        assert client.get(url).status_code == 404
        assert client.post(url).status_code in (404, 405)
    assert Attempt.objects.filter(submitted_at=None).count() == 1


def test_a_classmate_finds_nothing_of_anothers_attempt(as_person, practice):
    client = as_person(learner_of(practice))
    attempt = sit(practice)
    assert [client.get(url).status_code for url in pages_of(attempt)] == [404] * 3
    assert client.post(pages_of(attempt)[1]).status_code == 404


def test_the_start_page_says_what_it_is_and_starts_nothing(as_person, examination):
    page = as_person(learner_of(examination)).get(start_page(examination)).content.decode()
    for words in ("150 minutes", "68 %", "3 of 3 left", "30 days between two", "Start"):
        assert words in page
    assert not Attempt.objects.exists()


def test_a_press_on_start_starts_and_shows_the_player(as_person, examination):
    client = as_person(learner_of(examination))
    response = client.post(start_page(examination), follow=True)
    assert response.templates[0].name == "quizzes/player.html"
    assert len(embedded(response, "attempt-data")["questions"]) == 10
    assert client.post(start_page(examination), follow=True).redirect_chain == [
        (reverse("attempt", args=[Attempt.objects.get().uuid]), 302)
    ]


def test_an_open_attempt_is_gone_on_with(as_person, examination):
    learner = learner_of(examination)
    sit(examination, learner, at=dt.datetime.now(dt.UTC))
    page = as_person(learner).get(start_page(examination)).content.decode()
    assert "Go on where you left off" in page


def test_a_start_that_is_refused_says_why_instead_of_a_button(as_person, examination):
    learner = learner_of(examination)
    learner.applications.update(closed_at=NOW)
    client = as_person(learner)
    page = client.get(start_page(examination)).content.decode()
    assert "Apply for the credential first" in page and "<button" not in page.partition("<h1>")[2]
    assert client.post(start_page(examination)).status_code == 409


@pytest.mark.parametrize("kind", ANSWERS)
def test_the_player_holds_no_key(as_person, kind):
    add_items(1, kind, pool=Pool.SECURE)
    quiz = exam(("D1", "", 1))
    learner = learner_of(quiz)
    attempt = sit(quiz, learner, at=dt.datetime.now(dt.UTC))
    text = as_person(learner).get(pages_of(attempt)[0]).content.decode()
    assert not any(said in text for said in content_at(attempt, 1)["rationales"].values())
    data = text.partition('id="attempt-data"')[2].partition("</script>")[0]
    assert '"key"' not in data and '"right"' not in data


def test_pages_of_an_attempt_are_kept_by_no_cache(as_person, practice):
    learner = learner_of(practice)
    attempt = sit(practice, learner)
    for url in [start_page(practice), *pages_of(attempt)]:
        assert as_person(learner).get(url)["Cache-Control"] == "private, no-store"


def test_before_submitting_one_sees_what_is_missing_and_flagged(as_person, practice):
    learner = learner_of(practice)
    attempt = sit(practice, learner)
    answer(attempt, 1, right_answer(attempt, 1), NOW)
    attempt.responses.filter(position=2).update(flagged=True)
    page = as_person(learner).get(pages_of(attempt)[1]).content.decode()
    assert "2 questions are not answered" in page
    flagged = page.partition('id="flagged"')[2].partition("</section>")[0]
    assert "#2" in flagged and "#1" not in flagged


def test_submitting_leads_to_the_result_and_back_leads_there_too(as_person, practice):
    learner = learner_of(practice)
    attempt = sit(practice, learner)
    player, submit, result = pages_of(attempt)
    client = as_person(learner)
    assert client.get(result).headers["Location"] == player
    assert client.post(submit).headers["Location"] == result
    assert client.post(submit).headers["Location"] == result
    assert [client.get(url).headers["Location"] for url in (player, submit)] == [result, result]


def test_an_attempt_whose_time_is_up_shows_its_result(as_person, examination):
    learner = learner_of(examination)
    attempt = sit(examination, learner, at=NOW - dt.timedelta(days=300))
    response = as_person(learner).get(pages_of(attempt)[0], follow=True)
    assert "closed when the time was up" in response.content.decode()


def failed(examination, learner):
    at = dt.datetime.now(dt.UTC)
    attempt = sit(examination, learner, at=at)
    for position in range(1, 6):
        answer(attempt, position, right_answer(attempt, position), at)
    submit_attempt(uuid=attempt.uuid, by=learner, at=at)
    return attempt, at


def test_a_fail_says_bands_dates_and_rights_and_nothing_of_a_question(as_person, examination):
    learner = learner_of(examination)
    attempt, at = failed(examination, learner)
    page = as_person(learner).get(pages_of(attempt)[2]).content.decode()
    again = f"{at + dt.timedelta(days=30):%-d\u00a0%B %Y}"
    for words in (
        "Not passed this time",
        "Domain D1",
        "Below",
        again,
        "You can appeal until",
        "Your rights",
    ):
        assert words in page
    assert "Where do you not press" not in page and "Over the vessels" not in page


def test_a_pass_says_pass_and_what_comes_next(as_person, examination):
    learner = learner_of(examination)
    at = dt.datetime.now(dt.UTC)
    attempt = sit(examination, learner, at=at)
    for position in range(1, 11):
        answer(attempt, position, right_answer(attempt, position), at)
    submit_attempt(uuid=attempt.uuid, by=learner, at=at)
    page = as_person(learner).get(pages_of(attempt)[2]).content.decode()
    assert "You have passed" in page and "Insurance" in page
    assert "of 10" not in page and "Below" not in page


@pytest.mark.parametrize("kind", ANSWERS)
def test_practice_says_for_each_question_why(as_person, kind):
    add_items(1, kind)
    quiz = practice_quiz(("D1", "", 1), feedback=Quiz.Feedback.AFTER)
    learner = learner_of(quiz)
    attempt = sit(quiz, learner)
    given = wrong_answer(attempt, 1) if kind == "single" else right_answer(attempt, 1)
    answer(attempt, 1, given, NOW)
    submit_attempt(uuid=attempt.uuid, by=learner, at=NOW)
    page = as_person(learner).get(pages_of(attempt)[2]).content.decode()
    for said in content_at(attempt, 1)["rationales"].values():
        assert kind == "truefalse" or said in page
    assert ("Your answer, not right" in page) == (kind == "single")


def test_after_the_last_attempt_the_page_says_what_comes_first(as_person, examination):
    learner = learner_of(examination)
    Quiz.objects.update(attempts_allowed=1)
    attempt, _at = failed(examination, learner)
    page = as_person(learner).get(pages_of(attempt)[2]).content.decode()
    assert "By agreement" in page and "Sit again" not in page


def test_a_figure_is_shown_to_its_learner_only(as_person):
    from courses.models import Figure

    Figure.objects.create(
        code="knee",
        title="Knee",
        svg='<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M0 0H9"/></svg>',
        alt="A knee",
        credit="Palpate",
    )
    add_items(1, figure="knee")
    quiz = practice_quiz(("D1", "", 1))
    learner, classmate = learner_of(quiz), learner_of(quiz)
    attempt = sit(quiz, learner)
    client = as_person(learner)
    url = embedded(client.get(pages_of(attempt)[0]), "attempt-data")["questions"][0]["media"][0][
        "url"
    ]
    response = client.get(url)
    assert response["Content-Type"] == "image/svg+xml" and b"<svg" in response.content
    assert client.get(url[:-65] + "0" * 64 + "/").status_code == 404
    assert as_person(classmate).get(url).status_code == 404


def test_an_activity_of_another_kind_has_no_start_page(as_person, practice):
    learner = learner_of(practice)
    other = EnrolmentFactory(learner=learner).course
    assert other
    Quiz.objects.all().delete()
    assert as_person(learner).get(start_page(practice)).status_code == 404
