"""How an entry stands to the evidence: its source, the day its evidence is looked at again, the contested claims it comes near (R17, R19)."""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from courses.models import Claim
from courses.services import claims_touched

YEAR = re.compile(r"\b(?:19|20)\d\d\b")


def evidence_lacking(entry: Any, at: datetime) -> Iterator[tuple[str, str]]:
    """What a draft lacks of its evidence, by field."""
    if not YEAR.search(entry.reference):
        yield "reference", _("Name the source with its year.")
    if entry.review_by is None or entry.review_by <= at.date():
        yield "review_by", _("Say until when the evidence holds: a day still to come.")


def claims_near(texts: Sequence[str], *, tagged: Iterable[Claim]) -> list[Claim]:
    """Claims that these texts touch, or overstate, and that the entry is not tagged with. Two queries at most."""
    codes = claims_touched("\n\n".join(texts)) - {claim.code for claim in tagged}
    return list(Claim.objects.filter(code__in=codes, live=True)) if codes else []
