"""An attempt the clock closed in an outage is given back; every device that was let go stays out; times are those of the place."""

import datetime as dt

import pytest
from django.urls import reverse

from accounts.models import Role
from ledger.services import verify
from quizzes.models import Attempt, Quiz, Release, ResultVersion, SittingEvent
from quizzes.services import (
    close_overdue,
    creditable,
    minutes_to_give,
    release_results,
    reopen_attempt,
    result_of,
    submit_attempt,
    unlock_device,
    watched,
)
from tests.factories import NOW, person
from tests.quizzes.test_release import progress
from tests.quizzes.test_sittings import (  # noqa: F401 fixtures
    HOUR,
    MINUTE,
    attempt,
    candidate,
    code_of,
    decide,
    examination,
    incident_of,
    invigilator,
    kinds,
    registrar,
    save,
    sitting,
    start,
    with_roles,
)

pytestmark = pytest.mark.django_db
END = NOW + dt.timedelta(minutes=150)


def went_silent(attempt):  # noqa: F811
    """Heard of all the time until eight minutes before the end."""
    Attempt.objects.filter(pk=attempt.pk).update(seen_at=END - 8 * MINUTE)


@pytest.fixture
def closed(attempt):  # noqa: F811
    """The network failed eight minutes before the end, and the clock closed it; a registrar releases the results."""
    Quiz.objects.filter(pk=attempt.quiz_id).update(release=Quiz.Release.BY_PERSON)
    save(attempt, at=END - 20 * MINUTE)
    went_silent(attempt)
    assert close_overdue(at=END + MINUTE) == 1
    return Attempt.objects.select_related("quiz", "sitting", "learner").get(pk=attempt.pk)


def reopen(attempt, by, minutes=8, at=END + 5 * MINUTE, reason="The router had failed.", late=()):  # noqa: F811
    return reopen_attempt(attempt=attempt, minutes=minutes, reason=reason, by=by, at=at, late=late)


def test_it_goes_on_from_then_with_every_answer(closed, invigilator):  # noqa: F811
    answers = dict(closed.responses.values_list("position", "answer"))
    again = reopen(closed, invigilator)
    assert (again.submitted_at, again.closed_by_clock) == (None, False)
    assert again.due_at == END + 13 * MINUTE
    assert dict(again.responses.values_list("position", "answer")) == answers
    assert not again.responses.filter(open=False).exists()
    assert progress(again) == "started" and "reopened" in kinds(again)
    assert save(again, position=2, at=END + 6 * MINUTE).seq == 1
    submit_attempt(uuid=again.uuid, by=again.learner, at=END + 10 * MINUTE)
    results = ResultVersion.objects.filter(attempt=again).order_by("version")
    assert [row.reason for row in results] == ["closed by the clock", "submitted"]
    assert result_of(again).points == 2
    assert not list(verify(ResultVersion)) and not list(verify(SittingEvent))


def test_a_registrar_may_too_and_the_clock_closes_it_again(closed, registrar):  # noqa: F811
    reopen(closed, registrar)
    assert close_overdue(at=END + HOUR) == 1
    assert result_of(closed).version == 2
    # What the outage took has been given.
    assert creditable(Attempt.objects.get(pk=closed.pk), at=END + 13 * MINUTE) <= 8


@pytest.mark.parametrize("role", [role for role in Role if role != Role.REGISTRAR])
def test_nobody_else_may(closed, role):
    assert code_of(reopen, attempt=closed, by=with_roles(role)) in ("wrong_role", "no_attempt")
    assert code_of(reopen, attempt=closed, by=closed.learner) == "wrong_role"


def test_no_more_is_given_than_the_outage_took(closed, invigilator):  # noqa: F811
    assert minutes_to_give(closed, at=END + 5 * MINUTE) == 8
    assert code_of(reopen, attempt=closed, by=invigilator, minutes=9) == "more_than_lost"
    assert code_of(reopen, attempt=closed, by=invigilator, minutes=0) == "no_credit"
    assert code_of(reopen, attempt=closed, by=invigilator, reason=" ") == "no_credit"


def test_one_that_was_submitted_by_hand_is_not_given_back(attempt, invigilator):  # noqa: F811
    submit_attempt(uuid=attempt.uuid, by=attempt.learner, at=NOW + MINUTE)
    assert code_of(reopen, attempt=attempt, by=invigilator, at=NOW + 2 * MINUTE) == "not_closed"
    assert minutes_to_give(Attempt.objects.get(pk=attempt.pk), at=NOW + 2 * MINUTE) == 0


def test_not_once_a_result_was_told(closed, invigilator, registrar):  # noqa: F811
    release_results(quiz=closed.quiz, attempts=[closed], by=registrar, at=END + 2 * MINUTE)
    assert Release.objects.exists()
    assert code_of(reopen, attempt=closed, by=invigilator) == "released"


def test_not_after_a_day_nor_once_it_was_annulled(closed, invigilator, registrar):  # noqa: F811
    assert code_of(reopen, attempt=closed, by=invigilator, at=END + 25 * HOUR) == "too_late"
    decide(incident_of(closed, invigilator, at=END), registrar, "annulled", at=END + MINUTE)
    assert code_of(reopen, attempt=closed, by=invigilator) == "annulled"


def test_one_the_sweep_has_not_reached_is_closed_first(attempt, invigilator):  # noqa: F811
    Quiz.objects.filter(pk=attempt.quiz_id).update(release=Quiz.Release.BY_PERSON)
    went_silent(attempt)
    reopen(Attempt.objects.select_related("sitting", "quiz").get(pk=attempt.pk), invigilator)
    assert result_of(attempt).reason == "closed by the clock"


def test_the_invigilator_gives_it_back_on_their_screen(closed, invigilator, client, sitting):  # noqa: F811
    (row,) = watched(sitting, at=END + 5 * MINUTE)
    assert (row.state, row.reopenable, row.creditable) == ("submitted", True, 8)
    (row,) = watched(sitting, at=END + 25 * HOUR)
    assert not row.reopenable
    url = reverse("invigilate-reopen", args=[sitting.uuid, 1])
    for role in (None, Role.REGISTRAR, Role.INVIGILATOR):
        client.force_login(with_roles(role))
        expected = 404 if role == Role.INVIGILATOR else 403
        assert client.post(url, {"minutes": 8, "reason": "x"}).status_code == expected


@pytest.fixture
def today(closed):
    """The same, moved to now: the screens look at the clock themselves."""
    from django.utils import timezone

    shift = timezone.now() - END
    Attempt.objects.filter(pk=closed.pk).update(
        submitted_at=closed.submitted_at + shift,
        due_at=closed.due_at + shift,
        seen_at=closed.seen_at + shift,
    )
    closed.responses.filter(saved_at__isnull=False).update(saved_at=END - 20 * MINUTE + shift)
    return closed


def test_by_the_screens_of_both(today, invigilator, registrar, client, sitting):  # noqa: F811
    client.force_login(invigilator)
    seats = client.get(reverse("invigilate-sitting", args=[sitting.uuid])).content.decode()
    assert "Give the attempt back" in seats and "closed by the clock" in seats
    url = reverse("invigilate-reopen", args=[sitting.uuid, 1])
    assert "up to 8 minutes" in client.get(url).content.decode()
    assert client.post(url, {"minutes": 900, "reason": "x"}).status_code == 400
    assert client.post(url, {"minutes": 99, "reason": "x"}).status_code == 409
    assert client.post(url, {"minutes": 8, "reason": "The router."}).status_code == 302
    assert Attempt.objects.get(pk=today.pk).submitted_at is None


def test_the_registrar_gives_it_back_from_the_incident(today, invigilator, registrar, client):  # noqa: F811
    incident = incident_of(today, invigilator)
    client.force_login(registrar)
    url = reverse("incident", args=[incident.uuid])
    page = client.get(url).content.decode()
    assert "Give the attempt back" in page and "times of Europe/London" in page
    sent = {"reopen": "1", "minutes": 8, "reason": "The router."}
    assert client.post(url, {**sent, "minutes": 99}).status_code == 409
    assert client.post(url, sent).status_code == 302
    assert Attempt.objects.get(pk=today.pk).submitted_at is None
    assert "Give the attempt back" not in client.get(url).content.decode()


# Devices


def test_every_device_that_was_let_go_stays_out(attempt, invigilator):  # noqa: F811
    def unlock():
        unlock_device(
            attempt=Attempt.objects.select_related("sitting").get(pk=attempt.pk),
            reason="Broken.", by=invigilator, at=NOW + MINUTE,
        )  # fmt: skip

    unlock()
    assert save(attempt, at=NOW + MINUTE, device="tablet").seq == 1
    unlock()
    assert Attempt.objects.get(pk=attempt.pk).shut_out == ["laptop", "tablet"]
    for device in ("laptop", "tablet"):
        assert code_of(save, attempt=attempt, seq=2, device=device, at=NOW + MINUTE) == (
            "other_device"
        )
    assert save(attempt, seq=2, device="phone", at=NOW + MINUTE).seq == 2


# Times of the place


def test_an_incident_is_read_by_the_clock_of_its_sitting(attempt, invigilator, registrar, client):  # noqa: F811
    attempt.sitting.zone = "Asia/Tokyo"
    attempt.sitting.save()
    incident = incident_of(attempt, invigilator)
    client.force_login(registrar)
    page = client.get(reverse("incident", args=[incident.uuid])).content.decode()
    assert "times of Asia/Tokyo" in page and "JST" in page and "UTC" not in page
    client.force_login(invigilator)
    page = client.get(reverse("invigilate-sitting", args=[attempt.sitting.uuid]))
    assert page.content.decode().count("JST") == 2


def test_a_person_without_a_seat_is_nobodys_affair(closed):
    assert code_of(reopen, attempt=closed, by=person(Role.INVIGILATOR)) == "no_attempt"
