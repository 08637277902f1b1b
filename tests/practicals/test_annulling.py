"""A sheet that never comes: the station is annulled by a chief examiner, the candidate sits it again at no charge, and every version can be derived again."""

from datetime import timedelta

import pytest
from django.urls import reverse

from accounts.models import Notice, Role, User
from accounts.services import Conflict, Forbidden, Invalid
from courses.models import Progress
from ledger.services import verify
from practicals import services
from practicals.models import Annulment, PracticalResult, StraySheet
from practicals.services.replaying import replay
from practicals.services.resits import next_after, record_of
from practicals.services.watching import waiting_for_sheets
from tests.factories import NOW, person
from tests.practicals.build import exam
from tests.practicals.test_resits import again, sit
from tests.practicals.test_sheets import LOW
from tests.practicals.test_views import browse, text_of

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
WHY = "The tablet fell into the pool, and nothing of the sheet had been sent."


@pytest.fixture
def built():
    """Two stations; the sheet of examiner B at T2 has not come by the next morning."""
    made = exam()
    for code, place in (("P1", "A"), ("P1", "B"), ("T2", "A")):
        made.send(code, place)
    return made


def read(who, name, *args):
    return text_of(browse(who).get(reverse(name, args=args)))


def annul(built, code="T2", by=None, at=NOW + 24 * HOUR, reasons=WHY):
    return services.annul_station(
        appointment=built.appointment,
        station=built.station(code),
        reasons=reasons,
        by=by or built.chief,
        at=at,
    )


def test_the_rest_is_kept_and_the_candidate_is_told_what_follows(built):
    assert built.result is None
    row = annul(built)
    assert (row.missing, len(row.sheets)) == (["B"], 1)
    result = built.result
    assert (result.outcome, result.cause, result.total) == ("incomplete", "annulled", None)
    assert [station.get("annulment") for station in result.stations] == [None, str(row.uuid)]
    assert Progress.objects.get(enrolment=built.appointment.enrolment).state == "held"
    notice = Notice.objects.get(kind="practical_incomplete", recipient=built.candidate)
    assert WHY in notice.body and "at no charge" in notice.body
    assert (
        not replay().differs and not list(verify(Annulment)) and not list(verify(PracticalResult))
    )


def test_it_is_no_attempt_there_is_no_wait_and_only_that_station_is_sat(built):
    annul(built)
    record = record_of(candidate=built.candidate, plan=built.plan)
    assert (record.fails, record.used_up) == (0, False)
    follows = next_after(built.result)
    assert follows.is_free and [row["code"] for row in follows.stations] == ["T2"]
    again(built, after=timedelta(days=4))
    assert [row.checklist.code for row in services.stations_to_sit(built.appointment)] == ["T2"]
    result = sit(built)
    assert result.outcome == "passed"
    assert [bool(station["from"]) for station in result.stations] == [True, False]
    assert Progress.objects.get(enrolment=built.appointment.enrolment).state == "complete"
    assert not replay().differs


def test_a_fail_elsewhere_counts_once_it_is_complete():
    built = exam()
    for place in "AB":
        built.send("P1", place, **LOW)
    built.send("T2", "A")
    annul(built)
    assert built.result.outcome == "incomplete"  # nothing is told piecemeal
    again(built, after=timedelta(days=4))
    result = sit(built)
    assert result.outcome == "failed"
    assert [row["code"] for row in next_after(result).stations] == ["P1"]
    assert record_of(candidate=built.candidate, plan=built.plan).fails == 1
    assert not replay().differs


def test_a_held_station_is_ruled_on_first(built):
    made = exam(codes=("P1", "T2", "E1"))
    for code, place in (("P1", "A"), ("T2", "A"), ("T2", "B"), ("E1", "A"), ("E1", "B")):
        made.send(code, place, **(LOW if (code, place) == ("T2", "A") else {}))
    annul(made, "P1")
    assert made.result.outcome == "held"
    assert not replay().differs


def test_both_sheets_lost_leave_nothing_to_name():
    built = exam()
    for place in "AB":
        built.send("P1", place)
    row = annul(built)
    assert (row.missing, row.sheets) == (["A", "B"], [])
    assert built.result.outcome == "incomplete" and not replay().differs


def test_what_comes_of_it_later_is_kept_beside_and_changes_nothing(built):
    annul(built)
    with pytest.raises(Conflict) as caught:
        built.send("T2", "B", at=NOW + 30 * HOUR)
    assert (caught.value.code, caught.value.fields) == ("station_annulled", {"kept": True})
    assert StraySheet.objects.get().reason == "annulled"
    assert PracticalResult.objects.count() == 1 and not replay().differs
    page = read(built.chief, "chief-appointment", built.appointment.uuid)
    assert "Annulled" in page and "Kept beside" in page and WHY in page


def test_not_before_six_hours_nor_when_the_sheets_are_there(built):
    with pytest.raises(Conflict) as caught:
        annul(built, at=NOW.replace(hour=13))
    assert caught.value.code == "too_early"
    with pytest.raises(Conflict) as caught:
        annul(built, "P1")
    assert caught.value.code == "sheets_there"


def test_twice_is_once(built):
    assert annul(built) == annul(built, reasons="Something else.")
    assert PracticalResult.objects.count() == 1


@pytest.mark.parametrize("role", [None, *(role for role in Role if role != Role.CHIEF_EXAMINER)])
def test_nobody_else_may(built, role, client):
    who = person(*filter(None, [role]))
    with pytest.raises(Forbidden):
        annul(built, by=who)
    client.force_login(who)
    assert client.get(page_of(built)).status_code == 403
    assert client.post(api_of(built), {"reasons": WHY}).status_code == 403


def test_nor_a_chief_who_examined_the_candidate(built):
    both = User.objects.get(pk=built.examiners[0].pk)
    both.groups.add(built.chief.groups.get(name=Role.CHIEF_EXAMINER))
    with pytest.raises(Forbidden) as caught:
        annul(built, by=both)
    assert caught.value.code == "R2"


@pytest.mark.parametrize("reasons", ["", "  ", "S. Haddad lost it.", "x" * 4001])
def test_the_reasons_are_for_the_candidate(built, reasons):
    with pytest.raises(Invalid) as caught:
        annul(built, reasons=reasons)
    assert "reasons" in caught.value.fields and not Annulment.objects.exists()


def page_of(built, code="T2"):
    return reverse("annul-station", args=[built.appointment.uuid, code])


def api_of(built, code="T2"):
    uuid = built.appointment.uuid
    return f"/api/v1/practicals/waiting/{uuid}/stations/{code}/annul/"


def test_on_the_screens_of_the_chief_and_the_candidate(built, client, monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW + 24 * HOUR)
    assert [row.codes for row in waiting_for_sheets(at=NOW + 24 * HOUR)] == [["T2"]]
    desk = read(built.chief, "chief-desk")
    assert "Annul T2: its sheet is lost" in desk
    client.force_login(built.chief)
    page = client.get(page_of(built)).content.decode()
    assert "nobody decides on one" in page and built.candidate.name not in page
    assert client.post(page_of(built), {"reasons": " "}).status_code == 400
    assert client.post(page_of(built), {"reasons": "Ask R. Okafor."}).status_code == 400
    assert client.post(page_of(built), {"reasons": WHY}).status_code == 302
    assert client.post(page_of(built), {"reasons": WHY}).status_code == 302
    assert client.get(page_of(built)).status_code == 409
    assert client.get(page_of(built, "X9")).status_code == 404
    assert not waiting_for_sheets(at=NOW + 24 * HOUR)
    own = read(built.candidate, "practical-result", built.appointment.uuid)
    assert "To be completed" in own and WHY in own and "To sit again" in own
    assert "Okafor" not in own and "Haddad" not in own
    report = browse(built.candidate).get(reverse("practical-report", args=[built.appointment.uuid]))
    assert report.status_code == 404


def test_by_the_interface(built, client, monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW + 24 * HOUR)
    client.force_login(built.chief)
    assert client.post(api_of(built), {}, "application/json").status_code == 400
    said = client.post(api_of(built), {"reasons": WHY}, "application/json")
    assert said.status_code == 201 and said.json()["missing"] == ["B"]
    assert client.post(api_of(built, "P9"), {"reasons": WHY}, "application/json").status_code == 404
