"""Check content/ without loading it: shapes, references, and contested claims stated as true."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from cms.content.library import open_library
from cms.content.lint import lint_library


class Command(BaseCommand):
    help = __doc__
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--from", dest="root", type=Path, default=settings.BASE_DIR / "content")

    def handle(self, *args: Any, **options: Any) -> None:
        library = open_library(options["root"].resolve())
        problems = library.problems or lint_library(library)
        for problem in problems:
            self.stderr.write(str(problem))
        if problems:
            raise CommandError(f"{len(problems)} faults.")
        self.stdout.write("No faults.")
