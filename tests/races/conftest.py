"""Races prove something only where writers run side by side: on PostgreSQL. They are their own pytest call, because they flush the database."""

import threading
from collections.abc import Callable

import pytest
from django.db import connection, connections, transaction

from tests.conftest import ensure_wagtail_root

# What a migrate writes besides tables; no race changes it.
MIGRATED = (
    "django_migrations",
    "django_content_type",
    "auth_permission",
    "auth_group",
    "auth_group_permissions",
)


@pytest.fixture(autouse=True)
def transactional_db(django_db_setup, django_db_blocker):
    """As pytest-django's, rows are really committed and really deleted afterwards; only that is quicker."""
    if connection.vendor != "postgresql":
        pytest.fail(
            "Run the races on PostgreSQL: python -m bench.postgres pytest -o addopts= tests/races"
        )
    with django_db_blocker.unblock():
        delete_everything()
        ensure_wagtail_root()
        yield
        delete_everything()


def delete_everything() -> None:
    """Django's own flush would make every permission and read every migration anew, which takes longer than most races."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")  # no trigger, no foreign key
        for table in connection.introspection.django_table_names(only_existing=True):
            if table not in MIGRATED:
                cursor.execute(f"DELETE FROM {connection.ops.quote_name(table)}")


@pytest.fixture
def together() -> Callable[..., list[object]]:
    """Run functions at the same moment, each on its own connection; returns what each returned or raised."""

    def run(*functions: Callable[[], object]) -> list[object]:
        barrier = threading.Barrier(len(functions))
        outcomes: list[object] = [None] * len(functions)

        def work(index: int, function: Callable[[], object]) -> None:
            barrier.wait()
            try:
                outcomes[index] = function()
            except Exception as error:
                outcomes[index] = error
            finally:
                connections.close_all()

        threads = [threading.Thread(target=work, args=pair) for pair in enumerate(functions)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        return outcomes

    return run
