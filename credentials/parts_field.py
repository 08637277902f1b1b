"""The parts of a requirement in the scheme editor: a row of title and hours for each, and a few empty rows for more. Works without a script.

A part keeps its code while its row is edited, so that what two editions ask of the same part can be compared; a new one gets its own.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from credentials.equivalence import MOST_HOURS

EMPTY_ROWS = 3
MOST_PARTS = 40
LONGEST_TITLE, LONGEST_CODE = 150, 40
_KEYS = ("code", "title", "hours")

Part = Mapping[str, Any]


class PartsWidget(forms.Widget):
    """A table of fields named `<name>-<row>-code`, `-title` and `-hours`. A row whose title is emptied goes."""

    template_name = "credentials/widgets/parts.html"
    use_fieldset = True

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        rows = [*(value or []), *[{}] * EMPTY_ROWS][:MOST_PARTS]
        context["rows"] = [
            {"name": f"{name}-{place}", "place": place + 1, **row} for place, row in enumerate(rows)
        ]
        return context

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[dict[str, str]]:
        rows = []
        for place in range(MOST_PARTS):
            given = {key: data.get(f"{name}-{place}-{key}", "").strip() for key in _KEYS}
            if given["title"] or given["hours"]:
                rows.append(given)
        return rows

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return f"{name}-0-title" not in data

    def id_for_label(self, id_: str) -> str:
        return ""


class PartsField(forms.Field):
    """The parts of equivalent education as JSON: code, title, hours. What is wrong is said with the number of its row."""

    widget = PartsWidget
    default_error_messages = {
        "title": gettext_lazy("Row %(row)s: give the part a title of up to 150 letters."),
        "hours": gettext_lazy("Row %(row)s: give whole hours from 1 to 9999."),
        "twice": gettext_lazy("Row %(row)s: this title stands twice."),
    }

    def clean(self, value: Any) -> list[dict[str, Any]]:
        problems: list[ValidationError] = []
        parts: list[dict[str, Any]] = []
        for place, row in enumerate(value or [], 1):
            wrong = _problem(row, parts)
            if wrong:
                params = {"row": place}
                problems.append(ValidationError(self.error_messages[wrong], wrong, params))
                continue
            code = _code(row, {part["code"] for part in parts})
            parts.append({"code": code, "title": row["title"], "hours": int(row["hours"])})
        if problems:
            raise ValidationError(problems)
        return parts

    def has_changed(self, initial: Any, data: Any) -> bool:
        before = [{key: str(row.get(key, "")) for key in _KEYS} for row in initial or []]
        return before != (data or [])


def _problem(row: Part, earlier: Sequence[Part]) -> str:
    title, hours = row["title"], row["hours"]
    if not title or len(title) > LONGEST_TITLE:
        return "title"
    if not (hours.isascii() and hours.isdigit() and 1 <= int(hours[:9]) <= MOST_HOURS):
        return "hours"
    same = any(part["title"].casefold() == title.casefold() for part in earlier)
    return "twice" if same else ""


def _code(row: Part, taken: set[str]) -> str:
    """The code the row has, else one made of its title; never one that is taken."""
    wished = slugify(row["code"] or row["title"])[: LONGEST_CODE - 3].strip("-") or "part"
    return next(
        code
        for code in (wished, *(f"{wished}-{number}" for number in range(2, MOST_PARTS + 2)))
        if code not in taken
    )


def told(parts: Sequence[Part]) -> str:
    """The parts as one reads them: one a line, its hours after it."""
    return "\n".join(
        _("%(title)s, %(hours)s hours") % {"title": part["title"], "hours": part["hours"]}
        for part in parts
    )
