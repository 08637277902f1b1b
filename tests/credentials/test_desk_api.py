"""What registrars do through the HTTP interface beside documents and changes: refusals, exceptions, cases, many at once."""

import datetime as dt
import uuid

import pytest
from django.utils import timezone

from accounts.models import Notice, Role
from accounts.services import declare_conflict, record_teaching
from credentials import services
from credentials.models import Application, BulkRun, Case, Decision, Exemption
from credentials.services import bulk
from tests.credentials.scheme import apply, held, nearly, registrar, review, scheme, send
from tests.factories import NOTHING, NOW, person

pytestmark = pytest.mark.django_db

API = "/api/v1/"
WRONG = [(), (Role.INSTRUCTOR,), (Role.EXAMINER, Role.CHIEF_EXAMINER), (Role.ADMINISTRATOR,)]


@pytest.fixture
def kind():
    return scheme()


@pytest.fixture
def boss():
    return registrar(name="Aline Moreau")


@pytest.fixture
def second():
    return registrar(name="Bruno Keller")


def refused(response, status, code=None):
    assert response.status_code == status, response.content
    assert response["Content-Type"] == "application/problem+json"
    body = response.json()
    assert body["detail"]
    if code:
        assert body["code"] == code
    return body


DESK = [
    ("post", f"applications/{NOTHING}/refuse/"),
    ("get", f"applications/{NOTHING}/approvers/"),
    ("get", "exceptions/"),
    ("post", "exceptions/"),
    ("get", f"exceptions/{NOTHING}/"),
    ("post", f"exceptions/{NOTHING}/answer/"),
    ("get", "cases/"),
    ("post", "cases/"),
    ("get", f"cases/{NOTHING}/"),
    ("get", f"cases/{NOTHING}/against/"),
    ("post", f"cases/{NOTHING}/take/"),
    ("post", f"cases/{NOTHING}/link/"),
    ("post", f"cases/{NOTHING}/unlink/"),
    ("get", f"cases/{NOTHING}/follows/"),
    ("post", f"cases/{NOTHING}/follows/reinstate/"),
    ("get", f"cases/{NOTHING}/owners/"),
    ("post", f"cases/{NOTHING}/give/"),
    ("post", f"cases/{NOTHING}/note/"),
    ("post", f"cases/{NOTHING}/close/"),
    ("get", "matters/"),
    ("get", "bulk/"),
    ("post", "bulk/"),
    ("post", "bulk/plan/"),
    ("get", f"bulk/{NOTHING}/"),
]


@pytest.mark.parametrize(("verb", "path"), DESK)
def test_all_of_it_is_for_registrars(as_user, client, verb, path):
    refused(getattr(client, verb)(API + path), 401)
    for roles in WRONG:
        refused(getattr(as_user(person(*roles)), verb)(API + path), 403)


@pytest.mark.parametrize(("verb", "path"), [row for row in DESK if str(NOTHING) in row[1]])
def test_of_what_is_not_there_even_a_wrong_body_says_so(as_user, boss, verb, path):
    refused(getattr(as_user(boss), verb)(API + path), 404)


# Refusals


def test_a_refusal_closes_the_application_and_the_applicant_reads_why(as_user, kind, boss):
    application = apply(person(), kind)
    path = f"{API}applications/{application.uuid}/refuse/"
    client = as_user(boss)
    made = client.post(path, {"reason": "The education is not equivalent."})
    assert made.status_code == 201, made.content
    assert made.json()["outcome"] == "refused"
    assert client.post(path, {"reason": "Again."}).json() == made.json()
    refused(as_user(registrar()).post(path, {"reason": "Too."}), 409, "application_closed")
    mine = as_user(application.applicant).get(f"{API}applications/{application.uuid}/").json()
    assert (mine["state"], mine["decision"]) == ("closed", made.json())
    assert Notice.objects.filter(kind="application_refused").count() == 1


def test_a_refusal_is_refused_in_order(as_user, kind, boss):
    application = apply(person(), kind)
    path = f"{API}applications/{application.uuid}/refuse/"
    teacher = registrar()
    record_teaching(
        teacher=teacher, learner=application.applicant, subject="Massage",
        taught_on=NOW.date(), by=teacher, at=NOW,
    )  # fmt: skip
    refused(as_user(teacher).post(path, {}), 403, "R2")
    own = apply(boss, kind)
    refused(as_user(boss).post(f"{API}applications/{own.uuid}/refuse/", {"reason": "I"}), 403, "R2")
    for body in (
        {},
        {"reason": " "},
        {"reason": "a\0b"},
        {"reason": ["x"]},
        {"reason": "x" * 4001},
    ):
        assert "reason" in refused(as_user(boss).post(path, body), 400)["errors"]
    assert not Decision.objects.exists()
    services.withdraw_application(application=application, by=application.applicant, at=NOW)
    refused(as_user(boss).post(path, {}), 409, "application_closed")


# Exceptions


def asked(application, approver, /, **given):
    return {
        "application": str(application.uuid),
        "requirement": "insurance",
        "ground": "ours",
        "reason": "We lost the paper.",
        "approver": str(approver.uuid),
        **given,
    }


def test_an_exception_is_asked_for_approved_and_in_the_report(as_user, kind, boss, second):
    application = nearly(kind, missing="insurance")
    client = as_user(boss)
    names = client.get(f"{API}applications/{application.uuid}/approvers/").json()["results"]
    assert str(second.uuid) in {row["uuid"] for row in names}
    assert str(boss.uuid) not in {row["uuid"] for row in names}
    made = client.post(f"{API}exceptions/", asked(application, second))
    assert made.status_code == 201, made.content
    again = client.post(f"{API}exceptions/", asked(application, second))
    assert (again.status_code, again.json()["uuid"]) == (200, made.json()["uuid"])
    first = made.json()["uuid"]
    assert [row["uuid"] for row in client.get(f"{API}exceptions/?waiting=1").json()["results"]] == [
        first
    ]
    done = as_user(second).post(f"{API}exceptions/{first}/answer/", {"approve": True})
    assert done.status_code == 200, done.content
    assert (done.json()["step"], done.json()["by"]["name"]) == ("approved", "Bruno Keller")
    assert as_user(second).get(f"{API}exceptions/{first}/").json() == done.json()
    (listed,) = as_user(boss).get(f"{API}exceptions/").json()["results"]
    assert listed == done.json()
    assert as_user(boss).get(f"{API}exceptions/?waiting=1").json()["results"] == []
    application.refresh_from_db()
    assert application.credential


def test_the_report_is_of_the_days_asked_for(as_user, kind, boss, second):
    client = as_user(boss)
    client.post(f"{API}exceptions/", asked(apply(person(), kind), second))
    today = timezone.now().date()
    later = today + dt.timedelta(days=1)
    assert len(client.get(f"{API}exceptions/?first={today}&last={today}").json()["results"]) == 1
    assert client.get(f"{API}exceptions/?first={later}").json()["results"] == []
    refused(client.get(f"{API}exceptions/?first=yesterday"), 400)


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"application": str(NOTHING)}, 404, None),
        ({"requirement": "wings"}, 400, None),
        ({"requirement": "agreement"}, 409, "no_exception"),
        ({"ground": "mood"}, 400, None),
        ({"reason": ""}, 400, None),
        ({"approver": str(NOTHING)}, 400, None),
        ({"approver": "Bruno"}, 400, None),
        ({"valid_until": "2001-01-01"}, 400, None),
    ],
)
def test_an_exception_that_cannot_be_asked_for(as_user, kind, boss, second, change, status, code):
    body = asked(apply(person(), kind), second, **change)
    refused(as_user(boss).post(f"{API}exceptions/", body), status, code)
    assert not Exemption.objects.exists()


def test_nobody_approves_their_own_or_somebody_elses_and_a_tie_bars(as_user, kind, boss, second):
    application = apply(person(), kind)
    client = as_user(boss)
    refused(client.post(f"{API}exceptions/", asked(application, boss)), 403, "R2")
    refused(client.post(f"{API}exceptions/", asked(application, person())), 403, "wrong_role")
    own = apply(boss, kind)
    refused(client.post(f"{API}exceptions/", asked(own, second)), 403, "R2")
    path = f"{API}exceptions/{client.post(f'{API}exceptions/', asked(application, second)).json()['uuid']}/answer/"
    refused(client.post(path, {"approve": True}), 403, "R2")
    refused(as_user(registrar()).post(path, {}), 403, "not_the_approver")
    refused(as_user(second).post(path, {}), 400)
    refused(as_user(second).post(path, {"approve": False}), 400, "say_why")
    declare_conflict(
        examiner=second, candidate=application.applicant, kind="family", note="", by=second, at=NOW
    )
    refused(as_user(second).post(path, {"approve": True}), 403, "R4")
    taken = as_user(boss).post(path, {"approve": False})
    assert taken.json()["step"] == "withdrawn"
    declined = as_user(boss).post(path, {})
    refused(declined, 409, "answered")


# Cases


def noted(**given):
    return {
        "kind": "concern",
        "raised_by": "Pat Employer",
        "about": "Title in a window",
        "said": "It is still there.",
        "received_on": "2026-11-20",
        **given,
    }


def test_a_case_is_written_down_given_noted_and_closed(as_user, kind, boss, second):
    credential = held(kind)
    client = as_user(boss)
    made = client.post(f"{API}cases/", noted(reference=credential.number))
    assert made.status_code == 201, made.content
    body = made.json()
    assert body["credential"] == credential.number
    assert body["due_on"] == "2027-01-19"
    path = f"{API}cases/{body['uuid']}/"
    owners = {row["name"] for row in client.get(f"{path}owners/").json()["results"]}
    assert {"Aline Moreau", "Bruno Keller"} <= owners
    given = client.post(f"{path}give/", {"owner": str(second.uuid)})
    assert given.json()["owner"]["name"] == "Bruno Keller"
    assert client.post(f"{path}note/", {"note": "Rang her."}).status_code == 200
    refused(client.post(f"{path}close/", {}), 403, "not_the_owner")
    theirs = as_user(second)
    refused(theirs.post(f"{path}close/", {"outcome": "upheld"}), 400)
    done = theirs.post(f"{path}close/", {"outcome": "upheld", "note": "It is gone."})
    assert (done.status_code, done.json()["outcome"]) == (200, "upheld")
    assert [row["kind"] for row in done.json()["steps"]] == ["recorded", "given", "noted", "closed"]
    assert (
        theirs.post(f"{path}close/", {"outcome": "upheld", "note": "It is gone."}).json()
        == done.json()
    )
    refused(theirs.post(f"{path}note/", {}), 409, "case_closed")
    assert client.get(f"{API}cases/?open=1").json()["results"] == []
    assert client.get(f"{API}cases/").json()["results"] == [done.json()]
    assert client.get(path).json() == done.json()


def test_nobody_reads_or_owns_a_case_about_themselves_or_what_they_did(as_user, kind, boss, second):
    about_me = services.record_case(
        kind="appeal", raised_by="I", about="A", said="B", received_on=NOW.date(),
        application=apply(boss, kind), by=second, at=NOW,
    )  # fmt: skip
    client = as_user(boss)
    for verb, part in (("get", ""), ("get", "owners/"), ("post", "give/"), ("post", "note/")):
        refused(getattr(client, verb)(f"{API}cases/{about_me.uuid}/{part}"), 404)
    assert client.get(f"{API}cases/").json()["results"] == []
    other = apply(person(), kind)
    review(send(other), boss)
    case = services.record_case(
        kind="appeal", raised_by="N", about="A", said="B", received_on=NOW.date(),
        application=other, by=second, at=NOW,
    )  # fmt: skip
    path = f"{API}cases/{case.uuid}/give/"
    refused(client.post(path, {"owner": str(boss.uuid)}), 403, "R2")
    refused(client.post(path, {"owner": str(person().uuid)}), 403, "wrong_role")
    refused(client.post(path, {"owner": str(NOTHING)}), 400)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"kind": "grumble"}, "kind"),
        ({"said": "\0"}, "said"),
        ({"received_on": "2999-01-01"}, "received_on"),
        ({"reference": "AP-1999-0001"}, "reference"),
        ({"raised_by": ["x"]}, "raised_by"),
    ],
)
def test_a_case_of_the_wrong_shape(as_user, boss, change, field):
    body = refused(as_user(boss).post(f"{API}cases/", noted(**change)), 400)
    assert field in body["errors"]
    assert not Case.objects.exists()


# Many at once


def test_what_waits_is_listed_with_what_can_be_done_to_many(as_user, kind, boss):
    document = send(apply(person(), kind))
    rows = as_user(boss).get(f"{API}matters/").json()["results"]
    assert [row["key"] for row in rows] == [f"document:{document.uuid}"]
    assert as_user(boss).get(f"{API}matters/?kind=decision").json()["results"] == []


def test_a_run_is_looked_at_begun_and_followed(as_user, boss):
    kind = scheme(award="by_decision")
    ready, not_ready = nearly(kind, missing="insurance"), apply(person(), kind)
    review(send(ready, "insurance"), registrar())
    client = as_user(boss)
    keys = [f"decision:{ready.uuid}", f"decision:{not_ready.uuid}", "decision:nonsense"]
    plan = client.post(f"{API}bulk/plan/", {"action": "award", "keys": keys})
    assert plan.status_code == 200, plan.content
    assert plan.json()["possible"] == 1
    assert "Not every requirement is met" in plan.json()["matters"][1]["refusal"]
    assert not BulkRun.objects.exists()
    made = client.post(f"{API}bulk/", {"action": "award", "keys": keys})
    assert made.status_code == 201, made.content
    assert (made.json()["total"], made.json()["waiting"]) == (3, 3)
    bulk.carry_out(run=BulkRun.objects.get(), at=timezone.now)
    told = client.get(f"{API}bulk/{made.json()['uuid']}/").json()
    assert (told["done"], told["refused"], told["waiting"]) == (1, 2, 0)
    assert told["finished_at"]
    assert Application.objects.get(pk=ready.pk).credential
    (listed,) = client.get(f"{API}bulk/").json()["results"]
    assert listed["uuid"] == told["uuid"]
    assert "steps" not in listed


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"action": "award", "keys": []},
        {"action": "delete", "keys": ["decision:x"]},
        {"action": "award", "keys": "decision:x"},
        {"action": "award", "keys": ["x" * 81]},
        {"action": "award", "keys": ["decision:\0"]},
        {
            "action": "award",
            "keys": [f"decision:{number}" for number in range(services.MOST_AT_ONCE + 1)],
        },
        {"action": "renew", "keys": ["expiring:x"], "reason_code": "Q9"},
    ],
)
def test_a_run_of_the_wrong_shape(as_user, boss, body):
    refused(as_user(boss).post(f"{API}bulk/", body), 400)
    assert not BulkRun.objects.exists()


# Statements


def test_the_lists_take_a_fixed_number_of_queries(
    as_user, kind, boss, second, django_assert_max_num_queries
):
    def more():
        application = apply(person(), kind)
        services.ask_exemption(
            application=application, requirement=kind.requirements.get(code="insurance"),
            ground="ours", reason="R", approver=second, by=boss, at=NOW,
        )  # fmt: skip
        case = services.record_case(
            kind="appeal", raised_by=str(uuid.uuid4()), about="A", said="B",
            received_on=NOW.date(), application=application, by=boss, at=NOW,
        )  # fmt: skip
        services.give_case(case=case, owner=second, by=boss, at=NOW)
        services.start_bulk(action="remind", keys=[f"expiring:{uuid.uuid4()}"], by=boss, at=NOW)

    client = as_user(boss)
    for _time in range(2):
        for path in ("exceptions/", "cases/", "bulk/"):
            with django_assert_max_num_queries(8):
                assert client.get(API + path).status_code == 200
        for _number in range(4):
            more()
