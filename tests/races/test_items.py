"""What several reviewers do at the same moment to one item, on PostgreSQL."""

from itertools import pairwise

import pytest

from accounts.services import Conflict
from ledger.services import verify
from quizzes.models import Item, ItemTransition, Life, Pool
from quizzes.services import decide_on_item, ensure_item_workflow, move_item, submit_item
from tests.factories import NOW, Role, person
from tests.quizzes.bank import review_item, write_item

pytestmark = pytest.mark.postgres


@pytest.fixture
def author():
    return person(Role.ITEM_AUTHOR)


def decision(item, by):
    state = item.current_workflow_task_state
    return lambda: decide_on_item(state=state, approve=True, comment="Read.", by=by, at=NOW)


def move(item, to):
    by = person(Role.ITEM_REVIEWER)
    return lambda: move_item(item=item, to=to, comment=f"Now {to}.", by=by, at=NOW)


def last_step(item):
    return item.transitions.order_by("-sequence")[0]


def test_a_step_is_decided_on_once(author, together):
    item = write_item(author)
    ensure_item_workflow(at=NOW)
    submit_item(item=item, by=author, at=NOW)
    outcomes = together(*[decision(item, person(Role.ITEM_REVIEWER)) for _number in range(4)])
    assert sum(isinstance(outcome, Conflict) for outcome in outcomes) == 3
    assert item.transitions.filter(step="content-approved").count() == 1


def test_moves_at_once_follow_each_other_in_one_chain(author, together):
    item = review_item(write_item(author, pool=Pool.PRACTICE))
    together(*[move(item, to) for to in (Life.SUSPENDED, Life.RETIRED, Life.SUSPENDED)])
    rows = list(item.transitions.order_by("sequence"))
    assert all(one.after == other.before for one, other in pairwise(rows))
    assert Item.objects.get(pk=item.pk).life == rows[-1].after == Life.RETIRED
    assert not list(verify(ItemTransition))


@pytest.mark.parametrize("_time", range(3))
def test_a_suspension_beside_a_publication_is_not_lost(author, together, _time):
    item = review_item(write_item(author, pool=Pool.PRACTICE))
    item.reference = "The same register, 2027"
    item.save_revision(user=author)
    submit_item(item=item, by=author, at=NOW)
    decision(item, person(Role.ITEM_REVIEWER))()
    together(decision(item, person(Role.ITEM_REVIEWER)), move(item, Life.SUSPENDED))
    assert Item.objects.get(pk=item.pk).life == last_step(item).after == Life.SUSPENDED
