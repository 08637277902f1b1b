import datetime as dt
import io
import re
import shutil
import subprocess

import pytest
from openbadgeslib.ob3.verifier import OB3Verifier
from PIL import Image
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from credentials import baking, certificate, issuing, keys
from credentials.models import Rendering, SignedDocument, SigningKey
from credentials.services import completion_pdf
from tests.credentials import qr
from tests.credentials.issued import change, days_ago, issued, now


@pytest.fixture
def document(vault) -> SignedDocument:
    credential = issued("Orla Brandreth")
    issuing.sign_credential(credential=credential, at=now())
    return credential.signed_documents.select_related("credential").get()


def pdf_key() -> keys.PdfKey:
    return keys.pdf_key(keys.current(SigningKey.Purpose.PDF))


@pytest.fixture
def pdf(document) -> bytes:
    return certificate.signed_pdf(document, key=pdf_key(), at=now())


def text_of(pdf: bytes) -> str:
    """What is read aloud, in order."""
    try:
        return subprocess.run(
            ["pdftotext", "-", "-"], input=pdf, capture_output=True, check=True
        ).stdout.decode()
    except FileNotFoundError:
        pytest.skip("pdftotext is not installed")


def test_it_says_who_what_and_where_to_check(document, pdf, settings):
    text = " ".join(text_of(pdf).split())
    credential = document.credential
    for said in (
        "Orla Brandreth",
        credential.number,
        "Sports Massage Therapist",
        "Tarn Register of Hands-on Therapy",
        "Not a licence to practise.",
        "The register, not this sheet, says whether it is valid today.",
        certificate.day(credential.valid_from),
        certificate.day(credential.valid_until),
    ):
        assert said in text


def test_it_says_whose_property_it_is_and_when_it_is_not_used(pdf):
    text = " ".join(text_of(pdf).split())
    assert "remains the property of Tarn Register of Hands-on Therapy." in text
    assert "It is not used while the credential is suspended, or after it has ended." in text
    assert "version" not in text


def drawn(pdf: bytes, *, resolution: int = 200) -> Image.Image:
    """The page as a picture."""
    tool = shutil.which("pdftoppm")
    if tool is None:
        pytest.skip("pdftoppm is not installed")
    asked = [tool, "-png", "-r", str(resolution), "-"]
    made = subprocess.run(asked, input=pdf, capture_output=True, check=True).stdout
    return Image.open(io.BytesIO(made))


def test_its_code_is_read_from_the_page_and_leads_to_the_register(document, pdf):
    page = drawn(pdf)
    a_millimetre = page.width / 297
    corner = page.crop(tuple(int(place * a_millimetre) for place in (238, 148, 269, 179)))
    assert qr.read(corner) == certificate.verify_url(document.credential.number)


def test_its_frame_stays_clear_of_the_longest_names(document):
    """Nothing is written across the frame: beside the names, between the two lines of the frame, the paper is white."""
    document.credential.name = LONG
    document.credential.statement["issuer"] = "Association of Hands-on and Sports Therapists " * 3
    page = drawn(certificate.signed_pdf(document, key=pdf_key(), at=now())).convert("L")
    a_millimetre = page.width / 297
    for left in (23.1, 273.3):
        strip = tuple(int(place * a_millimetre) for place in (left, 26, left + 0.4, 184))
        assert page.crop(strip).getextrema()[0] > 200


def test_it_is_tagged_titled_and_kept_for_decades(pdf):
    reader = PdfFileReader(io.BytesIO(pdf))
    root = reader.root
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "en-GB"
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    metadata = root["/Metadata"].data.decode()
    assert re.search(r'pdfaid:part(="|>)2', metadata) and re.search(
        r'pdfuaid:part(="|>)1', metadata
    )
    assert "Orla Brandreth" in metadata
    assert root["/StructTreeRoot"]
    assert pdf.startswith(b"%PDF-1.7") and "/Version" not in root


def alternatives(reader: PdfFileReader) -> list[str]:
    """The alternative texts of the structure tree."""

    def walk(node):
        if hasattr(node, "get_object"):
            node = node.get_object()
        if isinstance(node, list):
            return [alt for child in node for alt in walk(child)]
        if not isinstance(node, dict):
            return []
        own = [str(node["/Alt"])] if "/Alt" in node else []
        return own + (walk(node.raw_get("/K")) if "/K" in node else [])

    return walk(reader.root["/StructTreeRoot"])


def test_its_picture_has_words(pdf, document):
    [alternative] = alternatives(PdfFileReader(io.BytesIO(pdf)))
    assert alternative.endswith(f"/verify/{document.credential.number}/")


def test_it_is_signed_by_the_issuer(pdf):
    [signature] = PdfFileReader(io.BytesIO(pdf)).embedded_signatures
    context = ValidationContext(trust_roots=[signature.signer_cert], allow_fetching=False)
    status = validate_pdf_signature(signature, context)
    assert status.intact and status.valid and status.trusted
    assert status.coverage.name == "ENTIRE_FILE"
    assert signature.sig_object["/SubFilter"] == "/ETSI.CAdES.detached"
    assert signature.signer_cert.sha256.hex() == keys.current(SigningKey.Purpose.PDF).public


def test_a_changed_one_is_not_intact(pdf):
    spoilt = pdf.replace(b"%PDF-1.7\n", b"%PDF-1.6\n", 1)
    [signature] = PdfFileReader(io.BytesIO(spoilt)).embedded_signatures
    context = ValidationContext(trust_roots=[signature.signer_cert], allow_fetching=False)
    assert not validate_pdf_signature(signature, context).intact


LONG = "Maximiliana Featherstonehaugh-Cholmondeley-Worthington de la Tour von und zu Hohenlohe-Schillingsfürst"


@pytest.mark.parametrize(
    "name",
    [LONG, "Łukasz Żółć", "Νίκος Καζαντζάκης", "Ирина Щербак", "#show [x] $y$ \\", "X" * 150],
)
def test_any_name_in_our_scripts_fits_on_one_page(document, name):
    document.credential.name = name
    pdf = certificate.signed_pdf(document, key=pdf_key(), at=now())
    assert PdfFileReader(io.BytesIO(pdf)).root["/Pages"]["/Count"] == 1
    wanted = name.split()[0][:12]
    assert wanted in text_of(pdf) or "X" * 12 in wanted


def test_letters_nobody_has_are_named(document, monkeypatch):
    """With no font for them, the certificate is not made wrong: it stays to be done, and the error says which letters."""
    ours = certificate._fonts(False)
    monkeypatch.setattr(certificate, "_fonts", lambda of_the_system: ours)
    document.credential.name = "李小龍"
    with pytest.raises(certificate.CannotRender, match="李"):
        certificate.signed_pdf(document, key=pdf_key(), at=now())


def test_a_later_version_shows_its_own_last_day(document):
    credential = document.credential
    change(credential, "renew", at=days_ago(1))
    issuing.sign_credential(credential=credential, at=now())
    newest = credential.signed_documents.order_by("-version").first()
    text = text_of(certificate.signed_pdf(newest, key=pdf_key(), at=now()))
    assert certificate.day(newest.valid_until.date()) in text
    assert certificate.day(document.valid_until.date()) not in text


# The badge


def test_the_badge_is_square_and_carries_the_signed_document_in_one_uncompressed_chunk(document):
    picture = certificate.baked_badge(document)
    assert Image.open(io.BytesIO(picture)).size == (800, 800)
    assert picture.count(b"iTXtopenbadgecredential\0\0\0\0\0{") == 1
    assert baking.baked_document(picture) == document.body
    assert OB3Verifier.extract_token_from_png(picture) == document.body


def test_a_picture_is_baked_once(document):
    picture = certificate.baked_badge(document)
    with pytest.raises(ValueError, match="already"):
        baking.bake_png(picture, document.body)


def test_a_picture_without_a_credential_has_none(document):
    assert baking.baked_document(certificate.badge(document.credential.statement)) is None


# Rendering


def test_rendering_writes_every_file_once(document, vault):
    issuing.render(document=document, at=now())
    files = {path.name for path in (vault / "private").rglob("*") if path.is_file()}
    assert files == {
        f"{document.uuid}.pdf",
        f"{document.uuid}.png",
        f"{document.uuid}.svgz",
        "SMT-2026.1.png",
    }
    pdf = vault / "private" / document.pdf_path
    before = pdf.read_bytes()
    issuing.render(document=document, at=now())
    assert pdf.read_bytes() == before
    assert Rendering.objects.count() == 1


def test_a_rendering_broken_off_leaves_nothing_that_looks_whole(document, vault, monkeypatch):
    def killed(*args, **kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr(certificate, "signed_pdf", killed)
    with pytest.raises(KeyboardInterrupt):
        issuing.render(document=document, at=now())
    assert not (vault / "private" / document.pdf_path).exists()
    assert issuing.pending_renders().get() == document
    monkeypatch.undo()


def test_without_the_pdf_key_nothing_is_marked_as_rendered(document):
    keys.path_of(keys.current(SigningKey.Purpose.PDF)).unlink()
    with pytest.raises(keys.KeyMissing, match=r"\.pem"):
        issuing.render(document=document, at=now())
    assert not Rendering.objects.exists()


# Statements of completion


def test_a_statement_of_completion_says_that_it_certifies_nothing():
    pdf = completion_pdf(
        name="Maren Halloway", course="Sports massage: foundations", hours=42, number="SC-2026-00042",
        completed_on=dt.date(2026, 11, 23),
    )  # fmt: skip
    text = " ".join(text_of(pdf).split())
    for said in (
        "Maren Halloway",
        "Sports massage: foundations",
        "42 hours",
        "SC-2026-00042",
        "23 November 2026",
    ):
        assert said in text
    assert "This is not a certification." in text
    [page] = PdfFileReader(io.BytesIO(pdf)).root["/Pages"]["/Kids"]
    _left, _bottom, width, height = page.get_object()["/MediaBox"]
    assert height > width, "portrait"
