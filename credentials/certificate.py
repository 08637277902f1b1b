"""Certificates, badges and statements of completion, set by typst from the templates in typst/ with the fonts in fonts/.

PDFs are PDF/UA-1 and PDF/A-2a (read aloud, kept for decades); a certificate is signed (PAdES, P-256). Called by the worker.
"""

import functools
import io
import json
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import segno
import typst
from django.conf import settings
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import override

from credentials.baking import bake_png
from credentials.keys import PdfKey
from credentials.models import Receipt, SignedDocument
from credentials.services.standing import Coverage, coverage_at

HERE = Path(__file__).parent
STANDARDS: list[Any] = ["a-2a", "ua-1"]
# Certificates are in English, as what they certify is; a translated one would be another document.
LANGUAGE = "en-gb"


class CannotRender(RuntimeError):
    """typst could not set a page, for example for want of a font with the letters of a name. The message says which."""


@functools.cache
def _fonts(of_the_system: bool) -> typst.Fonts:
    return typst.Fonts(include_system_fonts=of_the_system, font_paths=[str(HERE / "fonts")])


def _set(
    template: str, data: dict[str, Any], form: Literal["pdf", "svg", "png"], **options: Any
) -> bytes:
    """One page from a template. A letter our fonts do not have is looked for in those of the system."""
    error = None
    for of_the_system in (False, True):
        compiler = typst.Compiler(
            HERE / "typst" / template,
            root=HERE / "typst",
            font_paths=_fonts(of_the_system),
            ignore_system_fonts=not of_the_system,
        )
        try:
            made = compiler.compile(format=form, sys_inputs={"data": json.dumps(data)}, **options)
        except typst.TypstError as failure:
            error = failure
            continue
        if not isinstance(made, bytes):
            raise CannotRender(f"{template} came out as several pages.")
        return made
    raise CannotRender(f"{template}: {error}") from error


def verify_url(number: str) -> str:
    """Where a QR code leads: the answer of the register."""
    return f"{settings.PUBLIC_URL}/verify/{number}/"


def qr_svg(url: str) -> str:
    """A QR code as an SVG, without a border."""
    drawn = io.BytesIO()
    segno.make(url, error="m", micro=False).save(
        drawn, kind="svg", border=0, xmldecl=False, dark="#1D2426"
    )
    return drawn.getvalue().decode()


# The certificate


def _scope(covered: Coverage) -> str:
    """Scope and limits. What it is not is said on every sheet, once."""
    said = [covered.scope, covered.limits]
    if "licence to practise" not in covered.limits:
        said.append(_("Not a licence to practise."))
    return " ".join(said)


def _certificate(document: SignedDocument) -> dict[str, Any]:
    credential, statement = document.credential, document.credential.statement
    last_day = document.valid_until.astimezone(ZoneInfo(statement["zone"])).date()
    parts = urlsplit(settings.PUBLIC_URL)
    with override(LANGUAGE):
        return {
            "document_title": f"{credential.number}: {credential.name}, {statement['title']}",
            "description": _("Certificate issued by %(issuer)s") % {"issuer": statement["issuer"]},
            "number": credential.number,
            "issuer": statement["issuer"],
            "certifies": _("certifies"),
            "name": credential.name,
            "title": statement["title"],
            "edition": _("%(code)s, edition %(edition)s") % statement,
            "scope": _scope(coverage_at(credential, document.valid_from)),
            "facts": [
                [_("Number"), credential.number],
                [_("Granted"), day(credential.valid_from)],
                [_("Valid until"), day(last_day)],
                *_issued_again(document),
                [_("Signed"), _("by the issuer, digitally, in the PDF")],
            ],
            "property": _(
                "This certificate remains the property of %(issuer)s. It is not used while the credential is suspended, or after it has ended."
            )
            % {"issuer": statement["issuer"]},
            "check": _(
                "The register, not this sheet, says whether it is valid today. Scan, or enter the number at %(address)s"
            )
            % {"address": f"{parts.netloc}{parts.path}/verify"},
            "qr": qr_svg(verify_url(credential.number)),
            "qr_alt": _("QR code that leads to %(url)s") % {"url": verify_url(credential.number)},
        }


def _issued_again(document: SignedDocument) -> list[list[str]]:
    """When a later sheet was issued: the first is issued on the day the credential is granted."""
    if document.version == 1:
        return []
    zone = ZoneInfo(document.credential.statement["zone"])
    issued = {"day": day(document.at.astimezone(zone).date()), "version": document.version}
    return [[_("Issued"), _("%(day)s, version %(version)s") % issued]]


def day(value: date) -> str:
    """14 March 2025."""
    return date_format(value, "j F Y")


def signed_pdf(document: SignedDocument, *, key: PdfKey, at: datetime) -> bytes:
    """The certificate of a signed document as a PDF, with the issuer's signature over all of it."""
    from credentials.pdf_signature import sign_pdf

    made = _set(
        "certificate.typ",
        _certificate(document),
        "pdf",
        pdf_standards=STANDARDS,
        timestamp=int(at.timestamp()),
    )
    return sign_pdf(made, key, issuer=document.credential.statement["issuer"])


def picture(document: SignedDocument) -> bytes:
    """The certificate as an SVG, its letters as shapes: for the page that shows it."""
    return _set("certificate.typ", _certificate(document), "svg")


# The badge


def badge(statement: dict[str, Any]) -> bytes:
    """The picture of an achievement, 800 by 800 pixels on nothing."""
    return _badge(*(statement[key] for key in ("title", "issuer", "code", "edition")))


@functools.lru_cache(maxsize=16)
def _badge(title: str, issuer: str, code: str, edition: str) -> bytes:
    data = {"title": title, "issuer": issuer, "code": code, "edition": edition}
    return _set("badge.typ", data, "png", ppi=203.2)


def baked_badge(document: SignedDocument) -> bytes:
    """The badge with the holder's signed credential in it."""
    return bake_png(badge(document.credential.statement), document.body)


# Statements of completion


def completion_pdf(
    *, name: str, course: str, hours: Any, number: str, completed_on: date, issuer: str = "Palpate"
) -> bytes:
    """A plain sheet saying that somebody finished a course, and that this certifies nothing. `number` is the reference people quote."""
    with override(LANGUAGE):
        data = {
            "document_title": _("Statement of completion %(number)s: %(name)s")
            % {"number": number, "name": name},
            "heading": _("Statement of completion"),
            "issuer": issuer,
            "says": _("has completed the course"),
            "name": name,
            "course": course,
            "facts": [
                [_("Completed on"), day(completed_on)],
                [_("Length"), _("%(hours)s hours") % {"hours": _plain_number(hours)}],
                [_("Reference"), number],
            ],
            "not_one": _("This is not a certification."),
            "why": _(
                "It says that a course was finished. It does not say that anybody was examined, and gives no right to a title."
            ),
        }
    return _set("completion.typ", data, "pdf", pdf_standards=STANDARDS)


# Receipts


def receipt_pdf(
    kept: Receipt, *, digest: str, answer: str, granted: date, until: date | None, compared: str
) -> bytes:
    """A receipt for a personnel file: the answer, what was looked at, and where anybody checks that the register gave it."""
    said, zone = kept.answer, ZoneInfo(kept.answer["zone"])
    address = f"{settings.PUBLIC_URL}{reverse('receipt', args=[kept.uuid])}"
    checked = date_format(kept.checked_at.astimezone(zone), "j F Y, H:i:s T")
    of_a_day = _("as of the end of %(day)s") % {"day": day(kept.asked_on)} if kept.asked_on else ""
    checks = [
        [_("Receipt"), str(kept.reference)],
        [_("Checked"), checked],
        [_("Against"), _("the register itself, by its number")],
        [_("Document compared"), compared or _("none was presented")],
        *([[_("Its SHA-256"), _in_groups(kept.presented["sha256"])]] if kept.presented else []),
        [_("Kept at"), address],
        [_("Digest of this receipt"), _in_groups(digest)],
    ]
    return _set(
        "receipt.typ",
        {
            "document_title": _("Receipt %(number)s: %(name)s") % {"number": kept.reference, "name": said["name"]},
            "issuer": said["issuer"],
            "kicker": _("Receipt of a check against the register"),
            "answer": answer,
            "moment": of_a_day or _("on %(moment)s") % {"moment": checked},
            "name": said["name"],
            "facts": [
                [_("Credential"), f"{said['credential']} ({said['code']}, {said['edition']})"],
                [_("Number"), said["number"]],
                [_("Issued by"), said["issuer"]],
                [_("Granted"), day(granted)],
                [_("Last valid day"), day(until) if until else "–"],
                [_("Scope"), said["scope"]],
            ],
            "checked": _("What was checked"),
            "checks": checks,
            "qr": qr_svg(address),
            "qr_alt": _("QR code that leads to %(url)s") % {"url": address},
            "qr_says": _("Scan to check this receipt"),
            "foot": [
                _("This register is the primary source for this credential; %(issuer)s keeps it. The receipt says what the register answered at that moment, and nothing about later days.") % said,
                _("A certification of competence. Not a licence to practise where the law asks for one."),
                _("To check the receipt, open its address or enter its number at %(address)s, and compare the digest.") % {"address": f"{settings.PUBLIC_URL}/receipts/"},
            ],
        },
        "pdf",
        pdf_standards=STANDARDS,
        timestamp=int(kept.checked_at.timestamp()),
    )  # fmt: skip


def _in_groups(digest: str) -> str:
    """A digest in groups of eight on two lines, so that it can be read aloud and compared."""
    groups = [digest[place : place + 8] for place in range(0, len(digest), 8)]
    return "\n".join(" ".join(groups[half : half + 4]) for half in (0, 4))


# Letters


def letter_pdf(
    *,
    title: str,
    name: str,
    lines: list[str],
    table: list[list[str]],
    facts: list[list[str]],
    foot: str,
    issuer: str = "Palpate",
) -> bytes:
    """A plain letter that says `lines` to somebody; the first row of `table`, where there is one, is its head."""
    data = {
        "document_title": f"{title}: {name}",
        "issuer": issuer,
        "heading": title,
        "name": name,
        "lines": lines,
        "table": table,
        "facts": facts,
        "foot": foot,
    }
    return _set("letter.typ", data, "pdf", pdf_standards=STANDARDS)


def _plain_number(value: Any) -> str:
    return f"{float(value):g}"
