"""What the tests of practicals share."""

import pytest
from django.db import transaction

from tests.practicals import build


@pytest.fixture(scope="module")
def standing_exam(django_db_setup, django_db_blocker):
    """One exam, built once for a module: `exam()` gives each test a copy, and what the test does to its rows is rolled back to here."""
    with django_db_blocker.unblock(), transaction.atomic():
        build.STANDING.exam = build.exam()
        yield
        build.STANDING.exam = None
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def _untaken():
    build.STANDING.taken = False
