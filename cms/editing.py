"""The review every page goes through before it is published. What each role may do with pages is said in lms/roles.py."""

from django.contrib.auth.models import Group
from django.db import transaction
from wagtail.models import Page, Workflow, WorkflowPage, WorkflowTask

from accounts.models import Role
from cms.models import SecondReader

WORKFLOW = "A second reader"
# Those who may publish (lms/roles.py): whoever approves, publishes.
READERS = (Role.ITEM_REVIEWER, Role.ADMINISTRATOR)


@transaction.atomic
def ensure_workflow() -> Workflow:
    """Every page is read by a second person before it is published. Safe to call twice."""
    workflow, _new = Workflow.objects.get_or_create(name=WORKFLOW)
    task = SecondReader.objects.filter(name=WORKFLOW).first()
    if task is None:
        task = SecondReader.objects.create(name=WORKFLOW)
    task.groups.set([Group.objects.get_or_create(name=role)[0] for role in READERS])
    WorkflowTask.objects.get_or_create(
        workflow=workflow, task=task.task_ptr, defaults={"sort_order": 0}
    )
    root = Page.get_first_root_node()
    if root:
        WorkflowPage.objects.update_or_create(page=root, defaults={"workflow": workflow})
    return workflow
