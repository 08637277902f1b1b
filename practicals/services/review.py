"""The review a station passes in Wagtail's workflow (R2, R16, R19, R21). The steps are those of every bank (courses/bank)."""

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from wagtail.models import TaskState, Workflow, WorkflowState

from accounts.models import User
from accounts.services import Refusal
from courses.bank import review
from practicals.models import Checklist, ChecklistReviewTask
from practicals.services.stations import STATIONS


def ensure_checklist_workflow(*, at: datetime | None = None) -> Workflow:
    """The review every station passes: content, editorial and fairness, evidence, by people who did not write it. Safe to call twice.

    Brings an older installation along: its one step becomes the content review, and what waited there goes on from it.
    """
    return review.ensure_workflow(STATIONS, task_of=_task_of, at=at or timezone.now())


def _task_of(workflow: Workflow, step: review.Step) -> ChecklistReviewTask:
    """The workflow's own task of a step, under its name, or a new one."""
    name = f"{review.Step(step).label}, stations"
    own = ChecklistReviewTask.objects.filter(
        active=True, step=step, workflow_tasks__workflow=workflow
    ).first()
    if own is None:
        return ChecklistReviewTask.objects.create(name=name, step=step)
    if own.name != name:
        own.name = name
        own.save(update_fields=["name"])
    return own


def submit_checklist(
    *, checklist: Checklist, comment: str = "", by: User, at: datetime
) -> WorkflowState:
    """Hand the newest draft to its review: see `courses.bank.review.submit`."""
    return review.submit(STATIONS, entry=checklist, comment=comment, by=by, at=at)


def withdraw_checklist(*, checklist: Checklist, by: User, at: datetime) -> None:
    """Take a station back from its review: see `courses.bank.review.withdraw`."""
    review.withdraw(STATIONS, entry=checklist, by=by, at=at)


def decide_on_checklist(
    *, state: TaskState, approve: bool, comment: str, by: User, at: datetime
) -> None:
    """A reviewer's decision on the step a station is at: see `courses.bank.review.decide`."""
    review.decide(STATIONS, state=state, approve=approve, comment=comment, by=by, at=at)


def bar_to_reviewing(
    *, checklist: Checklist, task: ChecklistReviewTask, by: User
) -> Refusal | None:
    """Why somebody may not decide on a station at this step, if they may not."""
    return review.bar_to_deciding(STATIONS, entry=checklist, task=task, by=by)


@dataclass(frozen=True)
class UnderReview:
    """A station at a step of its review: since when, and whether the person who asks may decide."""

    checklist: Checklist
    step: str
    since: datetime
    is_theirs: bool


def stations_under_review(by: User) -> list[UnderReview]:
    """The stations under review among those a person may read, the longest waiting first. A fixed number of queries."""
    rows = Checklist.objects.visible_to(by).select_related("author")
    return [
        UnderReview(row.entry, row.step, row.since, row.is_theirs)
        for row in review.waiting_among(STATIONS, rows=rows, by=by)
    ]
