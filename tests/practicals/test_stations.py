"""The life of a station: reviewed by others than its author, moved by reviewers, each step with a comment; what it must have; who reads it."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wagtail.models import ModelLogEntry, TaskState, Workflow, WorkflowTask

from accounts.models import Role
from accounts.services import Conflict, Forbidden, Invalid
from courses.models import Claim, Figure
from ledger.services import verify
from practicals import lifecycle, services
from practicals.documents import checklist_document
from practicals.models import (
    Checklist,
    ChecklistReviewTask,
    Life,
    Pool,
    StationTransition,
    StationView,
)
from practicals.services import (
    ensure_checklist_workflow,
    exposure_of,
    lacks_of,
    move_checklist,
    moves_of,
    read_checklists,
    submit_checklist,
    withdraw_checklist,
)
from tests.behind import behind_our_back
from tests.factories import NOW, ActivityFactory, person
from tests.practicals.bank import SVG, decide, figure, review_station, write_station
from tests.practicals.build import checklist_data, exam, exam_day, load_checklists, plan_data

pytestmark = pytest.mark.django_db
LIVES = st.sampled_from(Life.values)


@pytest.fixture
def author():
    return person(Role.ITEM_AUTHOR)


@pytest.fixture
def reviewer():
    return person(Role.ITEM_REVIEWER)


def fresh(station):
    return Checklist.objects.get(pk=station.pk)


def submit(station, by=None):
    ensure_checklist_workflow(at=NOW)
    return submit_checklist(checklist=station, by=by or station.author, at=NOW)


def steps(station):
    return list(station.transitions.order_by("sequence").values_list("step", "before", "after"))


def move(station, to, by, comment="Seen at the last exam day."):
    return move_checklist(checklist=station, to=to, comment=comment, by=by, at=NOW)


def claim(code="CC1", **fields):
    said = {
        "statement": "Massage flushes lactic acid out of the muscles.",
        "status": "X",
        "evidence": "-",
        "safe_wording": "Massage does not speed lactate removal.",
        "patterns": [r"(?i)^(?!.*\b(?:not|says)\b|.*\?).*\bflush\w* .*\blactic acid\b"],
        "review_by": dt.date(2028, 11, 1),
        "live": True,
        **fields,
    }
    return Claim.objects.create(code=code, **said)


# The rules


@given(st.sampled_from(Pool.values), LIVES, st.booleans())
def test_what_is_retired_stays_so_and_a_new_secure_version_is_never_drawn_at_once(pool, life, new):
    after = lifecycle.after_review(pool, life, new_version=new)
    assert (after == Life.RETIRED) == (life == Life.RETIRED)
    if pool == Pool.SECURE and new:
        assert after in (Life.APPROVED, Life.RETIRED)


@given(LIVES)
def test_retired_is_the_end_and_everything_after_its_approval_comes_to_it(life):
    reached, edge = {life}, [life]
    while edge:
        edge = [to for at in edge for to in lifecycle.MOVES[at] if to not in reached]
        reached.update(edge)
    assert (Life.RETIRED in reached) == (life != Life.DRAFT)
    assert Life.DRAFT not in reached - {life}
    assert lifecycle.MOVES[Life.RETIRED] == ()


# The review


def test_a_station_is_approved_by_two_people_and_waits_until_it_is_put_into_use(author):
    station = review_station(write_station(author))
    assert (station.life, station.live) == (Life.APPROVED, True)
    assert station.versions.get().number == 1
    assert steps(station) == [
        ("submitted", "draft", "draft"),
        ("content-approved", "draft", "draft"),
        ("editorial-approved", "draft", "draft"),
        ("evidence-passed-over", "draft", "draft"),
        ("published", "draft", "approved"),
    ]
    assert all(row.comment for row in station.transitions.all())
    assert list(verify(StationTransition)) == []
    assert ModelLogEntry.objects.filter(action="practicals.life").count() == 5


def test_a_practice_station_is_in_use_once_it_is_approved(author):
    station = review_station(write_station(author, pool=Pool.PRACTICE))
    assert station.life == Life.ACTIVE


def test_a_station_tagged_with_a_contested_claim_passes_an_evidence_review(author, reviewer):
    station = write_station(author, claims=[claim(status="Q")])
    submit(station)
    for by in (reviewer, person(Role.ITEM_REVIEWER)):
        decide(station, by)
    assert station.current_workflow_task.specific.step == "evidence"
    assert not fresh(station).live
    decide(station, reviewer)
    assert fresh(station).life == Life.APPROVED
    assert ("evidence-approved", "draft", "draft") in steps(station)


def test_the_author_decides_on_no_step_and_nobody_on_both(author, reviewer):
    author.groups.add(*reviewer.groups.all())
    station = write_station(author)
    submit(station)
    with pytest.raises(Forbidden) as refusal:
        decide(station, type(author).objects.get(pk=author.pk))
    assert refusal.value.code == "R2"
    decide(station, reviewer)
    with pytest.raises(Forbidden, match="two people"):
        decide(station, reviewer)


def test_who_changed_the_draft_under_review_wrote_part_of_it(author, reviewer):
    station = write_station(author)
    submit(station)
    station.title = "Changed on the way"
    station.save_revision(user=reviewer)
    with pytest.raises(Forbidden, match="R2"):
        decide(station, reviewer)


@pytest.mark.parametrize("role", [Role.EXAMINER, Role.INSTRUCTOR, Role.REGISTRAR, Role.ITEM_AUTHOR])
def test_others_than_reviewers_and_chief_examiners_decide_nothing(author, role):
    station = write_station(author)
    submit(station)
    with pytest.raises(Forbidden) as refusal:
        decide(station, person(role))
    assert refusal.value.code == "wrong_role"


def test_a_decision_needs_a_comment_and_is_taken_once(author, reviewer):
    station = write_station(author)
    submit(station)
    with pytest.raises(Invalid):
        decide(station, reviewer, comment="  ")
    state = station.current_workflow_task_state
    decide(station, reviewer)
    with pytest.raises(Conflict) as refusal:
        services.decide_on_checklist(
            state=state, approve=True, comment="Again", by=person(Role.ITEM_REVIEWER), at=NOW
        )
    assert refusal.value.code == "decided"


def test_changes_asked_for_send_it_back_and_it_begins_again_at_the_first_step(author, reviewer):
    station = write_station(author)
    submit(station)
    decide(station, reviewer)
    decide(station, person(Role.CHIEF_EXAMINER), approve=False, comment="The script gives it away.")
    assert steps(station)[-1][0] == "editorial-changes"
    station.client_script = "Say it only if you are asked."
    station.save_revision(user=author)
    submit_checklist(checklist=fresh(station), by=author, at=NOW)
    assert fresh(station).current_workflow_task.specific.step == "content"


def test_it_is_withdrawn_by_who_submitted_it_and_by_nobody_else(author):
    station = write_station(author)
    submit(station)
    with pytest.raises(Forbidden):
        withdraw_checklist(checklist=station, by=person(Role.ITEM_AUTHOR), at=NOW)
    withdraw_checklist(checklist=station, by=author, at=NOW)
    assert fresh(station).current_workflow_state is None
    assert steps(station)[-1][0] == "withdrawn"


def test_what_is_under_review_is_not_submitted_twice_and_a_stranger_submits_nothing(author):
    station = write_station(author)
    submit(station)
    with pytest.raises(Conflict) as refusal:
        submit(station)
    assert refusal.value.code == "in_review"
    with pytest.raises(Forbidden):
        submit(write_station(author, "W2"), by=person(Role.INSTRUCTOR))


def test_the_waiting_ones_say_who_may_decide(author, reviewer):
    station = write_station(author)
    submit(station)
    (row,) = services.stations_under_review(reviewer)
    assert (row.checklist, row.step, row.is_theirs) == (station, "Content review", True)
    (own,) = services.stations_under_review(author)
    assert not own.is_theirs
    assert services.stations_under_review(person(Role.EXAMINER)) == []


# An edit


def test_an_edit_makes_a_new_version_which_waits_and_what_was_scored_keeps_its_own():
    built = exam()
    station = Checklist.objects.get(code="P1")
    built.send("P1", "A", final=False)
    station.title = "Rewritten"
    station.reference, station.equipment = "SMT scheme, 2026.", "table"
    station.review_by = dt.date(2028, 11, 1)
    station.save_revision(user=person(Role.ITEM_AUTHOR))
    station = review_station(fresh(station))
    assert station.life == Life.APPROVED
    assert [row.number for row in station.versions.order_by("number")] == [1, 2]
    assert built.assignment("P1", "A").checklist_version.number == 1
    assert built.send("P1", "A", rev=2).is_final


def test_a_review_that_changes_nothing_scored_leaves_it_where_it_stands():
    (station,) = load_checklists("P1")
    station.reference, station.review_by = "SMT scheme, 2027.", dt.date(2029, 11, 1)
    station.save_revision(user=person(Role.ITEM_AUTHOR))
    station = review_station(fresh(station))
    assert (station.life, station.versions.count()) == (Life.ACTIVE, 1)


def test_a_draft_never_carries_life_or_pool_with_it(author):
    station = write_station(author, pool=Pool.PRACTICE)
    Checklist.objects.filter(pk=station.pk).update(life=Life.SUSPENDED)
    draft = fresh(station).get_latest_revision_as_object()
    assert (draft.life, draft.pool, draft.author) == (Life.SUSPENDED, Pool.PRACTICE, author)


# What it must have


def lacking(author, **fields):
    return lacks_of(write_station(author, **fields), at=NOW)


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"candidate_instructions": " "}, "candidate_instructions"),
        ({"client_script": ""}, "client_script"),
        ({"equipment": ""}, "equipment"),
        ({"minutes": 0}, "minutes"),
        ({"reference": "Somebody said so."}, "reference"),
        ({"review_by": None}, "review_by"),
        ({"review_by": dt.date(2026, 11, 1)}, "review_by"),
        ({"criteria": []}, "criteria"),
        ({"anchors": [("anchor", {"value": "1", "label": "Unsafe", "text": "Hurts."})]}, "anchors"),
    ],
)
def test_a_station_that_lacks_something_is_not_ready(author, changed, field):
    assert list(lacking(author, **changed)) == [field]


def line(code, **fields):
    said = {
        "section": "Screen",
        "text": "Does it",
        "max": "2",
        "critical": True,
        "competence": "safety",
    }
    return ("criterion", {"code": code, **said, **fields})


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ([line("W1.1", critical=False)], "★"),
        ([line("W1.1"), line("W1.2", competence="")], "W1.2"),
        ([line("W1.1"), line("W1.2", text=" ")], "W1.2"),
    ],
)
def test_its_lines_have_a_critical_one_and_a_competence_each(author, lines, said):
    assert said in " ".join(lacking(author, criteria=lines)["criteria"])


def test_a_figure_has_words_for_those_who_do_not_see_it_and_says_whose_it_is(author):
    bare = figure("bare", alt=" ")
    found = lacking(author, figures=[("figure", {"figure": bare, "candidate": False})])
    assert "alternative text" in found["figures"][0]


def test_a_contested_claim_stated_as_true_is_refused_and_a_client_may_say_it(author):
    claim()
    words = "Massage flushes lactic acid out."
    assert "candidate_instructions" in lacking(author, candidate_instructions=words)
    assert lacking(author, code="W2", client_script=words) == {}


def test_nobody_hands_in_or_approves_what_is_not_ready(author, reviewer):
    station = write_station(author, reference="")
    with pytest.raises(Invalid) as refusal:
        submit(station)
    assert refusal.value.fields == {"reference": ["Name the source with its year."]}
    ready = write_station(author, "W2")
    submit(ready)
    ready.client_script = ""
    ready.save_revision(user=author)
    with pytest.raises(Conflict) as late:
        decide(ready, reviewer)
    assert late.value.code == "not_ready"


# Moving


def test_a_reviewer_puts_it_into_use_suspends_and_retires_it_with_reasons(author, reviewer):
    station = review_station(write_station(author))
    assert moves_of(checklist=station, by=reviewer) == [Life.ACTIVE, Life.RETIRED]
    for to in (Life.ACTIVE, Life.SUSPENDED, Life.ACTIVE, Life.RETIRED):
        assert move(fresh(station), to, reviewer).life == to
    station = fresh(station)
    assert (station.life, station.live) == (Life.RETIRED, False)
    assert [row[2] for row in steps(station)][-4:] == ["active", "suspended", "active", "retired"]
    with pytest.raises(Conflict):
        move(station, Life.ACTIVE, reviewer)


def test_who_wrote_it_moves_it_nowhere_and_a_move_says_why(author, reviewer):
    author.groups.add(*reviewer.groups.all())
    writer = type(author).objects.get(pk=author.pk)
    station = review_station(write_station(writer))
    with pytest.raises(Forbidden, match="R2"):
        move(station, Life.ACTIVE, writer)
    with pytest.raises(Invalid):
        move(station, Life.ACTIVE, reviewer, comment=" ")
    with pytest.raises(Forbidden):
        move(station, Life.ACTIVE, person(Role.REGISTRAR))
    with pytest.raises(Invalid):
        move(station, "lost", reviewer)


def test_unpublishing_retires_and_loading_revives_nothing(reviewer):
    (station,) = load_checklists("P1")
    station.unpublish()
    assert fresh(station).life == Life.RETIRED
    assert services.load_checklist(checklist_data("P1", title="Anew"), NOW).life == Life.RETIRED
    (other,) = load_checklists("T2")
    move(other, Life.SUSPENDED, reviewer)
    assert services.load_checklist(checklist_data("T2", title="Anew"), NOW).life == Life.SUSPENDED


def test_a_station_never_changes_its_pool():
    load_checklists("P1")
    with pytest.raises(Invalid) as refusal:
        services.load_checklist(checklist_data("P1", pool="practice"), NOW)
    assert refusal.value.code == "other_pool"


# Being drawn


def plan_of(*stations):
    load_checklists(*(code for code, _letter in stations))
    activity = ActivityFactory(kind="practical")
    return services.load_exam_plan(activity, plan_data(list(stations)), NOW)


def draw(plan, seed=4):
    return services.draw_stations(exam_day=exam_day(plan), by=None, at=NOW, seed=seed)


def test_a_retired_station_is_never_drawn(reviewer):
    plan = plan_of(("P1", ""), ("T1", "A"), ("T6", "A"))
    move(Checklist.objects.get(code="T1"), Life.RETIRED, reviewer)
    assert {draw(plan, seed)[1].checklist.code for seed in range(12)} == {"T6"}


def test_a_day_without_its_fixed_station_or_any_of_a_letter_is_refused_by_name(reviewer):
    plan = plan_of(("P1", ""), ("T1", "A"), ("T6", "A"))
    for code in ("T1", "T6"):
        move(Checklist.objects.get(code=code), Life.SUSPENDED, reviewer)
    with pytest.raises(Conflict, match="None of T1, T6 is active"):
        draw(plan)
    move(Checklist.objects.get(code="T1"), Life.ACTIVE, reviewer)
    move(Checklist.objects.get(code="P1"), Life.RETIRED, reviewer)
    with pytest.raises(Conflict, match="Station P1 is retired"):
        draw(plan)


def test_a_station_retired_after_the_draw_takes_no_new_examiner_and_keeps_those_it_has(reviewer):
    built = exam()
    fresh_day = exam(assigned=False)
    move(Checklist.objects.get(code="P1"), Life.RETIRED, reviewer)
    assert built.send("P1", "A").is_final
    with pytest.raises(Conflict) as refusal:
        services.assign_examiner(
            appointment=fresh_day.appointment,
            station=fresh_day.station("P1"),
            place="A",
            examiner=fresh_day.examiners[0],
            by=fresh_day.registrar,
            at=NOW,
        )
    assert refusal.value.code == "station_not_active"


def test_a_practice_station_is_never_examined_and_a_secure_one_never_practised():
    load_checklists("T1", pool="practice")
    (secure,) = load_checklists("P1")
    activity = ActivityFactory(kind="practical")
    with pytest.raises(Conflict) as refusal:
        services.place_formative(activity=activity, checklist=secure, at=NOW)
    assert refusal.value.code == "secure_station"
    plan = services.load_exam_plan(ActivityFactory(kind="practical"), plan_data([("T1", "")]), NOW)
    with pytest.raises(Conflict, match="never examined"):
        draw(plan)


# Frozen with its figures and its anchors


def own_anchors():
    return [
        ("anchor", {"value": str(value), "label": word, "text": f"{word} here."})
        for value, word in zip(
            range(1, 6), ("Unsafe", "Weak", "Sound", "Good", "Fine"), strict=True
        )
    ]


def test_a_version_keeps_its_figures_by_hash_whatever_becomes_of_them(author):
    knee = figure()
    station = review_station(
        write_station(author, figures=[("figure", {"figure": knee, "candidate": True})])
    )
    (kept,) = station.versions.get().content["figures"]
    assert (kept["title"], kept["alt"], kept["credit"], kept["candidate"]) == (
        "The knee",
        "A knee from behind.",
        "Own drawing",
        True,
    )
    Figure.objects.filter(pk=knee.pk).update(svg=SVG.replace("10 10", "5 5"))
    from practicals.figures import shown_figures

    (shown,) = shown_figures(station.versions.get().content)
    assert "M0 0L10 10" in shown["drawing"]


def test_a_changed_drawing_makes_a_new_version(author):
    knee = figure()
    station = review_station(
        write_station(author, figures=[("figure", {"figure": knee, "candidate": False})])
    )
    Figure.objects.filter(pk=knee.pk).update(svg=SVG.replace("10 10", "5 5"))
    services.freeze_checklist(checklist=fresh(station), at=NOW)
    one, two = station.versions.order_by("number")
    assert one.content["figures"][0]["sha256"] != two.content["figures"][0]["sha256"]


def test_global_ratings_are_the_five_of_every_station_unless_it_has_its_own(author):
    plain = review_station(write_station(author))
    own = review_station(write_station(author, "W2", anchors=own_anchors()))
    said = checklist_document(plain.versions.get())["global_ratings"]
    assert [row["label"] for row in said][:2] == ["Clear fail", "Borderline"]
    assert "global_ratings" not in plain.versions.get().content
    said = checklist_document(own.versions.get())["global_ratings"]
    assert [(row["value"], row["label"]) for row in said][:2] == [(1, "Unsafe"), (2, "Weak")]


# Who reads it


@pytest.mark.parametrize("role", [Role.ITEM_AUTHOR, Role.ITEM_REVIEWER, Role.CHIEF_EXAMINER])
def test_reading_a_secure_station_is_written_down(role):
    (station,) = load_checklists("P1")
    load_checklists("T1", pool="practice")
    reader = person(role)
    read_checklists(
        checklists=list(Checklist.objects.visible_to(reader)), by=reader, where="edit", at=NOW
    )
    row = StationView.objects.get()
    assert (row.checklist, row.reader, row.where) == (station, reader, "edit")
    assert list(verify(StationView)) == []


@pytest.mark.parametrize(
    "role", [Role.INSTRUCTOR, Role.EXAMINER, Role.REGISTRAR, Role.ADMINISTRATOR, Role.INVIGILATOR]
)
def test_others_read_no_secure_station(role):
    (station,) = load_checklists("P1")
    reader = person(role)
    with pytest.raises(Forbidden):
        read_checklists(checklists=[station], by=reader, where="edit", at=NOW)
    assert station not in Checklist.objects.visible_to(reader)
    assert not StationView.objects.exists()


def test_exposure_counts_candidates_whose_day_has_come(django_assert_num_queries):
    built = exam()
    codes = Checklist.objects.in_bulk(["P1", "T2"], field_name="code")
    later = built.appointment.starts_at + dt.timedelta(hours=1)
    with django_assert_num_queries(1):
        found = exposure_of(codes.values(), later)
    assert str(found[codes["P1"].pk]) == "1 candidate on 1 day"
    before = exposure_of(codes.values(), built.appointment.starts_at - dt.timedelta(hours=1))
    assert str(before[codes["P1"].pk]) == "0"
    old = exposure_of(codes.values(), later + dt.timedelta(days=400))
    assert (old[codes["P1"].pk].candidates, bool(old[codes["P1"].pk].last)) == (0, True)


# Older installations


def test_an_older_installation_is_brought_along_once():
    load_checklists("P1", "T2")
    behind_our_back(f"DELETE FROM {StationTransition._meta.db_table}")
    Checklist.objects.update(life=Life.DRAFT)
    Checklist.objects.filter(code="T2").update(live=False)
    ensure_checklist_workflow(at=NOW)
    lives = dict(Checklist.objects.values_list("code", "life"))
    assert lives == {"P1": Life.ACTIVE, "T2": Life.RETIRED}
    assert services.stations.bring_along(at=NOW) == 0


def test_the_one_review_of_before_becomes_the_content_review_and_goes_on(author, reviewer):
    workflow = Workflow.objects.create(name="Checklist review")
    task = ChecklistReviewTask.objects.create(name="Checklist review")
    task.groups.add(*reviewer.groups.all())
    WorkflowTask.objects.create(workflow=workflow, task=task.task_ptr, sort_order=0)
    station = write_station(author)
    workflow.start(station, author)
    assert ensure_checklist_workflow(at=NOW) == workflow
    names = list(
        workflow.workflow_tasks.order_by("sort_order").values_list("task__name", flat=True)
    )
    assert names == [
        "Content review, stations",
        "Editorial and fairness review, stations",
        "Evidence review, stations",
    ]
    decide(station, reviewer)
    assert station.current_workflow_task.specific.step == "editorial"
    assert TaskState.objects.filter(status=TaskState.STATUS_APPROVED).count() == 1
