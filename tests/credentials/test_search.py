"""Finding people by a mistyped name or number; few at a time, only those who are listed."""

import itertools

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from credentials import names, numbers, services
from credentials.models import Credential
from tests.credentials.issued import edition, issued


@pytest.mark.parametrize(
    ("one", "other"),
    [("Schmidt", "Szmit"), ("Philips", "Filips"), ("Wieland", "Vieland"), ("Müller", "Muler")],
)
def test_what_sounds_alike_has_one_sound(one, other):
    assert names.sound(names.fold(one)) == names.sound(names.fold(other))


letters = st.text("abcdeiklmnorstuvwz", min_size=4, max_size=9)


@given(letters, st.data())
def test_one_slip_is_one_apart(word, data):
    place = data.draw(st.integers(0, len(word) - 2))
    slips = [
        word[:place] + word[place + 1] + word[place] + word[place + 2 :],
        word[:place] + word[place + 1 :],
        word[:place] + "q" + word[place:],
    ]
    assert all(names.distance(word, slip) <= 1 for slip in slips)
    assert names.word_likeness(slips[2], word) > 0


@given(st.integers(0, 7), st.sampled_from(numbers.ALPHABET))
def test_a_number_with_one_wrong_symbol_is_among_the_few_near_it(place, symbol):
    number = "SMT-7K3Q-90T" + numbers.check_symbol("7K3Q90T")
    symbols = number[4:].replace("-", "")
    wrong = symbols[:place] + symbol + symbols[place + 1 :]
    if wrong == symbols:
        return
    near = numbers.near(f"SMT-{wrong}")
    assert number in near and len(near) <= 40


@pytest.fixture(scope="module")
def standing_people(standing, standing_vault):
    return standing(build_people)


@pytest.fixture
def people(own, vault, standing_people):
    return own(standing_people)


def build_people():
    kind = edition()
    listed = ["Orla Brandreth", "Anne-Marie O’Neill", "Tomas Wieland", "Béla Szabó"]
    rows = {name: issued(name, kind=kind) for name in listed}
    return {**rows, "Orla Hidden": issued("Orla Hidden", kind=kind, listed=False)}


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("brandeth", "Orla Brandreth"),
        ("Orla Brnadreth", "Orla Brandreth"),
        ("oneil", "Anne-Marie O’Neill"),
        ("vieland", "Tomas Wieland"),
        ("szabo bela", "Béla Szabó"),
        ("sabo", "Béla Szabó"),
    ],
)
def test_a_mistyped_name_finds_whom_was_meant(client, people, typed, name):
    answer = client.get("/api/v1/register/", {"q": typed}).json()
    assert name in [row["name"] for row in answer["results"]]


def test_a_mistyped_number_offers_the_one_that_was_meant(client, people):
    number = people["Tomas Wieland"].number
    swapped = number[:-2] + number[-1] + number[-2]
    if swapped == number:
        swapped = number[:-1] + ("0" if number[-1] != "0" else "1")
    answer = client.get("/api/v1/register/", {"q": swapped}).json()
    assert answer["near"] and [row["number"] for row in answer["results"]] == [number]


def test_a_mistyped_number_of_letters_alone_is_no_name(client, people):
    meant = people["Tomas Wieland"]
    body = next(
        body
        for body in map("".join, itertools.permutations("ABCDEFGH", 7))
        if numbers.check_symbol(body).isalpha() and numbers.check_symbol(body) != body[-1]
    )
    meant.number = numbers.join("SMT", body + numbers.check_symbol(body))
    meant.save(update_fields=["number"])
    swapped = meant.number[:-2] + meant.number[-1] + meant.number[-2]
    answer = client.get("/api/v1/register/", {"q": swapped}).json()
    assert answer["near"] and [row["number"] for row in answer["results"]] == [meant.number]


@pytest.mark.parametrize("typed", ["hidden", "hiden", "Orla Hiddne"])
def test_whoever_is_not_listed_is_not_found_by_name_mistyped_or_not(client, people, typed):
    answer = client.get("/api/v1/register/", {"q": typed}).json()
    assert answer["results"] == []


def test_a_search_takes_a_fixed_number_of_statements(client, people):
    counts = []
    for typed in ("wieland", "vieland"):
        client.get("/api/v1/register/", {"q": typed})
        with CaptureQueriesContext(connection) as queries:
            client.get("/api/v1/register/", {"q": typed})
        counts.append(len(queries))
    assert counts[0] <= 2 and counts[1] <= 6


def test_nobody_gathers_more_than_sixty_names_by_one_search(client, people, monkeypatch):
    from credentials import register_search

    monkeypatch.setattr(register_search, "PAGE", 1)
    kind = people["Orla Brandreth"].credential_type
    for number in range(4):
        issued(f"Zoltan Number{number}", kind=kind)
    answer, seen = client.get("/api/v1/register/", {"q": "zoltan"}).json(), []
    for _page in range(2):
        seen += [row["name"] for row in answer["results"]]
        answer = client.get(answer["next"]).json()
    assert (answer["next"], answer["more"], len(seen)) == (None, True, 2)
    assert client.get("/api/v1/register/", {"q": "zo"}).status_code == 400
    assert list(services.search(Credential.objects.all(), "  ")) == []


def test_of_many_with_a_name_those_come_first_who_bear_the_very_word(people):
    kind = people["Orla Brandreth"].credential_type
    issued("Kim Hidden", kind=kind, listed=False)
    for name in ("Aaron Kimball", "Zoe Kim", "Bo Kim"):
        issued(name, kind=kind)
    listed = Credential.objects.listed()
    assert [row.name for row in services.search(listed, "kim", most=2)] == ["Bo Kim", "Zoe Kim"]
    assert [row.name for row in services.search(listed, "kim")] == [
        "Aaron Kimball",
        "Bo Kim",
        "Zoe Kim",
    ]


@pytest.mark.skipif(connection.vendor != "sqlite", reason="reads SQLite's plans")
@pytest.mark.parametrize(
    "typed", ["wieland", "vieland", "bela szabo", "bela sabo", "SMT-7K3Q-90TX", "SMT-7K3Q-90T0"]
)
def test_no_search_walks_the_register(client, people, typed):
    client.get("/api/v1/register/", {"q": typed})
    with CaptureQueriesContext(connection) as queries:
        client.get("/api/v1/register/", {"q": typed})
    for query in queries.captured_queries:
        with connection.cursor() as cursor:
            cursor.execute("EXPLAIN QUERY PLAN " + query["sql"])
            plan = [row[3] for row in cursor.fetchall()]
        assert not [step for step in plan if step.startswith("SCAN")], query["sql"]
