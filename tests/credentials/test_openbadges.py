"""The signed documents: against the W3C's own vectors, and against a verifier that was not written here."""

import json
import os
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import base58
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.core.exceptions import ImproperlyConfigured
from jsonschema import Draft201909Validator
from openbadgeslib.ob3.ldp import OB3LdpVerifier
from openbadgeslib.ob3.verifier import OB3VerificationError

from credentials import integrity, issuing, keys, openbadges
from credentials.integrity import NotSignable, closed_world
from credentials.models import SignedDocument, SigningKey
from tests.credentials.issued import change, days_ago, issued, now

DATA = Path(__file__).parent / "data"
DID = "did:web:credentials.palpate.example"


def vector(name: str) -> dict:
    return json.loads((DATA / name).read_text())


def with_examples(url, options=None):
    """The closed world, and the one context more that the W3C's vectors use."""
    if url == "https://www.w3.org/ns/credentials/examples/v2":
        return {"contextUrl": None, "documentUrl": url, "document": vector("w3c-examples-v2.json")}
    return closed_world(url, options)


# Proofs


W3C_PUBLIC = "z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2"
W3C_SECRET = "z3u2en7t5LR2WtQH5PfFqMqwVHBeXouLzo6haApm8XHqvjxq"


def w3c_public() -> Ed25519PublicKey:
    return Ed25519PublicKey.from_public_bytes(base58.b58decode(W3C_PUBLIC[1:])[2:])


def test_the_w3c_vector_verifies():
    document = vector("w3c-eddsa-rdfc-2022.json")
    assert integrity.is_signed_by(document, document["proof"], w3c_public(), with_examples)


def test_the_w3c_vector_is_made_again_byte_for_byte():
    document = vector("w3c-eddsa-rdfc-2022.json")
    proof = document.pop("proof")
    secret = Ed25519PrivateKey.from_private_bytes(base58.b58decode(W3C_SECRET[1:])[2:])
    made = integrity.sign(
        document,
        key=secret,
        method=proof["verificationMethod"],
        at=datetime(2023, 2, 24, 23, 36, 38, tzinfo=UTC),
        loader=with_examples,
    )
    assert made == proof


def test_the_proof_of_another_cryptosuite_is_not_taken_for_ours():
    document = vector("w3c-eddsa-jcs-2022.json")
    assert not integrity.is_signed_by(document, document["proof"], w3c_public(), with_examples)


def test_a_changed_vector_does_not_verify():
    document = vector("w3c-eddsa-rdfc-2022.json") | {"name": "Another name"}
    assert not integrity.is_signed_by(document, document["proof"], w3c_public(), with_examples)


def test_contexts_are_never_fetched():
    with pytest.raises(NotSignable, match="not one of the pinned"):
        integrity.pinned_context("https://example.org/context.json")


def test_a_context_that_is_not_the_pinned_file_is_refused(monkeypatch):
    pinned = integrity.PINNED | {integrity.OPEN_BADGES: ("ob-v3p0-context-3.0.2.json", "0" * 64)}
    monkeypatch.setattr(integrity, "PINNED", pinned)
    integrity.pinned_context.cache_clear()
    with pytest.raises(NotSignable, match="not the file that was pinned"):
        integrity.pinned_context(integrity.OPEN_BADGES)
    integrity.pinned_context.cache_clear()


# What a document says


@pytest.fixture
def credential(vault):
    return issued()


def sign(credential, at=None) -> SignedDocument:
    issuing.sign_credential(credential=credential, at=at or now())
    return credential.signed_documents.order_by("-version").first()


@pytest.fixture
def document(credential) -> dict:
    return json.loads(sign(credential).body)


def test_it_names_holder_credential_and_issuer(credential, document):
    subject = document["credentialSubject"]
    assert (
        document["id"] == f"https://credentials.palpate.example/credentials/{credential.public_id}"
    )
    assert document["issuer"]["id"] == DID
    assert subject["licenseNumber"] == credential.number
    assert subject["id"] == f"urn:uuid:{credential.subject_id}"
    assert [entry["identityHash"] for entry in subject["identifier"]] == ["Orla Brandreth"]
    assert subject["achievement"]["achievementType"] == "Certification"
    assert "not a licence to practise" in subject["achievement"]["criteria"]["narrative"]


def test_nothing_private_is_in_it(credential, document):
    text = json.dumps(document)
    for private in (credential.holder.email, "secret mark", "71 %", str(credential.holder.uuid)):
        assert private not in text
    assert "result" not in document["credentialSubject"]
    assert [entry["name"] for entry in document["evidence"]] == ["Written examination", "Insurance"]


def test_results_are_in_it_only_when_the_holder_shares_them_and_then_without_marks(credential):
    credential.share_results = True
    credential.save()
    document = json.loads(sign(credential).body)
    assert [result["status"] for result in document["credentialSubject"]["result"]] == ["Completed"]
    assert "71 %" not in json.dumps(document)


def test_its_dates_carry_the_offset_of_the_editions_zone(vault):
    credential = issued(at=datetime(2026, 6, 1, 9, 30, tzinfo=UTC))
    document = json.loads(sign(credential).body)
    assert document["awardedDate"] == document["validFrom"] == "2026-06-01T10:30:00+01:00"
    assert document["validUntil"] == "2028-05-31T23:59:59+01:00"


def test_it_satisfies_1edtechs_schema(document):
    """1EdTech's licence lets registered users only pass the file on, so it is not in this repository: see docs/third-party.md."""
    path = os.environ.get("OB3_SCHEMA", "")
    if not path:
        pytest.skip("OB3_SCHEMA names no copy of ob_v3p0_achievementcredential_schema.json")
    assert (
        list(Draft201909Validator(json.loads(Path(path).read_text())).iter_errors(document)) == []
    )


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"favourite": "blue"}, "favourite"),
        ({"type": ["VerifiableCredential"]}, "type"),
        ({"validFrom": "2026-06-01T10:30:00"}, "validFrom"),
        ({"issuer": DID}, "issuer"),
        ({"@context": ["https://www.w3.org/ns/credentials/v2"]}, "@context"),
    ],
)
def test_a_document_of_another_shape_is_not_signed(document, change, named):
    document.pop("proof")
    with pytest.raises(NotSignable) as problem:
        openbadges.require_shape(document | change)
    assert named in str(problem.value)


@pytest.mark.parametrize(
    "change",
    [
        {"favourite": "blue"},
        {"type": ["VerifiableCredential", "OpenBadgeCredential", "SomethingElse"]},
        {"id": "relative"},
        {"refreshService": {"id": "https://a.example/", "type": "UnknownRefresh"}},
    ],
)
def test_what_no_context_defines_is_not_signed(document, change):
    document.pop("proof")
    integrity.require_signable(document)
    with pytest.raises(NotSignable):
        integrity.require_signable(document | change)


@pytest.mark.parametrize(
    "name", ["Łukasz Żółć", "Νίκος", 'O’Brien "Jo"', "李小龍", "<b>bold</b>", "a\\b\nc"]
)
def test_any_name_is_signed_and_verifies(vault, name):
    check(sign(issued(name)).body)


# Signing


def test_signing_twice_makes_one_document(credential):
    first = sign(credential)
    assert issuing.sign_credential(credential=credential, at=now()) == []
    assert credential.signed_documents.get() == first


def test_each_event_that_makes_a_document_gets_the_next_version_on_one_chain(credential):
    sign(credential)
    change(credential, "suspend", at=days_ago(20))
    change(credential, "reinstate", at=days_ago(10))
    change(credential, "renew", at=days_ago(5))
    sign(credential)
    rows = list(credential.signed_documents.order_by("version"))
    assert [row.event.kind for row in rows] == ["issued", "reinstated", "renewed"]
    assert [(row.version, row.sequence) for row in rows] == [(1, 1), (2, 2), (3, 3)]
    assert len({row.status_index for row in rows}) == 3
    assert {json.loads(row.body)["awardedDate"] for row in rows} == {
        json.loads(rows[0].body)["awardedDate"]
    }
    assert rows[2].valid_until > rows[1].valid_until


def test_versions_follow_the_events_even_when_the_last_task_runs_first(
    credential, django_capture_on_commit_callbacks
):
    from credentials.tasks import sign_document

    change(credential, "suspend", at=days_ago(20))
    last = change(credential, "reinstate", at=days_ago(10))
    sign_document.func(last.pk)
    sign_document.func(credential.events.get(kind="issued").pk)
    kinds = credential.signed_documents.order_by("version").values_list("event__kind", flat=True)
    assert list(kinds) == ["issued", "reinstated"]


def test_a_missing_private_key_is_named(credential):
    path = keys.path_of(keys.current(SigningKey.Purpose.CREDENTIALS))
    path.unlink()
    with pytest.raises(keys.KeyMissing, match=str(path)):
        sign(credential)
    assert not SignedDocument.objects.exists()


def test_without_any_key_the_command_that_makes_one_is_named(db):
    with pytest.raises(keys.KeyMissing, match="signing ensure"):
        keys.current(SigningKey.Purpose.CREDENTIALS)


def test_private_keys_are_readable_by_their_owner_only(vault):
    files = list((vault / "keys").iterdir())
    assert len(files) == 2
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}
    assert (vault / "keys").stat().st_mode & 0o777 == 0o700


def test_keys_are_made_once(vault):
    assert keys.ensure_keys(at=now()) == keys.ensure_keys(at=now())
    assert SigningKey.objects.count() == 2


def test_after_rotation_old_documents_verify_and_new_ones_carry_the_new_key(credential):
    old = sign(credential)
    keys.rotate(purpose=SigningKey.Purpose.CREDENTIALS, at=now())
    change(credential, "renew")
    new = sign(credential)
    assert old.key != new.key
    check(old.body)
    check(new.body)


@pytest.mark.parametrize("address", ["https://a.example/path", "nonsense", ""])
def test_an_issuer_address_that_cannot_be_a_did_is_refused(settings, address):
    settings.ISSUER_URL = address
    with pytest.raises(ImproperlyConfigured):
        keys.issuer_did()


def test_a_port_is_escaped_in_the_did(settings):
    settings.ISSUER_URL = "https://Register.Example:8443"
    assert keys.issuer_did() == "did:web:register.example%3A8443"


# A verifier that was not written here


def download(url: str) -> bytes:
    """What the issuer's addresses answer, without a network."""
    from django.test import Client

    host = "https://credentials.palpate.example"
    assert url.startswith(host), url
    response = Client(HTTP_HOST="credentials.palpate.example").get(url.removeprefix(host))
    assert response.status_code == 200, url
    return response.content


def check(body: str | dict) -> None:
    """openbadgeslib's verdict, keys and status list fetched from us. It takes the lists of its own tool only when signed as JWT, so the
    list's proof is checked with it in test_statuslist.py."""
    verifier = OB3LdpVerifier.for_issuer_did(DID)
    verifier.verify(body, check_status=True, download=download, verify_status_list=False)


def refused(body: str | dict) -> str:
    with pytest.raises(OB3VerificationError) as refusal:
        check(body)
    return str(refusal.value)


def test_a_good_one_verifies(credential):
    check(sign(credential).body)


def test_a_tampered_one_does_not(credential):
    body = sign(credential).body
    assert "mismatch" in refused(body.replace("Orla Brandreth", "Orla Brandwrong"))
    assert "mismatch" in refused(body.replace(credential.number, "SMT-0000-0000"))


def test_a_respelled_one_does_not(document):
    """The same RDF, so the same signature; but the JSON no longer says when it ends."""
    last = document.pop("validUntil")
    hidden = {"@type": "http://www.w3.org/2001/XMLSchema#dateTime", "@value": last}
    assert "compacted form" in refused(
        document | {"https://www.w3.org/2018/credentials#validUntil": hidden}
    )


def test_one_without_its_status_does_not(document):
    document.pop("credentialStatus")
    assert "mismatch" in refused(document)


def test_an_expired_one_does_not(vault):
    credential = issued(at=days_ago(900))
    assert "expired" in refused(sign(credential).body)


@pytest.mark.parametrize("end", ["suspend", "revoke"])
def test_one_that_was_ended_does_not(credential, end):
    body = sign(credential).body
    change(credential, end)
    issuing.publish_status_lists(at=now())
    assert "revocation" in refused(body)


def test_one_reinstated_verifies_by_its_new_document_and_not_by_its_old(credential):
    old = sign(credential).body
    change(credential, "suspend", at=days_ago(2))
    change(credential, "reinstate", at=days_ago(1))
    new = sign(credential).body
    check(new)
    assert "revocation" in refused(old)


def test_one_ended_before_it_was_signed_is_revoked_from_its_first_moment(credential):
    change(credential, "revoke")
    assert "revocation" in refused(sign(credential).body)


def test_a_key_that_was_compromised_is_no_longer_published(credential):
    body = sign(credential).body
    SigningKey.objects.filter(purpose="credentials").update(compromised_at=now(), retired_at=now())
    assert refused(body)


def test_documents_end_when_the_register_says_they_do(credential):
    document = sign(credential)
    last = credential.events.get(kind="issued").valid_until
    assert document.valid_until.date() == last
    assert document.valid_until > now() + timedelta(days=1)
    assert last > date.today()
