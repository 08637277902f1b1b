"""A station annulled beside the late sheet it waited for, and beside the last signature elsewhere: one truth, and nothing a tablet sent is lost."""

from datetime import timedelta
from functools import wraps
from uuid import uuid4

import pytest

from accounts.models import Notice
from accounts.services import Conflict
from courses.models import Progress
from credentials.models import Credential
from ledger.services import verify
from practicals import services
from practicals.models import (
    Annulment,
    AnnulmentEnd,
    Observation,
    PracticalAssessment,
    PracticalResult,
    StraySheet,
)
from practicals.services.replaying import replay
from tests.factories import NOW
from tests.practicals.build import DAY, exam, exam_day, sheet

TIMES = 3
NEXT_DAY = NOW + timedelta(days=1)
WHY = "The tablet fell into the pool, and nothing of the sheet had been sent."


def again(test):
    """Run a race several times within one flush of the database, each with an examination of its own."""

    @wraps(test)
    def repeated(together):
        for _time in range(TIMES):
            test(together)

    return repeated


def waiting_for(built, *missing):
    """Everything signed but these sheets, as (station, place)."""
    for code in ("P1", "T2"):
        for place in "AB":
            if (code, place) not in missing:
                built.send(code, place)
    return built


def annulling(built, code="T2"):
    return lambda: services.annul_station(
        appointment=built.appointment,
        station=built.station(code),
        reasons=WHY,
        by=built.chief,
        at=NEXT_DAY,
    )


def sending(built, code="T2", place="B", uuid=None, **changes):
    assignment, uuid = built.assignment(code, place), uuid or uuid4()
    return lambda: services.sync_sheet(
        uuid=uuid,
        assignment=assignment,
        content=sheet(code, **changes),
        by=assignment.examiner,
        at=NEXT_DAY,
    )


def newest(built):
    return PracticalResult.objects.newest().get(appointment=built.appointment)


def unexpected(outcomes):
    return [row for row in outcomes if isinstance(row, Exception) and not isinstance(row, Conflict)]


def assert_every_chain_holds():
    for model in (Annulment, AnnulmentEnd, PracticalResult, StraySheet, Observation):
        assert list(verify(model)) == []
    assert replay().differs == []


@again
def test_the_late_sheet_counts_or_the_station_is_annulled_and_never_both(together):
    built = waiting_for(exam(), ("T2", "B"))
    annulled, signed = outcomes = together(annulling(built), sending(built))
    assert not unexpected(outcomes), outcomes
    if isinstance(annulled, Conflict):
        assert annulled.code == "sheets_there"
        assert newest(built).outcome == "passed" and newest(built).version == 1
        assert Credential.objects.filter(holder=built.candidate).count() == 1
    else:
        assert (signed.code, signed.fields) == ("station_annulled", {"kept": True})
        stray = StraySheet.objects.get(assignment=built.assignment("T2", "B"))
        assert len(stray.content["observations"]) == 10
        assert newest(built).outcome == "incomplete" and annulled.missing == ["B"]
        assert not Credential.objects.filter(holder=built.candidate).exists()
    assert_every_chain_holds()


@again
def test_a_draft_beside_the_annulment_is_kept_in_its_place_or_beside(together):
    built = waiting_for(exam(), ("T2", "B"))
    uuid = uuid4()
    annulled, sent = outcomes = together(annulling(built), sending(built, uuid=uuid, final=False))
    assert not unexpected(outcomes) and isinstance(annulled, Annulment), outcomes
    drafts = PracticalAssessment.objects.filter(uuid=uuid).count()
    beside = StraySheet.objects.filter(sheet=uuid, reason="annulled").count()
    assert (drafts, beside) == ((0, 1) if isinstance(sent, Conflict) else (1, 0))
    assert newest(built).outcome == "incomplete"
    assert_every_chain_holds()


@again
def test_annulled_beside_the_last_signature_elsewhere_it_is_decided_once(together):
    built = waiting_for(exam(), ("T2", "B"), ("P1", "B"))
    annulled, _signed = outcomes = together(annulling(built), sending(built, "P1", "B"))
    assert not any(isinstance(row, Exception) for row in outcomes), outcomes
    results = PracticalResult.objects.filter(appointment=built.appointment)
    assert [row.outcome for row in results] == ["incomplete"]
    assert [row.get("annulment") for row in results[0].stations] == [None, str(annulled.uuid)]
    assert Progress.objects.get(enrolment=built.appointment.enrolment).state == "held"
    told = Notice.objects.filter(recipient=built.candidate, kind="practical_incomplete")
    assert told.count() == 1
    assert_every_chain_holds()


@again
def test_taken_back_beside_an_offer_to_sit_it_again_it_is_one_or_the_other(together):
    built = waiting_for(exam(), ("T2", "B"))
    annulling(built)()
    with pytest.raises(Conflict):
        sending(built)()
    day = exam_day(built.plan, date=DAY + timedelta(days=20))
    services.draw_stations(exam_day=day, by=built.registrar, at=NEXT_DAY, seed=7)
    ended, offered = outcomes = together(
        lambda: services.take_back_annulment(
            appointment=built.appointment,
            station=built.station("T2"),
            reasons="The tablet was dried.",
            by=built.chief,
            at=NEXT_DAY,
        ),
        lambda: services.offer_appointment(
            exam_day=day, candidate=built.candidate, by=built.registrar, at=NEXT_DAY
        ),
    )
    assert not unexpected(outcomes), outcomes
    refused = [row.code for row in outcomes if isinstance(row, Conflict)]
    assert refused in (["sat_again"], ["already_passed"]), outcomes
    assert (newest(built).outcome == "passed") == isinstance(ended, AnnulmentEnd)
    assert built.candidate.appointments.count() == (1 if isinstance(offered, Conflict) else 2)
    assert_every_chain_holds()


@again
def test_annulled_by_two_at_once_it_is_annulled_once(together):
    built = waiting_for(exam(), ("T2", "B"))
    one, other = together(annulling(built), annulling(built))
    assert one == other == Annulment.objects.get(appointment=built.appointment)
    assert newest(built).version == 1
    assert_every_chain_holds()


@again
def test_both_stations_annulled_at_once_leave_one_result(together):
    built = waiting_for(exam(), ("T2", "B"), ("P1", "A"))
    outcomes = together(annulling(built), annulling(built, "P1"))
    assert not any(isinstance(row, Exception) for row in outcomes), outcomes
    assert newest(built).version == 1
    assert all(row["annulment"] for row in newest(built).stations)
    assert_every_chain_holds()


@again
def test_annulled_beside_a_correction_elsewhere_the_corrected_sheet_counts(together):
    built = waiting_for(exam(), ("T2", "B"))
    old = PracticalAssessment.objects.get(uuid=built.sheets["P1", "A"])

    def correct():
        return services.supersede_sheet(
            assessment=PracticalAssessment.objects.get(pk=old.pk),
            content=sheet(ratings={2: 1}),
            reason="Line 2 was tapped by mistake.",
            by=built.chief,
            at=NEXT_DAY,
        )

    outcomes = together(annulling(built), correct)
    assert not unexpected(outcomes), outcomes
    assert isinstance(outcomes[0], Annulment)
    if not isinstance(outcomes[1], Conflict):
        assert newest(built).stations[0]["percent_a"] == "95"
    assert newest(built).outcome == "incomplete"
    assert_every_chain_holds()
