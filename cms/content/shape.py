"""What a value in a content file may be. A fault is a sentence with the file and line it stands in.

A check takes a value and where it stands and says what is wrong with it. Checks are made of checks:

    record({"code": text(20)}, {"hours": number(0, 500)})
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError


@dataclass(frozen=True, order=True)
class Problem:
    """A fault in a content file."""

    file: str
    line: int
    sentence: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.sentence}"


@dataclass
class Reader:
    """Collects the faults of one file. `offset` is the line before the YAML begins, for YAML inside a lesson."""

    file: str
    offset: int = 0
    problems: list[Problem] = field(default_factory=list)

    def fault(self, line: int, sentence: str) -> None:
        self.problems.append(Problem(self.file, self.offset + line, sentence))

    def yaml(self, text: str) -> Any:
        """The text as data that remembers its lines, or None after a fault."""
        try:
            return YAML().load(text)
        except MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            self.fault(
                mark.line + 1 if mark else 1, f"This is not YAML: {error.problem or error.context}."
            )
        return None


Check = Callable[[Any, int, str, Reader], None]


def line_of(parent: Any, key: Any, default: int) -> int:
    """The line (from 1) of a key of a mapping or an entry of a list."""
    try:
        lines: Any = parent.lc
        place = lines.key(key) if isinstance(parent, Mapping) else lines.item(key)
    except (AttributeError, KeyError, IndexError, TypeError):
        return default
    return place[0] + 1


def text(longest: int = 5_000, *, shortest: int = 1) -> Check:
    def check(value: Any, line: int, name: str, reader: Reader) -> None:
        if not isinstance(value, str):
            reader.fault(line, f"“{name}” has to be text; put it in quotation marks.")
        elif "\x00" in value:
            reader.fault(line, f"“{name}” holds a NUL byte.")
        elif len(value.strip()) < shortest:
            reader.fault(line, f"“{name}” is empty.")
        elif len(value) > longest:
            reader.fault(line, f"“{name}” is longer than {longest} characters ({len(value)}).")

    return check


def number(least: float = 0, most: float = 1_000_000, *, whole: bool = True) -> Check:
    def check(value: Any, line: int, name: str, reader: Reader) -> None:
        kinds = (int,) if whole else (int, float)
        if isinstance(value, bool) or not isinstance(value, kinds):
            reader.fault(line, f"“{name}” has to be a {'whole ' if whole else ''}number.")
        elif not least <= value <= most:
            reader.fault(line, f"“{name}” has to be from {least:g} to {most:g}.")

    return check


def choice(*allowed: str) -> Check:
    def check(value: Any, line: int, name: str, reader: Reader) -> None:
        if value not in allowed:
            reader.fault(line, f"“{name}” is {value!r}; it has to be one of {', '.join(allowed)}.")

    return check


def flag(value: Any, line: int, name: str, reader: Reader) -> None:
    if not isinstance(value, bool):
        reader.fault(line, f"“{name}” has to be true or false.")


def day(value: Any, line: int, name: str, reader: Reader) -> None:
    if not isinstance(value, date):
        reader.fault(line, f"“{name}” has to be a date, as in 2028-11-01.")


def read_by(reader_of: Callable[[str], Any], longest: int = 2_000) -> Check:
    """A text that `reader_of` can read; what it says otherwise, by ValueError, is the fault."""

    def check(value: Any, line: int, name: str, reader: Reader) -> None:
        before = len(reader.problems)
        text(longest)(value, line, name, reader)
        if len(reader.problems) > before:
            return
        try:
            reader_of(str(value))
        except ValueError as refusal:
            reader.fault(line, f"“{name}”: {refusal}")

    return check


def rows(each: Check, *, least: int = 0, most: int | None = None) -> Check:
    def check(value: Any, line: int, name: str, reader: Reader) -> None:
        if not isinstance(value, list):
            reader.fault(line, f"“{name}” has to be a list.")
            return
        if len(value) < least:
            reader.fault(
                line, f"“{name}” needs at least {least} {'entry' if least == 1 else 'entries'}."
            )
        if most is not None and len(value) > most:
            reader.fault(line, f"“{name}” has at most {most} entries; here are {len(value)}.")
            return
        for index, entry in enumerate(value):
            each(entry, line_of(value, index, line), name, reader)

    return check


def mapping(each: Check) -> Check:
    def check(value: Any, line: int, name: str, reader: Reader) -> None:
        if not isinstance(value, Mapping):
            reader.fault(line, f"“{name}” has to be a mapping of names to values.")
            return
        for key, entry in value.items():
            each(entry, line_of(value, key, line), str(key), reader)

    return check


def record(needed: Mapping[str, Check], optional: Mapping[str, Check] | None = None) -> Check:
    known = {**needed, **(optional or {})}

    def check(value: Any, line: int, name: str, reader: Reader) -> None:
        if not isinstance(value, Mapping):
            reader.fault(line, f"“{name}” has to have the entries {', '.join(needed)}.")
            return
        for key in needed:
            if key not in value:
                reader.fault(line, f"“{key}” is missing in “{name}”.")
        for key, entry in value.items():
            where = line_of(value, key, line)
            if key in known:
                known[key](entry, where, key, reader)
            else:
                reader.fault(
                    where, f"“{key}” is not known in “{name}”; it may have {', '.join(known)}."
                )

    return check


def anything(value: Any, line: int, name: str, reader: Reader) -> None:
    """No demand."""


def plain(value: Any) -> Any:
    """The same data without its memory of lines: dicts, lists, texts, numbers, dates."""
    if isinstance(value, Mapping):
        return {plain(key): plain(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [plain(entry) for entry in value]
    if isinstance(value, bool) or value is None:
        return value
    for kind in (str, int, float):
        if isinstance(value, kind):
            return kind(value)
    return value


def read(path: Path, root: Path, shape: Check) -> tuple[Any, list[Problem]]:
    """A YAML file as data that remembers its lines, and its faults. Data with faults is None."""
    reader = Reader(str(path.relative_to(root)))
    try:
        content = path.read_text()
    except (UnicodeDecodeError, OSError) as error:
        reader.fault(1, f"The file cannot be read: {error}.")
        return None, reader.problems
    data = reader.yaml(content)
    if not reader.problems:
        shape(data, 1, path.stem, reader)
    return (None if reader.problems else data), reader.problems
