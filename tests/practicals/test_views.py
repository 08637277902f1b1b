"""The pages: who may open them, what they say and hide, and what their forms do."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role
from accounts.services import give_roles, record_teaching
from practicals import services
from practicals.models import Adjudication, Appointment, Assignment, PracticalAssessment
from practicals.services.adjudicating import NO_NAMES
from tests.factories import NOW, person
from tests.practicals.build import BEFORE, applicant, exam, practice
from tests.practicals.test_sheets import APART, CRITICAL, LOW, SEEN

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("standing_exam")]


def browse(user=None) -> Client:
    client = Client()
    if user:
        client.force_login(user)
    return client


@pytest.fixture
def clock(monkeypatch):
    """The day before the examination, for every page."""
    monkeypatch.setattr(timezone, "now", lambda: NOW)


@pytest.fixture
def built():
    return exam()


def text_of(answer) -> str:
    """What a page says; spaces that do not break read as spaces."""
    return answer.content.decode().replace("\u00a0", " ")


PAGES = {
    "examiner-desk": {Role.EXAMINER, Role.INSTRUCTOR},
    "sheet": {Role.EXAMINER, Role.INSTRUCTOR},
    "chief-desk": {Role.CHIEF_EXAMINER},
    "chief-appointment": {Role.CHIEF_EXAMINER},
    "adjudicate": {Role.CHIEF_EXAMINER},
    "correct-sheet": {Role.CHIEF_EXAMINER},
    "exam-days": {Role.REGISTRAR},
    "exam-day": {Role.REGISTRAR},
    "check-in": {Role.REGISTRAR},
    "exam-day-clients": {Role.REGISTRAR},
    "client-new": {Role.REGISTRAR},
    "client": {Role.REGISTRAR},
    "print-grid": {Role.REGISTRAR},
    "print-examiners": {Role.REGISTRAR},
    "print-door": {Role.REGISTRAR},
}
ACTIONS = {
    "exam-day-draw": {Role.REGISTRAR},
    "exam-day-offer": {Role.REGISTRAR},
    "exam-day-assign": {Role.REGISTRAR},
    "exam-day-auto-assign": {Role.REGISTRAR},
    "exam-day-tie": {Role.REGISTRAR},
    "exam-day-cancel": {Role.REGISTRAR},
    "take-off": {Role.REGISTRAR},
    "hand-over": {Role.REGISTRAR},
    "record-absence": {Role.REGISTRAR},
    "client-place": {Role.REGISTRAR},
    "client-stop": {Role.REGISTRAR},
    "cancel-appointment": {Role.REGISTRAR},
    "reissue-sheet": {Role.REGISTRAR},
    "formative-start": {Role.INSTRUCTOR},
}


def args_of(name, **rows):
    unknown = uuid4()
    pairs = ("formative-start", "take-off", "client", "client-stop")
    many = {"adjudicate": [unknown, "P1"], **{pair: [unknown, uuid4()] for pair in pairs}}
    bare = {"examiner-desk", "chief-desk", "exam-days"}
    return many.get(name, [] if name in bare else [unknown])


@pytest.mark.parametrize(("name", "roles"), [*PAGES.items(), *ACTIONS.items()])
def test_each_page_is_for_its_roles_and_unknown_rows_are_not_there(name, roles):
    verb = "post" if name in ACTIONS else "get"
    path = reverse(name, args=args_of(name))
    answer = getattr(browse(), verb)(path)
    assert answer.status_code == 302 and "/accounts/login/" in answer["Location"]
    for role in Role.values:
        expected = (200 if path.count("/") == 2 else 404) if role in roles else 403
        assert getattr(browse(person(role)), verb)(path).status_code == expected, role
    assert getattr(browse(person()), verb)(path).status_code == 403
    if name in ACTIONS:
        assert browse(person(*roles)).get(path).status_code == 405


def test_whoever_looks_whether_the_desk_is_there_need_not_fetch_it(built):
    answer = browse(built.examiners[0]).head(reverse("examiner-desk"))
    assert (answer.status_code, answer.content) == (200, b"")


@pytest.mark.parametrize("name", ["appointment", "practical-result"])
def test_a_candidates_pages_are_their_own(name, built):
    built.score()
    path = reverse(name, args=[built.appointment.uuid])
    assert browse().get(path).status_code == 302
    for stranger in (person(), built.registrar, built.chief, built.examiners[0]):
        assert browse(stranger).get(path).status_code == 404


# Examiners


def test_the_desk_lists_own_assignments_by_day_and_names_nobody(built):
    answer = browse(built.examiners[0]).get("/examine/")
    text = text_of(answer)
    assert built.appointment.candidate_number in text and "23 November 2026" in text
    assert "11:00" in text and "11:14" in text  # rounds of fourteen minutes
    assert built.candidate.name not in text and built.examiners[1].name not in text


def test_the_desk_costs_the_same_whatever_its_length(built):
    client = browse(built.examiners[0])
    client.get("/examine/")

    def cost():
        with CaptureQueriesContext(connection) as queries:
            client.get("/examine/")
        return len(queries)

    before = cost()
    for _more in range(3):
        another = built.alone()
        for station in built.day.stations.all():
            services.assign_examiner(
                appointment=another,
                station=station,
                place="A",
                examiner=built.examiners[0],
                by=built.registrar,
                at=BEFORE,
            )
    assert cost() == before <= 10


def test_the_sheet_shows_every_line_and_neither_name_nor_cut_nor_total(built):
    assignment = built.assignment("P1", "A")
    answer = browse(built.examiners[0]).get(reverse("sheet", args=[assignment.uuid]))
    text = text_of(answer)
    assert answer.status_code == 200 and "csrftoken" in answer.cookies
    assert all(f"P1.{number:02}" in text for number in range(1, 11))
    assert "Wrong a" in text and "Safe, organised, adapts when told." in text
    for secret in (built.candidate.name, built.examiners[1].name, "60.00", "percent"):
        assert secret not in text
    assert (
        browse(built.examiners[1]).get(reverse("sheet", args=[assignment.uuid])).status_code == 404
    )


def test_a_signed_sheet_opens_locked(built):
    built.send("P1", "A")
    path = reverse("sheet", args=[built.assignment("P1", "A").uuid])
    answer = browse(built.examiners[0]).get(path)
    assert "data-signed>" in text_of(answer)


# Chief examiners


def test_held_results_stand_on_the_chief_examiners_desk(built):
    built.score(P1A=APART)
    client = browse(built.chief)
    text = text_of(client.get("/adjudicate/"))
    assert "differ by 25 points" in text and "May decide" in text
    page = text_of(client.get(reverse("chief-appointment", args=[built.appointment.uuid])))
    assert reverse("adjudicate", args=[built.appointment.uuid, "P1"]) in page
    assert built.candidate.name not in text + page


def test_the_chief_examiners_desk_costs_the_same_whatever_is_held(built):
    client = browse(built.chief)

    def cost():
        with CaptureQueriesContext(connection) as queries:
            assert client.get("/adjudicate/").status_code == 200
        return len(queries)

    built.score(P1A=APART)
    cost()
    before = cost()
    for _more in range(2):
        built.appointment = built.alone()
        built.sheets.clear()
        services.auto_assign(exam_day=built.day, by=built.registrar, at=BEFORE)
        built.score(P1A=APART)
    assert cost() == before <= 12


def test_before_every_sheet_is_signed_there_is_nothing_to_see(built):
    built.send("P1", "A", **APART)
    built.send("P1", "B")
    client = browse(built.chief)
    desk = text_of(client.get("/adjudicate/"))
    assert f'"/adjudicate/{built.appointment.uuid}/"' not in desk
    assert reverse("adjudicate", args=[built.appointment.uuid, "P1"]) + '"' not in desk
    assert client.get(reverse("adjudicate", args=[built.appointment.uuid, "P1"])).status_code == 404
    sheet = PracticalAssessment.objects.first()
    assert client.get(reverse("correct-sheet", args=[sheet.uuid])).status_code == 404


def ruling_of(built, **changes):
    sheets = " ".join(str(built.sheets["P1", place]) for place in "AB")
    lines = {f"line-P1.{number:02}": "1" for number in (2, 3, 4)}
    return {"sheets": sheets, "reasons": "The note gives the time.", **lines, **changes}


def test_a_station_is_decided_line_by_line(built):
    built.score(P1A=APART)
    client, path = browse(built.chief), reverse("adjudicate", args=[built.appointment.uuid, "P1"])
    text = text_of(client.get(path))
    assert "3 that differ" in text and "cut 60" in text and 'name="line-P1.05"' not in text
    answer = client.post(path, ruling_of(built, **{"remark-P1.02": "Seen by one examiner only"}))
    assert answer.status_code == 302 and answer["Location"] == "/adjudicate/"
    ruling = Adjudication.objects.get()
    assert ruling.lines == {"P1.02": 1, "P1.03": 1, "P1.04": 1}
    assert ruling.remarks == {"P1.02": "Seen by one examiner only"}
    assert built.result.outcome == "passed"
    assert "The note gives the time." in text_of(client.get(path))


def test_an_incomplete_ruling_comes_back_with_what_was_entered(built):
    built.score(P1A=APART)
    client, path = browse(built.chief), reverse("adjudicate", args=[built.appointment.uuid, "P1"])
    answer = client.post(path, ruling_of(built, **{"line-P1.03": ""}))
    assert answer.status_code == 400
    assert "Decide this line." in text_of(answer) and "The note gives the time." in text_of(answer)
    assert not Adjudication.objects.exists()


def test_reasons_that_name_an_examiner_are_refused_beside_their_field(built):
    built.score(P1A=APART)
    path = reverse("adjudicate", args=[built.appointment.uuid, "P1"])
    examiner = Assignment.objects.filter(appointment=built.appointment).first().examiner
    answer = browse(built.chief).post(
        path, ruling_of(built, reasons=f"{examiner.name} saw it right.")
    )
    assert answer.status_code == 400 and not Adjudication.objects.exists()
    assert answer.context["form"].errors["reasons"] == [str(NO_NAMES)]
    assert "`errors`" not in text_of(answer)


def test_a_violation_is_confirmed_or_not_on_the_page(built):
    built.score(P1A=SEEN)
    client, path = browse(built.chief), reverse("adjudicate", args=[built.appointment.uuid, "P1"])
    assert "Pressed on." in text_of(client.get(path))
    sheets = " ".join(str(built.sheets["P1", place]) for place in "AB")
    client.post(
        path, {"sheets": sheets, "violation-P1.a": "no", "reasons": "It was another client."}
    )
    assert Adjudication.objects.get().violations == {"P1.a": False}
    assert built.result.outcome == "passed"


def test_a_ruling_on_sheets_corrected_meanwhile_is_refused(built):
    built.score(P1A=APART)
    path = reverse("adjudicate", args=[built.appointment.uuid, "P1"])
    answer = browse(built.chief).post(path, ruling_of(built, sheets=f"{uuid4()} {uuid4()}"))
    assert answer.status_code == 409 and not Adjudication.objects.exists()


def test_a_chief_examiner_who_examined_may_look_and_not_decide(built):
    built.score(P1A=APART)
    give_roles(user=built.examiners[0], roles=[Role.CHIEF_EXAMINER], by=None, at=NOW)
    client, path = (
        browse(built.examiners[0]),
        reverse("adjudicate", args=[built.appointment.uuid, "P1"]),
    )
    text = text_of(client.get(path))
    assert "You may not decide (R2)" in text and "Sign the decision" not in text
    for content in (ruling_of(built), {}):
        answer = client.post(path, content)
        assert answer.status_code == 403 and "Rule R2" in text_of(answer)


def correction_of(built, **changes):
    lines = {f"line-P1.{number:02}": "2" for number in range(1, 11)}
    return {**lines, "global_rating": "3", "reason": "Line 2 was tapped by mistake.", **changes}


def test_a_sheet_is_corrected_by_one_that_supersedes_it(built):
    built.score(P1A={"ratings": {2: 1}})
    client, path = browse(built.chief), reverse("correct-sheet", args=[built.sheets["P1", "A"]])
    assert client.get(path).status_code == 200
    for wrong in (
        correction_of(built, reason=""),
        correction_of(built, **{"line-P1.02": "1"}),
        correction_of(built, **{"line-P1.01": "0"}),
        correction_of(built, **{"line-P1.01": "7"}),
        correction_of(built, **{"seen-P1.a": "on"}),
    ):
        assert client.post(path, wrong).status_code == 400
    unexplained = correction_of(built, **{"line-P1.01": "0", "seen-P1.a": "on"})
    form = client.post(path, unexplained).context["form"]
    assert set(form.errors) == {"note-P1.01", "seen-note-P1.a"}
    assert client.post(path, correction_of(built)).status_code == 302
    assert built.result.version == 2 and built.result.total == 100
    station = text_of(client.get(reverse("adjudicate", args=[built.appointment.uuid, "P1"])))
    assert "Kept beside" in station and "Superseded:" in station


# Candidates


def test_an_offer_says_when_where_and_what_to_bring_and_is_accepted(clock):
    built = exam(assigned=False, accepted=False)
    client = browse(built.candidate)
    text = text_of(client.get("/appointments/"))
    assert "Monday 23 November 2026" in text and "11:00" in text and "Leeds, Hall 2" in text
    assert "photo identity document" in text and built.appointment.candidate_number in text
    detail = text_of(client.get(reverse("appointment", args=[built.appointment.uuid])))
    assert "Station P1" in detail and "65 percent" in detail
    path = reverse("appointment-answer", args=[built.appointment.uuid])
    assert client.post(path, {"answer": "perhaps"}).status_code == 302
    assert client.post(path, {"answer": "accept"}).status_code == 302
    built.appointment.refresh_from_db()
    assert built.appointment.state == Appointment.State.ACCEPTED
    assert browse(person()).post(path, {"answer": "decline"}).status_code == 404
    assert client.get(path).status_code == 405


def test_of_a_pair_the_candidate_learns_only_that_one_is_drawn(clock):
    from practicals.views.candidate import stations_of
    from tests.factories import ActivityFactory
    from tests.practicals.build import load_checklists, plan_data

    load_checklists("P1", "T1", "T6")
    plan = services.load_exam_plan(
        ActivityFactory(kind="practical"), plan_data([("P1", ""), ("T1", "A"), ("T6", "A")]), NOW
    )
    assert stations_of(plan) == ["Station P1", "One of: Station T1 or Station T6"]


def test_without_an_appointment_the_page_says_so():
    assert "You have no appointment." in text_of(browse(person()).get("/appointments/"))


def test_a_held_result_says_until_when_and_shows_no_sheet(built):
    built.score(P1A=SEEN)
    text = text_of(
        browse(built.candidate).get(reverse("practical-result", args=[built.appointment.uuid]))
    )
    assert "Your result is held" in text and "7 December 2026" in text
    for secret in ("Pressed on", *(examiner.name for examiner in built.examiners)):
        assert secret not in text


def test_a_fail_says_where_and_what_next(built):
    built.score(P1A=LOW, P1B=LOW, T2A=CRITICAL, T2B=CRITICAL)
    client = browse(built.candidate)
    text = text_of(client.get(reverse("practical-result", args=[built.appointment.uuid])))
    assert "Not passed this time" in text and "23 December 2026" in text
    assert "confirmed critical finding (T2)" in text and "Safety" in text and "Below" in text
    assert "09:04 Did not ask." not in text
    assert client.get(reverse("appointment", args=[built.appointment.uuid])).status_code == 302
    assert "Not passed" in text_of(client.get("/appointments/"))


def test_a_pass_says_so_without_figures(built):
    built.score()
    text = text_of(
        browse(built.candidate).get(reverse("practical-result", args=[built.appointment.uuid]))
    )
    assert "You passed the practical examination." in text and "percent" not in text
    assert re.search(r"counts towards your credential from \d{1,2} \w+ \d{4}\.", text)


# Registrars


def test_the_exam_day_shows_circuit_refusals_and_checks(clock):
    built = exam(assigned=False)
    record_teaching(
        teacher=built.examiners[0],
        learner=built.candidate,
        subject="Module 7",
        taught_on=NOW.date() - timedelta(days=70),
        by=None,
        at=NOW,
    )
    client, path = browse(built.registrar), reverse("exam-day", args=[built.day.uuid])
    text = text_of(client.get(path))
    number = built.appointment.candidate_number
    assert "Round 2" in text and "11:14" in text and number in text
    assert f"S. Haddad cannot examine {number}." in text and "since 14 September 2026" in text
    assert "0 of 4 places filled" in text and "drawn with seed 7" in text


def test_a_bar_that_arises_later_is_seen_on_the_plan(clock, built):
    record_teaching(
        teacher=built.examiners[0],
        learner=built.candidate,
        subject="Clinic",
        taught_on=NOW.date(),
        by=None,
        at=NOW,
    )
    text = text_of(browse(built.registrar).get(reverse("exam-day", args=[built.day.uuid])))
    assert "A refused, rule R3" in text and "2 assignments are barred" in text
    assert "They are assigned at present" in text


def test_the_exam_day_costs_the_same_whatever_its_size(clock, built):
    client, path = browse(built.registrar), reverse("exam-day", args=[built.day.uuid])

    def cost():
        with CaptureQueriesContext(connection) as queries:
            assert client.get(path).status_code == 200
        return len(queries)

    cost()
    before = cost()
    for _more in range(4):
        built.accept(built.offer(applicant(built.credential_type)))
        built.day.examiners.add(person(Role.EXAMINER))
    services.auto_assign(exam_day=built.day, by=built.registrar, at=BEFORE)
    assert cost() == before <= 32


def test_a_registrar_draws_offers_assigns_and_cancels(clock):
    built = exam(assigned=False)
    waiting = applicant(built.credential_type, name="Ines Duarte")
    client = browse(built.registrar)
    page = reverse("exam-day", args=[built.day.uuid])

    def post(page_name, row, **content):
        return client.post(reverse(page_name, args=[row]), content)

    assert post("exam-day-draw", built.day.uuid).status_code == 302
    assert "Ines Duarte" in text_of(client.get(page))
    offered = post(
        "exam-day-offer",
        built.day.uuid,
        **{"offer-candidate": waiting.uuid, "offer-avoid": "left knee"},
    )
    assert offered.status_code == 302
    appointment = Appointment.objects.get(candidate=waiting)
    assert appointment.avoid == "left knee"
    assert (
        post("exam-day-offer", built.day.uuid, **{"offer-candidate": person().uuid}).status_code
        == 400
    )
    station = built.station("P1").pk
    first, second = (examiner.uuid for examiner in built.examiners)
    place = {"place-station": station, "place-place": "A", "place-examiner": first}
    assert post("exam-day-assign", built.day.uuid, **place).status_code == 302
    ours = Assignment.objects.filter(appointment__exam_day=built.day)
    assert ours.filter(place="A").count() == 2
    twice = post("exam-day-assign", built.day.uuid, **{**place, "place-place": "B"})
    assert twice.status_code == 403 and "Rule R2" in text_of(twice)
    one = {
        "place-station": station,
        "place-place": "B",
        "place-examiner": second,
        "place-appointment": appointment.uuid,
    }
    assert post("exam-day-assign", built.day.uuid, **one).status_code == 302
    assert (
        post("exam-day-assign", built.day.uuid, **{**one, "place-station": "x"}).status_code == 400
    )
    assert post("exam-day-auto-assign", built.day.uuid).status_code == 302
    assert ours.count() == 4  # two people cannot be at both stations in one round
    built.day.examiners.add(*(person(Role.EXAMINER) for _more in range(2)))
    assert post("exam-day-auto-assign", built.day.uuid).status_code == 302
    assert ours.count() == 8
    assert post("exam-day-draw", built.day.uuid).status_code == 409
    came = {"identity": "passport", "name": "Orla Brandreth"}
    assert post("check-in", built.appointment.uuid, **came).status_code == 302
    assert post("check-in", appointment.uuid, **came).status_code == 409
    assert post("cancel-appointment", appointment.uuid, reason="").status_code == 400
    assert (
        post("cancel-appointment", appointment.uuid, reason="The hall is closed.").status_code
        == 302
    )
    appointment.refresh_from_db()
    assert appointment.state == Appointment.State.CANCELLED
    assert client.get("/exam-days/").status_code == 200


def test_a_lost_device_is_replaced_from_the_plan(clock, built):
    built.send("P1", "A", final=False)
    client = browse(built.registrar)
    assert "Sheets under way" in text_of(client.get(reverse("exam-day", args=[built.day.uuid])))
    path = reverse("reissue-sheet", args=[built.assignment("P1", "A").uuid])
    assert client.post(path).status_code == 302
    assert PracticalAssessment.objects.count() == 2
    assert (
        client.post(reverse("reissue-sheet", args=[built.assignment("P1", "B").uuid])).status_code
        == 404
    )


# Instructors


def test_an_instructor_starts_a_practice_station_from_the_class_list():
    made = practice()
    client = browse(made.instructor)
    path = reverse("formative-start", args=[made.enrolment.uuid, made.activity.uuid])
    answer = client.post(path)
    assert answer.status_code == 302
    page = text_of(client.get(answer["Location"]))
    assert "Practice" in page and made.learner.name not in page and "TW" in page
    assert client.post(path)["Location"] == answer["Location"]
    assert "Practice stations of your class" in text_of(client.get("/examine/"))
    assert browse(person(Role.INSTRUCTOR)).post(path).status_code == 404


def test_a_practice_result_says_it_is_no_certification():
    made = practice()
    assignment = services.start_formative(
        instructor=made.instructor, enrolment=made.enrolment, activity=made.activity, at=NOW
    )
    from tests.practicals.build import sheet

    services.sync_sheet(
        uuid=uuid4(), assignment=assignment, content=sheet("T1"), by=made.instructor, at=NOW
    )
    path = reverse("practical-result", args=[assignment.appointment.uuid])
    assert "no certification" in text_of(browse(made.learner).get(path))
    desk = text_of(browse(person(Role.CHIEF_EXAMINER)).get("/adjudicate/"))
    assert str(assignment.appointment.uuid) not in desk


# Wagtail


@pytest.fixture
def root():
    """Being a superuser opens no station: a reader of the bank."""
    return person(Role.ITEM_REVIEWER, is_superuser=True)


@pytest.mark.parametrize(
    "path",
    [
        "/cms/snippets/practicals/checklist/",
        "/cms/snippets/practicals/checklist/?export=csv",
        "/cms/snippets/practicals/checklist/edit/{checklist}/",
        "/cms/snippets/practicals/checklist/inspect/{checklist}/",
        "/cms/snippets/practicals/checklist/history/{checklist}/",
        "/cms/snippets/practicals/checklist/add/",
        "/cms/examday/",
        "/cms/examday/?export=xlsx",
        "/cms/examday/new/",
        "/cms/examday/edit/{day}/",
        "/cms/examday/inspect/{day}/",
        "/cms/examday/history/{day}/",
        "/cms/examplan/",
        "/cms/examplan/edition/{plan}/",
    ],
)
def test_setting_up_has_list_filter_inspect_export_and_history(path, built, root):
    rows = {
        "checklist": built.station("P1").checklist_id,
        "day": built.day.pk,
        "plan": built.plan.pk,
    }
    answer = browse(root).get(path.format(**rows))
    assert answer.status_code == 200
    assert browse(built.examiners[0]).get(path.format(**rows)).status_code in (302, 403)


def test_a_draft_checklist_is_previewed_as_the_examiners_sheet(built, rf):
    checklist = built.station("P1").checklist
    checklist.title = "Changed in the draft"
    answer = checklist.make_preview_request()
    text = text_of(answer)
    assert (
        "Changed in the draft" in text
        and "P1.01" in text
        and "practicals/sheet/page.js" not in text
    )


def test_what_is_done_on_a_day_stands_in_the_log(built):
    from wagtail.models import ModelLogEntry

    built.score(P1A=APART)
    browse(built.chief).post(
        reverse("adjudicate", args=[built.appointment.uuid, "P1"]), ruling_of(built)
    )
    actions = set(ModelLogEntry.objects.values_list("action", flat=True))
    assert {
        "practicals.draw",
        "practicals.offer",
        "practicals.accepted",
        "practicals.assign",
        "practicals.adjudicate",
    } <= actions


def test_nobody_publishes_a_checklist_they_wrote(built, root):
    from django.core.exceptions import PermissionDenied

    checklist = built.station("P1").checklist
    checklist.title = "Changed"
    revision = checklist.save_revision(user=root)
    with pytest.raises(PermissionDenied, match="R2"):
        revision.publish(user=root)
    answer = browse(root).get(f"/cms/snippets/practicals/checklist/edit/{checklist.pk}/")
    assert "action-publish" not in text_of(answer)
