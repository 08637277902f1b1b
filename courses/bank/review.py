"""The review an entry passes in Wagtail's workflow: submitted, decided on step by step, withdrawn (R2, R16, R19)."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic

from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.log_actions import log
from wagtail.models import (
    Revision,
    TaskState,
    Workflow,
    WorkflowContentType,
    WorkflowState,
    WorkflowTask,
)

from accounts.models import User
from accounts.services import Conflict, Forbidden, Invalid, Refusal
from courses.bank.banks import Bank, Row
from courses.bank.life import bring_along, lock, note
from courses.bank.lifecycle import RETIRED
from courses.bank.models import ReviewTask

Step = ReviewTask.Step
# Steps that want two different people.
TWO_PEOPLE = (Step.CONTENT, Step.EDITORIAL)


@transaction.atomic
def ensure_workflow(
    bank: Bank[Row], *, task_of: Callable[[Workflow, Step], ReviewTask], at: datetime
) -> Workflow:
    """The review every entry passes: content, editorial and fairness, evidence, by reviewers who did not write it. Safe to call twice.

    `task_of` gives the workflow's task of a step, made or found.
    """
    workflow, _new = Workflow.objects.get_or_create(name=bank.workflow)
    groups = [Group.objects.get_or_create(name=role)[0] for role in bank.reviewers]
    for order, step in enumerate(Step):
        task = task_of(workflow, step)
        task.groups.add(*groups)
        WorkflowTask.objects.update_or_create(
            workflow=workflow, task=task.task_ptr, defaults={"sort_order": order}
        )
    kind = ContentType.objects.get_for_model(bank.model)
    WorkflowContentType.objects.get_or_create(content_type=kind, defaults={"workflow": workflow})
    bring_along(bank, at=at)
    return workflow


# Submitting


@transaction.atomic
def submit(
    bank: Bank[Row], *, entry: Row, comment: str = "", by: User, at: datetime
) -> WorkflowState:
    """Hand the newest draft to its review, from the first step on. Raises Invalid, field by field, while it lacks something, Forbidden
    for a pool not theirs, Conflict under review or after its end.
    """
    row = lock(bank, entry.pk)
    if row.pool not in bank.readable_pools(by):
        raise Forbidden("pool_closed", bank.words.pool_closed)
    if row.life == RETIRED:
        raise Conflict("retired", bank.words.retired)
    state = row.current_workflow_state
    if state and state.status == WorkflowState.STATUS_IN_PROGRESS:
        raise Conflict("in_review", bank.words.in_review)
    _require_ready(bank, row, at)
    said = comment.strip() or _("Handed to its review.")
    note(bank, row, step="submitted", comment=said, by=by, at=at)
    if state is None:
        return row.get_workflow().start(row, by)
    _resume(state, by)
    return state


def _require_ready(bank: Bank[Row], entry: Any, at: datetime) -> None:
    lacks = bank.lacks_of(entry.get_latest_revision_as_object(), at=at)
    if lacks:
        sentences = [sentence for found in lacks.values() for sentence in found]
        raise Invalid("not_ready", f"{entry.code}: {' '.join(sentences)}", fields={**lacks})


def _resume(state: WorkflowState, by: User) -> None:
    """Take a review up again after changes. Not where it stopped but at the first step: what changed has passed none."""
    task = state.current_task_state
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
                "task_state_id": task.pk,
                "task": {"id": task.task_id, "title": task.task.name},
            }
        },
    )
    state.current_task_state, state.status = None, WorkflowState.STATUS_IN_PROGRESS
    state.save()
    state.update(user=by)


@transaction.atomic
def withdraw(bank: Bank[Row], *, entry: Row, by: User, at: datetime) -> None:
    """Take an entry back from its review; without one, nothing happens. Raises Forbidden for others than who submitted or wrote it."""
    row = lock(bank, entry.pk)
    state = row.current_workflow_state
    if state is None:
        return
    if by.pk not in (state.requested_by_id, row.author_id):
        raise Forbidden("not_the_author", bank.words.not_the_author)
    note(bank, row, step="withdrawn", comment=_("Taken back from its review."), by=by, at=at)
    state.cancel(user=by)


# Deciding


@transaction.atomic
def decide(
    bank: Bank[Row], *, state: TaskState, approve: bool, comment: str, by: User, at: datetime
) -> None:
    """A reviewer's decision on the step an entry is at. The last approval publishes it, which freezes a version.

    Raises Forbidden for whoever wrote any part of it, or has decided where a second person must (R2), Invalid without a comment, Conflict
    when the step is past or the entry lacks something.
    """
    entry = lock(bank, int(state.workflow_state.object_id))
    state.refresh_from_db()
    task = state.task.specific
    if state.status != TaskState.STATUS_IN_PROGRESS:
        raise Conflict("decided", _("This step has been decided on already."))
    refusal = bar_to_deciding(bank, entry=entry, task=task, by=by)
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
            _require_ready(bank, entry, at)
        except Invalid as lack:
            raise Conflict("not_ready", lack.sentence, fields=lack.fields) from lack
    outcome = "approved" if approve else "changes"
    note(bank, entry, step=f"{task.step}-{outcome}", comment=said, by=by, at=at)
    if approve:
        state.approve(user=by, comment=said)
    else:
        state.reject(user=by, comment=said)


def bar_to_deciding(bank: Bank[Row], *, entry: Row, task: ReviewTask, by: User) -> Refusal | None:
    """Why somebody may not decide on an entry at this step, if they may not."""
    is_reviewer = by.is_active and task._user_in_groups(by)
    if not is_reviewer or entry.pool not in bank.readable_pools(by):
        return Forbidden("wrong_role", bank.words.only_reviewers)
    if entry.is_written_by(by):
        return Forbidden("R2", bank.words.wrote_part)
    if task.step in TWO_PEOPLE and _decided_before(bank, entry, task, by):
        return Forbidden(
            "R2",
            _("Rule R2: the content and the editorial review are two people's. Another has to."),
        )
    return None


def _decided_before(bank: Bank[Row], entry: Row, task: ReviewTask, by: User) -> bool:
    """Whether they have approved this draft at the other of the two steps."""
    tasks = bank.task._default_manager
    others = tasks.filter(step__in=TWO_PEOPLE).exclude(step=task.step)
    return TaskState.objects.filter(
        revision=entry.latest_revision_id,
        task__in=others.values("task_ptr"),
        status=TaskState.STATUS_APPROVED,
        finished_by=by,
    ).exists()


def pass_over(bank: Bank[Row], *, state: TaskState) -> None:
    """Skip the evidence review of a draft that touches no contested claim, and say so in the history."""
    entry = lock(bank, int(state.workflow_state.object_id))
    if entry.get_latest_revision_as_object().claims.exists():
        return
    at = timezone.now()
    state.status, state.finished_at = TaskState.STATUS_SKIPPED, at
    state.comment = str(bank.words.passed_over)
    state.save()
    note(bank, entry, step="evidence-passed-over", comment=state.comment, by=None, at=at)


# Waiting


@dataclass(frozen=True)
class Waiting(Generic[Row]):
    """An entry at a step of its review: since when, and whether the person who asks may decide."""

    entry: Row
    step: str
    since: datetime
    is_theirs: bool


def waiting_among(bank: Bank[Row], *, rows: QuerySet[Row], by: User) -> list[Waiting[Row]]:
    """Those of these entries that are under review, the longest waiting first. A fixed number of queries."""
    own = str(bank.task._meta.model_name)
    states = list(
        TaskState.objects.filter(
            status=TaskState.STATUS_IN_PROGRESS,
            workflow_state__base_content_type=ContentType.objects.get_for_model(bank.model),
            workflow_state__status=WorkflowState.STATUS_IN_PROGRESS,
        ).select_related("workflow_state", f"task__{own}")
    )
    entries = rows.in_bulk([int(state.workflow_state.object_id) for state in states])
    is_reviewer = by.has_role(*bank.reviewers)
    barred = _barred(bank, entries.values(), by)
    found = []
    for state in states:
        entry = entries.get(int(state.workflow_state.object_id))
        if entry:
            task = getattr(state.task, own)
            theirs = is_reviewer and barred.isdisjoint({(entry.pk, ""), (entry.pk, task.step)})
            found.append(Waiting(entry, task.get_step_display(), state.started_at, theirs))
    return sorted(found, key=lambda row: row.since)


def _barred(bank: Bank[Row], entries: Iterable[Row], by: User) -> set[tuple[int, str]]:
    """(entry, "") where they wrote some of the draft, (entry, step) where the other step was theirs. Two queries."""
    drafts = {str(row.pk): row for row in entries}
    barred = {(row.pk, "") for row in drafts.values() if row.author_id == by.pk}
    kind = ContentType.objects.get_for_model(bank.model)
    revisions = Revision.objects.filter(base_content_type=kind, object_id__in=drafts, user=by)
    for pk, object_id in revisions.values_list("pk", "object_id"):
        if pk > (drafts[object_id].live_revision_id or 0):
            barred.add((int(object_id), ""))
    step_of = f"task__{bank.task._meta.model_name}__step"
    approved = TaskState.objects.filter(
        revision__in=[row.latest_revision_id for row in drafts.values()],
        status=TaskState.STATUS_APPROVED,
        finished_by=by,
        **{f"{step_of}__in": TWO_PEOPLE},
    )
    for object_id, step in approved.values_list("revision__object_id", step_of):
        barred.update((int(object_id), other) for other in TWO_PEOPLE if other != step)
    return barred
