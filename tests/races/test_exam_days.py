"""Exam days: two registrars at once, a candidate who answers while the day falls, an objection while places are filled. On PostgreSQL."""

from datetime import timedelta

from accounts.models import ConflictDeclaration, Role
from accounts.services import Conflict, Forbidden, Invalid
from ledger.services import verify
from practicals import circuit, services
from practicals.models import (
    AgreementMade,
    Appointment,
    Assignment,
    CheckIn,
    ClientPlace,
    DateRequest,
    ExamDay,
)
from tests.factories import NOW, person
from tests.practicals.build import BEFORE, applicant, exam, exam_day
from tests.practicals.test_asking import expected
from tests.races.test_practicals import again

REFUSED = (Conflict, Forbidden, Invalid)


def failed(outcomes):
    """What went wrong otherwise than by a refusal in words."""
    return [one for one in outcomes if isinstance(one, Exception) and not isinstance(one, REFUSED)]


@again
def test_accepting_against_cancelling_ends_cancelled_without_an_examiner(together):
    built = exam(accepted=False)
    row = built.appointment

    def accept():
        return services.answer_appointment(
            appointment=row, accept=True, by=row.candidate, at=BEFORE
        )

    def cancel():
        return services.cancel_appointment(
            appointment=row, reason="The hall is closed.", by=built.registrar, at=BEFORE
        )

    accepted, cancelled = together(accept, cancel)
    assert not isinstance(cancelled, Exception), cancelled
    assert isinstance(accepted, Appointment | Conflict), accepted
    row.refresh_from_db()
    assert row.state == Appointment.State.CANCELLED
    assert row.calendar_sequence == 1
    assert not Assignment.objects.filter(appointment=row).exists()


@again
def test_a_day_that_falls_while_a_place_is_offered_leaves_nobody_expected(together):
    built = exam(assigned=False, accepted=False)
    other = applicant(built.credential_type)
    outcomes = together(
        lambda: built.offer(other),
        lambda: services.cancel_day(
            exam_day=built.day, reason="Rain.", by=built.registrar, at=BEFORE
        ),
        lambda: services.answer_appointment(
            appointment=built.appointment, accept=True, by=built.candidate, at=BEFORE
        ),
    )
    assert not failed(outcomes), outcomes
    assert not Appointment.objects.active().filter(exam_day=built.day).exists()


@again
def test_a_day_made_smaller_while_a_place_is_offered_never_holds_too_many(together):
    built = exam(assigned=False)
    smaller = ExamDay.objects.get(pk=built.day.pk)
    smaller.capacity = 1
    outcomes = together(
        lambda: built.offer(applicant(built.credential_type)),
        lambda: services.set_day(
            exam_day=smaller, examiners=built.examiners, by=built.registrar, at=BEFORE
        ),
    )
    assert not failed(outcomes), outcomes
    day = ExamDay.objects.get(pk=built.day.pk)
    assert day.appointments.active().count() <= day.capacity


@again
def test_two_registrars_never_put_one_examiner_at_two_tables_at_once(together):
    built = exam(assigned=False)
    other = built.offer(applicant(built.credential_type))
    first = built.examiners[0]

    def put(row, station):
        return lambda: services.assign_examiner(
            appointment=row,
            station=built.station(station),
            place="A",
            examiner=first,
            by=built.registrar,
            at=BEFORE,
        )

    outcomes = together(put(built.appointment, "P1"), put(other, "T2"))
    assert len([one for one in outcomes if isinstance(one, Forbidden)]) == 1, outcomes
    assert Assignment.objects.filter(appointment__exam_day=built.day).count() == 1


@again
def test_two_registrars_fill_a_day_at_once_and_every_place_has_one_examiner(together):
    built = exam(assigned=False)
    built.day.examiners.add(*(person(Role.EXAMINER) for _more in range(3)))
    for _more in range(3):
        built.offer(applicant(built.credential_type))

    def fill():
        return services.auto_assign(exam_day=built.day, by=built.registrar, at=BEFORE)

    def leave():
        return services.take_off(
            exam_day=built.day, examiner=built.examiners[0], by=built.registrar, at=BEFORE
        )

    outcomes = together(fill, fill, leave)
    assert not failed(outcomes), outcomes
    places = {row.pk: row.place_in_circuit for row in built.day.appointments.active()}
    cells = circuit.cells(places, [row.pk for row in services.timetable_of(built.day).stations])
    taken = {
        (row.appointment_id, row.station_id, row.place): row.examiner_id
        for row in Assignment.objects.filter(appointment__exam_day=built.day)
    }
    filled = {
        cell: taken[cell.candidate, cell.station, cell.place]
        for cell in cells
        if (cell.candidate, cell.station, cell.place) in taken
    }
    assert len(filled) == len(taken) and circuit.clashes(filled) == []
    assert built.examiners[0].pk not in taken.values()


@again
def test_an_objection_while_places_are_filled_is_kept(together):
    built = exam(assigned=False)
    row, examiner = expected(built), built.examiners[0]
    Assignment.objects.filter(appointment=row).delete()
    outcomes = together(
        lambda: services.object_to_examiner(
            appointment=row, examiner=examiner, by=row.candidate, at=NOW
        ),
        lambda: services.auto_assign(exam_day=row.exam_day, by=built.registrar, at=NOW),
    )
    assert not failed(outcomes), outcomes
    assert not Assignment.objects.filter(appointment=row, examiner=examiner).exists()
    assert list(verify(ConflictDeclaration)) == []


@again
def test_a_date_asked_for_twice_at_once_is_one_request(together):
    built = exam(assigned=False)
    day = exam_day(built.plan, date=NOW.date() + timedelta(days=60))
    one = applicant(built.credential_type)

    def ask():
        return services.ask_for_date(plan=built.plan, days=[day], words="", by=one, at=NOW)

    outcomes = together(ask, ask, ask)
    assert not [got for got in outcomes if isinstance(got, Exception)], outcomes
    assert DateRequest.objects.filter(candidate=one).count() == 1


@again
def test_a_date_asked_for_while_a_place_is_offered_is_answered_or_refused(together):
    built = exam(assigned=False)
    day = exam_day(built.plan, date=NOW.date() + timedelta(days=60))
    services.draw_stations(exam_day=day, by=built.registrar, at=NOW, seed=7)
    one = applicant(built.credential_type)
    asked, offered = outcomes = together(
        lambda: services.ask_for_date(plan=built.plan, days=[day], words="", by=one, at=NOW),
        lambda: services.offer_appointment(exam_day=day, candidate=one, by=built.registrar, at=NOW),
    )
    assert not failed(outcomes) and isinstance(offered, Appointment), outcomes
    assert not DateRequest.objects.open().filter(candidate=one).exists()
    if not isinstance(asked, Conflict):
        assert DateRequest.objects.get(candidate=one).appointment == offered


@again
def test_a_candidate_checked_in_at_two_doors_came_once(together):
    built = exam()

    def check_in():
        return services.check_in(
            appointment=built.appointment,
            identity="passport",
            name="Orla Brandreth",
            by=built.registrar,
            at=NOW + timedelta(hours=2),
        )

    def absent():
        return services.record_absence(
            appointment=built.appointment, by=built.registrar, at=NOW + timedelta(hours=2)
        )

    outcomes = together(check_in, check_in, absent)
    assert not failed(outcomes), outcomes
    row = Appointment.objects.get(pk=built.appointment.pk)
    assert row.state == "accepted" and row.checked_in_at
    assert CheckIn.objects.filter(appointment=row).count() == 1
    assert AgreementMade.objects.filter(appointment=row).count() == 1
    assert list(verify(CheckIn)) == list(verify(AgreementMade)) == []


@again
def test_a_client_model_lies_on_one_table_however_many_place_them(together):
    built = exam()
    client = services.keep_client(
        exam_day=built.day,
        record={
            "code": "M1",
            "name": "Petra Lang",
            "is_adult": True,
            "screened_on": BEFORE.date(),
            "told_right_to_stop": True,
            "chaperone": False,
            "allergies": "",
            "avoid": "",
            "notes": "",
        },
        cleared_for=[built.station("P1"), built.station("T2")],
        consents=True,
        by=built.registrar,
        at=BEFORE,
    )

    def place(code):
        return lambda: services.place_client(
            client=client, station=built.station(code), by=built.registrar, at=BEFORE
        )

    outcomes = together(place("P1"), place("T2"))
    assert len([one for one in outcomes if isinstance(one, Forbidden)]) == 1, outcomes
    assert ClientPlace.objects.filter(client=client).count() == 1
