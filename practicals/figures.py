"""The figures of a station: kept by their hash when a version is frozen, so that what an examiner saw can be shown again.

What a device is given names each by its hash and address, never by the figure's row, which may change.
"""

import base64
import hashlib
import mimetypes
from collections.abc import Iterator
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.urls import reverse
from django.utils.safestring import mark_safe

from courses.models import Figure
from practicals.models import Checklist, ChecklistVersion

DIRECTORY = "station-media"


def media_path(digest: str) -> str:
    return f"{DIRECTORY}/{digest[:2]}/{digest}"


def kept_figures(checklist: Checklist) -> list[dict[str, Any]]:
    """The station's figures as a version holds them: `{sha256, type, title, alt, caption, credit, candidate}`, their bytes kept."""
    return [
        {**_keep(figure), **_words_of(figure), "candidate": candidate}
        for figure, candidate in _chosen(checklist)
    ]


def _chosen(checklist: Checklist) -> Iterator[tuple[Figure, bool]]:
    for block in checklist.figures:
        if block.value["figure"] is not None:
            yield block.value["figure"], bool(block.value["candidate"])


def _words_of(figure: Figure) -> dict[str, str]:
    return {
        "title": figure.title,
        "alt": figure.alt,
        "caption": figure.caption,
        "credit": figure.credit,
    }


def _keep(figure: Figure) -> dict[str, str]:
    if figure.image:
        with figure.image.file.open("rb") as file:
            body = file.read()
        kind = mimetypes.guess_type(figure.image.file.name)[0] or "image/png"
    else:
        body, kind = str(figure.drawing).encode(), "image/svg+xml"
    digest = hashlib.sha256(body).hexdigest()
    store = storages["private"]
    if not store.exists(media_path(digest)):
        store.save(media_path(digest), ContentFile(body))
    return {"sha256": digest, "type": kind}


def figure_documents(version: ChecklistVersion) -> list[dict[str, Any]]:
    """A version's figures as a device and a page are given them, each with its address."""
    return [
        {**entry, "url": reverse("station-figure", args=[version.uuid, entry["sha256"]])}
        for entry in version.content.get("figures", [])
    ]


def shown_figures(content: dict[str, Any]) -> list[dict[str, Any]]:
    """A version's figures to stand in a page, offline too: a drawing as itself, so that it takes the page's colours, a picture as data."""
    rows = []
    for entry in content.get("figures", []):
        with storages["private"].open(media_path(entry["sha256"])) as file:
            body = file.read()
        if entry["type"] == "image/svg+xml":
            # Made harmless when it was kept: courses.Figure.drawing.
            shown = {"drawing": mark_safe(body.decode())}  # noqa: S308
        else:
            shown = {"url": f"data:{entry['type']};base64,{base64.b64encode(body).decode()}"}
        rows.append({**entry, **shown})
    return rows


def previewed_figures(checklist: Checklist) -> list[dict[str, Any]]:
    """A draft's figures with the drawing in them: nothing is kept."""
    rows = []
    for figure, candidate in _chosen(checklist):
        shown = (
            {"type": "image", "url": figure.image.file.url}
            if figure.image
            else {"type": "image/svg+xml", "drawing": figure.drawing}
        )
        rows.append({**shown, **_words_of(figure), "candidate": candidate})
    return rows
