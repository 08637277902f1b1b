"""Keys in other hands: the compromise drill, as docs/keys.md describes it."""

import datetime as dt
import io
import json
from types import SimpleNamespace

import pytest
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.test import Client
from openbadgeslib.ob3.ldp import OB3LdpVerifier
from openbadgeslib.ob3.verifier import OB3VerificationError
from pyhanko.pdf_utils.reader import PdfFileReader

from accounts.models import Notice
from accounts.services import Conflict, Forbidden
from credentials import issuing, keys, openbadges
from credentials.models import IssuedFile, Rendering, SignedDocument, SigningKey, StatusEvent
from credentials.services.documents import reissue_due, resting_on_a_lost_key, share_results
from ledger.services import verify
from tests.credentials.issued import change, days_ago, issued, now
from tests.credentials.test_openbadges import check, download, refused

pytestmark = pytest.mark.django_db
SIGNS, PDF = SigningKey.Purpose.CREDENTIALS, SigningKey.Purpose.PDF


def signing(*arguments: str) -> str:
    said = io.StringIO()
    call_command("signing", *arguments, stdout=said)
    return said.getvalue()


def newest(credential) -> SignedDocument:
    return credential.signed_documents.order_by("-version").first()


@pytest.fixture(scope="module")
def standing_register(standing, standing_vault):
    return standing(a_register)


@pytest.fixture
def register(own, vault, standing_register):
    return own(standing_register)


def a_register():
    """Three credentials under one key: one good, one suspended, one run out."""
    kept = SimpleNamespace(
        good=issued("Orla Brandreth"),
        suspended=issued("Sofia Kettle"),
        old=issued("Piet Blom", at=days_ago(900)),
    )
    issuing.finish_pending(at=now())
    change(kept.suspended, "suspend", at=days_ago(3))
    issuing.publish_status_lists(at=now())
    return kept


def test_the_drill_withdraws_the_key_and_signs_anew_what_is_valid(register):
    lost, before = keys.current(SIGNS), newest(register.good)
    said = signing("compromise", lost.public, "--since", f"{days_ago(1):%Y-%m-%d}")
    after = newest(register.good)
    assert (after.version, after.event.kind, after.key) == (2, "reissued", keys.current(SIGNS))
    assert after.key != lost
    assert json.loads(after.body)["id"] == json.loads(before.body)["id"]
    check(after.body)
    assert refused(before.body)
    assert Rendering.objects.filter(document=after).exists()
    for untouched in (register.suspended, register.old):
        assert newest(untouched).version == 1
    assert str(keys.path_of(lost)) in said and register.good.number in said
    assert "1 rest on a withdrawn key (suspended ones get a document when" in said
    assert not list(verify(SignedDocument)) and not list(verify(StatusEvent))


def test_its_status_stays_what_it_was_and_its_holder_is_told_why(register):
    from credentials.services import history_of, standing_of

    spans = history_of(register.good, at=now())
    signing("compromise", keys.current(SIGNS).public, "--since", "2026-01-01")
    assert [span.status for span in history_of(register.good, at=now())] == [
        span.status for span in spans
    ]
    assert standing_of(register.good, at=now()).valid
    notice = Notice.objects.get(recipient=register.good.holder, kind="credential_reissued")
    assert "may have been copied" in notice.body
    assert not Notice.objects.filter(
        recipient=register.suspended.holder, kind="credential_reissued"
    ).exists()


def test_a_withdrawn_key_is_out_of_did_json_and_its_documents_out_of_the_list(register):
    lost = keys.current(SIGNS)
    signing("compromise", lost.public, "--since", "2026-01-01")
    listed = Client().get("/.well-known/did.json").json()["assertionMethod"]
    assert listed == [keys.verification_method(keys.current(SIGNS))]
    over = set(issuing.ended(now()).values_list("pk", flat=True))
    assert over == set(lost.signed_documents.values_list("pk", flat=True))


def test_what_a_thief_signs_is_refused_by_others(register):
    """The thief has the key and copies a genuine document, with another name and the place of a document that holds."""
    lost = keys.current(SIGNS)
    stolen = json.loads(newest(register.good).body)
    stolen.pop("proof")
    stolen["credentialSubject"]["identifier"][0]["identityHash"] = "Somebody Else"
    forged = openbadges.signed(stolen, key=lost, at=now())
    check(forged)
    signing("compromise", lost.public, "--since", "2026-01-01", "--later")
    cache.clear()
    with pytest.raises(OB3VerificationError):
        OB3LdpVerifier.for_issuer_did(keys.issuer_did()).verify(
            forged, check_status=True, download=download, verify_status_list=False
        )


def test_broken_off_the_drill_goes_on_with_re_sign_or_the_sweep(register):
    lost = keys.current(SIGNS)
    said = signing("compromise", lost.public, "--since", "2026-01-01", "--later")
    assert "2 rest on a withdrawn key" in said, (
        "one of them suspended: it waits for its reinstatement"
    )
    assert newest(register.good).version == 1
    assert reissue_due(at=now()) == 1
    assert reissue_due(at=now()) == 0, "it is on its way"
    assert "1 documents signed" in signing("re-sign")
    assert newest(register.good).version == 2
    assert resting_on_a_lost_key(at=now()).get() == register.suspended
    assert issuing.sweep(at=now())["reissued"] == 0


def test_a_suspended_one_gets_its_document_when_it_is_reinstated(register):
    signing("compromise", keys.current(SIGNS).public, "--since", "2026-01-01")
    change(register.suspended, "reinstate")
    issuing.finish_pending(at=now())
    check(newest(register.suspended).body)


def test_a_lost_pdf_key_has_certificates_drawn_again_and_the_old_files_are_still_known(register):
    lost, document = keys.current(PDF), newest(register.good)
    signing("compromise", lost.public, "--since", "2026-01-01")
    from django.core.files.storage import storages

    content = storages["private"].open(document.pdf_path).read()
    [signature] = PdfFileReader(io.BytesIO(content)).embedded_signatures
    assert signature.signer_cert.sha256.hex() == keys.current(PDF).public != lost.public
    noted = IssuedFile.objects.filter(document=document, form="pdf")
    assert {row.key for row in noted} == {lost, keys.current(PDF)}
    assert newest(register.good).version == 1, "the signed credential is not concerned"


def test_declared_twice_the_earlier_moment_holds(register):
    lost = keys.current(SIGNS)
    signing("compromise", lost.public[:20], "--since", "2026-10-20", "--later")
    signing("compromise", lost.public, "--since", "2026-10-22", "--later")
    lost.refresh_from_db()
    assert lost.compromised_at == dt.datetime(2026, 10, 20, tzinfo=dt.UTC)
    assert SigningKey.objects.filter(purpose=SIGNS).count() == 2


@pytest.mark.parametrize(
    ("key", "since", "words"),
    [("nothing", "2026-01-01", "No key begins"), ("z6Mk", "yesterday", "is no moment"),
     ("z6Mk", "2099-01-01", "still to come"), ("z6Mk", "2026-13-01", "is no moment"), ("", "2026-01-01", "No key begins")],
)  # fmt: skip
def test_what_is_no_key_or_no_moment_is_said_and_changes_nothing(vault, key, since, words):
    with pytest.raises(CommandError, match=words):
        signing("compromise", key, "--since", since)
    assert not SigningKey.objects.filter(compromised_at__isnull=False).exists()


def test_a_drill_is_not_begun_by_a_slip(vault):
    key = keys.current(SIGNS)
    with pytest.raises(CommandError, match="too short to name a key"):
        signing("compromise", key.public[:7], "--since", "2026-01-01")
    assert not SigningKey.objects.filter(compromised_at__isnull=False).exists()


@pytest.mark.parametrize("purpose", [SIGNS, PDF])
def test_what_hangs_on_a_key_is_looked_at_before_anything_is_done(register, purpose):
    key, since = keys.current(purpose), f"{days_ago(1):%Y-%m-%d}"
    said = signing("compromise", key.public[:8], "--since", since, "--look")
    assert "Nothing is done" in said and "It signed " in said and key.public in said
    assert (register.good.number in said) is (purpose == SIGNS)
    assert keys.current(purpose) == key
    assert not SigningKey.objects.filter(compromised_at__isnull=False).exists()


def test_a_signer_without_its_key_says_which_file_and_goes_on_when_it_is_back(vault):
    credential, path = issued(), keys.path_of(keys.current(SIGNS))
    kept = path.read_bytes()
    path.unlink()
    assert "MISSING" in signing("status")
    with pytest.raises(CommandError, match=path.name):
        signing("finish")
    assert not credential.signed_documents.exists()
    path.write_bytes(kept)
    assert "1 documents signed" in signing("finish")


def test_a_worker_killed_between_signing_and_storing_leaves_nothing_half_done(vault, monkeypatch):
    """The document and its place in the list are one transaction: the next worker signs it once."""
    credential = issued()
    append = SignedDocument.objects.append

    def killed(**fields):
        append(**fields)
        raise KeyboardInterrupt

    monkeypatch.setattr(SignedDocument.objects, "append", killed)
    with pytest.raises(KeyboardInterrupt):
        issuing.sign_credential(credential=credential, at=now())
    monkeypatch.undo()
    assert not SignedDocument.objects.exists()
    issuing.sign_credential(credential=credential, at=now())
    check(credential.signed_documents.get().body)


def test_a_list_from_the_future_is_signed_again_when_the_clock_is_set_right(vault):
    issuing.sign_credential(credential=issued(), at=now() + dt.timedelta(days=2))
    assert issuing.publish_status_lists(at=now()) == [1]


# The holder's examination results


def test_results_are_in_a_new_version_when_the_holder_agrees(vault):
    credential = issued()
    issuing.finish_pending(at=now())
    share_results(credential=credential, shared=True, by=credential.holder, at=now())
    share_results(credential=credential, shared=True, by=credential.holder, at=now())
    issuing.finish_pending(at=now())
    first, second = credential.signed_documents.order_by("version")
    assert (first.with_results, second.with_results) == (False, True)
    check(first.body)
    check(second.body)


def test_taken_back_they_are_no_longer_handed_out(client, vault):
    credential = issued()
    issuing.finish_pending(at=now())
    share_results(credential=credential, shared=True, by=credential.holder, at=now())
    issuing.finish_pending(at=now())
    address = f"/credentials/{credential.public_id}"
    assert "max-age=60" in client.get(f"{address}.json?version=2")["Cache-Control"]
    share_results(credential=credential, shared=False, by=credential.holder, at=now())
    for path in (".json", ".png", "/current"):
        assert client.get(address + path).status_code == 503, "until the new one is signed"
    issuing.finish_pending(at=now())
    cache.clear()
    assert "result" not in client.get(f"{address}/current").json()["credentialSubject"]
    for path in (".json?version=2", ".png?version=2"):
        assert client.get(address + path).status_code == 410
    for path in (".json?version=1", ".json?version=3", ".pdf?version=2"):
        assert client.get(address + path).status_code == 200


def test_only_the_holder_decides_and_not_all_day_long(vault):
    from tests.credentials.issued import registrar

    credential = issued()
    with pytest.raises(Forbidden):
        share_results(credential=credential, shared=True, by=registrar(), at=now())
    for shared in (True, False, True, False):
        share_results(credential=credential, shared=shared, by=credential.holder, at=now())
    with pytest.raises(Conflict, match="tomorrow"):
        share_results(credential=credential, shared=True, by=credential.holder, at=now())


def test_of_a_suspended_one_nothing_is_signed_before_it_is_reinstated(vault):
    credential = issued()
    change(credential, "suspend", at=days_ago(2))
    share_results(credential=credential, shared=True, by=credential.holder, at=now())
    assert not credential.events.filter(kind="reissued").exists()
    change(credential, "reinstate")
    issuing.finish_pending(at=now())
    assert newest(credential).with_results
