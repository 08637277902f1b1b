"""The registers: contested claims, contraindications, figures. Loading entries, and asking whether a text says more than they allow."""

from datetime import datetime
from typing import Any

from django.db import transaction

from courses.claims import Finding, Rule, lint, rule, touched
from courses.models import Claim, Contraindication, Figure


@transaction.atomic
def load_claim(*, code: str, at: datetime, **fields: Any) -> tuple[Claim, bool]:
    """Make or change an entry of the contested-claims register; the second value says whether anything changed."""
    return _load(Claim, "code", code, fields)


@transaction.atomic
def load_contraindication(
    *, slug: str, at: datetime, **fields: Any
) -> tuple[Contraindication, bool]:
    """Make or change an entry of the contraindication register; the second value says whether anything changed."""
    return _load(Contraindication, "slug", slug, fields)


@transaction.atomic
def load_figure(*, code: str, at: datetime, **fields: Any) -> tuple[Figure, bool]:
    """Make or change a figure; the second value says whether anything changed."""
    return _load(Figure, "code", code, fields)


def _load(model: Any, key: str, value: str, fields: dict[str, Any]) -> tuple[Any, bool]:
    """Publish an entry as a new revision, unless it says the same already."""
    row = model.objects.filter(**{key: value}).first() or model(**{key: value}, live=False)
    if row.pk and row.live and all(getattr(row, name) == given for name, given in fields.items()):
        return row, False
    for name, given in fields.items():
        setattr(row, name, given)
    row.full_clean()
    if row.pk is None:
        row.save()
    row.save_revision().publish()
    return model.objects.get(pk=row.pk), True


def claim_rules() -> list[Rule]:
    """The register as the linter reads it. One query."""
    rows = Claim.objects.filter(live=True).only("code", "status", "statement", "patterns")
    return [
        rule(code=row.code, status=row.status, statement=row.statement, patterns=row.patterns)
        for row in rows
    ]


def claims_stated_in(text: str) -> list[Finding]:
    """The contested claims a text states as true, by the register as it stands. Empty when it may be published."""
    return lint(text, claim_rules())


def claims_touched(text: str) -> set[str]:
    """The codes of the contested claims a text comes near, whatever it says about them."""
    return set(touched(text, claim_rules()))
