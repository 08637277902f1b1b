"""What the parts of an edition are called where its changes are told."""

from collections.abc import Sequence
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from credentials.models import CredentialType, Reason, Requirement
from credentials.scheme_diff import Change, laid_over

_MODELS: dict[str, Any] = {"requirements": Requirement, "reasons": Reason}


def told(changes: Sequence[Change]) -> list[dict[str, Any]]:
    """The changes as a template lists them."""
    return [
        {
            "label": _label(row),
            "kind": row.kind,
            "pieces": list(laid_over(_read(row.before), _read(row.after))),
        }
        for row in changes
    ]


def _read(value: str) -> str:
    """Yes and no in the reader's language."""
    return {"yes": _("Yes"), "no": _("No")}.get(value, value)


def _label(change: Change) -> str:
    model = _MODELS.get(change.part)
    if model is None:
        names = {field.name: str(field.verbose_name) for field in CredentialType._meta.fields}
        name = capfirst(names[change.part])
        if change.field:
            return f"{name}, {change.field.replace('_', ' ')}"
        return (
            _("%(what)s, sentence %(number)s") % {"what": name, "number": change.name}
            if change.name
            else name
        )
    kind = _("Requirement") if model is Requirement else _("Reason")
    named = f"{kind} “{change.name}”"
    if not change.field:
        return named
    field = next((row for row in model._meta.fields if row.name == change.field), None)
    return f"{named}, {field.verbose_name if field else change.field}"
