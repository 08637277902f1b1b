"""A holder's pages: what they hold, the certificate, what to share, and the public listing."""

import datetime as dt
from urllib.parse import parse_qs, urlsplit

import pytest
from django.urls import reverse
from django.utils import timezone

from credentials import issuing, services
from credentials.models import Credential
from tests.credentials.scheme import NEXT_YEAR, apply, held, registrar, scheme
from tests.factories import NOW, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def credential():
    return held(scheme(), person(name="Jordan Rivera"), at=timezone.now())


@pytest.fixture
def browser(client, credential):
    client.force_login(credential.holder)
    return client


def text(response):
    return response.content.decode()


def address(credential):
    return reverse("credential-record", args=[credential.public_id])


def test_the_record_lists_what_one_holds(browser, credential):
    page = text(browser.get(reverse("record")))
    assert credential.number in page
    assert "Active" in page
    assert address(credential) in page


def test_without_a_credential_the_record_says_how_to_begin(client):
    scheme()
    client.force_login(person())
    assert reverse("apply", args=["SMT"]) in text(client.get(reverse("record")))


def test_an_application_under_way_is_named(client):
    application = apply(person(), scheme())
    client.force_login(application.applicant)
    assert application.reference in text(client.get(reverse("record")))


def test_until_it_is_signed_the_certificate_is_being_prepared(browser, credential):
    page = text(browser.get(address(credential)))
    assert "being prepared" in page
    assert ".pdf" not in page.split("<main")[1]


def test_signed_and_drawn_it_is_shown_and_downloaded(vault, browser, credential):
    issuing.finish_pending(at=timezone.now())
    page = text(browser.get(address(credential)))
    assert "being prepared" not in page
    for suffix in (".pdf", ".png", ".json"):
        assert f"/credentials/{credential.public_id}{suffix}" in page
    assert reverse("certificate-picture", args=[credential.public_id]) in page


def test_the_linkedin_link_is_filled_in(browser, credential):
    page = text(browser.get(address(credential)))
    link = page.split('href="https://www.linkedin.com')[1].split('"')[0].replace("&amp;", "&")
    facts = parse_qs(urlsplit(link).query)
    assert facts["certId"] == [credential.number]
    assert facts["certUrl"][0].endswith(f"/credentials/{credential.public_id}")
    assert facts["issueMonth"] == [str(credential.valid_from.month)]
    assert facts["expirationYear"] == [str(credential.valid_until.year)]


def test_a_suspended_holder_is_told_what_it_means_and_offered_no_advertising(browser, credential):
    services.suspend(credential=credential, reason_code="S1", by=registrar(), at=timezone.now())
    page = text(browser.get(address(credential)))
    assert "do not use the title" in page
    assert "linkedin" not in page


def test_a_suspended_holder_is_led_to_where_the_new_document_is_sent(client, monkeypatch):
    """Those they are suspended for: suspended, they are reminded of nothing, and this is the only way there."""
    kind = scheme()
    credential = held(kind, person(), at=NOW)
    later = dt.datetime.combine(NEXT_YEAR, dt.time(12), dt.UTC) + dt.timedelta(days=10)
    services.suspend(credential=credential, reason_code="S1", by=registrar(), at=later)
    monkeypatch.setattr(timezone, "now", lambda: later + dt.timedelta(days=1))
    client.force_login(credential.holder)
    page = text(client.get(address(credential)))
    sent_to = reverse("application-document", args=["insurance"])
    assert "Run out" in page and f"{sent_to}?application={credential.application.uuid}" in page
    assert client.get(sent_to, {"application": credential.application.uuid}).status_code == 200


def test_what_has_ended_is_neither_advertised_nor_said_to_be_valid_until_a_day_to_come(
    vault, browser, credential
):
    issuing.finish_pending(at=timezone.now())
    for boss in (registrar(), registrar()):
        services.revoke(credential=credential, reason_code="R1", by=boss, at=timezone.now())
    page = text(browser.get(address(credential))).split("<main")[1]
    for gone in ("Share it", "Put it on your own site", "Share which I passed", "Valid until"):
        assert gone not in page
    assert "told that the credential has ended" in page and "Ended" in page
    listed = text(browser.get(reverse("record")))
    assert "ended" in listed and f"{credential.valid_until:%-d %B %Y}" not in listed


def test_an_appeal_is_offered_while_it_is_taken(client):
    kind, since = scheme(), timezone.now() - dt.timedelta(days=60)
    old, fresh = (held(kind, person(), at=since) for _each in range(2))
    for credential, days in ((old, 32), (fresh, 1)):
        at = timezone.now() - dt.timedelta(days=days)
        for boss in (registrar(), registrar()):
            services.revoke(credential=credential, reason_code="R1", by=boss, at=at)
    for credential, offered in ((old, False), (fresh, True)):
        client.force_login(credential.holder)
        assert ("Appeal against this" in text(client.get(address(credential)))) is offered


@pytest.mark.parametrize(
    ("change", "code", "word"), [("revoke", "R1", "Revoked"), ("suspend", "S1", "Suspended")]
)
def test_the_status_is_said_in_a_word(browser, credential, change, code, word):
    for _pair_of_eyes in range(2 if change == "revoke" else 1):
        getattr(services, change)(
            credential=credential, reason_code=code, by=registrar(), at=timezone.now()
        )
    assert word in text(browser.get(address(credential)))


def test_an_expired_credential_says_since_when(client):
    old = held(scheme(), person(), at=NOW - dt.timedelta(days=900))
    client.force_login(old.holder)
    page = text(client.get(address(old)))
    assert "Expired" in page
    assert f"{old.valid_until:%-d %B %Y}" in page


def test_the_holder_says_whether_the_register_lists_them(browser, credential):
    browser.post(address(credential), {"listed": "no"})
    assert not Credential.objects.get().listed
    assert "List me by name" in text(browser.get(address(credential)))
    browser.post(address(credential), {"listed": "yes"})
    browser.post(address(credential), {"listed": "yes"})
    assert Credential.objects.get().listed


def test_for_anybody_else_there_is_no_such_record(client, credential):
    for stranger in (person(), person("instructor"), registrar()):
        client.force_login(stranger)
        assert client.get(address(credential)).status_code == 404
        assert client.post(address(credential), {"listed": "no"}).status_code == 404
    assert Credential.objects.get().listed
    client.logout()
    assert "/accounts/login/" in client.get(address(credential)).url


def test_the_pages_take_a_fixed_number_of_queries(
    browser, credential, django_assert_max_num_queries
):
    boss = registrar()
    for _time in range(3):
        services.suspend(credential=credential, reason_code="S1", by=boss, at=timezone.now())
        services.reinstate(credential=credential, reason_code="T1", by=boss, at=timezone.now())
    for page in (address(credential), reverse("record")):
        browser.get(page)
        with django_assert_max_num_queries(11):
            browser.get(page)


def test_the_holder_says_whether_the_document_names_the_examinations(vault, browser, credential):
    browser.post(address(credential), {"shared": "yes"})
    issuing.finish_pending(at=timezone.now())
    newest = credential.signed_documents.order_by("-version").first()
    assert newest.with_results
    assert "Do not share them" in text(browser.get(address(credential)))
    browser.post(address(credential), {"shared": "no"})
    assert not Credential.objects.get().share_results
    answers = [browser.post(address(credential), {"shared": each}) for each in ("yes", "no", "yes")]
    assert answers[-1].status_code == 409 and "tomorrow" in text(answers[-1])


def test_for_anybody_else_there_is_nothing_to_share(client, credential):
    for stranger in (person(), person("instructor"), registrar()):
        client.force_login(stranger)
        assert client.post(address(credential), {"shared": "yes"}).status_code == 404
    assert not Credential.objects.get().share_results


def test_the_badge_for_ones_own_site_is_shown_with_its_line(browser, credential):
    page = text(browser.get(address(credential)))
    assert f"/verify/{credential.number}/badge.svg" in page
    assert "no-referrer" in page
