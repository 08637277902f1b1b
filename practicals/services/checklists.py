"""Freezing what an author published, and loading checklists from content files."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.utils.translation import gettext as _
from wagtail.models import Workflow, WorkflowContentType, WorkflowTask

from accounts.models import Role
from accounts.services import Conflict
from practicals.models import Checklist, ChecklistReviewTask, ChecklistVersion, Criterion

WORKFLOW = "Checklist review"

LINE_FIELDS = ("code", "section", "text", "max_points", "critical", "competence", "position")


def newest_version(checklist: Checklist) -> ChecklistVersion | None:
    return checklist.versions.order_by("-number").first()


def require_version(checklist: Checklist) -> ChecklistVersion:
    """The version scored from now on. Raises Conflict when the checklist was never published."""
    version = newest_version(checklist)
    if version is None:
        raise Conflict(
            "not_published",
            _("Checklist %(code)s has not been published.") % {"code": checklist.code},
        )
    return version


@transaction.atomic
def freeze_checklist(*, checklist: Checklist, at: datetime) -> ChecklistVersion:
    """The version that says what the checklist says now: the newest one if nothing changed, else a new one with its lines."""
    Checklist.objects.select_for_update().get(pk=checklist.pk)
    newest = newest_version(checklist)
    content, lines = checklist.frozen_content, checklist.frozen_lines
    if newest and newest.content == content and list(newest.criteria.values(*LINE_FIELDS)) == lines:
        return newest
    version = ChecklistVersion.objects.append(
        chain=f"checklist:{checklist.uuid}",
        at=at,
        checklist=checklist,
        number=newest.number + 1 if newest else 1,
        content=content,
    )
    chain = f"version:{version.uuid}"
    Criterion.objects.bulk_append(
        [Criterion(chain=chain, at=at, version=version, **line) for line in lines]
    )
    return version


@transaction.atomic
def load_checklist(data: Mapping[str, Any], at: datetime) -> Checklist:
    """Make or update a checklist from a file of content/checklists and publish it, which freezes a version. Unchanged: nothing happens."""
    checklist = Checklist.objects.filter(code=data["code"]).first() or Checklist(
        code=data["code"], live=False
    )
    before = (checklist.frozen_content, checklist.frozen_lines)
    checklist.title = data["title"]
    checklist.scenario = data["scenario"]
    checklist.minutes = data["minutes"]
    checklist.candidate_instructions = data.get("candidate_instructions", "")
    checklist.client_script = data.get("client_script", "")
    checklist.equipment = "\n".join(data.get("equipment", []))
    checklist.criteria = [("criterion", _line(line)) for line in data["criteria"]]
    checklist.violations = [("violation", dict(entry)) for entry in data.get("violations", [])]
    after = (checklist.frozen_content, checklist.frozen_lines)
    if checklist.pk and checklist.live and before == after:
        return checklist
    checklist.full_clean()
    checklist.save()
    checklist.save_revision().publish()
    checklist.refresh_from_db()
    return checklist


def _line(line: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "code": line["code"],
        "section": line["section"],
        "text": line["text"],
        "max": str(line["max"]),
        "critical": bool(line.get("critical", False)),
        "competence": line.get("competence", ""),
    }


@transaction.atomic
def ensure_checklist_workflow() -> Workflow:
    """The workflow every checklist passes before it is published: one review by somebody else. Idempotent."""
    workflow, _new = Workflow.objects.get_or_create(name=WORKFLOW)
    task = ChecklistReviewTask.objects.filter(name=WORKFLOW).first()
    if task is None:
        task = ChecklistReviewTask.objects.create(name=WORKFLOW)
    for role in (Role.ITEM_REVIEWER, Role.CHIEF_EXAMINER):
        task.groups.add(Group.objects.get_or_create(name=role)[0])
    WorkflowTask.objects.get_or_create(
        workflow=workflow, task=task.task_ptr, defaults={"sort_order": 0}
    )
    kind = ContentType.objects.get_for_model(Checklist)
    WorkflowContentType.objects.get_or_create(content_type=kind, defaults={"workflow": workflow})
    return workflow
