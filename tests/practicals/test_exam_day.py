"""An exam day as a registrar runs it: conflicts by rule, a large day, an examiner who leaves, a day moved, made smaller or cancelled."""

from datetime import date, time, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from wagtail.models import ModelLogEntry

from accounts.models import Notice, Role
from accounts.services import Conflict, Forbidden, Invalid, declare_conflict
from practicals import services
from practicals.models import Appointment, Assignment, PracticalAssessment
from tests.factories import NOW, person
from tests.practicals.build import BEFORE, DAY, applicant, exam, exam_day
from tests.practicals.test_views import browse, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("standing_exam")]
LATER = date(2027, 1, 16)


@pytest.fixture
def clock(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)


def assign(built, examiner, *, appointment=None, station="P1", place="A"):
    return services.assign_examiner(
        appointment=appointment or built.appointment,
        station=built.station(station),
        place=place,
        examiner=examiner,
        by=built.registrar,
        at=BEFORE,
    )


# Conflicts, each by its rule


def test_nobody_is_with_two_candidates_at_once_and_the_refusal_says_where_they_are():
    built = exam(assigned=False)
    other = built.offer(applicant(built.credential_type))
    first = built.examiners[0]
    assign(built, first)  # the candidate's first round, P1
    with pytest.raises(Forbidden) as refusal:  # the other candidate's first round is at T2
        assign(built, first, appointment=other, station="T2")
    assert refusal.value.code == "R34"
    number = built.appointment.candidate_number
    assert f"Rule R34: S. Haddad is with candidate {number} at P1 then (11:00)." in str(
        refusal.value
    )
    assign(built, first, appointment=other, station="P1")  # a round later


def test_nobody_examines_on_two_exam_days_at_the_same_hour():
    built = exam(assigned=False)
    elsewhere = exam_day(built.plan, place="York, Clinic")
    services.draw_stations(exam_day=elsewhere, by=built.registrar, at=BEFORE)
    visitor = services.offer_appointment(
        exam_day=elsewhere,
        candidate=applicant(built.credential_type),
        by=built.registrar,
        at=BEFORE,
    )
    first, second = built.examiners
    assign(built, first, appointment=visitor)
    with pytest.raises(Forbidden, match="York, Clinic") as refusal:
        assign(built, first)
    assert refusal.value.code == "R34"
    assign(built, first, station="T2")
    services.auto_assign(exam_day=built.day, by=built.registrar, at=BEFORE)
    assert not Assignment.objects.filter(
        appointment=built.appointment, station=built.station("P1"), examiner=first
    ).exists()
    assert second in {row.examiner for row in built.appointment.assignments.all()}


def test_a_resit_has_new_examiners_by_rule_r56(clock):
    built = exam()
    low = {"ratings": dict.fromkeys(range(2, 11), 0)}
    built.score(P1A=low, P1B=low, T2A=low, T2B=low)
    day = exam_day(built.plan, date=LATER)
    people = [*built.examiners, *(person(Role.EXAMINER) for _new in range(2))]
    day.examiners.set(people)
    services.draw_stations(exam_day=day, by=built.registrar, at=NOW)
    again = services.offer_appointment(
        exam_day=day, candidate=built.candidate, by=built.registrar, at=NOW
    )
    with pytest.raises(Forbidden) as refusal:
        assign(built, built.examiners[0], appointment=again)
    assert refusal.value.code == "R56"
    assert f"examined this candidate on {DAY:%-d %B %Y}" in refusal.value.sentence
    made, still_open = services.auto_assign(exam_day=day, by=built.registrar, at=NOW)
    assert still_open == 0 and {row.examiner for row in made} == set(people[2:])
    page = text_of(browse(built.registrar).get(reverse("exam-day", args=[day.uuid])))
    assert "R56" in page and "Who sits again is examined by others." in page


def test_a_resit_of_one_station_has_only_its_places(clock):
    built = exam(codes=("P1", "T2", "T3"))
    type(built.plan).objects.update(minimum_stations=3)
    low = {"ratings": dict.fromkeys(range(2, 11), 0)}
    built.score(T2A=low, T2B=low)
    assert built.result.outcome == "failed"
    day = exam_day(built.plan, date=LATER)
    day.examiners.set([person(Role.EXAMINER) for _new in range(2)])
    services.draw_stations(exam_day=day, by=built.registrar, at=NOW)
    again = services.offer_appointment(
        exam_day=day, candidate=built.candidate, by=built.registrar, at=NOW
    )
    assert again.resit_of == built.result
    assert again.starts_at == services.timetable_of(day).at(0, built.station("T2").pk)
    made, still_open = services.auto_assign(exam_day=day, by=built.registrar, at=NOW)
    assert {row.station.checklist.code for row in made} == {"T2"} and len(made) == 2
    assert still_open == 0
    with pytest.raises(Conflict, match="sits other stations again"):
        assign(built, made[0].examiner, appointment=again, station="P1")
    text = text_of(browse(built.registrar).get(reverse("exam-day", args=[day.uuid])))
    assert "2 of 2 places filled" in text and "Re-sit" in text


# A day of sixty


def large(candidates: int, stations: int = 8):
    built = exam(
        assigned=False, accepted=False, codes=tuple(f"S{n}" for n in range(1, stations + 1))
    )
    built.day.capacity = candidates
    built.day.save()
    built.day.examiners.set([person(Role.EXAMINER) for _one in range(2 * stations)])
    for _more in range(candidates - 1):
        built.offer(applicant(built.credential_type))
    return built


def test_960_places_are_assigned_with_few_statements_and_the_page_costs_a_fixed_number(clock):
    small, whole = large(8), large(60)
    costs = []
    for built in (small, whole):
        with CaptureQueriesContext(connection) as queries:
            made, still_open = services.auto_assign(
                exam_day=built.day, by=built.registrar, at=BEFORE
            )
        assert still_open == 0 and len(made) == built.day.capacity * 16
        costs.append(len(queries))
    # SQLite takes a bulk insert in parts; everything else is the same.
    assert len(made) == 960 and costs[0] <= 40 and costs[1] - costs[0] <= 12, costs
    entries = ModelLogEntry.objects.filter(action="practicals.assign", object_id=whole.day.pk)
    assert len(entries.get().data["assigned"]) == 960
    pages = []
    for built in (small, whole):
        client, path = browse(built.registrar), reverse("exam-day", args=[built.day.uuid])
        client.get(path)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(path).status_code == 200
        pages.append(len(queries))
    assert pages[0] == pages[1], pages


def test_one_examiner_for_a_whole_day_costs_the_same_whatever_its_size():
    costs = []
    for size in (4, 12):
        built = large(size, stations=2)
        with CaptureQueriesContext(connection) as queries:
            services.assign_station(
                exam_day=built.day,
                station=built.station("S1"),
                place="A",
                examiner=built.day.examiners.first(),
                by=built.registrar,
                at=BEFORE,
            )
        costs.append(len(queries))
    assert costs[0] == costs[1]


# An examiner who leaves


def test_who_cannot_come_is_replaced_with_every_conflict_checked():
    built = exam()
    first, second = built.examiners
    third, fourth = person(Role.EXAMINER, name="K. Nowak"), person(Role.EXAMINER, name="L. Other")
    built.day.examiners.add(third, fourth)
    declare_conflict(
        examiner=third, candidate=built.candidate, kind="family", note="", by=third, at=BEFORE
    )
    left = services.take_off(
        exam_day=built.day, examiner=first, instead=third, by=built.registrar, at=BEFORE
    )
    assert (left.filled, left.open, left.signed, left.begun) == (2, 0, [], [])
    assert {row.examiner for row in built.appointment.assignments.all()} == {second, fourth}
    assert first not in built.day.examiners.all()
    again = services.take_off(exam_day=built.day, examiner=first, by=built.registrar, at=BEFORE)
    assert (again.filled, again.open) == (0, 0)


def test_who_leaves_in_the_middle_of_the_day_leaves_their_sheets(clock):
    built = exam(codes=("P1", "T2", "T3"))
    first = built.examiners[0]
    third = person(Role.EXAMINER, name="K. Nowak")
    built.day.examiners.add(third)
    built.send("P1", "A")
    built.send("T2", "A", final=False)
    client = browse(built.registrar)
    answer = client.post(
        reverse("take-off", args=[built.day.uuid, first.uuid]), {"instead": third.uuid}, follow=True
    )
    text = text_of(answer)
    assert "S. Haddad is taken off this day. One place is filled again." in text
    assert "One signed sheet is kept and counts." in text
    assert "One sheet is begun and waits for their signature" in text
    assert built.assignment("T3", "A").examiner == third
    assert built.assignment("T2", "A").examiner == first
    built.send("T2", "A", rev=2)  # they can still sign what they began


def test_a_begun_sheet_is_handed_over_and_kept_under_its_writers_name(clock):
    built = exam()
    first, second = built.examiners
    third = person(Role.EXAMINER, name="K. Nowak")
    built.day.examiners.add(third)
    old = built.send("P1", "A", final=False)
    place = {"assignment": built.assignment("P1", "A"), "by": built.registrar, "at": NOW}
    with pytest.raises(Invalid):
        services.hand_over(**place, examiner=third, reason=" ")
    with pytest.raises(Forbidden, match="Rule R"):
        services.hand_over(**place, examiner=second, reason="Taken ill.")
    row = services.hand_over(**place, examiner=third, reason="Taken ill.")
    old.refresh_from_db()
    assert (row.examiner, old.active, old.written_by) == (third, False, first)
    assert Notice.objects.filter(recipient=third, kind="practical_handed_over").count() == 1
    built.sheets.clear()
    built.score()
    assert built.result.outcome == "passed"
    assert PracticalAssessment.objects.filter(assignment=row).count() == 2


def test_what_is_signed_or_not_begun_is_not_handed_over(clock):
    built = exam()
    third = person(Role.EXAMINER)
    place = {"examiner": third, "reason": "Ill", "by": built.registrar, "at": NOW}
    with pytest.raises(Conflict) as refusal:
        services.hand_over(assignment=built.assignment("P1", "A"), **place)
    assert refusal.value.code == "not_begun"
    built.send("P1", "A")
    with pytest.raises(Conflict) as refusal:
        services.hand_over(assignment=built.assignment("P1", "A"), **place)
    assert refusal.value.code == "sheet_locked"


# The day itself


def change(built, **fields):
    day = type(built.day).objects.get(pk=built.day.pk)
    for name, value in fields.items():
        setattr(day, name, value)
    return services.set_day(
        exam_day=day, examiners=list(built.day.examiners.all()), by=built.registrar, at=BEFORE
    )


def test_a_moved_day_asks_every_candidate_again_and_changes_their_calendars():
    built = exam()
    change(built, begins_at=time(14))
    appointment = Appointment.objects.get()
    assert appointment.state == "offered" and appointment.answered_at is None
    assert appointment.starts_at.hour == 14 and appointment.calendar_sequence == 1
    notice = Notice.objects.get(kind="practical_moved")
    assert "14:00 on Monday 23 November 2026" in notice.body and "accept or decline" in notice.body
    assert "SEQUENCE:1" in notice.calendar and "DTSTART;TZID=Europe/London:20261123T140000" in (
        notice.calendar
    )
    assert appointment.assignments.count() == 4


def test_another_hall_is_told_and_nobody_asked_again():
    built = exam()
    change(built, place="Leeds, Hall 3")
    assert Appointment.objects.get().state == "accepted"
    assert "Leeds, Hall 3" in Notice.objects.get(kind="practical_moved").body
    change(built, bring="Water")
    assert Notice.objects.filter(kind="practical_moved").count() == 1


def test_a_day_keeps_its_taken_places_its_plan_and_its_assigned_examiners():
    built = exam()
    built.offer(applicant(built.credential_type))
    with pytest.raises(Invalid) as refusal:
        change(built, capacity=1)
    assert "2 places are taken" in refusal.value.fields["capacity"][0]
    assert change(built, capacity=2).capacity == 2
    with pytest.raises(Invalid) as refusal:
        change(built, date=BEFORE.date() - timedelta(days=1))
    assert "date" in refusal.value.fields
    built.day.examiners.add(person(Role.EXAMINER))
    day = type(built.day).objects.get(pk=built.day.pk)
    with pytest.raises(Invalid) as refusal:
        services.set_day(
            exam_day=day, examiners=[built.examiners[1]], by=built.registrar, at=BEFORE
        )
    assert "Assigned on this day: S. Haddad." in refusal.value.fields["examiners"][0]
    with pytest.raises(Forbidden):
        services.set_day(exam_day=day, examiners=[], by=built.chief, at=BEFORE)


def test_a_day_is_set_up_for_an_edition_in_force(clock):
    built = exam()
    plan = type(built.plan).objects
    plan.filter(pk=built.plan.pk).update(state="superseded")
    assert change(built, capacity=5).capacity == 5  # it keeps its own
    new = exam_day(built.plan, date=LATER)
    new.pk, new.plan = None, plan.get()
    with pytest.raises(Invalid) as refusal:
        services.set_day(exam_day=new, examiners=[], by=built.registrar, at=BEFORE)
    assert "plan" in refusal.value.fields


def test_a_day_is_not_moved_once_a_sheet_is_begun():
    built = exam()
    built.send("P1", "A", final=False)
    with pytest.raises(Conflict) as refusal:
        change(built, begins_at=time(15))
    assert refusal.value.code == "sheet_begun"


def test_wagtails_form_says_beside_the_field_what_cannot_be(clock):
    built = exam()
    built.offer(applicant(built.credential_type))
    client, day = browse(built.registrar), built.day
    given = {
        "plan": day.plan_id,
        "date": day.date.isoformat(),
        "begins_at": "11:00",
        "zone": day.zone,
        "place": day.place,
        "capacity": 1,
        "address": "",
        "bring": day.bring,
        "examiners": [one.pk for one in built.examiners],
    }
    path = reverse("examday:edit", args=[day.pk])
    answer = client.post(path, given)
    assert answer.status_code == 200 and "2 places are taken" in text_of(answer)
    answer = client.post(path, {**given, "capacity": 3, "place": "York"})
    assert answer.status_code == 302
    day.refresh_from_db()
    assert (day.capacity, day.place) == (3, "York")
    assert Notice.objects.filter(kind="practical_moved").count() == 2
    added = client.post(reverse("examday:add"), {**given, "capacity": 4, "date": "2027-03-06"})
    assert added.status_code == 302
    added_day = built.plan.days.get(date=date(2027, 3, 6))
    assert set(added_day.examiners.all()) == set(built.examiners)
    over = client.post(reverse("examday:add"), {**given, "date": "2026-01-05"})
    assert over.status_code == 200 and "Choose today or a day to come." in text_of(over)


def test_a_cancelled_day_tells_everybody_and_takes_nobody_more(clock):
    built = exam()
    waiting = applicant(built.credential_type)
    client, page = browse(built.registrar), reverse("exam-day", args=[built.day.uuid])
    path = reverse("exam-day-cancel", args=[built.day.uuid])
    assert client.post(path, {"reason": " "}).status_code == 400
    answer = client.post(path, {"reason": "The roof leaks."}, follow=True)
    assert "Cancelled" in text_of(answer) and "The roof leaks." in text_of(answer)
    notice = Notice.objects.get(recipient=built.candidate, kind="practical_cancelled")
    assert "METHOD:CANCEL" in notice.calendar and "SEQUENCE:1" in notice.calendar
    assert Notice.objects.filter(kind="exam_day_cancelled").count() == 2
    assert not Assignment.objects.exists()
    for act in (
        lambda: built.offer(waiting),
        lambda: services.auto_assign(exam_day=built.day, by=built.registrar, at=BEFORE),
        lambda: change(built, place="York"),
    ):
        with pytest.raises(Conflict) as refusal:
            act()
        assert refusal.value.code == "day_cancelled"
    assert "Offer an appointment" not in text_of(client.get(page))
    assert client.get(reverse("examday:edit", args=[built.day.pk])).status_code in (302, 403)


def test_a_day_on_which_examiners_score_is_not_cancelled():
    built = exam()
    built.send("P1", "A", final=False)
    with pytest.raises(Conflict) as refusal:
        services.cancel_day(exam_day=built.day, reason="Rain", by=built.registrar, at=NOW)
    assert refusal.value.code == "sheet_begun"


# On paper


@pytest.mark.parametrize("part", ["grid", "examiners", "door"])
def test_the_plan_on_paper_costs_the_same_whatever_its_size(part, clock):
    costs = []
    for size in (2, 6):
        built = large(size, stations=2)
        services.auto_assign(exam_day=built.day, by=built.registrar, at=BEFORE)
        path = reverse(f"print-{part}", args=[built.day.uuid])
        client = browse(built.registrar)
        client.get(path)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(path).status_code == 200
        costs.append(len(queries))
    assert costs[0] == costs[1]


def test_names_of_candidates_never_stand_on_examiners_pages(clock):
    built = exam()
    client = browse(built.registrar)
    said = {
        part: text_of(client.get(reverse(f"print-{part}", args=[built.day.uuid])))
        for part in ("grid", "examiners", "door")
    }
    number = built.appointment.candidate_number
    assert all(number in text for text in said.values())
    assert built.candidate.name not in said["examiners"]
    assert built.candidate.name in said["grid"] and built.candidate.name in said["door"]
    assert "S. Haddad" in said["examiners"] and "S. Haddad" not in said["door"]
    assert client.get(f"/exam-days/{built.day.uuid}/print/keys/").status_code == 404
