"""What a device sends after the clock has closed its examination: kept beside, told, put in by a person or not at all. And what is fixed at the start."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.services import Conflict, Invalid
from ledger.services import verify
from quizzes.models import Attempt, LateAnswer, Pool, Quiz, SittingEvent
from quizzes.services import (
    close_overdue,
    held_by,
    late_of,
    release_due,
    released_of,
    result_of,
    submit_attempt,
    watched,
)
from tests.factories import NOW, person
from tests.quizzes.bank import add_items, exam, learner_of, right_answer, sit
from tests.quizzes.test_reopening import (  # noqa: F401 fixtures
    END,
    closed,
    reopen,
    today,
)
from tests.quizzes.test_sittings import (  # noqa: F401 fixtures
    HOUR,
    MINUTE,
    attempt,
    candidate,
    decide,
    examination,
    incident_of,
    invigilator,
    registrar,
    save,
    sitting,
    with_roles,
)

pytestmark = pytest.mark.django_db


def late(attempt, position=2, seq=1, at=END + 2 * MINUTE, **given):  # noqa: F811
    """What the device is told."""
    with pytest.raises(Conflict) as caught:
        save(attempt, position=position, seq=seq, at=at, **given)
    return caught.value


def stored(attempt):  # noqa: F811
    return dict(attempt.responses.values_list("position", "answer"))


def test_it_is_kept_beside_and_counts_for_nothing(closed):  # noqa: F811
    before, points = stored(closed), result_of(closed).points
    refusal = late(closed)
    assert (refusal.code, refusal.fields) == ("time_up", {"late": True})
    assert "kept beside" in refusal.sentence
    assert stored(closed) == before and result_of(closed).points == points
    (row,) = late_of(closed)
    assert (row.response.position, row.answer) == (2, right_answer(closed, 2))
    assert not list(verify(LateAnswer))


def test_before_the_sweep_has_closed_it_too(attempt):  # noqa: F811
    assert late(attempt).fields == {"late": True}
    assert close_overdue(at=END + 3 * MINUTE) == 1
    assert result_of(attempt).points == 0 and len(late_of(attempt)) == 1


def test_sent_twice_it_is_kept_once_and_of_two_the_newest_is_shown(closed):  # noqa: F811
    late(closed)
    late(closed)
    late(closed, seq=2, answer=None)
    late(closed, seq=3)
    assert LateAnswer.objects.count() == 2  # an empty one says what is saved
    assert [row.seq for row in late_of(closed)] == [3]


def test_what_was_saved_in_time_is_not_late(closed):  # noqa: F811
    refusal = late(closed, position=1, seq=1)
    assert refusal.fields == {"late": False} and not late_of(closed)


def test_nothing_is_kept_of_one_that_was_submitted_nor_in_practice(attempt):  # noqa: F811
    submit_attempt(uuid=attempt.uuid, by=attempt.learner, at=NOW + MINUTE)
    assert late(attempt, at=NOW + 2 * MINUTE).code == "submitted"
    assert not LateAnswer.objects.exists()


def test_what_has_no_shape_is_refused_and_a_flood_is_not_kept(closed):  # noqa: F811
    assert late(closed, answer={"choice": 7}).code == "submitted"
    for seq in range(1, 13):
        refusal = late(closed, seq=seq)
    assert LateAnswer.objects.count() == 10
    assert refusal.code == "submitted"


def test_another_person_sends_nothing(closed):  # noqa: F811
    stranger = learner_of(closed.quiz)
    closed.learner = stranger
    with pytest.raises(Exception, match="no such question"):
        save(closed, position=2, at=END + 2 * MINUTE)
    assert not LateAnswer.objects.exists()


# Given back


def test_whoever_gives_time_back_puts_them_in_or_leaves_them_beside(closed, invigilator):  # noqa: F811
    late(closed, position=2)
    late(closed, position=3)
    second, _third = late_of(closed)
    again = reopen(closed, invigilator, late=[second.uuid])
    assert stored(again)[2] == right_answer(closed, 2) and stored(again)[3] is None
    event = again.events.order_by("sequence").last()
    assert event.kind == SittingEvent.Kind.LATE_TAKEN and event.by == invigilator
    assert event.reason == "Questions 2. The router had failed."
    assert [row.response.position for row in late_of(again)] == [3]
    # They go on from it: what they answer now takes its place.
    assert save(again, position=2, seq=2, answer=None, at=END + 6 * MINUTE).seq == 2
    assert close_overdue(at=END + HOUR) == 1
    assert result_of(again).points == 1 and not list(verify(LateAnswer))


def test_only_what_waits_is_put_in_and_one_for_each_question(closed, invigilator):  # noqa: F811
    late(closed, device="laptop")
    late(closed, device="tablet", answer=None)
    late(closed, device="tablet", seq=2, answer={"choice": right_answer(closed, 2)["choice"]})
    both = [row.uuid for row in late_of(closed)]
    assert len(both) == 2
    for chosen in (both, [person().uuid]):
        with pytest.raises(Invalid) as caught:
            reopen(closed, invigilator, late=chosen)
        assert "late" in caught.value.fields
    assert Attempt.objects.get(pk=closed.pk).submitted_at


# Who is told


def test_the_invigilator_sees_how_many_and_no_answer(today, invigilator, client, sitting):  # noqa: F811
    late(today, at=today.submitted_at + MINUTE)
    late(today, position=1, seq=9, answer=None, at=today.submitted_at + MINUTE)
    at = today.submitted_at + 2 * MINUTE
    assert watched(sitting, at=at)[0].late == 2
    with CaptureQueriesContext(connection) as queries:
        watched(sitting, at=at)
    assert len(queries) == 6
    client.force_login(invigilator)
    seats = client.get(reverse("invigilate-sitting", args=[sitting.uuid])).content.decode()
    assert "2 answers came after the time" in seats
    url = reverse("invigilate-reopen", args=[sitting.uuid, 1])
    page = client.get(url).content.decode()
    assert "Question 2, came" in page and "nothing is saved" in page
    assert "Question 1, came" in page and "another answer is saved" in page
    assert right_answer(today, 2)["choice"] not in page
    chosen = next(row for row in late_of(today) if row.response.position == 2)
    sent = {"minutes": 8, "reason": "The router.", "late": [chosen.uuid]}
    assert client.post(url, {**sent, "late": ["nonsense"]}).status_code == 400
    assert client.post(url, sent).status_code == 302
    assert stored(today)[2] == right_answer(today, 2)
    assert client.post(url, sent).status_code == 409


def test_the_candidate_reads_it_and_hears_it_from_the_interface(today, client):  # noqa: F811
    late(today, at=today.submitted_at + MINUTE)
    client.force_login(today.learner)
    page = client.get(reverse("attempt-result", args=[today.uuid])).content.decode()
    assert "One answer came after your time was up" in page and "question 2" in page
    told = client.get(f"/api/v1/attempts/{today.uuid}/").json()
    assert [row["position"] for row in told["late"]] == [2]
    answer = {"answer": right_answer(today, 3), "seq": 1}
    said = client.put(
        f"/api/v1/attempts/{today.uuid}/responses/3/", answer, content_type="application/json"
    )
    assert said.status_code == 409 and said.json()["errors"] == {"late": True}


def test_the_registrar_reads_it_on_the_incident(today, invigilator, registrar, client):  # noqa: F811
    late(today, at=today.submitted_at + MINUTE)
    incident = incident_of(today, invigilator)
    client.force_login(registrar)
    page = client.get(reverse("incident", args=[incident.uuid])).content.decode()
    assert "An answer to question 2 came after the time was up" in page
    assert right_answer(today, 2)["choice"] not in page


# Fixed at the start


def test_another_pass_mark_or_scale_touches_nobody_who_has_started():
    add_items(10, pool=Pool.SECURE)
    quiz = exam(("D1", "", 10), pass_percent=60, scale_cut=500, scale_max=800)
    begun, after = sit(quiz), learner_of(quiz)
    Quiz.objects.filter(pk=quiz.pk).update(pass_percent=90, scale_cut=300, scale_max=400)
    for position in range(1, 8):
        save(begun, position=position, device=None)
    submit_attempt(uuid=begun.uuid, by=begun.learner, at=NOW + MINUTE)
    result = result_of(begun)
    assert (result.passed, result.scaled) == (True, 575)
    quiz.refresh_from_db()
    later = sit(quiz, after)
    assert (later.pass_percent, later.scale_cut, later.scale_max) == (Decimal(90), 300, 400)


# What an outage closed is not told before it can be given back


def closed_at_once(attempt):  # noqa: F811
    """Of an examination that releases at once."""
    save(attempt, at=END - 20 * MINUTE)
    Attempt.objects.filter(pk=attempt.pk).update(seen_at=END - 8 * MINUTE)
    assert close_overdue(at=END + MINUTE) == 1
    return Attempt.objects.select_related("quiz", "sitting", "learner").get(pk=attempt.pk)


def test_a_result_that_is_told_at_once_waits_a_day_when_an_outage_closed_it(attempt, invigilator):  # noqa: F811
    attempt = closed_at_once(attempt)
    assert held_by(attempt, at=END + HOUR) == {"outage"}
    assert release_due(at=END + HOUR) == 0 and released_of(attempt) is None
    assert reopen(attempt, invigilator).submitted_at is None


def test_and_is_told_when_nobody_has_given_it_back(attempt):  # noqa: F811
    attempt = closed_at_once(attempt)
    assert release_due(at=END + 25 * HOUR) == 1
    assert released_of(attempt) and held_by(attempt, at=END + 25 * HOUR) == set()


def test_or_when_a_registrar_has_decided_that_it_stands(attempt, invigilator, registrar):  # noqa: F811
    attempt = closed_at_once(attempt)
    incident = incident_of(attempt, invigilator, at=END + 2 * MINUTE)
    decide(incident, registrar, "stands", at=END + HOUR)
    assert released_of(attempt)


def test_without_an_outage_it_is_told_at_once(attempt):  # noqa: F811
    save(attempt, at=END - MINUTE / 2)
    assert close_overdue(at=END + MINUTE) == 1
    assert released_of(attempt)
