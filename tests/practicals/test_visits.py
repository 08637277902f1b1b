"""Offering, answering, cancelling appointments; who examines whom."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Membership, Notice, Role
from accounts.services import (
    Conflict,
    Forbidden,
    Invalid,
    Missing,
    declare_conflict,
    record_teaching,
)
from credentials.models import Credential
from practicals import circuit, services
from practicals.models import Appointment, Assignment, ExamPlan, PracticalResult, Station
from tests.factories import (
    NOW,
    ApplicationFactory,
    OrganisationFactory,
    RequirementFactory,
    person,
)
from tests.practicals.build import BEFORE, DAY, applicant, exam, exam_day

pytestmark = pytest.mark.django_db


def taught(teacher, learner, on):
    record_teaching(
        teacher=teacher, learner=learner, subject="Module 7", taught_on=on, by=None, at=NOW
    )


# Offering


def test_an_offer_gives_a_number_and_tells_the_candidate_the_date():
    built = exam(assigned=False, accepted=False)
    appointment = built.appointment
    assert appointment.state == Appointment.State.OFFERED
    assert len(appointment.candidate_number) == 4
    notice = Notice.objects.get(recipient=built.candidate, kind="practical_offered")
    assert "23 November 2026" in notice.subject
    assert "11:00 on Monday 23 November 2026" in notice.body
    assert notice.url == f"/appointments/{appointment.uuid}/"


def test_a_mail_is_plain_text_and_keeps_the_letters_of_a_name():
    built = exam(assigned=False, accepted=False)
    other = built.offer(applicant(built.credential_type, name="Aoife O'Brien & Sons"))
    services.cancel_appointment(
        appointment=other, reason="The hall isn't free.", by=built.registrar, at=NOW
    )
    for notice in Notice.objects.filter(recipient=other.candidate):
        assert notice.body.startswith("Dear Aoife O'Brien & Sons,")
    assert "The hall isn't free." in Notice.objects.get(kind="practical_cancelled").body


def test_offering_twice_is_one_appointment_and_one_notice():
    built = exam(assigned=False, accepted=False)
    assert built.offer() == built.appointment
    assert Notice.objects.filter(kind="practical_offered").count() == 1


def test_the_time_is_that_of_the_place():
    built = exam(assigned=False, accepted=False)
    summer = exam_day(built.plan, date=date(2027, 6, 5))
    assert built.day.begins.isoformat() == "2026-11-23T11:00:00+00:00"
    assert summer.begins.isoformat() == "2027-06-05T11:00:00+01:00"


def test_only_a_registrar_offers():
    built = exam(assigned=False, accepted=False)
    with pytest.raises(Forbidden):
        services.offer_appointment(
            exam_day=built.day, candidate=built.candidate, by=built.chief, at=BEFORE
        )


def test_without_an_open_application_there_is_no_offer():
    built = exam(assigned=False, accepted=False)
    with pytest.raises(Conflict):
        built.offer(person())
    assert Appointment.objects.count() == 1


def test_somebody_who_passed_is_offered_nothing_more():
    built = exam()
    RequirementFactory(credential_type=built.credential_type, title="Insurance")
    built.score()
    later = exam_day(built.plan, date=DAY + timedelta(days=90))
    assert services.eligible_candidates(exam_day=later) == []
    with pytest.raises(Conflict) as refusal:
        services.offer_appointment(
            exam_day=later, candidate=built.candidate, by=built.registrar, at=NOW
        )
    assert refusal.value.code == "already_passed"


def test_what_an_earlier_credential_rests_on_is_shown_again_for_the_next_one():
    built = exam()
    built.score()
    credential = Credential.objects.get(holder=built.candidate)
    later = exam_day(built.plan, date=DAY + timedelta(days=900))
    assert services.eligible_candidates(exam_day=later) == []
    again = ApplicationFactory(
        applicant=built.candidate,
        credential_type=built.credential_type,
        submitted_at=credential.issued_at + timedelta(days=800),
    )
    assert services.eligible_candidates(exam_day=later) == [again]
    appointment = services.offer_appointment(
        exam_day=later, candidate=built.candidate, by=built.registrar, at=again.submitted_at
    )
    assert appointment.exam_day == later


def test_a_second_appointment_waits_for_the_first():
    built = exam()
    later = exam_day(built.plan, date=DAY + timedelta(days=90))
    with pytest.raises(Conflict) as refusal:
        services.offer_appointment(
            exam_day=later, candidate=built.candidate, by=built.registrar, at=NOW
        )
    assert refusal.value.code == "has_appointment"


def test_after_a_fail_there_are_thirty_days_to_wait():
    built = exam()
    low = {"ratings": dict.fromkeys(range(2, 11), 0)}
    built.score(P1A=low, P1B=low, T2A=low, T2B=low)
    assert built.result.outcome == "failed"
    soon = exam_day(built.plan, date=DAY + timedelta(days=29))
    late = exam_day(built.plan, date=DAY + timedelta(days=30))
    assert services.eligible_candidates(exam_day=soon) == []
    with pytest.raises(Conflict) as refusal:
        services.offer_appointment(
            exam_day=soon, candidate=built.candidate, by=built.registrar, at=NOW
        )
    assert f"{DAY + timedelta(days=30):%-d %B %Y}" in refusal.value.sentence
    assert [row.applicant for row in services.eligible_candidates(exam_day=late)] == [
        built.candidate
    ]
    services.offer_appointment(exam_day=late, candidate=built.candidate, by=built.registrar, at=NOW)


def test_a_full_day_and_a_day_that_is_over_take_nobody():
    built = exam(assigned=False)
    built.day.capacity = 1
    built.day.save()
    other = applicant(built.credential_type)
    with pytest.raises(Conflict) as refusal:
        built.offer(other)
    assert refusal.value.code == "day_full"
    with pytest.raises(Conflict) as refusal:
        services.offer_appointment(
            exam_day=built.day,
            candidate=other,
            by=built.registrar,
            at=built.day.begins + timedelta(minutes=1),
        )
    assert refusal.value.code == "day_over"


def test_the_eligible_have_applied_not_passed_and_no_appointment(django_assert_num_queries):
    built = exam(assigned=False)
    waiting = applicant(built.credential_type)
    person()
    with django_assert_num_queries(1):
        found = services.eligible_candidates(exam_day=built.day)
    assert [row.applicant for row in found] == [waiting]


# Answering


def test_only_the_candidate_answers():
    built = exam(assigned=False, accepted=False)
    for stranger in (built.registrar, person()):
        with pytest.raises(Missing):
            services.answer_appointment(
                appointment=built.appointment, accept=True, by=stranger, at=BEFORE
            )


def test_accepting_twice_changes_nothing_and_declining_frees_place_and_examiners():
    built = exam()
    again = built.accept(built.appointment)
    assert again.state == Appointment.State.ACCEPTED
    services.answer_appointment(appointment=again, accept=False, by=built.candidate, at=BEFORE)
    assert not Assignment.objects.exists()
    with pytest.raises(Conflict):
        built.accept(again)
    assert built.offer().place_in_circuit == again.place_in_circuit


def test_an_offer_cannot_be_answered_once_it_has_begun():
    built = exam(assigned=False, accepted=False)
    with pytest.raises(Conflict) as refusal:
        services.answer_appointment(
            appointment=built.appointment, accept=True, by=built.candidate, at=built.day.begins
        )
    assert refusal.value.code == "appointment_begun"


def test_a_registrar_cancels_with_a_reason_until_a_sheet_is_begun():
    built = exam()
    built.send("P1", "A", final=False)
    with pytest.raises(Conflict) as refusal:
        services.cancel_appointment(
            appointment=built.appointment, reason="Ill", by=built.registrar, at=NOW
        )
    assert refusal.value.code == "sheet_begun"
    other = built.offer(applicant(built.credential_type))
    services.cancel_appointment(
        appointment=other, reason="The hall is closed.", by=built.registrar, at=NOW
    )
    assert "The hall is closed." in Notice.objects.get(kind="practical_cancelled").body


# Who examines whom


def assign(built, examiner, place="A", station="P1", by=None):
    return services.assign_examiner(
        appointment=built.appointment,
        station=built.station(station),
        place=place,
        examiner=examiner,
        by=by or built.registrar,
        at=BEFORE,
    )


def test_two_sheets_come_from_two_people():
    built = exam(assigned=False)
    first, second = built.examiners
    assign(built, first)
    with pytest.raises(Forbidden) as refusal:
        assign(built, first, "B")
    assert refusal.value.code == "R2"
    assign(built, second, "B")


def test_an_examiner_who_taught_the_candidate_is_refused_by_rule_and_since_when():
    built = exam(assigned=False)
    first, second = built.examiners
    taught(first, built.candidate, date(2025, 9, 14))
    with pytest.raises(Forbidden) as refusal:
        assign(built, first)
    assert refusal.value.code == "R3"
    assert "14 September 2025" in refusal.value.sentence
    assert "14 September 2027" in refusal.value.sentence
    assert refusal.value.fields == {"rule": "R3", "since": "2025-09-14", "until": "2027-09-14"}
    taught(second, built.candidate, date(2024, 11, 23))  # 24 months before the day: over
    assign(built, second)


def test_a_colleague_is_refused():
    built = exam(assigned=False)
    school = OrganisationFactory(name="Northside Clinic")
    for one in (built.examiners[0], built.candidate):
        Membership.objects.create(user=one, organisation=school, began_on=date(2025, 1, 1))
    with pytest.raises(Forbidden, match="Northside Clinic") as refusal:
        assign(built, built.examiners[0])
    assert refusal.value.code == "R3"


def test_a_declared_tie_is_refused():
    built = exam(assigned=False)
    declare_conflict(
        examiner=built.examiners[0],
        candidate=built.candidate,
        kind="objection",
        note="",
        by=built.candidate,
        at=NOW,
    )
    with pytest.raises(Forbidden, match="objected") as refusal:
        assign(built, built.examiners[0])
    assert refusal.value.code == "R4"


def test_nobody_examines_themselves():
    built = exam(assigned=False)
    from accounts.services import give_roles

    give_roles(user=built.candidate, roles=[Role.EXAMINER], by=None, at=NOW)
    with pytest.raises(Forbidden) as refusal:
        assign(built, built.candidate)
    assert refusal.value.code == "R2"


def test_only_a_registrar_assigns_only_examiners_to_stations_of_the_day():
    built = exam(assigned=False)
    with pytest.raises(Forbidden):
        assign(built, built.examiners[0], by=built.examiners[0])
    with pytest.raises(Invalid):
        assign(built, person())
    with pytest.raises(Invalid):
        assign(built, built.examiners[0], place="C")
    built.day.stations.remove(built.station("P1"))
    with pytest.raises(Invalid):
        assign(built, built.examiners[0])


def test_an_examiner_is_replaced_until_a_sheet_is_begun():
    built = exam()
    third = person(Role.EXAMINER)
    assert assign(built, third).examiner == third
    assign(built, built.examiners[0])
    built.send("P1", "A", final=False)
    with pytest.raises(Conflict) as refusal:
        assign(built, third)
    assert refusal.value.code == "sheet_begun"


def test_assigning_a_station_leaves_out_whom_a_rule_bars():
    built = exam(assigned=False)
    other = built.offer(applicant(built.credential_type))
    taught(built.examiners[0], built.candidate, date(2026, 1, 5))
    made, refused = services.assign_station(
        exam_day=built.day,
        station=built.station("P1"),
        place="A",
        examiner=built.examiners[0],
        by=built.registrar,
        at=BEFORE,
    )
    assert [row.appointment for row in made] == [other]
    assert [(row.appointment, row.bar.rule) for row in refused] == [(built.appointment, "R3")]


def test_auto_assign_fills_every_place_without_conflict_and_leaves_open_what_nobody_may_fill():
    built = exam(assigned=False)
    taught(built.examiners[0], built.candidate, date(2026, 1, 5))
    made, still_open = services.auto_assign(exam_day=built.day, by=built.registrar, at=BEFORE)
    assert {row.examiner for row in made} == {built.examiners[1]}
    assert (len(made), still_open) == (2, 2)
    third = person(Role.EXAMINER)
    built.day.examiners.add(third)
    made, still_open = services.auto_assign(exam_day=built.day, by=built.registrar, at=BEFORE)
    assert {row.examiner for row in made} == {third}
    assert still_open == 0
    assert services.auto_assign(exam_day=built.day, by=built.registrar, at=BEFORE) == ([], 0)


def test_auto_assign_needs_stations_and_two_examiners():
    built = exam(assigned=False)
    built.day.examiners.clear()
    with pytest.raises(Conflict) as refusal:
        services.auto_assign(exam_day=built.day, by=built.registrar, at=BEFORE)
    assert refusal.value.code == "no_examiners"
    with pytest.raises(Forbidden):
        services.auto_assign(exam_day=built.day, by=built.chief, at=BEFORE)


def test_the_bars_of_a_day_cost_four_queries_whatever_its_size(django_assert_num_queries):
    built = exam(assigned=False)
    examiners = [person(Role.EXAMINER) for _ in range(6)]
    candidates = [person() for _ in range(6)]
    taught(examiners[2], candidates[3], date(2026, 1, 5))
    with django_assert_num_queries(4):
        bars = services.bars_of_day(exam_day=built.day, examiners=examiners, candidates=candidates)
    assert list(bars) == [(examiners[2].pk, candidates[3].pk)]


# The circuit, pure


@given(st.integers(1, 12), st.integers(1, 8))
def test_everybody_meets_every_station_once_and_no_station_two_candidates_at_a_time(
    candidates, stations
):
    cells = circuit.cells({number: number for number in range(candidates)}, list(range(stations)))
    assert (
        len({(cell.candidate, cell.station, cell.place) for cell in cells})
        == len(cells)
        == candidates * stations * 2
    )
    at_once = {}
    for cell in cells:
        at_once.setdefault((cell.round, cell.station), set()).add(cell.candidate)
    assert all(len(here) == 1 for here in at_once.values())


@given(st.integers(0, 10_000))
def test_a_draw_takes_every_fixed_station_and_one_of_each_letter(seed):
    plan = [("P1", ""), ("T1", "A"), ("T6", "A"), ("T2", "B"), ("T4", "B"), ("D1", "")]
    drawn = circuit.draw(plan, seed)
    assert drawn == circuit.draw(plan, seed)
    assert drawn[0] == "P1" and drawn[-1] == "D1" and len(drawn) == 4


# What the database refuses


@pytest.mark.parametrize(
    ("model", "field", "name"),
    [
        (ExamPlan, "total_cut", "the_cut_of_a_total_is_a_percentage"),
        (ExamPlan, "discrepancy", "a_discrepancy_is_in_percentage_points"),
        (Station, "cut", "the_cut_of_a_station_is_a_percentage"),
    ],
)
def test_a_cut_is_between_0_and_100(model, field, name):
    exam(assigned=False, accepted=False)
    model.objects.update(**{field: 0})
    model.objects.update(**{field: 100})
    for beyond in (-1, "100.01"):
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            model.objects.update(**{field: beyond})


@pytest.mark.parametrize(
    ("outcome", "total", "name"),
    [
        ("held", 70, "a_result_has_a_total_once_it_is_decided"),
        ("passed", None, "a_result_has_a_total_once_it_is_decided"),
        ("failed", None, "a_result_has_a_total_once_it_is_decided"),
        ("passed", 101, "a_total_is_a_percentage"),
        ("failed", -1, "a_total_is_a_percentage"),
    ],
)
def test_a_result_is_held_exactly_while_it_has_no_total(outcome, total, name):
    built = exam(assigned=False, accepted=False)
    with pytest.raises(IntegrityError, match=name):
        PracticalResult.objects.append(
            chain="x",
            at=NOW,
            appointment=built.appointment,
            version=1,
            outcome=outcome,
            total=total,
        )
