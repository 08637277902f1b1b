"""The registrar's queue beside a large register: what it shows, and the statements it takes, do not grow with it."""

import datetime as dt
import importlib

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Role
from credentials import services
from credentials.models import Credential
from tests.credentials.issued import days_ago, edition, issued
from tests.factories import person

SPAN = dt.timedelta(days=365 * 2)


@pytest.fixture
def ending(vault):
    """Credentials that end in 40, 10 and 70 days."""
    kind = edition(validity_years=2)
    return {
        days: issued(f"Ends In {days}", at=days_ago(SPAN.days - days), kind=kind)
        for days in (40, 10, 70)
    }


# By its path: the package has a function of the same name.
waiting = importlib.import_module("credentials.services.matters")


def expiring(at):
    return [row.who for row in services.matters(at=at) if row.kind == "expiring"]


def test_of_many_that_end_those_wait_that_end_soonest(ending, monkeypatch):
    at = days_ago(0)
    assert sorted(expiring(at)) == ["Ends In 10", "Ends In 40", "Ends In 70"]
    monkeypatch.setattr(waiting, "MOST_EXPIRING", 2)
    assert sorted(expiring(at)) == ["Ends In 10", "Ends In 40"]


def test_of_many_unsigned_the_oldest_say_that_no_worker_runs(ending, monkeypatch):
    monkeypatch.setattr(waiting, "MOST_UNSIGNED", 2)
    unsigned = [row.who for row in services.matters(at=days_ago(0)) if row.kind == "unsigned"]
    assert unsigned == ["Ends In 10", "Ends In 40"]


@pytest.mark.skipif(connection.vendor != "sqlite", reason="reads SQLite's plans")
def test_they_are_found_through_an_index(ending):
    rows = Credential.objects.filter(valid_until__gte=days_ago(0).date()).order_by("valid_until")
    assert "ends_of_credentials" in rows[:2].explain()


def test_the_queue_asks_as_much_beside_many_as_beside_few(client, ending):
    client.force_login(person(Role.REGISTRAR))
    counts = []
    for _size in range(2):
        client.get(reverse("registrar-queue"))
        with CaptureQueriesContext(connection) as queries:
            assert client.get(reverse("registrar-queue")).status_code == 200
        counts.append(len(queries))
        for days in (20, 30, 50):
            kind = ending[10].credential_type
            issued(f"Ends In {days}", at=days_ago(SPAN.days - days), kind=kind)
    assert counts[0] == counts[1]
