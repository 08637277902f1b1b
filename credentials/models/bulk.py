"""One thing done to many: what was asked for, and how far it is. The rows are the progress, so that a killed worker's run goes on."""

import uuid as uuids

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Role, User


class BulkRunQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> "BulkRunQuerySet":
        return self if user.has_role(Role.REGISTRAR) else self.none()


class BulkRun(models.Model):
    """A registrar asked for the same on many matters; the worker does them one by one."""

    class Action(models.TextChoices):
        REMIND = "remind", _("Remind")
        AWARD = "award", _("Award")
        RENEW = "renew", _("Renew")

    uuid = models.UUIDField(default=uuids.uuid4, unique=True, editable=False)
    action = models.CharField(max_length=10, choices=Action)
    reason_code = models.CharField(max_length=10, blank=True)
    note = models.TextField(blank=True)
    by = models.ForeignKey(User, models.PROTECT, related_name="bulk_runs")
    asked_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = BulkRunQuerySet.as_manager()

    class Meta:
        ordering = ["-asked_at"]

    def __str__(self) -> str:
        return f"{self.get_action_display()}, {self.asked_at:%Y-%m-%d %H:%M}"


class BulkStep(models.Model):
    """One matter of a run. `key` names it as the queue does: "decision:<uuid>"."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        DONE = "done", _("Done")
        REFUSED = "refused", _("Refused")

    run = models.ForeignKey(BulkRun, models.CASCADE, related_name="steps")
    key = models.CharField(max_length=80)
    who = models.CharField(max_length=150)
    what = models.CharField(max_length=250)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    said = models.CharField(max_length=400, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["run", "key"], name="one_step_per_run_and_matter"),
            models.CheckConstraint(
                condition=Q(state="waiting", done_at__isnull=True)
                | (~Q(state="waiting") & Q(done_at__isnull=False)),
                name="a_step_that_was_taken_says_when",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key}: {self.state}"
