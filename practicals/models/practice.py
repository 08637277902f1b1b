"""Practice at the table: a student scores themselves, and is scored by fellow students, on a practice station. It certifies nothing.

What is written here is the student's own and may be deleted by them; nothing of it is written once, and nothing is reported anywhere.
"""

import uuid as uuids
from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from courses.models import Activity
from practicals.models.checklists import ChecklistVersion


class PracticeRunQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> "PracticeRunQuerySet":
        """One's own and nobody else's: a peer sees the sheet they write, never the run."""
        return self.filter(performer=user)


class PracticeRun(models.Model):
    """A student shows a practice station once. The sheets on it are their own and those of the peers they asked."""

    uuid = models.UUIDField(default=uuids.uuid4, unique=True, editable=False)
    performer = models.ForeignKey(User, models.CASCADE, related_name="practice_runs")
    activity = models.ForeignKey(Activity, models.PROTECT, related_name="practice_runs")
    version = models.ForeignKey(ChecklistVersion, models.PROTECT, related_name="practice_runs")
    begun_at = models.DateTimeField()
    code = models.CharField(max_length=8, blank=True, help_text="what a peer types to score")
    code_until = models.DateTimeField(null=True, blank=True)

    objects = PracticeRunQuerySet.as_manager()

    class Meta:
        ordering = ["-begun_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["code"], condition=~Q(code=""), name="a_practice_code_opens_one_run"
            ),
            models.CheckConstraint(
                condition=Q(code="") | Q(code_until__isnull=False),
                name="a_practice_code_ends",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.version.content['title']}, {date_format(self.begun_at, 'j F Y')}"

    def code_is_open(self, at: datetime) -> bool:
        return bool(self.code and self.code_until and at < self.code_until)


class PracticeSheetQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> "PracticeSheetQuerySet":
        """The sheets a person writes. Those others wrote on them reach them through their own run, once finished."""
        return self.filter(scorer=user)


class PracticeSheet(models.Model):
    """One person's sheet on a practice run: a draft that rises in `rev`, then finished."""

    uuid = models.UUIDField(default=uuids.uuid4, unique=True, editable=False)
    run = models.ForeignKey(PracticeRun, models.CASCADE, related_name="sheets")
    scorer = models.ForeignKey(User, models.CASCADE, related_name="practice_sheets")
    asked_at = models.DateTimeField()
    rev = models.PositiveIntegerField(default=0)
    draft = models.JSONField(default=dict)
    digest = models.CharField(max_length=64, blank=True)
    synced_at = models.DateTimeField(null=True, blank=True)
    final_at = models.DateTimeField(null=True, blank=True)

    objects = PracticeSheetQuerySet.as_manager()

    class Meta:
        ordering = ["run", "asked_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["run", "scorer"], name="one_practice_sheet_per_scorer")
        ]

    def __str__(self) -> str:
        return f"{self.run}, {_('scored by')} {self.scorer}"

    @property
    def is_final(self) -> bool:
        return self.final_at is not None
