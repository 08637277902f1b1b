"""What a person needs in examinations: who decides, who may know."""

from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts.models import Accommodation, Role
from accounts.services import Forbidden, Invalid, accommodate, accommodation_of
from ledger.services import verify
from tests.factories import NOW, person

pytestmark = pytest.mark.django_db
GIVEN = {
    "time_factor": Decimal("1.25"),
    "break_minutes": 10,
    "larger_type": True,
    "need": "A reader.",
}


@pytest.fixture
def registrar():
    return person(Role.REGISTRAR)


def give(somebody, registrar, **fields):
    return accommodate(person=somebody, **{**GIVEN, **fields}, by=registrar, at=NOW)


def test_the_newest_decision_holds_and_the_same_again_writes_nothing(registrar):
    somebody = person()
    assert accommodation_of(somebody) is None
    first = give(somebody, registrar)
    assert give(somebody, registrar) == first
    second = give(somebody, registrar, time_factor=Decimal("1.5"))
    assert accommodation_of(somebody) == second
    assert Accommodation.objects.count() == 2 and not list(verify(Accommodation))


def test_nobody_decides_on_their_own(registrar):
    with pytest.raises(Forbidden) as caught:
        give(registrar, registrar)
    assert caught.value.code == "R2"


@pytest.mark.parametrize("role", [None, *(role for role in Role if role != Role.REGISTRAR)])
def test_only_registrars_decide(role):
    with pytest.raises(Forbidden):
        give(person(), person(*filter(None, [role])))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("time_factor", Decimal("0.5")),
        ("time_factor", Decimal(4)),
        ("break_minutes", -1),
        ("break_minutes", 999),
    ],
)
def test_what_cannot_be_given_is_refused(registrar, field, value):
    with pytest.raises(Invalid) as caught:
        give(person(), registrar, **{field: value})
    assert list(caught.value.fields) == [field]


def test_the_database_takes_no_time_from_anybody(registrar):
    row = {**GIVEN, "time_factor": Decimal("0.9"), "person": person(), "by": registrar}
    with pytest.raises(IntegrityError), transaction.atomic():
        Accommodation.objects.append(chain="x", at=NOW, **row)


@pytest.mark.parametrize("role", [None, *(role for role in Role if role != Role.REGISTRAR)])
def test_nobody_but_a_registrar_opens_the_page(client, registrar, role):
    somebody = person()
    give(somebody, registrar)
    url = reverse("accommodation", args=[somebody.uuid])
    assert client.get(url).status_code == 302
    client.force_login(person(*filter(None, [role])))
    assert client.get(url).status_code == client.post(url, {}).status_code == 403


def test_a_registrar_decides_on_the_page(client, registrar):
    somebody = person()
    client.force_login(registrar)
    url = reverse("accommodation", args=[somebody.uuid])
    sent = {"time_factor": "1.5", "break_minutes": "20", "need": "Sits near the door."}
    assert client.post(url, {**sent, "time_factor": "9"}).status_code == 400
    assert client.post(url, sent).status_code == 302
    page = client.get(url).content.decode()
    assert "times 1.5" in page and "20 minutes" in page and "Sits near the door." in page
    own = client.post(reverse("accommodation", args=[registrar.uuid]), sent)
    assert own.status_code == 403 and "R2" in own.content.decode()


def test_one_sees_ones_own_on_the_account_page(client, registrar):
    somebody = person()
    client.force_login(somebody)
    assert "In examinations you get" not in client.get(reverse("account")).content.decode()
    give(somebody, registrar)
    page = client.get(reverse("account")).content.decode()
    assert "times 1.25" in page and "A reader." in page


def test_nobody_elses_list_or_export_of_people_tells_it(client, registrar):
    give(person(name="Ida Nord"), registrar)
    client.force_login(registrar)
    for query in ("", "?export=csv"):
        response = client.get(reverse("wagtailusers_users:index") + query)
        text = b"".join(response) if response.streaming else response.content
        assert b"Ida Nord" in text
        assert b"A reader" not in text and b"1.25" not in text
