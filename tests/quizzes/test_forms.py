"""Fixed forms: made, checked, locked by two people, asked as they stand; and what a draw from the bank leaves out."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Role
from accounts.services import Conflict, Forbidden, Invalid
from quizzes.models import Form, FormItem, Item, Life, Pool, Quiz
from quizzes.services import (
    draw_form,
    form_problems,
    hash_of,
    is_intact,
    load_enemies,
    move_item,
    new_form,
    retire_form,
    set_form,
    shortages_of,
    sign_form,
    start_attempt,
    submit_attempt,
    throw_form_away,
)
from tests.factories import NOW, person
from tests.quizzes.bank import add_items, exam, learner_of, right_answer, sit, version_of

pytestmark = pytest.mark.django_db
STANDARD = "Modified Angoff, nine judges, adopted 2 November 2026"


@pytest.fixture
def author():
    return person(Role.ITEM_AUTHOR, name="Henrik Brandt")


@pytest.fixture
def reviewer():
    return person(Role.ITEM_REVIEWER, name="Ines Paredes")


@pytest.fixture(scope="module")
def standing_quiz(standing):
    return standing(build_quiz)


@pytest.fixture
def quiz(own, standing_quiz):
    return own(standing_quiz)


def build_quiz():
    add_items(12, pool=Pool.SECURE)
    return exam(("D1", "apply", 4), delivery=Quiz.Delivery.FORM)


@pytest.fixture
def form(quiz, author):
    return set_form(
        form=draw_form(quiz=quiz, by=author, at=NOW, seed=1), standard=STANDARD, by=author, at=NOW
    )


def locked(form, *people) -> Form:
    for signer in people:
        form = sign_form(form=form, form_hash=hash_of(form), by=signer, at=NOW)
    return form


def kinds(form) -> list[str]:
    return [problem.kind for problem in form_problems(form)]


def asked(attempt) -> list[int]:
    return list(attempt.responses.order_by("position").values_list("item_version", flat=True))


# Making and checking


def test_a_drawn_form_fills_the_blueprint_and_wants_to_know_how_its_pass_mark_was_set(quiz, author):
    form = draw_form(quiz=quiz, by=author, at=NOW)
    assert form.items.count() == 4
    assert (form.number, form.state, form.pass_percent) == (1, "open", quiz.pass_percent)
    assert kinds(form) == ["standard"]


def test_the_same_seed_draws_the_same_form(quiz, author):
    one, two = (draw_form(quiz=quiz, by=author, at=NOW, seed=5) for _time in range(2))
    versions = [list(form.items.values_list("version", flat=True)) for form in (one, two)]
    assert versions[0] == versions[1]
    assert (one.number, two.number) == (1, 2)


def test_a_form_by_hand_says_what_it_lacks_cell_by_cell(quiz, author):
    form = new_form(quiz=quiz, by=author, at=NOW)
    assert kinds(form) == ["empty"]
    chosen = [(version_of(item).uuid, True) for item in Item.objects.all()[:3]]
    form = set_form(form=form, items=chosen, standard=STANDARD, by=author, at=NOW)
    (problem,) = form_problems(form)
    assert (problem.kind, problem.sentence) == (
        "blueprint",
        "D1 apply: 3 where the blueprint has 4.",
    )


def test_a_form_takes_each_question_of_its_own_pool_once(quiz, author, form):
    (practice,) = add_items(1)
    stranger = version_of(practice).uuid
    own = form.items.first().version.uuid
    for items in ([(stranger, True)], [(own, True), (own, True)]):
        with pytest.raises(Invalid):
            set_form(form=form, items=items, by=author, at=NOW)
    assert form.items.count() == 4


def test_enemies_and_items_that_are_not_active_are_named(form):
    one, other = (row.version.item for row in form.items.select_related("version__item")[:2])
    one.enemies.add(other)
    one.save()
    assert kinds(form) == ["enemies"]
    Item.objects.filter(pk=one.pk).update(life=Life.SUSPENDED)
    assert set(kinds(form)) == {"enemies", "not_in_use"}


def test_a_form_shares_at_most_thirty_per_cent_with_the_one_before(quiz, form, author, reviewer):
    locked(form, author, reviewer)
    second = draw_form(quiz=quiz, by=author, at=NOW)
    assert "overlap" not in kinds(second), "what was in the last form comes last"
    same = [(row.version.uuid, True) for row in form.items.all()]
    set_form(form=second, items=same, by=author, at=NOW)
    assert "overlap" in kinds(second)


def test_checking_a_form_takes_the_same_number_of_statements_however_long(author):
    add_items(40, pool=Pool.SECURE)
    counts = []
    for many in (3, 30):
        quiz = exam(("D1", "apply", many), delivery=Quiz.Delivery.FORM)
        form = draw_form(quiz=quiz, by=author, at=NOW)
        with CaptureQueriesContext(connection) as context:
            form_problems(form)
        counts.append(len(context))
    assert counts[0] == counts[1] <= 8


# Locking


def test_two_people_lock_a_form_and_its_hash_says_what_they_signed(form, author, reviewer):
    form = locked(form, author)
    assert form.state == "open"
    form = locked(form, author)
    assert form.state == "open", "the same person twice is one person"
    form = locked(form, reviewer)
    assert form.state == "locked"
    assert is_intact(form)
    FormItem.objects.filter(form=form, position=1).update(scored=False)
    assert not is_intact(form)


def test_a_change_takes_back_what_was_signed(form, author, reviewer):
    before = hash_of(form)
    locked(form, author)
    form = set_form(form=form, pass_percent=70, by=author, at=NOW)
    with pytest.raises(Conflict, match="changed"):
        sign_form(form=form, form_hash=before, by=reviewer, at=NOW)
    assert locked(form, reviewer).state == "open"
    assert locked(form, author).state == "locked"


def test_a_form_with_a_problem_is_not_signed(quiz, author):
    form = draw_form(quiz=quiz, by=author, at=NOW)
    with pytest.raises(Conflict, match="pass mark was set"):
        locked(form, author)


def test_a_locked_form_is_not_changed_and_not_thrown_away(form, author, reviewer):
    form = locked(form, author, reviewer)
    for change in (
        lambda: set_form(form=form, pass_percent=10, by=author, at=NOW),
        lambda: throw_form_away(form=form, by=author, at=NOW),
        lambda: sign_form(form=form, form_hash=form.hash, by=author, at=NOW),
    ):
        with pytest.raises(Conflict, match="locked"):
            change()


def test_an_open_form_is_thrown_away_unless_somebody_signed_it(quiz, form, author):
    throw_form_away(form=draw_form(quiz=quiz, by=author, at=NOW), by=author, at=NOW)
    locked(form, author)
    with pytest.raises(Conflict):
        throw_form_away(form=form, by=author, at=NOW)


@pytest.mark.parametrize("role", [Role.INSTRUCTOR, Role.REGISTRAR, Role.EXAMINER, None])
def test_who_does_not_read_the_secure_pool_touches_no_form(quiz, form, role):
    nobody = person(*([role] if role else []))
    for refused in (
        lambda: draw_form(quiz=quiz, by=nobody, at=NOW),
        lambda: new_form(quiz=quiz, by=nobody, at=NOW),
        lambda: set_form(form=form, pass_percent=1, by=nobody, at=NOW),
        lambda: sign_form(form=form, form_hash=hash_of(form), by=nobody, at=NOW),
        lambda: retire_form(form=form, by=nobody, at=NOW),
        lambda: throw_form_away(form=form, by=nobody, at=NOW),
    ):
        with pytest.raises(Forbidden):
            refused()


# Asking


def test_a_locked_form_is_asked_as_it_stands_with_its_own_pass_mark(quiz, form, author, reviewer):
    with pytest.raises(Conflict, match="No form"):
        sit(quiz)
    form = set_form(form=form, pass_percent=50, by=author, at=NOW)
    locked(form, author, reviewer)
    one, two = sit(quiz), sit(quiz)
    in_form = list(form.items.order_by("position").values_list("version", flat=True))
    assert asked(one) == asked(two) == in_form
    assert (one.form, one.pass_percent) == (form, 50)


def test_who_sits_again_gets_another_form_where_there_is_one(quiz, form, author, reviewer):
    locked(form, author, reviewer)
    learner = learner_of(quiz)
    first = sit(quiz, learner)
    submit_attempt(uuid=first.uuid, by=learner, at=NOW)
    second = set_form(
        form=draw_form(quiz=quiz, by=author, at=NOW), standard=STANDARD, by=author, at=NOW
    )
    locked(second, author, reviewer)
    again = sit(quiz, learner, at=NOW + timedelta(days=31))
    assert again.form == second


def test_a_retired_form_is_asked_no_more(quiz, form, author, reviewer):
    form = locked(form, author, reviewer)
    retire_form(form=form, by=reviewer, at=NOW)
    retire_form(form=form, by=reviewer, at=NOW + timedelta(days=1))
    assert Form.objects.get().retired_at == NOW
    with pytest.raises(Conflict, match="No form"):
        sit(quiz)


def test_a_form_with_a_suspended_question_is_not_asked_until_it_is_active_again(
    quiz, form, author, reviewer
):
    locked(form, author, reviewer)
    item = form.items.first().version.item
    move_item(item=item, to=Life.SUSPENDED, comment="Two keys.", by=reviewer, at=NOW)
    with pytest.raises(Conflict, match="No form"):
        sit(quiz)
    item.refresh_from_db()
    move_item(item=item, to=Life.ACTIVE, comment="One key after all.", by=reviewer, at=NOW)
    assert sit(quiz).form == form


# The draw


def test_pilot_questions_are_asked_and_count_for_nothing():
    add_items(5, pool=Pool.SECURE)
    pilots = add_items(3, pool=Pool.SECURE)
    Item.objects.filter(pk__in=[item.pk for item in pilots]).update(life=Life.PILOT)
    quiz = exam(("D1", "apply", 5), pilot_items=2)
    attempt = sit(quiz)
    rows = list(attempt.responses.select_related("item_version__item").order_by("position"))
    assert len(rows) == 7
    assert {row.scored for row in rows if row.item_version.item in pilots} == {False}
    for row in rows:
        if row.scored:
            row.answer = right_answer(attempt, row.position)
            row.save(update_fields=["answer"])
    result = submit_attempt(uuid=attempt.uuid, by=attempt.learner, at=NOW)
    assert (result.points, result.out_of, result.passed) == (5, 5, True)


def test_whoever_reads_the_items_of_an_examination_reads_its_pilot_questions_too(as_user):
    add_items(2, pool=Pool.SECURE)
    (pilot,) = add_items(1, pool=Pool.SECURE)
    Item.objects.filter(pk=pilot.pk).update(life=Life.PILOT)
    without, with_pilots = exam(("D1", "apply", 2)), exam(("D1", "apply", 2), pilot_items=1)
    client = as_user(person(Role.ITEM_AUTHOR))
    for quiz, count in ((without, 2), (with_pilots, 3)):
        answer = client.get(f"/api/v1/items/?quiz={quiz.activity.uuid}").json()
        assert len(answer["results"]) == count


def test_an_item_whose_cap_is_reached_is_not_drawn():
    items = add_items(3, pool=Pool.SECURE)
    quiz = exam(("D1", "apply", 2))
    worn = items[0]
    Item.objects.filter(pk=worn.pk).update(exposure_cap=1)
    while True:
        attempt = sit(quiz)
        if attempt.responses.filter(item_version__item=worn).exists():
            break
    for _time in range(5):
        assert not sit(quiz).responses.filter(item_version__item=worn).exists()
    later = NOW + timedelta(days=366)
    assert shortages_of(quiz, later) == []


def test_what_changes_in_the_bank_is_seen_by_the_next_draw():
    items = add_items(3, pool=Pool.SECURE)
    quiz = exam(("D1", "apply", 3))
    assert len(asked(sit(quiz))) == 3
    reviewer = person(Role.ITEM_REVIEWER)
    move_item(item=items[0], to=Life.SUSPENDED, comment="Two keys.", by=reviewer, at=NOW)
    with pytest.raises(Conflict, match="D1 apply: 2 of 3"):
        sit(quiz)


def test_enemies_in_the_bank_never_meet_in_one_attempt():
    one, other, *_rest = add_items(4, pool=Pool.SECURE)
    one.enemies.add(other)
    one.save()
    quiz = exam(("D1", "apply", 3))
    for _time in range(8):
        versions = sit(quiz).responses.values_list("item_version__item", flat=True)
        assert not {one.pk, other.pk} <= set(versions)


def test_drawing_costs_one_look_at_the_bank_once_it_is_known():
    add_items(20, pool=Pool.SECURE)
    quiz = exam(("D1", "apply", 10))
    sit(quiz)
    learner = learner_of(quiz)
    with CaptureQueriesContext(connection) as context:
        start_attempt(activity=quiz.activity, by=learner, at=NOW)
    looked = [row["sql"] for row in context if "quizzes_blueprintcell" in row["sql"]]
    assert len(looked) == 1
    assert not [row for row in context if '"quizzes_item"."exposure_cap"' in row["sql"]]


def test_enemies_that_are_loaded_are_seen_by_the_next_draw():
    one, other = add_items(2, pool=Pool.SECURE)
    quiz = exam(("D1", "apply", 2))
    sit(quiz)
    group = [one.code, other.code]
    assert [load_enemies(groups=[group], at=NOW) for _time in range(2)] == [1, 0]
    with pytest.raises(Conflict, match="D1 apply: 1 of 2"):
        sit(quiz)
