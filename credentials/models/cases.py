"""Appeals and concerns: who, about what, since when, by which day, whose it is, and how it ended. What panels do comes later."""

import uuid as uuids
from datetime import date

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Role, User
from credentials.models.applications import Application
from credentials.models.register import Credential
from ledger.models import AppendOnly


class CaseQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> "CaseQuerySet":
        """Registrars, but for a case that is about themselves."""
        if user.has_role(Role.REGISTRAR):
            return self.exclude(about_person=user)
        return self.none()

    def open(self) -> "CaseQuerySet":
        return self.filter(closed_at=None)


class Case(models.Model):
    """An appeal against a decision, or a concern about a holder, an examination or the register."""

    class Kind(models.TextChoices):
        APPEAL = "appeal", _("Appeal")
        CONCERN = "concern", _("Concern")

    class Outcome(models.TextChoices):
        UPHELD = "upheld", _("Upheld")
        PARTLY = "partly", _("Upheld in part")
        DISMISSED = "dismissed", _("Dismissed")
        WITHDRAWN = "withdrawn", _("Withdrawn by whoever raised it")

    uuid = models.UUIDField(default=uuids.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=10, choices=Kind)
    raised_by = models.CharField(_("who raised it"), max_length=150)
    about_person = models.ForeignKey(
        User, models.PROTECT, related_name="cases_about", null=True, blank=True
    )
    application = models.ForeignKey(
        Application, models.PROTECT, related_name="cases", null=True, blank=True
    )
    credential = models.ForeignKey(
        Credential, models.PROTECT, related_name="cases", null=True, blank=True
    )
    about = models.CharField(_("about what"), max_length=200)
    said = models.TextField(_("what is said"))
    received_on = models.DateField(_("received on"))
    due_on = models.DateField(_("to be decided by"))
    owner = models.ForeignKey(
        User, models.PROTECT, related_name="cases_owned", null=True, blank=True
    )
    outcome = models.CharField(max_length=10, choices=Outcome, blank=True)
    recorded_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    objects = CaseQuerySet.as_manager()

    class Meta:
        ordering = ["due_on", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True, outcome="")
                | (Q(closed_at__isnull=False, owner__isnull=False) & ~Q(outcome="")),
                name="a_closed_case_has_an_owner_and_an_outcome",
            ),
            models.CheckConstraint(
                condition=Q(owner__isnull=True)
                | Q(about_person__isnull=True)
                | ~Q(owner=models.F("about_person")),
                name="nobody_owns_a_case_about_themselves",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reference}, {self.about}"

    @property
    def reference(self) -> str:
        """What people quote: AC-2026-0003."""
        return f"AC-{self.recorded_at:%Y}-{self.pk:04d}"

    def late_on(self, day: date) -> bool:
        return self.closed_at is None and day > self.due_on


class CaseStep(AppendOnly):
    """What happened to a case, in order."""

    class Kind(models.TextChoices):
        RECORDED = "recorded", _("Recorded")
        GIVEN = "given", _("Given to an owner")
        NOTED = "noted", _("Note")
        CLOSED = "closed", _("Closed")

    HASHED = ("case", "kind", "owner", "outcome", "by")
    SALTED = ("note",)

    case = models.ForeignKey(Case, models.PROTECT, related_name="steps")
    kind = models.CharField(max_length=10, choices=Kind)
    owner = models.ForeignKey(User, models.PROTECT, related_name="+", null=True)
    outcome = models.CharField(max_length=10, choices=Case.Outcome, blank=True)
    note = models.TextField(blank=True)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")

    class Meta(AppendOnly.Meta):
        pass

    def __str__(self) -> str:
        return f"{self.case}: {self.get_kind_display()}"
