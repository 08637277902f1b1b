"""The review an item passes in Wagtail's workflow: submitted, decided on step by step, withdrawn (R2, R16, R19)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.log_actions import log
from wagtail.models import (
    Revision,
    Task,
    TaskState,
    Workflow,
    WorkflowContentType,
    WorkflowState,
    WorkflowTask,
)

from accounts.models import Role, User
from accounts.services import Conflict, Forbidden, Invalid, Refusal
from quizzes.models import Item, ItemReviewTask, Life, readable_pools
from quizzes.services.life import bring_along, lock_item, note
from quizzes.services.readiness import lacks_of

WORKFLOW = "Item review"
Step = ItemReviewTask.Step
# Steps that want two different people.
TWO_PEOPLE = (Step.CONTENT, Step.EDITORIAL)


@transaction.atomic
def ensure_item_workflow(*, at: datetime) -> Workflow:
    """The review every item passes: content, editorial and fairness, evidence, by item reviewers who did not write it. Safe to call twice.

    Brings an older installation along: what waited at its last step, “Approval”, goes on to the editorial review.
    """
    reviewers, _new = Group.objects.get_or_create(name=Role.ITEM_REVIEWER)
    workflow, _new = Workflow.objects.get_or_create(name=WORKFLOW)
    for order, step in enumerate(Step):
        task = _task_of(workflow, step)
        task.groups.add(reviewers)
        WorkflowTask.objects.update_or_create(
            workflow=workflow, task=task.task_ptr, defaults={"sort_order": order}
        )
    _retire_steps(workflow)
    kind = ContentType.objects.get_for_model(Item)
    WorkflowContentType.objects.get_or_create(content_type=kind, defaults={"workflow": workflow})
    bring_along(at=at)
    return workflow


def _task_of(workflow: Workflow, step: Step) -> ItemReviewTask:
    """The task of a step: the workflow's own, or one that has its name from before tasks knew their step, or a new one."""
    tasks = ItemReviewTask.objects.filter(active=True, step=step)
    own = tasks.filter(workflow_tasks__workflow=workflow).exclude(name="Approval").first()
    return own or ItemReviewTask.objects.create(name=str(Step(step).label), step=step)


def _retire_steps(workflow: Workflow) -> None:
    """Take the workflow's former last step out. Its past decisions stay in the history."""
    for task in Task.objects.filter(
        workflow_tasks__workflow=workflow, name="Approval", active=True
    ):
        task.specific.deactivate()
        WorkflowTask.objects.filter(workflow=workflow, task=task).delete()


# Submitting


@transaction.atomic
def submit_item(*, item: Item, comment: str = "", by: User, at: datetime) -> WorkflowState:
    """Hand the newest draft to its review, from the first step on. Raises Invalid, field by field, while it lacks something, Forbidden
    for a pool not theirs, Conflict under review or after its end.
    """
    row = lock_item(item.pk)
    if row.pool not in readable_pools(by):
        raise Forbidden(
            "pool_closed", _("Items of this pool are read by item authors and reviewers only.")
        )
    if row.life == Life.RETIRED:
        raise Conflict("retired", _("This item is retired. Write a new one in its place."))
    state = row.current_workflow_state
    if state and state.status == WorkflowState.STATUS_IN_PROGRESS:
        raise Conflict("in_review", _("This item is under review already."))
    _require_ready(row, at)
    note(row, step="submitted", comment=comment.strip() or _("Handed to its review."), by=by, at=at)
    if state is None:
        return row.get_workflow().start(row, by)
    _resume(state, by)
    return state


def _require_ready(item: Item, at: datetime) -> None:
    draft = item.get_latest_revision_as_object()
    lacks = lacks_of(draft, at=at)
    if lacks:
        sentences = [sentence for found in lacks.values() for sentence in found]
        raise Invalid("not_ready", f"{item.code}: {' '.join(sentences)}", fields=lacks)


def _resume(state: WorkflowState, by: User) -> None:
    """Take a review up again after changes. Not where it stopped but at the first step: what changed has passed none."""
    log(
        state.content_object,
        "wagtail.workflow.resume",
        user=by,
        revision=state.content_object.latest_revision,
        data={
            "workflow": {
                "id": state.workflow_id,
                "title": state.workflow.name,
                "status": WorkflowState.STATUS_IN_PROGRESS,
                "task_state_id": state.current_task_state_id,
                "task": {
                    "id": state.current_task_state.task_id,
                    "title": state.current_task_state.task.name,
                },
            }
        },
    )
    state.current_task_state, state.status = None, WorkflowState.STATUS_IN_PROGRESS
    state.save()
    state.update(user=by)


@transaction.atomic
def withdraw_item(*, item: Item, by: User, at: datetime) -> None:
    """Take an item back from its review; without one, nothing happens. Raises Forbidden for others than who submitted or wrote it."""
    row = lock_item(item.pk)
    state = row.current_workflow_state
    if state is None:
        return
    if by.pk not in (state.requested_by_id, row.author_id):
        raise Forbidden("not_the_author", _("Only who wrote or submitted an item withdraws it."))
    note(row, step="withdrawn", comment=_("Taken back from its review."), by=by, at=at)
    state.cancel(user=by)


# Deciding


@transaction.atomic
def decide_on_item(
    *, state: TaskState, approve: bool, comment: str, by: User, at: datetime
) -> None:
    """A reviewer's decision on the step an item is at. The last approval publishes it.

    Raises Forbidden for whoever wrote any part of it, or has decided where a second person must (R2), Invalid without a comment, Conflict
    when the step is past or the item lacks something.
    """
    item = lock_item(int(state.workflow_state.object_id))
    state.refresh_from_db()
    task = state.task.specific
    if state.status != TaskState.STATUS_IN_PROGRESS:
        raise Conflict("decided", _("This step has been decided on already."))
    refusal = bar_to_deciding(item=item, task=task, by=by)
    if refusal:
        raise refusal
    said = comment.strip()
    if not said:
        raise Invalid(
            "no_comment",
            _("Say what you looked at and why you decide so."),
            fields={"comment": [_("Say why.")]},
        )
    if approve:
        try:
            _require_ready(item, at)
        except Invalid as lack:
            raise Conflict("not_ready", lack.sentence, fields=lack.fields) from lack
    outcome = "approved" if approve else "changes"
    note(item, step=f"{task.step}-{outcome}", comment=said, by=by, at=at)
    if approve:
        state.approve(user=by, comment=said)
    else:
        state.reject(user=by, comment=said)


def bar_to_deciding(*, item: Item, task: ItemReviewTask, by: User) -> Refusal | None:
    """Why somebody may not decide on an item at this step, if they may not."""
    if not by.is_active or not task._user_in_groups(by) or item.pool not in readable_pools(by):
        return Forbidden("wrong_role", _("Only an item reviewer does this."))
    if wrote(item, by):
        return Forbidden(
            "R2",
            _(
                "Rule R2: nobody decides on an item they wrote any part of. Another reviewer has to."
            ),
        )
    if task.step in TWO_PEOPLE and _decided_before(item, task, by):
        return Forbidden(
            "R2",
            _("Rule R2: the content and the editorial review are two people's. Another has to."),
        )
    return None


def wrote(item: Item, user: User) -> bool:
    """Whether the item, or any part of the draft under review, is this person's."""
    draft = item.revisions.filter(user=user)
    if item.live_revision_id:
        draft = draft.filter(pk__gt=item.live_revision_id)
    return item.author_id == user.pk or draft.exists()


def _decided_before(item: Item, task: ItemReviewTask, by: User) -> bool:
    """Whether they have approved this draft at the other of the two steps."""
    others = ItemReviewTask.objects.filter(step__in=TWO_PEOPLE).exclude(step=task.step)
    return TaskState.objects.filter(
        revision=item.latest_revision_id,
        task__in=others.values("task_ptr"),
        status=TaskState.STATUS_APPROVED,
        finished_by=by,
    ).exists()


@dataclass(frozen=True)
class UnderReview:
    """An item at a step of its review: since when, and whether the person who asks may decide."""

    item: Item
    step: str
    since: datetime
    is_theirs: bool


def waiting_for(by: User) -> list[UnderReview]:
    """The items under review among those a person may read, the longest waiting first. A fixed number of queries."""
    states = list(
        TaskState.objects.filter(
            status=TaskState.STATUS_IN_PROGRESS,
            workflow_state__base_content_type=ContentType.objects.get_for_model(Item),
            workflow_state__status=WorkflowState.STATUS_IN_PROGRESS,
        ).select_related("workflow_state", "task__itemreviewtask")
    )
    rows = Item.objects.visible_to(by).select_related("domain", "author")
    items = rows.in_bulk([int(state.workflow_state.object_id) for state in states])
    is_reviewer = by.has_role(Role.ITEM_REVIEWER)
    barred = _barred(items.values(), by)
    found = []
    for state in states:
        item = items.get(int(state.workflow_state.object_id))
        if item:
            task = state.task.itemreviewtask
            theirs = is_reviewer and barred.isdisjoint({(item.pk, ""), (item.pk, task.step)})
            found.append(UnderReview(item, task.get_step_display(), state.started_at, theirs))
    return sorted(found, key=lambda row: row.since)


def _barred(items: Iterable[Item], by: User) -> set[tuple[int, str]]:
    """(item, "") where they wrote some of the draft, (item, step) where the other step was theirs. Two queries."""
    drafts = {str(item.pk): item for item in items}
    barred = {(item.pk, "") for item in drafts.values() if item.author_id == by.pk}
    revisions = Revision.objects.filter(
        base_content_type=ContentType.objects.get_for_model(Item), object_id__in=drafts, user=by
    )
    for pk, object_id in revisions.values_list("pk", "object_id"):
        if pk > (drafts[object_id].live_revision_id or 0):
            barred.add((int(object_id), ""))
    approved = TaskState.objects.filter(
        revision__in=[item.latest_revision_id for item in drafts.values()],
        status=TaskState.STATUS_APPROVED,
        finished_by=by,
        task__itemreviewtask__step__in=TWO_PEOPLE,
    )
    for object_id, step in approved.values_list(
        "revision__object_id", "task__itemreviewtask__step"
    ):
        barred.update((int(object_id), other) for other in TWO_PEOPLE if other != step)
    return barred


def pass_over(*, state: TaskState) -> None:
    """Skip the evidence review of a draft that touches no contested claim, and say so in the history."""
    item = lock_item(int(state.workflow_state.object_id))
    if item.get_latest_revision_as_object().claims.exists():
        return
    at = timezone.now()
    state.status, state.finished_at = TaskState.STATUS_SKIPPED, at
    state.comment = _("Passed over: the item touches no contested claim.")
    state.save()
    note(item, step="evidence-passed-over", comment=state.comment, by=None, at=at)
