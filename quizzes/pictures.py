"""The figures of a question with what is right on them: after practice with what was given, for readers of the bank without."""

from base64 import b64encode
from collections.abc import Mapping
from typing import Any

from django.core.files.storage import storages
from django.utils.safestring import SafeString, mark_safe

from quizzes.frozen import media_path

Question = Mapping[str, Any]


def pictures(question: Question) -> list[dict[str, Any]]:
    """Each figure of a question as `explained` gives it, the first with what stands on it."""
    over = {"outlines": _outlines(question), "marker": _marker(question), "pins": _pins(question)}
    return [
        {**medium, "drawing": _drawing(medium), **(over if number == 0 else {})}
        for number, medium in enumerate(question["media"])
    ]


def key_pictures(question: Question) -> list[dict[str, Any]]:
    """The same of a question as `read_back` gives it, each picture in the page itself: it has no address of its own."""
    media = [{**medium, "url": _inline(medium)} for medium in question["media"]]
    found = pictures({**question, "answer": None, "media": media})
    for picture in found:
        for pin in picture.get("pins", ()):
            pin["tone"] = ""
    return found


def _inline(medium: Mapping[str, str]) -> str:
    if medium["type"] == "image/svg+xml":
        return f"/{medium['sha256']}/"
    return f"data:{medium['type']};base64,{b64encode(_bytes(medium['sha256'])).decode()}"


def _drawing(medium: Mapping[str, str]) -> SafeString | None:
    """A drawing of ours, to stand in the page and take its colours. It was made harmless when it was kept."""
    if medium["type"] != "image/svg+xml":
        return None
    digest = medium["url"].rstrip("/").rpartition("/")[2]
    return mark_safe(_bytes(digest).decode())  # noqa: S308


def _bytes(digest: str) -> bytes:
    with storages["private"].open(media_path(digest)) as file:
        return file.read()


def _outlines(question: Question) -> list[dict[str, Any]]:
    """The right regions, and a wrong one that was pointed into."""
    found = []
    for row in question["options"]:
        if "outline" not in row or not (row["right"] or row["given"]):
            continue
        outline = row["outline"]
        found.append(
            {
                "tone": "is-right" if row["right"] else "is-wrong",
                "ellipse": _plain(outline) if outline["shape"] == "ellipse" else None,
                "points": " ".join(f"{x:g},{y:g}" for x, y in outline.get("points", ())),
            }
        )
    return found


def _plain(outline: Mapping[str, Any]) -> dict[str, str]:
    return {name: f"{outline[name]:g}" for name in ("x", "y", "rx", "ry")}


def _marker(question: Question) -> dict[str, str] | None:
    """Where the answer points."""
    answer = question["answer"]
    return _place(answer) if question["type"] == "hotspot" and answer else None


def _pins(question: Question) -> list[dict[str, Any]]:
    if question["type"] != "label":
        return []
    return [
        {**_place(row), "text": row["text"], "tone": f"is-{row['verdict'] or 'missed'}"}
        for row in question["options"]
    ]


def _place(at: Mapping[str, Any]) -> dict[str, str]:
    """In per cent of the picture, as a style sheet reads it."""
    return {"left": f"{at['x'] * 100:g}%", "top": f"{at['y'] * 100:g}%"}
