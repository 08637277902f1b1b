"""Applying, and the page that says how an application stands."""

import pytest
from django.urls import reverse

from accounts.models import Notice
from accounts.services import Conflict, Invalid
from credentials import services
from credentials.models import Application, Credential, CredentialType, Evidence
from tests.credentials.scheme import (
    apply,
    held,
    nearly,
    need,
    registrar,
    report,
    review,
    scheme,
    send,
)
from tests.factories import NOW, person

pytestmark = pytest.mark.django_db

FORM = {"name_on_id": "Orla Brandreth", "adjustments": "none", "agreed": "on", "listed": "on"}


@pytest.fixture
def kind():
    return scheme(code_of_conduct=["I work within my scope.", "I screen each client."])


@pytest.fixture
def applicant():
    return person(name="Orla")


@pytest.fixture
def browser(client, applicant):
    client.force_login(applicant)
    return client


# The verb


def test_applying_signs_the_code_of_conduct(kind, applicant):
    application = apply(applicant, kind)
    row = Evidence.objects.get()
    assert (row.requirement, row.source, row.reference) == (
        need(kind, "agreement"),
        "agreement",
        application.uuid,
    )
    assert application.reference == f"AP-2026-{application.pk:04d}"
    assert Notice.objects.get(recipient=applicant).kind == "applied"


def test_applying_twice_is_one_application(kind, applicant):
    assert apply(applicant, kind) == apply(applicant, kind, name_on_id="Somebody Else")
    assert Application.objects.get().name_on_id == "Orla Brandreth"
    assert Evidence.objects.count() == 1


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"name_on_id": "  "}, "name_on_id"),
        ({"name_on_id": "\0"}, "name_on_id"),
        ({"name_on_id": "x" * 151}, "name_on_id"),
        ({"agreed": False}, "agreed"),
    ],
)
def test_an_application_has_a_name_and_a_signature(kind, applicant, given, field):
    with pytest.raises(Invalid) as refusal:
        apply(applicant, kind, **given)
    assert field in refusal.value.fields
    assert not Application.objects.exists()


def test_a_name_is_kept_without_control_characters_and_double_blanks(kind, applicant):
    application = apply(applicant, kind, name_on_id="  Orla\0 \n Brandreth ", accommodations="a\0b")
    assert (application.name_on_id, application.accommodations) == ("Orla Brandreth", "ab")


@pytest.mark.parametrize("state", [CredentialType.State.DRAFT, CredentialType.State.CLOSED])
def test_a_type_that_is_not_open_takes_no_applications(kind, applicant, state):
    CredentialType.objects.update(state=state)
    with pytest.raises(Conflict) as refusal:
        apply(applicant, CredentialType.objects.get())
    assert refusal.value.code == "type_closed"


def test_a_holder_renews_instead_of_applying_again(kind, applicant):
    held(kind, applicant)
    with pytest.raises(Conflict) as refusal:
        apply(applicant, kind)
    assert refusal.value.code == "already_held"


def test_a_suspended_holder_does_not_apply_around_the_suspension(kind, applicant):
    credential = held(kind, applicant)
    services.suspend(credential=credential, reason_code="S1", by=registrar(), at=NOW)
    with pytest.raises(Conflict):
        apply(applicant, kind)


# The page to apply on


def test_the_page_shows_the_whole_code_and_keeps_what_was_typed(browser, kind):
    page = browser.get(reverse("apply", args=["SMT"]))
    assert page.status_code == 200
    assert "I screen each client." in page.content.decode()
    again = browser.post(
        reverse("apply", args=["SMT"]), {"name_on_id": "Orla B", "adjustments": "none"}
    )
    assert again.status_code == 400
    assert 'value="Orla B"' in again.content.decode()
    assert "Sign the code of conduct to apply." in again.content.decode()
    assert not Application.objects.exists()


def test_applying_leads_to_the_road(browser, kind, applicant):
    answer = browser.post(reverse("apply", args=["SMT"]), FORM)
    assert answer.url == reverse("application")
    application = Application.objects.get()
    assert (application.applicant, application.listed) == (applicant, True)
    assert "Send it" in browser.get(answer.url).content.decode()


def test_a_second_submit_changes_nothing(browser, kind):
    for _time in range(2):
        assert browser.post(reverse("apply", args=["SMT"]), FORM).status_code == 302
    assert Application.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"adjustments": ""}, "adjustments"),
        ({"adjustments": "perhaps"}, "adjustments"),
        ({"adjustments": "yes"}, "accommodations"),
        ({"adjustments": "yes", "accommodations": "x" * 2001}, "accommodations"),
        ({"name_on_id": "a\0b"}, "name_on_id"),
        ({"name_on_id": "x" * 151}, "name_on_id"),
        ({"agreed": ""}, "agreed"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(browser, kind, change, field):
    answer = browser.post(reverse("apply", args=["SMT"]), {**FORM, **change})
    assert answer.status_code == 400
    assert field in answer.context["form"].errors


def test_adjustments_are_kept_only_when_asked_for(browser, kind):
    browser.post(reverse("apply", args=["SMT"]), {**FORM, "accommodations": "left over"})
    assert Application.objects.get().accommodations == ""


def test_who_has_applied_is_led_to_the_application(browser, kind, applicant):
    apply(applicant, kind)
    assert browser.get(reverse("apply", args=["SMT"])).url == reverse("application")


def test_a_holder_is_told_why_not(browser, kind, applicant):
    held(kind, applicant)
    answer = browser.get(reverse("apply", args=["SMT"]))
    assert answer.status_code == 409
    assert "Renew it" in answer.content.decode()


def test_an_unknown_code_or_a_draft_is_nothing(browser, kind):
    CredentialType.objects.update(state=CredentialType.State.DRAFT)
    assert browser.get(reverse("apply", args=["SMT"])).status_code == 404
    assert browser.get(reverse("apply", args=["nothing"])).status_code == 404


@pytest.mark.parametrize("name", ["application", "record"])
def test_anonymous_people_sign_in_first(client, name):
    assert "/accounts/login/" in client.get(reverse(name)).url


def test_anonymous_people_sign_in_before_they_apply(client, kind):
    assert "/accounts/login/" in client.get(reverse("apply", args=["SMT"])).url


# The road


def test_without_an_application_the_page_says_how_to_begin(browser, kind):
    page = browser.get(reverse("application"))
    assert reverse("apply", args=["SMT"]) in page.content.decode()


def test_the_road_shows_every_state(browser, kind, applicant):
    application, boss = apply(applicant, kind), registrar()
    review(send(application, "insurance"), boss, "more_information")
    review(send(application, "education"), boss, "not_met")
    send(application, "licence")
    text = browser.get(reverse("application")).content.decode()
    for word in ("Done", "Sent back", "Reason I2.", "Not met", "With the register", "To come"):
        assert word in text
    assert "1 of 5 requirements are met" in text


def test_an_issued_credential_takes_the_place_of_its_application(browser, kind, applicant):
    credential = held(kind, applicant)
    answer = browser.get(reverse("application"))
    assert answer.url == reverse("credential-record", args=[credential.public_id])


def test_nobody_sees_an_application_of_somebody_else(browser, kind):
    other = apply(person(name="Ada Lovelace"), kind)
    page = browser.get(reverse("application"), {"application": other.uuid})
    assert "Ada Lovelace" not in page.content.decode()


def test_a_registrars_own_page_is_about_their_own_application(client, kind):
    apply(person(name="Ada Lovelace"), kind)
    client.force_login(registrar())
    assert "not applied yet" in client.get(reverse("application")).content.decode()


def test_the_road_takes_a_fixed_number_of_queries(
    browser, kind, applicant, django_assert_max_num_queries
):
    application, boss = apply(applicant, kind), registrar()
    for code in ("licence", "insurance", "education"):
        for outcome in ("more_information", "not_met"):
            review(send(application, code, number=outcome), boss, outcome)
    browser.get(reverse("application"))
    with django_assert_max_num_queries(12):
        browser.get(reverse("application"))


def test_waiting_for_a_decision_is_said(browser, kind, applicant):
    CredentialType.objects.update(award=CredentialType.Award.BY_DECISION)
    application = nearly(CredentialType.objects.get(), applicant)
    report(applicant, application.credential_type, "written")
    assert not Credential.objects.exists()
    assert "Everything is met" in browser.get(reverse("application")).content.decode()


def test_what_may_come_another_way_is_asked_for_last(browser, kind, applicant):
    """An education shown by the course needs no document; licence and insurance do."""
    apply(applicant, kind)

    step = browser.get(reverse("application")).context["next"]

    assert step.requirement.code == "licence"
