"""Finds what a page says that no catalogue could translate: everything that went through gettext is put between ⟦ and ⟧ and left out,
and so is what people and content files wrote into the database."""

import json
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from html.parser import HTMLParser
from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import models
from django.utils.translation import trans_real

OPEN, SHUT = "⟦", "⟧"
APPS = ("accounts", "credentials", "courses", "quizzes", "practicals", "cms", "taggit", "auth")
SAID = {"alt", "aria-description", "aria-label", "aria-valuetext", "content", "label", "placeholder", "title"}  # fmt: skip
INLINE = ("a", "abbr", "b", "bdi", "code", "em", "i", "span", "strong", "time")
WORD = re.compile(r"[^\W\d_]{2,}")
# Names, and what is the same in every language.
NAMES = re.compile(
    r"\b(Palpate|PDF|PNG|JPEG|JSON|CSV|HTML|DOCX|QR|Open Badges|SHA-256|SMT|UTC|GMT|BST|CEST|CET|ISO|IEC|did:web|Ed25519)\b"
    r"|\b[0-9a-f]{4}( [0-9a-f]{4})+\b|\b[A-Z]{2,4}(-[0-9A-Z]{4}){2}\b"
    r"|https?://\S+|\S+@\S+|/[\w./-]+|\b[\w-]*\d[\w-]*\b|\b[0-9a-f]{8,}\b"
)


class Marked:
    """A catalogue that has every message, said as it is between marks."""

    def __init__(self, catalogue: Any) -> None:
        self._catalogue = catalogue

    def __getattr__(self, name: str) -> Any:
        return getattr(self._catalogue, name)

    def gettext(self, message: str) -> str:
        return self._mark(self._catalogue.gettext(message))

    def ngettext(self, singular: str, plural: str, number: int) -> str:
        return self._mark(self._catalogue.ngettext(singular, plural, number))

    @staticmethod
    def _mark(said: str) -> str:
        """A message with a context is said without it."""
        return f"{OPEN}{said.rpartition(trans_real.CONTEXT_SEPARATOR)[2]}{SHUT}"


@contextmanager
def marked() -> Iterator[None]:
    """Within it, all that is translated is marked."""
    language = settings.LANGUAGE_CODE
    catalogue = trans_real.translation(language)
    kept = trans_real._default
    active = getattr(trans_real._active, "value", None)
    trans_real._translations[language] = trans_real._default = Marked(catalogue)
    trans_real.activate(language)
    try:
        yield
    finally:
        trans_real._translations[language], trans_real._default = catalogue, kept
        if active is None:
            trans_real.deactivate()
        else:
            trans_real._active.value = active


class Heard(HTMLParser):
    """What a page says, in its order: text, and the attributes that are read out or shown; text of scripts only where it is data."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.text: list[str] = []
        self.apart: list[str] = []
        self._script = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag in ("script", "style"):
            self._script = given.get("type") or tag
        if tag == "input" and given.get("type") in ("submit", "button"):
            self.apart.append(given.get("value", ""))
        for name, value in given.items():
            if (name in SAID and (tag != "meta" or given.get("name") == "description")) or (
                name.startswith("data-") and " " in value and not value.startswith(("{", "["))
            ):
                self.apart.append(value)

    def handle_endtag(self, tag: str) -> None:
        if tag in ("script", "style"):
            self._script = ""
        elif tag not in INLINE:
            self.text.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._script:
            self.text.append(data)
        elif self._script == "application/json":
            self.apart += [said for said in strings(json.loads(data)) if " " in said.strip()]


def strings(value: Any) -> Iterator[str]:
    """Every text in what JSON holds; the names of its fields are not said."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from strings(inner)


def written() -> set[str]:
    """What people and content files wrote: every text in our tables that is not a choice of the code."""
    found: set[str] = set()
    for model in apps.get_models():
        if model._meta.app_label not in APPS and model._meta.label != "wagtailcore.Page":
            continue
        names = [field.attname for field in model._meta.concrete_fields if holds_text(field)]
        for row in model._default_manager.values_list(*names) if names else ():
            for value in row:
                found.update(line for said in strings(value) for line in (said, *said.splitlines()))
    people = get_user_model().objects.values_list("name", flat=True)
    found.update(part for name in people for part in name.split())
    return {said for said in map(plain, found) if WORD.search(said)}


def holds_text(field: Any) -> bool:
    kinds = (models.CharField, models.TextField, models.JSONField, models.EmailField)
    return isinstance(field, kinds) and not field.choices


def plain(text: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text)).strip()


def unmarked(text: str) -> str:
    """A text without what stands between marks, however deep."""
    depth, left = 0, []
    for char in text:
        depth += char == OPEN
        if depth == 0:
            left.append(char)
        depth -= char == SHUT and depth > 0
    return "".join(left)


DATED = re.compile(
    r"\d\s(Jan(uary)?|Feb(ruary)?|Mar(ch)?|Apr(il)?|May|June?|July?|Aug(ust)?|Sept?(ember)?|Oct(ober)?|Nov(ember)?|Dec(ember)?)\b"
)


def untranslatable(html: str, content: Iterable[str]) -> list[str]:
    """What a page says that is neither marked nor content, as it stands there."""
    heard = Heard()
    heard.feed(html)
    said = ["".join(heard.text), *heard.apart]
    bare = [plain(line) for text in said for line in unmarked(text).split("\n")]
    # A date in the middle of a sentence has marks of its own.
    dated = [plain(line) for text in said for line in text.split("\n") if DATED.search(line)]
    return [
        *(line for line in bare if WORD.search(line) and WORD.search(own_words(line, content))),
        *(line for line in dated if DATED.search(without(line, content))),
    ]


def own_words(line: str, content: Iterable[str]) -> str:
    """What is left of a line without names and content."""
    return NAMES.sub(" ", without(line, content))


def without(line: str, content: Iterable[str]) -> str:
    for said in content:
        if said in line:
            line = line.replace(said, " ")
    return line
