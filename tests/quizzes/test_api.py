"""The HTTP interface, as a stranger, the wrong role, and the right person meet it."""

import datetime as dt
import json

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Role
from quizzes.models import Pool, Quiz, Response, SecureView
from quizzes.services import load_quiz, questions_of
from tests.factories import NOTHING, NOW, ActivityFactory, EnrolmentFactory, person
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
API = "/api/v1"


@pytest.fixture(scope="module")
def standing_practice(standing):
    return standing(build_practice)


@pytest.fixture
def practice(own, standing_practice):
    return own(standing_practice)


def build_practice():
    add_items(5)
    return practice_quiz()


@pytest.fixture
def examination():
    add_items(10, pool=Pool.SECURE)
    return exam(("D1", "apply", 10))


def start_url(quiz):
    return f"{API}/activities/{quiz.activity.uuid}/attempts/"


def save_url(attempt_uuid, position=1):
    return f"{API}/attempts/{attempt_uuid}/responses/{position}/"


def code_of(response):
    assert response["Content-Type"] == "application/problem+json"
    body = json.loads(response.content)
    assert body["detail"].endswith((".", "?"))
    return response.status_code, body["code"]


def running(quiz, client_for, **fields):
    """A learner at their first question: (client, what the start answered)."""
    learner = learner_of(quiz, **fields)
    client = client_for(learner)
    response = client.post(start_url(quiz))
    assert response.status_code == 201, response.content
    return client, response.json()


# Who may come in

PATHS = [
    ("post", "/activities/{activity}/attempts/"),
    ("get", "/attempts/{attempt}/"),
    ("put", "/attempts/{attempt}/responses/1/"),
    ("post", "/attempts/{attempt}/responses/1/check/"),
    ("post", "/attempts/{attempt}/submit/"),
    ("get", "/items/?quiz={activity}"),
]


@pytest.mark.parametrize(("verb", "path"), PATHS)
def test_nobody_comes_in_without_signing_in(practice, api_client, verb, path):
    attempt = sit(practice)
    url = API + path.format(activity=practice.activity.uuid, attempt=attempt.uuid)
    assert code_of(getattr(api_client, verb)(url)) == (401, "not_signed_in")


@pytest.mark.parametrize(("verb", "path"), PATHS[:5])
@pytest.mark.parametrize("role", [None, *Role])
def test_a_stranger_knows_of_no_attempt_whatever_their_role(practice, as_user, verb, path, role):
    attempt = sit(practice)
    url = API + path.format(activity=practice.activity.uuid, attempt=attempt.uuid)
    body = {"answer": right_answer(attempt, 1), "flagged": False, "seq": 1}
    stranger = as_user(person(*filter(None, [role])))
    response = getattr(stranger, verb)(url, body if verb == "put" else None)
    assert response.status_code == 404
    assert Response.objects.filter(seq__gt=0).count() == 0


def test_a_classmate_gets_404_for_anothers_attempt(practice, as_user):
    attempt = sit(practice)
    classmate = as_user(learner_of(practice))
    answer = {"answer": right_answer(attempt, 1), "flagged": False, "seq": 1}
    assert classmate.put(save_url(attempt.uuid), answer).status_code == 404
    assert classmate.get(f"{API}/attempts/{attempt.uuid}/").status_code == 404


def test_a_save_by_cookie_needs_its_csrf_token(practice):
    learner = learner_of(practice)
    attempt = sit(practice, learner)
    client = Client(enforce_csrf_checks=True)
    client.force_login(learner)
    body = json.dumps({"answer": right_answer(attempt, 1), "flagged": False, "seq": 1})
    url = save_url(attempt.uuid)
    refused = client.put(url, body, content_type="application/json")
    assert (refused.status_code, refused["Content-Type"]) == (403, "application/problem+json")
    token = client.get("/accounts/logout/").context["csrf_token"]
    token = str(token)
    saved = client.put(url, body, content_type="application/json", headers={"X-CSRFToken": token})
    assert saved.status_code == 200


def test_a_program_saves_with_its_session_token(practice):
    learner = learner_of(practice)
    attempt = sit(practice, learner)
    signed_in = Client()
    signed_in.force_login(learner)
    headers = {"X-Session-Token": signed_in.session.session_key}
    body = {"answer": right_answer(attempt, 1), "flagged": True, "seq": 1}
    response = Client(enforce_csrf_checks=True).put(
        save_url(attempt.uuid), json.dumps(body), content_type="application/json", headers=headers
    )
    assert response.status_code == 200 and response.json()["flagged"] is True


def test_somebody_who_may_no_longer_sign_in_saves_nothing(practice, as_user):
    client, attempt = running(practice, as_user)
    learner = Quiz.objects.get().attempts.get().learner
    learner.is_active = False
    learner.save()
    assert client.put(save_url(attempt["uuid"]), {}).status_code == 401


# Start, resume, read


def test_starting_gives_everything_a_player_needs(examination, as_user):
    _client, attempt = running(examination, as_user)
    assert attempt["state"] == "in_progress" and attempt["passed"] is None
    due, now = (dt.datetime.fromisoformat(attempt[name]) for name in ("due_at", "server_time"))
    assert due - now == dt.timedelta(minutes=150)
    assert [row["position"] for row in attempt["questions"]] == list(range(1, 11))
    assert attempt["responses"][0] == {
        "position": 1,
        "answer": None,
        "flagged": False,
        "seq": 0,
        "saved_at": None,
        "checked": False,
    }


def test_starting_again_goes_on_with_what_was_saved(examination, as_user):
    client, attempt = running(examination, as_user)
    choice = attempt["questions"][3]["options"][0]["id"]
    client.put(
        save_url(attempt["uuid"], 4), {"answer": {"choice": choice}, "flagged": True, "seq": 9}
    )
    again = client.post(start_url(examination))
    assert again.status_code == 200
    assert again.json()["questions"] == attempt["questions"]
    row = again.json()["responses"][3]
    assert (row["answer"], row["flagged"], row["seq"]) == ({"choice": choice}, True, 9)


@pytest.mark.parametrize("kind", ANSWERS)
def test_no_key_leaves_before_or_after_an_examination(kind, as_user):
    add_items(2, kind, pool=Pool.SECURE)
    quiz = exam(("D1", "", 2))
    client, attempt = running(quiz, as_user)
    seen = [json.dumps(attempt), client.get(f"{API}/attempts/{attempt['uuid']}/").content.decode()]
    row = Quiz.objects.get().attempts.get()
    secrets = [
        said for position in (1, 2) for said in content_at(row, position)["rationales"].values()
    ]
    client.put(
        save_url(attempt["uuid"]), {"answer": right_answer(row, 1), "flagged": False, "seq": 1}
    )
    assert client.post(f"{API}/attempts/{attempt['uuid']}/responses/1/check/").status_code == 409
    seen.append(client.post(f"{API}/attempts/{attempt['uuid']}/submit/").content.decode())
    seen.append(client.get(f"{API}/attempts/{attempt['uuid']}/").content.decode())
    for text in seen:
        assert not any(said in text for said in secrets)
        for word in ('"key"', "correct", "rationale", '"right"', "accept", "tolerance", "solution"):
            assert word not in text
    for text in seen[2:]:
        assert "stem" not in text and "Where do you not press" not in text


@pytest.mark.parametrize("quiz_uuid", [NOTHING, None])
def test_an_activity_that_is_no_quiz_is_missing(as_user, quiz_uuid):
    activity = ActivityFactory()
    learner = person()
    EnrolmentFactory(learner=learner, course=activity.module.course)
    url = f"{API}/activities/{quiz_uuid or activity.uuid}/attempts/"
    assert code_of(as_user(learner).post(url)) == (404, "no_quiz")


def test_a_refused_start_says_why(examination, as_user):
    learner = learner_of(examination)
    learner.applications.update(closed_at=NOW)
    status, _code = code_of(as_user(learner).post(start_url(examination)))
    assert status == 409


# Save


def test_a_save_answers_with_what_is_stored(practice, as_user):
    client, attempt = running(practice, as_user)
    choice = {"choice": attempt["questions"][0]["options"][0]["id"]}
    response = client.put(save_url(attempt["uuid"]), {"answer": choice, "flagged": False, "seq": 1})
    body = response.json()
    assert response.status_code == 200
    assert (body["seq"], body["answer"], body["flagged"]) == (1, choice, False)
    assert dt.datetime.fromisoformat(body["saved_at"]).tzinfo


def test_an_older_save_is_answered_with_the_newer_one(practice, as_user):
    client, attempt = running(practice, as_user)
    first, second = ({"choice": row["id"]} for row in attempt["questions"][0]["options"][:2])
    client.put(save_url(attempt["uuid"]), {"answer": first, "flagged": False, "seq": 5})
    body = client.put(
        save_url(attempt["uuid"]), {"answer": second, "flagged": True, "seq": 5}
    ).json()
    assert (body["seq"], body["answer"], body["flagged"]) == (5, first, False)


def test_a_save_without_a_flag_leaves_the_flag(practice, as_user):
    client, attempt = running(practice, as_user)
    client.put(save_url(attempt["uuid"]), {"answer": None, "flagged": True, "seq": 1})
    client.put(save_url(attempt["uuid"]), {"answer": None, "seq": 2})
    assert (
        client.get(f"{API}/attempts/{attempt['uuid']}/").json()["responses"][0]["flagged"] is True
    )


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"nonsense",
        b"[]",
        b"{}",
        b'"text"',
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"seq": 1, "flagged": false}',
        b'{"answer": {"choice": "zzz"}, "flagged": false, "seq": 1}',
        b'{"answer": {"choice": "\\u0000"}, "flagged": false, "seq": 1}',
        b'{"answer": null, "flagged": 1, "seq": 1}',
        b'{"answer": null, "flagged": false, "seq": 1.5}',
        b'{"answer": {"value": NaN}, "flagged": false, "seq": 1}',
        b'{"answer": null, "flagged": false, "seq": 99999999999999999999}',
        b'{"answer": "' + b"x" * 70_000 + b'", "flagged": false, "seq": 1}',
    ],
)
def test_a_malformed_save_is_a_400_that_changes_nothing(practice, as_user, body):
    client, attempt = running(practice, as_user)
    response = client.put(save_url(attempt["uuid"]), body, content_type="application/json")
    assert code_of(response)[0] == 400
    assert Response.objects.filter(seq__gt=0).count() == 0


@pytest.mark.parametrize("position", [0, 4, 10**30])
def test_a_position_that_is_not_there_is_a_404(practice, as_user, position):
    client, attempt = running(practice, as_user)
    body = {"answer": None, "flagged": False, "seq": 1}
    assert client.put(save_url(attempt["uuid"], position), body).status_code == 404
    assert client.post(save_url(attempt["uuid"], position) + "check/").status_code == 404


def test_a_closed_attempt_is_a_409_even_for_nonsense(practice, as_user):
    client, attempt = running(practice, as_user)
    client.post(f"{API}/attempts/{attempt['uuid']}/submit/")
    huge = b'{"answer": "' + b"x" * 100_000 + b'"}'
    for body in (b"nonsense", b'{"answer": null, "flagged": false, "seq": 1}', huge):
        response = client.put(save_url(attempt["uuid"]), body, content_type="application/json")
        assert code_of(response) == (409, "submitted")


@pytest.mark.parametrize("verb", ["get", "post", "delete", "patch"])
def test_a_response_is_only_ever_put(practice, as_user, verb):
    client, attempt = running(practice, as_user)
    assert getattr(client, verb)(save_url(attempt["uuid"])).status_code == 405


def test_a_save_takes_three_statements_with_session_and_user(examination, as_user):
    client, attempt = running(examination, as_user)
    choice = attempt["questions"][0]["options"][0]["id"]
    with CaptureQueriesContext(connection) as context:
        client.put(
            save_url(attempt["uuid"]), {"answer": {"choice": choice}, "flagged": False, "seq": 1}
        )
    assert len(context) == 3, [row["sql"] for row in context.captured_queries]


def test_the_start_takes_the_same_number_of_statements_however_many_questions(as_user):
    add_items(40)
    counts = []
    for size in (2, 40):
        quiz = practice_quiz(("D1", "", size))
        client = as_user(learner_of(quiz))
        with CaptureQueriesContext(connection) as context:
            assert client.post(start_url(quiz)).status_code == 201
        counts.append(len(context))
    assert counts[0] == counts[1], counts


# Submit and feedback


def test_submitting_twice_answers_the_same(examination, as_user):
    client, attempt = running(examination, as_user)
    url = f"{API}/attempts/{attempt['uuid']}/submit/"
    first, second = client.post(url), client.post(url)
    assert first.status_code == second.status_code == 200
    bodies = [{**response.json(), "server_time": None} for response in (first, second)]
    assert bodies[0] == bodies[1]
    assert bodies[0]["passed"] is False and bodies[0]["bands"][0]["band"] == "below"


def test_a_passed_examination_says_only_that(examination, as_user):
    client, attempt = running(examination, as_user)
    row = Quiz.objects.get().attempts.get()
    for position in range(1, 11):
        body = {"answer": right_answer(row, position), "flagged": False, "seq": 1}
        client.put(save_url(attempt["uuid"], position), body)
    told = client.post(f"{API}/attempts/{attempt['uuid']}/submit/").json()
    assert told["passed"] is True
    assert set(told) == {
        "uuid",
        "state",
        "started_at",
        "due_at",
        "server_time",
        "submitted_at",
        "closed_by_clock",
        "passed",
    }


def test_practice_says_at_once_what_is_right_and_why(practice, as_user):
    client, attempt = running(practice, as_user)
    row = practice.attempts.get()
    url = save_url(attempt["uuid"])
    client.put(url, {"answer": wrong_answer(row, 1), "flagged": False, "seq": 1})
    told = client.post(url + "check/").json()
    assert told["earned"] == 0 and told["answer"] == wrong_answer(row, 1)
    right = [option["text"] for option in told["options"] if option["right"]]
    assert right == ["Over the vessels"] and all(option["rationale"] for option in told["options"])
    assert code_of(client.put(url, {"answer": None, "flagged": False, "seq": 2})) == (
        409,
        "checked",
    )
    again = client.get(f"{API}/attempts/{attempt['uuid']}/").json()
    assert [response["checked"] for response in again["responses"]] == [True, False, False]


def test_checking_before_answering_is_refused(practice, as_user):
    client, attempt = running(practice, as_user)
    assert code_of(client.post(save_url(attempt["uuid"]) + "check/")) == (409, "not_answered")


def test_a_submitted_practice_gives_its_questions_back(practice, as_user):
    client, attempt = running(practice, as_user)
    told = client.post(f"{API}/attempts/{attempt['uuid']}/submit/").json()
    assert told["out_of"] == 3 and len(told["questions"]) == 3
    assert all(option["rationale"] for row in told["questions"] for option in row["options"])


# Items


def items_url(quiz):
    return f"{API}/items/?quiz={quiz.activity.uuid}"


@pytest.mark.parametrize("role", [Role.ITEM_AUTHOR, Role.ITEM_REVIEWER])
def test_authors_and_reviewers_read_items_with_keys_that_are_answers(examination, as_user, role):
    attempt = sit(examination)
    reader = person(role)
    page = as_user(reader).get(items_url(examination)).json()
    assert set(page) == {"next", "previous", "results"}
    by_stem = {row["stem"]: row for row in page["results"]}
    for question in questions_of(attempt):
        item = by_stem[question["stem"]]
        assert item["key"] == right_answer(attempt, question["position"])
        assert item["code"].startswith("T-") and item["type"] == "single"
    assert SecureView.objects.filter(reader=reader, where="api").count() == 10


def test_every_page_of_items_is_written_down(examination, as_user):
    client = as_user(person(Role.ITEM_AUTHOR))
    page = client.get(items_url(examination) + "&page_size=4").json()
    assert len(page["results"]) == 4 and SecureView.objects.count() == 4
    client.get(page["next"])
    assert SecureView.objects.count() == 8


def test_an_instructor_reads_practice_items_and_no_secure_ones(practice, examination, as_user):
    client = as_user(person(Role.INSTRUCTOR))
    assert len(client.get(items_url(practice)).json()["results"]) == 5
    assert code_of(client.get(items_url(examination))) == (403, "pool_closed")
    assert not SecureView.objects.exists()


@pytest.mark.parametrize(
    "role",
    [
        None,
        Role.EXAMINER,
        Role.CHIEF_EXAMINER,
        Role.REGISTRAR,
        Role.INVIGILATOR,
        Role.ADMINISTRATOR,
    ],
)
def test_nobody_else_reads_items(practice, as_user, role):
    response = as_user(person(*filter(None, [role]))).get(items_url(practice))
    assert response.status_code == 403


def test_a_superuser_without_a_role_reads_no_items(practice, as_user):
    assert as_user(person(is_superuser=True)).get(items_url(practice)).status_code == 403


@pytest.mark.parametrize(
    ("query", "expected"), [("", 400), ("?quiz=nonsense", 400), (f"?quiz={NOTHING}", 404)]
)
def test_whose_items_must_be_said(as_user, query, expected):
    assert as_user(person(Role.ITEM_AUTHOR)).get(f"{API}/items/{query}").status_code == expected


def test_a_list_of_items_takes_the_same_number_of_statements_however_long(as_user):
    add_items(30, pool=Pool.SECURE)
    counts = []
    for size in (2, 30):
        client = as_user(person(Role.ITEM_AUTHOR))
        quiz = exam(("D1", "", 5))
        with CaptureQueriesContext(connection) as context:
            assert len(client.get(f"{items_url(quiz)}&page_size={size}").json()["results"]) == size
        counts.append(len(context))
    assert counts[0] == counts[1], counts


def test_the_schema_names_every_path(client):
    text = client.get("/api/v1/schema/").content.decode()
    for path in ("attempts/{uuid}/responses/{position}/", "activities/{uuid}/attempts/", "items/"):
        assert f"/api/v1/{path}" in text


def test_an_attempt_whose_time_is_up_reads_as_submitted(examination, as_user):
    learner = learner_of(examination)
    attempt = sit(examination, learner, at=NOW - dt.timedelta(days=400))
    told = as_user(learner).get(f"{API}/attempts/{attempt.uuid}/").json()
    assert (told["state"], told["closed_by_clock"], told["passed"]) == ("submitted", True, False)


def test_an_item_moved_out_of_the_blueprint_is_not_listed(practice, as_user):
    load_quiz(activity=practice.activity, pool=Pool.PRACTICE, cells=[("D2", "", 1)], at=NOW)
    assert as_user(person(Role.ITEM_AUTHOR)).get(items_url(practice)).json()["results"] == []
