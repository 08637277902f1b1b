"""The content of an examiner's sheet as a device sends it: read, check, compare, and lay out. Pure: values in, values out.

A device may send anything. `read` gives a Sheet of plain, bounded values or raises Unreadable with what is wrong with which field;
`blanks` says what a sheet still lacks to be signed.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from practicals.decision import Line

MAX_REV = 2**31 - 1
MAX_NOTE = 4000
MAX_SIGNATURE = 150
MAX_DEVICE = 64
SECTION_LINES = 3  # a heading on the sheet stands over at least so many lines, where it can

Errors = dict[str, Any]


class Unreadable(ValueError):
    """The content has the wrong shape or values: `errors` by field, lines and violations by their code."""

    def __init__(self, errors: Errors) -> None:
        super().__init__("unreadable sheet")
        self.errors = errors


@dataclass(frozen=True)
class Mark:
    """What was tapped and noted on one line; `rating` is None while only a note is there."""

    criterion: str
    rating: int | None
    note: str
    at: datetime | None


@dataclass(frozen=True)
class Seen:
    """A critical violation with its factual note."""

    code: str
    note: str
    at: datetime | None


@dataclass(frozen=True)
class Content:
    """A whole sheet at one revision."""

    rev: int
    final: bool
    started_at: datetime | None
    finished_at: datetime | None
    observations: tuple[Mark, ...]
    violations: tuple[Seen, ...]
    global_rating: int | None
    signature: str

    def plain(self) -> dict[str, Any]:
        """As JSON, in the shape it was sent in, moments in UTC."""
        return {
            "rev": self.rev,
            "final": self.final,
            "started_at": _iso(self.started_at),
            "finished_at": _iso(self.finished_at),
            "observations": [
                {
                    "criterion": mark.criterion,
                    "rating": mark.rating,
                    "note": mark.note,
                    "at": _iso(mark.at),
                }
                for mark in self.observations
            ],
            "violations": [
                {"code": seen.code, "note": seen.note, "at": _iso(seen.at)}
                for seen in self.violations
            ],
            "global_rating": self.global_rating,
            "signature": self.signature,
        }

    @property
    def digest(self) -> str:
        """Of everything but the revision: two sheets that say the same have the same digest."""
        said = {name: value for name, value in self.plain().items() if name != "rev"}
        canonical = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return hashlib.sha256(canonical.encode()).hexdigest()


@dataclass(frozen=True)
class Device:
    """What a device says of itself with a sheet; none of it is part of what the sheet says.

    `version` is of the checklist it scored on, where it says so. `skew_ms` is its clock minus ours, the way here included.
    """

    name: str = ""
    version: int | None = None
    skew_ms: int | None = None


def read_device(raw: Any, at: datetime) -> Device:
    """The device that sent `raw`, received `at`. Raises Unreadable."""
    if not isinstance(raw, Mapping):
        raise Unreadable({"body": ["Send a JSON object."]})
    errors: Errors = {}
    version = raw.get("version")
    if version is not None and not (_is_int(version) and 0 < version <= MAX_REV):
        errors["version"] = ["Send the number of the checklist version."]
    name = _text(raw.get("device"), "device", MAX_DEVICE, errors)
    time = _moment(raw.get("device_time"), "device_time", errors)
    if errors:
        raise Unreadable(errors)
    return Device(name, version, round((time - at).total_seconds() * 1000) if time else None)


def stray_content(raw: Any) -> tuple[Any, str] | None:
    """A body that is kept as it came, and its SHA-256; None when a database cannot hold it."""
    try:
        text = json.dumps(raw, sort_keys=True, ensure_ascii=False, allow_nan=False)
    except (ValueError, TypeError, RecursionError):
        return None
    if not storable(text) or "\\u0000" in text:
        return None
    return raw, hashlib.sha256(text.encode()).hexdigest()


def _iso(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).isoformat() if moment else None


def read_rev(raw: Any) -> int | None:
    """The revision of whatever was sent, if it has a readable one."""
    rev = raw.get("rev") if isinstance(raw, Mapping) else None
    if not isinstance(rev, int) or isinstance(rev, bool):
        return None
    return rev if 0 <= rev <= MAX_REV else None


def read(raw: Any, lines: Sequence[Line], violation_codes: Sequence[str]) -> Content:
    """The content a device sent. Raises Unreadable with every error found."""
    if not isinstance(raw, Mapping):
        raise Unreadable({"body": ["Send a JSON object."]})
    errors: Errors = {}
    rev = read_rev(raw)
    if rev is None:
        errors["rev"] = ["Send a whole number that rises with each change."]
    final = raw.get("final", False)
    if not isinstance(final, bool):
        errors["final"] = ["Send true or false."]
    content = Content(
        rev=rev or 0,
        final=final is True,
        started_at=_moment(raw.get("started_at"), "started_at", errors),
        finished_at=_moment(raw.get("finished_at"), "finished_at", errors),
        observations=_marks(raw.get("observations", []), lines, errors),
        violations=_seen(raw.get("violations", []), violation_codes, errors),
        global_rating=_global_rating(raw.get("global_rating"), errors),
        signature=_text(raw.get("signature"), "signature", MAX_SIGNATURE, errors).strip(),
    )
    if content.started_at and content.finished_at and content.finished_at < content.started_at:
        errors["finished_at"] = ["The station cannot end before it began."]
    if errors:
        raise Unreadable(errors)
    return content


def _is_int(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _moment(raw: Any, name: str, errors: Errors) -> datetime | None:
    if raw is None or raw == "":
        return None
    try:
        moment = datetime.fromisoformat(raw)
    except (TypeError, ValueError):
        moment = None
    if moment is None or moment.tzinfo is None or not 2000 <= moment.year < 2200:
        errors[name] = ["Send a date and time with its zone, for example 2026-11-23T10:42:07Z."]
        return None
    return moment.astimezone(UTC)


def _text(raw: Any, name: str, limit: int, errors: Errors) -> str:
    if raw is None:
        return ""
    if not isinstance(raw, str) or not storable(raw):
        errors[name] = ["Send text."]
        return ""
    if len(raw) > limit:
        errors[name] = [f"Keep it to {limit} characters."]
    return raw


def storable(text: str) -> bool:
    """No NUL byte and no half of a surrogate pair: databases store neither."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\x00" not in text


def _global_rating(raw: Any, errors: Errors) -> int | None:
    if raw is None:
        return None
    if not _is_int(raw) or not 1 <= raw <= 5:
        errors["global_rating"] = ["Choose 1, 2, 3, 4 or 5."]
        return None
    return int(raw)


def _entries(
    raw: Any, name: str, key: str, known: set[str], errors: Errors
) -> list[tuple[str, Mapping[str, Any]]]:
    """The entries of a list by their code: each an object, of this checklist, named once."""
    if not isinstance(raw, list):
        errors[name] = ["Send a list."]
        return []
    if len(raw) > len(known):
        errors[name] = ["There are more entries than this checklist has."]
        return []
    entries: dict[str, Mapping[str, Any]] = {}
    for entry in raw:
        code = entry.get(key) if isinstance(entry, Mapping) else None
        if not isinstance(code, str) or code not in known:
            errors[name] = [f"Each entry names a {key} of this checklist."]
        elif code in entries:
            errors[name] = [f"{code} is there twice."]
        else:
            entries[code] = entry
    return list(entries.items())


def _marks(raw: Any, lines: Sequence[Line], errors: Errors) -> tuple[Mark, ...]:
    by_code = {line.code: line for line in lines}
    order = {line.code: position for position, line in enumerate(lines)}
    wrong: Errors = {}
    marks = []
    for code, entry in _entries(raw, "observations", "criterion", set(by_code), errors):
        rating, here = entry.get("rating"), Errors()
        if rating is not None and not (_is_int(rating) and 0 <= rating <= by_code[code].max_points):
            here["rating"] = [f"Choose a whole number from 0 to {by_code[code].max_points}."]
            rating = None
        marks.append(
            Mark(
                code,
                rating,
                _text(entry.get("note"), "note", MAX_NOTE, here),
                _moment(entry.get("at"), "at", here),
            )
        )
        if here:
            wrong[code] = here
    if wrong:
        errors.setdefault("observations", wrong)
    return tuple(sorted(marks, key=lambda mark: order[mark.criterion]))


def _seen(raw: Any, codes: Sequence[str], errors: Errors) -> tuple[Seen, ...]:
    order = {code: position for position, code in enumerate(codes)}
    wrong: Errors = {}
    seen = []
    for code, entry in _entries(raw, "violations", "code", set(codes), errors):
        here: Errors = {}
        seen.append(
            Seen(
                code,
                _text(entry.get("note"), "note", MAX_NOTE, here),
                _moment(entry.get("at"), "at", here),
            )
        )
        if here:
            wrong[code] = here
    if wrong:
        errors.setdefault("violations", wrong)
    return tuple(sorted(seen, key=lambda entry: order[entry.code]))


def blanks(content: Content, lines: Sequence[Line]) -> Errors:
    """What keeps a sheet from being signed, by field; empty when nothing does."""
    errors: Errors = {}
    marks = {mark.criterion: mark for mark in content.observations}
    wrong: Errors = {}
    for line in lines:
        mark = marks.get(line.code)
        if mark is None or mark.rating is None:
            wrong[line.code] = {"rating": ["Score this line."]}
        elif line.critical and mark.rating == 0 and not mark.note.strip():
            wrong[line.code] = {
                "note": ["Write what you saw or heard, and when: a 0 here fails the station."]
            }
    if wrong:
        errors["observations"] = wrong
    unexplained = {
        seen.code: {"note": ["Write what you saw or heard, and when."]}
        for seen in content.violations
        if not seen.note.strip()
    }
    if unexplained:
        errors["violations"] = unexplained
    if content.global_rating is None:
        errors["global_rating"] = ["Choose 1, 2, 3, 4 or 5."]
    if not content.signature:
        errors["signature"] = ["Type your name to sign."]
    return errors


@dataclass(frozen=True)
class Section:
    """Lines that stand under one heading of the sheet."""

    title: str
    lines: tuple[Any, ...]


def sections(lines: Sequence[Any]) -> list[Section]:
    """Group lines (anything with a `section`) under headings without changing their order.

    Names that alternate (consent, screen, consent, screen) share a heading, and short runs join the next until there are a few lines.
    """
    last = {line.section: index for index, line in enumerate(lines)}
    runs: list[list[Any]] = []
    until = -1
    for index, line in enumerate(lines):
        if index > until:
            runs.append([])
        runs[-1].append(line)
        until = max(until, last[line.section])
    groups: list[list[Any]] = []
    for run in runs:
        if groups and len(groups[-1]) < SECTION_LINES:
            groups[-1].extend(run)
        else:
            groups.append(list(run))
    if len(groups) > 1 and len(groups[-1]) < SECTION_LINES and len(groups[-2]) <= SECTION_LINES:
        groups[-2].extend(groups.pop())
    return [Section(_heading(group), tuple(group)) for group in groups]


def _heading(lines: Sequence[Any]) -> str:
    """“Prepare, consent, screen”; short names such as S, O, A, P keep their capitals."""
    names = list(dict.fromkeys(line.section for line in lines))
    rest = [
        name if len(name) <= 2 or name.isupper() else name[0].lower() + name[1:]
        for name in names[1:]
    ]
    return ", ".join([*names[:1], *rest])
