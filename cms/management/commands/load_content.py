"""Check content/ and load it: the scheme, registers, figures, questions, checklists, examinations, courses and pages."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from cms.content.loading import Loader
from cms.content.rows import Faulty


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--from", dest="root", type=Path, default=settings.BASE_DIR / "content")
        parser.add_argument(
            "--force", action="store_true", help="load files that have not changed, too"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        loader = Loader(
            options["root"].resolve(), at=timezone.now(), say=self._say, force=options["force"]
        )
        try:
            count = loader.load()
        except Faulty as faulty:
            for problem in faulty.problems:
                self.stderr.write(str(problem))
            raise CommandError(
                f"{len(faulty.problems)} faults. Nothing of the faulty part was loaded."
            ) from None
        self._say(
            f"Content is loaded ({count} files changed)." if count else "Content is as it was."
        )

    def _say(self, words: str) -> None:
        self.stdout.write(words)
        self.stdout.flush()
