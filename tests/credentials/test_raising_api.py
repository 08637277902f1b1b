"""Appeals, concerns, receipts, consents, claims by part and documents after the award, through the HTTP interface."""

import datetime as dt
import json

import pytest
from django.core.cache import cache
from django.utils import timezone

from accounts.models import Role
from credentials import services
from credentials.models import Case, Credential, Document, Receipt, Requirement
from tests.credentials.scheme import (
    NEXT_YEAR,
    a_file,
    apply,
    held,
    need,
    registrar,
    review,
    scheme,
    send,
)
from tests.factories import NOTHING, person

pytestmark = pytest.mark.django_db

API = "/api/v1/"
STRANGERS = [(), (Role.INSTRUCTOR,), (Role.EXAMINER,), (Role.REGISTRAR,), (Role.ADMINISTRATOR,)]


@pytest.fixture(autouse=True)
def _fresh_limits():
    cache.clear()


@pytest.fixture
def kind():
    return scheme()


@pytest.fixture
def turned_down(kind):
    application = apply(person(), kind, at=timezone.now())
    services.refuse_application(
        application=application, reason="No.", by=registrar(), at=timezone.now()
    )
    application.refresh_from_db()
    return application


def refused(response, status, code=None):
    assert response.status_code == status, response.content
    body = response.json()
    assert body["detail"]
    if code:
        assert body["code"] == code
    return body


# Appeals


def against(application, **given):
    return {
        "against": f"decision:{application.decision.uuid}",
        "ground": "procedure",
        "said": "Nobody compared my hours.",
        **given,
    }


def test_an_appeal_is_lodged_followed_and_taken_back(as_user, turned_down):
    client = as_user(turned_down.applicant)
    (open_one,) = client.get(f"{API}appeals/possible/").json()["results"]
    assert open_one["key"] == against(turned_down)["against"]
    made = client.post(f"{API}appeals/", against(turned_down))
    assert made.status_code == 201, made.content
    again = client.post(f"{API}appeals/", against(turned_down))
    assert (again.status_code, again.json()) == (200, made.json())
    assert client.get(f"{API}appeals/possible/").json()["results"] == []
    path = f"{API}appeals/{made.json()['uuid']}/"
    case, owner = Case.objects.get(), registrar(name="Olaf Owner")
    services.give_case(case=case, owner=owner, by=owner, at=timezone.now(), note="Quick one")
    answer = client.get(path)
    assert answer.json()["given"] is True
    assert "Olaf" not in answer.content.decode() and "Quick" not in answer.content.decode()
    taken = client.post(f"{path}withdraw/")
    assert taken.json()["outcome"] == "withdrawn"
    assert client.post(f"{path}withdraw/").json() == taken.json()
    assert client.get(f"{API}appeals/").json()["results"] == [taken.json()]


def test_the_outcome_and_its_reason_are_read_there(as_user, turned_down):
    client = as_user(turned_down.applicant)
    client.post(f"{API}appeals/", against(turned_down))
    case, owner = Case.objects.get(), registrar()
    services.give_case(case=case, owner=owner, by=owner, at=timezone.now())
    services.close_case(
        case=case, outcome="upheld", note="They count.", by=owner, at=timezone.now()
    )
    body = client.get(f"{API}appeals/{case.uuid}/").json()
    assert (body["outcome"], body["why"]) == ("upheld", "They count.")
    refused(client.post(f"{API}appeals/{case.uuid}/withdraw/"), 409, "case_closed")


@pytest.mark.parametrize("roles", STRANGERS)
def test_of_somebody_elses_appeal_or_decision_nobody_knows(as_user, turned_down, roles):
    as_user(turned_down.applicant).post(f"{API}appeals/", against(turned_down))
    path = f"{API}appeals/{Case.objects.get().uuid}/"
    client = as_user(person(*roles))
    refused(client.get(path), 404)
    refused(client.post(f"{path}withdraw/"), 404)
    refused(client.post(f"{API}appeals/", against(turned_down)), 404, "no_such_decision")
    assert client.get(f"{API}appeals/").json()["results"] == []
    assert client.get(f"{API}appeals/possible/").json()["results"] == []


def test_an_appeal_needs_a_session_a_ground_words_and_to_be_in_time(
    client, as_user, kind, turned_down
):
    for verb, path in (("get", "appeals/"), ("post", "appeals/"), ("get", "appeals/possible/")):
        refused(getattr(client, verb)(API + path), 401)
    mine = as_user(turned_down.applicant)
    for change in ({"ground": "mood"}, {"said": ""}, {"said": "a\0"}, {"said": "x" * 4001}):
        refused(mine.post(f"{API}appeals/", against(turned_down, **change)), 400)
    refused(mine.post(f"{API}appeals/", {"against": ["x"]}), 400)
    long_ago = timezone.now() - dt.timedelta(days=40)
    old = apply(person(), kind, at=long_ago)
    services.refuse_application(application=old, reason="No.", by=registrar(), at=long_ago)
    late = as_user(old.applicant)
    refused(late.post(f"{API}appeals/", {"against": against(old)["against"]}), 409, "too_late")
    assert not Case.objects.exists()


def test_ones_appeals_take_a_fixed_number_of_queries(as_user, kind, django_assert_max_num_queries):
    applicant, boss = person(), registrar()
    client = as_user(applicant)
    for _time in range(2):
        with django_assert_max_num_queries(6):
            client.get(f"{API}appeals/")
        for _number in range(4):
            application = apply(applicant, kind, at=timezone.now())
            services.refuse_application(
                application=application, reason="No.", by=boss, at=timezone.now()
            )
            services.lodge_appeal(
                key=f"decision:{application.decision.uuid}", ground="bias", said="S",
                by=applicant, at=timezone.now(),
            )  # fmt: skip


# Concerns


CONCERN = {"about": "Jo Bloggs", "said": "Uses the title.", "raised_by": "Pat Employer"}


def test_a_concern_is_answered_alike_whether_the_number_is_known_or_not(client, kind):
    credential = held(kind)
    answers = []
    for about in (credential.number, "SMT-0000-0000"):
        made = client.post(
            f"{API}concerns/", {**CONCERN, "about": about}, content_type="application/json"
        )
        assert made.status_code == 201, made.content
        body = made.json()
        assert client.get(f"{API}concerns/{body['uuid']}/").json() == body
        answers.append({name: body[name] for name in body if name not in ("uuid", "reference")})
        assert credential.name not in made.content.decode()
    assert answers[0] == answers[1]


def test_a_concern_of_the_wrong_shape_and_one_too_many(client):
    for change in ({"about": ""}, {"said": "a\0"}, {"contact": "nobody"}, {"raised_by": "x" * 151}):
        cache.clear()
        refused(
            client.post(f"{API}concerns/", {**CONCERN, **change}, content_type="application/json"),
            400,
        )
    assert not Case.objects.exists()
    cache.clear()
    statuses = [
        client.post(
            f"{API}concerns/", {**CONCERN, "said": f"{n}"}, content_type="application/json"
        ).status_code
        for n in range(7)
    ]
    assert statuses == [201] * 6 + [429]


def test_an_appeal_is_no_concern_to_be_read_by_anybody(client, as_user, turned_down):
    as_user(turned_down.applicant).post(f"{API}appeals/", against(turned_down))
    refused(client.get(f"{API}concerns/{Case.objects.get().uuid}/"), 404)
    refused(client.get(f"{API}concerns/{NOTHING}/"), 404)


# Receipts


def test_a_receipt_is_kept_and_found_by_its_number(client, kind):
    credential = held(kind)
    made = client.post(f"{API}verify/{credential.number}/receipt/", content_type="application/json")
    assert made.status_code == 201, made.content
    body = made.json()
    assert body["answer"]["number"] == credential.number
    for name in (body["reference"], body["reference"].lower().replace("-", ""), body["receipt"]):
        assert client.get(f"{API}receipts/{name}/").json() == body
    page = client.get(f"{body['page'].rstrip('/')}.json").json()
    assert page["sha256"] == body["sha256"]


def test_a_receipt_is_of_a_day_and_never_of_one_to_come_or_of_nothing(client, kind):
    credential = held(kind, at=timezone.now() - dt.timedelta(days=3))
    path = f"{API}verify/{credential.number}/receipt/"

    def keep(body):
        return client.post(path, body, content_type="application/json")

    yesterday = str((timezone.now() - dt.timedelta(days=1)).date())
    assert keep({"on": yesterday}).json()["asked_on"] == yesterday
    for body in ({"on": "2999-01-01"}, {"on": "x"}, {"document": "abc"}, {"document": "0" * 63}):
        refused(keep(body), 400)
    refused(client.post(f"{API}verify/SMT-0000-0000/receipt/"), 404)
    for name in ("VR-0000-0000", "x" * 36, str(NOTHING), credential.number):
        refused(client.get(f"{API}receipts/{name}/"), 404)
    assert Receipt.objects.count() == 1


# Consents


def test_the_holder_says_what_the_document_says_and_nobody_else(as_user, kind):
    credential = held(kind)
    path = f"{API}credentials/{credential.public_id}/"
    client = as_user(credential.holder)
    assert client.get(path).json()["results"] == "nothing"
    changed = client.patch(path, {"results": "passed"})
    assert (changed.status_code, changed.json()["results"]) == (200, "passed")
    assert changed.json()["listed"] is True
    refused(client.patch(path, {"results": "scores", "listed": False}), 409, "no_scores")
    assert Credential.objects.get().listed, "nothing is done by half"
    for body in ({}, {"results": "everything"}, {"listed": "perhaps"}):
        refused(client.patch(path, body), 400)
    refused(as_user(registrar()).patch(path, {"results": "nothing"}), 403)
    refused(as_user(person()).patch(path, {"results": "nothing"}), 404)


# Documents


def test_a_holder_sends_the_new_paper_after_the_award(as_user, kind):
    credential = held(kind)
    application = credential.application
    client = as_user(credential.holder)
    body = {
        "application": str(application.uuid),
        "requirement": "insurance",
        "file": a_file(),
        "valid_until": str(NEXT_YEAR + dt.timedelta(days=300)),
    }
    made = client.post(f"{API}documents/", body, format="multipart")
    assert made.status_code == 201, made.content
    assert made.json()["state"] == "waiting"
    education = {**body, "requirement": "education", "file": a_file()}
    refused(
        client.post(f"{API}documents/", education, format="multipart"), 409, "application_closed"
    )
    refused(client.post(f"{API}documents/", {"application": str(application.uuid)}), 409)
    for roles in STRANGERS:
        status = 403 if Role.REGISTRAR in roles else 404
        answer = as_user(person(*roles)).post(
            f"{API}documents/", {**body, "file": a_file()}, format="multipart"
        )
        refused(answer, status)


@pytest.fixture
def education(kind):
    row = need(kind, "education")
    row.parts = [
        {"code": "anatomy", "title": "Anatomy", "hours": 60},
        {"code": "clinic", "title": "Supervised clinic", "hours": 40},
    ]
    row.save()
    return row


CLAIM = {"anatomy": {"hours": 70, "where": "page 2"}, "clinic": {"hours": 40, "where": ""}}


def test_education_elsewhere_is_claimed_and_decided_part_by_part(as_user, kind, education):
    application = apply(person(), kind)
    client = as_user(application.applicant)
    (asked,) = [
        row
        for row in client.get(f"{API}applications/{application.uuid}/").json()["requirements"]
        if row["code"] == "education"
    ]
    assert asked["parts"] == education.parts
    made = client.post(
        f"{API}documents/",
        {
            "application": str(application.uuid),
            "requirement": "education",
            "file": a_file(),
            "parts": json.dumps(CLAIM),
        },
        format="multipart",
    )
    assert made.status_code == 201, made.content
    assert made.json()["parts"] == CLAIM
    decided = as_user(registrar()).post(
        f"{API}documents/{made.json()['uuid']}/review/",
        {
            "outcome": "met",
            "reason_code": "E1",
            "parts": {
                code: {"hours": row["hours"], "outcome": "met"} for code, row in CLAIM.items()
            },
        },
    )
    assert decided.status_code == 200, decided.content
    assert decided.json()["parts"]["anatomy"] == {"hours": 70, "outcome": "met"}


@pytest.mark.parametrize(
    "parts",
    [
        "{",
        "[" * 100_000,
        json.dumps([1]),
        json.dumps({"anatomy": 7}),
        json.dumps({"anatomy": {"hours": -1}}),
        json.dumps({"anatomy": {"hours": "many"}}),
        json.dumps({"anatomy": {"hours": 10, "where": "x" * 201}}),
    ],
)
def test_claims_of_the_wrong_shape(as_user, kind, education, parts):
    application = apply(person(), kind)
    answer = as_user(application.applicant).post(
        f"{API}documents/",
        {
            "application": str(application.uuid),
            "requirement": "education",
            "file": a_file(),
            "parts": parts,
        },
        format="multipart",
    )
    refused(answer, 400)
    assert not Document.objects.exists()


def test_a_part_the_requirement_does_not_name_is_left_out(as_user, kind, education):
    application = apply(person(), kind)
    sent = send(application, "education", parts={"flying": {"hours": 10, "where": ""}})
    assert sent.parts == {}
    review(sent, registrar())
    assert Requirement.objects.get(pk=education.pk).parts
