"""Form widgets of ours."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


class DayInput(forms.Widget):
    """A date as three numbers, day, month, year, each with its label. For `forms.DateField(widget=DayInput())`."""

    template_name = "widgets/day.html"
    use_fieldset = True
    parts = (("day", _("Day"), ""), ("month", _("Month"), ""), ("year", _("Year"), "y"))

    def id_for_label(self, id_: str) -> str:
        return f"{id_}_day"

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        typed = ["", "", ""]
        if isinstance(value, date):
            typed = [str(value.day), str(value.month), str(value.year)]
        elif value:
            typed = [*reversed(str(value).split("-")), "", ""][:3]
        context["widget"]["parts"] = [
            {"name": f"{name}_{part}", "id": f"{context['widget']['attrs'].get('id', name)}_{part}", "label": label, "class": css, "value": text}
            for (part, label, css), text in zip(self.parts, typed, strict=True)
        ]  # fmt: skip
        return context

    def value_from_datadict(self, data: Any, files: Any, name: str) -> str | None:
        if name in data:  # an ISO date from a link or a program
            return data[name]
        year, month, day = (
            str(data.get(f"{name}_{part}", "")).strip() for part in ("year", "month", "day")
        )
        return f"{year}-{month}-{day}" if year or month or day else None

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return not any(
            key in data for key in (name, *(f"{name}_{part}" for part, _label, _css in self.parts))
        )
