"""`manage.py reseal`: seals every health note with a new key. See docs/keys.md."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import transaction
from django.db.models import TextField
from django.db.models.functions import Cast

from practicals import sealing
from practicals.models import Appointment, ClientModel, DayKey

SEALED = {
    ClientModel: ("allergies", "avoid", "notes"),
    Appointment: ("avoid",),
    DayKey: ("private",),
}


class Command(BaseCommand):
    help = "Seal every health note with a new key; killed, run it again with --go-on."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--go-on", action="store_true", help="make no new key: finish the last run"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["go_on"]:
            sealing.add_key()
        count = sum(self._seal(model, name) for model, names in SEALED.items() for name in names)
        sealing.drop_old_keys()
        self.stdout.write(
            f"Sealed {count} notes anew; {sealing.keys_path()} has one key. Back it up now, apart from the database."
        )

    def _seal(self, model: Any, name: str) -> int:
        """Each row on its own, under its lock, so that nobody waits for all of them."""
        count = 0
        for pk in model.objects.exclude(**{name: ""}).values_list("pk", flat=True).iterator():
            with transaction.atomic():
                rows = model.objects.select_for_update().filter(pk=pk)
                stored = rows.annotate(stored=Cast(name, TextField())).values_list(
                    "stored", flat=True
                )[0]
                if stored and not sealing.is_sealed_by_the_first(stored):
                    rows.update(**{name: sealing.unseal(stored)})
                    count += 1
        return count
