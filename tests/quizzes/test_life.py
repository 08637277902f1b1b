"""The life of an item: reviewed by others than its author, moved by reviewers, each step with a comment."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wagtail.models import ModelLogEntry, Task, TaskState, Workflow, WorkflowTask

from accounts.models import Role
from accounts.services import Conflict, Forbidden, Invalid
from courses.models import Claim, Figure
from quizzes import lifecycle
from quizzes.models import Form, FormItem, Item, ItemReviewTask, ItemTransition, Life, Pool
from quizzes.services import (
    decide_on_item,
    ensure_item_workflow,
    exposure_of,
    forms_asking,
    lacks_of,
    load_item,
    move_item,
    moves_of,
    near_duplicates,
    submit_item,
    withdraw_item,
)
from tests.factories import NOW, person
from tests.quizzes.bank import (
    add_items,
    entry,
    exam,
    practice_quiz,
    review_item,
    sit,
    version_of,
    write_item,
)

pytestmark = pytest.mark.django_db
LIVES = st.sampled_from(Life.values)


@pytest.fixture
def author():
    return person(Role.ITEM_AUTHOR)


@pytest.fixture
def reviewer():
    return person(Role.ITEM_REVIEWER)


def fresh(item):
    return Item.objects.get(pk=item.pk)


def decide(item, by, *, approve=True, comment="Read, and checked against the register."):
    decide_on_item(
        state=item.current_workflow_task_state, approve=approve, comment=comment, by=by, at=NOW
    )


def submit(item, by=None):
    ensure_item_workflow(at=NOW)
    return submit_item(item=item, by=by or item.author, at=NOW)


def step_of(item):
    return item.current_workflow_task.step


def steps(item):
    return list(item.transitions.order_by("sequence").values_list("step", "before", "after"))


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


@given(st.sampled_from(["secure", "practice"]), LIVES, st.booleans())
def test_what_is_retired_stays_so_and_a_new_secure_version_is_never_asked_at_once(pool, life, new):
    after = lifecycle.after_review(pool, life, new_version=new)
    assert (after == Life.RETIRED) == (life == Life.RETIRED)
    if pool == "secure" and new:
        assert after in (Life.APPROVED, Life.RETIRED)


@given(LIVES)
def test_retired_is_the_end_and_everything_in_use_comes_to_it(life):
    reached, edge = {life}, [life]
    while edge:
        edge = [to for at in edge for to in lifecycle.MOVES[at] if to not in reached]
        reached.update(edge)
    assert (Life.RETIRED in reached) == (life != Life.DRAFT)
    assert Life.DRAFT not in reached - {life}
    assert lifecycle.MOVES[Life.RETIRED] == ()


# The review


def test_a_secure_item_is_approved_by_two_people_and_waits_for_a_decision(author):
    item = review_item(write_item(author))
    assert (item.life, item.live, version_of(item).number) == (Life.APPROVED, True, 1)
    assert [row[0] for row in steps(item)] == [
        "submitted",
        "content-approved",
        "editorial-approved",
        "evidence-passed-over",
        "published",
    ]
    assert steps(item)[-1][1:] == (Life.DRAFT, Life.APPROVED)
    assert all(row.comment for row in item.transitions.all())
    people = {row.by for row in item.transitions.filter(step__endswith="approved")}
    assert len(people) == 2 and author not in people
    logged = ModelLogEntry.objects.filter(action="quizzes.life", object_id=str(item.pk))
    assert logged.count() == 5


def test_a_practice_item_is_asked_as_soon_as_it_is_approved(author):
    assert review_item(write_item(author, pool=Pool.PRACTICE)).life == Life.ACTIVE


def test_an_item_tagged_with_a_claim_is_read_for_its_evidence(author, reviewer):
    item = write_item(author)
    item.claims = [claim()]
    item.save_revision(user=author)
    submit(item)
    decide(item, reviewer)
    decide(item, person(Role.ITEM_REVIEWER))
    assert step_of(item) == ItemReviewTask.Step.EVIDENCE
    assert fresh(item).life == Life.DRAFT
    decide(item, reviewer)
    assert fresh(item).life == Life.APPROVED
    assert not item.transitions.filter(step="evidence-passed-over").exists()


def test_the_two_reviews_are_two_peoples(author, reviewer):
    item = write_item(author)
    submit(item)
    decide(item, reviewer)
    with pytest.raises(Forbidden) as refusal:
        decide(item, reviewer)
    assert refusal.value.code == "R2"
    assert step_of(item) == ItemReviewTask.Step.EDITORIAL


def test_who_wrote_any_part_of_the_draft_decides_on_nothing(author):
    both = person(Role.ITEM_AUTHOR, Role.ITEM_REVIEWER)
    for item in (write_item(both), write_item(author)):
        if item.author == author:
            item.stem = f"{item.stem} Changed by another."
            item.save_revision(user=both)
        submit(item)
        with pytest.raises(Forbidden) as refusal:
            decide(item, both)
        assert refusal.value.code == "R2"


@pytest.mark.parametrize(
    "roles",
    [(), (Role.ITEM_AUTHOR,), (Role.INSTRUCTOR,), (Role.ADMINISTRATOR,), (Role.CHIEF_EXAMINER,)],
)
@pytest.mark.parametrize("superuser", [False, True])
def test_nobody_but_item_reviewers_decides(author, roles, superuser):
    item = write_item(author)
    submit(item)
    with pytest.raises(Forbidden):
        decide(item, person(*roles, is_superuser=superuser))
    assert not TaskState.objects.filter(status="approved").exists()


def test_a_decision_needs_a_comment_and_is_taken_once(author, reviewer):
    item = write_item(author)
    submit(item)
    with pytest.raises(Invalid):
        decide(item, reviewer, comment="  ")
    state = item.current_workflow_task_state
    decide(item, reviewer)
    with pytest.raises(Conflict):
        decide_on_item(state=state, approve=True, comment="Again.", by=reviewer, at=NOW)


def test_what_was_sent_back_passes_every_step_again(author, reviewer):
    item = write_item(author)
    submit(item)
    decide(item, reviewer)
    decide(item, person(Role.ITEM_REVIEWER), approve=False, comment="Two options are right.")
    assert item.current_workflow_state.status == "needs_changes"
    item.stem = f"{item.stem} Now clearer."
    item.save_revision(user=author)
    submit_item(item=item, comment="The second option is gone.", by=author, at=NOW)
    assert step_of(item) == ItemReviewTask.Step.CONTENT
    assert item.transitions.filter(step="submitted").count() == 2
    for _step in range(2):
        decide(item, person(Role.ITEM_REVIEWER))
    assert fresh(item).life == Life.APPROVED


def test_an_author_takes_an_item_back_and_others_do_not(author, reviewer):
    item = write_item(author)
    submit(item)
    with pytest.raises(Forbidden):
        withdraw_item(item=item, by=reviewer, at=NOW)
    withdraw_item(item=item, by=author, at=NOW)
    withdraw_item(item=item, by=author, at=NOW)
    assert fresh(item).current_workflow_state is None
    assert item.transitions.filter(step="withdrawn").count() == 1


def test_nothing_is_submitted_twice_nor_after_its_end(author, reviewer):
    item = write_item(author)
    submit(item)
    with pytest.raises(Conflict):
        submit(item)
    other = review_item(write_item(author))
    for life in (Life.ACTIVE, Life.RETIRED):
        move_item(item=other, to=life, comment="Decided.", by=reviewer, at=NOW)
    with pytest.raises(Conflict) as refusal:
        submit(fresh(other))
    assert refusal.value.code == "retired"


def test_an_instructor_submits_no_secure_item(author):
    with pytest.raises(Forbidden):
        submit(write_item(author), by=person(Role.INSTRUCTOR))


# What must be there


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"level": ""}, "level"),
        ({"stem": " "}, "stem"),
        ({"reference": "Somebody, some time"}, "reference"),
        ({"review_by": None}, "review_by"),
        ({"review_by": NOW.date()}, "review_by"),
        ({"figure": Figure(code="bare", alt=" ")}, "figure"),
        ({"body": []}, "body"),
    ],
)
def test_what_an_item_lacks_is_said_field_by_field(author, fields, field):
    item = write_item(author)
    assert lacks_of(item, at=NOW) == {}
    for name, value in fields.items():
        setattr(item, name, value)
    assert list(lacks_of(item, at=NOW)) == [field]


def test_each_option_has_its_reason(author):
    item = write_item(author)
    item.body[0].value["options"][0]["rationale"] = " "
    assert list(lacks_of(item, at=NOW)) == ["body"]


def test_a_draft_may_lack_anything_and_is_not_submitted(author):
    item = write_item(author, reference="", review_by=None)
    with pytest.raises(Invalid) as refusal:
        submit(item)
    assert set(refusal.value.fields) == {"reference", "review_by"}
    assert item.current_workflow_state is None


def test_an_item_that_became_unready_under_review_is_not_approved(author, reviewer):
    item = write_item(author, review_by=NOW.date() + dt.timedelta(days=1))
    submit(item)
    with pytest.raises(Conflict):
        decide_on_item(
            state=item.current_workflow_task_state,
            approve=True,
            comment="Fine.",
            by=reviewer,
            at=NOW + dt.timedelta(days=2),
        )


def test_a_claim_that_is_not_true_is_never_keyed_even_with_its_tag(author):
    item = write_item(author)
    item.claims = [claim()]
    item.body[0].value["options"][1]["text"] = "Massage flushes out lactic acid"
    assert "CC1" in lacks_of(item, at=NOW)["body"][0]
    item.stem = "Which statement is not supported?"
    assert lacks_of(item, at=NOW) == {}


# After the approval


def test_a_reviewer_moves_an_item_through_its_life(author, reviewer):
    item = review_item(write_item(author))
    for life in (Life.PILOT, Life.ACTIVE, Life.SUSPENDED, Life.ACTIVE, Life.RETIRED):
        assert life in moves_of(item=fresh(item), by=reviewer)
        move_item(item=item, to=life, comment=f"Now {life}.", by=reviewer, at=NOW)
        assert fresh(item).life == life
    assert not fresh(item).live
    assert moves_of(item=fresh(item), by=reviewer) == []
    assert [row.comment for row in item.transitions.filter(step="moved")][-1] == "Now retired."


def test_moving_an_item_where_it_is_changes_nothing(author, reviewer):
    item = review_item(write_item(author))
    for _time in range(2):
        move_item(item=item, to=Life.PILOT, comment="On trial.", by=reviewer, at=NOW)
    assert item.transitions.filter(step="moved").count() == 1


@pytest.mark.parametrize("to", [Life.DRAFT, Life.APPROVED, Life.SUSPENDED, Life.RETIRED])
def test_a_move_its_life_does_not_allow_is_refused(author, reviewer, to):
    item = review_item(write_item(author))
    if to == Life.APPROVED:
        move_item(item=item, to=Life.ACTIVE, comment="In use.", by=reviewer, at=NOW)
    with pytest.raises(Conflict):
        move_item(item=item, to=to, comment="No.", by=reviewer, at=NOW)


def test_a_move_needs_a_comment_and_a_state_there_is(author, reviewer):
    item = review_item(write_item(author))
    with pytest.raises(Invalid):
        move_item(item=item, to=Life.ACTIVE, comment=" ", by=reviewer, at=NOW)
    with pytest.raises(Invalid):
        move_item(item=item, to="loved", comment="Yes.", by=reviewer, at=NOW)


@pytest.mark.parametrize("roles", [(), (Role.ITEM_AUTHOR,), (Role.INSTRUCTOR,), (Role.REGISTRAR,)])
@pytest.mark.parametrize("superuser", [False, True])
def test_nobody_but_item_reviewers_moves(author, roles, superuser):
    item = review_item(write_item(author))
    somebody = person(*roles, is_superuser=superuser)
    with pytest.raises(Forbidden):
        move_item(item=item, to=Life.ACTIVE, comment="Yes.", by=somebody, at=NOW)
    assert moves_of(item=item, by=somebody) == []


def test_the_author_never_moves_it(author):
    both = person(Role.ITEM_AUTHOR, Role.ITEM_REVIEWER)
    item = review_item(write_item(both))
    with pytest.raises(Forbidden) as refusal:
        move_item(item=item, to=Life.ACTIVE, comment="Mine.", by=both, at=NOW)
    assert refusal.value.code == "R2"


def test_only_active_items_are_drawn_and_a_suspension_holds_at_once(reviewer):
    item = add_items(1, loaded=True)[0]
    quiz = practice_quiz(("D1", "", 1))
    assert quiz.drawable().exists()
    move_item(item=item, to=Life.SUSPENDED, comment="Disputed.", by=reviewer, at=NOW)
    assert not quiz.drawable().exists()
    move_item(item=item, to=Life.PILOT, comment="On trial again.", by=reviewer, at=NOW)
    assert not quiz.drawable().exists()
    move_item(item=item, to=Life.ACTIVE, comment="It holds.", by=reviewer, at=NOW)
    assert quiz.drawable().exists()


def change(item, author, **fields):
    for name, value in fields.items():
        setattr(item, name, value)
    item.save_revision(user=author)
    return review_item(item)


def test_a_new_version_of_an_active_secure_item_waits_again(author, reviewer):
    item = review_item(write_item(author))
    move_item(item=item, to=Life.ACTIVE, comment="In use.", by=reviewer, at=NOW)
    again = change(fresh(item), author, stem="What comes first now?")
    assert (again.life, version_of(again).number) == (Life.APPROVED, 2)


def test_an_approval_that_changes_nothing_asked_leaves_it_in_use(author, reviewer):
    item = review_item(write_item(author))
    move_item(item=item, to=Life.ACTIVE, comment="In use.", by=reviewer, at=NOW)
    again = change(fresh(item), author, reference="The same register, 2027")
    assert (again.life, version_of(again).number) == (Life.ACTIVE, 1)


def test_a_draft_from_before_brings_no_former_life_back(author, reviewer):
    item = review_item(write_item(author, pool=Pool.PRACTICE))
    item.reference = "The same register, 2027"
    item.save_revision(user=author)
    move_item(item=item, to=Life.SUSPENDED, comment="Disputed.", by=reviewer, at=NOW)
    assert review_item(fresh(item)).life == Life.SUSPENDED


# The loader, schedules, older installations


def test_the_loader_makes_items_active_and_revives_none():
    add_items(0)
    said = entry()
    item, _new = load_item(data=said, pool=Pool.SECURE, at=NOW)
    assert item.life == Life.ACTIVE
    assert steps(item) == [("published", Life.DRAFT, Life.ACTIVE)]
    assert item.transitions.get().by is None
    reviewer = person(Role.ITEM_REVIEWER)
    move_item(item=item, to=Life.SUSPENDED, comment="Disputed.", by=reviewer, at=NOW)
    changed, _new = load_item(data={**said, "stem": "Another?"}, pool=Pool.SECURE, at=NOW)
    assert (changed.life, version_of(changed).number) == (Life.SUSPENDED, 2)
    move_item(item=item, to=Life.RETIRED, comment="Gone.", by=reviewer, at=NOW)
    assert load_item(data={**said, "stem": "A third?"}, pool=Pool.SECURE, at=NOW)[1] is False
    assert fresh(item).life == Life.RETIRED


def test_unpublishing_retires():
    item = add_items(1, loaded=True)[0]
    item.unpublish()
    assert fresh(item).life == Life.RETIRED
    assert steps(item)[-1] == ("unpublished", Life.ACTIVE, Life.RETIRED)


def test_an_older_installation_is_brought_along():
    live, gone = add_items(2)
    Item.objects.filter(pk=gone.pk).update(live=False)
    Item.objects.update(life=Life.DRAFT)
    assert not ItemTransition.objects.exists()
    for _time in range(2):
        ensure_item_workflow(at=NOW)
    assert (fresh(live).life, fresh(gone).life) == (Life.ACTIVE, Life.RETIRED)
    assert live.transitions.count() == gone.transitions.count() == 1


def test_what_waited_for_the_former_approval_goes_on_to_the_editorial_review(author, reviewer):
    workflow = Workflow.objects.create(name="Item review")
    for order, name in enumerate(["Content review", "Approval"]):
        task = ItemReviewTask.objects.create(name=name)
        WorkflowTask.objects.create(workflow=workflow, task=task.task_ptr, sort_order=order)
    item = write_item(author)
    state = workflow.start(item, author)
    state.current_task_state.approve(user=reviewer, comment="Read.")
    assert item.current_workflow_task.name == "Approval"
    ensure_item_workflow(at=NOW)
    assert step_of(item) == ItemReviewTask.Step.EDITORIAL
    assert [task.name for task in workflow.tasks] == [
        str(step.label) for step in ItemReviewTask.Step
    ]
    assert Task.objects.filter(name="Approval", active=False).exists()
    with pytest.raises(Forbidden):
        decide(item, reviewer)
    decide(item, person(Role.ITEM_REVIEWER))
    assert fresh(item).life == Life.APPROVED


# Enemies


def test_enemies_are_each_others_and_last_through_publications():
    one, other, third = add_items(3, loaded=True)
    one.enemies = [other]
    one.save_revision().publish()
    assert list(fresh(other).enemies.all()) == [one]
    # A draft of the other, written before it had an enemy, takes nothing away; one that strikes it does.
    stale = other.latest_revision
    stale.publish()
    assert list(fresh(one).enemies.all()) == [other]
    draft = fresh(other).get_latest_revision_as_object()
    draft.enemies = [third]
    draft.save_revision().publish()
    assert list(fresh(one).enemies.all()) == []
    assert list(fresh(third).enemies.all()) == [other]


def test_a_draft_shows_enemies_that_others_have_named_since():
    one, other = add_items(2, loaded=True)
    other.save_revision()
    one.enemies = [other]
    one.save_revision().publish()
    assert list(fresh(other).get_latest_revision_as_object().enemies.all()) == [one]


# Exposure, near-duplicates, forms


def test_exposure_counts_attempts_of_the_last_twelve_months_whatever_the_version(
    django_assert_num_queries,
):
    asked, unasked = add_items(1)[0], add_items(1, domain="D2")[0]
    Item.objects.filter(pk=asked.pk).update(exposure_cap=2)
    quiz = practice_quiz(("D1", "", 1))
    sit(quiz, at=NOW - dt.timedelta(days=400))
    assert exposure_of([fresh(asked)], NOW)[asked.pk].count == 0
    sit(quiz, at=NOW - dt.timedelta(days=30))
    asked = fresh(asked)
    asked.stem = "Asked otherwise?"
    asked.save_revision().publish()
    sit(quiz, at=NOW)
    items = [fresh(asked), unasked]
    with django_assert_num_queries(1):
        found = exposure_of(items, NOW)
    assert (found[asked.pk].count, found[asked.pk].last, found[asked.pk].is_worn) == (2, NOW, True)
    assert (found[unasked.pk].count, found[unasked.pk].last) == (0, None)


def test_near_duplicates_are_of_pools_one_may_read_as_their_drafts_stand(author):
    stem = "A client on apixaban asks for deep tissue work. What do you do?"
    secure = write_item(author, stem=stem)
    practice = write_item(author, pool=Pool.PRACTICE, stem="Something quite different?")
    practice.stem = stem.replace("client", "runner")
    practice.save_revision(user=author)
    found = near_duplicates(stem, by=author)
    assert [row.item for row in found] == [secure, practice]
    assert found[0].percent == 100
    assert [row.item for row in near_duplicates(stem, by=person(Role.INSTRUCTOR))] == [practice]
    assert near_duplicates(stem, by=author, besides=secure.pk)[0].item == practice
    assert near_duplicates(stem, by=person(is_superuser=True)) == []
    assert near_duplicates("A client", by=author) == []


def test_locked_forms_that_ask_an_item_are_named():
    item = add_items(1, pool=Pool.SECURE)[0]
    quiz = exam(("D1", "", 1))
    fields = {"quiz": quiz, "pass_percent": 60, "standard": "Angoff", "made_at": NOW}
    for number, more in enumerate(
        [{}, {"hash": "x", "locked_at": NOW}, {"hash": "y", "locked_at": NOW, "retired_at": NOW}], 1
    ):
        form = Form.objects.create(number=number, **fields, **more)
        FormItem.objects.create(form=form, position=1, version=version_of(item))
    assert [row.form.number for row in forms_asking(item)] == [2]
