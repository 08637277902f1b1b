"""The review a station passes in Wagtail's workflow: submitted, decided on step by step, withdrawn (R2, R16, R19, R21)."""

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
    TaskState,
    Workflow,
    WorkflowContentType,
    WorkflowState,
    WorkflowTask,
)

from accounts.models import User
from accounts.services import Conflict, Forbidden, Invalid, Refusal
from practicals.models import Checklist, ChecklistReviewTask, Life, readable_pools
from practicals.services.readiness import lacks_of
from practicals.services.stations import REVIEWERS, bring_along, lock_checklist, note

WORKFLOW = "Checklist review"
Step = ChecklistReviewTask.Step
# Steps that want two different people.
TWO_PEOPLE = (Step.CONTENT, Step.EDITORIAL)


@transaction.atomic
def ensure_checklist_workflow(*, at: datetime | None = None) -> Workflow:
    """The review every station passes: content, editorial and fairness, evidence, by people who did not write it. Safe to call twice.

    Brings an older installation along: its one step becomes the content review, and what waited there goes on from it.
    """
    workflow, _new = Workflow.objects.get_or_create(name=WORKFLOW)
    groups = [Group.objects.get_or_create(name=role)[0] for role in REVIEWERS]
    for order, step in enumerate(Step):
        task = _task_of(workflow, step)
        task.groups.add(*groups)
        WorkflowTask.objects.update_or_create(
            workflow=workflow, task=task.task_ptr, defaults={"sort_order": order}
        )
    kind = ContentType.objects.get_for_model(Checklist)
    WorkflowContentType.objects.get_or_create(content_type=kind, defaults={"workflow": workflow})
    bring_along(at=at or timezone.now())
    return workflow


def _task_of(workflow: Workflow, step: Step) -> ChecklistReviewTask:
    """The workflow's own task of a step, under its name, or a new one."""
    name = f"{Step(step).label}, stations"
    own = ChecklistReviewTask.objects.filter(
        active=True, step=step, workflow_tasks__workflow=workflow
    ).first()
    if own is None:
        return ChecklistReviewTask.objects.create(name=name, step=step)
    if own.name != name:
        own.name = name
        own.save(update_fields=["name"])
    return own


# Submitting


@transaction.atomic
def submit_checklist(
    *, checklist: Checklist, comment: str = "", by: User, at: datetime
) -> WorkflowState:
    """Hand the newest draft to its review, from the first step on. Raises Invalid, field by field, while it lacks something, Forbidden
    for a pool not theirs, Conflict under review or after its end.
    """
    row = lock_checklist(checklist.pk)
    if row.pool not in readable_pools(by):
        raise Forbidden(
            "pool_closed",
            _(
                "Stations that are examined are read by their authors, reviewers and chief examiners only."
            ),
        )
    if row.life == Life.RETIRED:
        raise Conflict("retired", _("This station is retired. Write a new one in its place."))
    state = row.current_workflow_state
    if state and state.status == WorkflowState.STATUS_IN_PROGRESS:
        raise Conflict("in_review", _("This station is under review already."))
    _require_ready(row, at)
    note(row, step="submitted", comment=comment.strip() or _("Handed to its review."), by=by, at=at)
    if state is None:
        return row.get_workflow().start(row, by)
    _resume(state, by)
    return state


def _require_ready(checklist: Checklist, at: datetime) -> None:
    lacks = lacks_of(checklist.get_latest_revision_as_object(), at=at)
    if lacks:
        sentences = [sentence for found in lacks.values() for sentence in found]
        raise Invalid("not_ready", f"{checklist.code}: {' '.join(sentences)}", fields=lacks)


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
def withdraw_checklist(*, checklist: Checklist, by: User, at: datetime) -> None:
    """Take a station back from its review; without one, nothing happens. Raises Forbidden for others than who submitted or wrote it."""
    row = lock_checklist(checklist.pk)
    state = row.current_workflow_state
    if state is None:
        return
    if by.pk not in (state.requested_by_id, row.author_id):
        raise Forbidden("not_the_author", _("Only who wrote or submitted a station withdraws it."))
    note(row, step="withdrawn", comment=_("Taken back from its review."), by=by, at=at)
    state.cancel(user=by)


# Deciding


@transaction.atomic
def decide_on_checklist(
    *, state: TaskState, approve: bool, comment: str, by: User, at: datetime
) -> None:
    """A reviewer's decision on the step a station is at. The last approval publishes it, which freezes a version.

    Raises Forbidden for whoever wrote any part of it, or has decided where a second person must (R2), Invalid without a comment, Conflict
    when the step is past or the station lacks something.
    """
    checklist = lock_checklist(int(state.workflow_state.object_id))
    state.refresh_from_db()
    task = state.task.specific
    if state.status != TaskState.STATUS_IN_PROGRESS:
        raise Conflict("decided", _("This step has been decided on already."))
    refusal = bar_to_reviewing(checklist=checklist, task=task, by=by)
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
            _require_ready(checklist, at)
        except Invalid as lack:
            raise Conflict("not_ready", lack.sentence, fields=lack.fields) from lack
    outcome = "approved" if approve else "changes"
    note(checklist, step=f"{task.step}-{outcome}", comment=said, by=by, at=at)
    if approve:
        state.approve(user=by, comment=said)
    else:
        state.reject(user=by, comment=said)


def bar_to_reviewing(
    *, checklist: Checklist, task: ChecklistReviewTask, by: User
) -> Refusal | None:
    """Why somebody may not decide on a station at this step, if they may not."""
    if not by.is_active or not task._user_in_groups(by) or checklist.pool not in readable_pools(by):
        return Forbidden("wrong_role", _("Only a reviewer of stations does this."))
    if checklist.is_written_by(by):
        return Forbidden(
            "R2",
            _(
                "Rule R2: nobody decides on a station they wrote any part of. Another reviewer has to."
            ),
        )
    if task.step in TWO_PEOPLE and _decided_before(checklist, task, by):
        return Forbidden(
            "R2",
            _("Rule R2: the content and the editorial review are two people's. Another has to."),
        )
    return None


def _decided_before(checklist: Checklist, task: ChecklistReviewTask, by: User) -> bool:
    """Whether they have approved this draft at the other of the two steps."""
    others = ChecklistReviewTask.objects.filter(step__in=TWO_PEOPLE).exclude(step=task.step)
    return TaskState.objects.filter(
        revision=checklist.latest_revision_id,
        task__in=others.values("task_ptr"),
        status=TaskState.STATUS_APPROVED,
        finished_by=by,
    ).exists()


@dataclass(frozen=True)
class UnderReview:
    """A station at a step of its review: since when, and whether the person who asks may decide."""

    checklist: Checklist
    step: str
    since: datetime
    is_theirs: bool


def stations_under_review(by: User) -> list[UnderReview]:
    """The stations under review among those a person may read, the longest waiting first. A fixed number of queries."""
    states = list(
        TaskState.objects.filter(
            status=TaskState.STATUS_IN_PROGRESS,
            workflow_state__base_content_type=ContentType.objects.get_for_model(Checklist),
            workflow_state__status=WorkflowState.STATUS_IN_PROGRESS,
        ).select_related("workflow_state", "task__checklistreviewtask")
    )
    rows = Checklist.objects.visible_to(by).select_related("author")
    stations = rows.in_bulk([int(state.workflow_state.object_id) for state in states])
    is_reviewer = by.has_role(*REVIEWERS)
    barred = _barred(stations.values(), by)
    found = []
    for state in states:
        checklist = stations.get(int(state.workflow_state.object_id))
        if checklist:
            task = state.task.checklistreviewtask
            keys = {(checklist.pk, ""), (checklist.pk, task.step)}
            theirs = is_reviewer and barred.isdisjoint(keys)
            found.append(UnderReview(checklist, task.get_step_display(), state.started_at, theirs))
    return sorted(found, key=lambda row: row.since)


def _barred(stations: Iterable[Checklist], by: User) -> set[tuple[int, str]]:
    """(station, "") where they wrote some of the draft, (station, step) where the other step was theirs. Two queries."""
    drafts = {str(row.pk): row for row in stations}
    barred = {(row.pk, "") for row in drafts.values() if row.author_id == by.pk}
    kind = ContentType.objects.get_for_model(Checklist)
    revisions = Revision.objects.filter(base_content_type=kind, object_id__in=drafts, user=by)
    for pk, object_id in revisions.values_list("pk", "object_id"):
        if pk > (drafts[object_id].live_revision_id or 0):
            barred.add((int(object_id), ""))
    approved = TaskState.objects.filter(
        revision__in=[row.latest_revision_id for row in drafts.values()],
        status=TaskState.STATUS_APPROVED,
        finished_by=by,
        task__checklistreviewtask__step__in=TWO_PEOPLE,
    )
    steps = approved.values_list("revision__object_id", "task__checklistreviewtask__step")
    for object_id, step in steps:
        barred.update((int(object_id), other) for other in TWO_PEOPLE if other != step)
    return barred


def pass_over(*, state: TaskState) -> None:
    """Skip the evidence review of a draft that touches no contested claim, and say so in the history."""
    checklist = lock_checklist(int(state.workflow_state.object_id))
    if checklist.get_latest_revision_as_object().claims.exists():
        return
    at = timezone.now()
    state.status, state.finished_at = TaskState.STATUS_SKIPPED, at
    state.comment = _("Passed over: the station touches no contested claim.")
    state.save()
    note(checklist, step="evidence-passed-over", comment=state.comment, by=None, at=at)
