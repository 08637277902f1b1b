"""A real installation: what `manage.py setup` asks for, refuses, and leaves as it was the second time."""

from io import StringIO

import pytest
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError

from accounts.models import Invitation, Role
from accounts.services import accept_invitation
from credentials.models import SigningKey
from lms.installing import IssuedBy, first_registrar, prepare_house
from lms.management.commands.setup import Command
from tests.factories import CredentialTypeFactory, person

pytestmark = pytest.mark.django_db
GIVEN = {
    "issuer_name": "Northern Board",
    "registrar_name": "Rhea Marsh",
    "registrar_email": "rhea@example.org",
}


@pytest.mark.parametrize("missing", GIVEN)
def test_what_is_not_given_and_cannot_be_asked_for_is_named(missing, monkeypatch):
    monkeypatch.setattr("sys.stdin", StringIO())
    given = {name: value for name, value in GIVEN.items() if name != missing}
    with pytest.raises(CommandError, match=missing.replace("_", "-")):
        call_command("setup", **given)


@pytest.mark.parametrize(
    "wrong",
    [
        {"registrar_email": "nowhere"},
        {"registrar_name": "   "},
        {"issuer_name": "x" * 151},
        {"issuer_name": "a\x00b"},
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_done(wrong):
    with pytest.raises(CommandError):
        call_command("setup", **{**GIVEN, **wrong})
    assert not Invitation.objects.exists()


def test_a_directory_that_is_not_there_is_named(tmp_path):
    with pytest.raises(CommandError, match="nothing-here"):
        call_command("setup", **GIVEN, scheme=tmp_path / "nothing-here")


def test_what_is_missing_is_asked_for_at_a_terminal(monkeypatch):
    class Terminal(StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr("sys.stdin", Terminal())
    monkeypatch.setattr("builtins.input", lambda asked: f"answer to {asked}")
    asked = Command()._ask("issuer_name")
    assert asked == "answer to Name of the body that issues the credentials: "


def test_the_credentials_are_issued_by_the_body_that_was_named(now):
    loader = IssuedBy(settings.BASE_DIR / "content", issuer="Northern Board", at=now)
    assert {scheme["issuer"] for scheme in loader.read().scheme.values()} == {"Northern Board"}


def test_another_issuer_does_not_take_over_an_edition_in_force(now):
    CredentialTypeFactory(issuer_name="Another Body")
    with pytest.raises(CommandError, match="Another Body"):
        Command()._load(settings.BASE_DIR / "content", "Northern Board", now)


def test_the_first_registrar_is_invited_once_and_not_again_once_there(now):
    email = "rhea@example.org"
    row = first_registrar(email=email, name="Rhea Marsh", at=now)
    assert first_registrar(email=email, name="Rhea Marsh", at=now) == row
    assert row.roles == [Role.ADMINISTRATOR, Role.REGISTRAR]
    rhea = person(email=email)
    accept_invitation(uuid=row.uuid, user=rhea, at=now)
    assert first_registrar(email=email, name="Rhea Marsh", at=now) == rhea


def test_the_house_is_prepared_twice_with_the_same_keys(now, settings, tmp_path):
    settings.KEYS_DIR = tmp_path / "keys"
    prepare_house(at=now)
    keys = set(SigningKey.objects.values_list("public", flat=True))
    prepare_house(at=now)
    assert set(SigningKey.objects.values_list("public", flat=True)) == keys
    assert len(keys) == 2
