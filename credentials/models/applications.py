"""What somebody asks for and has shown: applications, documents, the decisions on them, and evidence."""

import uuid as uuids

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Role, User
from credentials.models.schemes import CredentialType, Requirement
from ledger.models import AppendOnly, salted_digest


class ApplicationQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> "ApplicationQuerySet":
        if user.has_role(Role.REGISTRAR):
            return self
        return self.filter(applicant=user)


class Application(models.Model):
    """A person asks for a credential. Kept for ever; its state follows from the evidence."""

    uuid = models.UUIDField(default=uuids.uuid4, unique=True, editable=False)
    applicant = models.ForeignKey(User, models.PROTECT, related_name="applications")
    credential_type = models.ForeignKey(CredentialType, models.PROTECT, related_name="applications")
    name_on_id = models.CharField(_("name as on your identity document"), max_length=150)
    listed = models.BooleanField(_("may be listed in the public register"), default=False)
    accommodations = models.TextField(_("adjustments asked for"), blank=True)
    agreed_at = models.DateTimeField(_("code of conduct signed"))
    submitted_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True, help_text=_("withdrawn or decided"))

    objects = ApplicationQuerySet.as_manager()

    class Meta:
        ordering = ["-submitted_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["applicant", "credential_type"],
                condition=Q(closed_at__isnull=True),
                name="one_open_application_per_person_and_type",
            )
        ]

    def __str__(self) -> str:
        return f"{self.reference}, {self.name_on_id}"

    @property
    def reference(self) -> str:
        """What people quote: AP-2026-0042."""
        return f"AP-{self.submitted_at:%Y}-{self.pk:04d}"


class DocumentQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> "DocumentQuerySet":
        if user.has_role(Role.REGISTRAR):
            return self
        return self.filter(application__applicant=user)

    def waiting(self) -> "DocumentQuerySet":
        """Documents nobody has decided on yet, the newest per application and requirement only."""
        newer = Document.objects.filter(
            application=models.OuterRef("application"),
            requirement=models.OuterRef("requirement"),
            pk__gt=models.OuterRef("pk"),
        )
        return self.filter(~models.Exists(newer), reviews=None)


def document_path(document: "Document", filename: str) -> str:
    """Where an upload is kept in private storage: nothing of the given name is used."""
    return f"documents/{document.uuid}"


def private_storage():
    from django.core.files.storage import storages

    return storages["private"]


class Document(models.Model):
    """One upload for one requirement (or a statement that it is not required where the person practises)."""

    uuid = models.UUIDField(default=uuids.uuid4, unique=True, editable=False)
    application = models.ForeignKey(Application, models.PROTECT, related_name="documents")
    requirement = models.ForeignKey(Requirement, models.PROTECT, related_name="documents")
    file = models.FileField(storage=private_storage, upload_to=document_path, blank=True)
    original_name = models.CharField(max_length=200, blank=True)
    content_type = models.CharField(max_length=100, blank=True)
    size = models.PositiveIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True)
    not_required = models.BooleanField(_("not required where I practise"), default=False)
    statement = models.TextField(_("in your words"), blank=True)
    number = models.CharField(_("number on the document"), max_length=80, blank=True)
    valid_until = models.DateField(_("valid until"), null=True, blank=True)
    parts = models.JSONField(
        default=dict,
        blank=True,
        help_text="by code of a part: the hours claimed, and where it stands",
    )
    uploaded_at = models.DateTimeField()

    objects = DocumentQuerySet.as_manager()

    class Meta:
        ordering = ["-uploaded_at"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(file="") | Q(not_required=True),
                name="a_document_is_a_file_or_a_statement",
            )
        ]

    def __str__(self) -> str:
        return f"{self.requirement}, {self.application.name_on_id}"

    def digest(self, salt: str) -> str:
        """SHA-256 of the salt and all this row states: kept with a decision on it, so that an edit of the row is found."""
        said = {
            "uuid": self.uuid,
            "application": self.application,
            "requirement": self.requirement,
            "sha256": self.sha256,
            "not_required": self.not_required,
            "statement": self.statement,
            "number": self.number,
            "valid_until": self.valid_until,
            "uploaded_at": self.uploaded_at,
        }
        if self.parts:  # rows from before there were parts keep their digest
            said["parts"] = self.parts
        return salted_digest(salt, said)


class DocumentReview(AppendOnly):
    """A registrar's decision on a document; the newest is its state."""

    class Outcome(models.TextChoices):
        MET = "met", _("Met")
        NOT_MET = "not_met", _("Not met")
        MORE_INFORMATION = "more_information", _("More information")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    HASHED = (
        "document",
        "outcome",
        "reason_code",
        "reason_text",
        "valid_until",
        "by",
        "seen",
        "parts",
    )
    SALTED = ("note",)
    LATER = frozenset({"seen", "parts"})

    document = models.ForeignKey(Document, models.PROTECT, related_name="reviews")
    outcome = models.CharField(max_length=20, choices=Outcome)
    reason_code = models.CharField(max_length=10)
    reason_text = models.CharField(max_length=250)
    note = models.TextField(blank=True)
    valid_until = models.DateField(null=True, blank=True)
    parts = models.JSONField(
        default=dict, blank=True, help_text="by code of a part: met or not, and the hours counted"
    )
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    seen = models.CharField(
        max_length=64, blank=True, help_text="salted digest of the document that was decided on"
    )

    class Meta(AppendOnly.Meta):
        pass


class Evidence(AppendOnly):
    """One fact that counts to one requirement of one person, or (`counts=False`) no longer does. `reference` is the uuid of its source.

    For a requirement, the newest row of each reference is what holds; the requirement is met while any of those counts and has not expired.
    """

    HASHED = ("learner", "requirement_code", "counts", "source", "reference", "valid_until", "by")
    SALTED = ("label",)

    learner = models.ForeignKey(User, models.PROTECT, related_name="evidence")
    requirement = models.ForeignKey(Requirement, models.PROTECT, related_name="evidence")
    requirement_code = models.CharField(max_length=80, help_text="SMT 2026.1 written")
    counts = models.BooleanField(default=True)
    source = models.CharField(
        max_length=20, help_text="course, quiz, practical, document, agreement, exception"
    )
    reference = models.UUIDField()
    label = models.CharField(max_length=250)
    valid_until = models.DateField(null=True, blank=True)
    by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True)

    class Meta(AppendOnly.Meta):
        indexes = [
            models.Index(fields=["learner", "requirement"]),
            models.Index(fields=["valid_until"], name="evidence_by_last_day"),
        ]
