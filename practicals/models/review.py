"""The steps of the stations' review in Wagtail's workflow."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.models import AbstractGroupApprovalTask, TaskState, WorkflowState

from accounts.models import User
from practicals.models.checklists import Checklist, readable_pools


class ChecklistReviewTask(AbstractGroupApprovalTask):
    """A step of the stations' review, by a group. Nobody decides on what they wrote themselves (R2), and every decision carries a comment."""

    class Step(models.TextChoices):
        CONTENT = "content", _("Content review")
        EDITORIAL = "editorial", _("Editorial and fairness review")
        EVIDENCE = "evidence", _("Evidence review")

    step = models.CharField(_("step"), max_length=10, choices=Step, default=Step.CONTENT)

    admin_form_fields = [*AbstractGroupApprovalTask.admin_form_fields, "step"]

    class Meta:
        verbose_name = _("Checklist review task")
        verbose_name_plural = _("Checklist review tasks")

    def start(self, workflow_state: WorkflowState, user: User | None = None) -> TaskState:
        """Begin this step; an evidence review with nothing to review passes itself over."""
        from practicals.services.review import pass_over

        state = super().start(workflow_state, user=user)
        if self.step == self.Step.EVIDENCE:
            pass_over(state=state)
        return state

    def on_action(self, task_state: TaskState, user: User, action_name: str, **kwargs: Any) -> None:
        from django.utils import timezone

        from practicals.services.review import decide_on_checklist

        decide_on_checklist(
            state=task_state,
            approve=action_name == "approve",
            comment=kwargs.get("comment", ""),
            by=user,
            at=timezone.now(),
        )

    def user_can_access_editor(self, obj: Checklist, user: User) -> bool:
        return obj.pool in readable_pools(user)

    def locked_for_user(self, obj: Checklist, user: User) -> bool:
        return not self._user_in_groups(user)

    def get_actions(self, obj: Checklist, user: User) -> list[tuple[str, Any, bool]]:
        from practicals.services.review import bar_to_reviewing

        if bar_to_reviewing(checklist=obj, task=self, by=user):
            return []
        return [("reject", _("Request changes"), True), ("approve", _("Approve"), True)]

    def get_form_for_action(self, action: str) -> type:
        from practicals.forms import ReviewForm

        return ReviewForm

    def get_task_states_user_can_moderate(self, user: User, **kwargs: Any) -> models.QuerySet:
        if not self._user_in_groups(user):
            return TaskState.objects.none()
        return self.task_states.filter(status=TaskState.STATUS_IN_PROGRESS)

    @classmethod
    def get_description(cls) -> Any:
        return _(
            "Members of the chosen groups decide, with a comment, on checklists they did not write"
        )
