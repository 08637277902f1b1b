"""The record of truth: what a credential requires, what somebody has shown, and what was issued.

A credential's status is never a column: it follows from its status events and the day (see validity.py).
"""

import uuid as uuids

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Role, User
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
        ]

    def __str__(self) -> str:
        return f"{self.title}, edition {self.edition}"


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


class DocumentReview(AppendOnly):
    """A registrar's decision on a document; the newest is its state."""

    class Outcome(models.TextChoices):
        MET = "met", _("Met")
        NOT_MET = "not_met", _("Not met")
        MORE_INFORMATION = "more_information", _("More information")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    HASHED = ("document", "outcome", "reason_code", "reason_text", "valid_until", "by")
    SALTED = ("note",)

    document = models.ForeignKey(Document, models.PROTECT, related_name="reviews")
    outcome = models.CharField(max_length=20, choices=Outcome)
    reason_code = models.CharField(max_length=10)
    reason_text = models.CharField(max_length=250)
    note = models.TextField(blank=True)
    valid_until = models.DateField(null=True, blank=True)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")

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
        max_length=20, help_text="course, quiz, practical, document, agreement"
    )
    reference = models.UUIDField()
    label = models.CharField(max_length=250)
    valid_until = models.DateField(null=True, blank=True)
    by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True)

    class Meta(AppendOnly.Meta):
        indexes = [models.Index(fields=["learner", "requirement"])]


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

    def __str__(self) -> str:
        return f"{self.hours} hours"


class SigningKey(models.Model):
    """A public key credentials are signed with. The private half lies in KEYS_DIR, never here."""

    class Purpose(models.TextChoices):
        CREDENTIALS = "credentials", _("Credentials and status lists (Ed25519)")
        PDF = "pdf", _("PDF signature (P-256)")

    purpose = models.CharField(max_length=20, choices=Purpose)
    public = models.CharField(
        max_length=200, unique=True, help_text="multibase (Ed25519) or SHA-256 of the certificate"
    )
    created_at = models.DateTimeField()
    retired_at = models.DateTimeField(
        null=True, blank=True, help_text="no longer signs; still verifies"
    )
    compromised_at = models.DateTimeField(null=True, blank=True, help_text="taken out of did.json")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["purpose"],
                condition=Q(retired_at__isnull=True),
                name="one_signing_key_at_a_time",
            )
        ]

    def __str__(self) -> str:
        return self.public


class StatusList(models.Model):
    """A Bitstring Status List of 131,072 places, and the signed credential it was last published as."""

    number = models.PositiveIntegerField(unique=True)
    size = models.PositiveIntegerField(default=131_072)
    body = models.TextField(blank=True, help_text="the signed list, as served")
    signed_at = models.DateTimeField(null=True, blank=True)
    digest = models.CharField(max_length=64, blank=True, help_text="of the bits it was signed over")

    def __str__(self) -> str:
        return f"/status/{self.number}"


class SignedDocument(AppendOnly):
    """One signed Open Badges 3.0 document: the bytes that are served for ever. Made once for each event in MAKES_DOCUMENT."""

    HASHED = (
        "credential",
        "event",
        "version",
        "sha256",
        "key",
        "status_index",
        "valid_from",
        "valid_until",
    )

    credential = models.ForeignKey(Credential, models.PROTECT, related_name="signed_documents")
    event = models.OneToOneField(StatusEvent, models.PROTECT, related_name="signed_document")
    version = models.PositiveSmallIntegerField()
    body = models.TextField()
    sha256 = models.CharField(max_length=64)
    key = models.ForeignKey(SigningKey, models.PROTECT, related_name="signed_documents")
    status_list = models.ForeignKey(StatusList, models.PROTECT, related_name="signed_documents")
    status_index = models.PositiveIntegerField()
    valid_from = models.DateTimeField()
    valid_until = models.DateTimeField()

    class Meta(AppendOnly.Meta):
        constraints = [
            *AppendOnly.Meta.constraints,
            models.UniqueConstraint(
                fields=["credential", "version"], name="one_document_per_version"
            ),
            models.UniqueConstraint(
                fields=["status_list", "status_index"], name="one_document_per_status_bit"
            ),
        ]

    @property
    def pdf_path(self) -> str:
        return f"certificates/{self.uuid}.pdf"

    @property
    def png_path(self) -> str:
        return f"certificates/{self.uuid}.png"

    @property
    def svg_path(self) -> str:
        """The certificate's picture for a page, gzipped."""
        return f"certificates/{self.uuid}.svgz"


class Rendering(models.Model):
    """The certificate (PDF, picture) and badge of a signed document lie in private storage."""

    document = models.OneToOneField(SignedDocument, models.PROTECT, related_name="rendering")
    rendered_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.document_id)


class Receipt(models.Model):
    """Somebody checked a credential and kept the answer. Holds nothing about who asked."""

    uuid = models.UUIDField(default=uuids.uuid4, unique=True, editable=False)
    number = models.CharField(max_length=40)
    asked_on = models.DateField(null=True)
    answer = models.JSONField()
    checked_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.number}, {self.checked_at:%Y-%m-%d %H:%M}"
