"""Syncing and signing sheets, and what follows: decision, report, notices; corrections, re-issues, practice stations."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Notice, Role, TeachingRecord
from accounts.services import (
    Conflict,
    Forbidden,
    Invalid,
    Missing,
    declare_conflict,
    record_teaching,
)
from courses.models import Progress
from credentials.models import Evidence
from ledger.services import verify
from practicals import services
from practicals.models import (
    Adjudication,
    Assignment,
    Observation,
    PracticalAssessment,
    PracticalResult,
    SheetRevision,
    Violation,
)
from tests.factories import NOW, person
from tests.practicals.build import exam, practice, sheet

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("standing_exam")]

LOW = {"ratings": dict.fromkeys(range(2, 11), 0)}
APART = {"ratings": {2: 0, 3: 0, 4: 1}}  # 15 of 20 against 20
CRITICAL = {"ratings": {1: 0}, "notes": {1: "09:04 Did not ask."}}
SEEN = {"violations": [{"code": "P1.a", "note": "09:06 Pressed on.", "at": "2026-11-28T09:06:00Z"}]}


def code_of(refusal):
    return refusal.value.code


# Drafts


def test_drafts_sync_by_rising_revision_and_every_one_is_kept():
    built = exam()
    first = built.send("P1", "A", rev=1, final=False, ratings={5: None})
    second = built.send("P1", "A", rev=4, final=False)
    assert first.pk == second.pk and second.rev == 4
    assert list(second.revisions.values_list("rev", flat=True)) == [1, 4]
    assert list(verify(SheetRevision)) == []


def test_the_same_again_changes_nothing():
    built = exam()
    built.send("P1", "A", rev=2, final=False)
    again = built.send("P1", "A", rev=2, final=False, at=NOW + timedelta(minutes=5))
    assert again.synced_at == NOW
    assert again.revisions.count() == 1


@pytest.mark.parametrize(("rev", "ratings"), [(1, {}), (2, {3: 1}), (0, {3: 1})])
def test_a_lower_revision_or_the_same_with_other_content_is_a_conflict(rev, ratings):
    built = exam()
    built.send("P1", "A", rev=2, final=False)
    with pytest.raises(Conflict) as refusal:
        built.send("P1", "A", rev=rev, final=False, ratings=ratings)
    assert code_of(refusal) == "older_revision"
    assert PracticalAssessment.objects.get().draft["observations"][2]["rating"] == 2


def test_wrong_content_is_refused_and_leaves_the_draft_as_it_was():
    built = exam()
    built.send("P1", "A", rev=1, final=False)
    with pytest.raises(Invalid) as refusal:
        built.send("P1", "A", rev=2, final=False, global_rating=9)
    assert "global_rating" in refusal.value.fields
    assert PracticalAssessment.objects.get().rev == 1


def test_another_examiners_assignment_is_not_there():
    built = exam()
    assignment = built.assignment("P1", "A")
    with pytest.raises(Missing):
        services.sync_sheet(
            uuid=uuid4(), assignment=assignment, content=sheet(), by=built.examiners[1], at=NOW
        )


def test_a_sheet_stays_with_its_assignment():
    built = exam()
    mine = built.send("P1", "A", final=False)
    with pytest.raises(Missing):  # somebody else's uuid
        built.send("P1", "B", uuid=mine.uuid, final=False)
    built.sheets.clear()
    with pytest.raises(Conflict) as refusal:  # one's own, for another station
        built.send("T2", "A", uuid=mine.uuid, final=False)
    assert code_of(refusal) == "other_assignment"


def test_a_second_sheet_for_one_assignment_is_a_conflict():
    built = exam()
    built.send("P1", "A", final=False)
    built.sheets.clear()
    with pytest.raises(Conflict) as refusal:
        built.send("P1", "A", final=False)
    assert code_of(refusal) == "other_sheet"


def test_a_bar_that_arose_after_the_assignment_keeps_the_examiner_from_beginning():
    built = exam()
    record_teaching(
        teacher=built.examiners[0],
        learner=built.candidate,
        subject="Clinic",
        taught_on=NOW.date(),
        by=None,
        at=NOW,
    )
    with pytest.raises(Forbidden) as refusal:
        built.send("P1", "A", final=False)
    assert code_of(refusal) == "R3"
    built.send("P1", "B", final=False)


def test_a_sheet_begun_before_a_tie_was_declared_is_not_lost():
    built = exam()
    built.send("P1", "A", rev=1, final=False)
    declare_conflict(
        examiner=built.examiners[0],
        candidate=built.candidate,
        kind="other",
        note="",
        by=built.candidate,
        at=NOW,
    )
    assert built.send("P1", "A", rev=2).is_final


def test_an_appointment_that_is_not_accepted_is_not_scored():
    built = exam(accepted=False)
    with pytest.raises(Missing):
        built.send("P1", "A")


# Signing


def test_signing_freezes_lines_and_violations_into_linked_rows():
    built = exam()
    signed = built.send("P1", "A", **SEEN)
    assert signed.is_final and signed.signature == "R. Okafor"
    assert list(signed.observations.values_list("criterion_code", flat=True))[:2] == [
        "P1.01",
        "P1.02",
    ]
    assert signed.observations.count() == 10
    assert signed.violations.get().text == "Wrong a"
    assert list(verify(Observation)) == list(verify(Violation)) == []


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"ratings": {4: None}}, "observations"),
        ({"ratings": {1: 0}}, "observations"),
        ({"violations": [{"code": "P1.a", "note": ""}]}, "violations"),
        ({"global_rating": None}, "global_rating"),
        ({"signature": " "}, "signature"),
    ],
)
def test_a_sheet_with_blanks_is_not_signed(changes, field):
    built = exam()
    with pytest.raises(Invalid) as refusal:
        built.send("P1", "A", **changes)
    assert code_of(refusal) == "sheet_incomplete" and list(refusal.value.fields) == [field]
    assert not PracticalAssessment.objects.exists() and not Observation.objects.exists()


def test_signing_again_is_the_same_and_changing_is_a_conflict():
    built = exam()
    signed = built.send("P1", "A", rev=3)
    assert built.send("P1", "A", rev=3).pk == signed.pk
    assert built.send("P1", "A", rev=7).rev == 3
    for changes in ({"ratings": {2: 1}}, {"final": False}, {"global_rating": 9}, {"rev": "x"}):
        with pytest.raises(Conflict) as refusal:
            built.send("P1", "A", **{"rev": 8, **changes})
        assert code_of(refusal) == "sheet_locked"
    assert signed.observations.count() == 10


# The result


def test_nothing_is_decided_until_every_sheet_is_signed():
    built = exam()
    for code, place in (("P1", "A"), ("P1", "B"), ("T2", "A")):
        built.send(code, place)
    assert built.result is None and not Progress.objects.exists()
    built.send("T2", "B")
    assert built.result.outcome == "passed"


def test_a_pass_is_reported_down_with_the_appointment_as_reference():
    built = exam()
    result = built.score()
    assert (result.version, result.outcome, result.total) == (1, "passed", 100)
    progress = Progress.objects.get(activity=built.activity)
    assert (progress.state, progress.reference) == ("complete", built.appointment.uuid)
    evidence = Evidence.objects.get(requirement=built.requirement)
    assert evidence.counts and evidence.reference == built.appointment.uuid
    notice = Notice.objects.get(recipient=built.candidate, kind="practical_result")
    assert notice.url == f"/appointments/{built.appointment.uuid}/result/"
    assert not Notice.objects.filter(kind="practical_to_decide").exists()
    assert list(verify(PracticalResult)) == []


def test_the_mean_of_two_sheets_is_the_result_of_a_station():
    built = exam()
    result = built.score(P1A={"ratings": {2: 1}}, P1B={"ratings": {3: 1, 4: 1}})
    assert [station["percent"] for station in result.stations] == ["92.5", "100"]
    assert result.total == 96.25


def test_a_fail_is_reported_as_failed_and_counts_to_nothing():
    built = exam()
    result = built.score(P1A=LOW, P1B=LOW, T2A=LOW, T2B=LOW)
    assert result.outcome == "failed"
    assert Progress.objects.get(activity=built.activity).state == "failed"
    assert not Evidence.objects.exists()


def test_a_critical_finding_of_both_fails_the_whole():
    built = exam()
    result = built.score(P1A=CRITICAL, P1B=CRITICAL)
    assert result.outcome == "failed"
    assert result.stations[0]["critical"] == ["P1.01"]
    assert any("is not passed" in reason for reason in result.reasons_said())


@pytest.mark.parametrize("different", [APART, CRITICAL, SEEN])
def test_what_differs_is_held_and_the_chief_examiner_and_the_candidate_are_told(different):
    built = exam()
    result = built.score(P1A=different)
    assert result.outcome == "held" and result.total is None
    assert result.decide_by == NOW.date() + timedelta(days=14)
    assert Progress.objects.get(activity=built.activity).state == "held"
    assert (
        "7 December 2026"
        in Notice.objects.get(kind="practical_held", recipient=built.candidate).body
    )
    assert Notice.objects.get(kind="practical_to_decide").recipient == built.chief


def test_a_chief_examiner_who_may_not_decide_is_not_asked():
    built = exam()
    teacher = person(Role.CHIEF_EXAMINER)
    record_teaching(
        teacher=teacher,
        learner=built.candidate,
        subject="Clinic",
        taught_on=NOW.date(),
        by=None,
        at=NOW,
    )
    built.score(P1A=APART)
    assert [notice.recipient for notice in Notice.objects.filter(kind="practical_to_decide")] == [
        built.chief
    ]


def test_deciding_costs_the_same_for_two_stations_or_five():
    def cost(codes):
        built = exam(codes=codes)
        for code in codes:
            for place in "AB":
                if (code, place) != (codes[-1], "B"):
                    built.send(code, place)
        with CaptureQueriesContext(connection) as queries:
            built.send(codes[-1], "B")
        assert built.result.outcome == "passed"
        return len(queries)

    assert cost(("P1", "T2")) == cost(("P2", "E1", "E2", "T3", "D1"))


# Adjudication


def rule(built, lines=None, violations=None, by=None, code="P1", **changes):
    return services.adjudicate(
        **{
            "appointment": built.appointment,
            "station": built.station(code),
            "lines": lines if lines is not None else {"P1.02": 1, "P1.03": 1, "P1.04": 1},
            "violations": violations or {},
            "reasons": "The note gives the time.",
            "by": by or built.chief,
            "at": NOW + timedelta(days=1),
            **changes,
        }
    )


def test_a_ruling_decides_and_reports():
    built = exam()
    built.score(P1A=APART)
    result = rule(built)
    assert (result.version, result.outcome) == (2, "passed")
    assert result.stations[0]["percent"] == "85"
    assert result.stations[0]["reasons"][0]["code"] == "ruled"
    assert result.stations_said()[0]["reasons"][0].endswith("The note gives the time.")
    assert (result.cause, result.by) == ("ruled", built.chief)
    assert Progress.objects.get(activity=built.activity).state == "complete"
    assert Notice.objects.filter(recipient=built.candidate, kind="practical_result").count() == 1
    assert list(verify(Adjudication)) == []


def test_the_same_ruling_again_changes_nothing_and_another_is_a_conflict():
    built = exam()
    built.score(P1A=APART)
    first = rule(built)
    assert rule(built) == first
    assert Adjudication.objects.count() == 1
    with pytest.raises(Conflict) as refusal:
        rule(built, lines={"P1.02": 0, "P1.03": 1, "P1.04": 1})
    assert code_of(refusal) == "already_decided"


def test_two_held_stations_are_settled_one_by_one():
    built = exam()
    built.score(P1A=APART, T2B=APART)
    result = rule(built)
    assert (result.version, result.outcome) == (2, "held")
    assert Notice.objects.filter(kind="practical_held").count() == 1
    result = rule(built, code="T2", lines={"T2.02": 1, "T2.03": 1, "T2.04": 1})
    assert (result.version, result.outcome) == (3, "passed")


def test_a_violation_seen_by_one_is_confirmed_or_cleared():
    built = exam()
    built.score(P1A=SEEN)
    result = rule(built, lines={}, violations={"P1.a": True})
    assert result.outcome == "failed" and result.stations[0]["critical"] == ["P1.a"]


def test_who_examined_or_taught_the_candidate_decides_nothing():
    from accounts.services import give_roles

    built = exam()
    built.score(P1A=APART)
    give_roles(user=built.examiners[0], roles=[Role.CHIEF_EXAMINER], by=None, at=NOW)
    with pytest.raises(Forbidden) as refusal:
        rule(built, by=built.examiners[0])
    assert code_of(refusal) == "R2"
    record_teaching(
        teacher=built.chief,
        learner=built.candidate,
        subject="Clinic",
        taught_on=NOW.date(),
        by=None,
        at=NOW,
    )
    with pytest.raises(Forbidden) as refusal:
        rule(built)
    assert code_of(refusal) == "R3"
    with pytest.raises(Forbidden) as refusal:
        rule(built, by=built.registrar)
    assert code_of(refusal) == "wrong_role"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"lines": {"P1.02": 1, "P1.03": 1}}, "lines"),
        ({"lines": {"P1.02": 3, "P1.03": 1, "P1.04": 1}}, "lines"),
        ({"lines": {"P1.02": True, "P1.03": 1, "P1.04": 1}}, "lines"),
        ({"lines": {"P1.02": 1, "P1.03": 1, "P1.04": 1, "P1.05": 1}}, "lines"),
        ({"violations": {"P1.a": True}}, "violations"),
        ({"reasons": " "}, "reasons"),
        ({"reasons": "a\x00b"}, "reasons"),
        ({"remarks": {"P1.05": "x"}}, "remarks"),
        ({"remarks": {"P1.02": 7}}, "remarks"),
    ],
)
def test_a_ruling_settles_exactly_what_differs(changes, field):
    built = exam()
    built.score(P1A=APART)
    with pytest.raises(Invalid) as refusal:
        rule(built, **changes)
    assert list(refusal.value.fields) == [field]


def test_what_is_not_held_is_not_decided():
    built = exam()
    built.send("P1", "A", **APART)
    with pytest.raises(Conflict) as refusal:
        rule(built)
    assert code_of(refusal) == "not_decided"
    for code, place in (("P1", "B"), ("T2", "A"), ("T2", "B")):
        built.send(code, place)
    with pytest.raises(Conflict) as refusal:
        rule(built, code="T2", lines={})
    assert code_of(refusal) == "not_held"


def test_a_ruling_on_sheets_that_changed_meanwhile_is_refused():
    built = exam()
    built.score(P1A=APART)
    with pytest.raises(Conflict) as refusal:
        rule(built, sheets=[uuid4(), uuid4()])
    assert code_of(refusal) == "sheets_changed"


# Corrections


def correct(
    built, code="P1", place="A", by=None, reason="Line 2 was tapped by mistake.", **changes
):
    assessment = PracticalAssessment.objects.get(uuid=built.sheets[code, place])
    return services.supersede_sheet(
        assessment=assessment,
        content=sheet(code, **changes),
        reason=reason,
        by=by or built.chief,
        at=NOW + timedelta(days=2),
    )


def test_a_correction_supersedes_and_never_edits():
    built = exam()
    built.score(P1A={"ratings": {2: 1}})
    old = PracticalAssessment.objects.get(uuid=built.sheets["P1", "A"])
    new = correct(built)
    old.refresh_from_db()
    assert (
        not old.active and old.is_final and old.observations.get(criterion_code="P1.02").rating == 1
    )
    assert new.supersedes == old and new.written_by == built.chief
    assert new.supersedes_reason == "Line 2 was tapped by mistake."
    assert (built.result.version, built.result.total) == (2, 100)


def test_a_correction_can_take_a_pass_back_and_reports_it_down():
    built = exam()
    built.score()
    correct(built, **CRITICAL)
    assert built.result.outcome == "held"
    assert Progress.objects.get(activity=built.activity).state == "held"
    newest = Evidence.objects.filter(requirement=built.requirement).order_by("-sequence").first()
    assert newest.counts is False and newest.reference == built.appointment.uuid
    told = Notice.objects.get(recipient=built.candidate, kind="practical_amended")
    assert "Before: Passed. Now: Held." in told.body and "tapped by mistake" in told.body


def test_a_ruling_on_a_sheet_that_was_corrected_no_longer_holds():
    built = exam()
    built.score(P1A=APART)
    rule(built)
    correct(built, ratings={2: 0, 3: 0, 5: 0})
    assert built.result.outcome == "held"
    assert rule(built, lines={"P1.02": 2, "P1.03": 2, "P1.05": 2}).outcome == "passed"


def test_the_same_correction_again_changes_nothing_and_a_later_one_is_a_conflict():
    built = exam()
    built.score(P1A={"ratings": {2: 1}})
    new = correct(built)
    assert correct(built) == new
    with pytest.raises(Conflict) as refusal:
        correct(built, ratings={3: 1})
    assert code_of(refusal) == "sheet_replaced"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"ratings": {2: None}}, "observations"),
        ({"reason": ""}, "reason"),
        ({"ratings": {2: 1}}, "observations"),
        ({"global_rating": None}, "global_rating"),
    ],
)
def test_a_correction_is_whole_reasoned_and_changes_something(changes, field):
    built = exam()
    built.score(P1A={"ratings": {2: 1}})
    with pytest.raises(Invalid) as refusal:
        correct(built, **changes)
    assert list(refusal.value.fields) == [field]


def test_only_a_chief_examiner_who_may_decide_corrects_and_only_what_has_a_result():
    built = exam()
    built.send("P1", "A")
    with pytest.raises(Conflict) as refusal:
        correct(built, ratings={2: 1})
    assert code_of(refusal) == "not_decided"
    with pytest.raises(Forbidden):
        correct(built, by=built.examiners[0])
    with pytest.raises(Forbidden):
        correct(built, by=built.registrar)


# Re-issuing


def test_a_reissued_sheet_goes_on_from_the_last_draft_and_the_old_one_is_kept():
    built = exam()
    old = built.send("P1", "A", rev=5, final=False, ratings={3: 1})
    new = services.reissue(assignment=old.assignment, by=built.registrar, at=NOW)
    assert new.uuid != old.uuid and new.draft == old.draft and new.rev == 5
    with pytest.raises(Conflict) as refusal:
        built.send("P1", "A", rev=6, final=False)
    assert code_of(refusal) == "sheet_reissued"
    built.sheets["P1", "A"] = new.uuid
    assert built.send("P1", "A", rev=6).is_final
    assert old.revisions.count() == 1


def test_a_signed_sheet_and_one_never_begun_are_not_reissued():
    built = exam()
    assignment = built.assignment("P1", "A")
    with pytest.raises(Missing):
        services.reissue(assignment=assignment, by=built.registrar, at=NOW)
    built.send("P1", "A")
    with pytest.raises(Conflict):
        services.reissue(assignment=assignment, by=built.registrar, at=NOW)
    with pytest.raises(Forbidden):
        services.reissue(assignment=assignment, by=built.examiners[0], at=NOW)


# Practice stations


def begin(made, **changes):
    return services.start_formative(
        **{
            "instructor": made.instructor,
            "enrolment": made.enrolment,
            "activity": made.activity,
            "at": NOW,
            **changes,
        }
    )


def sign(made, assignment, **changes):
    return services.sync_sheet(
        uuid=uuid4(),
        assignment=assignment,
        content=sheet("T1", **changes),
        by=made.instructor,
        at=NOW,
    )[0]


def test_one_instructors_sheet_decides_a_practice_station_and_is_teaching():
    made = practice()
    assignment = begin(made)
    assert assignment.appointment.candidate_number == "TW"
    sign(made, assignment)
    assert Progress.objects.get(activity=made.activity).state == "complete"
    record = TeachingRecord.objects.get(teacher=made.instructor, learner=made.learner)
    assert record.source == assignment.appointment.uuid
    assert not Evidence.objects.exists()
    assert Notice.objects.get(recipient=made.learner, kind="practical_result").body.count(
        "not a certification"
    )


def test_starting_twice_returns_the_same_until_it_is_signed():
    made = practice()
    first = begin(made)
    assert begin(made) == first
    sign(made, first, ratings=dict.fromkeys(range(2, 11), 0))
    assert Progress.objects.get(activity=made.activity).state == "failed"
    second = begin(made)
    assert second != first
    sign(made, second)
    assert Progress.objects.get(activity=made.activity).state == "complete"


def test_only_an_instructor_of_the_learners_class_scores():
    made = practice()
    with pytest.raises(Forbidden):
        begin(made, instructor=made.learner)
    with pytest.raises(Missing):
        begin(made, instructor=person(Role.INSTRUCTOR))
    made.enrolment.cohort = None
    made.enrolment.save()
    with pytest.raises(Missing):
        begin(made)


def test_an_examination_is_never_scored_by_one_instructor():
    made, built = practice(), exam()
    with pytest.raises(Conflict):
        begin(made, activity=built.activity)
    made.activity.is_live = False
    made.activity.save()
    with pytest.raises(Conflict) as refusal:
        begin(made)
    assert code_of(refusal) == "withdrawn"
    assert not Assignment.objects.filter(examiner=made.instructor).exists()
