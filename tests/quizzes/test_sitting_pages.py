"""The pages and the HTTP interface of a sitting: who comes in, what each is told, and what nobody else ever learns."""

import datetime as dt
import json
import re
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import Notice, Role
from accounts.services import accommodate
from quizzes.models import Attempt, Incident, Pool, Quiz, Remediation, Sitting
from quizzes.services import report_incident, seat, set_sitting, start_attempt, submit_attempt
from tests.factories import NOTHING, person
from tests.quizzes.bank import add_items, exam, learner_of, right_answer

pytestmark = pytest.mark.django_db
HOUR = dt.timedelta(hours=1)
NOT_REGISTRAR = [None, *(role for role in Role if role != Role.REGISTRAR)]
NOT_INVIGILATOR = [None, *(role for role in Role if role != Role.INVIGILATOR)]


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def registrar():
    return person(Role.REGISTRAR)


@pytest.fixture
def invigilator():
    return person(Role.INVIGILATOR)


@pytest.fixture(scope="module")
def standing_examination(standing):
    return standing(build_examination)


@pytest.fixture
def examination(own, standing_examination):
    return own(standing_examination)


def build_examination():
    add_items(8, pool=Pool.SECURE)
    quiz = exam(("D1", "", 4))
    Quiz.objects.filter(pk=quiz.pk).update(break_minutes=10)
    quiz.refresh_from_db()
    return quiz


@pytest.fixture
def sitting(examination, registrar, invigilator, now):
    return set_sitting(
        sitting=None, quiz=examination, place="Hall 2", zone="Europe/London", opens_at=now - HOUR,
        closes_at=now + HOUR, invigilators=[invigilator], by=registrar, at=now,
    )  # fmt: skip


@pytest.fixture
def candidate(examination, sitting, registrar, now):
    learner = learner_of(examination, name="Ida Nord")
    seat(sitting=sitting, person=learner, by=registrar, at=now)
    return learner


@pytest.fixture
def attempt(examination, candidate, now):
    return start_attempt(activity=examination.activity, by=candidate, at=now)[0]


def api(path, attempt):
    return f"/api/v1/attempts/{attempt.uuid}/{path}"


def code_of(response):
    return response.status_code, json.loads(response.content).get("code")


def post(client, url, body=None, **headers):
    return client.post(
        url, json.dumps(body or {}), content_type="application/json", headers=headers
    )


def put(client, attempt, seq=1, **headers):
    body = json.dumps({"answer": right_answer(attempt, 1), "flagged": False, "seq": seq})
    return client.put(
        api("responses/1/", attempt), body, content_type="application/json", headers=headers
    )


# The start page


def test_the_agreement_is_shown_and_must_be_ticked(examination, candidate):
    Quiz.objects.update(agreement="I work alone.\nI keep the questions to myself.")
    client, url = signed_in(candidate), reverse("quiz-start", args=[examination.activity.uuid])
    page = client.get(url).content.decode()
    assert "I keep the questions to myself." in page and "Hall 2" in page
    refused = client.post(url)
    assert refused.status_code == 409 and "Tick the box to agree" in refused.content.decode()
    assert not Attempt.objects.exists()
    assert client.post(url, {"agreed": "yes"}).status_code == 302
    assert Attempt.objects.get().agreed_at


def test_a_program_is_told_the_lines_it_must_agree_to(examination, candidate):
    Quiz.objects.update(agreement="I work alone.\nI keep the questions to myself.")
    client = signed_in(candidate)
    url = f"/api/v1/activities/{examination.activity.uuid}/attempts/"
    for body in ({}, {"agreed": False}, {"agreed": "yes"}):
        response = post(client, url, body)
        assert code_of(response) == (409, "agreement")
        assert response.json()["errors"]["agreed"] == [
            "I work alone.",
            "I keep the questions to myself.",
        ]
    assert post(client, url, {"agreed": True}).status_code == 201


def test_the_start_page_says_the_persons_own_time(examination, candidate, registrar, now):
    accommodate(
        person=candidate, time_factor=Decimal("1.5"), break_minutes=5, larger_type=True, need="",
        by=registrar, at=now,
    )  # fmt: skip
    client = signed_in(candidate)
    url = reverse("quiz-start", args=[examination.activity.uuid])
    assert (
        "225 minutes" in (page := client.get(url).content.decode())
        and "15 minutes of break" in page
    )
    player = client.post(url, follow=True).content.decode()
    assert 'class="larger"' in player and "You have 15 minutes of break" in player


# One device


def test_a_browser_is_bound_at_its_first_contact_and_another_is_told_to_ask(attempt, candidate):
    first, second = signed_in(candidate), signed_in(candidate)
    page = reverse("attempt", args=[attempt.uuid])
    assert first.get(page).status_code == 200
    assert put(first, attempt).status_code == 200
    refused = second.get(page)
    assert refused.status_code == 409 and "Ask the invigilator" in refused.content.decode()
    for url in (
        reverse("attempt-submit", args=[attempt.uuid]),
        reverse("quiz-start", args=[attempt.quiz.activity.uuid]),
    ):
        assert second.post(url).status_code == 409
    for path in ("break/", "here/", "submit/"):
        assert code_of(post(second, api(path, attempt), {"unsent": 0})) == (409, "other_device")
    assert code_of(put(second, attempt, 2)) == (409, "other_device")
    assert code_of(second.get(api("", attempt))) == (409, "other_device")
    assert Attempt.objects.get().submitted_at is None
    assert first.get(page).status_code == 200


def test_a_program_names_its_device_in_a_header(attempt, candidate):
    client = signed_in(candidate)
    assert put(client, attempt, **{"X-Device": "desk 7"}).status_code == 200
    assert put(client, attempt, 2, **{"X-Device": "desk 8"}).status_code == 409
    assert code_of(put(client, attempt, 2)) == (409, "other_device")
    assert "desk 7" not in Attempt.objects.get().device


def test_a_forged_device_cookie_is_no_device(attempt, candidate):
    first, thief = signed_in(candidate), signed_in(candidate)
    first.get(reverse("attempt", args=[attempt.uuid]))
    thief.cookies["device"] = first.cookies["device"].value[:-3] + "xyz"
    assert put(thief, attempt).status_code == 409
    assert first.cookies["device"]["httponly"] and first.cookies["device"]["samesite"] == "Lax"


def test_a_save_in_a_sitting_takes_three_statements_and_a_sign_of_life_four(attempt, candidate):
    client = signed_in(candidate)
    client.get(reverse("attempt", args=[attempt.uuid]))
    body = json.dumps({"answer": right_answer(attempt, 1), "flagged": False, "seq": 1})
    with CaptureQueriesContext(connection) as saving:
        saved = client.put(api("responses/1/", attempt), body, content_type="application/json")
    assert saved.status_code == 200
    with CaptureQueriesContext(connection) as living:
        assert post(client, api("here/", attempt), {"unsent": 2}).status_code == 200
    assert (len(saving), len(living)) == (3, 4)


# Breaks


def test_on_a_break_no_question_is_shown_anywhere(attempt, candidate):
    client = signed_in(candidate)
    page = reverse("attempt", args=[attempt.uuid])
    client.get(page)
    assert client.post(reverse("attempt-break", args=[attempt.uuid])).status_code == 302
    resting = client.get(page)
    assert "You are on a break" in resting.content.decode() and "X-Keep" not in resting
    told = client.get(api("", attempt)).json()
    assert "questions" not in told and told["paused_at"]
    for text in (resting.content.decode(), json.dumps(told)):
        assert "Where do you not press" not in text
    assert code_of(put(client, attempt)) == (409, "on_break")
    assert client.get(reverse("attempt-submit", args=[attempt.uuid])).status_code == 302
    client.post(reverse("attempt-break", args=[attempt.uuid]), {"end": "yes"})
    assert "Where do you not press" in client.get(page).content.decode()
    assert put(client, attempt).status_code == 200


def test_a_program_takes_a_break_and_comes_back(attempt, candidate):
    client = signed_in(candidate)
    begun = post(client, api("break/", attempt)).json()
    assert begun["paused_at"] and begun["break_seconds_left"] == 600
    ended = post(client, api("break/end/", attempt)).json()
    assert ended["paused_at"] is None and 590 <= ended["break_seconds_left"] < 600


# Strangers

PATHS = ["here/", "break/", "break/end/"]


@pytest.mark.parametrize("path", PATHS)
def test_nobody_comes_in_without_signing_in(attempt, path):
    assert code_of(post(Client(), api(path, attempt), {"unsent": 0})) == (401, "not_signed_in")


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("role", [None, *Role])
def test_a_stranger_finds_no_attempt_whatever_their_role(attempt, path, role):
    client = signed_in(person(*filter(None, [role])))
    assert post(client, api(path, attempt), {"unsent": 0}).status_code == 404
    assert client.post(reverse("attempt-break", args=[attempt.uuid])).status_code == 404
    assert client.get(reverse("attempt-report", args=[attempt.uuid])).status_code == 404


def invigilator_pages(sitting):
    return [
        reverse("invigilate"),
        *(reverse(f"invigilate-{name}", args=[sitting.uuid]) for name in ("sitting", "seats")),
        *(
            reverse(f"invigilate-{name}", args=[sitting.uuid, 1])
            for name in ("unlock", "credit", "report")
        ),
    ]


def registrar_pages(sitting, incident):
    return [
        reverse("sittings"),
        reverse("sitting-new"),
        reverse("sitting", args=[sitting.uuid]),
        reverse("sitting-set-up", args=[sitting.uuid]),
        reverse("incident", args=[incident.uuid]),
    ]


@pytest.fixture
def incident(attempt, invigilator, now):
    return report_incident(
        attempt=attempt, kind="disturbance", what="A fire alarm.", by=invigilator, at=now
    )


@pytest.mark.parametrize("role", NOT_INVIGILATOR)
def test_only_invigilators_open_their_desk(sitting, attempt, role):
    client = signed_in(person(*filter(None, [role])))
    for url in invigilator_pages(sitting):
        assert client.get(url).status_code == 403
        assert Client().get(url).status_code == 302


def test_an_invigilator_sees_no_sitting_of_others(sitting, attempt):
    client = signed_in(person(Role.INVIGILATOR))
    statuses = [client.get(url).status_code for url in invigilator_pages(sitting)]
    assert statuses == [200, 404, 404, 404, 404, 404]


@pytest.mark.parametrize("role", NOT_REGISTRAR)
def test_only_registrars_plan_and_decide(sitting, incident, role):
    client = signed_in(person(*filter(None, [role])))
    urls = registrar_pages(sitting, incident)
    assert {client.get(url).status_code for url in urls} == {403}
    for name in ("sitting-seat",):
        assert client.post(reverse(name, args=[sitting.uuid])).status_code == 403
    assert client.post(reverse("sitting-unseat", args=[sitting.uuid, 1])).status_code == 403
    assert {Client().get(url).status_code for url in urls} == {302}


def test_a_registrar_finds_nothing_behind_a_wrong_number(registrar):
    client = signed_in(registrar)
    for name in ("sitting", "sitting-set-up", "incident"):
        assert client.get(reverse(name, args=[NOTHING])).status_code == 404


# The invigilator's desk


def test_the_desk_shows_the_seats_and_costs_the_same_with_more_of_them(
    sitting, attempt, examination, invigilator, registrar, now
):
    client = signed_in(invigilator)
    assert "Hall 2" in client.get(reverse("invigilate")).content.decode()
    url = reverse("invigilate-seats", args=[sitting.uuid])
    with CaptureQueriesContext(connection) as few:
        page = client.get(url).content.decode()
    assert "0 of 4" in page and "Orla Brandreth" in page and "<html" not in page
    for _ in range(4):
        learner = learner_of(examination)
        seat(sitting=sitting, person=learner, by=registrar, at=now)
        start_attempt(activity=examination.activity, by=learner, at=now)
    with CaptureQueriesContext(connection) as many:
        client.get(url)
    assert len(few) == len(many) <= 12


def test_the_invigilator_unlocks_credits_and_reports(sitting, attempt, candidate, invigilator, now):
    laptop, phone, desk = signed_in(candidate), signed_in(candidate), signed_in(invigilator)
    page = reverse("attempt", args=[attempt.uuid])
    laptop.get(page)
    assert phone.get(page).status_code == 409
    assert (
        "Another device asks to be let in"
        in desk.get(reverse("invigilate-sitting", args=[sitting.uuid])).content.decode()
    )
    unlock = reverse("invigilate-unlock", args=[sitting.uuid, 1])
    assert desk.post(unlock, {"reason": ""}).status_code == 400
    assert desk.post(unlock, {"reason": "Laptop died"}).status_code == 302
    assert phone.get(page).status_code == 200
    assert put(laptop, attempt).status_code == 409 and put(phone, attempt).status_code == 200
    before = now - 7 * HOUR / 60
    Attempt.objects.update(seen_at=before)
    attempt.responses.filter(seq__gt=0).update(saved_at=before)
    credit = reverse("invigilate-credit", args=[sitting.uuid, 1])
    assert re.search("Up to [78] minutes", desk.get(credit).content.decode())
    assert desk.post(credit, {"minutes": "30", "reason": "x"}).status_code == 409
    assert desk.post(credit, {"minutes": "5", "reason": "Network"}).status_code == 302
    assert Attempt.objects.get().due_at == attempt.due_at + 5 * HOUR / 60
    report = reverse("invigilate-report", args=[sitting.uuid, 1])
    assert desk.post(report, {"kind": "outage", "what": " "}).status_code == 400
    assert desk.post(report, {"kind": "outage", "what": "The network failed."}).status_code == 302
    assert Incident.objects.get().attempt == attempt


# The registrar


def test_a_registrar_sets_up_a_sitting_and_gives_seats(examination, registrar, invigilator):
    client = signed_in(registrar)
    sent = {
        "quiz": examination.pk, "place": "Hall 3", "zone": "Europe/London",
        "opens_at": "2026-12-01T09:00", "closes_at": "2026-12-01T08:00", "invigilators": [str(invigilator.uuid)],
    }  # fmt: skip
    wrong = client.post(reverse("sitting-new"), sent)
    assert wrong.status_code == 400 and "Enter a time after it opens" in wrong.content.decode()
    sent["closes_at"] = "2026-12-01T10:00"
    assert client.post(reverse("sitting-new"), sent).status_code == 302
    made = Sitting.objects.get(place="Hall 3")
    assert list(made.invigilators.all()) == [invigilator]
    learner = learner_of(examination)
    url = reverse("sitting-seat", args=[made.uuid])
    assert client.post(url, {"application": str(NOTHING)}).status_code == 400
    application = learner.applications.get()
    assert (
        client.post(url, {"application": str(application.uuid), "number": "7"}).status_code == 302
    )
    assert made.seats.get().number == 7
    assert client.post(reverse("sitting-unseat", args=[made.uuid, 7])).status_code == 302
    assert not made.seats.exists()
    moved = client.post(reverse("sitting-set-up", args=[made.uuid]), {**sent, "place": "Hall 4"})
    assert moved.status_code == 302
    assert "Hall 4" in client.get(reverse("sittings")).content.decode()


def test_a_registrar_sees_who_has_not_started_who_has_and_who_has_submitted(
    sitting, candidate, examination, registrar, now
):
    client, address = signed_in(registrar), reverse("sitting", args=[sitting.uuid])
    assert "Not started" in client.get(address).content.decode()
    attempt = start_attempt(activity=examination.activity, by=candidate, at=now)[0]
    page = client.get(address).content.decode()
    assert "Started" in page and "Submitted" not in page
    submit_attempt(uuid=attempt.uuid, by=candidate, at=now)
    page = client.get(address).content.decode()
    assert "Submitted" in page and "Free the seat" not in page


def test_an_incident_waits_in_the_queue_until_it_is_decided(
    incident, attempt, candidate, registrar, now
):
    client = signed_in(registrar)
    assert "Disturbance" in client.get(reverse("registrar-queue")).content.decode()
    url = reverse("incident", args=[incident.uuid])
    assert "A fire alarm." in client.get(url).content.decode()
    assert client.post(url, {"reasons": ""}).status_code == 400
    sent = {"outcome": "stands", "reasons": "It lasted a minute."}
    assert client.post(url, sent).status_code == 409  # still running
    submit_attempt(uuid=attempt.uuid, by=candidate, at=now)
    assert client.post(url, sent).status_code == 302
    assert "It lasted a minute." in client.get(url).content.decode()
    assert "Disturbance" not in client.get(reverse("registrar-queue")).content.decode()


def test_a_candidate_reports_from_the_result_and_reads_what_was_decided(attempt, candidate, now):
    submit_attempt(uuid=attempt.uuid, by=candidate, at=now)
    client, url = signed_in(candidate), reverse("attempt-report", args=[attempt.uuid])
    assert client.post(url, {"what": ""}).status_code == 400
    assert client.post(url, {"what": "Drilling next door."}).status_code == 302
    page = client.get(url).content.decode()
    assert "Drilling next door." in page and "has not decided yet" in page


def test_a_registrar_records_a_plan(examination, candidate, registrar, attempt, now):
    Quiz.objects.update(attempts_allowed=1)
    submit_attempt(uuid=attempt.uuid, by=candidate, at=now)
    client = signed_in(registrar)
    assert "Ida Nord" in client.get(reverse("sittings")).content.decode()
    url = reverse("remediation", args=[examination.pk, candidate.uuid])
    assert client.post(url, {"plan": " "}).status_code == 400
    assert client.post(url, {"plan": "Module 5 again."}).status_code == 302
    assert Remediation.objects.get().learner == candidate
    assert client.get(url).status_code == 404


# An accommodation is nobody else's business


def test_no_result_report_notice_or_interface_of_others_tells_of_an_accommodation(
    examination, sitting, candidate, registrar, invigilator, now
):
    accommodate(
        person=candidate, time_factor=Decimal("2.75"), break_minutes=77, larger_type=True,
        need="Uses a yellow overlay.", by=registrar, at=now,
    )  # fmt: skip
    attempt, _new = start_attempt(activity=examination.activity, by=candidate, at=now)
    incident = report_incident(
        attempt=attempt, kind="outage", what="Network.", by=invigilator, at=now
    )
    submit_attempt(uuid=attempt.uuid, by=candidate, at=now)
    own, desk, staff = signed_in(candidate), signed_in(invigilator), signed_in(registrar)
    told = [
        own.get(reverse("attempt-result", args=[attempt.uuid])),
        own.get(api("", attempt)),
        own.get(reverse("notices")),
        staff.get(reverse("sitting", args=[sitting.uuid])),
        staff.get(reverse("incident", args=[incident.uuid])),
        staff.get(reverse("registrar-queue")),
        staff.get(reverse("sittings")),
        staff.get("/api/v1/applications/"),
        staff.get(reverse("wagtailusers_users:index") + "?export=csv"),
    ]
    for role in (
        Role.INSTRUCTOR,
        Role.EXAMINER,
        Role.CHIEF_EXAMINER,
        Role.ADMINISTRATOR,
        Role.ITEM_AUTHOR,
    ):
        other = signed_in(person(role))
        told += [
            other.get("/desk/", follow=True),
            other.get("/api/v1/applications/"),
            other.get("/api/v1/credentials/"),
        ]
    for response in told:
        text = (b"".join(response) if response.streaming else response.content).decode()
        for word in ("yellow overlay", "2.75", "77 minutes", "larger", "ccommodation of"):
            assert word not in text, (response.request["PATH_INFO"], word)
    for notice in Notice.objects.all():
        assert "overlay" not in f"{notice.subject}{notice.url}"
    result = attempt.results.get()
    assert "overlay" not in json.dumps(result.hashed_content()) and "2.75" not in json.dumps(
        result.hashed_content()
    )
    # The invigilator sees the need and the times, and nothing else of it.
    seen = desk.get(reverse("invigilate-seats", args=[sitting.uuid])).content.decode()
    assert "Uses a yellow overlay." in seen and "2.75" in seen


def test_the_worker_is_served_where_it_sees_attempts_only(client):
    response = client.get("/attempts/worker.js")
    assert response.status_code == 200 and response["Content-Type"].startswith("text/javascript")
    assert "/attempts/" in response.content.decode() and "Service-Worker-Allowed" not in response
