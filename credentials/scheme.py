"""A credential type from a file of content/scheme: the edition, its requirements and its reason codes, put in force."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.services import Conflict
from credentials.models import CredentialType, Reason, Requirement
from credentials.services.editions import open_edition, record_opening

# Sections of the file whose reasons belong to the type and not to a requirement.
PURPOSES = {
    "suspension_reasons": Reason.Purpose.SUSPEND,
    "revocation_reasons": Reason.Purpose.REVOKE,
    "reinstatement_reasons": Reason.Purpose.REINSTATE,
    "renewal_reasons": Reason.Purpose.RENEW,
}


@transaction.atomic
def load_credential_type(*, data: Mapping[str, Any], at: datetime) -> tuple[CredentialType, bool]:
    """Make the edition a file describes and put it in force; the second value says whether this call did it.

    An edition in force is never edited. Raises Conflict when the file says something else than the edition in force does: a change
    of rules is a new edition.
    """
    kind = CredentialType.objects.filter(code=data["code"], edition=data["edition"]).first()
    if kind and kind.state != CredentialType.State.DRAFT:
        _complete_older(kind, data, at)
        changed = [*_differences(kind, data)]
        if changed:
            raise Conflict(
                "edition_in_force",
                f"Edition {kind.edition} of {kind.code} is in force and cannot change ({', '.join(changed)}). Name a new edition.",
            )
        return kind, False
    kind, _new = CredentialType.objects.update_or_create(
        code=data["code"],
        edition=data["edition"],
        defaults={**_type_fields(data), "state": CredentialType.State.DRAFT},
    )
    for position, entry in enumerate(data["requirements"]):
        requirement, _new = Requirement.objects.update_or_create(
            credential_type=kind, code=entry["code"], defaults=_requirement_fields(entry, position)
        )
        for reason in entry["reasons"]:
            _load_reason(kind, reason, purpose=reason["outcome"], requirement=requirement)
    for section, purpose in PURPOSES.items():
        for reason in data.get(section, ()):
            _load_reason(kind, reason, purpose=purpose, requirement=None)
    return open_edition(credential_type=kind, by=None, at=at), True


def _complete_older(kind: CredentialType, data: Mapping[str, Any], at: datetime) -> None:
    """An edition put in force before editions had these fields gets them from its file, once: then its opening is recorded."""
    if not kind.events.exists():
        said = _type_fields(data)
        for name in ("pass_rules", "renewal", "late_months"):
            setattr(kind, name, said[name])
        kind.save(update_fields=["pass_rules", "renewal", "late_months"])
        for position, entry in enumerate(data["requirements"]):
            kind.requirements.filter(code=entry["code"]).update(
                parts=_requirement_fields(entry, position)["parts"]
            )
        record_opening(credential_type=kind, by=None, at=at)


def _type_fields(data: Mapping[str, Any]) -> dict[str, Any]:
    same = (
        "title",
        "description",
        "criteria",
        "scope",
        "limits",
        "code_of_conduct",
        "zone",
        "validity_years",
        "number_prefix",
        "award",
    )
    fields = {name: data[name] for name in same}
    renewal = dict(data.get("renewal", {}))
    return {
        **fields,
        "issuer_name": data["issuer"],
        "pass_rules": list(data.get("pass_rules", ())),
        "late_months": renewal.pop("late_months", 0),
        "renewal": renewal,
    }


def _requirement_fields(entry: Mapping[str, Any], position: int) -> dict[str, Any]:
    flags = {
        name: entry.get(name, False)
        for name in ("accepts_document", "allows_not_required", "expires")
    }
    return {
        "kind": entry["kind"],
        "title": entry["title"],
        "help": entry["help"],
        "position": position,
        "phase": Requirement.Phase.AWARD,
        "parts": entry.get("parts", []),
        **flags,
    }


def _load_reason(
    kind: CredentialType,
    reason: Mapping[str, Any],
    *,
    purpose: str,
    requirement: Requirement | None,
) -> None:
    Reason.objects.update_or_create(
        credential_type=kind,
        code=reason["code"],
        defaults={"purpose": purpose, "text": reason["text"], "requirement": requirement},
    )


def _differences(kind: CredentialType, data: Mapping[str, Any]) -> Iterator[str]:
    """What the file says otherwise than the edition."""
    for name, value in _type_fields(data).items():
        if getattr(kind, name) != value:
            yield name
    rows = {row.code: row for row in kind.requirements.filter(phase=Requirement.Phase.AWARD)}
    if list(rows) != [entry["code"] for entry in data["requirements"]]:
        yield "requirements"
        return
    for position, entry in enumerate(data["requirements"]):
        fields = _requirement_fields(entry, position)
        if any(getattr(rows[entry["code"]], name) != value for name, value in fields.items()):
            yield entry["code"]
