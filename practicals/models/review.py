"""The review a checklist passes before it is published."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.models import AbstractGroupApprovalTask, TaskState

from accounts.models import User
from practicals.models.checklists import Checklist


class ChecklistReviewTask(AbstractGroupApprovalTask):
    """The review of a checklist, by a group. Nobody decides on what they wrote themselves (R2), and every decision carries a comment."""

    class Meta:
        verbose_name = _("Checklist review task")
        verbose_name_plural = _("Checklist review tasks")

    def locked_for_user(self, obj: Checklist, user: User) -> bool:
        return not self._user_in_groups(user)

    def get_actions(self, obj: Checklist, user: User) -> list[tuple[str, Any, bool]]:
        if not self._user_in_groups(user) or obj.is_written_by(user):
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
