"""Changing rows behind the application's back, as somebody with the database in their hands would."""

from typing import Any

from django.db import connection

from ledger.models import AppendOnly


def behind_our_back(sql: str, *params: Any) -> None:
    """Run one statement past the ledger's triggers; foreign keys are not asked either."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET session_replication_role = replica")
        else:
            for model in AppendOnly.kinds():
                cursor.execute(f'DROP TRIGGER IF EXISTS "{model._meta.db_table}_written_once"')
        cursor.execute(sql, params)
        if connection.vendor == "postgresql":
            cursor.execute("SET session_replication_role = DEFAULT")
