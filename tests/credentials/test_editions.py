"""An edition's public page is generated from it, with what it says otherwise than the one before; its opening is on record."""

import pytest
from django.contrib.auth.models import Group, Permission
from django.urls import reverse

from accounts.models import Role
from credentials import services
from credentials.models import EditionEvent
from ledger.services import verify
from tests.credentials.pages import text
from tests.credentials.scheme import need, reason, scheme
from tests.factories import NOW, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def two():
    """An edition, and the next one drafted from it with three changes."""
    first = scheme(pass_rules=["Both examinations are passed."], renewal={"hours": 24})
    services.record_opening(credential_type=first, by=None, at=NOW)
    second = services.draft_next_edition(credential_type=first, edition="2027.1", by=None, at=NOW)
    second.validity_years = 3
    second.pass_rules = ["Both examinations are passed within a year."]
    second.save(update_fields=["validity_years", "pass_rules"])
    insurance = need(second, "insurance")
    insurance.title = "Professional insurance with proof"
    insurance.save(update_fields=["title"])
    return first, second


def test_a_draft_is_compared_with_the_edition_in_force(two):
    first, second = two
    assert services.previous_of(second) == first
    told = services.changes_since(credential_type=second, earlier=first)
    assert [(row.part, row.name, row.field) for row in told] == [
        ("pass_rules", "1", ""),
        ("validity_years", "", ""),
        ("requirements", "insurance", "title"),
    ]


def test_the_public_page_says_all_of_the_edition_and_what_changed(two, client):
    first, second = two
    reason(second, "S9", "suspend", None)
    services.open_edition(credential_type=second, by=None, at=NOW)
    page = text(client.get(reverse("achievement", args=[second.code, "2027.1"])))
    for said in (
        "In force since",
        "Reason S9.",
        "within a year.",
        "What changed since edition 2026.1",
    ):
        assert said in page, said
    assert "24 hours of continuing education" in page
    older = text(client.get(reverse("achievement", args=[first.code, "2026.1"])))
    assert "closed to new applications" in older and "What changed" not in older


def test_the_public_page_leads_to_the_other_editions_and_to_the_one_in_force(two, client):
    first, second = two
    address = reverse("achievement", args=[first.code, "2026.1"])
    services.open_edition(credential_type=second, by=None, at=NOW)
    services.draft_next_edition(credential_type=second, edition="2028.1", by=None, at=NOW)
    older = client.get(address)
    newer = reverse("achievement", args=[first.code, "2027.1"])
    assert newer in older.content.decode()
    assert "Who applies today applies under edition 2027.1" in text(older)
    assert "Who applies today" not in text(client.get(newer))
    assert "2028.1" not in older.content.decode() + client.get(newer).content.decode()


def test_the_public_page_of_the_only_edition_lists_no_others(two, client):
    first, _draft = two
    page = text(client.get(reverse("achievement", args=[first.code, "2026.1"])))
    assert "Editions" not in page and "Who applies today" not in page


def test_the_public_page_says_what_education_elsewhere_is_compared_with(two, client):
    _first, second = two
    parts = [{"code": "clinic", "title": "Supervised clinic", "hours": 60}]
    second.requirements.filter(code="education").update(parts=parts)
    services.open_edition(credential_type=second, by=None, at=NOW)
    page = text(client.get(reverse("achievement", args=[second.code, "2027.1"])))
    assert "Supervised clinic 60" in page
    assert "Supervised clinic, 60 h" in page


def test_opening_and_closing_are_on_record_and_hash_linked(two):
    _first, second = two
    services.open_edition(credential_type=second, by=None, at=NOW)
    kinds = EditionEvent.objects.order_by("pk").values_list("credential_type__edition", "kind")
    assert list(kinds) == [("2026.1", "opened"), ("2026.1", "closed"), ("2027.1", "opened")]
    assert EditionEvent.objects.last().content == services.content_of(second)
    assert list(verify(EditionEvent)) == []


def in_the_office():
    """A site administrator who may change editions in Wagtail."""
    group, _new = Group.objects.get_or_create(name=Role.ADMINISTRATOR)
    named = ["access_admin", "view_credentialtype", "change_credentialtype"]
    group.permissions.add(*Permission.objects.filter(codename__in=named))
    return person(Role.ADMINISTRATOR)


def test_whoever_sets_a_scheme_up_reads_the_changes_before_opening(two, client):
    _first, second = two
    for action in ("changes", "open"):
        address = reverse("schemes_editions:act", args=[second.pk, action])
        client.force_login(person())
        assert client.get(address).status_code == 302
        client.force_login(in_the_office())
        page = client.get(address).content.decode()
        assert "What it says otherwise than edition 2026.1" in page
        assert "with proof" in page
