"""The registrar's queue beside a large register: what it shows, and the statements it takes, do not grow with it."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Role
from credentials import api_bulk, queue, services
from credentials.models import Credential
from tests.credentials.issued import days_ago, edition, issued
from tests.credentials.pages import text
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


def expiring(at):
    return [row.who for row in services.matters(at=at) if row.kind == "expiring"]


@pytest.fixture
def two_at_most(monkeypatch):
    """The queue of everything shows two of each long list, and a page of it two."""
    monkeypatch.setattr(services.Watched.first, "__defaults__", (2,))
    monkeypatch.setattr(queue, "PAGE", 2)


@pytest.fixture
def desk(client, db):
    client.force_login(person(Role.REGISTRAR))
    return client


def look(desk, **asked):
    return desk.get(reverse("registrar-queue"), asked)


def people(answer):
    return [row.matter.who for row in answer.context["rows"]]


def test_of_many_that_end_those_wait_that_end_soonest(ending, two_at_most):
    assert sorted(expiring(days_ago(0))) == ["Ends In 10", "Ends In 40"]


def test_of_many_unsigned_the_oldest_say_that_no_worker_runs(ending, two_at_most):
    unsigned = [row.who for row in services.matters(at=days_ago(0)) if row.kind == "unsigned"]
    assert unsigned == ["Ends In 10", "Ends In 40"]


def test_what_is_left_out_is_counted_and_said_and_leads_to_all_of_it(desk, ending, two_at_most):
    answer = look(desk)
    assert "Expiring: here are the first 2 of 3. All 3, page by page" in text(answer)
    assert answer.context["count"] == 6, "three that end and three unsigned"
    assert {tab["label"]: tab["count"] for tab in answer.context["tabs"]}["Expiring"] == 3
    assert "here are the first" not in text(look(desk, kind="expiring"))


def test_nothing_is_said_where_nothing_is_left_out(desk, ending):
    assert "here are the first" not in text(look(desk))


@pytest.mark.parametrize("kind", ["expiring", "unsigned"])
def test_a_long_list_is_walked_to_its_end_and_back(desk, ending, two_at_most, kind):
    order = ["Ends In 10", "Ends In 40", "Ends In 70"]
    first = look(desk, kind=kind)
    assert people(first) == order[:2]
    assert first.context["previous"] is None
    second = desk.get(reverse("registrar-queue") + first.context["next"])
    assert people(second) == order[2:]
    assert second.context["next"] is None
    assert "1 of 3 shown" in text(second)
    back = desk.get(reverse("registrar-queue") + second.context["previous"])
    assert people(back) == people(first)
    assert back.context["previous"] is None


@pytest.mark.parametrize(
    "place", ["", "~", "2026-02-30~1", "2026-01-01", "a~b", "~1", "2026-01-01~" + "9" * 30, "１~１"]
)
def test_a_place_nobody_knows_is_the_beginning(desk, ending, two_at_most, place):
    for name in ("after", "before"):
        answer = look(desk, kind="expiring", **{name: place})
        assert people(answer) == ["Ends In 10", "Ends In 40"]
        assert answer.context["previous"] is None


@pytest.mark.parametrize(
    ("kind", "place"),
    [("", "~"), ("expiring", "9999-12-31~9"), ("unsigned", "9999-12-31T00:00:00+00:00~9")],
)
def test_behind_the_last_of_a_list_is_its_last_page(desk, ending, two_at_most, kind, place):
    answer = look(desk, kind=kind, after=place)
    assert people(answer) and answer.context["next"] is None


def test_a_long_list_is_searched_by_name_and_number_wherever_it_stands(desk, ending, two_at_most):
    assert people(look(desk, kind="expiring", q="in 70")) == ["Ends In 70"]
    number = ending[70].number
    assert people(look(desk, kind="unsigned", q=number.lower())) == ["Ends In 70"]
    assert people(look(desk, kind="expiring", q="nobody")) == []


def test_what_is_past_its_time_is_found_in_a_long_list(desk, ending, two_at_most):
    assert look(desk, kind="unsigned", late="1").context["found"] == 3
    assert look(desk, kind="expiring", late="1").context["found"] == 0
    assert look(desk).context["late"] == 3


@pytest.mark.skipif(connection.vendor != "sqlite", reason="reads SQLite's plans")
def test_they_are_found_through_an_index(ending):
    rows = Credential.objects.filter(valid_until__gte=days_ago(0).date()).order_by("valid_until")
    assert "ends_of_credentials" in rows[:2].explain()


@pytest.mark.parametrize("asked", [{}, {"kind": "expiring"}, {"kind": "unsigned", "q": "ends"}])
def test_the_queue_asks_as_much_beside_many_as_beside_few(desk, ending, asked):
    counts = []
    for _size in range(2):
        look(desk, **asked)
        with CaptureQueriesContext(connection) as queries:
            assert look(desk, **asked).status_code == 200
        counts.append(len(queries))
        for days in (20, 30, 50):
            kind = ending[10].credential_type
            issued(f"Ends In {days}", at=days_ago(SPAN.days - days), kind=kind)
    assert counts[0] == counts[1]


def test_programs_walk_a_long_list_to_its_end(desk, ending, monkeypatch):
    monkeypatch.setattr(api_bulk, "MATTERS", 2)
    first = desk.get(reverse("api-matters"), {"kind": "expiring"}).json()
    second = desk.get(first["next"]).json()
    assert [row["who"] for row in first["results"]] == ["Ends In 10", "Ends In 40"]
    assert [row["who"] for row in second["results"]] == ["Ends In 70"]
    assert second["next"] is None
