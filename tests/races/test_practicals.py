"""Practicals: two examiners at once, a sheet signed twice, a ruling against a correction. On PostgreSQL, many times each."""

from datetime import timedelta
from functools import wraps
from uuid import uuid4

from accounts.models import Notice, Role
from accounts.services import Conflict
from courses.models import Progress
from credentials.models import Credential, Evidence
from ledger.services import verify
from practicals import services
from practicals.models import (
    Adjudication,
    Appointment,
    Observation,
    PracticalAssessment,
    PracticalResult,
    SheetRevision,
)
from practicals.services.replaying import replay
from tests.factories import NOW, person
from tests.practicals.build import BEFORE, applicant, exam, sheet
from tests.practicals.test_resits import MONTH, failed_at
from tests.practicals.test_resits import again as resit
from tests.practicals.test_sheets import APART

TIMES = 8


def again(test):
    """Run a race several times within one flush of the database, each with an examination of its own."""

    @wraps(test)
    def repeated(together):
        for _time in range(TIMES):
            test(together)

    return repeated


def last_sheets(built):
    """Everything signed but both sheets of T2."""
    for place in "AB":
        built.send("P1", place)
    return built.assignment("T2", "A"), built.assignment("T2", "B")


def signing(assignment, uuid=None, **changes):
    uuid = uuid or uuid4()

    def sign():
        return services.sync_sheet(
            uuid=uuid,
            assignment=assignment,
            content=sheet(assignment.station.checklist.code, **changes),
            by=assignment.examiner,
            at=NOW,
        )

    return sign


@again
def test_both_examiners_sign_at_once_and_there_is_one_result(together):
    built = exam()
    a, b = last_sheets(built)
    outcomes = together(signing(a), signing(b))
    assert not [one for one in outcomes if isinstance(one, Exception)], outcomes
    result = PracticalResult.objects.get(appointment=built.appointment)
    assert (result.version, result.outcome) == (1, "passed")
    assert Progress.objects.get(activity=built.activity).state == "complete"
    assert Evidence.objects.filter(requirement=built.requirement).count() == 1
    assert Credential.objects.filter(holder=built.candidate).count() == 1
    assert Notice.objects.filter(recipient=built.candidate, kind="practical_result").count() == 1


@again
def test_a_sheet_signed_twice_at_once_is_signed_once(together):
    built = exam()
    a, _b = last_sheets(built)
    uuid = uuid4()
    outcomes = together(signing(a, uuid), signing(a, uuid), signing(a, uuid))
    assert sorted(new for _sheet, new in outcomes) == [False, False, True]
    signed = PracticalAssessment.objects.get(uuid=uuid)
    assert signed.observations.count() == 10 and signed.revisions.count() == 1


@again
def test_two_different_last_words_leave_one_and_a_conflict(together):
    built = exam()
    a, _b = last_sheets(built)
    uuid = uuid4()
    outcomes = together(signing(a, uuid), signing(a, uuid, ratings={4: 1}))
    assert len([one for one in outcomes if isinstance(one, Conflict)]) == 1, outcomes
    assert Observation.objects.filter(assessment__uuid=uuid).count() == 10


@again
def test_two_devices_begin_one_assignment_and_one_sheet_is_active(together):
    built = exam()
    a = built.assignment("P1", "A")
    outcomes = together(signing(a, final=False), signing(a, final=False))
    assert len([one for one in outcomes if isinstance(one, Conflict)]) == 1, outcomes
    assert PracticalAssessment.objects.filter(assignment=a, active=True).count() == 1


@again
def test_drafts_in_any_order_end_with_the_highest_revision(together):
    built = exam()
    a, uuid = built.assignment("P1", "A"), uuid4()
    signing(a, uuid, rev=1, final=False)()
    together(
        *(signing(a, uuid, rev=rev, final=False, ratings={2: rev % 3}) for rev in (2, 3, 4, 5))
    )
    kept = PracticalAssessment.objects.get(uuid=uuid)
    assert kept.rev == 5
    sent = kept.revisions.get(rev=5).content  # and by which device
    assert {**sent, **kept.draft} == sent
    assert list(verify(SheetRevision)) == []


@again
def test_a_ruling_against_a_correction_never_rules_on_a_sheet_that_is_gone(together):
    built = exam()
    built.score(P1A=APART)
    old = PracticalAssessment.objects.get(uuid=built.sheets["P1", "A"])
    later = NOW + timedelta(days=1)

    def rule():
        return services.adjudicate(
            appointment=built.appointment,
            station=built.station("P1"),
            lines={"P1.02": 1, "P1.03": 1, "P1.04": 1},
            violations={},
            reasons="The note gives the time.",
            sheets=[built.sheets["P1", "A"], built.sheets["P1", "B"]],
            by=built.chief,
            at=later,
        )

    def correct():
        return services.supersede_sheet(
            assessment=old, content=sheet(), reason="Tapped by mistake.", by=built.chief, at=later
        )

    ruled, corrected = together(rule, correct)
    assert isinstance(corrected, PracticalAssessment)
    assert isinstance(ruled, PracticalResult | Conflict), ruled
    newest = PracticalResult.objects.newest().get(appointment=built.appointment)
    assert newest.outcome == "passed" and newest.stations[0]["percent"] == "100"
    assert newest.stations[0]["ruling"] is None
    versions = list(built.appointment.results.order_by("version").values_list("version", flat=True))
    assert versions == list(range(1, len(versions) + 1))
    assert list(verify(PracticalResult)) == list(verify(Adjudication)) == []


@again
def test_two_rulings_at_once_leave_one(together):
    built = exam()
    built.score(P1A=APART)

    def rule(points):
        return lambda: services.adjudicate(
            appointment=built.appointment,
            station=built.station("P1"),
            lines={"P1.02": points, "P1.03": 1, "P1.04": 1},
            violations={},
            reasons="The note gives the time.",
            by=built.chief,
            at=NOW,
        )

    outcomes = together(rule(0), rule(1))
    assert len([one for one in outcomes if isinstance(one, Conflict)]) == 1, outcomes
    assert built.appointment.adjudications.count() == 1


@again
def test_two_chief_examiners_at_once_and_one_of_them_has_decided(together):
    built = exam()
    built.score(P1A=APART, T2B=APART)
    other = person(Role.CHIEF_EXAMINER)
    lines = {code: {f"{code}.0{n}": 1 for n in (2, 3, 4)} for code in ("P1", "T2")}

    def rule(chief, code, reasons):
        return lambda: services.adjudicate(
            appointment=built.appointment,
            station=built.station(code),
            lines=lines[code],
            violations={},
            reasons=reasons,
            by=chief,
            at=NOW,
        )

    # The same station twice, and the other station beside it.
    first, second, beside = together(
        rule(built.chief, "P1", "The note gives the time."),
        rule(other, "P1", "The note is about another line."),
        rule(other, "T2", "The note gives the time."),
    )
    assert sorted(isinstance(one, Conflict) for one in (first, second)) == [False, True]
    assert isinstance(beside, PracticalResult), beside
    assert built.appointment.adjudications.count() == 2
    newest = PracticalResult.objects.newest().get(appointment=built.appointment)
    assert newest.outcome == "passed" and newest.version == 3
    assert Notice.objects.filter(recipient=built.candidate, kind="practical_result").count() == 1
    assert replay().differs == []


@again
def test_an_amendment_against_the_last_signature_of_a_resit_leaves_no_stale_station(together):
    built = failed_at("P1")
    original = dict(built.sheets)
    resit(built)
    built.send("P1", "A", at=NOW + MONTH)
    last = built.assignment("P1", "B")

    def sign():
        return services.sync_sheet(
            uuid=uuid4(), assignment=last, content=sheet("P1"), by=last.examiner, at=NOW + MONTH
        )

    def amend():
        return services.supersede_sheet(
            assessment=PracticalAssessment.objects.get(uuid=original["T2", "A"]),
            content=sheet("T2", ratings={2: 1}),
            reason="Line 2 was tapped by mistake.",
            by=built.chief,
            at=NOW + MONTH,
        )

    outcomes = together(sign, amend)
    assert not [one for one in outcomes if isinstance(one, Exception)], outcomes
    newest = PracticalResult.objects.newest().get(appointment=built.appointment)
    carried = next(row for row in newest.stations if row["code"] == "T2")
    assert carried["percent"] == "97.5" and newest.outcome == "passed"
    assert replay().differs == []
    assert list(verify(PracticalResult)) == []


@again
def test_the_last_place_of_a_day_is_offered_once(together):
    built = exam(assigned=False)
    built.day.capacity = 2
    built.day.save()
    people = [applicant(built.credential_type) for _ in range(3)]

    def offer(one):
        return lambda: services.offer_appointment(
            exam_day=built.day, candidate=one, by=built.registrar, at=BEFORE
        )

    outcomes = together(*(offer(one) for one in people))
    assert len([one for one in outcomes if isinstance(one, Conflict)]) == 2, outcomes
    rows = Appointment.objects.filter(exam_day=built.day)
    assert sorted(rows.values_list("place_in_circuit", flat=True)) == [0, 1]


@again
def test_accepting_and_declining_at_once_leave_an_appointment_that_is_declined(together):
    built = exam(assigned=False)
    appointment = built.offer(applicant(built.credential_type))

    def answer(accept):
        return lambda: services.answer_appointment(
            appointment=appointment, accept=accept, by=appointment.candidate, at=BEFORE
        )

    accepted, declined = together(answer(True), answer(False))
    assert not isinstance(declined, Exception), declined
    assert isinstance(accepted, Appointment | Conflict), accepted
    appointment.refresh_from_db()
    assert appointment.state == Appointment.State.DECLINED
