"""The parts of equivalent education in the forms of applicants and reviewers: one row of fields for each part a requirement names."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from credentials import equivalence

OUTCOMES = [
    ("", _("Choose")),
    (equivalence.MET, _("Met")),
    (equivalence.MORE, _("More information")),
    (equivalence.NOT_MET, _("Not met")),
]


def hours_field(label: Any) -> forms.IntegerField:
    return forms.IntegerField(
        label=label,
        required=False,
        min_value=0,
        max_value=equivalence.MOST_HOURS,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
        error_messages=dict.fromkeys(
            ("invalid", "min_value", "max_value"), _("Give whole hours from 0 to 9999.")
        ),
    )


def add_claims(form: forms.Form, parts: Sequence[Mapping[str, Any]]) -> None:
    """What the applicant claims for each part: hours, and where the document shows them."""
    for part in parts:
        form.fields[f"part_{part['code']}_hours"] = hours_field(_("Hours"))
        form.fields[f"part_{part['code']}_where"] = forms.CharField(
            label=_("Where the document shows it"), required=False, max_length=200
        )


def add_counts(
    form: forms.Form, parts: Sequence[Mapping[str, Any]], claimed: Mapping[str, Any]
) -> None:
    """What the reviewer counts and decides for each part."""
    for part in parts:
        code = part["code"]
        form.fields[f"part_{code}_hours"] = hours_field(_("Hours counted"))
        form.fields[f"part_{code}_hours"].initial = claimed.get(code, {}).get("hours")
        form.fields[f"part_{code}"] = forms.ChoiceField(
            label=_("Decision"), choices=OUTCOMES, required=False
        )


def claims_of(data: Mapping[str, Any], parts: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The claims of a clean form, as the service takes them."""
    return {
        part["code"]: {
            "hours": data.get(f"part_{part['code']}_hours"),
            "where": data.get(f"part_{part['code']}_where", ""),
        }
        for part in parts
    }


def counts_of(data: Mapping[str, Any], parts: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The decisions of a clean form, as the service takes them."""
    return {
        part["code"]: {
            "hours": data.get(f"part_{part['code']}_hours") or 0,
            "outcome": data.get(f"part_{part['code']}", ""),
        }
        for part in parts
    }


def rows_of(
    form: forms.Form | None, compared: Sequence[equivalence.Compared]
) -> Iterator[dict[str, Any]]:
    """Each part with its fields, for a template."""
    for row in compared:
        fields = form.fields if form else {}
        names = (f"part_{row.code}_hours", f"part_{row.code}_where", f"part_{row.code}")
        hours, where, outcome = (form[name] if form and name in fields else None for name in names)
        yield {"row": row, "hours": hours, "where": where, "outcome": outcome}
