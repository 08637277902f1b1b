"""The HTTP interface for applicants, holders and registrars: who, what, and in which order it is refused."""

import datetime as dt
import json

import pytest

from accounts.models import Role
from credentials import dossier
from credentials.models import (
    Application,
    Credential,
    CredentialType,
    Document,
    DocumentReview,
    StatusEvent,
)
from tests.credentials.scheme import (
    PDF,
    a_file,
    apply,
    held,
    nearly,
    registrar,
    report,
    review,
    revoke,
    scheme,
    send,
)
from tests.factories import NOTHING, NOW, person

pytestmark = pytest.mark.django_db

API = "/api/v1/"
WRONG = [(), (Role.INSTRUCTOR,), (Role.EXAMINER, Role.CHIEF_EXAMINER), (Role.ADMINISTRATOR,)]
CHANGES = {"suspend": "S1", "reinstate": "T1", "revoke": "R1", "renew": "N1"}


@pytest.fixture
def kind():
    return scheme()


@pytest.fixture
def applicant():
    return person(name="Orla")


def refused(response, status, code=None):
    assert response.status_code == status, response.content
    assert response["Content-Type"] == "application/problem+json"
    body = response.json()
    assert body["status"] == status
    assert body["detail"]
    if code:
        assert body["code"] == code
    return body


# Applications

APPLY = {"credential_type": "SMT", "name_on_id": "Orla Brandreth", "agreed": True, "listed": True}


def test_apply_and_see_what_is_missing(as_user, kind, applicant):
    client = as_user(applicant)
    made = client.post(f"{API}applications/", APPLY)
    assert made.status_code == 201
    body = made.json()
    assert (body["credential_type"], body["edition"], body["state"]) == ("SMT", "2026.1", "open")
    states = {row["code"]: row["state"] for row in body["requirements"]}
    assert states == {
        "agreement": "met",
        "education": "missing",
        "written": "missing",
        "licence": "missing",
        "insurance": "missing",
    }
    again = client.post(f"{API}applications/", APPLY)
    assert (again.status_code, again.json()["uuid"]) == (200, body["uuid"])
    listed = client.get(f"{API}applications/").json()
    assert set(listed) == {"next", "previous", "results"}
    assert listed["results"] == [body]
    assert client.get(f"{API}applications/{body['uuid']}/").json() == body


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name_on_id": ""}, "name_on_id"),
        ({"name_on_id": "a\0b"}, "name_on_id"),
        ({"name_on_id": "x" * 151}, "name_on_id"),
        ({"name_on_id": ["x"]}, "name_on_id"),
        ({"agreed": False}, "agreed"),
        ({"agreed": "perhaps"}, "agreed"),
        ({"accommodations": "x" * 2001}, "accommodations"),
        ({"credential_type": ["SMT"]}, "credential_type"),
        ({"credential_type": None}, "credential_type"),
    ],
)
def test_an_application_of_the_wrong_shape(as_user, kind, applicant, change, field):
    body = refused(as_user(applicant).post(f"{API}applications/", {**APPLY, **change}), 400)
    assert field in body["errors"]
    assert not Application.objects.exists()


@pytest.mark.parametrize("body", ["", "[]", "null", '"text"', "{", '{"a":', "[1, 2]", "7"])
def test_a_body_that_is_none(as_user, kind, applicant, body):
    response = as_user(applicant).post(f"{API}applications/", body, content_type="application/json")
    refused(response, 400)


@pytest.mark.parametrize(
    "field", ["credential_type", "name_on_id", "agreed", "listed", "accommodations"]
)
def test_half_a_letter_is_no_text(as_user, kind, applicant, field):
    body = json.dumps(
        {**APPLY, field: "\ud800"}
    )  # a lone surrogate: JSON can say it, nothing can keep it
    response = as_user(applicant).post(f"{API}applications/", body, content_type="application/json")
    assert field in refused(response, 400)["errors"]


@pytest.mark.parametrize("field", ["outcome", "reason_code", "note", "valid_until"])
def test_half_a_letter_is_no_decision(as_user, kind, applicant, field):
    document = send(apply(applicant, kind))
    body = json.dumps({"outcome": "met", "reason_code": "I1", field: "\ud800"})
    address = f"{API}documents/{document.uuid}/review/"
    response = as_user(registrar()).post(address, body, content_type="application/json")
    assert field in refused(response, 400)["errors"]


def test_closed_comes_before_shape(as_user, kind, applicant):
    held(kind, applicant)
    refused(
        as_user(applicant).post(f"{API}applications/", {"credential_type": "SMT"}),
        409,
        "already_held",
    )
    CredentialType.objects.update(state="closed")
    refused(
        as_user(person()).post(f"{API}applications/", {"credential_type": "SMT"}),
        409,
        "type_closed",
    )
    refused(as_user(person()).post(f"{API}applications/", {"credential_type": "NONE"}), 404)


UNREADABLE = [b'{"reason":', b"[" * 100_000, b" " * 3_000_000]


@pytest.mark.parametrize("body", UNREADABLE)
def test_closed_comes_before_what_cannot_be_read(as_user, kind, body):
    credential = held(kind)
    client = as_user(registrar())
    url = f"{API}credentials/{credential.public_id}/reinstate/"
    refused(client.generic("POST", url, body, content_type="application/json"), 409)
    url = f"{API}credentials/{credential.public_id}/suspend/"
    refused(client.generic("POST", url, body, content_type="application/json"), 400)


def test_ones_own_applications_only_and_all_for_a_registrar(as_user, kind, applicant):
    mine, other = apply(applicant, kind), apply(person(), kind)
    client = as_user(applicant)
    assert [row["uuid"] for row in client.get(f"{API}applications/").json()["results"]] == [
        str(mine.uuid)
    ]
    refused(client.get(f"{API}applications/{other.uuid}/"), 404)
    refused(as_user(person(Role.EXAMINER)).get(f"{API}applications/{mine.uuid}/"), 404)
    boss = as_user(registrar())
    assert len(boss.get(f"{API}applications/").json()["results"]) == 2
    assert boss.get(f"{API}applications/{other.uuid}/").status_code == 200


def test_lists_take_a_fixed_number_of_queries(as_user, kind, django_assert_max_num_queries):
    for _person in range(3):
        nearly(kind)
        held(kind)
    boss = as_user(registrar())
    for path, most in (("applications/", 10), ("documents/", 6), ("credentials/", 6)):
        with django_assert_max_num_queries(most):
            assert boss.get(f"{API}{path}").status_code == 200, path


def test_lists_are_paged(as_user, kind):
    for _person in range(3):
        apply(person(), kind)
    boss = as_user(registrar())
    first = boss.get(f"{API}applications/?page_size=2").json()
    assert len(first["results"]) == 2
    second = boss.get(first["next"]).json()
    assert len(second["results"]) == 1
    assert second["next"] is None
    refused(boss.get(f"{API}applications/?cursor=nonsense"), 404)


# Documents


def upload(client, of, **given):
    facts = {
        "application": str(of.uuid),
        "requirement": "insurance",
        "file": a_file(),
        "valid_until": "2099-01-01",
        "number": "NS-1",
    }
    facts = {name: value for name, value in {**facts, **given}.items() if value is not None}
    return client.post(f"{API}documents/", facts, format="multipart")


def test_send_a_document_and_get_it_back(as_user, kind, applicant):
    application, client = apply(applicant, kind), as_user(applicant)
    made = upload(client, application)
    assert made.status_code == 201
    body = made.json()
    assert (body["state"], body["requirement"], body["valid_until"]) == (
        "waiting",
        "insurance",
        "2099-01-01",
    )
    assert upload(client, application).status_code == 200
    assert client.get(f"{API}documents/{body['uuid']}/").json() == body
    file = client.get(body["file"])
    assert b"".join(file.streaming_content) == PDF
    assert file["X-Content-Type-Options"] == "nosniff"
    application = client.get(f"{API}applications/").json()["results"][0]
    states = {row["code"]: (row["state"], row["document"]) for row in application["requirements"]}
    assert states["insurance"] == ("waiting", body["uuid"])


def test_say_that_none_is_required(as_user, kind, applicant):
    application, client = apply(applicant, kind), as_user(applicant)
    said = {
        "application": str(application.uuid),
        "requirement": "licence",
        "not_required": True,
        "statement": "None exists in Exampleland.",
    }
    made = client.post(f"{API}documents/", said)
    assert made.status_code == 201
    assert (made.json()["not_required"], made.json()["file"]) == (True, None)
    refused(client.get(f"{API}documents/{made.json()['uuid']}/file/"), 404)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"application": "nonsense"}, "application"),
        ({"application": None}, "application"),
        ({"requirement": "nothing"}, "requirement"),
        ({"requirement": None}, "requirement"),
        ({"file": None}, "file"),
        ({"file": a_file(b"")}, "file"),
        ({"file": a_file(b"MZ")}, "file"),
        ({"file": "text"}, "file"),
        ({"number": "x" * 81}, "number"),
        ({"number": "a\0"}, "number"),
        ({"valid_until": "31.12.2099"}, "valid_until"),
        ({"valid_until": "2020-01-01"}, "valid_until"),
        (
            {"requirement": "insurance", "not_required": "true", "statement": "None."},
            "not_required",
        ),
        ({"requirement": "licence", "not_required": "true"}, "statement"),
    ],
)
def test_a_document_of_the_wrong_shape(as_user, kind, applicant, given, field):
    application = apply(applicant, kind)
    if given.get("file") not in (None, "text"):
        given["file"].seek(0)
    body = refused(upload(as_user(applicant), application, **given), 400)
    assert field in body["errors"]
    assert not Document.objects.exists()


def test_a_form_of_too_many_fields_is_a_problem_too(as_user, kind, applicant):
    answer = as_user(applicant).generic(
        "POST", f"{API}documents/", b"a=1&" * 20_000, "application/x-www-form-urlencoded"
    )
    refused(answer, 400, "unreadable")


def test_a_document_for_somebody_elses_application(as_user, kind, applicant):
    application = apply(applicant, kind)
    refused(upload(as_user(person()), application), 404)
    refused(upload(as_user(person(Role.INSTRUCTOR)), application), 404)
    refused(upload(as_user(registrar()), application), 403, "not_the_applicant")
    refused(upload(as_user(applicant), application, application=str(NOTHING)), 404)


def test_a_closed_application_takes_nothing_but_papers_that_run_out_whatever_its_shape(
    as_user, kind, applicant
):
    credential = held(kind, applicant)
    refused(
        upload(as_user(applicant), credential.application, file=None, requirement="education"),
        409,
        "application_closed",
    )
    refused(upload(as_user(applicant), credential.application, file=None), 400, "no_file")
    refused(
        upload(as_user(applicant), apply_again(credential), requirement="written"),
        409,
        "takes_no_document",
    )


def apply_again(credential):
    revoke(credential, by=registrar(), at=NOW)
    return apply(credential.holder, credential.credential_type, at=NOW + dt.timedelta(days=1))


@pytest.mark.parametrize("roles", WRONG)
def test_a_strangers_document_is_nothing(as_user, kind, applicant, roles):
    document = send(apply(applicant, kind))
    stranger = as_user(person(*roles))
    for path in ("", "file/"):
        refused(stranger.get(f"{API}documents/{document.uuid}/{path}"), 404)
    assert stranger.get(f"{API}documents/").json()["results"] == []


def test_a_registrar_sees_what_waits(as_user, kind, applicant):
    application, boss = apply(applicant, kind), registrar()
    send(application)
    newest = send(application, number="2")
    decided = send(application, "licence")
    review(decided, boss)
    client = as_user(boss)
    waiting = client.get(f"{API}documents/?waiting=true").json()["results"]
    assert [row["uuid"] for row in waiting] == [str(newest.uuid)]
    assert len(client.get(f"{API}documents/").json()["results"]) == 3
    reasons = client.get(f"{API}documents/{newest.uuid}/reasons/").json()["results"]
    assert {row["code"]: row["outcome"] for row in reasons} == {
        "I1": "met",
        "I2": "more_information",
        "I3": "not_met",
    }


# The registrar's review


def post_review(client, document, **given):
    facts = {"outcome": "met", "reason_code": "I1", "valid_until": "2099-01-01", **given}
    return client.post(f"{API}documents/{document.uuid}/review/", facts)


def test_a_review_with_a_reason_code(as_user, kind, applicant):
    document = send(apply(applicant, kind))
    client = as_user(registrar())
    made = post_review(client, document)
    assert made.status_code == 200
    assert made.json()["reason_text"] == "Reason I1."
    assert post_review(client, document).json() == made.json()
    refused(
        post_review(client, document, outcome="not_met", reason_code="I3"), 409, "already_decided"
    )
    assert DocumentReview.objects.count() == 1


def test_a_reason_may_be_called_one(as_user, kind, applicant):
    document = send(apply(applicant, kind))
    response = as_user(registrar()).post(
        f"{API}documents/{document.uuid}/review/", {"outcome": "not_met", "reason": "I3"}
    )
    assert response.json()["reason_code"] == "I3"


def test_the_order_of_refusals_of_a_review(as_user, api_client, kind, applicant):
    boss = registrar()
    own = send(apply(boss, kind))
    document = send(apply(applicant, kind))
    address = f"{API}documents/{document.uuid}/review/"
    refused(api_client.post(address, {}), 401)
    for roles in WRONG:
        refused(as_user(person(*roles)).post(address, {}), 403)
        refused(as_user(person(*roles)).post(f"{API}documents/{NOTHING}/review/", {}), 403)
    refused(as_user(applicant).post(address, {}), 403)
    client = as_user(boss)
    refused(client.post(f"{API}documents/{NOTHING}/review/", {}), 404)
    refused(client.post(f"{API}documents/{own.uuid}/review/", {}), 403, "R2")
    refused(post_review(client, own), 403, "R2")
    refused(client.post(address, {}), 400)
    review(document, registrar())
    refused(client.post(address, {}), 409, "already_decided")


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"outcome": "withdrawn"}, "outcome"),
        ({"outcome": None}, "outcome"),
        ({"reason_code": "L1"}, "reason_code"),
        ({"reason_code": ""}, "reason_code"),
        ({"reason_code": "x" * 11}, "reason_code"),
        ({"reason_code": {"a": 1}}, "reason_code"),
        ({"note": "a\0"}, "note"),
        ({"note": "x" * 4001}, "note"),
        ({"valid_until": "soon"}, "valid_until"),
        ({"valid_until": "2020-01-01"}, "valid_until"),
    ],
)
def test_a_review_of_the_wrong_shape(as_user, kind, applicant, given, field):
    document = send(apply(applicant, kind))
    body = refused(post_review(as_user(registrar()), document, **given), 400)
    assert field in body["errors"]
    assert not DocumentReview.objects.exists()


def test_the_last_acceptance_issues_the_credential(as_user, kind):
    application = nearly(kind, missing="insurance")
    document = send(application, "insurance")
    assert post_review(as_user(registrar()), document).status_code == 200
    mine = as_user(application.applicant).get(f"{API}credentials/").json()["results"]
    assert [row["status"] for row in mine] == ["active"]
    found = as_user(application.applicant).get(f"{API}applications/{application.uuid}/").json()
    assert found["state"] == "awarded"
    assert found["credential"]["number"] == mine[0]["number"]


# Decisions


def test_a_decision_awards(as_user, api_client):
    kind = scheme(award=CredentialType.Award.BY_DECISION)
    application = nearly(kind)
    address = f"{API}applications/{application.uuid}/decide/"
    refused(api_client.post(address), 401)
    for roles in WRONG:
        refused(as_user(person(*roles)).post(address), 403)
    boss = as_user(registrar())
    refused(boss.post(f"{API}applications/{NOTHING}/decide/"), 404)
    refused(boss.post(address), 409, "requirements_missing")
    report(application.applicant, kind, "written")
    assert boss.post(address).json()["status"] == "active"


# Credentials


def test_the_holder_sees_their_own_and_a_registrar_the_register(as_user, kind):
    mine, other = held(kind), held(kind)
    client = as_user(mine.holder)
    (row,) = client.get(f"{API}credentials/").json()["results"]
    assert (row["number"], row["public_id"], row["status"], row["valid"]) == (
        mine.number,
        str(mine.public_id),
        "active",
        True,
    )
    assert client.get(f"{API}credentials/{mine.public_id}/").json() == row
    refused(client.get(f"{API}credentials/{other.public_id}/"), 404)
    boss = as_user(registrar())
    assert len(boss.get(f"{API}credentials/").json()["results"]) == 2
    (found,) = boss.get(f"{API}credentials/?number={other.number}").json()["results"]
    assert found["public_id"] == str(other.public_id)
    assert as_user(person()).get(f"{API}credentials/").json()["results"] == []


def change(client, credential, what, **given):
    facts = {"reason_code": CHANGES[what], **given}
    return client.post(f"{API}credentials/{credential.public_id}/{what}/", facts)


def test_suspend_reinstate_renew_revoke(as_user, kind):
    credential, client = held(kind), as_user(registrar())
    expected = {
        "suspend": "suspended",
        "reinstate": "active",
        "renew": "active",
        "revoke": "revoked",
    }
    for what, status in expected.items():
        if what == "revoke":
            proposed = change(as_user(registrar()), credential, what)
            assert (proposed.status_code, proposed.json()["step"]) == (202, "proposed")
        answer = change(client, credential, what, note="private")
        assert answer.status_code == 200, answer.content
        assert answer.json()["status"] == status
        assert "note" not in answer.json()
        assert (
            change(client, credential, what, note="private").json()["uuid"] == answer.json()["uuid"]
        )
    assert list(credential.events.values_list("kind", flat=True)) == [
        "issued",
        "suspended",
        "reinstated",
        "renewed",
        "revoked",
    ]


@pytest.mark.parametrize("what", CHANGES)
def test_the_order_of_refusals_of_a_change(as_user, api_client, kind, what):
    boss = registrar()
    own, credential = held(kind, boss), held(kind)
    address = f"{API}credentials/{credential.public_id}/{what}/"
    refused(api_client.post(address, {}), 401)
    for roles in WRONG:
        refused(as_user(person(*roles)).post(address, {}), 403)
        refused(as_user(person(*roles)).post(f"{API}credentials/{NOTHING}/{what}/", {}), 403)
    refused(as_user(credential.holder).post(address, {}), 403)
    client = as_user(boss)
    refused(client.post(f"{API}credentials/{NOTHING}/{what}/", {}), 404)
    refused(client.post(f"{API}credentials/{own.public_id}/{what}/", {}), 403, "R2")
    if what == "reinstate":
        refused(client.post(address, {}), 409)
        return
    refused(client.post(address, {}), 400)
    revoke(credential, by=registrar(), at=NOW)
    refused(client.post(address, {}), 409, "not_from_this_status")
    assert StatusEvent.objects.count() == 3


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"reason_code": "R1"}, "reason_code"),
        ({"reason_code": None}, "reason_code"),
        ({"note": "\0"}, "note"),
        ({"note": "x" * 4001}, "note"),
    ],
)
def test_a_change_of_the_wrong_shape(as_user, kind, given, field):
    credential = held(kind)
    body = refused(change(as_user(registrar()), credential, "suspend", **given), 400)
    assert field in body["errors"]
    assert credential.events.count() == 1


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"hours": -1}, "hours"),
        ({"hours": "many"}, "hours"),
        ({"hours": 100000}, "hours"),
        ({"hours": 2, "ethics_hours": 3}, "ethics_hours"),
    ],
)
def test_hours_of_a_renewal(as_user, kind, given, field):
    credential, client = held(kind), as_user(registrar())
    assert field in refused(change(client, credential, "renew", **given), 400)["errors"]
    assert change(client, credential, "renew", hours="26.5", ethics_hours="3").status_code == 200
    assert credential.events.get(kind="renewed").renewal.hours == 26.5


def test_the_holder_alone_consents_to_the_listing(as_user, api_client, kind):
    credential = held(kind)
    address = f"{API}credentials/{credential.public_id}/"
    refused(api_client.patch(address, {"listed": False}), 401)
    refused(as_user(person()).patch(address, {"listed": False}), 404)
    refused(as_user(registrar()).patch(address, {"listed": False}), 403, "not_the_holder")
    holder = as_user(credential.holder)
    refused(holder.patch(address, {"listed": "perhaps"}), 400)
    assert holder.patch(address, {"listed": False}).json()["listed"] is False
    assert not Credential.objects.get().listed


def test_the_dossier_is_for_registrars(as_user, api_client, kind):
    credential = held(kind)
    address = f"{API}credentials/{credential.public_id}/dossier/"
    refused(api_client.get(address), 401)
    refused(as_user(credential.holder).get(address), 403)
    boss = as_user(registrar())
    refused(boss.get(f"{API}credentials/{NOTHING}/dossier/"), 404)
    assert dossier.check(json.loads(boss.get(address).content)) == []


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("get", "applications/"),
        ("post", "applications/"),
        ("get", f"applications/{NOTHING}/"),
        ("get", "documents/"),
        ("post", "documents/"),
        ("get", f"documents/{NOTHING}/"),
        ("get", f"documents/{NOTHING}/file/"),
        ("get", f"documents/{NOTHING}/reasons/"),
        ("get", "credentials/"),
        ("get", f"credentials/{NOTHING}/"),
    ],
)
def test_anonymous_programs_sign_in_first(api_client, method, path):
    refused(getattr(api_client, method)(f"{API}{path}"), 401, "not_signed_in")


@pytest.mark.parametrize("path", ["documents/nonsense/", "credentials/1/", "applications/\0/"])
def test_a_malformed_uuid_is_nothing(as_user, path):
    assert as_user(registrar()).get(f"{API}{path}").status_code == 404
