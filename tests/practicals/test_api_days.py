"""What the screens of an exam day do, over HTTP: the same rules, and a refusal in the same order for whoever may not."""

from uuid import uuid4

import pytest
from django.utils import timezone

from accounts.models import Role
from practicals import services
from practicals.models import ClientModel, DateRequest
from tests.factories import NOW, person
from tests.practicals.build import applicant, exam, exam_day
from tests.practicals.test_asking import COMING, expected

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("standing_exam")]
API = "/api/v1/"


@pytest.fixture(autouse=True)
def _clock(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)


@pytest.fixture
def built():
    return exam()


OF_REGISTRARS = [
    ("post", "appointments/{a}/check-in/"),
    ("post", "appointments/{a}/absent/"),
    ("post", "appointments/{a}/cancel/"),
    ("post", "practicals/assignments/{a}/hand-over/"),
    ("post", "exam-days/{a}/draw/"),
    ("post", "exam-days/{a}/auto-assign/"),
    ("post", "exam-days/{a}/take-off/"),
    ("post", "exam-days/{a}/cancel/"),
    ("get", "exam-days/{a}/clients/"),
    ("post", "exam-days/{a}/clients/"),
    ("put", "exam-days/{a}/clients/{b}/"),
    ("post", "exam-days/{a}/clients/{b}/place/"),
    ("post", "exam-days/{a}/clients/{b}/stop/"),
]
OF_CANDIDATES = [
    ("get", "appointments/{a}/agreement/"),
    ("post", "appointments/{a}/agreement/"),
    ("get", "appointments/{a}/examiners/"),
    ("post", "appointments/{a}/examiners/"),
    ("get", "appointments/{a}/calendar/"),
    ("post", "date-requests/{a}/withdraw/"),
]


@pytest.mark.parametrize(("verb", "path"), OF_REGISTRARS)
def test_what_registrars_do_is_for_registrars_and_unknown_rows_are_not_there(
    verb, path, as_user, api_client
):
    path = API + path.format(a=uuid4(), b=uuid4())
    assert getattr(api_client, verb)(path).status_code == 401
    for role in set(Role.values) - {Role.REGISTRAR}:
        assert getattr(as_user(person(role)), verb)(path, {}).status_code == 403, role
    full = {"examiner": str(uuid4()), "reason": "x", "code": "M1", "name": "A", "station": "P1"}
    assert getattr(as_user(person(Role.REGISTRAR)), verb)(path, full).status_code == 404


@pytest.mark.parametrize(("verb", "path"), OF_CANDIDATES)
def test_what_candidates_do_is_not_there_for_anybody_else(verb, path, built, as_user, api_client):
    asked = services.ask_for_date(
        plan=built.plan,
        days=[],
        words="Any day.",
        by=applicant(built.credential_type),
        at=NOW,
    )
    row = asked.uuid if "date-requests" in path else built.appointment.uuid
    path = API + path.format(a=row)
    assert getattr(api_client, verb)(path).status_code == 401
    for stranger in (person(), built.registrar, built.examiners[0], built.chief):
        given = {"name": "X", "examiner": str(built.examiners[0].uuid)}
        assert getattr(as_user(stranger), verb)(path, given).status_code == 404


def test_a_candidate_asks_for_a_date(built, as_user):
    day = exam_day(built.plan, date=COMING)
    candidate = applicant(built.credential_type)
    client = as_user(candidate)
    (choice,) = client.get(f"{API}exam-days/open/").json()["results"]
    assert choice["plan"] == str(built.activity.uuid) and choice["why_not"] is None
    assert [one["uuid"] for one in choice["days"]] == [str(day.uuid)]
    given = {"plan": choice["plan"], "days": [str(day.uuid)], "words": "After ten."}
    answer = client.post(f"{API}date-requests/", given, format="json")
    assert answer.status_code == 201 and answer.json()["words"] == "After ten."
    uuid = answer.json()["uuid"]
    assert [row["uuid"] for row in client.get(f"{API}date-requests/").json()["results"]] == [uuid]
    seen = as_user(built.registrar).get(f"{API}date-requests/").json()["results"]
    assert [row["uuid"] for row in seen] == [uuid]
    assert as_user(person()).get(f"{API}date-requests/").json()["results"] == []
    for wrong, status in (
        ({"plan": choice["plan"]}, 400),
        ({"plan": choice["plan"], "days": "x"}, 400),
        ({"plan": choice["plan"], "words": "\x00"}, 400),
        ({"plan": str(uuid4()), "words": "x"}, 404),
        ({"plan": choice["plan"], "days": [str(uuid4())]}, 404),
        ([], 400),
    ):
        answer = client.post(f"{API}date-requests/", wrong, format="json")
        assert answer.status_code == status, wrong
    assert client.post(f"{API}date-requests/{uuid}/withdraw/").json()["closed_at"]
    assert DateRequest.objects.count() == 1
    assert as_user(person()).post(f"{API}date-requests/", given, format="json").status_code == 409


def test_a_candidate_agrees_objects_and_takes_the_date_along(built, as_user):
    row = expected(built)
    client, path = as_user(row.candidate), f"{API}appointments/{row.uuid}/"
    terms = client.get(f"{path}agreement/").json()
    assert terms["version"] == 1 and len(terms["hash"]) == 64 and terms["agreed_at"] is None
    assert client.post(f"{path}agreement/", {"name": ""}).status_code == 400
    assert client.post(f"{path}agreement/", {"name": "Ines Duarte"}).json()["agreed_as"]
    listed = client.get(f"{path}examiners/").json()
    assert {one["name"] for one in listed["examiners"]} == {"S. Haddad", "R. Okafor"}
    assert set(listed["examiners"][0]) == {"uuid", "name", "objected"}
    one = listed["examiners"][0]["uuid"]
    said = client.post(f"{path}examiners/", {"examiner": one}).json()["examiners"]
    assert [row["objected"] for row in said] == [True, False]
    assert client.post(f"{path}examiners/", {"examiner": "x"}).status_code == 400
    assert client.post(f"{path}examiners/", {"examiner": str(uuid4())}).status_code == 404
    entry = client.get(f"{path}calendar/")
    assert entry["Content-Type"].startswith("text/calendar")
    assert "BEGIN:VTIMEZONE" in entry.content.decode()


def test_the_door_over_http(built, as_user):
    client, path = as_user(built.registrar), f"{API}appointments/{built.appointment.uuid}/"
    assert client.post(f"{path}absent/").status_code == 409
    wrong = client.post(f"{path}check-in/", {"identity": "other", "words": "No. 123456"})
    assert wrong.status_code == 400 and "words" in wrong.json()["errors"]
    seen = client.post(f"{path}check-in/", {"identity": "licence", "name": "Orla Brandreth"})
    assert seen.status_code == 200 and seen.json()["checked_in_at"]
    assert client.post(f"{path}cancel/", {"reason": ""}).status_code == 400
    gone = client.post(f"{path}cancel/", {"reason": "The hall is closed."})
    assert gone.json()["state"] == "cancelled"


def test_an_examiner_leaves_and_a_day_is_cancelled_over_http(built, as_user):
    client, path = as_user(built.registrar), f"{API}exam-days/{built.day.uuid}/"
    assert client.post(f"{path}draw/").status_code == 409
    third = person(Role.EXAMINER)
    built.day.examiners.add(third)
    first = {"examiner": str(built.examiners[0].uuid), "instead": str(third.uuid)}
    left = client.post(f"{path}take-off/", first).json()
    assert left == {"filled": 2, "open": 0, "signed": [], "begun": []}
    assert client.post(f"{path}auto-assign/").json() == {"filled": 0, "open": 0}
    assert client.post(f"{path}take-off/", {}).status_code == 400
    assert client.post(f"{path}cancel/", {"reason": "Rain."}).json()["cancelled_at"]
    assert client.post(f"{path}auto-assign/").status_code == 409


def test_client_models_over_http(built, as_user):
    client, path = as_user(built.registrar), f"{API}exam-days/{built.day.uuid}/clients/"
    record = {
        "code": "m1",
        "name": "Petra Lang",
        "is_adult": True,
        "screened_on": "2026-11-20",
        "told_right_to_stop": True,
        "cleared_for": ["P1"],
        "consents": True,
    }
    assert client.post(path, {**record, "is_adult": False}, format="json").status_code == 400
    assert client.post(path, {**record, "cleared_for": ["T9"]}, format="json").status_code == 404
    made = client.post(path, record, format="json")
    assert made.status_code == 201 and made.json()["cleared_for"] == ["P1"]
    one = f"{path}{made.json()['uuid']}/"
    changed = client.put(one, {**record, "avoid": "left knee"}, format="json")
    assert changed.json()["avoid"] == "left knee"
    refused = client.post(f"{one}place/", {"station": "T2"})
    assert refused.status_code == 403 and refused.json()["code"] == "R39"
    placed = client.post(f"{one}place/", {"station": "P1"}).json()
    assert placed["places"] == [{"station": "P1", "appointment": None}]
    assert client.post(f"{one}stop/").json()["stopped_at"]
    assert len(client.get(path).json()["results"]) == ClientModel.objects.count() == 1


def test_a_sheet_is_handed_over_over_http(built, as_user):
    built.send("P1", "A", final=False)
    third = person(Role.EXAMINER)
    row = built.assignment("P1", "A")
    path = f"{API}practicals/assignments/{row.uuid}/hand-over/"
    client = as_user(built.registrar)
    assert client.post(path, {"examiner": str(third.uuid)}).status_code == 400
    given = {"examiner": str(third.uuid), "reason": "Taken ill."}
    assert client.post(path, given).json()["examiner"] == str(third.uuid)
    assert client.post(path, given).status_code == 409
