"""Workers that sign side by side: one document for each event, a place of its own for each document, and no bit lost."""

import base64
import gzip
import json
from collections.abc import Callable

import pytest

from credentials import issuing, keys
from credentials.models import Credential, SignedDocument, StatusList
from ledger.services import verify
from tests.credentials.issued import change, issued, now

pytestmark = pytest.mark.postgres


@pytest.fixture(autouse=True)
def _keys_of_this_test_alone(settings, tmp_path):
    settings.KEYS_DIR = tmp_path / "keys"
    keys.ensure_keys(at=now())


def sign(pk: int) -> Callable[[], object]:
    return lambda: issuing.sign_credential(credential=Credential.objects.get(pk=pk), at=now())


def places_set() -> set[int]:
    text = json.loads(StatusList.objects.get().body)["credentialSubject"]["encodedList"][1:]
    field = gzip.decompress(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    return {8 * number + bit for number, byte in enumerate(field) for bit in range(8) if byte & 0x80 >> bit}  # fmt: skip


def test_several_workers_begin_the_first_list_together_and_share_no_place(together):
    held = [issued(f"Person {number}") for number in range(4)]
    outcomes = together(*[sign(credential.pk) for credential in held])
    assert not [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    assert StatusList.objects.count() == 1
    assert SignedDocument.objects.values("status_list", "status_index").distinct().count() == 4
    assert not list(verify(SignedDocument))


def test_two_workers_on_one_credential_sign_it_once(together):
    credential = issued()
    outcomes = together(sign(credential.pk), sign(credential.pk))
    assert not [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    assert credential.signed_documents.count() == 1


def test_lists_published_while_others_are_suspended_lose_no_bit(together):
    held = [issued(f"Person {number}") for number in range(3)]
    for credential in held:
        issuing.sign_credential(credential=credential, at=now())

    def suspended(pk: int):
        def work():
            change(Credential.objects.get(pk=pk), "suspend")
            issuing.publish_status_lists(at=now())

        return work

    outcomes = together(*[suspended(credential.pk) for credential in held])
    assert not [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    assert places_set() == set(SignedDocument.objects.values_list("status_index", flat=True))
