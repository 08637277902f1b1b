"""The pages of accounts, for everybody who may and may not see them."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Invitation, Role, User
from accounts.services import invite
from tests.factories import person

pytestmark = pytest.mark.django_db
EVERY_OTHER_ROLE = sorted(set(Role.values) - {Role.REGISTRAR, Role.ADMINISTRATOR})


@pytest.fixture
def invited(now) -> Invitation:
    inviter = person(Role.REGISTRAR, name="Rhea Marsh")
    return invite(
        email="new@example.org",
        name="Nia New",
        roles=[Role.EXAMINER],
        by=inviter,
        at=timezone.now(),
    )


# One's own account


def test_a_person_changes_their_name(client):
    somebody = person(name="Before")
    assert client.get(reverse("account")).status_code == 302
    client.force_login(somebody)
    assert client.get(reverse("account")).status_code == 200
    assert client.post(reverse("account"), {"name": "  After  All "}).status_code == 302
    assert User.objects.get(pk=somebody.pk).name == "After All"


@pytest.mark.parametrize("name", ["", "   ", "x" * 151, "a\x00b"])
def test_a_name_that_cannot_be_is_refused_on_the_form(client, name):
    somebody = person(name="Before")
    client.force_login(somebody)
    page = client.post(reverse("account"), {"name": name})
    assert 'role="alert"' in page.content.decode()
    assert User.objects.get(pk=somebody.pk).name == "Before"


# Opening an invitation


def test_an_invitation_says_who_invites_to_what_and_is_not_kept_by_caches(client, invited):
    page = client.get(reverse("invitation", args=[invited.uuid]))
    said = page.content.decode()
    assert "Rhea Marsh" in said
    assert "Examiner" in said
    assert "no-store" in page.headers["Cache-Control"]


def test_the_page_is_the_same_whether_or_not_the_address_has_an_account(client, invited):
    address = reverse("invitation", args=[invited.uuid])
    before = client.get(address).content
    person(email="new@example.org")
    assert client.get(address).content == before


def test_whoever_was_invited_accepts_and_lands_on_their_desk(client, invited):
    address = reverse("invitation", args=[invited.uuid])
    assert (
        client.post(address).headers["Location"].startswith("/accounts/login/?next=/invitations/")
    )
    somebody = person(email="New@example.org")
    client.force_login(somebody)
    assert "Accept the invitation" in client.get(address).content.decode()
    assert client.post(address).headers["Location"] == reverse("desk")
    assert User.objects.get(pk=somebody.pk).roles == {"examiner"}
    assert "You have accepted this invitation" in client.get(address).content.decode()


def test_somebody_else_is_told_to_sign_in_with_the_other_address(client, invited):
    client.force_login(person())
    address = reverse("invitation", args=[invited.uuid])
    said = client.get(address).content.decode()
    assert "Accept the invitation" not in said
    assert "Sign out, then sign in as new@example.org" in said
    assert client.post(address).status_code == 403


def test_an_invitation_that_ran_out_or_never_was_is_said_plainly(client, invited):
    Invitation.objects.update(expires_at=timezone.now() - timedelta(days=1))
    page = client.get(reverse("invitation", args=[invited.uuid]))
    assert "no longer works" in page.content.decode()
    unknown = client.get(reverse("invitation", args=[person().uuid]))
    assert unknown.status_code == 404
    assert "does not exist" in unknown.content.decode()


# Inviting


def test_only_registrars_and_administrators_invite(client):
    address = reverse("invite")
    assert client.get(address).status_code == 302
    for role in [*EVERY_OTHER_ROLE, None]:
        client.force_login(person(*([role] if role else [])))
        assert client.get(address).status_code == 403, role
        assert client.post(address, {}).status_code == 403, role
    for role in (Role.REGISTRAR, Role.ADMINISTRATOR):
        client.force_login(person(role))
        assert client.get(address).status_code == 200


def test_a_registrar_invites_and_withdraws(client):
    client.force_login(person(Role.REGISTRAR))
    fields = {"name": "Nia", "email": "new@example.org", "roles": ["examiner", "instructor"]}
    assert client.post(reverse("invite"), fields).status_code == 302
    row = Invitation.objects.get()
    assert row.roles == ["examiner", "instructor"]
    assert "new@example.org" in client.get(reverse("invite")).content.decode()
    client.post(reverse("invitation-withdraw", args=[row.uuid]))
    assert not Invitation.objects.open(timezone.now()).exists()


@pytest.mark.parametrize(
    "wrong",
    [
        {"email": "no address"},
        {"email": "a\x00@example.org"},
        {"email": f"{'a' * 300}@example.org"},
        {"name": ""},
        {"name": "x" * 151},
        {"roles": []},
        {"roles": ["emperor"]},
        {"roles": ["administrator"]},  # a registrar may not
    ],
)
def test_a_wrong_invitation_is_refused_on_the_form_and_keeps_what_was_typed(client, wrong):
    client.force_login(person(Role.REGISTRAR))
    fields = {"name": "Nia", "email": "new@example.org", "roles": ["examiner"], **wrong}
    page = client.post(reverse("invite"), fields)
    assert page.status_code == 400
    assert 'role="alert"' in page.content.decode()
    assert not Invitation.objects.exists()


def test_a_stranger_withdraws_nothing(client, invited):
    address = reverse("invitation-withdraw", args=[invited.uuid])
    for role in EVERY_OTHER_ROLE:
        client.force_login(person(role))
        assert client.post(address).status_code == 403
    client.force_login(person(Role.ADMINISTRATOR))
    assert client.get(address).status_code == 405
    assert Invitation.objects.open(timezone.now()).exists()
