"""What the rows of every bank have in common. All abstract: the tables are the apps' own."""

import uuid as uuids
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib.contenttypes.fields import GenericRelation
from django.db import models
from django.utils.translation import gettext_lazy as _
from modelcluster.models import ClusterableModel
from wagtail.models import (
    AbstractGroupApprovalTask,
    DraftStateMixin,
    LockableMixin,
    PreviewableMixin,
    RevisionMixin,
    TaskState,
    WorkflowMixin,
    WorkflowState,
)
from wagtail.search import index

from accounts.models import User
from courses.bank.lifecycle import DRAFT, RETIRED
from courses.bank.words import STEPS
from ledger.models import AppendOnly

if TYPE_CHECKING:
    from courses.bank.banks import Bank


class Entry(  # type: ignore[misc]
    WorkflowMixin,
    DraftStateMixin,
    LockableMixin,
    RevisionMixin,
    PreviewableMixin,
    index.Indexed,
    ClusterableModel,
):
    """Something as its author writes it. Publishing freezes it into a version; only versions are used.

    An entry adds its `code`, `pool`, `life` (with its bank's own words), `claims`, `review_by` and `author`; its versions and transitions
    are rows of their own.
    """

    code: Any
    pool: Any
    life: Any
    author_id: Any
    versions: Any
    transitions: Any
    get_life_display: Any

    uuid = models.UUIDField(default=uuids.uuid4, unique=True, editable=False)
    workflow_states = GenericRelation(
        "wagtailcore.WorkflowState",
        content_type_field="base_content_type",
        object_id_field="object_id",
        related_query_name="%(class)s",
        for_concrete_model=False,
    )
    revisions_relation = GenericRelation(
        "wagtailcore.Revision",
        content_type_field="base_content_type",
        object_id_field="object_id",
        related_query_name="%(class)s",
        for_concrete_model=False,
    )

    class Meta:
        abstract = True

    @property
    def revisions(self) -> Any:
        return self.revisions_relation

    @property
    def life_label(self) -> str:
        """Where it stands, from its own row alone."""
        if self.life in (DRAFT, RETIRED) or not self.has_unpublished_changes:
            return str(self.get_life_display())
        return str(_("%(life)s, with a draft") % {"life": self.get_life_display()})

    def is_written_by(self, user: User) -> bool:
        """Whether it, or any part of the draft that would be published, is this person's (R2)."""
        drafts = self.revisions.filter(user=user)
        if self.live_revision_id:
            drafts = drafts.filter(pk__gt=self.live_revision_id)
        return self.author_id == user.pk or drafts.exists()


class Transition(AppendOnly):
    """An entry went from one state of its life to another, or passed a review: who, why. One chain an entry.

    A bank adds the entry, its newest `version` then, and the states `before` and `after`.
    """

    SALTED = ("comment",)
    STEPS: ClassVar[Mapping[str, Any]] = STEPS

    step = models.CharField(
        max_length=60, help_text="submitted, the review that was passed or not, or the verb"
    )
    comment = models.TextField()
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    class Meta(AppendOnly.Meta):
        abstract = True

    @property
    def step_label(self) -> str:
        return str(self.STEPS.get(self.step, self.step))


class Reading(AppendOnly):
    """Somebody read a secure entry (R20), which a bank adds. `where`: list, edit, preview, … One chain holds what one person read on one day."""

    reader = models.ForeignKey(User, models.PROTECT, related_name="+")
    where = models.CharField(max_length=40)

    class Meta(AppendOnly.Meta):
        abstract = True


class ReviewTask(AbstractGroupApprovalTask):
    """A step of a review, by a group. Nobody decides on what they wrote themselves (R2), and every decision carries a comment."""

    class Step(models.TextChoices):
        CONTENT = "content", _("Content review")
        EDITORIAL = "editorial", _("Editorial and fairness review")
        EVIDENCE = "evidence", _("Evidence review")

    step = models.CharField(_("step"), max_length=10, choices=Step, default=Step.CONTENT)

    admin_form_fields = [*AbstractGroupApprovalTask.admin_form_fields, "step"]

    class Meta:
        abstract = True

    @property
    def bank(self) -> "Bank[Any]":
        """Whose review it is a step of."""
        raise NotImplementedError

    def start(self, workflow_state: WorkflowState, user: User | None = None) -> TaskState:
        """Begin this step; an evidence review with nothing to review passes itself over."""
        from courses.bank.review import pass_over

        state = super().start(workflow_state, user=user)
        if self.step == self.Step.EVIDENCE:
            pass_over(self.bank, state=state)
        return state

    def on_action(self, task_state: TaskState, user: User, action_name: str, **kwargs: Any) -> None:
        from django.utils import timezone

        from courses.bank.review import decide

        decide(
            self.bank,
            state=task_state,
            approve=action_name == "approve",
            comment=kwargs.get("comment", ""),
            by=user,
            at=timezone.now(),
        )

    def user_can_access_editor(self, obj: Entry, user: User) -> bool:
        return obj.pool in self.bank.readable_pools(user)

    def locked_for_user(self, obj: Entry, user: User) -> bool:
        return not self._user_in_groups(user)

    def get_actions(self, obj: Entry, user: User) -> list[tuple[str, Any, bool]]:
        from courses.bank.review import bar_to_deciding

        if bar_to_deciding(self.bank, entry=obj, task=self, by=user):
            return []
        return [("reject", _("Request changes"), True), ("approve", _("Approve"), True)]

    def get_task_states_user_can_moderate(self, user: User, **kwargs: Any) -> models.QuerySet:
        if not self._user_in_groups(user):
            return TaskState.objects.none()
        return self.task_states.filter(status=TaskState.STATUS_IN_PROGRESS)
