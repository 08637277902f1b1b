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
from ledger.models import AppendOnly, salted_digest


class CredentialQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> "CredentialQuerySet":
        if user.has_role(Role.REGISTRAR):
            return self
        return self.filter(holder=user)

    def listed(self) -> "CredentialQuerySet":
        """What the public register may show by name."""
        return self.filter(listed=True)


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
    share_scores = models.BooleanField(default=False)

    objects = CredentialQuerySet.as_manager()

    class Meta:
        ordering = ["-issued_at"]
        indexes = [models.Index(fields=["valid_until"], name="ends_of_credentials")]
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_until__gt=models.F("valid_from")),
                name="a_credential_ends_after_it_began",
            ),
            models.CheckConstraint(
                condition=Q(share_scores=False) | Q(share_results=True),
                name="scores_are_shared_with_the_examinations_they_are_of",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number}, {self.name}"

    @property
    def chain(self) -> str:
        return f"credential:{self.public_id}"

    def digest(self, salt: str) -> str:
        """SHA-256 of the salt and all this row states: kept with each event, so that an edit of the row is found."""
        said = {
            "public_id": self.public_id,
            "number": self.number,
            "holder": self.holder,
            "credential_type": self.credential_type,
            "application": self.application,
            "name": self.name,
            "statement": self.statement,
            "subject": self.subject_id,
            "issued_at": self.issued_at,
            "valid_from": self.valid_from,
            "valid_until": self.valid_until,
        }
        return salted_digest(salt, said)


class StatusEvent(AppendOnly):
    """Something happened to a credential: recorded `at`, in force from `effective_at`."""

    class Kind(models.TextChoices):
        ISSUED = "issued", _("Issued")
        SUSPENDED = "suspended", _("Suspended")
        REINSTATED = "reinstated", _("Reinstated")
        RENEWED = "renewed", _("Renewed")
        SCOPE_CHANGED = "scope_changed", _("Scope changed")
        CORRECTED = "corrected", _("Corrected")
        REISSUED = "reissued", _("Document signed anew")
        REVOKED = "revoked", _("Revoked")
        SURRENDERED = "surrendered", _("Surrendered")
        DECEASED = "deceased", _("Holder deceased")
        WITHDRAWN = "withdrawn", _("Coming change withdrawn")

    # Each of these is followed by a newly signed document, and by nothing else.
    MAKES_DOCUMENT = (
        Kind.ISSUED,
        Kind.REINSTATED,
        Kind.RENEWED,
        Kind.SCOPE_CHANGED,
        Kind.CORRECTED,
        Kind.REISSUED,
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
        "scope",
        "limits",
        "record",
        "proposed_by",
        "withdraws",
    )
    SALTED = ("note", "name")
    LATER = frozenset({"scope", "limits", "record", "proposed_by", "withdraws", "name"})

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
    proposed_by = models.ForeignKey(
        User, models.PROTECT, related_name="+", null=True, help_text="the first pair of eyes"
    )
    name = models.CharField(max_length=150, blank=True, help_text="the corrected name")
    scope = models.TextField(blank=True, help_text="the scope from then on")
    limits = models.TextField(blank=True, help_text="its limits from then on")
    withdraws = models.OneToOneField(
        "self",
        models.PROTECT,
        related_name="withdrawn_by",
        null=True,
        help_text="the event that was still to take effect and never does",
    )
    record = models.CharField(
        max_length=64,
        blank=True,
        help_text="salted digest of what the credential's own row said after this event",
    )

    class Meta(AppendOnly.Meta):
        indexes = [
            models.Index(
                fields=["credential"],
                condition=Q(
                    kind__in=[
                        "suspended",
                        "revoked",
                        "surrendered",
                        "deceased",
                        "scope_changed",
                        "corrected",
                    ]
                ),
                name="ends_of_documents",
            ),
            models.Index(
                fields=["effective_at"],
                condition=Q(kind="renewed"),
                name="renewals_by_effect",
            ),
        ]
        constraints = [
            *AppendOnly.Meta.constraints,
            models.CheckConstraint(
                condition=Q(proposed_by__isnull=True) | ~Q(proposed_by=models.F("by")),
                name="four_eyes_are_two_people",
            ),
            models.UniqueConstraint(
                fields=["credential"],
                condition=Q(kind="issued"),
                name="a_credential_is_issued_once",
            ),
        ]


class Proposal(AppendOnly):
    """A step of a revocation, which takes two registrars: one proposes, another puts it in force or declines. The newest step holds."""

    class Step(models.TextChoices):
        PROPOSED = "proposed", _("Proposed")
        APPROVED = "approved", _("Approved")
        DECLINED = "declined", _("Declined")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    HASHED = ("credential", "step", "reason_code", "reason_text", "effective_on", "by", "event")
    SALTED = ("note",)

    credential = models.ForeignKey(Credential, models.PROTECT, related_name="proposals")
    step = models.CharField(max_length=10, choices=Step)
    reason_code = models.CharField(max_length=10, blank=True)
    reason_text = models.CharField(max_length=250, blank=True)
    effective_on = models.DateField(null=True, help_text="null: from the moment of the approval")
    note = models.TextField(blank=True, help_text="private")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    event = models.OneToOneField(
        StatusEvent, models.PROTECT, related_name="proposal", null=True, help_text="of an approval"
    )

    class Meta(AppendOnly.Meta):
        constraints = [
            *AppendOnly.Meta.constraints,
            models.CheckConstraint(
                condition=Q(step="approved", event__isnull=False)
                | (~Q(step="approved") & Q(event__isnull=True)),
                name="an_approval_makes_an_event_and_nothing_else_does",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.credential}: {self.get_step_display()}"


class NameWord(models.Model):
    """A word of a holder's name as the register is searched by: folded, and as it sounds."""

    credential = models.ForeignKey(Credential, models.PROTECT, related_name="words")
    word = models.CharField(max_length=40)
    sound = models.CharField(max_length=12)

    class Meta:
        indexes = [
            models.Index(
                fields=["word", "credential"],
                name="words_of_names",
                opclasses=["varchar_pattern_ops", "int8_ops"],  # PostgreSQL: for LIKE 'be%'
            ),
            models.Index(fields=["sound", "word"], name="sounds_of_names"),
        ]

    def __str__(self) -> str:
        return self.word


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
    reference = models.CharField(
        max_length=20, unique=True, null=True, help_text="what people quote: VR-7K3Q-90TX"
    )
    number = models.CharField(max_length=40)
    asked_on = models.DateField(null=True)
    answer = models.JSONField()
    presented = models.JSONField(
        null=True, help_text="the document that was compared: its form, version and SHA-256"
    )
    checked_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.number}, {self.checked_at:%Y-%m-%d %H:%M}"
