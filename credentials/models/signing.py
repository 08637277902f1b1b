"""What is signed and served: keys, status lists, documents and their renderings."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from credentials.models.register import Credential, StatusEvent
from ledger.models import AppendOnly


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
    compromised_at = models.DateTimeField(
        null=True, blank=True, help_text="others may have had it since then: out of did.json"
    )

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
    with_results = models.BooleanField(
        default=False, help_text="says which examinations were passed, with the holder's consent"
    )
    with_scores = models.BooleanField(
        default=False, help_text="says with which scores, with the holder's consent"
    )
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
    key = models.ForeignKey(
        SigningKey, models.PROTECT, related_name="+", null=True, help_text="that signed the PDF"
    )
    rendered_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.document_id)


class IssuedFile(models.Model):
    """A file that was handed out once, by its digest: what somebody brings back is compared with it, byte for byte."""

    class Form(models.TextChoices):
        PDF = "pdf", _("Certificate, PDF")
        PNG = "png", _("Badge, PNG")

    document = models.ForeignKey(SignedDocument, models.PROTECT, related_name="files")
    form = models.CharField(max_length=3, choices=Form)
    sha256 = models.CharField(max_length=64, db_index=True)
    key = models.ForeignKey(
        SigningKey, models.PROTECT, related_name="+", null=True, help_text="that signed a PDF"
    )
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["document", "sha256"], name="an_issued_file_is_noted_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_form_display()} of {self.document_id}"
