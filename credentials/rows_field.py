"""Lists of rows in the scheme editor, with a few empty rows for more: the parts of a requirement, the categories of a renewal. Works without a script.

A row keeps its code while it is edited, so that what two editions say of the same row can be compared; a new one gets its own.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from credentials.equivalence import MOST_HOURS

EMPTY_ROWS = 3
MOST_ROWS = 40
LONGEST_TITLE, LONGEST_CODE = 150, 40
MOST_RENEWAL_HOURS = Decimal(999)

Row = Mapping[str, Any]


class RowsWidget(forms.Widget):
    """A table of fields named `<name>-<row>-<key>`. A row whose fields are emptied goes."""

    use_fieldset = True
    keys: Sequence[str]

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        rows = [*(value or []), *[{}] * EMPTY_ROWS][:MOST_ROWS]
        context["rows"] = [
            {"name": f"{name}-{place}", "place": place + 1, **row} for place, row in enumerate(rows)
        ]
        return context

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[dict[str, str]]:
        rows = []
        for place in range(MOST_ROWS):
            given = {key: data.get(f"{name}-{place}-{key}", "").strip() for key in self.keys}
            if any(text for key, text in given.items() if key != "code"):
                rows.append(given)
        return rows

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return f"{name}-0-title" not in data

    def id_for_label(self, id_: str) -> str:
        return ""


class RowsField(forms.Field):
    """Rows as JSON, each with a code and a title. What is wrong is said with the number of its row."""

    widget: Any = RowsWidget
    default_error_messages = {
        "title": gettext_lazy("Row %(row)s: give it a title of up to 150 letters."),
        "twice": gettext_lazy("Row %(row)s: this title stands twice."),
    }

    def clean(self, value: Any) -> list[dict[str, Any]]:
        problems: list[ValidationError] = []
        rows: list[dict[str, Any]] = []
        for place, row in enumerate(value or [], 1):
            wrong = _title_problem(row, rows) or self.problem(row)
            if wrong:
                params = {"row": place}
                problems.append(ValidationError(self.error_messages[wrong], wrong, params))
                continue
            code = _code(row, {each["code"] for each in rows})
            rows.append({"code": code, "title": row["title"], **self.values(row)})
        if problems:
            raise ValidationError(problems)
        return rows

    def has_changed(self, initial: Any, data: Any) -> bool:
        keys = self.widget.keys
        return [{key: str(row.get(key, "")) for key in keys} for row in initial or []] != (
            data or []
        )

    def problem(self, row: Row) -> str:
        """What is wrong with a row beside its title: the name of its message, or nothing."""
        raise NotImplementedError

    def values(self, row: Row) -> dict[str, Any]:
        """What a sound row holds beside its code and title."""
        raise NotImplementedError


class PartsWidget(RowsWidget):
    template_name = "credentials/widgets/parts.html"
    keys = ("code", "title", "hours")


class PartsField(RowsField):
    """The parts of equivalent education: code, title, hours."""

    widget = PartsWidget
    default_error_messages = {
        "hours": gettext_lazy("Row %(row)s: give whole hours from 1 to 9999.")
    }

    def problem(self, row: Row) -> str:
        hours = row["hours"]
        sound = hours.isascii() and hours.isdigit() and 1 <= int(hours[:9]) <= MOST_HOURS
        return "" if sound else "hours"

    def values(self, row: Row) -> dict[str, Any]:
        return {"hours": int(row["hours"])}


class CategoriesWidget(RowsWidget):
    template_name = "credentials/widgets/categories.html"
    keys = ("code", "title", "minimum_hours", "maximum_hours")


class CategoriesField(RowsField):
    """The categories of a renewal's hours: code, title, and the least or the most hours that count, where there are such."""

    widget = CategoriesWidget
    default_error_messages = {
        "hours": gettext_lazy("Row %(row)s: give hours from 0.5 to 999, in halves, or nothing."),
        "order": gettext_lazy("Row %(row)s: at most cannot be less than at least."),
    }

    def problem(self, row: Row) -> str:
        least, most = row["minimum_hours"], row["maximum_hours"]
        if not all(hours_in(text) for text in (least, most) if text):
            return "hours"
        in_order = not (least and most) or Decimal(least) <= Decimal(most)
        return "" if in_order else "order"

    def values(self, row: Row) -> dict[str, Any]:
        given = {key: row[key] for key in ("minimum_hours", "maximum_hours") if row[key]}
        return {key: number(Decimal(text)) for key, text in given.items()}


def hours_in(text: str) -> Decimal | None:
    """Hours of a renewal in halves, up to 999; None for anything else."""
    try:
        hours = Decimal(text if text.isascii() else "")
        sound = 0 < hours <= MOST_RENEWAL_HOURS and hours % Decimal("0.5") == 0
    except InvalidOperation:
        return None
    return hours if sound else None


def number(hours: Decimal) -> int | float:
    """Hours as JSON keeps them: whole ones without a point."""
    return int(hours) if hours == int(hours) else float(hours)


def _title_problem(row: Row, earlier: Sequence[Row]) -> str:
    title = row["title"]
    if not title or len(title) > LONGEST_TITLE:
        return "title"
    same = any(each["title"].casefold() == title.casefold() for each in earlier)
    return "twice" if same else ""


def _code(row: Row, taken: set[str]) -> str:
    """The code the row has, else one made of its title; never one that is taken."""
    wished = slugify(row["code"] or row["title"])[: LONGEST_CODE - 3].strip("-") or "part"
    return next(
        code
        for code in (wished, *(f"{wished}-{number}" for number in range(2, MOST_ROWS + 2)))
        if code not in taken
    )


def told(parts: Sequence[Row]) -> str:
    """The parts as one reads them: one a line, its hours after it."""
    return "\n".join(
        _("%(title)s, %(hours)s hours") % {"title": part["title"], "hours": part["hours"]}
        for part in parts
    )
