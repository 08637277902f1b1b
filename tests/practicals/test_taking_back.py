"""A sheet that was given up has come after all: the annulment is taken back while nothing was built on it, and the sheet counts."""

from datetime import timedelta

import pytest
from django.urls import reverse

from accounts.models import Notice, Role, User
from accounts.services import Conflict, Forbidden, Invalid, Missing
from courses.models import Progress
from credentials.models import Credential
from ledger.services import verify
from practicals import services
from practicals.models import Annulment, AnnulmentEnd, Appointment, PracticalResult, StraySheet
from practicals.services.replaying import replay
from practicals.services.resits import next_after, record_of
from tests.factories import NOW, person
from tests.practicals.build import exam
from tests.practicals.test_annulling import WHY, annul, browse, read
from tests.practicals.test_resits import again
from tests.practicals.test_sheets import LOW
from tests.practicals.test_views import text_of

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
FOUND = "The tablet was dried, and sent what it kept."


@pytest.fixture
def built():
    """Two stations; T2 was annulled because sheet B had not come by the next morning."""
    made = exam()
    for code, place in (("P1", "A"), ("P1", "B"), ("T2", "A")):
        made.send(code, place)
    annul(made)
    return made


def came(built, place="B", at=NOW + 30 * HOUR, **changes):
    with pytest.raises(Conflict) as caught:
        built.send("T2", place, at=at, **changes)
    assert caught.value.code == "station_annulled"


def take_back(built, code="T2", by=None, at=NOW + 31 * HOUR, reasons=FOUND):
    return services.take_back_annulment(
        appointment=built.appointment,
        station=built.station(code),
        reasons=reasons,
        by=by or built.chief,
        at=at,
    )


def refusal(error, *args, **given):
    with pytest.raises(error) as caught:
        take_back(*args, **given)
    return caught.value


def test_the_sheet_counts_and_the_practical_is_decided(built):
    came(built)
    end = take_back(built)
    assert end.strays == [str(StraySheet.objects.get().uuid)]
    result = built.result
    assert (result.outcome, result.cause, result.version) == ("passed", "taken_back", 2)
    assert (result.by, result.why) == (built.chief, FOUND)
    assert not any(row.get("annulment") for row in result.stations)
    assert Progress.objects.get(enrolment=built.appointment.enrolment).state == "complete"
    assert Credential.objects.filter(holder=built.candidate).count() == 1
    told = Notice.objects.get(recipient=built.candidate, kind="practical_amended")
    assert FOUND in told.body and "do not have to sit that station again" in told.body
    assert next_after(result) is None
    assert record_of(candidate=built.candidate, plan=built.plan).fails == 0
    for model in (Annulment, AnnulmentEnd, PracticalResult):
        assert not list(verify(model))
    assert not replay().differs


def test_a_sheet_that_differs_is_held_and_one_that_fails_fails(built):
    came(built, **LOW)
    take_back(built)
    assert built.result.outcome == "held" and built.result.decide_by
    assert not replay().differs


def test_a_draft_that_had_come_before_goes_on_in_the_same_sheet():
    built = exam()
    for code, place in (("P1", "A"), ("P1", "B"), ("T2", "A")):
        built.send(code, place)
    built.send("T2", "B", rev=1, final=False)
    annul(built)
    came(built, rev=2)
    take_back(built)
    sheet = built.assignment("T2", "B").assessments.get()
    assert (sheet.uuid, sheet.rev, sheet.revisions.count()) == (built.sheets["T2", "B"], 2, 2)
    assert built.result.outcome == "passed" and not replay().differs


def test_both_sheets_have_to_come():
    built = exam()
    for place in "AB":
        built.send("P1", place)
    annul(built)
    came(built, "A")
    assert refusal(Conflict, built).code == "still_missing"
    came(built, "B")
    take_back(built)
    assert built.result.outcome == "passed"


def test_the_device_that_sends_it_again_hears_that_it_is_signed(built):
    came(built)
    take_back(built)
    sheet = built.send("T2", "B", at=NOW + 40 * HOUR)
    assert sheet.is_final and StraySheet.objects.count() == 1


def test_nothing_has_come_or_only_a_draft(built):
    assert refusal(Conflict, built).code == "still_missing"
    came(built, final=False)
    said = refusal(Conflict, built)
    assert said.code == "still_missing" and "Sheet B has not come" in said.sentence


def test_what_another_examiner_sent_does_not_count(built):
    came(built)
    other = person(Role.EXAMINER)
    built.assignment("T2", "B").__class__.objects.filter(pk=built.assignment("T2", "B").pk).update(
        examiner=other
    )
    assert refusal(Conflict, built).code == "still_missing"


def test_a_sheet_with_a_blank_line_does_not_count(built):
    came(built, ratings={3: None})
    assert refusal(Invalid, built).code == "sheet_incomplete"
    assert built.result.outcome == "incomplete" and not AnnulmentEnd.objects.exists()


def test_not_once_there_is_a_place_to_sit_it_again(built):
    came(built)
    first = built.appointment
    again(built, after=timedelta(days=4))
    resit, built.appointment = built.appointment, first
    said = refusal(Conflict, built)
    assert said.code == "sat_again" and resit.candidate_number in said.sentence
    Appointment.objects.filter(pk=resit.pk).update(state=Appointment.State.DECLINED)
    assert take_back(built) and built.result.outcome == "passed"


def test_twice_is_once_and_it_is_not_annulled_again(built):
    came(built)
    assert take_back(built) == take_back(built, reasons="Something else.")
    assert PracticalResult.objects.count() == 2
    with pytest.raises(Conflict) as caught:
        annul(built, at=NOW + 50 * HOUR)
    assert caught.value.code == "sheets_there"


def test_where_nothing_was_annulled_nothing_is_taken_back(built):
    assert refusal(Missing, built, "P1").code == "not_annulled"


@pytest.mark.parametrize("reasons", ["", "  ", "S. Haddad found it.", "x" * 4001, "nul \x00"])
def test_the_reasons_are_for_the_candidate(built, reasons):
    came(built)
    assert "reasons" in refusal(Invalid, built, reasons=reasons).fields
    assert built.result.outcome == "incomplete"


def page_of(built, code="T2"):
    return reverse("take-back-annulment", args=[built.appointment.uuid, code])


def api_of(built, code="T2"):
    uuid = built.appointment.uuid
    return f"/api/v1/practicals/waiting/{uuid}/stations/{code}/take-back/"


@pytest.mark.parametrize("role", [None, *(role for role in Role if role != Role.CHIEF_EXAMINER)])
def test_nobody_else_may(built, role, client):
    came(built)
    who = person(*filter(None, [role]))
    assert refusal(Forbidden, built, by=who)
    assert client.post(api_of(built), {"reasons": FOUND}).status_code in (401, 403)
    client.force_login(who)
    assert client.get(page_of(built)).status_code == 403
    assert client.post(page_of(built), {"reasons": FOUND}).status_code == 403
    assert client.post(api_of(built), {"reasons": FOUND}).status_code == 403
    assert not AnnulmentEnd.objects.exists()


def test_nor_a_chief_who_examined_the_candidate(built):
    came(built)
    both = User.objects.get(pk=built.examiners[0].pk)
    both.groups.add(built.chief.groups.get(name=Role.CHIEF_EXAMINER))
    assert refusal(Forbidden, built, by=both).code == "R2"


def test_on_the_screens_of_the_chief_and_the_candidate(built, client, monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW + 31 * HOUR)
    client.force_login(built.chief)
    assert client.get(page_of(built)).status_code == 409
    assert "take the annulment back" not in read(
        built.chief, "chief-appointment", built.appointment.uuid
    )
    came(built)
    assert "Its sheet has come" in read(built.chief, "chief-appointment", built.appointment.uuid)
    page = text_of(client.get(page_of(built)))
    assert "Sheet B, R. Okafor" in page and built.candidate.name not in page
    assert client.post(page_of(built), {"reasons": " "}).status_code == 400
    assert client.post(page_of(built), {"reasons": "R. Okafor sent it."}).status_code == 400
    assert client.post(page_of(built), {"reasons": FOUND}).status_code == 302
    assert client.post(page_of(built), {"reasons": FOUND}).status_code == 302
    assert client.get(page_of(built)).status_code == 409
    assert client.get(page_of(built, "X9")).status_code == 404
    assert "Taken back by" in read(built.chief, "chief-appointment", built.appointment.uuid)
    own = read(built.candidate, "practical-result", built.appointment.uuid)
    assert "a sheet that was missing has come after all" in own and FOUND in own
    assert "Okafor" not in own and "Haddad" not in own


def test_by_the_interface(built, client, monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW + 31 * HOUR)
    client.force_login(built.chief)
    send = {"data": {"reasons": FOUND}, "content_type": "application/json"}
    assert client.post(api_of(built), **send).status_code == 409
    assert client.post(api_of(built, "P1"), **send).status_code == 404
    came(built)
    assert client.post(api_of(built), {}, "application/json").status_code == 400
    said = client.post(api_of(built), **send)
    assert said.status_code == 201 and said.json()["station"] == "T2"
    assert client.post(api_of(built), **send).json() == said.json()


def test_why_stays_readable_beside_the_annulment(built):
    came(built)
    take_back(built)
    page = browse(built.chief).get(reverse("chief-appointment", args=[built.appointment.uuid]))
    text = text_of(page)
    assert WHY in text and FOUND in text


def test_a_sheet_of_another_version_cannot_count(built):
    came(built, version=99)
    said = refusal(Conflict, built)
    assert said.code == "cannot_count" and "another version" in said.sentence
    assert not AnnulmentEnd.objects.exists()


def test_a_sheet_that_was_begun_on_another_device_cannot_count():
    built = exam()
    for code, place in (("P1", "A"), ("P1", "B"), ("T2", "A")):
        built.send(code, place)
    built.send("T2", "B", rev=1, final=False, device="one")
    annul(built)
    came(built, rev=2, device="other")
    assert refusal(Conflict, built).code == "cannot_count"


def test_the_sheet_of_an_annulled_station_is_neither_issued_anew_nor_handed_over():
    built = exam()
    for code, place in (("P1", "A"), ("P1", "B"), ("T2", "A")):
        built.send(code, place)
    built.send("T2", "B", final=False)
    annul(built)
    with pytest.raises(Conflict) as caught:
        services.reissue(assignment=built.assignment("T2", "B"), by=built.registrar, at=NOW)
    assert caught.value.code == "station_annulled"
    with pytest.raises(Conflict) as caught:
        services.hand_over(
            assignment=built.assignment("T2", "B"), examiner=person(Role.EXAMINER),
            reason="She is ill.", by=built.registrar, at=NOW,
        )  # fmt: skip
    assert caught.value.code == "station_annulled"


def test_the_sweep_decides_what_a_fault_left_undecided_beside_an_annulment(monkeypatch):
    built = exam()
    for code, place in (("P1", "A"), ("T2", "A")):
        built.send(code, place)
    annul(built)
    assert services.decide_due(at=NOW + 30 * HOUR) == 0
    with monkeypatch.context() as fault:
        fault.setattr("practicals.services.sheets.decide_if_due", lambda **given: None)
        built.send("P1", "B", at=NOW + 30 * HOUR)
    assert built.result is None
    assert services.decide_due(at=NOW + 31 * HOUR) == 1
    assert built.result.outcome == "incomplete"
