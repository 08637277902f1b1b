"""The documents people of the demonstration send in: one page each, plainly marked as made up."""

from datetime import date
from functools import lru_cache
from pathlib import Path

import typst
from django.core.files.base import ContentFile
from django.utils.dateformat import format as date_format

HERE = Path(__file__).resolve().parent
FONTS = HERE.parents[1] / "credentials" / "fonts"

KINDS = {
    "education": (
        "Aldermoor College of Massage",
        "Transcript of studies",
        "completed 492 hours: anatomy and palpation 110, physiology 60, pathology and safety 72, assessment 40, technique 130, event practice 20, supervised clinic 60.",
    ),
    "licence": (
        "Harrow County Licensing Board",
        "Licence to practise massage therapy",
        "is entered in the register of licensed massage therapists of this county.",
    ),
    "insurance": (
        "Bellwether Mutual",
        "Certificate of insurance",
        "is covered for sports massage and soft-tissue therapy, with public and professional liability of £ 5,000,000.",
    ),
    "first-aid": (
        "Fell and Dale First Aid",
        "First aid with resuscitation",
        "practised cardiopulmonary resuscitation and the use of a defibrillator in person, 16 hours.",
    ),
}


@lru_cache(maxsize=1)
def _compiler() -> typst.Compiler:
    fonts = typst.Fonts(include_system_fonts=False, font_paths=[str(FONTS)])
    return typst.Compiler(HERE / "paper.typ", root=HERE, font_paths=fonts)


def paper(kind: str, *, name: str, number: str, issued: date, until: date | None) -> ContentFile:
    """One document as a PDF file."""
    issuer, title, text = KINDS[kind]
    made = _set(
        issuer=issuer,
        title=title,
        text=text,
        name=name,
        number=number,
        issued=date_format(issued, "j F Y"),
        until=date_format(until, "j F Y") if until else "",
    )
    return ContentFile(made, name=f"{kind}.pdf")


def certificate(
    title: str, *, provider: str, name: str, hours: str, day: date, number: int
) -> ContentFile:
    """A certificate of continuing education as a PDF file."""
    on = date_format(day, "j F Y")
    made = _set(
        issuer=provider,
        title=title,
        text=f"took part on {on}, {hours} hours.",
        name=name,
        number=f"CE-{day:%Y%m%d}-{number}",
        issued=on,
        until="",
    )
    return ContentFile(made, name=f"certificate-{number + 1}.pdf")


def _set(**said: str) -> bytes:
    made = _compiler().compile(format="pdf", sys_inputs=said)
    assert isinstance(made, bytes)
    return made
