"""What one edition of a scheme says otherwise than another, in an order and words people read. Pure: contents in, changes out."""

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Json = Mapping[str, Any]


@dataclass(frozen=True)
class Piece:
    """A stretch of text that stayed, went or came."""

    text: str
    how: str  # same, gone, new


@dataclass(frozen=True)
class Change:
    """One thing that changed: where, what was said before and is said now, and the two laid over each other."""

    part: str  # a field of an edition, "requirements", "reasons"
    name: str  # which of them, or nothing
    field: str  # which field of it, or nothing
    before: str
    after: str

    @property
    def kind(self) -> str:
        if not self.before:
            return "added"
        return "removed" if not self.after else "changed"

    @property
    def pieces(self) -> list[Piece]:
        return list(laid_over(self.before, self.after))


# Fields that name a row, in lists of rows; the rest of it is compared field by field.
_NAMED_BY = {"requirements": "code", "reasons": "code"}
_LISTS = ("code_of_conduct", "pass_rules")


def changes(before: Json, after: Json) -> list[Change]:
    """Everything `after` says otherwise than `before`, in the order of `after`."""
    found: list[Change] = []
    for part in [*after, *(part for part in before if part not in after)]:
        old, new = before.get(part), after.get(part)
        if old == new or part == "edition":
            continue
        if part in _NAMED_BY:
            found += _rows(part, old or [], new or [])
        elif part in _LISTS:
            found += _sentences(part, old or [], new or [])
        elif isinstance(old, Mapping) or isinstance(new, Mapping):
            found += _fields(part, "", old or {}, new or {})
        else:
            found.append(Change(part, "", "", said(old), said(new)))
    return found


def _rows(part: str, old: Sequence[Json], new: Sequence[Json]) -> Iterator[Change]:
    key = _NAMED_BY[part]
    was = {row[key]: row for row in old}
    now = {row[key]: row for row in new}
    for name, row in now.items():
        if name not in was:
            yield Change(part, name, "", "", _row_said(row))
        else:
            yield from _fields(part, name, was[name], row)
    for name, row in was.items():
        if name not in now:
            yield Change(part, name, "", _row_said(row), "")


def _row_said(row: Json) -> str:
    return str(row.get("title") or row.get("text") or "")


def _fields(part: str, name: str, old: Json, new: Json) -> Iterator[Change]:
    for field in [*new, *(field for field in old if field not in new)]:
        if old.get(field) != new.get(field):
            say = _parts_said if field == "parts" else said
            yield Change(part, name, field, say(old.get(field)), say(new.get(field)))


def _parts_said(parts: Any) -> str:
    return "; ".join(f"{part['title']}, {part['hours']} h" for part in parts or [])


def _sentences(part: str, old: Sequence[str], new: Sequence[str]) -> Iterator[Change]:
    matcher = difflib.SequenceMatcher(a=old, b=new, autojunk=False)
    for what, i, until, j, to in matcher.get_opcodes():
        if what == "equal":
            continue
        for step in range(max(until - i, to - j)):
            before = old[i + step] if i + step < until else ""
            after = new[j + step] if j + step < to else ""
            place = j + step + 1 if after else i + step + 1
            yield Change(part, str(place), "", before, after)


def said(value: Any) -> str:
    """A value as it is read: nothing for nothing, yes and no, lists by their members."""
    match value:
        case None | "" | []:
            return ""
        case True:
            return "yes"
        case False:
            return "no"
        case list():
            return "; ".join(said(each) for each in value)
        case {"code": _, "title": title, **others}:
            told = (f"{str(name).replace('_', ' ')} {said(each)}" for name, each in others.items())
            return ", ".join([said(title), *told])
        case dict():
            return ", ".join(f"{name}: {said(each)}" for name, each in value.items())
    return str(value)


def laid_over(before: str, after: str) -> Iterator[Piece]:
    """Two texts laid over each other, word by word."""
    old, new = re.findall(r"\S+\s*", before), re.findall(r"\S+\s*", after)
    matcher = difflib.SequenceMatcher(a=old, b=new, autojunk=False)
    for what, i, until, j, to in matcher.get_opcodes():
        if what == "equal":
            yield Piece("".join(new[j:to]), "same")
            continue
        if until > i:
            yield Piece("".join(old[i:until]), "gone")
        if to > j:
            yield Piece("".join(new[j:to]), "new")
