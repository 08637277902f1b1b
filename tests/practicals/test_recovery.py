"""A forgotten passphrase: the examiner asks from the tablet, somebody else allows it, and the tablet has its data key for an hour."""

import base64
import os
from datetime import timedelta
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives import serialization
from django.urls import reverse
from wagtail.models import ModelLogEntry

from accounts.models import Role
from accounts.services import Conflict, Forbidden, Invalid, Missing
from practicals import services
from practicals.models import DayKey, Opening
from practicals.services.recovery import OAEP
from practicals.sheet import Device
from tests.factories import NOW, person
from tests.practicals.build import exam
from tests.practicals.test_resits import again
from tests.practicals.test_views import browse

pytestmark = pytest.mark.django_db
WHY = "She stands before me; the number is the one on her tablet."
HOUR = timedelta(hours=1)
VAULT = uuid4()


@pytest.fixture
def built():
    made = exam()
    services.download_day(exam_day=made.day, device=Device("tablet"), by=made.examiners[0], at=NOW)
    return made


DATA_KEY = os.urandom(32)


def wrapped(built, data=DATA_KEY):
    """What the tablet keeps."""
    spki = base64.b64decode(services.key_of(built.day, at=NOW).public)
    return base64.b64encode(serialization.load_der_public_key(spki).encrypt(data, OAEP)).decode()


def ask(built, kept, by=None, at=NOW, device="tablet", vault=VAULT):
    return services.ask_opening(
        exam_day=built.day, vault=vault, device=device, wrapped=kept,
        by=by or built.examiners[0], at=at,
    )  # fmt: skip


def allow(built, row, by=None, at=NOW, reason=WHY):
    return services.allow_opening(opening=row, reason=reason, by=by or built.registrar, at=at)


def test_the_key_comes_once_somebody_has_allowed_it(built):
    kept = wrapped(built)
    row, key = ask(built, kept)
    assert key is None and row.code == str(VAULT)[:6].upper()
    assert ask(built, kept) == (row, None)
    allow(built, row)
    again, key = ask(built, kept, at=NOW + HOUR / 2)
    assert base64.b64decode(key) == DATA_KEY and again.taken_at
    assert ask(built, kept, at=NOW + HOUR / 2)[1] == key  # the answer was lost on its way
    said = set(ModelLogEntry.objects.values_list("action", flat=True))
    assert {"practicals.ask_opening", "practicals.allow_opening", "practicals.opened"} <= said


def test_not_after_an_hour_nor_on_another_device_nor_by_anybody_else(built):
    kept = wrapped(built)
    row, _key = ask(built, kept)
    allow(built, row)
    for changes in ({"at": NOW + 2 * HOUR}, {"device": "phone"}):
        with pytest.raises(Conflict) as caught:
            ask(built, kept, **changes)
        assert caught.value.code == "opening_over"
    with pytest.raises(Missing):
        ask(built, kept, by=built.examiners[1])
    assert list(Opening.objects.waiting(NOW + 2 * HOUR)) == [row]
    allow(built, row, at=NOW + 2 * HOUR)
    assert ask(built, kept, at=NOW + 2 * HOUR)[1]


def test_what_was_sealed_for_another_day_or_is_nonsense_is_refused(built):
    good = wrapped(built)
    for kept in ("", "nonsense", "AAAA", base64.b64encode(b"x" * 384).decode(), good[:-8]):
        with pytest.raises(Invalid):
            ask(built, kept)
    assert not Opening.objects.exists()


def test_the_private_half_is_not_readable_in_the_database(built):
    services.key_of(built.day, at=NOW)
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT private FROM practicals_daykey")
        assert "PRIVATE" not in cursor.fetchone()[0]
    assert "PRIVATE" in DayKey.objects.get().private


def test_nobody_allows_their_own_and_a_reason_is_given(built):
    row, _key = ask(built, wrapped(built))
    for role in (None, Role.EXAMINER, Role.INSTRUCTOR, Role.INVIGILATOR):
        with pytest.raises(Forbidden):
            allow(built, row, by=person(*filter(None, [role])))
    own = person(Role.CHIEF_EXAMINER)
    Opening.objects.filter(pk=row.pk).update(examiner=own)
    with pytest.raises(Forbidden) as caught:
        allow(built, row, by=own)
    assert caught.value.code == "R2"
    for reason in ("", "x" * 501, "a\x00b"):
        with pytest.raises(Invalid):
            allow(built, row, reason=reason)


def test_by_the_interface_and_on_the_page(built, monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)
    tablet, url = browse(built.examiners[0]), f"/api/v1/practicals/days/{built.day.uuid}/opening/"
    kept = {"vault": str(VAULT), "device": "tablet", "wrapped": wrapped(built)}
    day = tablet.post(
        f"/api/v1/practicals/days/{built.day.uuid}/download/", {"device": "tablet"},
        "application/json",
    ).json()  # fmt: skip
    assert day["recovery_key"] == DayKey.objects.get().public and "PRIVATE" not in str(day)
    assert browse().post(url, kept, "application/json").status_code == 401
    assert browse(built.registrar).post(url, kept, "application/json").status_code == 403
    assert browse(built.examiners[1]).post(url, kept, "application/json").status_code == 404
    for wrong in (
        {},
        {**kept, "vault": "x"},
        {**kept, "wrapped": "x" * 1001},
        {**kept, "device": ""},
    ):
        assert tablet.post(url, wrong, "application/json").status_code == 400
    assert tablet.post(url, kept, "application/json").json()["key"] is None
    chief = browse(built.chief)
    (row,) = chief.get("/api/v1/practicals/openings/").json()["results"]
    assert tablet.get("/api/v1/practicals/openings/").status_code == 403
    assert "tablet waits to be opened" in chief.get(reverse("chief-desk")).content.decode()
    registrar = browse(built.registrar)
    assert "tablet waits to be opened" in registrar.get(reverse("exam-days")).content.decode()
    page = reverse("openings")
    assert row["code"] in registrar.get(page).content.decode()
    assert tablet.get(page).status_code == 403
    assert registrar.post(page, {"opening": row["uuid"], "reason": " "}).status_code == 400
    assert registrar.post(page, {"opening": "x", "reason": "x"}).status_code == 302
    assert registrar.post(page, {"opening": str(uuid4()), "reason": "x"}).status_code == 404
    allowed = f"/api/v1/practicals/openings/{row['uuid']}/allow/"
    assert tablet.post(allowed, {"reason": WHY}, "application/json").status_code == 403
    assert registrar.post(page, {"opening": row["uuid"], "reason": WHY}).status_code == 302
    assert registrar.post(page, {"opening": row["uuid"], "reason": WHY}).status_code == 302
    assert chief.post(allowed, {"reason": WHY}, "application/json").status_code == 200
    key = tablet.post(url, kept, "application/json").json()["key"]
    assert base64.b64decode(key) == DATA_KEY
    assert "No tablet waits" in registrar.get(page).content.decode()


# Once nobody can need them any more


LATER = NOW + timedelta(days=40)


def forgotten(at=LATER):
    count = services.forget_keys(at=at)
    assert count == (not DayKey.objects.exists())
    return bool(count)


def test_the_keys_of_a_day_are_deleted_when_all_is_signed_and_a_month_is_over(built):
    ask(built, wrapped(built))
    built.score()
    assert not forgotten(NOW + timedelta(days=30))
    assert forgotten() and not Opening.objects.exists()
    entry = ModelLogEntry.objects.get(action="practicals.forget_keys")
    assert entry.object_id == str(built.day.pk) and entry.timestamp == LATER
    assert services.forget_keys(at=LATER) == 0


def test_never_while_a_sheet_may_still_lie_on_a_tablet(built):
    services.key_of(built.day, at=NOW)
    for code, place in (("P1", "A"), ("P1", "B"), ("T2", "A")):
        built.send(code, place)
    assert not forgotten(NOW + timedelta(days=400))
    built.send("T2", "B", final=False)
    assert not forgotten()
    built.send("T2", "B", rev=2)
    assert forgotten()


def test_nor_while_an_annulment_may_be_taken_back(built):
    services.key_of(built.day, at=NOW)
    for code, place in (("P1", "A"), ("P1", "B"), ("T2", "A")):
        built.send(code, place)
    first = built.appointment
    services.annul_station(
        appointment=first, station=built.station("T2"), reasons="It fell into the pool.",
        by=built.chief, at=NOW + timedelta(days=1),
    )  # fmt: skip
    assert not forgotten()
    again(built, after=timedelta(days=4))
    assert forgotten()


def test_who_did_not_come_and_who_declined_hold_nothing_up(built):
    for state in ("absent", "declined", "cancelled"):
        type(built.appointment).objects.update(state=state)
        services.key_of(built.day, at=NOW)
        assert forgotten()


def test_a_tablet_that_asks_afterwards_is_told_so(built):
    kept = wrapped(built)
    built.score()
    assert forgotten()
    with pytest.raises(Conflict) as caught:
        ask(built, kept, at=LATER)
    assert caught.value.code == "keys_deleted" and "nothing on this tablet" in caught.value.sentence
    assert not Opening.objects.exists()


def test_a_look_at_the_keys_costs_one_query(built, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert services.forget_keys(at=NOW) == 0
