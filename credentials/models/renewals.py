"""What a holder sends to have a credential renewed: activities with their certificates, what registrars decided on each, and every step."""

import uuid as uuids
from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Role, User
from credentials.models.applications import private_storage
from credentials.models.register import Credential, StatusEvent
from ledger.models import AppendOnly, AppendOnlyQuerySet


class RenewalRequestQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> "RenewalRequestQuerySet":
        if user.has_role(Role.REGISTRAR):
            return self
        return self.filter(credential__holder=user)

    def open(self) -> "RenewalRequestQuerySet":
        return self.filter(closed_at=None)

    def waiting(self) -> "RenewalRequestQuerySet":
        """With the register: sent, and not yet returned or renewed."""
        return self.filter(closed_at=None, sent_at__isnull=False)


class RenewalRequest(models.Model):
    """One renewal as its holder prepares it. Kept for ever; it is the holder's until it is sent, and again when it is returned."""

    uuid = models.UUIDField(default=uuids.uuid4, unique=True, editable=False)
    credential = models.ForeignKey(Credential, models.PROTECT, related_name="renewal_requests")
    first_day = models.DateField(help_text="of the cycle its hours fall into")
    last_day = models.DateField(help_text="of the cycle: the last valid day it renews from")
    begun_at = models.DateTimeField()
    sent_at = models.DateTimeField(
        null=True, blank=True, help_text="empty while it is with the holder"
    )
    event = models.OneToOneField(
        StatusEvent, models.PROTECT, related_name="renewal_request", null=True, blank=True
    )
    closed_at = models.DateTimeField(null=True, blank=True)

    objects = RenewalRequestQuerySet.as_manager()

    class Meta:
        ordering = ["-begun_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["credential"],
                condition=Q(closed_at__isnull=True),
                name="one_open_renewal_per_credential",
            ),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True, event__isnull=True)
                | Q(closed_at__isnull=False, event__isnull=False),
                name="a_renewal_is_closed_by_its_event",
            ),
            models.CheckConstraint(
                condition=Q(last_day__gt=F("first_day")), name="a_cycle_ends_after_it_began"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.credential.number}, {self.first_day} – {self.last_day}"

    @property
    def chain(self) -> str:
        return f"renewal:{self.uuid}"


class RenewalStep(AppendOnly):
    """What happened to a renewal. `content` says what was sent, or what the renewal rested on: rows by uuid and hash."""

    class Kind(models.TextChoices):
        BEGUN = "begun", _("Begun")
        SENT = "sent", _("Sent")
        RETURNED = "returned", _("Returned to the holder")
        RENEWED = "renewed", _("Renewed")

    HASHED = ("request", "kind", "reason_code", "reason_text", "content", "event", "by")
    SALTED = ("note",)

    request = models.ForeignKey(RenewalRequest, models.PROTECT, related_name="steps")
    kind = models.CharField(max_length=10, choices=Kind)
    reason_code = models.CharField(max_length=10, blank=True)
    reason_text = models.CharField(max_length=250, blank=True)
    note = models.TextField(blank=True)
    content = models.JSONField(default=dict)
    event = models.ForeignKey(StatusEvent, models.PROTECT, related_name="+", null=True)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")

    class Meta(AppendOnly.Meta):
        pass


class LearningQuerySet(AppendOnlyQuerySet):
    def visible_to(self, user: User) -> "LearningQuerySet":
        if user.has_role(Role.REGISTRAR):
            return self
        return self.filter(request__credential__holder=user)


def learning_path(learning: "Learning", filename: str) -> str:
    """Where a certificate is kept in private storage: nothing of the given name is used."""
    return f"documents/{learning.uuid}"


class Learning(AppendOnly):
    """One activity of continuing education, as its holder says it was, with its certificate. Replaced by a new row, never changed."""

    HASHED = ("request", "first_day", "last_day", "hours", "category", "sha256", "replaces")
    SALTED = ("title", "provider", "statement")

    request = models.ForeignKey(RenewalRequest, models.PROTECT, related_name="learning")
    title = models.CharField(_("title"), max_length=150)
    provider = models.CharField(_("who gave it"), max_length=150)
    first_day = models.DateField()
    last_day = models.DateField()
    hours = models.DecimalField(_("hours"), max_digits=5, decimal_places=1)
    category = models.CharField(_("category"), max_length=40, help_text="code of the rules")
    statement = models.TextField(_("in your words"), blank=True)
    file = models.FileField(storage=private_storage, upload_to=learning_path)
    original_name = models.CharField(max_length=200, blank=True)
    content_type = models.CharField(max_length=100)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64, db_index=True)
    replaces = models.OneToOneField(
        "self", models.PROTECT, related_name="replaced_by", null=True, blank=True
    )

    objects: ClassVar[Any] = LearningQuerySet.as_manager()

    class Meta(AppendOnly.Meta):
        constraints = [
            *AppendOnly.Meta.constraints,
            models.CheckConstraint(condition=Q(hours__gt=0), name="an_activity_has_hours"),
            models.CheckConstraint(
                condition=Q(last_day__gte=F("first_day")),
                name="an_activity_ends_on_or_after_its_first_day",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class LearningReview(AppendOnly):
    """What was decided on an activity; the newest is its state. A holder's taking out is one as well, so that nothing is deleted."""

    class Outcome(models.TextChoices):
        ACCEPTED = "accepted", _("Accepted")
        MORE_INFORMATION = "more_information", _("More information")
        NOT_ACCEPTED = "not_accepted", _("Not accepted")
        WITHDRAWN = "withdrawn", _("Taken out")

    HASHED = ("learning", "outcome", "reason_code", "reason_text", "by")
    SALTED = ("note",)

    learning = models.ForeignKey(Learning, models.PROTECT, related_name="reviews")
    outcome = models.CharField(max_length=20, choices=Outcome)
    reason_code = models.CharField(max_length=10, blank=True)
    reason_text = models.CharField(max_length=250, blank=True)
    note = models.TextField(blank=True)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")

    class Meta(AppendOnly.Meta):
        pass
