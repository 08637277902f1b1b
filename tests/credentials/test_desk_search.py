"""Registrars find any credential: by number or its beginning, by e-mail address, by a name that is mistyped; of one status; page by page."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Role
from credentials import desk_search, numbers
from credentials.models import Credential
from tests.credentials.issued import change, edition, issued
from tests.credentials.pages import text
from tests.factories import person

NAMES = ["Orla Brandreth", "Anne-Marie O’Neill", "Tomas Wieland", "Zoë Kovač"]


@pytest.fixture
def register(vault):
    kind = edition()
    return {name: issued(name, kind=kind, listed=name != "Zoë Kovač") for name in NAMES}


@pytest.fixture
def look(client, register):
    client.force_login(person(Role.REGISTRAR))

    def look(**asked):
        answer = client.get(reverse("registrar-register"), asked)
        assert answer.status_code == 200
        return answer

    return look


def found(answer):
    return [row["credential"].name for row in answer.context["rows"]]


@pytest.mark.parametrize("typed", ["kovac", "ZOE", "zoë k", "Kovač Zoë"])
def test_a_name_is_found_by_the_beginnings_of_its_words_listed_or_not(look, typed):
    answer = look(q=typed)
    assert found(answer) == ["Zoë Kovač"] and not answer.context["near"]


@pytest.mark.parametrize(
    ("typed", "name"),
    [("brandeth", "Orla Brandreth"), ("vieland", "Tomas Wieland"), ("kowac", "Zoë Kovač")],
)
def test_a_mistyped_name_offers_whom_was_meant(look, typed, name):
    answer = look(q=typed)
    assert name in found(answer)
    assert "Did you mean" in text(answer)


def test_a_number_is_found_whole_in_part_and_with_a_slip(look, register):
    wanted = register["Tomas Wieland"].number
    for typed in (wanted, wanted.lower().replace("-", " "), wanted[:-2], wanted[:9] + "-"):
        if any(letter.isdigit() for letter in typed):
            assert "Tomas Wieland" in found(look(q=typed)), typed
    slip = wanted[:-1] + ("0" if wanted[-1] != "0" else "1")
    assert found(look(q=slip)) == ["Tomas Wieland"]


def test_an_address_is_found_whole_and_no_other_is_offered(look, register):
    holder = register["Orla Brandreth"].holder
    assert found(look(q=holder.email.upper())) == ["Orla Brandreth"]
    assert "Nothing here fits" in text(look(q="x" + holder.email))


@pytest.mark.parametrize("typed", ["\0nobody%", "%", "_", "@", "-", "'); --", "SMT-ÄÖ1", "1" * 200])
def test_what_is_nobody_s_finds_nobody(look, typed):
    assert "Nothing here fits" in text(look(q=typed))


def test_the_register_is_filtered_by_the_status_of_today(look, register):
    suspended = register["Tomas Wieland"]
    change(suspended, "suspend")
    assert found(look(status="suspended")) == ["Tomas Wieland"]
    assert found(look(q="vieland", status="suspended")) == ["Tomas Wieland"]
    assert found(look(q="vieland", status="active")) == []
    assert len(found(look(status="nonsense"))) == len(NAMES)


def test_namesakes_are_paged_each_once(client, look, register, monkeypatch):
    monkeypatch.setattr(desk_search, "PAGE", 2)
    kind = register["Orla Brandreth"].credential_type
    for _namesake in range(4):
        issued("Orla Brandreth", kind=kind)
    seen, query = [], "?q=orla"
    while query:
        context = client.get(reverse("registrar-register") + query).context
        seen += [row["credential"].number for row in context["rows"]]
        query = context["next"]
    assert sorted(seen) == sorted(
        Credential.objects.filter(name="Orla Brandreth").values_list("number", flat=True)
    )
    assert len(seen) == len(set(seen)) == 5


def test_everything_is_paged_by_name(client, look, monkeypatch):
    monkeypatch.setattr(desk_search, "PAGE", 3)
    first = look()
    second = client.get(reverse("registrar-register") + first.context["next"])
    assert found(first) + found(second) == [
        "Anne-Marie O’Neill",
        "Orla Brandreth",
        "Tomas Wieland",
        "Zoë Kovač",
    ]
    assert second.context["first"] == "?" and second.context["next"] is None


@pytest.mark.parametrize("typed", ["", "orla", "vieland", "SMT-7K3", "orla@example.org"])
def test_a_search_takes_the_same_few_statements_whatever_it_finds(look, register, typed):
    Credential.objects.filter(name="Orla Brandreth").update(number="SMT-7K3Q-90TX")
    look(q=typed)
    counts = []
    for _size in range(2):
        with CaptureQueriesContext(connection) as queries:
            look(q=typed)
        counts.append(len(queries))
        for name in ("Orla Wielandt", "Orla Wielant", "Orla Brand"):
            issued(name, kind=register["Orla Brandreth"].credential_type)
    assert counts[0] == counts[1] <= 12


@pytest.mark.parametrize("role", [None, *(role for role in Role if role != Role.REGISTRAR)])
def test_nobody_else_searches_it(client, register, role):
    client.force_login(person(*([role] if role else [])))
    assert client.get(reverse("registrar-register"), {"q": "orla"}).status_code == 403


@pytest.mark.parametrize(
    ("typed", "begins"),
    [
        ("smt 7k3", "SMT-7K3"),
        ("SMT-7K3Q-9o", "SMT-7K3Q-90"),
        (" smt-7", "SMT-7"),
        ("SMT", None),
        ("O’Neill", None),
        ("van Gogh", None),
        ("SMT-7K3Q-90TX", None),
    ],
)
def test_the_beginning_of_a_number_is_known_by_its_digits(typed, begins):
    assert numbers.beginning(typed) == begins
