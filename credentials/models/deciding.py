"""What people decide on an application beside its documents: the certification decision, and exceptions from a requirement."""

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Role, User
from credentials.models.applications import Application
from credentials.models.schemes import Requirement
from ledger.models import AppendOnly, AppendOnlyQuerySet


class Decision(AppendOnly):
    """The certification decision: one act by one person, on what the record showed at that moment."""

    class Outcome(models.TextChoices):
        AWARDED = "awarded", _("Awarded")
        REFUSED = "refused", _("Refused")

    HASHED = ("application", "outcome", "findings", "by")
    SALTED = ("reason",)

    application = models.OneToOneField(Application, models.PROTECT, related_name="decision")
    outcome = models.CharField(max_length=10, choices=Outcome)
    findings = models.JSONField(
        help_text="each requirement as it stood: code, state, last day, evidence"
    )
    reason = models.TextField(blank=True, help_text="of a refusal; the applicant reads it")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")

    class Meta(AppendOnly.Meta):
        pass

    def __str__(self) -> str:
        return f"{self.application.reference}: {self.get_outcome_display()}"


class ExemptionQuerySet(AppendOnlyQuerySet):
    def visible_to(self, user: User) -> "ExemptionQuerySet":
        return self if user.has_role(Role.REGISTRAR) else self.none()

    def newest(self) -> "ExemptionQuerySet":
        """The step that holds for each exception that was ever asked for."""
        later = Exemption.objects.filter(
            chain=models.OuterRef("chain"), sequence__gt=models.OuterRef("sequence")
        )
        return self.filter(~models.Exists(later))

    def waiting(self) -> "ExemptionQuerySet":
        """Asked for, and still to be answered by the approver who was named."""
        return self.newest().filter(step=Exemption.Step.ASKED, application__closed_at=None)

    def between(self, first: datetime, last: datetime) -> "ExemptionQuerySet":
        return self.filter(at__gte=first, at__lt=last)


class Exemption(AppendOnly):
    """A step of an exception from one requirement for one applicant: one registrar asks, naming another, who alone approves or declines."""

    class Step(models.TextChoices):
        ASKED = "asked", _("Asked for")
        APPROVED = "approved", _("Approved")
        DECLINED = "declined", _("Declined")
        WITHDRAWN = "withdrawn", _("Taken back")

    class Ground(models.TextChoices):
        OTHERWISE = "otherwise", _("Shown in another way than the scheme names")
        OURS = "ours", _("A fault or delay of the register")
        HARDSHIP = "hardship", _("Illness, caring or another hardship")
        OTHER = "other", _("Another ground, said below")

    HASHED = ("application", "requirement", "step", "ground", "valid_until", "asked_by", "approver", "by")  # fmt: skip
    SALTED = ("reason", "note")

    application = models.ForeignKey(Application, models.PROTECT, related_name="exemptions")
    requirement = models.ForeignKey(Requirement, models.PROTECT, related_name="exemptions")
    step = models.CharField(max_length=10, choices=Step)
    ground = models.CharField(max_length=10, choices=Ground)
    reason = models.TextField(help_text="why the exception is asked for")
    note = models.TextField(blank=True, help_text="what was said to this step")
    valid_until = models.DateField(null=True, blank=True)
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    approver = models.ForeignKey(User, models.PROTECT, related_name="+")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")

    objects = ExemptionQuerySet.as_manager()  # type: ignore[misc]

    class Meta(AppendOnly.Meta):
        constraints = [
            *AppendOnly.Meta.constraints,
            models.CheckConstraint(
                condition=~Q(asked_by=models.F("approver")),
                name="an_exception_is_approved_by_another_person",
            ),
            models.CheckConstraint(
                condition=~Q(step="approved") | Q(by=models.F("approver")),
                name="an_exception_is_approved_by_whom_it_names",
            ),
        ]
        indexes = [models.Index(fields=["at"], name="exceptions_by_day")]

    def __str__(self) -> str:
        return f"{self.application.reference}, {self.requirement}: {self.get_step_display()}"
