"""A lesson file: front matter between `---`, then Markdown with blocks between `:::` lines. See content/README.md."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cms.content import prose, shapes
from cms.content.shape import Problem, Reader

BLOCK = re.compile(r"^:::\s*(?P<kind>[a-z]+)\s*$")
END = re.compile(r"^:::\s*$")
LEAST_WORDS = 500


@dataclass(frozen=True)
class Block:
    """One block of a lesson: its kind, its data (of text: the Markdown), and the line it begins at."""

    kind: str
    data: Any
    line: int


@dataclass
class Lesson:
    """A lesson or page as read: its front matter, its blocks, the lessons it links to."""

    file: str
    front: Any
    blocks: list[Block] = field(default_factory=list)
    links: list[tuple[str, int]] = field(default_factory=list)

    @property
    def code(self) -> str:
        return str(self.front.get("code", ""))

    def named(self, kind: str, key: str) -> list[tuple[str, int]]:
        """What the blocks of a kind name under `key`, with the line of each block."""
        return [
            (str(block.data[key]), block.line)
            for block in self.blocks
            if block.kind == kind and isinstance(block.data, dict) and block.data.get(key)
        ]


def parse(
    path: Path, root: Path, *, kinds: tuple[str, ...], front: Any
) -> tuple[Lesson | None, list[Problem]]:
    """Read a Markdown file. `kinds` are the blocks it may have, `front` the shape of its front matter."""
    reader = Reader(str(path.relative_to(root)))
    try:
        lines = path.read_text().split("\n")
    except (UnicodeDecodeError, OSError) as error:
        reader.fault(1, f"The file cannot be read: {error}.")
        return None, reader.problems
    if lines[0].strip() != "---" or "---" not in [line.strip() for line in lines[1:]]:
        reader.fault(1, "The file has to begin with its front matter between two lines of ---.")
        return None, reader.problems
    end = next(index for index, line in enumerate(lines) if index and line.strip() == "---")
    head = _yaml(reader, lines[1:end], 1, front, "front matter")
    if head is None:
        return None, reader.problems
    lesson = Lesson(reader.file, head)
    _read_body(lesson, lines, end + 1, kinds, reader)
    return lesson, reader.problems


def _yaml(reader: Reader, lines: list[str], before: int, shape: Any, name: str) -> Any:
    """YAML inside the file; `before` is how many lines of the file come before it. None after a fault."""
    inner = Reader(reader.file, offset=before)
    data = inner.yaml("\n".join(lines))
    if not inner.problems:
        shape(data, 1, name, inner)
    reader.problems += inner.problems
    return None if inner.problems else data


def _read_body(
    lesson: Lesson, lines: list[str], start: int, kinds: tuple[str, ...], reader: Reader
) -> None:
    """Go through the lines from `start` (counted from 0): prose until a block opens, then the block until it closes."""
    text_from, index = start, start
    while index < len(lines):
        opening = BLOCK.match(lines[index])
        if END.match(lines[index]):
            reader.fault(index + 1, "This ::: closes no block.")
        if not opening:
            index += 1
            continue
        _take_text(lesson, lines, text_from, index, reader)
        close = next((at for at in range(index + 1, len(lines)) if END.match(lines[at])), None)
        if close is None:
            reader.fault(
                index + 1, f"The block “{opening['kind']}” is not closed with a line of :::."
            )
            return
        _take_block(lesson, opening["kind"], lines, (index, close), kinds, reader)
        text_from = index = close + 1
    _take_text(lesson, lines, text_from, len(lines), reader)


def _take_text(lesson: Lesson, lines: list[str], start: int, end: int, reader: Reader) -> None:
    source = "\n".join(lines[start:end])
    if source.strip():
        lesson.links += prose.check(source, reader, offset=start)
        lead = next(index for index, line in enumerate(lines[start:end]) if line.strip())
        lesson.blocks.append(Block("text", source.strip("\n"), start + lead + 1))


def _take_block(
    lesson: Lesson,
    kind: str,
    lines: list[str],
    span: tuple[int, int],
    kinds: tuple[str, ...],
    reader: Reader,
) -> None:
    start, close = span
    if kind not in kinds:
        reader.fault(start + 1, f"There is no block “{kind}” here; there are {', '.join(kinds)}.")
        return
    data = _yaml(reader, lines[start + 1 : close], start + 1, shapes.BLOCKS[kind], kind)
    if data is not None:
        lesson.blocks.append(Block(kind, data, start + 1))
        _check_sense(kind, data, start + 1, reader)


def _check_sense(kind: str, data: Any, line: int, reader: Reader) -> None:
    """What a shape cannot say."""
    if kind == "check":
        correct = sum(1 for option in data["options"] if option.get("correct"))
        if correct != 1:
            reader.fault(line, f"A check has exactly one correct option; this one has {correct}.")
    if kind == "table":
        width = len(data["head"])
        for index, row in enumerate(data["rows"]):
            if len(row) != width:
                where = line + data["rows"].lc.item(index)[0] + 1
                reader.fault(where, f"The row has {len(row)} cells; the head has {width}.")


def check_lesson(lesson: Lesson, reader: Reader) -> None:
    """What a lesson needs over a page: enough to read, a check near its end, its references last."""
    counted = sum(prose.words(block.data) for block in lesson.blocks if block.kind == "text")
    if counted < LEAST_WORDS:
        reader.fault(
            1, f"A lesson has at least {LEAST_WORDS} words of prose; this one has {counted}."
        )
    kinds = [block.kind for block in lesson.blocks]
    if kinds.count("check") != 1 or "check" not in kinds[-4:]:
        reader.fault(1, "A lesson has one check, near its end.")
    if not kinds or kinds[-1] != "references":
        reader.fault(1, "The last block of a lesson is its references.")
