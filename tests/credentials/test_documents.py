"""Documents: what is taken, what a registrar decides, and who may open a file."""

import datetime as dt
import hashlib
import time

import pytest
from django.test import override_settings
from django.urls import reverse
from wagtail.models import ModelLogEntry

from accounts.models import Notice, Role
from accounts.services import Conflict, Forbidden, Invalid
from credentials import services
from credentials.files import LINK_SECONDS
from credentials.models import Application, Document, DocumentReview, Evidence
from ledger.services import verify
from tests.credentials.scheme import (
    NEXT_YEAR,
    PDF,
    PNG,
    a_file,
    apply,
    need,
    registrar,
    report,
    review,
    scheme,
    send,
)
from tests.factories import NOW, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def kind():
    return scheme()


@pytest.fixture
def application(kind):
    return apply(person(name="Orla"), kind)


def as_browser(client, user):
    client.force_login(user)
    return client


# Sending


@pytest.mark.parametrize(
    ("content", "kind_of_file"),
    [(PDF, "application/pdf"), (PNG, "image/png"), (b"\xff\xd8\xff\xe0 jpeg", "image/jpeg")],
)
def test_a_pdf_png_or_jpeg_is_kept_as_it_came(application, content, kind_of_file):
    document = send(application, file=a_file(content, "scan"))
    assert document.content_type == kind_of_file
    assert document.size == len(content)
    with document.file.open() as kept:
        assert kept.read() == content
    assert document.file.name == f"documents/{document.uuid}"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "wrong_kind"),
        (b"<html><script>alert(1)</script>", "wrong_kind"),
        (b"GIF89a", "wrong_kind"),
        (b" %PDF-1.7", "wrong_kind"),
        (b"PK\x03\x04", "wrong_kind"),
    ],
)
def test_what_a_file_says_it_is_does_not_matter_its_first_bytes_do(application, content, code):
    with pytest.raises(Invalid) as refusal:
        send(application, file=a_file(content, "insurance.pdf"))
    assert (refusal.value.code, list(refusal.value.fields)) == (code, ["file"])
    assert not Document.objects.exists()


@override_settings(DOCUMENT_MAX_BYTES=64)
def test_a_file_has_a_largest_size(application):
    with pytest.raises(Invalid) as refusal:
        send(application, file=a_file(PDF + b"x" * 64))
    assert refusal.value.code == "too_large"


def test_a_missing_file_is_said(application):
    with pytest.raises(Invalid) as refusal:
        send(application, file=None)
    assert refusal.value.code == "no_file"


def test_names_of_files_are_shown_without_what_no_database_takes(application):
    file = a_file()
    file._name = "poliza\0\x1b ñ.pdf"
    assert send(application, file=file).original_name == "poliza ñ.pdf"


def test_the_same_thing_sent_again_is_one_document_until_somebody_has_looked(application):
    first = send(application)
    assert send(application) == first
    assert send(application, number="P-1") != first
    newest = send(application, number="P-1")
    review(newest, registrar(), "more_information")
    assert send(application, number="P-1") != newest


def test_a_document_that_has_run_out_is_not_taken(application):
    with pytest.raises(Invalid) as refusal:
        send(application, valid_until=NOW.date() - dt.timedelta(days=1))
    assert "valid_until" in refusal.value.fields


def test_not_required_needs_words_and_a_requirement_that_allows_it(application):
    with pytest.raises(Invalid) as refusal:
        send(application, "licence", not_required=True, statement=" \0 ")
    assert "statement" in refusal.value.fields
    with pytest.raises(Invalid) as refusal:
        send(application, "insurance", not_required=True, statement="Nobody asks here.")
    assert "not_required" in refusal.value.fields
    document = send(application, "licence", not_required=True, statement="Nobody asks here.")
    assert not document.file
    assert (
        send(application, "licence", not_required=True, statement="Nobody asks here.") == document
    )


def test_only_the_applicant_sends_and_only_while_the_application_is_open(kind, application):
    for stranger in (person(), registrar()):
        with pytest.raises(Forbidden):
            services.upload_document(
                application=application,
                requirement=need(kind, "insurance"),
                by=stranger,
                at=NOW,
                file=a_file(),
            )
    Application.objects.update(closed_at=NOW)
    with pytest.raises(Conflict) as refusal:
        send(application)
    assert refusal.value.code == "application_closed"


@pytest.mark.parametrize("code", ["written", "agreement"])
def test_an_examination_is_not_shown_by_a_document(application, code):
    with pytest.raises(Conflict) as refusal:
        send(application, code)
    assert refusal.value.code == "takes_no_document"


def test_a_requirement_of_another_scheme_takes_nothing(application):
    other = scheme(code="RMT")
    with pytest.raises(Conflict):
        services.upload_document(
            application=application,
            requirement=need(other, "insurance"),
            by=application.applicant,
            at=NOW,
            file=a_file(),
        )


# Deciding


def test_an_accepted_document_counts_until_its_last_day(application):
    document, boss = send(application), registrar()
    decided = review(document, boss)
    assert (decided.reason_text, decided.valid_until) == ("Reason I1.", NEXT_YEAR)
    fact = Evidence.objects.get(source="document")
    assert (fact.reference, fact.valid_until, fact.by) == (document.uuid, NEXT_YEAR, boss)
    assert list(verify(DocumentReview)) == []


def test_the_registrar_corrects_the_last_day(application):
    review(send(application), registrar(), valid_until=dt.date(2027, 1, 31))
    assert Evidence.objects.get(source="document").valid_until == dt.date(2027, 1, 31)


@pytest.mark.parametrize("last_day", [None, NOW.date() - dt.timedelta(days=1)])
def test_no_document_counts_without_a_last_day_that_is_to_come(application, last_day):
    document = send(application, valid_until=None)
    with pytest.raises(Invalid) as refusal:
        review(document, registrar(), valid_until=last_day)
    assert "valid_until" in refusal.value.fields
    assert not DocumentReview.objects.exists()


@pytest.mark.parametrize("outcome", ["more_information", "not_met"])
def test_a_returned_document_tells_the_applicant_why_and_what_next(application, outcome):
    review(send(application), registrar(), outcome, note="for us only")
    notice = Notice.objects.get(recipient=application.applicant, kind="document_returned")
    assert "Professional insurance" in notice.subject
    assert "Reason I" in notice.body
    assert "What next" in notice.body
    assert "for us only" not in notice.body
    assert notice.url == "/application/insurance/"
    assert not Evidence.objects.filter(source="document").exists()


def test_the_same_decision_twice_is_made_once_and_another_one_is_refused(application):
    document, boss = send(application), registrar()
    assert review(document, boss) == review(document, boss)
    with pytest.raises(Conflict) as refusal:
        review(document, boss, "not_met")
    assert refusal.value.code == "already_decided"
    with pytest.raises(Conflict):
        review(document, registrar())
    assert DocumentReview.objects.count() == 1


def test_an_older_document_is_not_decided_when_a_newer_one_is_there(application):
    old, _new = send(application), send(application, number="newer")
    with pytest.raises(Conflict) as refusal:
        review(old, registrar())
    assert refusal.value.code == "superseded"


@pytest.mark.parametrize("code", ["I2", "L1", "S1", "", "no such"])
def test_a_decision_names_a_reason_of_its_requirement_and_outcome(application, code):
    with pytest.raises(Invalid) as refusal:
        review(send(application), registrar(), reason_code=code)
    assert "reason_code" in refusal.value.fields


@pytest.mark.parametrize("outcome", ["withdrawn", "perhaps"])
def test_a_registrar_has_three_outcomes(application, outcome):
    with pytest.raises(Invalid):
        review(send(application), registrar(), outcome, reason_code="I1")


def test_nobody_reviews_their_own_document_and_only_registrars_review(kind):
    boss = registrar()
    document = send(apply(boss, kind))
    with pytest.raises(Forbidden) as refusal:
        review(document, boss)
    assert refusal.value.code == "R2"
    for stranger in (person(), person(Role.ADMINISTRATOR), person(Role.EXAMINER)):
        with pytest.raises(Forbidden) as refusal:
            review(document, stranger)
        assert refusal.value.code == "wrong_role"
    review(document, registrar())


def test_a_closed_applications_documents_are_decided(application):
    document = send(application)
    Application.objects.update(closed_at=NOW)
    with pytest.raises(Conflict) as refusal:
        review(document, registrar())
    assert refusal.value.code == "application_closed"


def test_only_the_newest_document_of_each_requirement_waits(application):
    send(application)
    newest = send(application, number="2")
    assert list(services.waiting_documents()) == [newest]
    review(newest, registrar())
    assert not services.waiting_documents().exists()


# The page of a requirement


def test_a_document_is_sent_on_the_page_of_its_requirement(client, application):
    browser = as_browser(client, application.applicant)
    url = reverse("application-document", args=["insurance"])
    assert "Send your insurance." in browser.get(url).content.decode()
    form = {
        "file": a_file(),
        "number": "NS-1",
        "valid_until_0": "23",
        "valid_until_1": "11",
        "valid_until_2": "2027",
    }
    assert browser.post(url, form).url == reverse("application")
    document = Document.objects.get()
    assert (document.number, document.valid_until) == ("NS-1", NEXT_YEAR)
    assert "insurance.pdf" in browser.get(url).content.decode()


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({}, "file"),
        ({"file": b""}, "file"),
        ({"file": b"MZ not a document"}, "file"),
        ({"file": PDF, "number": "x" * 81}, "number"),
        ({"file": PDF, "number": "a\0"}, "number"),
        (
            {"file": PDF, "valid_until_0": "31", "valid_until_1": "2", "valid_until_2": "2027"},
            "valid_until",
        ),
        ({"file": PDF, "valid_until_0": "1"}, "valid_until"),
        (
            {"file": PDF, "valid_until_0": "x", "valid_until_1": "y", "valid_until_2": "z"},
            "valid_until",
        ),
        (
            {"file": PDF, "valid_until_0": "1", "valid_until_1": "1", "valid_until_2": "99999"},
            "valid_until",
        ),
        (
            {"file": PDF, "valid_until_0": "1", "valid_until_1": "1", "valid_until_2": "2020"},
            "valid_until",
        ),
    ],
)
def test_what_is_wrong_with_a_document_is_said_at_its_field(client, application, given, field):
    browser = as_browser(client, application.applicant)
    given = {name: a_file(value) if name == "file" else value for name, value in given.items()}
    answer = browser.post(reverse("application-document", args=["insurance"]), given)
    assert answer.status_code == 400
    assert field in answer.context["form"].errors
    assert not Document.objects.exists()


def test_not_required_is_stated_on_the_page(client, application):
    browser = as_browser(client, application.applicant)
    url = reverse("application-document", args=["licence"])
    answer = browser.post(url, {"not_required": "on", "statement": ""})
    assert "statement" in answer.context["form"].errors
    browser.post(url, {"not_required": "on", "statement": "No licence exists in Exampleland."})
    assert Document.objects.get().not_required


def test_a_requirement_that_takes_no_document_says_so(client, application):
    browser = as_browser(client, application.applicant)
    assert browser.get(reverse("application-document", args=["written"])).status_code == 409
    assert browser.get(reverse("application-document", args=["nothing"])).status_code == 404


def test_the_page_needs_an_application(client, kind):
    browser = as_browser(client, person())
    assert browser.get(reverse("application-document", args=["insurance"])).status_code == 404


# The file itself


def content_of(response):
    return b"".join(response.streaming_content)


def test_the_applicant_opens_their_file_by_a_signed_address(client, application):
    document = send(application)
    response = as_browser(client, application.applicant).get(
        reverse("document-file", args=[document.uuid]), follow=True
    )
    assert content_of(response) == PDF
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"].startswith("inline")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "noindex" in response["X-Robots-Tag"]
    assert response["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert "no-store" in response["Cache-Control"]
    assert not ModelLogEntry.objects.filter(action="credentials.document_opened").exists()


def test_a_registrars_opening_is_logged_and_a_download_has_a_name_of_ours(client, application):
    document, boss = send(application, file=a_file(PNG, '"; evil.html')), registrar()
    response = as_browser(client, boss).get(
        reverse("document-file", args=[document.uuid]), {"download": ""}, follow=True
    )
    assert (
        response["Content-Disposition"]
        == f'attachment; filename="{application.reference}-insurance.png"'
    )
    entry = ModelLogEntry.objects.get(action="credentials.document_opened")
    assert (entry.user, entry.object_id) == (boss, str(document.pk))


@pytest.mark.parametrize("roles", [(), (Role.EXAMINER,), (Role.INSTRUCTOR, Role.ADMINISTRATOR)])
def test_for_everybody_else_there_is_no_such_file(client, application, roles):
    document = send(application)
    stranger = as_browser(client, person(*roles))
    assert stranger.get(reverse("document-file", args=[document.uuid])).status_code == 404


def test_anonymous_people_sign_in_before_a_file(client, application):
    answer = client.get(reverse("document-file", args=[send(application).uuid]))
    assert "/accounts/login/" in answer.url


def address_of(client, document):
    return client.get(reverse("document-file", args=[document.uuid])).url


def test_a_signed_address_needs_no_session_and_ends(client, application, monkeypatch):
    address = address_of(as_browser(client, application.applicant), send(application))
    client.logout()
    assert content_of(client.get(address)) == PDF
    later = time.time() + LINK_SECONDS + 2
    monkeypatch.setattr("django.core.signing.time.time", lambda: later)
    assert client.get(address).status_code == 404


@pytest.mark.parametrize("spoil", [lambda text: text[:-6] + text[-5:], lambda text: "/files/e30/"])
def test_a_forged_address_leads_nowhere(client, application, spoil):
    address = address_of(as_browser(client, application.applicant), send(application))
    assert client.get(spoil(address)).status_code == 404


def test_an_address_dies_with_the_right_to_see_the_file(client, application):
    boss = registrar()
    address = address_of(as_browser(client, boss), send(application))
    assert client.get(address).status_code == 200
    boss.groups.clear()
    assert client.get(address).status_code == 404


def test_the_address_of_one_file_opens_no_other(client, application):
    first, second = send(application), send(application, "licence")
    browser = as_browser(client, application.applicant)
    assert address_of(browser, first) != address_of(browser, second)
    assert first.original_name not in address_of(browser, first)


def test_a_statement_has_no_file_and_a_lost_file_is_not_an_error(client, application):
    statement = send(application, "licence", not_required=True, statement="None here.")
    lost = send(application, "insurance")
    lost.file.storage.delete(lost.file.name)
    browser = as_browser(client, application.applicant)
    for document in (statement, lost):
        assert browser.get(reverse("document-file", args=[document.uuid])).status_code == 404


def test_from_an_object_store_a_download_is_a_link_that_ends(
    client, application, monkeypatch, settings
):
    document = send(application)
    settings.S3_BUCKET = "bucket"
    asked = {}

    def url(name, parameters, expire):
        asked.update(name=name, expire=expire, **parameters)
        return "https://bucket.example/signed"

    monkeypatch.setattr(document.file.storage, "url", url)
    browser = as_browser(client, application.applicant)
    response = browser.get(reverse("document-file", args=[document.uuid]), {"download": ""})
    assert response.url == "https://bucket.example/signed"
    assert asked["expire"] == 600
    assert asked["ResponseContentDisposition"].startswith("attachment")


def test_a_file_in_parts_has_the_digest_of_the_whole(application):
    content = PDF + b"x" * 200_000
    assert send(application, file=a_file(content)).sha256 == hashlib.sha256(content).hexdigest()


def test_evidence_of_the_course_needs_no_document(application):
    report(application.applicant, application.credential_type, "education", source="course")
    (row,) = [
        row
        for row in services.standings_of([application], at=NOW)[application.pk]
        if row.requirement.code == "education"
    ]
    assert row.finding.met
    assert row.document is None
