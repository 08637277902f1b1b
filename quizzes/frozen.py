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
from lxml import etree

from courses.models import Figure
from quizzes import scoring
from quizzes.geometry import contains
from quizzes.models import Item, ItemVersion, Response
from quizzes.rules import RULES

SCHEMA = 1
MEDIA_DIRECTORY = "item-media"
SVG = "{http://www.w3.org/2000/svg}"
OPTION = ("id", "text", "where", "x", "y")  # all that a candidate may know of one


# Freezing


def freeze(item: Item, *, keep_media: bool = True) -> dict[str, Any]:
    """The content of a version of this item: `{schema, type, stem, stimulus, points, options, targets?, parts?, theme?, unit?, words?, key,
    scoring, rationales, media}`.

    Option ids are new each time; what is in the figure is kept by its hash (a preview keeps nothing).
    """
    child = item.body[0]
    parts = child.block.frozen(child.value)
    in_words = parts.pop("picture", None)
    return {
        "schema": SCHEMA,
        "type": child.block_type,
        "stem": item.stem,
        "stimulus": item.stimulus,
        "points": 1,
        "scoring": {},
        "media": [_keep(item.figure, in_words)] if item.figure and keep_media else [],
        **parts,
    }


def is_readable(item: Item) -> bool:
    """Whether a draft is whole enough to be read as a question."""
    if not item.body:
        return False
    try:
        freeze(item, keep_media=False)
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, StopIteration):
        return False
    return True


def same_question(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether two versions say the same but for their option ids."""
    return _without_ids(one) == _without_ids(other)


def _without_ids(content: dict[str, Any]) -> dict[str, Any]:
    """The content with each id replaced by its text, in an order that the ids had no part in."""
    entries = [
        *content["options"],
        *content.get("targets", []),
        *content["scoring"].get("rubric", []),
    ]
    texts = {entry["id"]: entry["text"] for entry in entries}
    for part in content.get("parts", []):
        texts[part["id"]] = part["text"]
        # Two parts may have an option in common.
        texts |= {row["id"]: f"{part['text']}\n{row['text']}" for row in part["options"]}

    def named(value: Any) -> Any:
        match value:
            case str():
                return texts.get(value, value)
            case list() | tuple():
                return [named(entry) for entry in value]
            case dict():
                return {texts.get(key, key): named(entry) for key, entry in value.items()}
        return value

    def in_order(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return sorted((named(row) for row in rows), key=lambda row: row["text"])

    key = dict(content["key"])
    if "choices" in key:
        key["choices"] = sorted(named(key["choices"]))
    return {
        **named(content),
        "points": scoring.worth(content),
        "options": in_order(content["options"]),
        "targets": in_order(content.get("targets", [])),
        "key": named(key),
    }


def _keep(figure: Figure, in_words: str | None) -> dict[str, str]:
    """Keep the figure's bytes under their hash, where only this app's views reach them.

    Where the question is asked on the figure itself, `in_words` stands for its alternative text, and nothing in it may name what it shows.
    """
    if figure.image:
        with figure.image.file.open("rb") as file:
            body = file.read()
        kind = mimetypes.guess_type(figure.image.file.name)[0] or "image/png"
    else:
        body, kind = _drawing(figure, in_words).encode(), "image/svg+xml"
    digest = hashlib.sha256(body).hexdigest()
    if not storages["private"].exists(media_path(digest)):
        storages["private"].save(media_path(digest), ContentFile(body))
    return {"sha256": digest, "type": kind, **_words_of(figure, in_words)}


def _drawing(figure: Figure, in_words: str | None) -> str:
    drawing = str(figure.drawing)
    return drawing if in_words is None else unlabelled(drawing)


def _words_of(figure: Figure, in_words: str | None) -> dict[str, str]:
    return {"alt": figure.alt if in_words is None else in_words, "credit": figure.credit}


def previewed(item: Item) -> dict[str, Any]:
    """A draft as a candidate would see it (`asked`, with the figure in it: nothing is kept) and as its readers do (`question`)."""
    content = freeze(item, keep_media=False)
    asked = question(content, position=1, option_order=[], media_url="")
    if item.figure:
        in_words = item.body[0].value.get("picture")
        shown = (
            {"type": "image", "url": item.figure.image.file.url}
            if item.figure.image
            else {"type": "image/svg+xml", "drawing": _drawing(item.figure, in_words)}
        )
        asked["media"] = [{**shown, **_words_of(item.figure, in_words)}]
    return {"asked": asked, "question": read_back(content)}


@lru_cache(maxsize=64)
def unlabelled(drawing: str) -> str:
    """A drawing of ours without its numbers and its words for those who do not see it."""
    root = etree.fromstring(drawing.encode())
    for node in list(root.iter()):
        words = node.tag in (f"{SVG}title", f"{SVG}desc")
        if (words or "lead" in node.get("class", "").split()) and node.getparent() is not None:
            node.getparent().remove(node)
    for name in ("role", "aria-labelledby", "aria-label", "aria-describedby"):
        root.attrib.pop(name, None)
    return etree.tostring(root, encoding="unicode", with_tail=False)


def media_path(digest: str) -> str:
    return f"{MEDIA_DIRECTORY}/{digest}"


# Showing


def question(
    content: dict[str, Any], *, position: int, option_order: Sequence[str], media_url: str
) -> dict[str, Any]:
    """One question as a candidate gets it. Nothing here may tell what is right; `media_url` is what media are found under."""
    place = {key: index for index, key in enumerate(option_order)}

    def shown(entries: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
        rows = [{name: entry[name] for name in OPTION if name in entry} for entry in entries]
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
        "points": scoring.worth(content),
    }
    if content["type"] in RULES:
        asked["rule"] = str(RULES[content["type"]])
    for name in ("stimulus", "theme", "unit", "words"):
        if content.get(name):
            asked[name] = content[name]
    if "targets" in content:
        asked["targets"] = shown(content["targets"])
    if "parts" in content:
        asked["parts"] = [
            {"id": part["id"], "text": part["text"], "options": shown(part["options"])}
            for part in content["parts"]
        ]
    return asked


def read_back(content: dict[str, Any]) -> dict[str, Any]:
    """The whole of a version for those who may read its pool: each option with whether it is right and why."""
    return {
        "type": content["type"],
        "stem": content["stem"],
        "stimulus": content["stimulus"],
        "theme": content.get("theme", ""),
        "points": scoring.worth(content),
        "targets": content.get("targets", []),
        "unit": content.get("unit", ""),
        "words": content.get("words"),
        "key": content["key"],
        "accept": content["scoring"].get("accept", []),
        "tolerance": content["scoring"].get("tolerance", 0),
        "media": content["media"],
        **explanation(content, order=[entry["id"] for entry in content["options"]]),
    }


def explanation(
    content: dict[str, Any], *, order: Sequence[str], answer: dict[str, Any] | None = None
) -> dict[str, Any]:
    """What is right about a question and why, and what was answered: for readers of the bank, and for practice once answered."""
    told: dict[str, Any] = {
        "options": reasons(content, order=order, answer=answer),
        "solution": solution(content),
        "rationale": content["rationales"].get("", ""),
    }
    if "parts" in content:
        told["parts"] = [
            _part_reasons(content, part, order=order, answer=answer) for part in content["parts"]
        ]
    if "rubric" in content["scoring"]:
        told["rubric"] = content["scoring"]["rubric"]
    return told


def _part_reasons(
    content: dict[str, Any],
    part: dict[str, Any],
    *,
    order: Sequence[str],
    answer: dict[str, Any] | None,
) -> dict[str, Any]:
    """A question of a case, explained as the single choice it is."""
    given = (answer or {}).get("parts", {}).get(part["id"])
    single = {
        "type": "single",
        "options": part["options"],
        "key": {"choice": content["key"]["parts"][part["id"]]},
        "rationales": content["rationales"],
    }
    return {
        "id": part["id"],
        "text": part["text"],
        "earned": int(given == single["key"]["choice"]),
        "options": reasons(single, order=order, answer={"choice": given} if given else None),
    }


def reasons(
    content: dict[str, Any], *, order: Sequence[str], answer: dict[str, Any] | None = None
) -> list[dict[str, Any]]:
    """Each option with its rationale, what is right about it and what was answered.

    `right` and `given` are, by type, whether the option is chosen, its place in the order (from 1), or its target's text. `verdict` is
    right, wrong, missed (it should have been given) or empty. A region comes with its `outline`.
    """
    targets = {entry["id"]: entry["text"] for entry in content.get("targets", [])}
    # Steps are explained in their right order, options in the order they were shown in.
    place = {name: index for index, name in enumerate(content["key"].get("order", order))}
    entries = sorted(content["options"], key=lambda entry: place.get(entry["id"], len(place)))
    regions = {region["id"]: region for region in content.get("scoring", {}).get("regions", [])}
    rows = []
    for entry in entries:
        if regions:
            region = regions[entry["id"]]
            right, given = region["correct"], _points_into(region, answer)
        else:
            right = _said_of(entry["id"], content["key"], targets)
            given = _said_of(entry["id"], answer, targets)
        row = {
            **{name: entry[name] for name in OPTION if name in entry},
            "right": right,
            "given": given,
            "verdict": _verdict(right, given) if answer else "",
            "rationale": content["rationales"].get(entry["id"], ""),
        }
        if regions:
            row["outline"] = regions[entry["id"]]["outline"]
        rows.append(row)
    return rows


def _points_into(region: dict[str, Any], answer: dict[str, Any] | None) -> bool | None:
    return contains(region["outline"], answer["x"], answer["y"]) if answer else None


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
