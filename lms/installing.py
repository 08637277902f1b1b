"""What every installation needs before it serves, real or demonstration. Each step is safe to repeat."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.management import call_command

from accounts.models import Invitation, Role, User
from accounts.services import invite
from cms.content.library import Library
from cms.content.loading import Loader
from cms.editing import ensure_workflow
from credentials.keys import ensure_keys
from lms.roles import sync_roles
from practicals.services import ensure_checklist_workflow
from quizzes.services import ensure_item_workflow

Say = Callable[[str], None]


class IssuedBy(Loader):
    """Loads content whose credential types are issued by another body than its files name."""

    def __init__(self, root: Path, *, issuer: str, **options: Any) -> None:
        super().__init__(root, **options)
        self.issuer = issuer

    def read(self) -> Library:
        library = super().read()
        for scheme in library.scheme.values():
            scheme["issuer"] = self.issuer
        return library


def prepare_database(*, at: datetime) -> None:
    """Tables, triggers, groups; the files browsers fetch."""
    call_command("migrate", verbosity=0, interactive=False)
    call_command("collectstatic", verbosity=0, interactive=False)


def prepare_house(*, at: datetime) -> None:
    """Signing keys, review workflows, and what each role may do. After the content, which brings the pages that roles work on."""
    ensure_keys(at=at)
    ensure_workflow()
    ensure_item_workflow(at=at)
    ensure_checklist_workflow(at=at)
    sync_roles()


def first_registrar(*, email: str, name: str, at: datetime) -> Invitation | User:
    """Invite the person who invites all others; or the person, when they hold both roles already."""
    roles = [Role.REGISTRAR, Role.ADMINISTRATOR]
    person = User.objects.filter(email__iexact=email).first()
    if person and person.roles.issuperset(roles):
        return person
    return invite(email=email, name=name, roles=roles, by=None, at=at)
