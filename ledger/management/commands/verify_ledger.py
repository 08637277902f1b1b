from django.core.management.base import BaseCommand, CommandError

from ledger.models import AppendOnly
from ledger.services import verify


class Command(BaseCommand):
    help = "Check every append-only chain; names each row that was edited behind the application's back."

    def handle(self, *args, **options):
        broken = 0
        for model in AppendOnly.kinds():
            count = model.objects.count()
            breaks = list(verify(model))
            broken += len(breaks)
            self.stdout.write(f"{model._meta.label}: {count} rows, {len(breaks)} broken")
            for found in breaks:
                self.stdout.write(f"  {found}")
        if broken:
            raise CommandError(f"{broken} rows are not what was written.")
