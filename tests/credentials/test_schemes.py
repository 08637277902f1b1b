"""Setting schemes up in Wagtail: drafts are edited, what is in force is looked at."""

import pytest
from django.contrib.auth.models import Group, Permission
from django.urls import reverse
from django.utils import translation
from wagtail.models import ModelLogEntry

from accounts.models import Role
from credentials import scheme_words
from credentials.models import CredentialType, Reason, Requirement
from credentials.scheme_diff import Change
from tests.credentials.scheme import need, scheme
from tests.factories import person

pytestmark = pytest.mark.django_db


@pytest.fixture
def kind():
    return scheme()


@pytest.fixture
def draft():
    return scheme(edition="2027.1", state=CredentialType.State.DRAFT)


@pytest.fixture
def office(client):
    """A site administrator in Wagtail."""
    group, _new = Group.objects.get_or_create(name=Role.ADMINISTRATOR)
    codenames = [
        f"{action}_{model}"
        for action in ("view", "add", "change")
        for model in ("credentialtype", "requirement", "reason")
    ]
    group.permissions.add(*Permission.objects.filter(codename__in=["access_admin", *codenames]))
    client.force_login(person(Role.ADMINISTRATOR))
    return client


def text(response):
    return response.content.decode()


def edition_form(**given):
    return {
        "code": "SMT",
        "edition": "2027.1",
        "title": "Sports Massage Therapist",
        "issuer_name": "Tarn Register",
        "number_prefix": "SMT",
        "award": "automatic",
        "validity_years": "2",
        "late_months": "0",
        "zone": "Europe/London",
        "description": "What it is.",
        "criteria": "How it is earned.",
        "scope": "What it covers.",
        "limits": "What it does not.",
        "code_of_conduct": "I work within my scope.\n\n  I screen each client. ",
        **given,
    }


@pytest.mark.parametrize("name", ["editions", "requirements", "reasons"])
def test_lists_are_seen_filtered_and_exported(office, kind, draft, name):
    address = reverse(f"schemes_{name}:index")
    assert office.get(address).status_code == 200
    assert office.get(address, {"q": "insurance"}).status_code == 200
    assert office.get(address, {"export": "csv"}).status_code == 200


def test_a_draft_is_made_and_edited(office):
    assert office.post(reverse("schemes_editions:add"), edition_form()).status_code == 302
    row = CredentialType.objects.get()
    assert row.state == CredentialType.State.DRAFT
    assert row.code_of_conduct == ["I work within my scope.", "I screen each client."]
    address = reverse("schemes_editions:edit", args=[row.pk])
    assert "I screen each client." in text(office.get(address))
    office.post(address, edition_form(title="Another title"))
    row.refresh_from_db()
    assert row.title == "Another title"
    assert office.get(reverse("schemes_editions:history", args=[row.pk])).status_code == 200


@pytest.mark.parametrize(
    "given",
    [
        {"validity_years": "0"},
        {"validity_years": "50"},
        {"zone": "Mars/Olympus"},
        {"code_of_conduct": ""},
    ],
)
def test_a_draft_that_cannot_be_is_not_kept(office, given):
    assert office.post(reverse("schemes_editions:add"), edition_form(**given)).status_code == 200
    assert not CredentialType.objects.exists()


@pytest.mark.parametrize("state", [CredentialType.State.OPEN, CredentialType.State.CLOSED])
def test_nothing_of_an_edition_in_force_is_edited(office, kind, state):
    CredentialType.objects.update(state=state)
    rows = {
        "editions": kind,
        "requirements": need(kind, "insurance"),
        "reasons": Reason.objects.filter(requirement__code="insurance").first(),
    }
    for name, row in rows.items():
        edit = reverse(f"schemes_{name}:edit", args=[row.pk])
        assert office.get(edit).status_code == 302, name
        assert office.post(edit, edition_form(title="Changed")).status_code == 302, name
        assert office.post(reverse(f"schemes_{name}:delete", args=[row.pk])).status_code == 302, (
            name
        )
        inspect = reverse(f"schemes_{name}:inspect", args=[row.pk])
        assert edit not in text(office.get(inspect))
        assert edit not in text(office.get(reverse(f"schemes_{name}:index")))
    kind.refresh_from_db()
    assert kind.title == "Sports Massage Therapist"
    assert Requirement.objects.count() == 5


def test_a_requirement_or_reason_is_added_to_drafts_only(office, kind, draft):
    form = {
        "credential_type": kind.pk,
        "position": "9",
        "code": "extra",
        "title": "Extra",
        "kind": "document",
        "phase": "award",
        "help": "",
    }
    address = reverse("schemes_requirements:add")
    assert office.post(address, form).status_code == 200
    assert office.post(address, {**form, "credential_type": draft.pk}).status_code == 302
    assert need(draft, "extra").title == "Extra"
    reason = {
        "credential_type": draft.pk,
        "requirement": need(kind, "insurance").pk,
        "purpose": "met",
        "code": "Q1",
        "text": "Fine.",
    }
    address = reverse("schemes_reasons:add")
    assert office.post(address, reason).status_code == 200
    assert office.post(address, {**reason, "requirement": ""}).status_code == 200
    reason["requirement"] = need(draft, "insurance").pk
    assert office.post(address, reason).status_code == 302


def test_the_next_edition_is_drafted_and_put_in_force(office, kind):
    inspect = reverse("schemes_editions:inspect", args=[kind.pk])
    address = reverse("schemes_editions:act", args=[kind.pk, "next"])
    assert address in text(office.get(inspect))
    assert office.get(address).status_code == 200
    assert office.post(address, {"edition": " \0"}).status_code == 400
    office.post(address, {"edition": "2027.1"})
    draft = CredentialType.objects.get(edition="2027.1")
    act = reverse("schemes_editions:act", args=[draft.pk, "open"])
    assert "Edition 2026.1 closes" in text(office.get(act))
    assert office.post(act).status_code == 302
    states = dict(CredentialType.objects.values_list("edition", "state"))
    assert states == {"2026.1": "closed", "2027.1": "open"}
    logged = set(ModelLogEntry.objects.values_list("action", flat=True))
    assert {"credentials.edition_drafted", "credentials.edition_opened"} <= logged


def test_an_incomplete_draft_is_not_put_in_force(office, draft):
    draft.requirements.filter(code="education").update(accepts_document=False)
    answer = office.post(reverse("schemes_editions:act", args=[draft.pk, "open"]))
    assert answer.status_code == 400
    assert "R5" in text(answer)


def test_an_edition_is_closed(office, kind):
    address = reverse("schemes_editions:act", args=[kind.pk, "close"])
    assert office.get(address).status_code == 200
    office.post(address)
    assert CredentialType.objects.get().state == CredentialType.State.CLOSED
    assert office.post(reverse("schemes_editions:act", args=[kind.pk, "open"])).status_code == 409
    assert office.get(reverse("schemes_editions:act", args=[kind.pk, "burn"])).status_code == 404


@pytest.mark.parametrize("roles", [(), (Role.EXAMINER,), (Role.INSTRUCTOR,)])
def test_other_roles_set_nothing_up(client, kind, roles):
    client.force_login(person(*roles))
    for address in (
        reverse("schemes_editions:index"),
        reverse("schemes_editions:add"),
        reverse("schemes_editions:act", args=[kind.pk, "close"]),
    ):
        assert client.post(address).status_code in (302, 403)
        assert client.get(address).status_code in (302, 403)
    kind.refresh_from_db()
    assert kind.state == CredentialType.State.OPEN


def test_the_page_of_a_requirement_says_yes_and_no_in_words(office, kind):
    row = need(kind, "insurance")
    Requirement.objects.filter(pk=row.pk).update(expires=True, accepts_document=False)
    page = office.get(reverse("schemes_requirements:inspect", args=[row.pk])).content.decode()
    assert "<dd>Yes</dd>" in page and "<dd>No</dd>" in page
    for raw in ("True", "False", "None"):
        assert f"<dd>{raw}</dd>" not in page


def test_what_changed_between_editions_is_told_in_the_readers_language():
    change = Change("requirements", "insurance", "expires", "yes", "no")
    with translation.override("de"):
        [row] = scheme_words.told([change])
        assert [(piece.text, piece.how) for piece in row["pieces"]] == [
            ("Ja", "gone"),
            ("Nein", "new"),
        ]
