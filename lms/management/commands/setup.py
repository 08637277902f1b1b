"""Set up a real installation: tables, signing keys, the scheme under the issuer's name, and an invitation for the first registrar.

Safe to repeat. What is not given as an option is asked for. PUBLIC_URL and ISSUER_URL come from the environment; ISSUER_URL is signed
into every credential and can never change afterwards.
"""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email
from django.utils import timezone

from accounts.models import Invitation
from cms.content.rows import Faulty
from credentials.models import CredentialType
from lms.installing import IssuedBy, first_registrar, prepare_database, prepare_house

ASKED = {
    "issuer_name": "Name of the body that issues the credentials",
    "registrar_name": "Name of the first registrar",
    "registrar_email": "E-mail address of the first registrar",
}


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        for name, words in ASKED.items():
            parser.add_argument(f"--{name.replace('_', '-')}", default="", help=words)
        parser.add_argument(
            "--scheme",
            type=Path,
            default=settings.BASE_DIR / "content",
            metavar="DIR",
            help="a content directory with the scheme, the course and the questions (default: the one that comes with Palpate)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        given = {name: (options[name] or self._ask(name)).strip() for name in ASKED}
        self._check(given, options["scheme"])
        at = timezone.now()
        self._say(f"People find this installation at {settings.PUBLIC_URL}.")
        self._say(f"Credentials are signed as {settings.ISSUER_URL}, for ever.")
        self._say("Making the tables")
        prepare_database(at=at)
        self._load(options["scheme"], given["issuer_name"], at)
        self._say("Signing keys, workflows and roles")
        prepare_house(at=at)
        self._say(f"Keys are in {settings.KEYS_DIR}. Keep a copy where nobody else finds it.")
        self._invite(given, at)

    def _ask(self, name: str) -> str:
        if not sys.stdin.isatty():
            raise CommandError(f"Give --{name.replace('_', '-')}: {ASKED[name].lower()}.")
        return input(f"{ASKED[name]}: ")

    def _check(self, given: dict[str, str], scheme: Path) -> None:
        empty = [name for name, value in given.items() if not value or "\0" in value]
        if empty:
            raise CommandError(f"{ASKED[empty[0]]} is missing.")
        too_long = [name for name, value in given.items() if len(value) > 150]
        if too_long:
            raise CommandError(f"{ASKED[too_long[0]]} has more than 150 characters.")
        try:
            validate_email(given["registrar_email"])
        except ValidationError:
            raise CommandError(f"{given['registrar_email']} is no e-mail address.") from None
        if not scheme.is_dir():
            raise CommandError(f"There is no directory {scheme}.")

    def _load(self, scheme: Path, issuer: str, at: Any) -> None:
        others = set(CredentialType.objects.values_list("issuer_name", flat=True)) - {issuer}
        if others:
            raise CommandError(
                f"The credentials here are issued by {others.pop()}. An edition in force is never edited; draft the next one instead."
            )
        loader = IssuedBy(scheme.resolve(), issuer=issuer, at=at, say=self._say)
        try:
            loader.load()
        except Faulty as faulty:
            for problem in faulty.problems:
                self.stderr.write(str(problem))
            raise CommandError(f"{len(faulty.problems)} faults in {scheme}.") from None

    def _invite(self, given: dict[str, str], at: Any) -> None:
        found = first_registrar(email=given["registrar_email"], name=given["registrar_name"], at=at)
        if isinstance(found, Invitation):
            self._say(f"{found.name} accepts the roles of registrar and site administrator here:")
            self._say(f"\n    {settings.PUBLIC_URL}/invitations/{found.uuid}/\n")
            self._say(
                "Everybody else is invited from there. Now run the server, a worker and the sweep:"
            )
        else:
            self._say(f"{found.name} is registrar and site administrator already. Run:")
        for command in ("granian …", "manage.py db_worker", "manage.py sweep --every 30"):
            self._say(f"    {command}")

    def _say(self, words: str) -> None:
        self.stdout.write(words)
        self.stdout.flush()
