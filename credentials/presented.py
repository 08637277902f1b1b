"""Reading what somebody presents for checking: pasted text, a JSON file, a badge (PNG), a certificate (PDF). Pure.

Everything here comes from strangers. Nothing is fetched, decompressed, drawn or run: a PNG is walked chunk by chunk for its one text, whatever
size it claims; of a PDF only the bytes are taken, and a number that stands in them in plain letters.
"""

import hashlib
import json
import re
import struct
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from credentials import numbers

LARGEST_TEXT = 256 * 1024
LARGEST_FILE = 4 * 1024 * 1024
DEEPEST = 40
PNG_START = b"\x89PNG\r\n\x1a\n"
KEYWORD = b"openbadgecredential"
# iTXt: keyword, NUL, compressed?, method, language, NUL, translated keyword, NUL, text.
_TEXT_HEAD = re.compile(KEYWORD + rb"\0([\0\1])[\0-\xff][^\0]{0,80}\0[^\0]{0,300}\0", re.DOTALL)
_NUMBER = re.compile(rb"\b[A-Z]{2,6}-[0-9A-Z]{4}-[0-9A-Z]{4}\b")
Json = dict[str, Any]


class Form(StrEnum):
    JSON = "json"
    PNG = "png"
    PDF = "pdf"


class Unreadable(ValueError):
    """It cannot be checked; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Presented:
    """What came: its form and digest, the credential in it (JSON text and values; not of a PDF), and numbers read off a PDF."""

    form: Form
    sha256: str
    text: str = ""
    document: Json = field(default_factory=dict)
    numbers: tuple[str, ...] = ()

    @property
    def text_sha256(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()


def read(content: bytes) -> Presented:
    """What `content` is, by its first bytes and never by its name. Raises Unreadable."""
    if not content.strip():
        raise Unreadable("empty")
    if len(content) > LARGEST_FILE:
        raise Unreadable("too_large")
    digest = hashlib.sha256(content).hexdigest()
    if content.startswith(PNG_START):
        text = _text(_in_png(content))
        return Presented(Form.PNG, digest, text, parse(text))
    if content.startswith(b"%PDF-"):
        return Presented(Form.PDF, digest, numbers=_numbers_in(content))
    text = _text(content)
    return Presented(Form.JSON, digest, text, parse(text))


def _text(content: bytes) -> str:
    if len(content) > LARGEST_TEXT:
        raise Unreadable("too_large")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Unreadable("not_a_document") from None


# JSON


def parse(text: str) -> Json:
    """The JSON object in `text`. A name given twice is refused: programs differ in which they read, so it could say two things."""
    if "\0" in text or _depth(text) > DEEPEST:
        raise Unreadable("not_a_document")
    try:
        value = json.loads(text, object_pairs_hook=_once_each, parse_constant=_no_number)
        value and json.dumps(value, ensure_ascii=False).encode()  # half a surrogate pair is no text
    except Unreadable:
        raise
    except (ValueError, RecursionError):
        raise Unreadable(
            "looks_like_a_token" if re.fullmatch(r"\s*[\w-]+\.[\w-]+\.[\w-]+\s*", text) else "not_a_document"
        ) from None  # fmt: skip
    if not isinstance(value, dict):
        raise Unreadable("not_a_document")
    return value


def _depth(text: str) -> int:
    """An upper bound of how deeply it is nested; brackets in strings count, which errs to the safe side for what we sign."""
    deepest = depth = 0
    for letter in text:
        if letter in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif letter in "]}":
            depth -= 1
    return deepest


def _once_each(pairs: list[tuple[str, Any]]) -> Json:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Unreadable("said_twice")
    return found


def _no_number(name: str) -> Any:
    raise ValueError(name)


# PNG


def _in_png(content: bytes) -> bytes:
    """The credential baked into a badge: the one iTXt chunk with our keyword, not compressed."""
    texts = [data for kind, data in _chunks(content) if kind == b"iTXt" and data.startswith(KEYWORD + b"\0")]  # fmt: skip
    if not texts:
        raise Unreadable("no_credential_in_picture")
    if len(texts) > 1:
        raise Unreadable("said_twice")
    head = _TEXT_HEAD.match(texts[0])
    if head is None or head[1] != b"\0":
        raise Unreadable("no_credential_in_picture")
    return texts[0][head.end() :]


def _chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    place = len(PNG_START)
    while place + 12 <= len(content):
        length, kind = struct.unpack(">I4s", content[place : place + 8])
        if place + 12 + length > len(content):
            raise Unreadable("broken_picture")
        yield kind, content[place + 8 : place + 8 + length]
        if kind == b"IEND":
            return
        place += 12 + length
    raise Unreadable("broken_picture")


# PDF


def _numbers_in(content: bytes) -> tuple[str, ...]:
    """Numbers of ours that stand in the file in plain letters, as in the title our certificates carry. At most five."""
    found = dict.fromkeys(
        number
        for match in _NUMBER.finditer(content)
        if (number := numbers.normalise(match[0].decode()))
    )
    return tuple(list(found)[:5])


# What differs


@dataclass(frozen=True)
class Difference:
    """One value that is not what was issued; `alike` names a letter that only looks like the one issued."""

    path: str
    issued: str
    presented: str
    alike: str = ""


def differences(issued: Any, presented: Any, path: str = "") -> list[Difference]:
    """Every value in which `presented` is not `issued`, by its path."""
    if isinstance(issued, dict) and isinstance(presented, dict):
        return [
            found
            for name in dict.fromkeys([*issued, *presented])
            for found in differences(
                issued.get(name), presented.get(name), f"{path}.{name}" if path else name
            )
        ]
    if isinstance(issued, list) and isinstance(presented, list) and len(issued) == len(presented):
        pairs = enumerate(zip(issued, presented, strict=True))
        return [found for index, (a, b) in pairs for found in differences(a, b, f"{path}[{index}]")]
    if type(issued) is type(presented) and issued == presented:
        return []
    return [Difference(path, _shown(issued), _shown(presented), look_alike(issued, presented))]


def _shown(value: Any) -> str:
    if value is None:
        return ""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 120 else f"{text[:119]}…"


def look_alike(issued: Any, presented: Any) -> str:
    """The name of the first letter in `presented` that is none of the script of the one issued in its place, where they are of equal length."""
    if not isinstance(issued, str) or not isinstance(presented, str):
        return ""
    a, b = unicodedata.normalize("NFC", issued), unicodedata.normalize("NFC", presented)
    if len(a) != len(b) or a == b:
        return ""
    for one, other in zip(a, b, strict=True):
        if one != other and _script(one) != _script(other):
            return f"{other} ({unicodedata.name(other, f'U+{ord(other):04X}').capitalize()})"
    return ""


def _script(letter: str) -> str:
    return unicodedata.name(letter, "?").partition(" ")[0]
