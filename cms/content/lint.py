"""No content file states a contested claim as true. What may hold a myth: a wrong option, what a client says, the register itself."""

from collections.abc import Iterator, Mapping
from typing import Any

from cms.content import shapes
from cms.content.lessons import Lesson
from cms.content.library import POOLS, Library
from cms.content.shape import Problem, line_of
from courses.services import Rule, claim_rule, lint_claims

Place = tuple[str, int, str]

# Not our words, or no words.
SKIPPED = {
    "patterns",
    "statement",
    "client_script",
    "code",
    "slug",
    "id",
    "references",
    "reference",
    "review_by",
    "said",
    "credit",
    "figure",
    "outline",
    "place",
}


def rules_of(library: Library) -> list[Rule]:
    """The rules as the register's file has them."""
    return [
        claim_rule(
            code=row["code"],
            status=row["status"],
            statement=row["statement"],
            patterns=row["patterns"],
        )
        for data in library.claims.values()
        for row in data
    ]


def lint_library(library: Library) -> list[Problem]:
    """Every sentence in the content that states a contested claim, with its file and line."""
    rules = rules_of(library)
    return sorted(
        Problem(file, line, f"{finding}.")
        for file, line, words in texts(library)
        for finding in lint_claims(words, rules)
    )


def texts(library: Library) -> Iterator[Place]:
    """Everything a reader or candidate is told as true, with its file and line."""
    for files in (
        library.scheme,
        library.claims,
        library.contraindications,
        library.figures,
        library.checklists,
        library.practice_stations,
        library.exams,
        library.courses,
        library.home,
    ):
        for file, data in files.items():
            yield from _leaves(file, data, 1, 0)
    for pool in POOLS:
        for file, data in library.items[pool].items():
            for index, row in enumerate(data):
                yield from _item(file, row, line_of(data, index, 1))
    for lesson in [*library.lessons.values(), *library.pages.values()]:
        yield from _lesson(lesson)


def _leaves(file: str, value: Any, line: int, offset: int) -> Iterator[Place]:
    """Every text inside a value."""
    if isinstance(value, str):
        yield file, offset + line, str(value)
    elif isinstance(value, Mapping):
        for key, entry in value.items():
            if key not in SKIPPED:
                yield from _leaves(file, entry, line_of(value, key, line), offset)
    elif isinstance(value, list):
        for index, entry in enumerate(value):
            yield from _leaves(file, entry, line_of(value, index, line), offset)


def _item(file: str, row: Any, line: int) -> Iterator[Place]:
    """Stem, keys and rationales; of a wrong option only its rationale."""
    for key in dict.fromkeys([*shapes.ITEM_PARTS[row["type"]], "stem", "stimulus"]):
        if key == "stem" and row["type"] == "truefalse" and not row["answer"]:
            continue  # a false statement to be called false
        if key == "options":
            yield from _options(file, row["options"], line)
        elif key == "parts":
            for index, part in enumerate(row["parts"]):
                where = line_of(row["parts"], index, line)
                yield file, where, str(part["stem"])
                yield from _options(file, part["options"], where)
        elif key in row:
            yield from _leaves(file, row[key], line_of(row, key, line), 0)


def _options(file: str, options: Any, line: int) -> Iterator[Place]:
    """Reasons, and the right option."""
    for option in options:
        yield file, line_of(option, "rationale", line), str(option["rationale"])
        if option.get("correct"):
            yield file, line_of(option, "text", line), str(option["text"])


def _lesson(lesson: Lesson) -> Iterator[Place]:
    yield from _leaves(lesson.file, lesson.front, 1, 1)
    for block in lesson.blocks:
        if block.kind == "text":
            yield from _paragraphs(lesson.file, block.data, block.line)
        elif block.kind == "check":
            yield lesson.file, block.line, str(block.data["stem"])
            for option in block.data["options"]:
                yield lesson.file, block.line + line_of(option, "why", 1), str(option["why"])
                if option.get("correct"):
                    yield lesson.file, block.line + line_of(option, "text", 1), str(option["text"])
        elif block.kind != "references":
            yield from _leaves(lesson.file, block.data, 1, block.line)


def _paragraphs(file: str, source: str, line: int) -> Iterator[Place]:
    """Paragraphs with their own lines."""
    for paragraph in source.split("\n\n"):
        yield file, line, paragraph
        line += paragraph.count("\n") + 2
