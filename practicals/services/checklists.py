"""Freezing what an author published, and loading checklists from content files."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.services import Conflict, Invalid
from courses.models import Claim, Figure
from practicals.figures import kept_figures
from practicals.models import Checklist, ChecklistVersion, Criterion, Life, Pool

LINE_FIELDS = ("code", "section", "text", "max_points", "critical", "competence", "position")


def newest_version(checklist: Checklist) -> ChecklistVersion | None:
    return checklist.versions.order_by("-number").first()


def require_version(checklist: Checklist) -> ChecklistVersion:
    """The version scored from now on. Raises Conflict when the checklist was never published."""
    version = newest_version(checklist)
    if version is None:
        raise Conflict(
            "not_published",
            _("Checklist %(code)s has not been published.") % {"code": checklist.code},
        )
    return version


@transaction.atomic
def freeze_checklist(*, checklist: Checklist, at: datetime) -> ChecklistVersion:
    """The version that says what the checklist says now: the newest one if nothing changed, else a new one with its lines."""
    Checklist.objects.select_for_update().get(pk=checklist.pk)
    newest = newest_version(checklist)
    content, lines = checklist.frozen_content, checklist.frozen_lines
    figures = kept_figures(checklist)
    if figures:
        content["figures"] = figures
    if newest and newest.content == content and list(newest.criteria.values(*LINE_FIELDS)) == lines:
        return newest
    version = ChecklistVersion.objects.append(
        chain=f"checklist:{checklist.uuid}",
        at=at,
        checklist=checklist,
        number=newest.number + 1 if newest else 1,
        content=content,
    )
    chain = f"version:{version.uuid}"
    Criterion.objects.bulk_append(
        [Criterion(chain=chain, at=at, version=version, **line) for line in lines]
    )
    return version


# Loading


@transaction.atomic
def load_checklist(data: Mapping[str, Any], at: datetime) -> Checklist:
    """Make or update a checklist from a file of content/checklists and publish it, which freezes a version and makes it active. Unchanged:
    nothing happens. What has been retired stays so. `lines_of` names the station whose lines and violations a practice station shares.

    Raises Invalid for a claim, a figure or a station that is not there, and for a station that would change its pool.
    """
    checklist = Checklist.objects.filter(code=data["code"]).first()
    if checklist and checklist.life == Life.RETIRED:
        return checklist
    before = _said(checklist) if checklist and checklist.live else None
    pool = data.get("pool", Pool.SECURE)
    if checklist is None:
        checklist = Checklist(code=data["code"], live=False, pool=pool)
    elif checklist.pool != pool:
        raise Invalid(
            "other_pool",
            f"{checklist.code} is a {checklist.pool} station and never becomes another. Give the new one a code of its own.",
        )
    claims = _fill(checklist, data)
    if before == {**_said(checklist), "claims": {claim.pk for claim in claims}}:
        return checklist
    checklist.full_clean()
    checklist.save()
    checklist.claims = claims
    checklist.save_revision().publish()
    checklist.refresh_from_db()
    return checklist


def _fill(checklist: Checklist, data: Mapping[str, Any]) -> list[Claim]:
    """Put a file's entry into a checklist; returns the claims it touches."""
    checklist.title = data["title"]
    checklist.scenario = data["scenario"]
    checklist.minutes = data["minutes"]
    checklist.candidate_instructions = data.get("candidate_instructions", "")
    checklist.client_script = data.get("client_script", "")
    checklist.equipment = "\n".join(data.get("equipment", []))
    checklist.criteria, checklist.violations = _lines(data)
    checklist.anchors = [
        ("anchor", {**entry, "value": str(entry["value"])})
        for entry in data.get("global_ratings", [])
    ]
    checklist.figures = [
        ("figure", _figure(data["code"], entry)) for entry in data.get("figures", [])
    ]
    checklist.reference = data.get("reference", "").strip()
    checklist.review_by = data.get("review_by")
    return _claims(data)


def _lines(data: Mapping[str, Any]) -> tuple[Any, Any]:
    """Lines and violations: the file's own, or those of the station it names."""
    if "lines_of" not in data:
        return (
            [("criterion", _line(line)) for line in data["criteria"]],
            [("violation", dict(entry)) for entry in data.get("violations", [])],
        )
    base = Checklist.objects.filter(code=data["lines_of"]).first()
    if base is None:
        raise Invalid(
            "no_station",
            f"{data['code']}: there is no station {data['lines_of']} to take lines of.",
        )
    return (
        [("criterion", dict(block.value)) for block in base.criteria],
        [("violation", dict(block.value)) for block in base.violations],
    )


def _figure(code: str, entry: Mapping[str, Any]) -> dict[str, Any]:
    figure = Figure.objects.filter(code=entry["figure"]).first()
    if figure is None:
        raise Invalid("no_figure", f"{code}: there is no figure {entry['figure']}.")
    return {"figure": figure, "candidate": bool(entry.get("candidate", False))}


def _claims(data: Mapping[str, Any]) -> list[Claim]:
    named = data.get("claims", [])
    claims = list(Claim.objects.filter(code__in=named))
    missing = set(named) - {claim.code for claim in claims}
    if missing:
        codes = ", ".join(sorted(missing))
        raise Invalid("no_claim", f"{data['code']}: there is no claim {codes}.")
    return claims


def _said(checklist: Checklist) -> dict[str, Any]:
    """All that a checklist says, to compare."""
    return {
        "content": checklist.frozen_content,
        "lines": checklist.frozen_lines,
        "figures": [
            (block.value["figure"] and block.value["figure"].pk, bool(block.value["candidate"]))
            for block in checklist.figures
        ],
        "words": (checklist.reference, checklist.review_by),
        "claims": {claim.pk for claim in checklist.claims.all()} if checklist.pk else set(),
    }


def _line(line: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "code": line["code"],
        "section": line["section"],
        "text": line["text"],
        "max": str(line["max"]),
        "critical": bool(line.get("critical", False)),
        "competence": line.get("competence", ""),
    }
