import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.credentials.issued import change, days_ago, issued
from tests.factories import NOTHING


@pytest.fixture
def credential(vault):
    return issued("Orla Brandreth", at=days_ago(100))


def ask(client, identifier, **query):
    return client.get(f"/api/v1/verify/{identifier}/", query)


def test_a_stranger_is_told_what_the_register_knows_and_nothing_private(client, credential):
    response = ask(client, credential.number)
    said = response.json()
    assert response.status_code == 200
    assert said["valid"] is True and said["status"] == "active"
    assert said["number"] == credential.number and said["name"] == "Orla Brandreth"
    assert said["valid_until"] == str(credential.valid_until)
    assert said["granted_on"] == str(credential.valid_from)
    assert said["on"] is None
    assert [span["status"] for span in said["history"]] == ["active"]
    assert credential.holder.email not in response.content.decode()
    assert "secret mark" not in response.content.decode()


def test_a_number_however_typed_or_the_public_id_will_do(client, credential):
    for identifier in (credential.number.lower().replace("-", ""), str(credential.public_id)):
        assert ask(client, identifier).json()["number"] == credential.number


def test_a_day_is_answered_as_of_its_end(client, credential):
    change(credential, "suspend", at=days_ago(10))
    change(credential, "reinstate", at=days_ago(5))
    for days, status, valid in (
        (200, "pending", False),
        (50, "active", True),
        (7, "suspended", False),
        (2, "active", True),
    ):
        said = ask(client, credential.number, on=str(days_ago(days).date())).json()
        assert (said["status"], said["valid"]) == (status, valid)
        assert said["on"] == str(days_ago(days).date())


@pytest.mark.parametrize(("end", "status"), [("suspend", "suspended"), ("revoke", "revoked")])
def test_an_ended_one_is_not_valid_and_its_reason_is_not_told(client, credential, end, status):
    change(credential, end)
    response = ask(client, credential.number)
    assert response.json()["status"] == status
    assert response.json()["valid"] is False
    assert b"private" not in response.content


def test_an_expired_one_is_not_valid(client, vault):
    said = ask(client, issued(at=days_ago(900)).number).json()
    assert (said["status"], said["valid"]) == ("expired", False)


@pytest.mark.parametrize(
    "identifier", ["nonsense", "SMT-1234-5678", "%00", "x" * 3000, str(NOTHING), "☃"]
)
def test_an_unknown_or_malformed_number_is_a_404_problem(client, vault, identifier):
    response = ask(client, identifier)
    assert response.status_code == 404
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["code"] == "unknown_number"


@pytest.mark.parametrize(
    "on",
    [
        "yesterday",
        "2026-02-30",
        "2026-13-01",
        "0000-00-00",
        "9999-12-31",
        "9" * 5000,
        "2026-10-20\0",
    ],
)
def test_what_is_no_day_or_still_to_come_is_a_400_problem(client, credential, on):
    response = ask(client, credential.number, on=on)
    assert response.status_code == 400
    assert "on" in response.json()["errors"]


def test_an_unknown_number_is_said_before_a_wrong_day(client, vault):
    assert ask(client, "nonsense", on="yesterday").status_code == 404


def test_it_takes_two_statements_also_for_somebody_signed_in(client, credential):
    with CaptureQueriesContext(connection) as queries:
        ask(client, credential.number)
    assert len(queries) == 2
    client.force_login(credential.holder)
    with CaptureQueriesContext(connection) as queries:
        ask(client, credential.number)
    assert len(queries) == 2


def test_scripts_of_every_origin_may_ask(client, credential):
    response = ask(client, credential.number)
    assert response["Access-Control-Allow-Origin"] == "*"
    assert "max-age=60" in response["Cache-Control"]
    assert not response.cookies
    assert client.options(f"/api/v1/verify/{credential.number}/").status_code == 200


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_nothing_can_be_changed_here(client, credential, method):
    assert getattr(client, method)(f"/api/v1/verify/{credential.number}/").status_code == 405


def test_asking_is_limited(client, credential, monkeypatch):
    from rest_framework.throttling import ScopedRateThrottle

    monkeypatch.setattr(ScopedRateThrottle, "THROTTLE_RATES", {"verify": "3/min"})
    codes = [ask(client, credential.number).status_code for _each in range(4)]
    assert codes == [200, 200, 200, 429]
