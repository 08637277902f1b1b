"""A candidate on the way to their examination: the date they ask for, what they agree to, and that they were there."""

import uuid as uuids

from django.db import models
from django.db.models import Q
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from accounts.models import Role, User
from ledger.models import AppendOnly
from practicals.models.plans import ExamDay, ExamPlan
from practicals.models.visits import Appointment


class DateRequestQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> "DateRequestQuerySet":
        """A candidate's own; for registrars, all."""
        return self if user.has_role(Role.REGISTRAR) else self.filter(candidate=user)

    def open(self) -> "DateRequestQuerySet":
        return self.filter(closed_at=None)


class DateRequest(models.Model):
    """A candidate asks for a date: some of the days that are open, or, in words, when they can come. An offer answers it."""

    uuid = models.UUIDField(default=uuids.uuid4, unique=True, editable=False)
    plan = models.ForeignKey(ExamPlan, models.PROTECT, related_name="date_requests")
    candidate = models.ForeignKey(User, models.PROTECT, related_name="date_requests")
    days = models.ManyToManyField(ExamDay, related_name="date_requests", blank=True)
    words = models.CharField(max_length=500, blank=True, help_text="when else they can come")
    asked_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    appointment = models.ForeignKey(
        Appointment,
        models.PROTECT,
        related_name="date_requests",
        null=True,
        blank=True,
        help_text="the offer that answered it; empty: withdrawn",
    )

    objects = DateRequestQuerySet.as_manager()

    class Meta:
        ordering = ["asked_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "candidate"],
                condition=Q(closed_at__isnull=True),
                name="one_open_request_per_candidate_and_plan",
            )
        ]

    def __str__(self) -> str:
        return f"{self.candidate}, {date_format(self.asked_at, 'j F Y')}"


class Agreement(AppendOnly):
    """What candidates of a plan agree to, word for word. A changed text is a new version; who agreed to an old one agreed to that."""

    HASHED = ("plan", "number", "text")

    plan = models.ForeignKey(ExamPlan, models.PROTECT, related_name="agreements")
    number = models.PositiveSmallIntegerField()
    text = models.TextField()

    class Meta(AppendOnly.Meta):
        constraints = [
            *AppendOnly.Meta.constraints,
            models.UniqueConstraint(
                fields=["plan", "number"], name="one_agreement_per_plan_and_number"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.plan}, agreement {self.number}"

    @property
    def paragraphs(self) -> list[str]:
        return [line.strip() for line in self.text.splitlines() if line.strip()]


class AgreementMade(AppendOnly):
    """A candidate agreed: signed in themselves, or before the registrar who wrote it down (`by`)."""

    HASHED = ("appointment", "agreement", "by")
    SALTED = ("name",)

    appointment = models.ForeignKey(Appointment, models.PROTECT, related_name="agreements_made")
    agreement = models.ForeignKey(Agreement, models.PROTECT, related_name="made")
    name = models.CharField(max_length=150, help_text="as the candidate wrote it")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")

    class Meta(AppendOnly.Meta):
        constraints = [
            *AppendOnly.Meta.constraints,
            models.UniqueConstraint(fields=["appointment"], name="a_candidate_agrees_once"),
        ]


class CheckIn(AppendOnly):
    """A registrar saw who came and by which document, never its number."""

    class Identity(models.TextChoices):
        PASSPORT = "passport", _("Passport")
        CARD = "card", _("Identity card")
        LICENCE = "licence", _("Driving licence")
        PERMIT = "permit", _("Residence permit")
        OTHER = "other", _("Another document with a photo")

    HASHED = ("appointment", "identity", "agreed", "by")
    SALTED = ("words",)

    appointment = models.ForeignKey(Appointment, models.PROTECT, related_name="check_ins")
    identity = models.CharField(_("document seen"), max_length=10, choices=Identity)
    words = models.CharField(max_length=100, blank=True, help_text="which, if another document")
    agreed = models.ForeignKey(AgreementMade, models.PROTECT, related_name="check_ins")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")

    class Meta(AppendOnly.Meta):
        constraints = [
            *AppendOnly.Meta.constraints,
            models.UniqueConstraint(fields=["appointment"], name="a_candidate_checks_in_once"),
        ]
