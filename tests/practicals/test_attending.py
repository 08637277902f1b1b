"""At the door: identity seen and never numbered, the agreement, absence; client models and what protects them."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Role
from accounts.services import Conflict, Forbidden, Invalid, give_roles
from ledger.services import verify
from practicals import documents, services
from practicals.models import AgreementMade, Appointment, CheckIn, ClientModel, ClientPlace
from practicals.services.attending import NUMBER
from tests.factories import NOW, person
from tests.practicals.build import BEFORE, applicant, exam
from tests.practicals.test_views import browse, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("standing_exam")]
DUE = NOW + timedelta(hours=2)


@pytest.fixture
def built():
    return exam()


@pytest.fixture
def clock(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)


def check_in(built, at=NOW, by=None, **given):
    return services.check_in(
        appointment=built.appointment,
        by=by or built.registrar,
        at=at,
        **{"identity": "passport", "name": "Orla Brandreth", **given},
    )


# Check-in


def test_a_check_in_keeps_what_was_seen_by_whom_and_what_was_agreed(built):
    row = check_in(built)
    assert row.checked_in_at == NOW
    assert check_in(built, at=NOW + timedelta(minutes=5)).checked_in_at == NOW
    seen, made = CheckIn.objects.get(), AgreementMade.objects.get()
    assert (seen.identity, seen.by, seen.agreed) == ("passport", built.registrar, made)
    assert made.agreement.text == built.plan.agreement and made.by == built.registrar
    for model in (CheckIn, AgreementMade, type(made.agreement)):
        assert list(verify(model)) == []


def test_who_agreed_on_their_own_page_only_shows_a_document(built):
    services.agree(appointment=built.appointment, name="Orla B.", by=built.candidate, at=BEFORE)
    check_in(built, name="")
    assert AgreementMade.objects.get().by == built.candidate


@pytest.mark.parametrize(
    ("given_", "field"),
    [
        ({"identity": "library card"}, "identity"),
        ({"identity": "other"}, "words"),
        ({"identity": "other", "words": "Union card 48 12 77"}, "words"),
        ({"identity": "passport", "words": "533380006"}, "words"),
        ({"name": " "}, "name"),
        ({"words": "x" * 101}, "words"),
    ],
)
def test_what_is_missing_or_a_number_is_refused_beside_its_field(given_, field, built):
    with pytest.raises(Invalid) as refusal:
        check_in(built, **given_)
    assert field in refusal.value.fields
    assert Appointment.objects.get().checked_in_at is None and not CheckIn.objects.exists()


@given(st.from_regex(r"[0-9][ -]?[0-9][ -]?[0-9][ -]?[0-9]", fullmatch=True))
def test_no_spelling_of_a_number_gets_by(number):
    assert NUMBER.search(f"card {number}")


def test_nobody_is_checked_in_before_the_day_unaccepted_or_by_themselves(built):
    with pytest.raises(Conflict) as refusal:
        check_in(built, at=BEFORE)
    assert refusal.value.code == "before_the_day"
    with pytest.raises(Forbidden):
        check_in(built, by=built.chief)
    give_roles(user=built.candidate, roles=[Role.REGISTRAR], by=None, at=NOW)
    with pytest.raises(Forbidden) as refusal:
        check_in(built, by=built.candidate)
    assert refusal.value.code == "R2"
    other = built.offer(applicant(built.credential_type))
    with pytest.raises(Conflict) as refusal:
        services.check_in(
            appointment=other, identity="passport", name="X", by=built.registrar, at=NOW
        )
    assert refusal.value.code == "not_accepted"


def test_the_page_at_the_door(built, clock):
    client, path = browse(built.registrar), reverse("check-in", args=[built.appointment.uuid])
    page = text_of(client.get(path))
    assert "Orla Brandreth" in page and "I stop at once" in page and "Version 1" in page
    answer = client.post(path, {"identity": "other", "words": "Card 123 456"})
    assert answer.status_code == 400 and "never its number" in text_of(answer)
    assert client.post(path, {"identity": "card", "name": "Orla Brandreth"}).status_code == 302
    assert "Checked in at 10:00" in text_of(client.get(path))
    assert "in at 10:00" in text_of(client.get(reverse("exam-day", args=[built.day.uuid])))
    for stranger in (built.examiners[0], built.candidate, built.chief):
        assert browse(stranger).get(path).status_code == 403
    assert browse().get(path).status_code == 302


# Absence


def test_who_does_not_come_is_recorded_and_can_be_offered_another_date(built):
    absent = {"appointment": built.appointment, "by": built.registrar}
    with pytest.raises(Conflict) as refusal:
        services.record_absence(**absent, at=NOW)
    assert refusal.value.code == "not_due"
    row = services.record_absence(**absent, at=DUE)
    assert services.record_absence(**absent, at=DUE) == row and row.state == "absent"
    assert services.standing_in(plan=built.plan, candidate=built.candidate).why_not == ""
    assert row.get_state_display() == "Did not come"


def test_who_comes_late_after_all_is_checked_in_and_examined(built):
    services.record_absence(appointment=built.appointment, by=built.registrar, at=DUE)
    row = check_in(built, at=DUE + timedelta(minutes=10))
    assert row.state == "accepted" and row.assignments.count() == 4


def test_nobody_present_is_recorded_as_absent(built):
    with pytest.raises(Forbidden):
        services.record_absence(appointment=built.appointment, by=built.chief, at=DUE)
    built.send("P1", "A", final=False)
    with pytest.raises(Conflict) as refusal:
        services.record_absence(appointment=built.appointment, by=built.registrar, at=DUE)
    assert refusal.value.code == "sheet_begun"
    check_in(built)
    with pytest.raises(Conflict) as refusal:
        services.record_absence(appointment=built.appointment, by=built.registrar, at=DUE)
    assert refusal.value.code == "checked_in"


# Client models (R39)


def keep(built, client=None, cleared=("P1",), consents=True, **record):
    return services.keep_client(
        exam_day=built.day,
        client=client,
        record={
            "code": "m1",
            "name": "Petra Lang",
            "is_adult": True,
            "screened_on": date(2026, 11, 20),
            "told_right_to_stop": True,
            "chaperone": False,
            "allergies": "nut oils",
            "avoid": "left knee",
            "notes": "",
            **record,
        },
        cleared_for=[built.station(code) for code in cleared],
        consents=consents,
        by=built.registrar,
        at=BEFORE,
    )


def place(built, client, code="P1", appointment=None):
    return services.place_client(
        client=client,
        station=built.station(code),
        appointment=appointment,
        by=built.registrar,
        at=BEFORE,
    )


@pytest.mark.parametrize(
    ("record", "field"),
    [
        ({"is_adult": False}, "is_adult"),
        ({"screened_on": None}, "screened_on"),
        ({"screened_on": date(2030, 1, 1)}, "screened_on"),
        ({"told_right_to_stop": False}, "told_right_to_stop"),
        ({"code": " "}, "code"),
    ],
)
def test_nobody_consents_before_they_are_of_age_screened_and_told(record, field, built):
    with pytest.raises(Invalid) as refusal:
        keep(built, **record)
    assert field in refusal.value.fields
    keep(built, consents=False, **({} if field in ("code",) else record | {"screened_on": None}))


def test_the_database_keeps_consent_honest(built):
    keep(built)
    with pytest.raises(IntegrityError, match="of_age_screened"), transaction.atomic():
        ClientModel.objects.update(is_adult=False)


def test_a_client_lies_only_where_they_are_cleared_and_on_one_table_at_once(built):
    client = keep(built, cleared=("P1",))
    with pytest.raises(Forbidden) as refusal:
        place(built, client, "T2")
    assert refusal.value.code == "R39" and "M1 is not cleared for T2" in refusal.value.sentence
    unsigned = keep(built, code="M2", consents=False)
    with pytest.raises(Forbidden, match="has not consented"):
        place(built, unsigned)
    assert place(built, client) == place(built, client)
    client = keep(built, client, cleared=("P1", "T2"))
    with pytest.raises(Forbidden, match="at another table"):
        place(built, client, "T2")
    with pytest.raises(Invalid) as refusal:
        keep(built, client, cleared=("T2",))
    assert "They stand at P1." in refusal.value.fields["cleared_for"][0]
    with pytest.raises(Invalid) as refusal:
        keep(built, client, consents=False)
    assert "consents" in refusal.value.fields


def test_for_one_candidate_another_client_can_lie_down(built):
    usual, other = keep(built), keep(built, code="M2", avoid="neck")
    place(built, usual)
    place(built, other, appointment=built.appointment)
    rows = [built.assignment("P1", "A"), built.assignment("T2", "A")]
    assert services.clients_of(rows) == {rows[0].pk: other}


def test_the_sheet_says_the_code_and_what_to_leave_alone_and_never_the_name(built, clock):
    place(built, keep(built, notes="Bruises easily.", chaperone=True))
    row = built.assignment("P1", "A")
    said = documents.assignment_document(row, None, NOW)["client"]
    assert said == {
        "code": "M1",
        "consent_at": BEFORE,
        "avoid": "left knee",
        "notes": "Allergies: nut oils. Bruises easily. A chaperone is present",
    }
    page = text_of(browse(row.examiner).get(reverse("sheet", args=[row.uuid])))
    assert "left knee" in page and "M1" in page and "Petra Lang" not in page
    assert documents.assignment_document(built.assignment("T2", "A"), None, NOW)["client"] is None


def test_a_client_stops_at_once_and_their_stations_are_open(built, clock):
    client = keep(built)
    place(built, client)
    page = reverse("exam-day-clients", args=[built.day.uuid])
    stop = reverse("client-stop", args=[built.day.uuid, client.uuid])
    answer = browse(built.registrar).post(stop, follow=True)
    assert "M1 has stopped" in text_of(answer)
    assert not ClientPlace.objects.exists()
    with pytest.raises(Forbidden, match="has stopped"):
        place(built, client)
    with pytest.raises(Conflict):
        keep(built, client)
    browse(built.registrar).post(stop)
    assert "Stopped: M1" in text_of(
        browse(built.registrar).get(reverse("exam-day", args=[built.day.uuid]))
    )
    assert browse(built.registrar).get(page).status_code == 200


def test_the_pages_of_client_models(built, clock):
    client, day = browse(built.registrar), built.day.uuid
    record = {
        "code": "M1",
        "name": "Petra Lang",
        "is_adult": "on",
        "screened_on": "2026-11-20",
        "told_right_to_stop": "on",
        "avoid": "left knee",
        "cleared_for": [built.station("P1").pk],
    }
    new = reverse("client-new", args=[day])
    assert client.get(new).status_code == 200
    answer = client.post(new, {**record, "is_adult": "", "consents": "on"})
    assert answer.status_code == 400 and "of age" in text_of(answer)
    assert client.post(new, record).status_code == 302
    row = ClientModel.objects.get()
    one = reverse("client", args=[day, row.uuid])
    assert "Petra Lang" in text_of(client.get(one))
    assert client.post(one, {**record, "consents": "on"}).status_code == 302
    put = {"place-client": row.uuid, "place-station": built.station("P1").pk}
    path = reverse("client-place", args=[day])
    assert client.post(path, put).status_code == 302
    assert client.post(path, {}).status_code == 400
    refused = client.post(path, {**put, "place-station": built.station("T2").pk})
    assert refused.status_code == 403 and "not cleared for T2" in text_of(refused)
    assert "model M1" in text_of(client.get(reverse("exam-day", args=[day])))
    for name in ("exam-day-clients", "client-new"):
        for stranger in (built.examiners[0], built.chief, built.candidate, person()):
            assert browse(stranger).get(reverse(name, args=[day])).status_code == 403


def test_the_list_of_client_models_costs_the_same_whatever_its_length(built, clock):
    client, path = browse(built.registrar), reverse("exam-day-clients", args=[built.day.uuid])

    def cost():
        with CaptureQueriesContext(connection) as queries:
            assert client.get(path).status_code == 200
        return len(queries)

    place(built, keep(built))
    cost()
    before = cost()
    for number in range(2, 7):
        keep(built, code=f"M{number}")
    assert cost() == before
