"""Races prove something only where writers run side by side: on PostgreSQL. They are their own pytest call, because they flush the database."""

import threading
from collections.abc import Callable

import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import connection, connections

from tests.conftest import ensure_wagtail_root


@pytest.fixture(autouse=True)
def _on_postgresql(transactional_db):
    if connection.vendor != "postgresql":
        pytest.fail(
            "Run the races on PostgreSQL: python -m bench.postgres pytest -o addopts= tests/races"
        )
    ContentType.objects.clear_cache()
    ensure_wagtail_root()


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
