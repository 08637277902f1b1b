"""Derive every stored practical result again from its frozen sheets and rulings, and name any that differs. Exit status 1 when one does."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from practicals.services.replaying import replay


class Command(BaseCommand):
    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        found = replay()
        for differs in found.differs:
            self.stderr.write(str(differs))
        words = f"{found.results} results derived again, {len(found.differs)} differ"
        if found.differs:
            raise CommandError(words)
        self.stdout.write(words)
