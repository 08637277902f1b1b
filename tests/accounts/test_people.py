"""Roles and invitations: who may let whom in, and that nobody lets themselves in."""

from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django_tasks_db.models import DBTaskResult
from wagtail.models import ModelLogEntry

from accounts.models import Invitation, Role, User
from accounts.services import (
    Conflict,
    Forbidden,
    Invalid,
    Missing,
    accept_invitation,
    give_roles,
    invite,
    open_account,
    rename,
    roles_to_invite_to,
    set_roles,
    withdraw_invitation,
)
from tests.factories import person

pytestmark = pytest.mark.django_db


def invitation(now, **given) -> Invitation:
    fields = {
        "email": "new@example.org",
        "name": "New Person",
        "roles": [Role.EXAMINER],
        "by": None,
    }
    return invite(**{**fields, **given}, at=now)


def test_an_account_opened_for_somebody_is_confirmed_and_opened_once(now):
    first, new = open_account(
        email="Ada@Example.org", name="Ada", password="a good long one", by=None, at=now
    )
    again, new_again = open_account(
        email="ada@example.org", name="Other", password="x", by=None, at=now
    )
    assert (new, new_again, again) == (True, False, first)
    assert first.check_password("a good long one")
    assert EmailAddress.objects.get(user=first).verified


def test_roles_are_given_once_and_recorded(now):
    somebody, administrator = person(), person(Role.ADMINISTRATOR)
    for _ in range(2):
        give_roles(user=somebody, roles=[Role.INSTRUCTOR], by=administrator, at=now)
    entry = ModelLogEntry.objects.get(action="accounts.roles_given", object_id=str(somebody.pk))
    assert entry.user == administrator
    assert entry.data == {"roles": ["instructor"]}
    assert somebody.roles == {"instructor"}


def test_an_administrator_sets_the_roles_of_others_and_nobody_their_own(now):
    administrator, registrar = person(Role.ADMINISTRATOR), person(Role.REGISTRAR)
    somebody = person(Role.INSTRUCTOR)
    set_roles(user=somebody, roles=[Role.EXAMINER], by=administrator, at=now)
    assert somebody.roles == {"examiner"}
    with pytest.raises(Forbidden, match="R2"):
        set_roles(
            user=administrator,
            roles=[Role.ADMINISTRATOR, Role.REGISTRAR],
            by=administrator,
            at=now,
        )
    with pytest.raises(Forbidden):
        set_roles(user=somebody, roles=[], by=registrar, at=now)


def test_a_registrar_invites_to_every_role_but_administrator():
    assert roles_to_invite_to(person(Role.ADMINISTRATOR)) == set(Role.values)
    assert roles_to_invite_to(person(Role.REGISTRAR)) == set(Role.values) - {"administrator"}
    assert roles_to_invite_to(person(Role.CHIEF_EXAMINER)) == frozenset()
    assert roles_to_invite_to(person()) == frozenset()


def test_nobody_invites_above_their_own_desk(now):
    with pytest.raises(Forbidden):
        invitation(now, by=person(Role.REGISTRAR), roles=[Role.ADMINISTRATOR])
    with pytest.raises(Forbidden):
        invitation(now, by=person(Role.EXAMINER))
    with pytest.raises(Forbidden):
        invitation(now, by=person(Role.ADMINISTRATOR), roles=[])
    assert not Invitation.objects.exists()


def test_an_invitation_wants_a_role_that_exists_and_an_address(now):
    with pytest.raises(Invalid) as caught:
        invitation(now, roles=["emperor"])
    assert caught.value.fields == {"roles": ["emperor"]}
    with pytest.raises(Invalid):
        invitation(now, email="not an address")


def test_the_same_invitation_is_sent_once_while_it_is_open(now):
    first = invitation(now)
    assert invitation(now) == first
    assert invitation(now, roles=[Role.INSTRUCTOR]) != first
    assert DBTaskResult.objects.filter(task_path="accounts.tasks.send_invitation").count() == 2
    assert invitation(now + timedelta(days=15)) != first


def test_an_invitation_is_accepted_by_its_address_only_and_once(now):
    row = invitation(now)
    invited, stranger = person(email="new@example.org"), person()
    with pytest.raises(Forbidden, match=r"new@example\.org"):
        accept_invitation(uuid=row.uuid, user=stranger, at=now)
    for _ in range(2):
        accept_invitation(uuid=row.uuid, user=invited, at=now)
    assert invited.roles == {"examiner"}
    assert Invitation.objects.get().accepted_by == invited


def test_an_invitation_runs_out_and_can_be_withdrawn(now):
    invited, registrar = person(email="new@example.org"), person(Role.REGISTRAR)
    old = invitation(now)
    with pytest.raises(Conflict, match="too old"):
        accept_invitation(uuid=old.uuid, user=invited, at=now + timedelta(days=14))
    withdrawn = invitation(now)
    withdraw_invitation(uuid=withdrawn.uuid, by=registrar, at=now)
    with pytest.raises(Conflict):
        accept_invitation(uuid=withdrawn.uuid, user=invited, at=now)
    used = invitation(now)
    accept_invitation(uuid=used.uuid, user=invited, at=now)
    with pytest.raises(Conflict):
        withdraw_invitation(uuid=used.uuid, by=registrar, at=now)


def test_a_registrar_does_not_withdraw_an_administrators_invitation(now):
    row = invitation(now, roles=[Role.ADMINISTRATOR])
    with pytest.raises(Forbidden):
        withdraw_invitation(uuid=row.uuid, by=person(Role.REGISTRAR), at=now)


def test_an_unknown_invitation_is_missing(now):
    somebody = person()
    with pytest.raises(Missing):
        accept_invitation(uuid=somebody.uuid, user=somebody, at=now)


def test_a_name_is_tidied_and_never_empty(now):
    somebody = person(name="Before")
    rename(user=somebody, name="  Ana   Lúcia ", by=somebody, at=now)
    assert User.objects.get(pk=somebody.pk).name == "Ana Lúcia"
    with pytest.raises(Invalid):
        rename(user=somebody, name="   ", by=somebody, at=now)
