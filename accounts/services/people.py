"""Accounts, roles and invitations."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from allauth.account.models import EmailAddress
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from accounts.models import Invitation, Role, User
from accounts.services.refusals import Conflict, Forbidden, Invalid, Missing

INVITATION_DAYS = 14

# Who may let whom in. Nobody invites to a role above their own desk.
MAY_INVITE = {
    Role.ADMINISTRATOR: frozenset(Role.values),
    Role.REGISTRAR: frozenset(Role.values) - {Role.ADMINISTRATOR},
}


def lock_learner(learner_id: int) -> User:
    """Take the one lock that everything about a learner's progress, evidence and credentials is decided under.

    Call it inside a transaction, after locking your own row and before any other.
    """
    return User.objects.select_for_update().get(pk=learner_id)


@transaction.atomic
def open_account(
    *, email: str, name: str, password: str | None, by: User | None, at: datetime
) -> tuple[User, bool]:
    """An account whose address is known to be its owner's, so that it needs no confirming; the second value says whether it is new.

    People open their own accounts by signing up; this is for imports and the demonstration.
    """
    user = User.objects.filter(email__iexact=email).first()
    if user:
        return user, False
    user = User.objects.create_user(email.lower(), password, name=name)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    log(user, "wagtail.create", user=by, timestamp=at)
    return user, True


@transaction.atomic
def rename(*, user: User, name: str, by: User, at: datetime) -> None:
    """Change how a person is addressed. What was issued keeps the name it was issued to."""
    name = " ".join(name.split())
    if not name:
        raise Invalid("no_name", _("Enter a name."), fields={"name": [_("Enter a name.")]})
    if name != user.name:
        user.name = name
        user.save(update_fields=["name"])
        log(user, "wagtail.edit", user=by, timestamp=at)


# Roles


@transaction.atomic
def give_roles(*, user: User, roles: Iterable[str], by: User | None, at: datetime) -> None:
    """Add `roles` to a person. What a role may do in Wagtail is said in lms/roles.py."""
    names = {Role(role).value for role in roles} - set(user.groups.values_list("name", flat=True))
    if not names:
        return
    user.groups.add(*(Group.objects.get_or_create(name=name)[0] for name in sorted(names)))
    user.__dict__.pop("roles", None)
    log(user, "accounts.roles_given", user=by, data={"roles": sorted(names)}, timestamp=at)


@transaction.atomic
def set_roles(*, user: User, roles: Iterable[str], by: User, at: datetime) -> None:
    """Let a person have exactly `roles`. Only an administrator does this, and nobody to themselves."""
    if not by.has_role(Role.ADMINISTRATOR):
        raise Forbidden("wrong_role", _("Only a site administrator changes roles."))
    wanted = {Role(role).value for role in roles}
    has = set(user.groups.filter(name__in=Role.values).values_list("name", flat=True))
    if wanted == has:
        return
    if user.pk == by.pk:
        raise Forbidden(
            "R2", _("Rule R2: nobody changes their own roles. Another administrator has to.")
        )
    give_roles(user=user, roles=wanted, by=by, at=at)
    taken = has - wanted
    if taken:
        user.groups.remove(*Group.objects.filter(name__in=taken))
        user.__dict__.pop("roles", None)
        log(user, "accounts.roles_taken", user=by, data={"roles": sorted(taken)}, timestamp=at)


# Invitations


def roles_to_invite_to(by: User) -> frozenset[str]:
    """The roles a person may invite others to; empty when they may invite nobody."""
    return frozenset().union(
        *(MAY_INVITE.get(Role(role), ()) for role in by.roles & set(Role.values))
    )


@transaction.atomic
def invite(
    *, email: str, name: str, roles: Iterable[str], by: User | None, at: datetime
) -> Invitation:
    """Invite somebody by e-mail to join with `roles`. The same invitation is not sent again while it is open.

    Raises Forbidden when `by` may not invite to these roles, Invalid for an unknown role or no address. `by` None is the system.
    """
    email, names = email.strip(), sorted(set(roles))
    unknown = [role for role in names if role not in Role.values]
    if unknown:
        raise Invalid(
            "unknown_role",
            _("There is no role “%(role)s”.") % {"role": unknown[0]},
            fields={"roles": unknown},
        )
    if by is not None and not (names and roles_to_invite_to(by).issuperset(names)):
        raise Forbidden("wrong_role", _("You may not invite somebody to these roles."))
    try:
        validate_email(email)
    except ValidationError:
        raise Invalid(
            "no_address",
            _("Enter an e-mail address."),
            fields={"email": [_("Enter an e-mail address.")]},
        )
    open_ones = Invitation.objects.open(at).filter(email__iexact=email)
    same = next((row for row in open_ones if row.roles == names), None)
    if same:
        return same
    invitation = Invitation.objects.create(
        email=email,
        name=name.strip(),
        roles=names,
        invited_by=by,
        invited_at=at,
        expires_at=at + timedelta(days=INVITATION_DAYS),
    )
    from accounts.tasks import send_invitation

    send_invitation.enqueue(invitation.pk)
    return invitation


@transaction.atomic
def withdraw_invitation(*, uuid: UUID, by: User, at: datetime) -> Invitation:
    """End an invitation that nobody has accepted. Raises Missing, or Conflict when it was accepted."""
    invitation = Invitation.objects.select_for_update().filter(uuid=uuid).first()
    if invitation is None:
        raise Missing("no_invitation", _("This invitation does not exist."))
    if not roles_to_invite_to(by).issuperset(invitation.roles):
        raise Forbidden("wrong_role", _("You may not withdraw this invitation."))
    if invitation.accepted_at:
        raise Conflict(
            "invitation_used",
            _("%(person)s has accepted this invitation.") % {"person": invitation.accepted_by},
        )
    if invitation.expires_at > at:
        invitation.expires_at = at
        invitation.save(update_fields=["expires_at"])
    return invitation


@transaction.atomic
def accept_invitation(*, uuid: UUID, user: User, at: datetime) -> Invitation:
    """Give the roles of an invitation to the person who opened it. Raises Missing, or Conflict when used or too old."""
    invitation = Invitation.objects.select_for_update().filter(uuid=uuid).first()
    if invitation is None:
        raise Missing("no_invitation", _("This invitation does not exist. Ask for a new one."))
    if invitation.email.lower() != user.email.lower():
        raise Forbidden(
            "other_address",
            _("This invitation was sent to %(email)s. Sign in with that address.")
            % {"email": invitation.email},
        )
    if invitation.accepted_at:
        if invitation.accepted_by_id == user.pk:
            return invitation
        raise Conflict("invitation_used", _("This invitation has been used. Ask for a new one."))
    if invitation.expires_at <= at:
        raise Conflict("invitation_expired", _("This invitation is too old. Ask for a new one."))
    invitation.accepted_at, invitation.accepted_by = at, user
    invitation.save(update_fields=["accepted_at", "accepted_by"])
    give_roles(user=user, roles=invitation.roles, by=invitation.invited_by, at=at)
    return invitation
