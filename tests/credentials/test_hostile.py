"""What somebody would try: numbers that only look right, documents that send us elsewhere, files that carry programs, words of every kind."""

import datetime as dt
import json
import socket

import pytest
from django.conf import settings
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from accounts.services import Conflict, Invalid
from credentials import numbers, services
from credentials.models import Case, CaseStep, Credential, Document, SignedDocument, StatusEvent
from ledger.services import verify
from tests.credentials.issued import issued, now
from tests.credentials.pages import heading, text
from tests.credentials.scheme import apply, held, registrar, scheme
from tests.factories import NOW, person

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fresh_limits():
    cache.clear()


# Numbers that only look right

LIKE = {
    "Cyrillic": str.maketrans("SMTABEKHOPCXY", "ЅМТАВЕКНОРСХУ"),
    "Greek": str.maketrans("MTABEKHOPXY", "ΜΤΑΒΕΚΗΟΡΧΥ"),
    "full width": {ord(each): ord(each) + 0xFEE0 for each in "ABCDEFGHJKMNPQRSTVWXY0123456789"},
    "mathematical": {
        ord(each): 0x1D7CE + int(each) for each in "0123456789"
    },
}  # fmt: skip


@pytest.mark.parametrize("script", LIKE)
def test_a_number_in_letters_that_look_like_ours_is_nobodys(client, vault, script):
    credential = issued()
    disguised = credential.number.translate(LIKE[script])
    assert disguised != credential.number
    assert numbers.normalise(disguised) is None
    page = client.get("/verify/", {"number": disguised})
    assert page.status_code == 404
    assert heading(page) == "Not in the register"
    assert credential.name not in page.content.decode()
    answer = client.get(f"/api/v1/verify/{disguised}/")
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_number")


@hypothesis_settings(
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    deadline=None,
)
@given(st.text(max_size=80))
def test_whatever_is_pasted_for_a_number_is_answered_in_words(client, vault, typed):
    cache.clear()
    page = client.get("/verify/", {"number": typed})
    assert page.status_code in (200, 404)
    answer = client.post(
        "/api/v1/verify/", {"numbers": [typed or "-"]}, content_type="application/json"
    )
    assert answer.status_code in (200, 400, 429)


@pytest.mark.parametrize(
    "name",
    ["​", "‮", "\u202eolleH", "١٢٣", "a" * 150, "</h1><script>", "{{ 7 }}", "%s %(x)s", "☃" * 50],
)
def test_a_concern_about_anything_at_all_is_taken_down_and_shown_as_words(client, name):
    made = client.post(
        reverse("concern-new"), {"about": name, "said": name, "raised_by": name, "contact": ""}
    )
    assert made.status_code in (302, 400)
    if made.status_code == 400:
        return
    case = Case.objects.get()
    client.force_login(registrar())
    page = client.get(reverse("case", args=[case.uuid]))
    assert page.status_code == 200
    assert "<script>" not in text(page)
    assert b"</h1><script>" not in page.content


# Documents that would send us elsewhere


ELSEWHERE = {
    "another context": {"@context": ["https://evil.example/context.json"]},
    "a context within": {"@context": [{"name": "https://evil.example/name"}]},
    "a context that includes": {"@context": [{"@import": "https://evil.example/c.json"}]},
    "a scheme of its own": {"credentialSchema": [{"id": "http://169.254.169.254/", "type": "x"}]},
    "a status list of its own": {
        "credentialStatus": {
            "id": "http://127.0.0.1/#1",
            "type": "BitstringStatusListEntry",
            "statusPurpose": "revocation",
            "statusListIndex": "1",
            "statusListCredential": "http://127.0.0.1:22/",
        }
    },
    "a key of its own": {"issuer": {"id": "did:web:evil.example", "type": ["Profile"]}},
    "a file for an id": {"id": "file:///etc/passwd"},
    "a refresh of its own": {
        "refreshService": {"id": "http://127.0.0.1:5432/", "type": "1EdTechCredentialRefresh"}
    },
    "names of methods": {"__proto__": {"a": 1}, "constructor": {"prototype": {}}},
}


@pytest.mark.parametrize("what", ELSEWHERE)
def test_a_document_never_makes_us_ask_anybody_else(client, vault, monkeypatch, what):
    credential = issued()
    document = json.loads(_signed(credential)) | ELSEWHERE[what]
    asked = []

    def refuse(self, address):
        asked.append(address)
        raise OSError("Nobody is asked.")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    answer = client.post(
        "/api/v1/verify/document/",
        {"document": json.dumps(document)},
        content_type="application/json",
    )
    assert answer.status_code == 200, answer.content
    assert answer.json()["genuine"] is False
    assert asked == []


def _signed(credential: Credential) -> str:
    from credentials import issuing

    issuing.finish_pending(at=now())
    return credential.signed_documents.order_by("-version").first().body


# Files that carry programs


SCRIPTED = (
    b"%PDF-1.7\n1 0 obj<</Type/Catalog/OpenAction<</S/JavaScript/JS(app.launchURL('http://evil.example'))>>"
    b"/Names<</EmbeddedFiles<</Names[(x.exe)2 0 R]>>>>>>endobj\n<script>fetch('//evil.example')</script>\n%%EOF"
)


@pytest.mark.parametrize("reader", ["applicant", "registrar"])
@pytest.mark.parametrize("download", [False, True])
def test_a_pdf_with_scripts_reaches_a_reader_in_a_sandbox_only(client, reader, download):
    application = apply(person(), scheme())
    client.force_login(application.applicant)
    given_file = SimpleUploadedFile("cv.pdf.html", SCRIPTED, content_type="text/html")
    sent = client.post(
        reverse("application-document", args=["insurance"]),
        {
            "file": given_file,
            "number": "X",
            "valid_until_0": "1",
            "valid_until_1": "1",
            "valid_until_2": str(timezone.now().year + 1),
        },
    )
    assert sent.status_code == 302, text(sent)
    client.force_login(application.applicant if reader == "applicant" else registrar())
    document = Document.objects.get()
    address = reverse("document-file", args=[document.uuid])
    file = client.get(address, {"download": ""} if download else {}, follow=True)
    assert file["Content-Type"] == "application/pdf"
    policy = file["Content-Security-Policy"]
    assert policy.startswith("sandbox; default-src 'none'")
    assert "allow-scripts" not in policy and "allow-same-origin" not in policy
    assert file["X-Content-Type-Options"] == "nosniff"
    assert ".html" not in file["Content-Disposition"]


@pytest.mark.parametrize("over", [0, 1])
def test_a_file_of_ten_megabytes_is_taken_and_of_a_byte_more_refused_in_words(client, over):
    application = apply(person(), scheme())
    client.force_login(application.applicant)
    size = settings.DOCUMENT_MAX_BYTES + over
    content = b"%PDF-1.7\n" + b"0" * (size - 9)
    answer = client.post(
        reverse("application-document", args=["insurance"]),
        {
            "file": SimpleUploadedFile("big.pdf", content),
            "valid_until_0": "1",
            "valid_until_1": "1",
            "valid_until_2": str(timezone.now().year + 1),
        },
    )
    if over:
        assert answer.status_code == 400
        assert "The file is larger than 10 MB" in text(answer)
        assert not Document.objects.exists()
    else:
        assert answer.status_code == 302
        assert Document.objects.get().size == settings.DOCUMENT_MAX_BYTES


# A clock set back


def test_while_the_clock_stands_before_its_credential_was_issued_nothing_is_written_or_signed(
    vault,
):
    from credentials import issuing

    credential = held(scheme(), at=NOW)
    issuing.finish_pending(at=NOW + dt.timedelta(minutes=1))
    before = NOW - dt.timedelta(days=2)
    for change in (services.suspend, services.renew):
        with pytest.raises((Conflict, Invalid)):
            change(credential=credential, reason_code="S1", by=registrar(), at=before)
    issuing.finish_pending(at=before)
    assert StatusEvent.objects.count() == 1
    assert SignedDocument.objects.count() == 1
    assert list(verify(StatusEvent)) == []


def test_an_appeal_does_not_come_before_what_it_is_against():
    application = apply(person(), scheme())
    decision = services.refuse_application(
        application=application, reason="No.", by=registrar(), at=NOW
    )
    with pytest.raises(Conflict) as refused:
        services.lodge_appeal(
            key=f"decision:{decision.uuid}", ground="bias", said="S",
            by=application.applicant, at=NOW - dt.timedelta(days=2),
        )  # fmt: skip
    assert refused.value.code == "clock_set_back"
    assert not Case.objects.exists() and not CaseStep.objects.exists()
