"""Check that the register is what was written, and name every row that is not. Ends with 1 when there is one."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from credentials.services import check_register
from ledger.models import AppendOnly


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--files", action="store_true", help="also read every stored document and compare it"
        )

    def handle(self, *args: Any, files: bool, **options: Any) -> None:
        found = 0
        for finding in check_register(at=timezone.now(), files=files):
            found += 1
            self.stdout.write(str(finding))
        rows = sum(model.objects.count() for model in AppendOnly.kinds())
        if found:
            raise CommandError(f"{found} rows are not what was written.")
        self.stdout.write(f"{rows} rows in {len(AppendOnly.kinds())} ledgers hold.")
