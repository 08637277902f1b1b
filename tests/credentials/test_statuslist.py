import base64
import gzip
import json
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openbadgeslib.ob3.ldp import verify_data_integrity_proof
from openbadgeslib.ob3.status_list import encode_bitstring

from credentials import issuing, keys, statuslist
from credentials.models import SignedDocument, SigningKey, StatusEvent, StatusList
from credentials.tasks import publish_status_lists, render_document, sign_document
from tests.credentials.issued import change, days_ago, issued, now

SIZE = 131_072


def decoded(text: str) -> bytes:
    assert text[0] == "u"
    return gzip.decompress(base64.urlsafe_b64decode(text[1:] + "=" * (-len(text[1:]) % 4)))


def set_places(row: StatusList) -> set[int]:
    field = decoded(json.loads(row.body)["credentialSubject"]["encodedList"])
    return {
        8 * number + bit
        for number, byte in enumerate(field)
        for bit in range(8)
        if byte & 0x80 >> bit
    }


@given(st.sets(st.integers(0, SIZE - 1), max_size=20))
def test_bits_are_where_another_library_puts_them(places):
    assert decoded(encode_bitstring(places, SIZE)) == statuslist.bits(places, SIZE)


def test_the_first_place_is_the_leftmost_bit():
    assert statuslist.bits([0, 9], 16) == bytes([0b1000_0000, 0b0100_0000])


def test_the_same_bits_are_always_encoded_the_same():
    field = statuslist.bits([1, 5], SIZE)
    assert statuslist.encoded(field) == statuslist.encoded(field)
    assert decoded(statuslist.encoded(field)) == field
    assert len(field) == 16 * 1024


@pytest.fixture
def credential(vault):
    return issued()


def sign(credential) -> SignedDocument:
    issuing.sign_credential(credential=credential, at=now())
    return credential.signed_documents.order_by("-version").first()


def the_list() -> StatusList:
    return StatusList.objects.get()


def test_a_signed_document_has_its_list_published_at_once_with_no_bit_set(credential):
    sign(credential)
    assert set_places(the_list()) == set()


def test_the_list_says_what_verifiers_look_for(credential):
    sign(credential)
    document = json.loads(the_list().body)
    subject = document["credentialSubject"]
    assert document["id"] == "https://credentials.palpate.example/status/1"
    assert document["issuer"] == "did:web:credentials.palpate.example"
    assert document["type"] == ["VerifiableCredential", "BitstringStatusListCredential"]
    assert (subject["type"], subject["statusPurpose"]) == ("BitstringStatusList", "revocation")
    assert subject["id"] == "https://credentials.palpate.example/status/1#list"
    assert subject["ttl"] == 60_000
    assert len(decoded(subject["encodedList"])) * 8 == SIZE


def test_the_lists_proof_verifies_with_a_library_not_written_here(credential):
    sign(credential)
    document = json.loads(the_list().body)
    key = keys.public_key(keys.current(SigningKey.Purpose.CREDENTIALS))
    verify_data_integrity_proof(document, _pem(key))
    document["credentialSubject"]["encodedList"] = statuslist.encoded(statuslist.bits([3], SIZE))
    with pytest.raises(Exception, match="mismatch"):
        verify_data_integrity_proof(document, _pem(key))


def _pem(key) -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


@pytest.mark.parametrize("end", ["suspend", "revoke"])
def test_what_ends_a_credential_sets_its_bit(credential, end):
    document = sign(credential)
    change(credential, end)
    issuing.publish_status_lists(at=now())
    assert set_places(the_list()) == {document.status_index}


def test_reinstating_sets_no_bit_and_clears_none(credential):
    old = sign(credential)
    change(credential, "suspend", at=days_ago(2))
    change(credential, "reinstate", at=days_ago(1))
    new = sign(credential)
    assert set_places(the_list()) == {old.status_index}
    assert new.status_index != old.status_index


def test_renewing_leaves_the_old_document_to_run_out(credential):
    sign(credential)
    change(credential, "renew")
    sign(credential)
    assert set_places(the_list()) == set()


def test_revoking_sets_the_bit_of_every_version(credential):
    first = sign(credential)
    change(credential, "renew", at=days_ago(1))
    second = sign(credential)
    change(credential, "revoke")
    issuing.publish_status_lists(at=now())
    assert set_places(the_list()) == {first.status_index, second.status_index}


def append(credential, kind, *, at, effective_at):
    return StatusEvent.objects.append(
        chain=credential.chain, at=at, credential=credential, kind=kind, effective_at=effective_at
    )


def test_a_correction_ends_the_documents_before_it_and_not_its_own(credential):
    old = sign(credential)
    append(credential, "corrected", at=now(), effective_at=now())
    sign(credential)
    assert set_places(the_list()) == {old.status_index}


def test_what_takes_effect_later_sets_the_bit_then_also_of_documents_signed_meanwhile(credential):
    first = sign(credential)
    append(credential, "suspended", at=now(), effective_at=now() + timedelta(days=3))
    change(credential, "renew")
    second = sign(credential)
    assert set_places(the_list()) == set()
    issuing.publish_status_lists(at=now() + timedelta(days=3, minutes=1))
    assert set_places(the_list()) == {first.status_index, second.status_index}


def test_a_document_signed_after_its_credential_ended_is_revoked_at_once(credential):
    change(credential, "suspend")
    document = sign(credential)
    assert set_places(the_list()) == {document.status_index}


def test_the_list_agrees_with_the_register_about_the_newest_version(vault):
    from credentials.services import standing_of

    for number, changes in enumerate(
        [[], ["suspend"], ["suspend", "reinstate"], ["renew"], ["renew", "revoke"]]
    ):
        credential = issued(f"Person {number}")
        for day, what in enumerate(changes):
            change(credential, what, at=days_ago(10 - day))
        newest = sign(credential)
        issuing.publish_status_lists(at=now())
        assert standing_of(credential, at=now()).valid == (
            newest.status_index not in set_places(the_list())
        )


def test_an_unchanged_list_is_signed_again_only_after_an_hour(credential):
    sign(credential)
    at = the_list().signed_at
    assert issuing.publish_status_lists(at=at + timedelta(minutes=59)) == []
    assert issuing.publish_status_lists(at=at + timedelta(minutes=61)) == [1]
    document = json.loads(the_list().body)
    assert document["validUntil"][:10] == f"{at + timedelta(days=7, minutes=61):%Y-%m-%d}"


def test_a_half_full_list_is_followed_by_another(credential, settings):
    StatusList.objects.create(number=1, size=16)
    for number in range(9):
        sign(issued(f"Person {number}"))
    assert sorted(StatusList.objects.values_list("number", flat=True)) == [1, 2]
    assert StatusList.objects.get(number=1).signed_documents.count() == 8
    assert StatusList.objects.get(number=2).size == SIZE


def test_places_are_drawn_at_random(vault):
    places = [sign(issued(f"Person {number}")).status_index for number in range(8)]
    assert len(set(places)) == 8
    assert places != sorted(places)


# Tasks and the sweep


def calls(task) -> list:
    from django_tasks_db.models import DBTaskResult

    rows = DBTaskResult.objects.filter(task_path=task.module_path).values_list(
        "args_kwargs", flat=True
    )
    return [row["args"] for row in rows]


def test_signing_enqueues_the_rendering_once(credential):
    event = credential.events.get()
    sign_document.func(event.pk)
    sign_document.func(event.pk)
    assert calls(render_document) == [[credential.signed_documents.get().pk]]


def test_the_sweep_enqueues_what_a_killed_worker_left(credential):
    from django_tasks_db.models import DBTaskResult

    from credentials.services import sweep

    DBTaskResult.objects.all().delete()
    assert sweep(at=now()) == {"awards": 0, "reissued": 0, "signatures": 1, "renders": 0}
    assert calls(sign_document) == [[credential.events.get().pk]]
    assert sweep(at=now())["signatures"] == 0, "it waits in the queue already"
    assert len(calls(publish_status_lists)) == 1
    DBTaskResult.objects.update(status="RUNNING")
    assert sweep(at=now())["signatures"] == 1, "a worker may have been killed while it ran"


def test_finishing_here_and_now_leaves_nothing_to_do(credential):
    assert issuing.finish_pending(at=now()) == 1
    assert not issuing.pending_signatures().exists()
    assert not issuing.pending_renders().exists()
    assert issuing.finish_pending(at=now()) == 0


def test_a_rotated_key_signs_the_lists_at_once(credential, capsys):
    from django.core.management import call_command

    sign(credential)
    call_command("signing", "rotate", "--purpose", "credentials")
    key = keys.current(SigningKey.Purpose.CREDENTIALS)
    assert json.loads(the_list().body)["proof"]["verificationMethod"].endswith(key.public)
    call_command("signing", "status")
    assert "retired" in capsys.readouterr().out
