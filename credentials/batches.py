"""Many numbers at once, from a CSV list to answers and back to CSV. Whoever asks brings the numbers: nothing here lists anybody."""

import codecs
import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.formats import localize
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.services import Invalid, harmless
from credentials import numbers, public_words, services, verification
from credentials.models import Credential
from credentials.verification import Answer

MOST = 500
MOST_COLUMNS = 40
LARGEST = 128 * 1024
TOO_LARGE = gettext_lazy(
    "This list is too large. It may have 500 lines; send the rest as another list."
)
_NUMBER_WORDS = {"number", "numbers", "no", "nr", "id", "reg", "registration", "register", "credential", "certificate", "cert", "certification", "licence", "license", "smt"}  # fmt: skip
_NAME_WORDS = {"name", "full", "first", "last", "family", "given", "of", "holder", "therapist", "practitioner", "employee", "staff"}  # fmt: skip


@dataclass(frozen=True)
class Row:
    """One line of the list: which, as a spreadsheet counts, the number as it was given, and a name where there is one."""

    line: int
    given: str
    name: str = ""


@dataclass(frozen=True)
class Answered:
    """What the register says to a line. Without an answer `said` says why; `name_differs` where the list names somebody else."""

    row: Row
    answer: Answer | None = None
    said: str = ""
    name_differs: bool = False


@dataclass(frozen=True)
class Batch:
    rows: Sequence[Answered]
    at: datetime
    on: date | None

    @property
    def valid(self) -> int:
        return sum(bool(each.answer and each.answer.standing.valid) for each in self.rows)

    @property
    def invalid(self) -> int:
        return sum(bool(each.answer and not each.answer.standing.valid) for each in self.rows)

    @property
    def unknown(self) -> int:
        return sum(each.answer is None for each in self.rows)

    @property
    def other_names(self) -> int:
        return sum(each.name_differs for each in self.rows)


# The list


def decoded(content: bytes) -> str:
    """A CSV file as text: UTF-8, UTF-16 where it says so, else as spreadsheets in the West save it. Raises Invalid for what is no text."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content.decode("utf-16", errors="replace")
    if b"\0" in content:
        raise _not_a_list()
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def read(text: str) -> list[Row]:
    """The lines of a list, each that has anything in it. Raises Invalid.

    The numbers stand in the column that has most of them, else in the one whose head says so, else in the first; a name in the column
    whose head says so, else beside the number. A line without a number is a line: nobody is left out of the answer.
    """
    lines = [(line, cells) for line, cells in enumerate(_cells(text), start=1) if any(cells)]
    place, name_place, headed = _places([cells for _line, cells in lines])
    rows = [
        Row(line, _cell(cells, place), _cell(cells, name_place)) for line, cells in lines[headed:]
    ]
    if not any(row.given for row in rows):
        said = _("Paste numbers, one a line, or choose a CSV file that has a column “number”.")
        raise Invalid("empty", said, fields={"numbers": [said]})
    if len(rows) > MOST:
        said = _("%(count)s lines are too many. Send %(most)s at a time.") % {
            "count": localize(len(rows)), "most": localize(MOST),
        }  # fmt: skip
        raise Invalid("too_many", said, fields={"numbers": [said]})
    return rows


def _places(lines: list[list[str]]) -> tuple[int, int, bool]:
    """The columns of the numbers and of the names (-1: none), and whether the first line is their head."""
    looked_at = lines[: MOST + 1]
    wide = min(max(map(len, looked_at), default=0), MOST_COLUMNS)
    heads = [cell.lower() for cell in lines[0]] if lines else []
    numbered = next((at for at, head in enumerate(heads) if _says(head, _NUMBER_WORDS)), None)
    many = [sum(_looks_like_ours(_cell(cells, at)) for cells in looked_at) for at in range(wide)]
    place = many.index(max(many)) if any(many) else numbered or 0
    headed = place < len(heads) and _says(heads[place], _NUMBER_WORDS)
    if headed:
        named = next((at for at, head in enumerate(heads) if _says(head, _NAME_WORDS)), -1)
    else:
        named = 1 if place == 0 else 0 if wide == 2 else -1
    return place, named, headed


def _looks_like_ours(cell: str) -> bool:
    """Whether it is a number; one of letters alone, and not written as we write it, may as well be a name."""
    number = numbers.normalise(cell)
    return number is not None and (number == cell or any(map(str.isdigit, cell)))


def _says(head: str, words: set[str]) -> bool:
    """Whether the head of a column is made of these words."""
    said = re.findall(r"[^\W_]+", head)
    return bool(said) and words.issuperset(said)


def _cells(text: str) -> list[list[str]]:
    if len(text) > LARGEST:
        raise Invalid("too_large", str(TOO_LARGE), fields={"numbers": [str(TOO_LARGE)]})
    head = re.sub(r'"[^"]*"', "", text.lstrip(" \r\n").partition("\n")[0])
    delimiter = max(",;\t", key=head.count)
    content = io.StringIO(text.replace("\0", ""), newline=None)
    try:
        return [
            [cell.strip() for cell in cells] for cells in csv.reader(content, delimiter=delimiter)
        ]
    except csv.Error:
        raise _not_a_list() from None


def _not_a_list() -> Invalid:
    said = _("This cannot be read as a list. Save it as CSV, with the numbers in one column.")
    return Invalid("not_a_list", said, fields={"numbers": [said]})


def _cell(cells: list[str], place: int) -> str:
    return cells[place][:120] if 0 <= place < len(cells) else ""


def as_csv_of(rows: Sequence[Row]) -> str:
    """The list as it was read, to be sent again: each row in its line."""
    lines = {row.line: [row.given, row.name] for row in rows}
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerows(lines.get(line, []) for line in range(1, max(lines, default=0) + 1))
    return written.getvalue()


# The answers


def answer(rows: Sequence[Row], *, at: datetime, on: date | None = None) -> Batch:
    """The register's answer to each line; two statements, however many there are. Raises Invalid for a day to come."""
    wanted = {row.given: numbers.normalise(row.given) for row in rows}
    found = {
        credential.number: credential
        for credential in Credential.objects.filter(
            number__in={number for number in wanted.values() if number}
        ).prefetch_related(verification.events())
    }
    answered = [_answered(row, wanted[row.given], found, at, on) for row in rows]
    return Batch(answered, at, on)


def _answered(
    row: Row, number: str | None, found: dict[str, Credential], at: datetime, on: date | None
) -> Answered:
    if not row.given:
        return Answered(row, said=_("There is no number in this line"))
    if number is None:
        return Answered(row, said=_not_a_number(row.given))
    credential = found.get(number)
    if credential is None:
        return Answered(row, said=_("Not in the register"))
    given = verification.answer_about(credential, at=at, on=on)
    return Answered(row, given, name_differs=_differs(row.name, credential.name))


def _not_a_number(given: str) -> str:
    letter = numbers.foreign_letter(given)
    if letter:
        return _("One letter only looks like one of ours: %(letter)s") % {"letter": letter}
    return _("Not a number of ours: mistyped?")


def _differs(listed: str, held: str) -> bool:
    """Whether a list names somebody else: neither name has all the words of the other."""
    a, b = set(services.fold(listed).split()), set(services.fold(held).split())
    return any(map(str.isalpha, listed)) and not (a <= b or b <= a)


HEAD = ["line", "given", "listed_name", "number", "holder", "credential", "status", "valid", "granted", "valid_until", "on", "checked_at", "remark"]  # fmt: skip


def as_csv(batch: Batch) -> str:
    """The answers as a CSV file, fit for a spreadsheet: no cell is taken for a formula."""
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerow(HEAD)
    for each in batch.rows:
        writer.writerow([harmless(cell) for cell in _line(each, batch)])
    return "\ufeff" + written.getvalue()


def _line(each: Answered, batch: Batch) -> list[str]:
    facts = [str(each.row.line), each.row.given, each.row.name]
    day, checked = batch.on.isoformat() if batch.on else "", batch.at.isoformat(timespec="seconds")
    if each.answer is None:
        return [*facts, "", "", "", "unknown", "no", "", "", day, checked, each.said]
    said, standing = each.answer.credential, each.answer.standing
    return [
        *facts, said.number, said.name, said.statement["title"], standing.status.value,
        "yes" if standing.valid else "no", said.valid_from.isoformat(),
        standing.valid_until.isoformat() if standing.valid_until else "", day, checked, remark(each),
    ]  # fmt: skip


def remark(each: Answered) -> str:
    """What an employer should look at in a line."""
    parts = []
    if each.answer and each.answer.standing.since and not each.answer.standing.valid:
        parts.append(public_words.since(each.answer.standing, each.answer.zone))
    if each.name_differs:
        parts.append(_("the register has another name"))
    return "; ".join(part for part in parts if part)
