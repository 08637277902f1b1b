"""Item versions as they are kept and as they are shown.

`freeze` makes the JSON of a version from an item; what candidates get of it is made in one place, `question`, by naming what they may
see: a key can only leave through `read_back`, which is for readers of the bank.
"""

import hashlib
import mimetypes
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from functools import lru_cache
from threading import Lock
from typing import Any
from uuid import UUID

from django.core.files.base import ContentFile
from django.core.files.storage import storages

from courses.models import Figure
from quizzes.models import Item, ItemVersion, Response

SCHEMA = 1
MEDIA_DIRECTORY = "item-media"


# Freezing


def freeze(item: Item, *, keep_media: bool = True) -> dict[str, Any]:
    """The content of a version of this item: `{schema, type, stem, stimulus, options, targets?, unit?, key, scoring, rationales, media}`.

    Option ids are new each time; what is in the figure is kept by its hash (a preview keeps nothing).
    """
    child = item.body[0]
    return {
        "schema": SCHEMA,
        "type": child.block_type,
        "stem": item.stem,
        "stimulus": item.stimulus,
        "scoring": {},
        "media": [_keep(item.figure)] if item.figure and keep_media else [],
        **child.block.frozen(child.value),
    }


def same_question(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether two versions say the same but for their option ids."""
    return _without_ids(one) == _without_ids(other)


def _without_ids(content: dict[str, Any]) -> dict[str, Any]:
    """The content with each option id replaced by its text, in an order that the ids had no part in."""
    entries = [*content["options"], *content.get("targets", [])]
    texts = {entry["id"]: entry["text"] for entry in entries}

    def named(value: Any) -> Any:
        match value:
            case str():
                return texts.get(value, value)
            case list():
                return [named(entry) for entry in value]
            case dict():
                return {texts.get(key, key): named(entry) for key, entry in value.items()}
        return value

    key = dict(content["key"])
    if "choices" in key:
        key["choices"] = sorted(named(key["choices"]))
    return {
        **content,
        "options": sorted(entry["text"] for entry in content["options"]),
        "targets": sorted(entry["text"] for entry in content.get("targets", [])),
        "key": named(key),
        "rationales": {texts.get(name, name): said for name, said in content["rationales"].items()},
    }


def _keep(figure: Figure) -> dict[str, str]:
    """Keep the figure's bytes under their hash, where only this app's views reach them."""
    if figure.image:
        with figure.image.file.open("rb") as file:
            body = file.read()
        kind = mimetypes.guess_type(figure.image.file.name)[0] or "image/png"
    else:
        body, kind = str(figure.drawing).encode(), "image/svg+xml"
    digest = hashlib.sha256(body).hexdigest()
    if not storages["private"].exists(media_path(digest)):
        storages["private"].save(media_path(digest), ContentFile(body))
    return {"sha256": digest, "type": kind, "alt": figure.alt, "credit": figure.credit}


def media_path(digest: str) -> str:
    return f"{MEDIA_DIRECTORY}/{digest}"


# Showing


def question(
    content: dict[str, Any], *, position: int, option_order: Sequence[str], media_url: str
) -> dict[str, Any]:
    """One question as a candidate gets it. Nothing here may tell what is right; `media_url` is what media are found under."""
    place = {key: index for index, key in enumerate(option_order)}

    def shown(entries: Iterable[dict[str, str]]) -> list[dict[str, str]]:
        rows = [{"id": entry["id"], "text": entry["text"]} for entry in entries]
        return sorted(rows, key=lambda row: place.get(row["id"], len(place)))

    asked: dict[str, Any] = {
        "position": position,
        "type": content["type"],
        "stem": content["stem"],
        "options": shown(content["options"]),
        "media": [
            {
                "url": f"{media_url}{entry['sha256']}/",
                "type": entry["type"],
                "alt": entry["alt"],
                "credit": entry["credit"],
            }
            for entry in content["media"]
        ],
        "points": 1,
    }
    if content["stimulus"]:
        asked["stimulus"] = content["stimulus"]
    if "targets" in content:
        asked["targets"] = shown(content["targets"])
    if content.get("unit"):
        asked["unit"] = content["unit"]
    return asked


def read_back(content: dict[str, Any]) -> dict[str, Any]:
    """The whole of a version for those who may read its pool: each option with whether it is right and why."""
    return {
        "type": content["type"],
        "stem": content["stem"],
        "stimulus": content["stimulus"],
        "options": reasons(content, order=[entry["id"] for entry in content["options"]]),
        "targets": content.get("targets", []),
        "unit": content.get("unit", ""),
        "key": content["key"],
        "accept": content["scoring"].get("accept", []),
        "tolerance": content["scoring"].get("tolerance", 0),
        "rationale": content["rationales"].get("", ""),
        "solution": solution(content),
        "media": content["media"],
    }


def reasons(
    content: dict[str, Any], *, order: Sequence[str], answer: dict[str, Any] | None = None
) -> list[dict[str, Any]]:
    """Each option with its rationale, what is right about it and what was answered: for readers of the bank, and for practice once answered.

    `right` and `given` are, by type, whether the option is chosen, its place in the order (from 1), or its target's text. `verdict` is
    right, wrong, missed (it should have been given) or empty.
    """
    targets = {entry["id"]: entry["text"] for entry in content.get("targets", [])}
    # Steps are explained in their right order, options in the order they were shown in.
    place = {name: index for index, name in enumerate(content["key"].get("order", order))}
    entries = sorted(content["options"], key=lambda entry: place.get(entry["id"], len(place)))
    rows = []
    for entry in entries:
        right = _said_of(entry["id"], content["key"], targets)
        given = _said_of(entry["id"], answer, targets)
        rows.append(
            {
                "id": entry["id"],
                "text": entry["text"],
                "right": right,
                "given": given,
                "verdict": _verdict(right, given) if answer else "",
                "rationale": content["rationales"].get(entry["id"], ""),
            }
        )
    return rows


def _said_of(option: str, answer: dict[str, Any] | None, targets: dict[str, str]) -> Any:
    """What an answer (or the key) says of one option."""
    if answer is None:
        return None
    if "order" in answer:
        return answer["order"].index(option) + 1
    if "pairs" in answer:
        return targets.get(answer["pairs"].get(option), "")
    return option in answer.get("choices", [answer.get("choice")])


def _verdict(right: Any, given: Any) -> str:
    if right == given:
        return "" if right is False else "right"
    return "missed" if right is True or not given else "wrong"


def solution(content: dict[str, Any]) -> str:
    """The right answer in words, where it is not among the options."""
    key = content["key"]
    if "text" in key:
        return key["text"]
    if "value" in key:
        tolerance = content["scoring"]["tolerance"]
        between = f" ± {tolerance:g}" if tolerance else ""
        return f"{key['value']:g}{between} {content['unit']}".strip()
    return ""


# Kept in this process: versions never change, and an attempt never changes what it asks


class _Kept:
    """The contents of item versions by their uuid, the least recently used dropped first."""

    SIZE = 3000

    def __init__(self) -> None:
        self.rows: OrderedDict[UUID, dict[str, Any]] = OrderedDict()
        self.lock = Lock()

    def get(self, uuids: Sequence[UUID]) -> list[dict[str, Any]]:
        """The contents of these versions, in this order: at most one statement, for those not at hand."""
        with self.lock:
            found = {name: self.rows[name] for name in uuids if name in self.rows}
        missing = set(uuids) - found.keys()
        if missing:
            rows = ItemVersion.objects.filter(uuid__in=missing).values_list("uuid", "content")
            found.update(rows)
        with self.lock:
            for name in uuids:
                self.rows[name] = found[name]
                self.rows.move_to_end(name)
            while len(self.rows) > self.SIZE:
                self.rows.popitem(last=False)
        return [found[name] for name in uuids]


contents = _Kept().get


@lru_cache(maxsize=5000)
def versions_asked(attempt: UUID) -> tuple[UUID, ...]:
    """The versions of an attempt's questions, in order of position. Raises LookupError, and remembers nothing, for an unknown attempt."""
    rows = Response.objects.filter(attempt__uuid=attempt).order_by("position")
    found = tuple(rows.values_list("item_version__uuid", flat=True))
    if not found:
        raise LookupError(attempt)
    return found
