"""Rows edited by SQL, as somebody with the database's password would, and what verify_register says of each."""

import datetime as dt
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.services import Conflict
from credentials import issuing, services
from credentials.models import (
    Credential,
    Document,
    Evidence,
    StatusEvent,
)
from tests.behind import behind_our_back
from tests.credentials.scheme import held, registrar, revoke, scheme
from tests.factories import NOW, person

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def standing_credential(standing, standing_vault):
    return standing(renewed)


@pytest.fixture
def credential(own, vault, standing_credential):
    return own(standing_credential)


def renewed():
    """Suspended, reinstated and renewed; its documents signed, its list published."""
    row, boss = held(opened()), registrar()
    for step, days in (("suspend", 10), ("reinstate", 20)):
        code = {"suspend": "S1", "reinstate": "T1"}[step]
        verb = getattr(services, step)
        verb(credential=row, reason_code=code, by=boss, at=NOW + dt.timedelta(days=days))
    services.renew(
        credential=row, reason_code="N1", hours=24, by=boss, at=NOW + dt.timedelta(days=30)
    )
    issuing.finish_pending(at=NOW + dt.timedelta(days=31))
    row.refresh_from_db()
    return row


def opened():
    kind = scheme()
    services.record_opening(credential_type=kind, by=None, at=NOW)
    return kind


def findings() -> list[str]:
    return [str(found) for found in services.check_register(at=NOW + dt.timedelta(days=40))]


def test_a_register_nobody_touched_holds(credential):
    assert findings() == []
    said = StringIO()
    call_command("verify_register", "--files", stdout=said)
    assert "hold" in said.getvalue()


EDITS = {
    "number": "UPDATE credentials_credential SET number = 'SMT-0000-0000'",
    "holder": "UPDATE credentials_credential SET holder_id = %s",
    "name": "UPDATE credentials_credential SET name = 'Somebody Else'",
    "last day": "UPDATE credentials_credential SET valid_until = '2040-01-01'",
    "statement": "UPDATE credentials_credential SET statement = '{}'",
    "granted": "UPDATE credentials_credential SET valid_from = '2020-01-01'",
}


@pytest.mark.parametrize("what", EDITS)
def test_an_edit_of_the_credentials_own_row_is_named(credential, what):
    behind_our_back(EDITS[what], *([person().pk] if what == "holder" else []))
    found = findings()
    assert any(line.startswith(f"Credential {credential.pk} (") for line in found), found
    with pytest.raises(CommandError, match="not what was written"):
        call_command("verify_register", stdout=StringIO())


LEDGER_EDITS = [
    ("credentials_statusevent", "kind = 'corrected' WHERE kind = 'suspended'"),
    ("credentials_statusevent", "effective_at = '2027-06-01 00:00:00+00:00' WHERE sequence = 2"),
    ("credentials_statusevent", "reason_text = 'Nothing' WHERE sequence = 2"),
    ("credentials_statusevent", "note = 'No note' WHERE sequence = 2"),
    ("credentials_statusevent", "record = '' WHERE sequence = 1"),
    ("credentials_evidence", "label = 'Something else' WHERE sequence = 1"),
    ("credentials_documentreview", "outcome = 'not_met' WHERE sequence = 1"),
    ("credentials_signeddocument", "status_index = 5 WHERE version = 1"),
    ("credentials_editionevent", "kind = 'closed' WHERE sequence = 1"),
]


@pytest.mark.parametrize(("table", "change"), LEDGER_EDITS)
def test_an_edit_of_a_row_that_is_written_once_is_named(credential, table, change):
    behind_our_back(f"UPDATE {table} SET {change}")
    (app, model) = table.split("_")
    assert any(line.lower().startswith(f"{app}.{model} ") for line in findings())


def test_the_text_of_a_signed_document_is_compared_with_its_digest(credential):
    behind_our_back("UPDATE credentials_signeddocument SET body = replace(body, 'Orla', 'Olga')")
    assert any("is not the one that was signed" in line for line in findings())


def test_an_event_taken_off_the_end_of_its_chain_is_missed(credential):
    later = NOW + dt.timedelta(days=33)
    services.suspend(credential=credential, reason_code="S1", by=registrar(), at=later)
    behind_our_back("DELETE FROM credentials_statusevent WHERE kind = 'suspended' AND sequence = 5")
    assert any("it was taken out" in line for line in findings())


def test_a_published_bit_that_no_event_explains_is_named(credential):
    later = NOW + dt.timedelta(days=33)
    services.suspend(credential=credential, reason_code="S1", by=registrar(), at=later)
    issuing.publish_status_lists(at=later)
    behind_our_back("DELETE FROM accounts_notice")
    behind_our_back("DELETE FROM credentials_statusevent WHERE kind = 'suspended' AND sequence = 5")
    assert any("its bit is set, and no event says" in line for line in findings())


def test_a_revocation_by_one_alone_is_named(credential):
    revoke(credential, at=NOW + dt.timedelta(days=33))
    assert findings() == []
    behind_our_back("DELETE FROM credentials_proposal WHERE step = 'approved'")
    assert any("without two registrars" in line for line in findings())


def test_a_document_exchanged_after_the_decision_is_named(credential):
    document = Document.objects.exclude(file="").first()
    behind_our_back("UPDATE credentials_document SET number = 'another' WHERE id = %s", document.pk)
    assert any(line.startswith(f"Document {document.pk}") for line in findings())


def test_an_exchanged_file_is_found_when_files_are_read(credential):
    document = Document.objects.exclude(file="").first()
    with Path(document.file.path).open("ab") as stored:
        stored.write(b"more")
    assert findings() == []
    with_files = services.check_register(at=NOW, files=True)
    assert [str(found) for found in with_files] == [
        f"Document {document.pk}: its file is not the one that was sent"
    ]


def test_evidence_taken_out_is_missed(credential):
    row = Evidence.objects.filter(source="document").order_by("-sequence").first()
    behind_our_back("DELETE FROM credentials_evidence WHERE id = %s", row.pk)
    found = findings()
    assert any("the evidence of it was taken out" in line for line in found), found


def test_an_edition_edited_in_force_is_named(credential):
    kind = credential.credential_type
    behind_our_back("UPDATE credentials_credentialtype SET validity_years = 9")
    behind_our_back(
        "UPDATE credentials_requirement SET expires = NOT expires WHERE code = 'insurance'"
    )
    found = [line for line in findings() if line.startswith(f"CredentialType {kind.pk}")]
    assert [line.split("its ")[1].split(" was")[0] for line in found] == [
        "requirements",
        "validity_years",
    ]


def test_a_clock_set_back_writes_nothing_and_changes_no_answer(credential):
    before = StatusEvent.objects.count()
    boss, now = registrar(), NOW + dt.timedelta(days=33)
    services.suspend(credential=credential, reason_code="S1", by=boss, at=now)
    credential = Credential.objects.get(pk=credential.pk)
    yesterday = now - dt.timedelta(days=1)
    assert services.standing_of(credential, at=yesterday).status == "suspended"
    with pytest.raises(Conflict, match="clock"):
        services.reinstate(credential=credential, reason_code="T1", by=boss, at=yesterday)
    assert StatusEvent.objects.count() == before + 1


def test_checking_takes_no_more_statements_for_more_credentials(vault):
    kind = opened()
    counts = []
    for more in (3, 5):
        for _ in range(more):
            held(kind, person())
        with CaptureQueriesContext(connection) as queries:
            assert findings() == []
        counts.append(len(queries))
    assert counts[0] == counts[1]
