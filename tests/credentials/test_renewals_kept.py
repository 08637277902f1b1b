"""What was sent and decided for a renewal is kept: in the story, in the export, and where somebody edits it behind our back."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from credentials import dossier, services
from credentials.models import Learning, RenewalRequest
from tests.behind import behind_our_back
from tests.credentials.renewals import LATER, add, begun, grant, renewable, sent
from tests.credentials.scheme import registrar

pytestmark = pytest.mark.django_db


@pytest.fixture
def renewed():
    """A credential that was renewed on what its holder sent; one activity was taken out before."""
    credential, boss = renewable(), registrar()
    gone = add(begun(credential), title="Taken out")
    services.withdraw_learning(learning=gone, by=credential.holder, at=LATER)
    request = sent(credential)
    for row in request.learning.exclude(pk=gone.pk):
        services.review_learning(
            learning=row, outcome="accepted", reason_code="H1", by=boss, at=LATER
        )
    grant(request, boss)
    credential.refresh_from_db()
    return credential


def findings() -> list[str]:
    found = services.check_register(at=LATER + dt.timedelta(days=1), files=True)
    return [str(row) for row in found if "CredentialType" not in str(row)]


def test_what_nobody_touched_holds(renewed):
    assert findings() == []


OWN_ROW = {
    "the cycle": "first_day = '2020-01-01'",
    "open again": "closed_at = NULL, event_id = NULL",
}


@pytest.mark.parametrize("what", OWN_ROW)
def test_an_edit_of_the_requests_own_row_is_named(renewed, what):
    behind_our_back(f"UPDATE credentials_renewalrequest SET {OWN_ROW[what]}")
    assert any(line.startswith("RenewalRequest ") for line in findings())


def test_a_request_said_to_be_sent_or_not_is_named():
    request = sent(renewable())
    behind_our_back("UPDATE credentials_renewalrequest SET sent_at = '2030-01-01 00:00:00+00:00'")
    assert any("its row says otherwise" in line for line in findings())
    behind_our_back("UPDATE credentials_renewalrequest SET sent_at = NULL")
    assert any("its row says otherwise" in line for line in findings())
    assert RenewalRequest.objects.get() == request


WRITTEN_ONCE = [
    ("learning", "hours = 9 WHERE sequence = 1"),
    ("learning", "category = 'ethics' WHERE sequence = 1"),
    ("learning", "title = 'Another'"),
    ("learning", "sha256 = 'x'"),
    ("learningreview", "outcome = 'not_accepted' WHERE outcome = 'accepted'"),
    ("learningreview", "reason_text = 'x'"),
    ("renewalstep", "kind = 'returned' WHERE kind = 'renewed'"),
    ("renewalstep", "content = '{}'"),
]


@pytest.mark.parametrize(("table", "change"), WRITTEN_ONCE)
def test_an_edit_of_a_row_that_is_written_once_is_named(renewed, table, change):
    behind_our_back(f"UPDATE credentials_{table} SET {change}")
    assert any(line.lower().startswith(f"credentials.{table} ") for line in findings())


def test_an_activity_taken_off_the_end_of_its_chain_is_missed(renewed):
    newest = Learning.objects.order_by("-sequence").first()
    behind_our_back(f"DELETE FROM credentials_learningreview WHERE learning_id = {newest.pk}")
    assert any("is not the one step" in line for line in findings())
    behind_our_back(f"DELETE FROM credentials_learning WHERE id = {newest.pk}")
    assert any("or was taken out" in line for line in findings())


def test_hours_written_behind_our_back_are_named(renewed):
    behind_our_back("UPDATE credentials_renewal SET hours = 40")
    assert any("10 hours were accepted" in line for line in findings())


def test_a_certificate_that_was_exchanged_or_lost_is_named(renewed):
    row = Learning.objects.first()
    with row.file.storage.open(row.file.name, "wb") as file:
        file.write(b"%PDF-1.7 another")
    assert f"Learning {row.pk}: its file is not the one that was sent" in findings()
    row.file.storage.delete(row.file.name)
    assert f"Learning {row.pk}: its file is not in the store" in findings()


def test_the_dossier_holds_all_of_it_and_checks_by_itself(renewed):
    exported = services.export_dossier(credential=renewed, by=registrar(), at=LATER)
    ledger = exported["ledger"]
    assert [row["content"]["kind"] for row in ledger["renewal_steps"]] == [
        "begun",
        "sent",
        "renewed",
    ]
    assert len(ledger["continuing_education"]) == 3
    assert len(ledger["continuing_education_reviews"]) == 3
    assert dossier.check(exported) == []
    ledger["continuing_education"][0]["content"]["hours"] = "40"
    assert any("continuing_education" in said for said in dossier.check(exported))


def test_the_story_takes_the_same_queries_however_many_activities(django_assert_num_queries):
    credential = renewable()
    request = begun(credential)
    add(request)
    with CaptureQueriesContext(connection) as few:
        services.story_of(credential=credential, at=LATER)
    for _number in range(4):
        add(request, "1", "self-care")
    with django_assert_num_queries(len(few)):
        services.story_of(credential=credential, at=LATER)


def test_the_dossier_page_names_it(client, renewed):
    client.force_login(registrar())
    page = client.get(f"/registrar/credentials/{renewed.public_id}/").content.decode()
    request = RenewalRequest.objects.get()
    assert f"/registrar/renewals/{request.uuid}/" in page
