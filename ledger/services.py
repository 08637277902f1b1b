"""Checking the chains, and the triggers that guard them."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.conf import settings
from django.db import connections

from ledger.models import GENESIS, AppendOnly


@dataclass(frozen=True)
class Break:
    """One row that is not what was written: which, and what is wrong with it."""

    model: str
    pk: int
    chain: str
    sequence: int
    what: str

    def __str__(self) -> str:
        return f"{self.model} {self.pk} (chain {self.chain}, row {self.sequence}): {self.what}"


def verify(model: type[AppendOnly], chain: str | None = None) -> Iterator[Break]:
    """Walk every chain of `model` in order and yield each row that was edited, inserted or taken out behind our back."""
    rows = model.objects.order_by("chain", "sequence")
    # Rows a hash names by their uuid come along: otherwise each row would ask for each of them.
    named = [
        field.name
        for field in model._meta.fields
        if field.is_relation and field.name in model.HASHED
    ]
    if named:
        rows = rows.select_related(*named)
    if chain is not None:
        rows = rows.filter(chain=chain)
    last_chain, expected, previous = None, 1, GENESIS
    for row in rows.iterator(chunk_size=500):
        if row.chain != last_chain:
            last_chain, expected, previous = row.chain, 1, GENESIS
        problem = None
        if row.sequence != expected:
            problem = f"row {expected} is missing before it"
        elif row.previous != previous:
            problem = "does not follow from the row before it"
        elif row.computed_hash() != row.hash:
            problem = "its content is not what was hashed when it was written"
        if problem:
            yield Break(model._meta.label, row.pk, row.chain, row.sequence, problem)
        expected, previous = row.sequence + 1, row.hash


def guard_tables(using: str = "default") -> None:
    """Install (again) the triggers that refuse to change append-only rows. Idempotent; called after every migrate.

    PostgreSQL and SQLite refuse UPDATE and DELETE; `LEDGER_REFUSES_DELETE` is off under the test runner only, which empties SQLite's
    tables by DELETE. TRUNCATE stays possible for the owner of a PostgreSQL database.
    """
    connection = connections[using]
    present = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        for table in (model._meta.db_table for model in AppendOnly.kinds()):
            if table not in present:
                continue
            if connection.vendor == "postgresql":
                cursor.execute(
                    """
                    CREATE OR REPLACE FUNCTION ledger_refuse() RETURNS trigger AS $$
                    BEGIN RAISE EXCEPTION 'rows of % are written once', TG_TABLE_NAME; END
                    $$ LANGUAGE plpgsql
                    """
                )
                cursor.execute(
                    f'CREATE OR REPLACE TRIGGER written_once BEFORE UPDATE OR DELETE ON "{table}" '
                    "FOR EACH ROW EXECUTE FUNCTION ledger_refuse()"
                )
            elif connection.vendor == "sqlite":
                refuse = f"BEGIN SELECT RAISE(ABORT, 'rows of {table} are written once'); END"
                cursor.execute(
                    f'CREATE TRIGGER IF NOT EXISTS "{table}_written_once" BEFORE UPDATE ON "{table}" {refuse}'
                )
                if settings.LEDGER_REFUSES_DELETE:
                    cursor.execute(
                        f'CREATE TRIGGER IF NOT EXISTS "{table}_kept" BEFORE DELETE ON "{table}" {refuse}'
                    )
