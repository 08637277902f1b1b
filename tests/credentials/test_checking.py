"""Documents that strangers paste or upload at /verify/: genuine ones, altered ones, forged ones, and whatever else may come."""

import io
import json
import struct
import zlib

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from credentials import (
    baking,
    certificate,
    comparing,
    issuing,
    keys,
    limits,
    openbadges,
    presented,
    services,
)
from credentials.comparing import Proof, Verdict
from credentials.models import Credential, Receipt, SignedDocument, SigningKey
from credentials.services.documents import share_results
from tests.credentials.issued import change, days_ago, issued, now, registrar
from tests.credentials.pages import heading, text


@pytest.fixture(scope="module")
def standing_credential(standing, standing_vault) -> Credential:
    return standing(signed)


@pytest.fixture
def credential(own, vault, standing_credential) -> Credential:
    return own(standing_credential)


def signed() -> Credential:
    made = issued("Orla Brandreth")
    issuing.finish_pending(at=now())
    return made


@pytest.fixture
def body(credential) -> str:
    return credential.signed_documents.get().body


def compare(content: str | bytes) -> comparing.Comparison:
    return comparing.compare(
        presented.read(content if isinstance(content, bytes) else content.encode())
    )


def paste(client, content: str):
    return client.post("/verify/", {"document": content})


def upload(client, content: bytes, name="document"):
    return client.post("/verify/", {"file": SimpleUploadedFile(name, content)})


def altered(body: str, **members) -> str:
    return json.dumps(json.loads(body) | members)


def stored(credential, form: str) -> bytes:
    from django.core.files.storage import storages

    document = credential.signed_documents.order_by("-version").first()
    return storages["private"].open(getattr(document, f"{form}_path")).read()


# Genuine


def test_a_pasted_credential_is_genuine_and_todays_status_is_said(client, credential, body):
    page = paste(client, body)
    assert page.status_code == 200
    assert heading(page) == "Genuine, and valid today"
    for said in ("exactly what was issued", "holds, by a key of this register", "Orla Brandreth", credential.number,
                 "not a licence to practise", "primary source"):  # fmt: skip
        assert said in text(page)
    assert "no-store" in page["Cache-Control"] and not page.cookies


@pytest.mark.parametrize("form", ["json", "png", "pdf"])
def test_each_file_as_it_was_downloaded_is_genuine(client, credential, form):
    content = b"".join(
        getattr(client.get(f"/credentials/{credential.public_id}.{form}"), "streaming_content", None)
        or [client.get(f"/credentials/{credential.public_id}.{form}").content]
    )  # fmt: skip
    page = upload(client, content)
    assert heading(page) == "Genuine, and valid today"
    found = compare(content)
    assert (found.verdict, found.proof, found.whole) == (Verdict.GENUINE, Proof.HOLDS, True)


def test_set_differently_it_is_still_what_was_issued(client, credential, body):
    page = paste(client, json.dumps(json.loads(body), indent=2, sort_keys=True))
    assert heading(page) == "Genuine, and valid today"
    assert "only its setting differs" in text(page)


@pytest.mark.parametrize(
    ("end", "word"), [("suspend", "Suspended since"), ("expire", "Expired after")]
)
def test_a_genuine_one_that_no_longer_holds_is_said_to_be_both(client, credential, body, end, word):
    if end == "expire":
        credential = issued("Piet Blom", at=days_ago(900))
        issuing.finish_pending(at=now())
        body = credential.signed_documents.get().body
    else:
        change(credential, end)
    page = paste(client, body)
    assert heading(page) == "Genuine, but not valid today"
    assert word in text(page) and "exactly what was issued" in text(page)


def test_an_older_version_is_named_as_such(client, credential, body):
    change(credential, "renew")
    issuing.finish_pending(at=now())
    page = paste(client, body)
    assert "Version 2 has taken its place" in text(page)
    assert "version 1 of 2" in text(page)


def test_signed_with_a_withdrawn_key_it_is_known_and_the_key_is_named_as_lost(credential, body):
    keys.compromise(key=keys.current(SigningKey.Purpose.CREDENTIALS), since=now(), at=now())
    found = compare(body)
    assert (found.verdict, found.proof) == (Verdict.GENUINE, Proof.LOST_KEY)


def test_a_badge_in_another_picture_carries_a_genuine_credential_and_is_not_the_badge(credential, body):  # fmt: skip
    plain = certificate.badge(credential.statement)
    found = compare(
        baking.bake_png(plain[:-12] + chunk(b"tEXt", b"Comment\0x") + plain[-12:], body)
    )
    assert found.genuine and not found.whole


def test_a_receipt_names_the_document_that_was_compared(client, credential, body):
    page = paste(client, body)
    digest = presented.read(body.encode()).sha256
    assert f'value="{digest}"' in page.content.decode()
    client.post(f"/verify/{credential.number}/receipt/", {"document": digest})
    kept = Receipt.objects.get()
    assert kept.presented == {"form": "json", "version": 1, "sha256": digest}
    shown = text(client.get(f"/receipts/{kept.uuid}/"))
    assert "version 1: exactly what was issued" in shown and digest in shown


def test_a_receipt_names_no_document_that_was_never_issued(client, credential):
    for digest in ("0" * 64, "x", "", "'; drop table"):
        cache.clear()
        client.post(f"/verify/{credential.number}/receipt/", {"document": digest})
    assert set(Receipt.objects.values_list("presented", flat=True)) == {None}


# Altered and forged


def test_another_name_is_shown_beside_the_one_issued(client, credential, body):
    page = paste(client, body.replace("Orla Brandreth", "Orla Brandwrong"))
    said = text(page)
    assert heading(page) == "Not what was issued"
    assert "Orla Brandreth" in said and "Orla Brandwrong" in said
    assert "does not hold: the document was changed" in said
    assert "Genuine" not in said


def test_letters_that_only_look_the_same_are_named(client, credential, body):
    page = paste(client, body.replace("Orla Brandreth", "Orla Brаndreth"))
    assert heading(page) == "Not what was issued"
    assert "а (Cyrillic small letter a)" in text(page)


@pytest.mark.parametrize(
    "members",
    [
        {"validUntil": "2099-01-01T00:00:00+00:00"},
        {"credentialStatus": {"id": "https://x.example/1#1", "type": "BitstringStatusListEntry"}},
        {"credentialSubject": "somebody"},
        {"proof": []},
        {"proof": "z"},
        {"issuer": "did:web:evil.example"},
        {"extra": {"deep": [1, 2, 3]}},
    ],
)
def test_whatever_was_changed_it_is_not_what_was_issued(client, credential, body, members):
    page = paste(client, altered(body, **members))
    assert heading(page) == "Not what was issued"
    assert "Where it differs" in text(page)


def test_respelled_it_is_not_what_was_issued(credential, body):
    """The same RDF under the same signature, and the JSON no longer says when it ends."""
    document = json.loads(body)
    last = document.pop("validUntil")
    document["https://www.w3.org/2018/credentials#validUntil"] = {
        "@type": "http://www.w3.org/2001/XMLSchema#dateTime",
        "@value": last,
    }
    assert compare(json.dumps(document)).verdict is Verdict.ALTERED


def test_a_real_number_in_a_document_of_somebody_elses_is_no_disguise(client, credential, body):
    document = json.loads(body) | {"id": "https://evil.example/credentials/1"}
    document["issuer"] = {"id": "did:web:evil.example", "name": "Tarn Register"}
    assert heading(paste(client, json.dumps(document))) == "Not what was issued"


@pytest.mark.parametrize("known", [True, False])
def test_signed_with_our_key_and_never_issued_it_is_forged(client, credential, body, known):
    document = json.loads(body)
    document.pop("proof")
    document["credentialSubject"]["identifier"][0]["identityHash"] = "Somebody Else"
    if not known:
        document["id"] = document["id"][:-12] + "000000000000"
        document["credentialSubject"]["licenseNumber"] = "SMT-0000-0000"
    key = keys.current(SigningKey.Purpose.CREDENTIALS)
    page = paste(client, openbadges.signed(document, key=key, at=now()))
    assert heading(page) == "Forged"
    assert "tell the issuer at once" in text(page)


def test_one_that_says_it_is_ours_and_is_not_in_the_register_was_not_issued(client, credential, body):  # fmt: skip
    document = json.loads(body)
    document["id"] = document["id"][:-12] + "000000000000"
    document["credentialSubject"]["licenseNumber"] = "SMT-7K3Q-90TX"
    page = paste(client, json.dumps(document))
    assert heading(page) == "Not in the register"
    assert "was not issued" in text(page)


def test_another_issuers_is_said_to_be_another_issuers(client, credential):
    document = {"id": "https://badges.example/1", "issuer": {"id": "did:web:badges.example", "name": "Badges <b>R</b> Us"}}  # fmt: skip
    page = paste(client, json.dumps(document))
    assert heading(page) == "Not issued by this register"
    assert "Badges &lt;b&gt;R&lt;/b&gt; Us" in page.content.decode()


def test_a_changed_certificate_is_not_the_file_and_its_number_leads_to_the_answer(client, credential):  # fmt: skip
    page = upload(client, stored(credential, "pdf") + b"\n% changed")
    assert heading(page) == "Not the file that was issued"
    assert credential.number in text(page) and "Active" in text(page)


def test_a_pdf_that_names_no_number_of_ours_is_unknown(client, credential):
    page = upload(client, b"%PDF-1.7 /JS (app.alert(1)) SMT-1234-5678")
    assert heading(page) == "Not in the register"
    assert "<script" not in text(page)


def test_results_taken_back_are_compared_and_not_shown(client, credential):
    share_results(credential=credential, shared=True, by=credential.holder, at=now())
    issuing.finish_pending(at=now())
    share_results(credential=credential, shared=False, by=credential.holder, at=now())
    issuing.finish_pending(at=now())
    shared = credential.signed_documents.get(version=2)
    assert compare(shared.body).verdict is Verdict.GENUINE
    page = paste(client, altered(shared.body, name="Another"))
    assert "Written examination" not in text(page)


# Whatever else may come


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def picture(*chunks: bytes, width: int = 1, height: int = 1) -> bytes:
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0))
    return presented.PNG_START + head + b"".join(chunks) + chunk(b"IEND", b"")


def itxt(text_: bytes, *, compressed: bytes = b"\0") -> bytes:
    return chunk(b"iTXt", presented.KEYWORD + b"\0" + compressed + b"\0\0\0" + text_)


def test_a_picture_of_absurd_size_is_read_and_never_drawn(credential, body):
    huge = picture(itxt(body.encode()), width=2**31 - 1, height=2**31 - 1)
    assert compare(huge).verdict is Verdict.GENUINE


NESTED = '{"a":' * 50_000 + "1" + "}" * 50_000
HOSTILE = {
    "nothing": b"",
    "blanks": b" \n\t ",
    "garbage": bytes(range(256)) * 40,
    "a NUL": b'{"id": "\0"}',
    "nested": NESTED.encode(),
    "a list": b"[1, 2, 3]",
    "a number": b"1" * 10_000,
    "not a number": b'{"a": NaN}',
    "half a surrogate pair": rb'{"id": "\ud800"}',
    "said twice": b'{"validUntil": "2020", "validUntil": "2099"}',
    "too much text": b'{"a": "' + b"x" * presented.LARGEST_TEXT + b'"}',
    "a token": b"eyJhbGciOiJFZERTQSJ9.eyJpc3MiOiJ4In0.c2ln",
    "a picture without a credential": picture(),
    "a compressed text": picture(itxt(zlib.compress(b"0" * 10**7), compressed=b"\1")),
    "two credentials in a picture": picture(itxt(b"{}"), itxt(b"{}")),
    "a picture that lies about its length": presented.PNG_START + struct.pack(">I4s", 2**31, b"iTXt") + b"x",
    "a picture cut off": picture(itxt(b"{}"))[:40],
    "an endless picture": presented.PNG_START + chunk(b"tEXt", b"") * 1000,
    "html": b"<html><script>alert(1)</script></html>",
    "utf-16": '{"id": "x"}'.encode("utf-16"),
}  # fmt: skip


@pytest.mark.parametrize("what", HOSTILE)
def test_what_cannot_be_read_is_said_in_words(client, vault, what):
    page = upload(client, HOSTILE[what])
    assert page.status_code == 400
    assert heading(page) == "Check a therapist"
    assert 'role="alert"' in page.content.decode()
    assert "<script>alert" not in page.content.decode()


def test_pasted_text_that_cannot_be_read_stands_there_to_be_mended(client, vault):
    shown = paste(client, '{"id": "cut off<').content.decode()
    assert "{&quot;id&quot;: &quot;cut off&lt;</textarea>" in shown
    assert 'id="document-error"' in shown and 'id="file-error"' not in shown
    shown = upload(client, b'{"id": "cut off').content.decode()
    assert 'id="file-error"' in shown and "></textarea>" in shown


def test_ten_megabytes_are_refused_before_they_are_read(client, vault):
    page = upload(client, b"x" * 10 * 1024 * 1024)
    assert page.status_code == 400
    assert "larger than any document of ours" in text(page)
    page = paste(client, "x" * 3 * 1024 * 1024)
    assert page.status_code == 400
    assert "larger than any document of ours" in text(page)


POISON = {
    "evidence": [{"type": ["Evidence"], "name": "x", "genre": "x"}] * 400,
}


def test_a_document_made_to_take_for_ever_is_not_canonicalised(credential, body, monkeypatch):
    """RDFC takes factorial time over many parts without names that are alike: such a document is never given to it."""
    from credentials import integrity

    def never(*args, **kwargs):
        raise AssertionError("canonicalised")

    monkeypatch.setattr(integrity, "is_signed_by", never)
    assert compare(altered(body, **POISON)).proof is Proof.NOT_OURS
    assert compare(altered(body, **{"@context": ["https://evil.example/"]})).proof is Proof.NOT_OURS
    assert compare(altered(body, evidence=[{"@id": "_:a", "x": {"@id": "_:a"}}])).proof is Proof.NOT_OURS  # fmt: skip


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
                    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["id", "issuer", "proof", "credentialSubject", "type", "x"]), inner, max_size=4), max_leaves=12))  # fmt: skip
def test_no_json_makes_reading_or_comparing_stumble(value):
    try:
        found = presented.parse(json.dumps(value))
    except presented.Unreadable:
        return
    assert presented.differences({"id": "1", "x": [1]}, found) or found == {"id": "1", "x": [1]}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(comparing, "_with_events", lambda rows: None)
        patch.setattr(comparing, "proof_of", lambda document: Proof.NOT_OURS)
        content = presented.Presented(presented.Form.JSON, "", "{}", found)
        assert comparing.compare(content).verdict in (Verdict.FOREIGN, Verdict.UNKNOWN)


def test_comparing_asks_few_questions(credential, body):
    with CaptureQueriesContext(connection) as queries:
        compare(body)
    assert len(queries) <= 5


def test_nothing_of_what_was_given_is_kept(client, credential, body):
    before = set(credential_files())
    paste(client, body)
    upload(client, stored(credential, "pdf"))
    assert set(credential_files()) == before
    assert not Receipt.objects.exists()
    assert SignedDocument.objects.count() == 1


def credential_files():
    from pathlib import Path

    from django.core.files.storage import storages

    return [path for path in Path(storages["private"].location).rglob("*") if path.is_file()]


def test_it_needs_no_token_and_is_limited(credential, body, monkeypatch):
    monkeypatch.setattr(limits.Checks, "rate", "2/min")
    client = Client(enforce_csrf_checks=True)
    assert [paste(client, body).status_code for _each in range(3)] == [200, 200, 429]


# For programs


def test_programs_are_told_the_same(client, credential, body):
    for sent in (
        {"data": json.dumps({"document": body}), "content_type": "application/json"},
        {"data": {"file": SimpleUploadedFile("x", body.encode())}},
    ):
        response = client.post("/api/v1/verify/document/", **sent)
        said = response.json()
        assert (said["verdict"], said["genuine"], said["proof"], said["version"]) == ("genuine", True, "holds", 1)  # fmt: skip
        assert said["answer"]["valid"] is True
        assert response["Access-Control-Allow-Origin"] == "*"


def test_programs_are_told_what_differs(client, credential, body):
    said = client.post(
        "/api/v1/verify/document/", {"document": body.replace("Orla", "Оrla")}, "application/json"
    ).json()
    assert (said["verdict"], said["genuine"]) == ("altered", False)
    [difference] = said["differences"]
    assert difference["path"] == "credentialSubject.identifier[0].identityHash"
    assert "Cyrillic" in difference["look_alike"]


@pytest.mark.parametrize("what", HOSTILE)
def test_programs_are_told_what_cannot_be_read(client, vault, what):
    response = client.post(
        "/api/v1/verify/document/", {"file": SimpleUploadedFile("x", HOSTILE[what])}
    )
    assert response.status_code == 400
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["code"] in {"empty", "invalid", "too_large", "not_a_document", "looks_like_a_token", "said_twice",
                                       "no_credential_in_picture", "broken_picture"}  # fmt: skip


@pytest.mark.parametrize("data", ["{}", "[]", "1", '{"document": 3}', "nonsense"])
def test_programs_that_send_nothing_are_told(client, vault, data):
    response = client.post("/api/v1/verify/document/", data, "application/json")
    assert response.status_code == 400


def test_the_time_is_the_servers(client, credential, body, monkeypatch):
    later = days_ago(-900)
    monkeypatch.setattr(timezone, "now", lambda: later)
    assert heading(paste(client, body)) == "Genuine, but not valid today"


def test_files_of_every_kind_are_told_by_their_bytes():
    assert presented.read(b"%PDF-1.4 x").form == "pdf"
    assert presented.read(io.BytesIO(picture(itxt(b"{}"))).getvalue()).form == "png"
    assert presented.read(b"\xef\xbb\xbf{}").form == "json"


@pytest.mark.parametrize(
    ("ends", "drawn"), [("surrender", "ended"), ("record_death", "ended"), ("revoke", "over")]
)
def test_an_end_without_fault_is_not_drawn_as_a_revocation(client, vault, ends, drawn):
    credential = issued("Orla Brandreth")
    if ends == "revoke":
        change(credential, "revoke")
    else:
        code = {"surrender": "U1", "record_death": "D1"}[ends]
        getattr(services, ends)(credential=credential, reason_code=code, by=registrar(), at=now())
    badge = client.get(f"/verify/{credential.number}/badge.svg").content.decode()
    assert f'<g class="{drawn}"' in badge
    page = client.get(f"/verify/{credential.number}/").content.decode()
    assert f'class="answer {drawn}"' in page
