"""What a credential is: the editions of a scheme, what they require, and the reasons their decisions name."""

import uuid as uuids

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from ledger.models import AppendOnly


class CredentialType(models.Model):
    """One edition of a scheme, for example SMT 2026.1. Immutable once in force; everything pins its edition."""

    class Award(models.TextChoices):
        AUTOMATIC = "automatic", _("Issued when the last requirement is met")
        BY_DECISION = "by_decision", _("Issued by a registrar's decision")

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        OPEN = "open", _("In force, open to applications")
        CLOSED = "closed", _("Closed to new applications")

    uuid = models.UUIDField(default=uuids.uuid4, unique=True, editable=False)
    code = models.SlugField(_("code"), max_length=20, help_text=_("SMT"))
    edition = models.CharField(_("edition"), max_length=20)
    title = models.CharField(_("title"), max_length=150)
    issuer_name = models.CharField(_("issued by"), max_length=150)
    description = models.TextField(_("description"))
    criteria = models.TextField(_("how it is earned"))
    scope = models.TextField(_("scope"))
    limits = models.TextField(_("limits"))
    code_of_conduct = models.JSONField(
        _("code of conduct"), default=list, help_text=_("numbered sentences")
    )
    zone = models.CharField(_("time zone its days end in"), max_length=50, default="Europe/London")
    validity_years = models.PositiveSmallIntegerField(_("valid for, years"), default=2)
    pass_rules = models.JSONField(
        _("pass rules"), default=list, blank=True, help_text=_("numbered sentences")
    )
    renewal = models.JSONField(
        _("renewal"),
        default=dict,
        blank=True,
        help_text=_("hours, categories, documents … a holder shows in a cycle"),
    )
    late_months = models.PositiveSmallIntegerField(
        _("late renewal, months"),
        default=0,
        help_text=_("after the last valid day a renewal is still taken for so long"),
    )
    number_prefix = models.SlugField(_("number prefix"), max_length=6)
    award = models.CharField(_("award"), max_length=20, choices=Award, default=Award.AUTOMATIC)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.DRAFT)

    class Meta:
        ordering = ["code", "-edition"]
        constraints = [
            models.UniqueConstraint(
                fields=["code", "edition"], name="one_row_per_code_and_edition"
            ),
            models.UniqueConstraint(
                fields=["code"], condition=Q(state="open"), name="at_most_one_open_edition_per_code"
            ),
            models.CheckConstraint(
                condition=Q(validity_years__gte=1),
                name="a_credential_is_valid_for_a_year_or_more",
                violation_error_message=_("A credential is valid for at least one year."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title}, edition {self.edition}"


class EditionEvent(AppendOnly):
    """An edition was put in force, or closed to applications: with all it said then, so that no later edit goes unseen."""

    class Kind(models.TextChoices):
        OPENED = "opened", _("Put in force")
        CLOSED = "closed", _("Closed to applications")

    HASHED = ("credential_type", "kind", "content", "by")

    credential_type = models.ForeignKey(CredentialType, models.PROTECT, related_name="events")
    kind = models.CharField(max_length=10, choices=Kind)
    content = models.JSONField(help_text="the edition, its requirements and its reasons")
    by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True)

    class Meta(AppendOnly.Meta):
        pass

    def __str__(self) -> str:
        return f"{self.credential_type}: {self.get_kind_display()}"


class Requirement(models.Model):
    """One thing a person must show. What satisfies it is decided by whoever reports evidence for it."""

    class Kind(models.TextChoices):
        COURSE = "course", _("Course")
        ACTIVITY = "activity", _("Examination")
        DOCUMENT = "document", _("Document")
        HOURS = "hours", _("Hours")
        AGREEMENT = "agreement", _("Agreement")
        CREDENTIAL = "credential", _("Another credential")

    class Phase(models.TextChoices):
        AWARD = "award", _("To be awarded")
        RENEWAL = "renewal", _("To be renewed")

    credential_type = models.ForeignKey(CredentialType, models.PROTECT, related_name="requirements")
    code = models.SlugField(max_length=40)
    kind = models.CharField(max_length=20, choices=Kind)
    phase = models.CharField(max_length=10, choices=Phase, default=Phase.AWARD)
    title = models.CharField(max_length=150)
    help = models.TextField(blank=True, help_text=_("What to send or do, in the second person"))
    position = models.PositiveSmallIntegerField(default=0)
    accepts_document = models.BooleanField(
        default=False, help_text=_("A document may stand for it (equivalent education)")
    )
    allows_not_required = models.BooleanField(default=False)
    expires = models.BooleanField(default=False, help_text=_("Its documents have a last day"))
    parts = models.JSONField(
        default=list,
        blank=True,
        help_text=_("What equivalent education is compared with: code, title, hours"),
    )

    class Meta:
        ordering = ["credential_type", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["credential_type", "code"], name="one_requirement_per_type_and_code"
            )
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def short_title(self) -> str:
        """The title without what stands in brackets, where there is little room."""
        return self.title.split(" (")[0]

    @property
    def takes_documents(self) -> bool:
        return self.kind == self.Kind.DOCUMENT or self.accepts_document


class Reason(models.Model):
    """A reason code that a decision must name."""

    class Purpose(models.TextChoices):
        MET = "met", _("Met")
        NOT_MET = "not_met", _("Not met")
        MORE_INFORMATION = "more_information", _("More information")
        SUSPEND = "suspend", _("Suspension")
        REINSTATE = "reinstate", _("Reinstatement")
        REVOKE = "revoke", _("Revocation")
        RENEW = "renew", _("Renewal")
        RETURN = "return", _("Renewal returned to the holder")
        HOURS_ACCEPTED = "hours_accepted", _("Hours accepted")
        HOURS_UNCLEAR = "hours_unclear", _("More information on hours")
        HOURS_NOT_ACCEPTED = "hours_not_accepted", _("Hours not accepted")
        SURRENDER = "surrender", _("Surrender")
        DECEASE = "decease", _("Death of the holder")
        RESCOPE = "rescope", _("Change of scope")
        CORRECT = "correct", _("Correction")
        WITHDRAW = "withdraw", _("Withdrawal of a coming change")

    credential_type = models.ForeignKey(CredentialType, models.PROTECT, related_name="reasons")
    requirement = models.ForeignKey(
        Requirement, models.PROTECT, related_name="reasons", null=True, blank=True
    )
    purpose = models.CharField(max_length=20, choices=Purpose)
    code = models.CharField(max_length=10)
    text = models.CharField(max_length=250)

    class Meta:
        ordering = ["credential_type", "code"]
        constraints = [
            models.UniqueConstraint(
                fields=["credential_type", "code"], name="one_reason_per_type_and_code"
            )
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.text}"
