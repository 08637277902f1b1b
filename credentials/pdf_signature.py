"""The issuer's signature in a PDF: PAdES, P-256. Kept apart because pyHanko is slow to load and only the worker needs it."""

import io

from asn1crypto import keys as asn1_keys
from asn1crypto import x509 as asn1_x509
from cryptography.hazmat.primitives import serialization
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.writer import BasePdfFileWriter
from pyhanko.sign.fields import InvisSigSettings, SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, SimpleSigner
from pyhanko.sign.signers.constants import ESIC_EXTENSION_1
from pyhanko_certvalidator.registry import SimpleCertificateStore

from credentials.keys import PdfKey


class _Pdf17Signer(PdfSigner):
    """Stays at PDF 1.7 with the extension for PAdES, as PDF/A-2 asks; pyHanko would declare PDF 2.0 for a signature by P-256."""

    def register_extensions(self, pdf_out: BasePdfFileWriter, *, md_algorithm: str) -> None:
        pdf_out.register_extension(ESIC_EXTENSION_1)


def sign_pdf(content: bytes, key: PdfKey, *, issuer: str) -> bytes:
    """The same PDF with a signature over all of it, in the name of `issuer`."""
    certificate = asn1_x509.Certificate.load(
        key.certificate.public_bytes(serialization.Encoding.DER)
    )
    private = key.private.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    signer = SimpleSigner(
        signing_cert=certificate,
        signing_key=asn1_keys.PrivateKeyInfo.load(private),
        cert_registry=SimpleCertificateStore(),
    )
    about = PdfSignatureMetadata(
        field_name="Issuer", name=issuer, md_algorithm="sha256", subfilter=SigSeedSubFilter.PADES
    )
    # The field is outside the page, so that it needs no words of its own (PDF/UA-1 7.18.1).
    field = SigFieldSpec("Issuer", invis_sig_settings=InvisSigSettings(box_out_of_bounds=True))
    signed = _Pdf17Signer(about, signer=signer, new_field_spec=field).sign_pdf(
        IncrementalPdfFileWriter(io.BytesIO(content)), output=io.BytesIO()
    )
    result: bytes = signed.getvalue()
    return result
