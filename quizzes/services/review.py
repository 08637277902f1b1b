"""The review an item passes in Wagtail's workflow (R2, R16, R19). The steps are those of every bank (courses/bank)."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from wagtail.models import Task, TaskState, Workflow, WorkflowState, WorkflowTask

from accounts.models import User
from accounts.services import Refusal
from courses.bank import review
from quizzes.models import Item, ItemReviewTask
from quizzes.services.life import ITEMS


@transaction.atomic
def ensure_item_workflow(*, at: datetime) -> Workflow:
    """The review every item passes: content, editorial and fairness, evidence, by item reviewers who did not write it. Safe to call twice.

    Brings an older installation along: what waited at its last step, “Approval”, goes on to the editorial review.
    """
    workflow = review.ensure_workflow(ITEMS, task_of=_task_of, at=at)
    _retire_steps(workflow)
    return workflow


def _task_of(workflow: Workflow, step: review.Step) -> ItemReviewTask:
    """The task of a step: the workflow's own, or one that has its name from before tasks knew their step, or a new one."""
    tasks = ItemReviewTask.objects.filter(active=True, step=step)
    own = tasks.filter(workflow_tasks__workflow=workflow).exclude(name="Approval").first()
    return own or ItemReviewTask.objects.create(name=str(review.Step(step).label), step=step)


def _retire_steps(workflow: Workflow) -> None:
    """Take the workflow's former last step out. Its past decisions stay in the history."""
    for task in Task.objects.filter(
        workflow_tasks__workflow=workflow, name="Approval", active=True
    ):
        task.specific.deactivate()
        WorkflowTask.objects.filter(workflow=workflow, task=task).delete()


def submit_item(*, item: Item, comment: str = "", by: User, at: datetime) -> WorkflowState:
    """Hand the newest draft to its review: see `courses.bank.review.submit`."""
    return review.submit(ITEMS, entry=item, comment=comment, by=by, at=at)


def withdraw_item(*, item: Item, by: User, at: datetime) -> None:
    """Take an item back from its review: see `courses.bank.review.withdraw`."""
    review.withdraw(ITEMS, entry=item, by=by, at=at)


def decide_on_item(
    *, state: TaskState, approve: bool, comment: str, by: User, at: datetime
) -> None:
    """A reviewer's decision on the step an item is at: see `courses.bank.review.decide`."""
    review.decide(ITEMS, state=state, approve=approve, comment=comment, by=by, at=at)


def bar_to_deciding(*, item: Item, task: ItemReviewTask, by: User) -> Refusal | None:
    """Why somebody may not decide on an item at this step, if they may not."""
    return review.bar_to_deciding(ITEMS, entry=item, task=task, by=by)


@dataclass(frozen=True)
class UnderReview:
    """An item at a step of its review: since when, and whether the person who asks may decide."""

    item: Item
    step: str
    since: datetime
    is_theirs: bool


def waiting_for(by: User) -> list[UnderReview]:
    """The items under review among those a person may read, the longest waiting first. A fixed number of queries."""
    rows = Item.objects.visible_to(by).select_related("domain", "author")
    return [
        UnderReview(row.entry, row.step, row.since, row.is_theirs)
        for row in review.waiting_among(ITEMS, rows=rows, by=by)
    ]
