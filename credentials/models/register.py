"""What was issued to whom, what happened to it, and who was told so.

A credential's status is never a column: it follows from its status events and the day (see validity.py).
"""

import uuid as uuids

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Role, User
from credentials.models.applications import Application
from credentials.models.schemes import CredentialType
from ledger.models import AppendOnly


class CredentialQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> "CredentialQuerySet":
        if user.has_role(Role.REGISTRAR):
            return self
        return self.filter(holder=user)

    def listed(self) -> "CredentialQuerySet":
        """What the public register may show by name."""
        return self.filter(listed=True)

    def named_like(self, folded: str) -> "CredentialQuerySet":
        """Holders in whose name every word of `folded` begins a word."""
        found = self
        for word in folded.split()[:6]:
            found = found.filter(Q(name_key__startswith=word) | Q(name_key__contains=f" {word}"))
        return found


class Credential(models.Model):
    """What was issued to whom. The statement is kept as issued; nothing here ever says "active"."""

    public_id = models.UUIDField(default=uuids.uuid4, unique=True, editable=False)
    number = models.CharField(max_length=30, unique=True)
    holder = models.ForeignKey(User, models.PROTECT, related_name="credentials")
    credential_type = models.ForeignKey(CredentialType, models.PROTECT, related_name="credentials")
    application = models.OneToOneField(Application, models.PROTECT, related_name="credential")
    name = models.CharField(_("holder's name as issued"), max_length=150)
    name_key = models.CharField(max_length=150, db_index=True, help_text="folded for search")
    statement = models.JSONField(help_text="title, issuer, edition, scope, limits … as issued")
    subject_id = models.UUIDField(default=uuids.uuid4, editable=False)
    issued_at = models.DateTimeField()
    valid_from = models.DateField()
    valid_until = models.DateField(help_text="last valid day, in the edition's time zone")
    listed = models.BooleanField(default=False)
    share_results = models.BooleanField(default=False)

    objects = CredentialQuerySet.as_manager()

    class Meta:
        ordering = ["-issued_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_until__gt=models.F("valid_from")),
                name="a_credential_ends_after_it_began",
            )
        ]

    def __str__(self) -> str:
        return f"{self.number}, {self.name}"

    @property
    def chain(self) -> str:
        return f"credential:{self.public_id}"


class StatusEvent(AppendOnly):
    """Something happened to a credential: recorded `at`, in force from `effective_at`."""

    class Kind(models.TextChoices):
        ISSUED = "issued", _("Issued")
        SUSPENDED = "suspended", _("Suspended")
        REINSTATED = "reinstated", _("Reinstated")
        RENEWED = "renewed", _("Renewed")
        SCOPE_CHANGED = "scope_changed", _("Scope changed")
        CORRECTED = "corrected", _("Corrected")
        REVOKED = "revoked", _("Revoked")
        SURRENDERED = "surrendered", _("Surrendered")
        DECEASED = "deceased", _("Holder deceased")

    # Each of these is followed by a newly signed document, and by nothing else.
    MAKES_DOCUMENT = (
        Kind.ISSUED,
        Kind.REINSTATED,
        Kind.RENEWED,
        Kind.SCOPE_CHANGED,
        Kind.CORRECTED,
    )
    # Each of these sets the revocation bit of every document signed before it, for ever.
    ENDS_DOCUMENTS = (
        Kind.SUSPENDED,
        Kind.REVOKED,
        Kind.SURRENDERED,
        Kind.DECEASED,
        Kind.SCOPE_CHANGED,
        Kind.CORRECTED,
    )

    HASHED = (
        "credential",
        "kind",
        "effective_at",
        "reason_code",
        "reason_text",
        "valid_until",
        "by",
    )
    SALTED = ("note",)

    credential = models.ForeignKey(Credential, models.PROTECT, related_name="events")
    kind = models.CharField(max_length=20, choices=Kind)
    effective_at = models.DateTimeField()
    reason_code = models.CharField(max_length=10, blank=True)
    reason_text = models.CharField(max_length=250, blank=True)
    note = models.TextField(blank=True, help_text="private")
    valid_until = models.DateField(
        null=True, blank=True, help_text="the new last day, of ISSUED and RENEWED"
    )
    by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True)

    class Meta(AppendOnly.Meta):
        constraints = [
            *AppendOnly.Meta.constraints,
            models.UniqueConstraint(
                fields=["credential"],
                condition=Q(kind="issued"),
                name="a_credential_is_issued_once",
            ),
            models.UniqueConstraint(
                fields=["credential"],
                condition=Q(kind="revoked"),
                name="a_credential_is_revoked_once",
            ),
        ]


class Renewal(models.Model):
    """The hours a renewal rested on."""

    event = models.OneToOneField(StatusEvent, models.PROTECT, related_name="renewal")
    hours = models.DecimalField(max_digits=5, decimal_places=1)
    ethics_hours = models.DecimalField(max_digits=5, decimal_places=1, default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ethics_hours__gte=0, ethics_hours__lte=models.F("hours")),
                name="hours_in_ethics_are_part_of_all_hours",
            )
        ]

    def __str__(self) -> str:
        return f"{self.hours} hours"


class Receipt(models.Model):
    """Somebody checked a credential and kept the answer. Holds nothing about who asked."""

    uuid = models.UUIDField(default=uuids.uuid4, unique=True, editable=False)
    number = models.CharField(max_length=40)
    asked_on = models.DateField(null=True)
    answer = models.JSONField()
    checked_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.number}, {self.checked_at:%Y-%m-%d %H:%M}"
