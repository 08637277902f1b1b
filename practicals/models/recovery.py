"""Opening a day on a tablet whose passphrase was forgotten: a key of the day, and each request for it."""

import uuid as uuids
from datetime import datetime, timedelta

from django.db import models
from django.db.models import Q

from accounts.models import Role, User
from practicals.models.plans import ExamDay
from practicals.sealing import SealedTextField

TAKE_WITHIN = timedelta(hours=1)


class DayKey(models.Model):
    """The pair whose public half every tablet of a day seals its data key with. The private half is sealed here and leaves the server never."""

    exam_day = models.OneToOneField(ExamDay, models.PROTECT, related_name="recovery_key")
    public = models.TextField(help_text="SPKI, base64")
    private = SealedTextField(help_text="PKCS #8, PEM")
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.exam_day)


class OpeningQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> "OpeningQuerySet":
        """Registrars and chief examiners act on all; an examiner has their own."""
        if user.has_role(Role.REGISTRAR, Role.CHIEF_EXAMINER):
            return self
        return self.filter(examiner=user)

    def waiting(self, at: datetime) -> "OpeningQuerySet":
        """Not allowed yet, or so long ago that the tablet may not take its key any more."""
        late = Q(allowed_at__lt=at - TAKE_WITHIN)
        return self.filter(Q(allowed_at=None) | late, taken_at=None)


class Opening(models.Model):
    """An examiner asks for the day on one tablet to be opened; somebody else allows it, and the tablet takes its data key once."""

    uuid = models.UUIDField(default=uuids.uuid4, unique=True, editable=False)
    exam_day = models.ForeignKey(ExamDay, models.PROTECT, related_name="openings")
    examiner = models.ForeignKey(User, models.PROTECT, related_name="+")
    vault = models.UUIDField(help_text="as the tablet names what lies on it")
    device = models.CharField(max_length=64, blank=True)
    wrapped = models.TextField(help_text="the data key under the key of the day, base64")
    asked_at = models.DateTimeField()
    allowed_at = models.DateTimeField(null=True, blank=True)
    allowed_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    reason = models.TextField(blank=True)
    taken_at = models.DateTimeField(null=True, blank=True)

    objects = OpeningQuerySet.as_manager()

    class Meta:
        ordering = ["asked_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["examiner", "vault"],
                condition=Q(taken_at=None),
                name="one_open_request_for_each_tablet",
            ),
            models.CheckConstraint(
                condition=Q(allowed_at=None, allowed_by=None)
                | Q(allowed_at__isnull=False, allowed_by__isnull=False),
                name="an_opening_is_allowed_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(allowed_by=None) | ~Q(allowed_by=models.F("examiner")),
                name="nobody_allows_their_own_opening",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.examiner}, {self.code}"

    @property
    def code(self) -> str:
        """What the tablet shows and who allows it compares."""
        return str(self.vault)[:6].upper()
