"""After the day: sheets that have not come, sheets kept beside those that count, passes that were taken back, the report."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.files.storage import storages
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role
from accounts.services import Conflict, Forbidden, Invalid
from credentials.models import Credential
from lms.desks.held import fall_matters, held_matters, waiting_matters
from practicals import services
from practicals.models import FallReview, FurtherLearning, PracticalAssessment, PracticalResult
from practicals.services import reporting
from practicals.services.watching import falls, kept_beside, review_fall, waiting_for_sheets
from tests.factories import NOW, person
from tests.practicals.build import exam, sheet
from tests.practicals.test_resits import failed_at, used_up
from tests.practicals.test_sheets import APART, CRITICAL, LOW, correct, rule
from tests.practicals.test_views import browse, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("standing_exam")]
EVENING = NOW + timedelta(hours=9)


@pytest.fixture
def evening(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: EVENING)


# Sheets that have not come


def test_a_sheet_that_has_not_come_is_named_with_its_examiner(evening):
    built = exam()
    built.send("P1", "A")
    built.send("P1", "B", final=False)
    (waiting,) = waiting_for_sheets(at=EVENING)
    said = [(str(row.assignment.examiner), row.heard_at) for row in waiting.missing]
    assert said == [("R. Okafor", NOW), ("S. Haddad", None), ("R. Okafor", None)]
    assert waiting.signed == 1
    text = text_of(browse(built.chief).get("/adjudicate/"))
    assert "Waiting for sheets" in text and "nothing has come" in text
    (matter,) = waiting_matters(at=EVENING)
    assert "P1 B (R. Okafor)" in matter.why


def test_what_is_decided_or_still_under_way_does_not_wait(evening):
    built = exam()
    assert waiting_for_sheets(at=NOW + timedelta(hours=3)) == []
    built.score()
    assert waiting_for_sheets(at=EVENING) == []


def test_the_sheet_of_the_other_waits_on_its_tablet_and_decides_when_it_comes():
    """A lock is taken while the other examiner is offline: nothing is decided, and nothing is lost."""
    built = exam()
    for code, place in (("P1", "A"), ("P1", "B"), ("T2", "A")):
        built.send(code, place)
    assert built.result is None
    late = built.send("T2", "B", at=NOW + timedelta(days=2))
    assert late.is_final and built.result.outcome == "passed"


def test_an_examiner_who_has_left_after_signing_counts():
    built = exam()
    for code, place in (("P1", "A"), ("P1", "B"), ("T2", "A")):
        built.send(code, place)
    built.examiners[0].is_active = False
    built.examiners[0].save()
    built.send("T2", "B")
    assert built.result.outcome == "passed"


def test_a_checklist_retired_meanwhile_is_scored_as_it_was_downloaded():
    built = exam()
    checklist = built.station("T2").checklist
    checklist.unpublish()
    assert built.score().outcome == "passed"


def test_the_sweep_decides_what_a_fault_left_behind(monkeypatch):
    built = exam()
    with monkeypatch.context() as broken:
        broken.setattr("practicals.services.sheets.decide_if_due", lambda **_: None)
        built.score()
    assert built.result is None
    assert services.decide_due(at=NOW) == 1
    assert built.result.outcome == "passed"
    assert services.decide_due(at=NOW) == 0


# Kept beside


def case_of(built, code="P1"):
    return next(case for case in services.cases_of(built.appointment) if case.rule.code == code)


def test_the_sheet_of_a_replaced_device_lies_beside_and_says_where_it_differs():
    built = exam()
    old = built.send("P1", "A", rev=2, final=False, ratings={3: 1})
    new = services.reissue(assignment=old.assignment, by=built.registrar, at=NOW)
    with pytest.raises(Conflict):
        built.send("P1", "A", rev=3, ratings={3: 0, 4: 1})
    built.sheets["P1", "A"] = new.uuid
    built.score(P1A={"rev": 5, "ratings": {3: 1}})
    draft, late = kept_beside(case_of(built))
    assert draft.differs == [] and draft.place == late.place == "A"
    assert late.differs == [("P1.03", "1", "0"), ("P1.04", "2", "1")]
    assert built.result.stations[0]["percent_a"] == "95"  # nothing of it is mixed in
    path = reverse("adjudicate", args=[built.appointment.uuid, "P1"])
    text = text_of(browse(built.chief).get(path))
    assert "Kept beside" in text and "issued anew" in text


def test_a_superseded_sheet_lies_beside_with_its_reason():
    built = exam()
    built.score(P1A={"ratings": {2: 1}})
    correct(built)
    (old,) = kept_beside(case_of(built))
    assert "tapped by mistake" in old.why and old.differs == [("P1.02", "2", "1")]


# Nobody is named


@pytest.mark.parametrize("name", ["S. Haddad", "s. haddad", "Haddad"])
def test_what_the_candidate_reads_names_no_examiner(name):
    built = exam()
    built.score(P1A=APART)
    with pytest.raises(Invalid) as refusal:
        rule(built, reasons=f"The note of {name} gives the time.")
    assert list(refusal.value.fields) == ["reasons"]
    rule(built)
    with pytest.raises(Invalid) as refusal:
        correct(built, reason=f"{name} tapped the wrong line.", ratings={3: 1})
    assert list(refusal.value.fields) == ["reason"]


# Passes taken back


def taken_back():
    built = exam()
    built.score()
    assert Credential.objects.filter(holder=built.candidate).exists()
    correct(built, **CRITICAL)
    return built


def test_a_pass_taken_back_waits_for_a_registrar_and_touches_no_credential():
    built = taken_back()
    at = NOW + timedelta(days=3)
    (found,) = falls(at=at)
    assert (found.passed.version, found.result.version) == (1, 2)
    assert [row.holder for row in found.credentials] == [built.candidate]
    (matter,) = fall_matters(at=at)
    assert matter.kind == "fall" and matter.who == "Orla Brandreth"
    page = text_of(browse(built.registrar).get(matter.url))
    assert found.credentials[0].number in page and "tapped by mistake" in page


def test_a_registrar_lets_it_stand_with_reasons_once():
    built = taken_back()
    (found,) = falls(at=NOW + timedelta(days=3))
    who = {"result": found.result, "at": NOW + timedelta(days=3)}
    with pytest.raises(Forbidden):
        review_fall(**who, reasons="It stands.", by=built.chief)
    with pytest.raises(Invalid):
        review_fall(**who, reasons=" ", by=built.registrar)
    review_fall(**who, reasons="The station is sat again next week.", by=built.registrar)
    assert falls(at=NOW + timedelta(days=3)) == []
    with pytest.raises(Conflict):
        review_fall(**who, reasons="Again.", by=built.registrar)
    assert FallReview.objects.get().by == built.registrar


def test_an_amendment_that_keeps_the_pass_is_no_fall():
    built = exam()
    built.score(P1A={"ratings": {2: 1}})
    correct(built)
    assert falls(at=NOW + timedelta(days=3)) == []


@pytest.mark.parametrize("name", ["practical-fall", "further-learning"])
def test_what_follows_a_result_is_for_registrars(name):
    args = [uuid4()] if name == "practical-fall" else [1, uuid4()]
    path = reverse(name, args=args)
    assert browse().get(path).status_code == 302
    for role in (Role.CHIEF_EXAMINER, Role.EXAMINER, Role.INSTRUCTOR):
        assert browse(person(role)).get(path).status_code == 403
    assert browse(person(Role.REGISTRAR)).get(path).status_code == 404


def test_a_plan_of_further_learning_is_kept_on_its_page():
    built = used_up()
    client = browse(built.registrar)
    assert "No attempt left" in text_of(client.get("/exam-days/"))
    path = reverse("further-learning", args=[built.plan.pk, built.candidate.uuid])
    assert client.post(path, {"plan": ""}).status_code == 400
    assert client.post(path, {"plan": "Twelve hours of intake."}).status_code == 302
    assert client.get(path).status_code == 404


# The report


def test_the_report_of_a_fail_says_what_the_page_says_and_no_line():
    built = failed_at("P1", P1A=LOW, P1B=LOW)
    said = reporting.said(built.result)
    whole = str(said)
    assert said["title"] == "Not passed this time"
    assert ["P1 Station P1", "23 November 2026", "Below the standard"] in said["table"]
    assert "carried over until 23 November 2028" in whole and "You can appeal until" in whole
    for secret in ("Does thing", *(examiner.name for examiner in built.examiners)):
        assert secret not in whole


def test_the_report_of_a_pass_says_pass_and_nothing_more():
    built = exam()
    built.score()
    said = reporting.said(built.result)
    assert said["title"] == "You have passed" and said["table"] == []
    assert "percent" not in str(said)


def test_a_worker_renders_the_report_and_only_its_candidate_has_it():
    built = exam()
    built.score(P1A=LOW, P1B=LOW, T2A=LOW, T2B=LOW)
    path = reverse("practical-report", args=[built.appointment.uuid])
    assert browse(person()).get(path).status_code == 404
    client = browse(built.candidate)
    answer = client.get(path)
    if answer.status_code == 202:
        reporting.render(result=built.result)
        answer = client.get(path)
    content = b"".join(answer.streaming_content)
    assert answer["Content-Type"] == "application/pdf" and content.startswith(b"%PDF")
    assert storages["private"].exists(built.result.report_path)


def test_a_held_result_has_no_report():
    built = exam()
    built.score(P1A=APART)
    path = reverse("practical-report", args=[built.appointment.uuid])
    assert browse(built.candidate).get(path).status_code == 404


def test_an_amendment_is_told_on_the_page_with_who_it_replaces_and_why():
    built = exam()
    built.score(P1A=LOW, P1B=LOW, T2A=LOW, T2B=LOW)
    for place in "AB":
        services.supersede_sheet(
            assessment=PracticalAssessment.objects.get(uuid=built.sheets["T2", place]),
            content=sheet("T2"),
            reason="The sheet was of another candidate.",
            by=built.chief,
            at=NOW + timedelta(days=2),
        )
    assert built.result.cause == PracticalResult.Cause.CORRECTED
    text = text_of(
        browse(built.candidate).get(reverse("practical-result", args=[built.appointment.uuid]))
    )
    assert "This result was amended" in text and "The sheet was of another candidate." in text
    assert built.chief.name not in text


def test_the_queue_says_what_is_held_and_until_when():
    built = exam()
    built.score(P1A=APART)
    (matter,) = held_matters(at=NOW)
    assert matter.due == built.result.decide_by
    assert matter.why == "1 station is with a chief examiner: P1."


# By the interface


def listed(who, name):
    answer = browse(who).get(f"/api/v1/practicals/{name}/")
    assert answer.status_code == 200
    return answer.json()["results"]


def test_a_plan_of_further_learning_is_read_by_whom_it_concerns():
    built = used_up()
    services.record_further_learning(
        exam_plan=built.plan, candidate=built.candidate, plan="Two days at the table.",
        by=built.registrar, at=NOW + timedelta(days=200),
    )  # fmt: skip
    (own,) = listed(built.candidate, "further-learning")
    assert own["plan"] == "Two days at the table." and "name" not in own
    for staff in (built.registrar, built.chief):
        (row,) = listed(staff, "further-learning")
        assert row["candidate"] == str(built.candidate.uuid)
    for role in (None, Role.EXAMINER, Role.INSTRUCTOR, Role.INVIGILATOR):
        assert listed(person(*filter(None, [role])), "further-learning") == []
    assert browse().get("/api/v1/practicals/further-learning/").status_code == 401


def test_a_pass_that_was_taken_back_is_read_by_whom_it_concerns():
    built = exam()
    built.score()
    correct(built, "P1", "A", **CRITICAL)
    correct(built, "P1", "B", **CRITICAL)
    (own,) = listed(built.candidate, "falls")
    assert (own["outcome"], own["looked_at"]) == ("failed", None)
    assert "reasons" not in own and "Haddad" not in str(own)
    for staff in (built.registrar, built.chief):
        (row,) = listed(staff, "falls")
        assert row["appointment"] == str(built.appointment.uuid) and row["reasons"] is None
    for role in (None, Role.EXAMINER, Role.INSTRUCTOR):
        assert listed(person(*filter(None, [role])), "falls") == []
    assert browse().get("/api/v1/practicals/falls/").status_code == 401


def test_both_lists_take_the_same_number_of_statements_however_long(django_assert_num_queries):
    built = exam()
    client = browse(built.registrar)

    def fall_and_plan(appointment):
        for version, (outcome, total) in enumerate((("passed", 80), ("failed", 50)), start=1):
            PracticalResult.objects.append(
                chain=f"appointment:{appointment.uuid}", at=NOW, appointment=appointment,
                version=version, outcome=outcome, total=total,
            )  # fmt: skip
        FurtherLearning.objects.append(
            chain=f"further-learning:{appointment.candidate.uuid}", at=NOW, exam_plan=built.plan,
            candidate=appointment.candidate, plan="Two days.", by=built.registrar,
        )  # fmt: skip

    fall_and_plan(built.appointment)
    cost = {}
    for name in ("falls", "further-learning"):
        with CaptureQueriesContext(connection) as queries:
            client.get(f"/api/v1/practicals/{name}/")
        cost[name] = len(queries)
    for _more in range(3):
        fall_and_plan(built.alone())
    for name in ("falls", "further-learning"):
        with django_assert_num_queries(cost[name]):
            assert len(client.get(f"/api/v1/practicals/{name}/").json()["results"]) == 4
