"""Examiners' tablets: which downloaded a day, and what one sent that is no longer the sheet that counts."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Role, User
from ledger.models import AppendOnly, AppendOnlyQuerySet
from practicals.models.plans import ExamDay
from practicals.models.visits import Assignment


class DayDownload(AppendOnly):
    """An examiner took a day's assignments onto a device. It says who saw secure stations, and lets a late sheet be known as theirs."""

    HASHED = ("exam_day", "examiner", "device", "skew_ms", "assignments")

    exam_day = models.ForeignKey(ExamDay, models.PROTECT, related_name="downloads")
    examiner = models.ForeignKey(User, models.PROTECT, related_name="day_downloads")
    device = models.CharField(max_length=64, blank=True)
    skew_ms = models.BigIntegerField(
        null=True, blank=True, help_text="clock of the device minus that of the server"
    )
    assignments = models.JSONField(help_text="uuids of what was downloaded")

    class Meta(AppendOnly.Meta):
        pass


class StraySheetQuerySet(AppendOnlyQuerySet):
    def visible_to(self, user: User) -> "StraySheetQuerySet":
        """What one sent oneself. A chief examiner sees those of an appointment once there is a result, as they see its sheets."""
        own = models.Q(sent_by=user)
        if user.has_role(Role.CHIEF_EXAMINER):
            return self.filter(
                own | models.Q(assignment__appointment__results__isnull=False)
            ).distinct()
        return self.filter(own)


class StraySheet(AppendOnly):
    """What a device sent when another sheet counted already: kept beside it for a chief examiner, and never merged into it."""

    class Reason(models.TextChoices):
        REISSUED = "reissued", _("The assignment had been issued anew")
        OTHER_SHEET = "other_sheet", _("The assignment was scored on another device")
        OTHER_DEVICE = "other_device", _("The sheet was being written on another device")
        OTHER_VERSION = "other_version", _("It was scored on another version of the station")
        NOT_ASSIGNED = "not_assigned", _("The examiner was not assigned any more")
        ANNULLED = "annulled", _("The station had been annulled")

    HASHED = ("assignment", "sent_by", "sheet", "rev", "reason", "device", "digest")

    assignment = models.ForeignKey(Assignment, models.PROTECT, related_name="strays")
    sent_by = models.ForeignKey(User, models.PROTECT, related_name="stray_sheets")
    sheet = models.UUIDField(help_text="uuid the device gave its sheet")
    rev = models.PositiveIntegerField()
    reason = models.CharField(max_length=15, choices=Reason)
    device = models.CharField(max_length=64, blank=True)
    skew_ms = models.BigIntegerField(null=True, blank=True)
    content = models.JSONField(help_text="as it came")
    digest = models.CharField(max_length=64, help_text="SHA-256 of the content")

    objects = StraySheetQuerySet.as_manager()  # type: ignore[misc]

    class Meta(AppendOnly.Meta):
        constraints = [
            *AppendOnly.Meta.constraints,
            models.UniqueConstraint(
                fields=["assignment", "sheet", "digest"], name="one_stray_sheet_per_content"
            ),
        ]
