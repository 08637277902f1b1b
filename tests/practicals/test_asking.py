"""A candidate asks for a date, agrees, objects, is reminded; what they see and what they cannot."""

from datetime import date, datetime, timedelta

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import ConflictDeclaration, Notice, Role
from accounts.services import Conflict, Invalid, Missing
from accounts.tasks import send_notice
from practicals import services
from practicals.models import Agreement, Assignment, DateRequest
from tests.factories import NOW, person
from tests.practicals.build import BEFORE, applicant, exam, exam_day
from tests.practicals.test_views import browse, text_of

pytestmark = pytest.mark.django_db
COMING = date(2027, 1, 16)


@pytest.fixture
def built():
    return exam(assigned=False)


@pytest.fixture
def waiting(built):
    return applicant(built.credential_type, name="Ines Duarte")


@pytest.fixture
def clock(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)


def coming(built, **fields):
    return exam_day(built.plan, **{"date": COMING, **fields})


def ask(built, person_, days=(), words="", at=NOW):
    return services.ask_for_date(plan=built.plan, days=days, words=words, by=person_, at=at)


# Asking


def test_the_days_to_choose_have_a_free_place_and_lie_ahead(built, waiting):
    free = coming(built)
    full = coming(built, date=COMING + timedelta(days=7), capacity=0)
    off = coming(built, date=COMING + timedelta(days=14))
    services.cancel_day(exam_day=off, reason="Rain", by=built.registrar, at=NOW)
    standing = services.standing_in(plan=built.plan, candidate=waiting)
    days = services.open_days(plan=built.plan, record=standing.record, at=NOW)
    assert days == [free] and full not in days
    assert services.open_days(plan=built.plan, record=None, at=free.begins) == []


def test_asking_tells_the_registrar_once_a_day_and_an_offer_answers_it(built, waiting):
    day = coming(built)
    first = ask(built, waiting, [day])
    again = ask(built, waiting, [day], "Mornings only.")
    assert first == again and DateRequest.objects.count() == 1
    assert (
        Notice.objects.filter(recipient=built.registrar, kind="practical_date_asked").count() == 1
    )
    offered = services.offer_appointment(
        exam_day=day, candidate=waiting, by=built.registrar, at=NOW
    )
    again.refresh_from_db()
    assert again.closed_at == NOW and again.appointment == offered
    with pytest.raises(Conflict) as refusal:
        ask(built, waiting, [day])
    assert "appointment already" in refusal.value.sentence
    with pytest.raises(Conflict):
        services.withdraw_request(request=again, by=waiting, at=NOW)


def test_who_has_not_applied_passed_or_says_nothing_does_not_ask(built, waiting):
    with pytest.raises(Conflict, match="Apply"):
        ask(built, person(), [coming(built)])
    with pytest.raises(Invalid) as refusal:
        ask(built, waiting)
    assert "days" in refusal.value.fields
    with pytest.raises(Invalid):
        ask(built, waiting, [coming(built, date=COMING + timedelta(days=1), capacity=0)])
    with pytest.raises(Invalid):
        ask(built, waiting, [], "x" * 501)
    assert not DateRequest.objects.exists()


def test_after_a_fail_only_days_after_the_wait_are_open(built):
    services.auto_assign(exam_day=built.day, by=built.registrar, at=BEFORE)
    low = {"ratings": dict.fromkeys(range(2, 11), 0)}
    built.score(P1A=low, P1B=low, T2A=low, T2B=low)
    soon, late = coming(built, date=date(2026, 12, 22)), coming(built)
    standing = services.standing_in(plan=built.plan, candidate=built.candidate)
    assert standing.why_not == ""
    assert services.open_days(plan=built.plan, record=standing.record, at=NOW) == [late]
    with pytest.raises(Invalid):
        ask(built, built.candidate, [soon])


def test_a_request_is_withdrawn_by_its_candidate_alone(built, waiting):
    row = ask(built, waiting, [], "Any Saturday.")
    with pytest.raises(Missing):
        services.withdraw_request(request=row, by=person(), at=NOW)
    assert services.withdraw_request(request=row, by=waiting, at=NOW).closed_at == NOW
    services.withdraw_request(request=row, by=waiting, at=NOW + timedelta(hours=1))
    assert ask(built, waiting, [], "Any Sunday.") != row


def test_the_pages_of_asking(built, waiting, clock):
    day = coming(built)
    client = browse(waiting)
    assert "Ask for a date" in text_of(client.get("/appointments/"))
    path = reverse("ask-for-date", args=[built.activity.uuid])
    page = text_of(client.get(path))
    assert "Saturday 16 January 2027, 11:00, Leeds, Hall 2" in page
    assert client.post(path, {"words": ""}).status_code == 400
    answer = client.post(path, {"days": [day.uuid], "words": "After ten."}, follow=True)
    assert "Asked for a date" in text_of(answer) and "After ten." in text_of(answer)
    registrar = browse(built.registrar)
    plan = text_of(registrar.get(reverse("exam-day", args=[day.uuid])))
    assert "asked for this day" in plan and "After ten." in plan and "Ines Duarte" in plan
    assert "Ines Duarte" in text_of(registrar.get("/exam-days/"))
    row = DateRequest.objects.get()
    withdraw = reverse("withdraw-request", args=[row.uuid])
    assert browse(person()).post(withdraw).status_code == 404
    assert client.post(withdraw).status_code == 302
    assert "Asked for a date" not in text_of(client.get("/appointments/"))
    assert browse(person()).get(path).status_code == 404
    assert browse().get(path).status_code == 302


def test_the_list_of_requests_costs_the_same_whatever_its_length(built, clock):
    client = browse(built.registrar)

    def cost():
        with CaptureQueriesContext(connection) as queries:
            assert client.get("/exam-days/").status_code == 200
        return len(queries)

    day = coming(built)
    for _one in range(2):
        ask(built, applicant(built.credential_type), [day])
    cost()
    before = cost()
    for _one in range(4):
        ask(built, applicant(built.credential_type), [day])
    assert cost() == before


# The calendar


def test_accepting_and_declining_go_into_the_calendar_and_out_of_it(clock):
    built = exam(assigned=False, accepted=False)
    row = built.accept(built.appointment)
    notice = Notice.objects.get(kind="practical_accepted")
    uid = f"UID:appointment-{row.uuid}"
    assert uid in notice.calendar and "SEQUENCE:0" in notice.calendar
    assert "DTSTART;TZID=Europe/London:20261123T110000" in notice.calendar
    send_notice.func(notice.pk)
    (sent,) = mail.outbox
    name, content, kind = sent.attachments[0]
    assert (name, kind) == ("appointment.ics", "text/calendar") and uid in content
    services.answer_appointment(appointment=row, accept=False, by=built.candidate, at=BEFORE)
    out = Notice.objects.get(kind="practical_declined").calendar
    assert uid in out and "SEQUENCE:1" in out and "METHOD:CANCEL" in out


def test_the_entry_is_on_the_page_of_its_candidate_alone(built, clock):
    path = reverse("appointment-calendar", args=[built.appointment.uuid])
    answer = browse(built.candidate).get(path)
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    assert "attachment" in answer["Content-Disposition"]
    assert "STATUS:CONFIRMED" in answer.content.decode()
    assert path in text_of(browse(built.candidate).get(f"/appointments/{built.appointment.uuid}/"))
    for stranger in (built.registrar, built.examiners[0], person()):
        assert browse(stranger).get(path).status_code == 404
    assert browse().get(path).status_code == 302


# Objections


def expected(built, days=30):
    """The candidate has accepted a day so far ahead, with its examiners assigned."""
    day = coming(built, date=NOW.date() + timedelta(days=days))
    day.examiners.set(built.examiners)
    services.draw_stations(exam_day=day, by=built.registrar, at=BEFORE)
    candidate = applicant(built.credential_type, name="Ines Duarte")
    row = services.offer_appointment(
        exam_day=day, candidate=candidate, by=built.registrar, at=BEFORE
    )
    row = services.answer_appointment(appointment=row, accept=True, by=candidate, at=BEFORE)
    services.auto_assign(exam_day=day, by=built.registrar, at=BEFORE)
    return row


def test_an_objection_keeps_the_examiner_away_and_opens_their_places(built, clock):
    row, examiner = expected(built), built.examiners[0]
    assert Assignment.objects.filter(examiner=examiner, appointment=row).exists()
    client, path = browse(row.candidate), reverse("object-to-examiner", args=[row.uuid])
    page = text_of(client.get(reverse("appointment", args=[row.uuid])))
    assert "S. Haddad" in page and "R. Okafor" in page
    for station in ("Station P1 A", "P1A", "examiner A"):
        assert station not in page
    answer = client.post(path, {"examiner": examiner.uuid, "note": "He treated me."}, follow=True)
    assert "Does not examine you" in text_of(answer)
    assert not Assignment.objects.filter(examiner=examiner, appointment=row).exists()
    declared = ConflictDeclaration.objects.get()
    assert (declared.kind, declared.declared_by) == ("objection", row.candidate)
    told = Notice.objects.get(recipient=built.registrar, kind="practical_objection")
    assert "2 places are open again" in told.body and "He treated me" not in told.body
    client.post(path, {"examiner": examiner.uuid})
    assert ConflictDeclaration.objects.count() == 1
    plan = text_of(browse(built.registrar).get(reverse("exam-day", args=[row.exam_day.uuid])))
    assert "R4" in plan and "The candidate objected to S. Haddad" in plan


def test_an_objection_comes_48_hours_before_and_later_the_registrar_decides(built):
    row, examiner = expected(built), built.examiners[0]
    given = {"appointment": row, "examiner": examiner, "by": row.candidate}
    limit = row.starts_at - timedelta(hours=48)
    with pytest.raises(Conflict) as refusal:
        services.object_to_examiner(**given, at=limit + timedelta(seconds=1))
    assert refusal.value.code == "too_late" and "Rule R4" in refusal.value.sentence
    services.object_to_examiner(**given, at=limit)
    assert ConflictDeclaration.objects.count() == 1


def test_only_the_candidate_objects_only_to_examiners_of_the_day(built, clock):
    row = expected(built)
    other = person(Role.EXAMINER)
    with pytest.raises(Missing):
        services.object_to_examiner(
            appointment=row, examiner=built.examiners[0], by=built.registrar, at=NOW
        )
    with pytest.raises(Missing):
        services.object_to_examiner(appointment=row, examiner=other, by=row.candidate, at=NOW)
    path = reverse("object-to-examiner", args=[row.uuid])
    assert browse(person()).post(path, {"examiner": other.uuid}).status_code == 404
    assert browse(row.candidate).post(path, {"examiner": "x"}).status_code == 404
    assert not ConflictDeclaration.objects.exists()


# The agreement


def test_a_candidate_agrees_once_to_a_version_that_stays(built, clock):
    row = expected(built)
    client, path = browse(row.candidate), reverse("agree", args=[row.uuid])
    assert "The rules of the day" in text_of(client.get(reverse("appointment", args=[row.uuid])))
    assert client.post(path, {"agree-name": " "}).status_code == 400
    assert client.post(path, {"agree-name": "Ines Duarte"}).status_code == 302
    made = row.agreements_made.get()
    assert (made.name, made.by, made.agreement.number) == ("Ines Duarte", row.candidate, 1)
    built.plan.agreement = "I do no harm."
    built.plan.save()
    services.agree(appointment=row, name="Other", by=row.candidate, at=NOW)
    assert row.agreements_made.get() == made and made.agreement.text != "I do no harm."
    newer = services.agreement_of(plan=built.plan, at=NOW)
    assert (newer.number, newer.text) == (2, "I do no harm.")
    assert services.agreement_of(plan=built.plan, at=NOW) == newer
    assert Agreement.objects.count() == 2
    with pytest.raises(Missing):
        services.agree(appointment=row, name="X", by=built.registrar, at=NOW)
    assert browse(person()).post(path, {"agree-name": "X"}).status_code == 404


# Reminders


def remind(at: datetime) -> int:
    return services.remind_of_appointments(at=at)


def test_candidates_are_reminded_14_and_2_days_before_once_each(built, django_assert_num_queries):
    row = expected(built, days=30)
    begins = row.starts_at
    Notice.objects.all().delete()
    built.appointment.__class__.objects.filter(pk=built.appointment.pk).update(state="cancelled")
    assert remind(begins - timedelta(days=15)) == 0
    assert remind(begins - timedelta(days=14)) == 1
    assert remind(begins - timedelta(days=13)) == 0
    assert remind(begins - timedelta(days=2)) == 1
    assert remind(begins - timedelta(days=1)) == 0
    assert remind(begins + timedelta(hours=1)) == 0
    first, second = Notice.objects.order_by("pk")
    assert first.kind == second.kind == "practical_reminder"
    assert "We expect you" in first.body and row.candidate_number in first.body
    with django_assert_num_queries(2):
        remind(begins - timedelta(days=1))


def test_an_unanswered_offer_is_reminded_of_and_a_fresh_one_is_not(built):
    day = coming(built, date=NOW.date() + timedelta(days=20))
    candidate = applicant(built.credential_type)
    built.appointment.__class__.objects.filter(pk=built.appointment.pk).update(state="cancelled")
    row = services.offer_appointment(
        exam_day=day, candidate=candidate, by=built.registrar, at=day.begins - timedelta(days=10)
    )
    assert remind(day.begins - timedelta(days=9)) == 0
    assert remind(day.begins - timedelta(days=2)) == 1
    assert "have not answered yet" in Notice.objects.get(kind="practical_reminder").body
    services.answer_appointment(
        appointment=row, accept=True, by=candidate, at=day.begins - timedelta(days=1)
    )
    assert remind(day.begins - timedelta(hours=20)) == 0
