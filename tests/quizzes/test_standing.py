"""What an incident does to a result that was told: held again, void, or standing; and a scale that is kept with what it scaled."""

import datetime as dt
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Notice, Role
from accounts.services import Conflict, Forbidden, Invalid
from credentials.models import Credential, Evidence, StatusEvent
from credentials.services import record_evidence
from ledger.services import verify
from lms.desks.incidents import incident_matters
from quizzes.models import Attempt, Pool, Quiz, ResultVersion
from quizzes.services import (
    credentials_on,
    decide_incident,
    entry_to,
    feedback_of,
    held_by,
    hold_told_result,
    released_of,
    report_incident,
    result_of,
    rule_on_item,
    waiting_by_quiz,
)
from quizzes.services.reporting import said
from tests.factories import NOW, person
from tests.quizzes.bank import add_items, exam
from tests.quizzes.test_release import progress, sat, version_at

pytestmark = pytest.mark.django_db
HOUR = dt.timedelta(hours=1)
WHY = "The paper had been passed round the night before."


@pytest.fixture
def registrar():
    return person(Role.REGISTRAR)


@pytest.fixture(scope="module")
def standing_quiz(standing):
    return standing(build_quiz)


@pytest.fixture
def quiz(own, standing_quiz):
    return own(standing_quiz)


def build_quiz():
    add_items(10, pool=Pool.SECURE)
    return exam(("D1", "", 10), pass_percent=60, scale_cut=500, scale_max=800)


@pytest.fixture
def told(quiz):
    """A pass that was told at once."""
    return sat(quiz, 8)


def complaint(attempt, at=NOW + HOUR):
    return report_incident(
        attempt=attempt, kind="complaint", what="A neighbour spoke.", by=attempt.learner, at=at
    )


def decide(incident, by, outcome, reasons=WHY, at=NOW + 2 * HOUR):
    return decide_incident(incident=incident, outcome=outcome, reasons=reasons, by=by, at=at)


def hold(incident, by, reasons="We look into it.", at=NOW + HOUR):
    return hold_told_result(incident=incident, reasons=reasons, by=by, at=at)


def counts_as_evidence(attempt):
    rows = Evidence.objects.filter(learner=attempt.learner, source="quiz").order_by("sequence")
    return rows.last().counts


# Void


def test_an_attempt_that_does_not_count_takes_a_told_pass_back(told, quiz, registrar):
    assert progress(told) == "complete" and counts_as_evidence(told)
    decide(complaint(told), registrar, "annulled")
    newest = released_of(told)
    assert (newest.version, newest.standing, newest.passed) == (2, "void", False)
    assert (newest.release.by, newest.release.note) == (registrar, WHY)
    assert feedback_of(told) == {"passed": None} and {
        str(hold) for hold in held_by(told, at=NOW)
    } == {"annulled"}
    assert progress(told) == "started" and not counts_as_evidence(told)
    entry = entry_to(activity=quiz.activity, by=told.learner, at=NOW + 3 * HOUR)
    assert (entry.attempts_left, entry.refusal) == (3, None)
    assert not waiting_by_quiz() and not list(verify(ResultVersion))


def test_the_candidate_is_told_with_the_reasons(told, registrar, client):
    decide(complaint(told), registrar, "annulled")
    notice = Notice.objects.filter(recipient=told.learner).order_by("-pk")[0]
    assert notice.subject.startswith("Your attempt does not count")
    client.force_login(told.learner)
    page = client.get(reverse("attempt-result", args=[told.uuid])).content.decode()
    assert WHY in page and "The result you were told before no longer counts." in page
    assert client.get(reverse("result-report", args=[told.uuid])).status_code == 404
    assert WHY in notice.body


def test_deciding_twice_writes_one_result(told, registrar):
    incident = complaint(told)
    first = decide(incident, registrar, "annulled")
    assert decide(incident, registrar, "annulled") == first
    assert told.results.count() == 2


def test_a_told_fail_that_does_not_count_gives_the_attempt_back(quiz, registrar):
    attempt = sat(quiz, 2)
    decide(complaint(attempt), registrar, "annulled")
    assert released_of(attempt).standing == "void"
    entry = entry_to(activity=quiz.activity, by=attempt.learner, at=NOW + 3 * HOUR)
    assert (entry.attempts_left, entry.again_on) == (3, None)


def test_a_ruling_moves_nothing_that_does_not_count(told, registrar):
    question = version_at(told, 10)
    decide(complaint(told), registrar, "annulled")
    rule_on_item(
        version=question, kind="credit", also=[], reasons="x",
        by=person(Role.ITEM_REVIEWER), at=NOW + 3 * HOUR,
    )  # fmt: skip
    assert result_of(told).standing == "void"


# Held again, and standing


def test_a_told_result_is_held_until_the_incident_is_decided(told, quiz, registrar):
    incident = complaint(told)
    hold(incident, registrar)
    assert hold(incident, registrar) is None
    assert released_of(told).standing == "held" and progress(told) == "held"
    assert not counts_as_evidence(told)
    assert entry_to(activity=quiz.activity, by=told.learner, at=NOW + HOUR).refusal.code == (
        "result_held"
    )
    assert Attempt.objects.with_result().get(pk=told.pk).passed is None
    decide(incident, registrar, "stands", "Nothing came of it.")
    assert [row.standing for row in told.results.order_by("version")] == [
        "counts",
        "held",
        "counts",
    ]
    assert feedback_of(told) == {"passed": True} and progress(told) == "complete"
    assert counts_as_evidence(told) and not list(verify(ResultVersion))
    assert said(released_of(told).release)["title"] == "You have passed"


def test_it_stays_held_while_another_incident_is_open(told, registrar):
    first = complaint(told)
    second = report_incident(
        attempt=told, kind="complaint", what="And it was cold.", by=told.learner, at=NOW + HOUR
    )
    hold(first, registrar)
    decide(first, registrar, "stands")
    assert released_of(told).standing == "held"
    decide(second, registrar, "stands")
    assert released_of(told).passed


def test_a_held_result_can_turn_out_not_to_count(told, registrar):
    incident = complaint(told)
    hold(incident, registrar)
    decide(incident, registrar, "annulled")
    assert released_of(told).standing == "void"


def test_what_was_marked_anew_while_held_waits_for_a_registrar_afterwards(quiz, registrar):
    attempt = sat(quiz, 6)
    incident = complaint(attempt)
    hold(incident, registrar)
    ruling = rule_on_item(
        version=version_at(attempt, 1), kind="void", also=[], reasons="x",
        by=person(Role.ITEM_REVIEWER), at=NOW + HOUR,
    )  # fmt: skip
    decide(incident, registrar, "stands")
    assert released_of(attempt).passed and released_of(attempt).points == 6
    newest = result_of(attempt)
    assert (newest.reason, newest.passed, newest.points) == (ruling.mark, False, 5)
    assert waiting_by_quiz()[quiz.pk] == [attempt]


def test_an_incident_that_changes_nothing_tells_nothing(told, registrar):
    decide(complaint(told), registrar, "stands")
    assert told.results.count() == 1 and feedback_of(told) == {"passed": True}


def test_who_may_hold_a_told_result(told, registrar):
    incident = complaint(told)
    for role in (None, *(role for role in Role if role != Role.REGISTRAR)):
        with pytest.raises(Forbidden):
            hold(incident, person(*filter(None, [role])))
    with pytest.raises(Invalid):
        hold(incident, registrar, reasons=" ")
    decide(incident, registrar, "stands")
    with pytest.raises(Conflict):
        hold(incident, registrar)


def test_what_nobody_was_told_is_held_already(registrar):
    add_items(10, pool=Pool.SECURE)
    attempt = sat(exam(("D1", "", 10), pass_percent=60, release=Quiz.Release.BY_PERSON), 8)
    with pytest.raises(Conflict) as caught:
        hold(complaint(attempt), registrar)
    assert caught.value.code == "not_told"


# The credential


def test_the_credential_that_rests_on_it_is_named_and_left_alone(told, registrar, client):
    insurance = told.quiz.activity.satisfies.get().credential_type.requirements.get(
        title="Insurance"
    )
    record_evidence(
        learner=told.learner, requirement=insurance, source="document", reference=uuid4(),
        label="Insurance", by=None, at=NOW + HOUR,
    )  # fmt: skip
    credential = Credential.objects.get(holder=told.learner)
    incident = complaint(told)
    decide(incident, registrar, "annulled")
    (found,) = credentials_on([told])[told.pk]
    assert found.credential == credential and not found.also_on_another
    client.force_login(registrar)
    page = client.get(reverse("incident", args=[incident.uuid])).content.decode()
    assert credential.number in page and "It rests on no other pass." in page
    assert StatusEvent.objects.filter(credential=credential).count() == 1


# On the screens


def test_the_queue_says_whether_a_result_was_told(told, registrar):
    incident = complaint(told)
    (matter,) = incident_matters(at=NOW + HOUR)
    assert "a result was told before" in matter.why
    hold(incident, registrar)
    (matter,) = incident_matters(at=NOW + HOUR)
    assert "the result is held" in matter.why


def test_whoever_reports_after_the_result_reads_what_follows(told, client):
    Attempt.objects.filter(pk=told.pk).update(submitted_at=timezone.now())
    client.force_login(told.learner)
    page = client.get(reverse("attempt-report", args=[told.uuid])).content.decode()
    assert "You have been told a result." in page and "Your result waits" not in page


def test_the_screen_offers_to_hold_only_what_was_told(told, registrar, client):
    incident = complaint(told)
    client.force_login(registrar)
    url = reverse("incident", args=[incident.uuid])
    assert "hold the result that was told" in client.get(url).content.decode()
    assert client.post(url, {"outcome": "hold", "reasons": "Looked into."}).status_code == 302
    assert released_of(told).standing == "held"
    assert "hold the result that was told" not in client.get(url).content.decode()
    assert client.post(url, {"outcome": "hold", "reasons": "x"}).status_code == 400
    assert client.post(url, {"outcome": "annulled", "reasons": WHY}).status_code == 302
    assert released_of(told).standing == "void"


# The scale


def test_a_scaled_score_stays_when_the_quiz_gets_another_scale(quiz):
    attempt = sat(quiz, 3)
    before = feedback_of(attempt)
    assert (before["scaled"], before["scale_cut"], before["scale_max"]) == (275, 500, 800)
    Quiz.objects.filter(pk=quiz.pk).update(scale_cut=300, scale_max=400)
    attempt.refresh_from_db()
    attempt.quiz.refresh_from_db()
    assert feedback_of(attempt) == before
    assert "275" in said(released_of(attempt).release)["lines"][1]
    rule_on_item(
        version=version_at(attempt, 1), kind="void", also=[], reasons="x",
        by=person(Role.ITEM_REVIEWER), at=NOW,
    )  # fmt: skip
    assert result_of(attempt).scaled == 217  # by the scale it was marked on


def test_without_a_scale_when_it_was_marked_there_is_none_afterwards(quiz):
    Quiz.objects.filter(pk=quiz.pk).update(scale_cut=None, scale_max=None)
    quiz.refresh_from_db()
    attempt = sat(quiz, 3)
    Quiz.objects.filter(pk=quiz.pk).update(scale_cut=300, scale_max=400)
    attempt.quiz.refresh_from_db()
    assert "scaled" not in feedback_of(attempt) and feedback_of(attempt)["points"] == 3
