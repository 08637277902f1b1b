"""Tablets: a day downloaded once, one device for a sheet, clocks measured; what does not count is kept beside, never merged."""

import json
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Role
from accounts.services import Conflict
from ledger.services import verify
from practicals import services
from practicals.models import (
    Appointment,
    Assignment,
    DayDownload,
    PracticalAssessment,
    SheetRevision,
    StraySheet,
)
from practicals.sheet import Device
from tests.factories import NOW, person
from tests.practicals.build import BEFORE, DAY, applicant, exam, exam_day, practice, sheet
from tests.practicals.test_api import sheet_url, whole

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("standing_exam")]

DRAFT = {"final": False, "ratings": dict.fromkeys(range(5, 11))}  # four lines scored


@pytest.fixture(autouse=True)
def on_the_day(monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)


@pytest.fixture
def built():
    return exam()


@pytest.fixture
def first(built):
    return built.assignment("P1", "A")


def day_url(day):
    return f"/api/v1/practicals/days/{day.uuid}/download/"


def sent_from(client, uuid, assignment, device, rev=1, **changes):
    body = whole(assignment, rev=rev, **{**DRAFT, **changes}) | {"device": device}
    return client.put(sheet_url(uuid), body)


def another_candidate(built, examiners=None):
    appointment = built.accept(built.offer(applicant(built.credential_type)))
    for station in built.day.stations.order_by("position"):
        for place, who in zip("AB", examiners or built.examiners, strict=True):
            Assignment.objects.create(
                appointment=appointment,
                station=station,
                checklist_version=built.assignment("P1", "A").checklist_version
                if station.checklist.code == "P1"
                else built.assignment("T2", "A").checklist_version,
                examiner=who,
                place=place,
                assigned_at=BEFORE,
            )
    return appointment


# A day on a device


def test_a_day_is_downloaded_whole_with_each_checklist_once(built, as_user):
    another_candidate(built)
    built.send("P1", "A", final=False)
    answer = as_user(built.examiners[0]).post(day_url(built.day), {"device": "tablet-1"})
    day = answer.json()
    assert answer.status_code == 200 and day["date"] == DAY.isoformat()
    assert len(day["assignments"]) == 4 and len(day["checklists"]) == 2
    row = next(row for row in day["assignments"] if row["sheet"])
    checklist = day["checklists"][row["checklist"]]
    assert checklist["code"] == "P1" and len(checklist["criteria"]) == 10
    assert 'data-line="P1.10"' in checklist["page"] and "Wrong a" in checklist["page"]
    assert row["sheet"]["rev"] == 1 and row["mode"] == "exam" and row["opens_on"] == day["date"]


def test_a_days_download_names_nobody_and_shows_no_cut(built, as_user):
    text = as_user(built.examiners[0]).post(day_url(built.day), {}).content.decode()
    for name in (built.candidate.name, built.examiners[1].name, "cut", "weight"):
        assert name not in text


def test_a_download_is_recorded_with_device_and_clock(built, as_user):
    early = (NOW - timedelta(seconds=90)).isoformat()
    as_user(built.examiners[0]).post(
        day_url(built.day), {"device": "tablet-1", "device_time": early}
    )
    row = DayDownload.objects.get()
    assert (row.examiner, row.device, row.skew_ms) == (built.examiners[0], "tablet-1", -90_000)
    assert len(row.assignments) == 2 and list(verify(DayDownload)) == []


def test_a_download_costs_the_same_for_two_sheets_or_twenty(built, as_user):
    client = as_user(built.examiners[0])

    def cost():
        with CaptureQueriesContext(connection) as queries:
            assert client.post(day_url(built.day), {"device": "tablet-1"}).status_code == 200
        return len(queries)

    services.key_of(built.day, at=NOW)  # made once a day
    before = cost()
    for _more in range(4):
        another_candidate(built)
    built.send("P1", "A", final=False)
    assert cost() == before <= 22


def test_sixty_sheets_are_less_than_a_megabyte(built, as_user):
    built.day.capacity = 40
    built.day.save()
    for _more in range(29):
        another_candidate(built)
    for assignment in Assignment.objects.filter(examiner=built.examiners[0]):
        services.sync_sheet(
            uuid=uuid4(),
            assignment=assignment,
            content=sheet(assignment.station.checklist.code, **DRAFT),
            by=assignment.examiner,
            at=NOW,
        )
    answer = as_user(built.examiners[0]).post(day_url(built.day), {})
    assert len(answer.json()["assignments"]) == 60 and len(answer.content) <= 1_000_000


@pytest.mark.parametrize(
    ("role", "status"),
    [
        (None, 401),
        (Role.EXAMINER, 404),
        (Role.INSTRUCTOR, 403),
        (Role.REGISTRAR, 403),
        (Role.CHIEF_EXAMINER, 403),
    ],
)
def test_a_day_is_given_to_its_examiners_only(role, status, built, as_user, api_client):
    client = as_user(person(role)) if role else api_client
    assert client.post(day_url(built.day), {}).status_code == status
    assert as_user(built.candidate).post(day_url(built.day), {}).status_code == 403
    assert not DayDownload.objects.exists()


@pytest.mark.parametrize(
    "body", [{"device": 7}, {"device": "x" * 65}, {"device": "a\x00"}, {"device_time": "noon"}]
)
def test_a_device_that_says_nonsense_of_itself_is_told_so(body, built, as_user):
    answer = as_user(built.examiners[0]).post(day_url(built.day), body)
    assert answer.status_code == 400 and set(answer.json()["errors"]) == set(body)


# When


def test_a_certifying_sheet_is_not_begun_before_the_day_of_the_place(built, first):
    with pytest.raises(Conflict) as refusal:
        built.send("P1", "A", at=NOW - timedelta(days=1), **DRAFT)
    assert refusal.value.code == "too_early" and "23 November 2026" in refusal.value.sentence
    built.day.zone = "Pacific/Auckland"  # there it is the day already
    built.day.save()
    evening = NOW.replace(day=22, hour=20)
    assert built.send("P1", "A", at=evening, **DRAFT).rev == 1


def test_a_sheet_may_be_sent_days_after_the_day(built):
    assert built.send("P1", "A", at=NOW + timedelta(days=3)).is_final


# One device


def test_a_sheet_belongs_to_the_device_that_sent_it_first(built, first, as_user):
    client, uuid = as_user(built.examiners[0]), uuid4()
    assert sent_from(client, uuid, first, "tablet-1").status_code == 201
    answer = sent_from(client, uuid, first, "tablet-2", rev=2, ratings={2: 0})
    assert answer.status_code == 409 and answer.json()["code"] == "other_device"
    assert answer.json()["errors"] == {"kept": True}
    assert "Go on there" in answer.json()["detail"]
    assert PracticalAssessment.objects.get().rev == 1
    stray = StraySheet.objects.get()
    assert (stray.reason, stray.device, stray.rev) == ("other_device", "tablet-2", 2)
    assert sent_from(client, uuid, first, "tablet-1", rev=2).status_code == 200


def test_the_clock_of_the_device_is_measured_with_each_sync(built, first, as_user):
    client, uuid = as_user(built.examiners[0]), uuid4()
    for rev, seconds in ((1, 75), (2, -3)):
        time = (NOW + timedelta(seconds=seconds)).isoformat()
        body = whole(first, rev=rev, **DRAFT) | {"device": "tablet-1", "device_time": time}
        assert client.put(sheet_url(uuid), body).json()["skew_ms"] == seconds * 1000
    skews = [row.content["skew_ms"] for row in SheetRevision.objects.order_by("rev")]
    assert skews == [75_000, -3_000]


def test_a_clock_alone_is_no_change_of_a_sheet(built, first, as_user):
    client, uuid = as_user(built.examiners[0]), uuid4()
    body = whole(first, rev=1, **DRAFT)
    client.put(sheet_url(uuid), body | {"device_time": NOW.isoformat()})
    later = (NOW + timedelta(minutes=1)).isoformat()
    assert client.put(sheet_url(uuid), body | {"device_time": later}).status_code == 200
    assert SheetRevision.objects.count() == 1


def test_issued_anew_it_belongs_to_the_next_device_and_the_old_ones_sync_is_kept_beside(
    built, first, as_user
):
    client, old = as_user(built.examiners[0]), uuid4()
    sent_from(client, old, first, "tablet-1")
    new = services.reissue(assignment=first, by=built.registrar, at=NOW)
    assert new.device == "" and new.draft["observations"]
    answer = sent_from(client, old, first, "tablet-1", rev=9, ratings={2: 0})
    assert answer.status_code == 409 and answer.json()["code"] == "sheet_reissued"
    assert sent_from(client, new.uuid, first, "tablet-2", rev=2).status_code == 200
    stray = StraySheet.objects.get()
    assert stray.reason == "reissued" and stray.content["rev"] == 9
    assert list(verify(StraySheet)) == []
    assert PracticalAssessment.objects.get(uuid=new.uuid).rev == 2
    assert PracticalAssessment.objects.get(uuid=old).rev == 1


def test_a_device_that_never_sent_before_another_began_is_kept_beside(built, first, as_user):
    client = as_user(built.examiners[0])
    sent_from(client, uuid4(), first, "tablet-2")
    answer = sent_from(client, uuid4(), first, "tablet-1", rev=30)
    assert answer.status_code == 409 and answer.json()["code"] == "other_sheet"
    assert StraySheet.objects.get().reason == "other_sheet"


def test_the_same_stray_sheet_twice_is_kept_once_and_another_content_too(built, first, as_user):
    client, late = as_user(built.examiners[0]), uuid4()
    sent_from(client, uuid4(), first, "tablet-2")
    for rev in (1, 1, 2):
        sent_from(client, late, first, "tablet-1", rev=rev)
    assert StraySheet.objects.count() == 2


def test_another_version_is_held_and_kept(built, first, as_user):
    client = as_user(built.examiners[0])
    body = whole(first, **DRAFT) | {"version": first.checklist_version.number + 1}
    answer = client.put(sheet_url(), body)
    assert answer.status_code == 409 and answer.json()["code"] == "other_version"
    assert StraySheet.objects.get().reason == "other_version"
    assert not PracticalAssessment.objects.exists()
    assert client.put(sheet_url(), body | {"version": 1}).status_code == 201


# Whose assignment it is no more


def replaced(built, first):
    other = person(Role.EXAMINER)
    Assignment.objects.filter(pk=first.pk).update(examiner=other)
    return other


def test_who_was_replaced_after_the_download_loses_nothing(built, first, as_user):
    services.download_day(exam_day=built.day, device=Device("t"), by=built.examiners[0], at=NOW)
    replaced(built, first)
    answer = as_user(built.examiners[0]).put(sheet_url(), whole(first))
    assert answer.status_code == 409 and answer.json()["code"] == "not_assigned"
    assert "ask the registrar" in answer.json()["detail"]
    stray = StraySheet.objects.get()
    assert stray.sent_by == built.examiners[0] and stray.content["final"] is True
    assert not PracticalAssessment.objects.exists()


def test_who_handed_a_begun_sheet_over_loses_nothing_that_comes_late(built, first, as_user):
    client, uuid = as_user(built.examiners[0]), uuid4()
    sent_from(client, uuid, first, "tablet-1")
    PracticalAssessment.objects.update(active=False, written_by=built.examiners[0])
    replaced(built, first)
    answer = sent_from(client, uuid, first, "tablet-1", rev=8, ratings={2: 0})
    assert answer.status_code == 409 and answer.json()["code"] == "not_assigned"
    assert StraySheet.objects.get().rev == 8


def test_who_never_had_it_is_told_that_it_is_not_there(built, first, as_user):
    replaced(built, first)
    for who in (built.examiners[0], built.examiners[1], person(Role.EXAMINER)):
        assert as_user(who).put(sheet_url(), whole(first)).status_code == 404
    assert not StraySheet.objects.exists()


def test_a_sheet_of_an_appointment_closed_meanwhile_is_kept(built, first, as_user):
    Appointment.objects.update(state=Appointment.State.CANCELLED)
    answer = as_user(built.examiners[0]).put(sheet_url(), whole(first))
    assert answer.status_code == 409 and answer.json()["code"] == "not_assigned"
    assert StraySheet.objects.get().reason == "not_assigned"


def test_what_no_database_can_hold_is_refused_and_not_kept(built, first, as_user):
    client = as_user(built.examiners[0])
    sent_from(client, uuid4(), first, "tablet-2")
    bad = whole(first, **DRAFT) | {"signature": "a\x00b"}
    answer = client.generic("PUT", sheet_url(), json.dumps(bad), content_type="application/json")
    assert answer.status_code == 409 and "errors" not in answer.json()
    assert not StraySheet.objects.exists()


def test_a_stray_sheet_is_seen_by_its_sender_and_once_decided_by_a_chief_examiner(
    built, first, as_user
):
    client = as_user(built.examiners[0])
    sent_from(client, uuid4(), first, "tablet-2")
    sent_from(client, uuid4(), first, "tablet-1")
    stray = StraySheet.objects.get()

    def seen_by(*people):
        return [StraySheet.objects.visible_to(one).filter(pk=stray.pk).exists() for one in people]

    assert seen_by(built.examiners[0], built.examiners[1], built.chief) == [True, False, False]
    built.sheets["P1", "A"] = PracticalAssessment.objects.get().uuid
    built.score(P1A={"rev": 40, "device": "tablet-2"})
    assert seen_by(built.chief, built.registrar, built.candidate) == [True, False, False]


# A lock, a retirement, a practice


def test_a_lock_while_the_other_examiner_is_offline_leaves_their_sheet_open(built, as_user):
    built.send("P1", "A")
    other = built.assignment("P1", "B")
    answer = sent_from(as_user(built.examiners[1]), uuid4(), other, "tablet-9", rev=40)
    assert answer.status_code == 201


def test_a_station_withdrawn_after_the_download_is_still_scored_as_assigned(built, first, as_user):
    first.checklist_version.checklist.live = False
    first.checklist_version.checklist.save()
    assert sent_from(as_user(built.examiners[0]), uuid4(), first, "tablet-1").status_code == 201


def test_a_practice_station_knows_no_exam_day(as_user):
    made = practice()
    assignment = services.start_formative(
        instructor=made.instructor, enrolment=made.enrolment, activity=made.activity, at=NOW
    )
    boot = as_user(made.instructor).get(f"/api/v1/practicals/assignments/{assignment.uuid}/").json()
    assert (boot["mode"], boot["opens_on"]) == ("formative", None)


def test_a_day_with_nothing_of_mine_is_not_there(built, as_user):
    other = exam_day(built.plan, date=DAY + timedelta(days=7))
    assert as_user(built.examiners[0]).post(day_url(other), {}).status_code == 404
