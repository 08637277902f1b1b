from django.apps import AppConfig
from django.db.models.signals import post_migrate


def guard_after_migrate(using: str, **kwargs: object) -> None:
    from ledger.services import guard_tables

    guard_tables(using)


class LedgerConfig(AppConfig):
    name = "ledger"

    def ready(self) -> None:
        # Once, after the last app's migrations: SQLite rebuilds altered tables and would lose triggers made earlier.
        post_migrate.connect(guard_after_migrate, sender=self)
