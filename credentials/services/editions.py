"""The editions of a scheme. An edition in force is never edited: a new one is drafted from it, opened, and the old one closes."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from accounts.models import Role, User
from accounts.services import Conflict, Forbidden, Invalid
from credentials import scheme_diff
from credentials.models import CredentialType, EditionEvent, Reason, Requirement


def open_types() -> Sequence[CredentialType]:
    """The editions people may apply for."""
    return list(CredentialType.objects.filter(state=CredentialType.State.OPEN))


def editions_of(*, code: str) -> Sequence[CredentialType]:
    """The editions of a scheme that are or were in force, the newest first."""
    rows = CredentialType.objects.filter(code=code).exclude(state=CredentialType.State.DRAFT)
    return list(rows.order_by("-pk"))


def require_draft(credential_type: CredentialType) -> None:
    """Raise Conflict when the edition is or was in force: then nothing of it changes any more."""
    if credential_type.state != CredentialType.State.DRAFT:
        raise Conflict(
            "edition_in_force",
            _(
                "Edition %(edition)s is or was in force and cannot be edited. Draft the next edition."
            )
            % {"edition": credential_type.edition},
        )


@transaction.atomic
def draft_next_edition(
    *, credential_type: CredentialType, edition: str, by: User | None, at: datetime
) -> CredentialType:
    """Copy an edition with its requirements and reasons into a draft. The same name again returns the draft. Raises Invalid, Conflict."""
    _setter_up(by)
    edition = edition.strip()
    if not edition:
        raise Invalid("no_edition", _("Name the edition."), fields={"edition": [_("Name it.")]})
    existing = CredentialType.objects.filter(code=credential_type.code, edition=edition).first()
    if existing:
        require_draft(existing)
        return existing
    draft = _copy(credential_type, edition=edition, state=CredentialType.State.DRAFT)
    new_of: dict[int, Requirement] = {}
    for requirement in credential_type.requirements.all():
        new_of[requirement.pk] = _copy(requirement, credential_type=draft)
    for reason in credential_type.reasons.all():
        of = new_of[reason.requirement_id] if reason.requirement_id else None
        _copy(reason, credential_type=draft, requirement=of)
    log(draft, "credentials.edition_drafted", user=by, timestamp=at)
    return draft


PLAIN = (
    "code",
    "edition",
    "title",
    "issuer_name",
    "description",
    "criteria",
    "scope",
    "limits",
    "code_of_conduct",
    "pass_rules",
    "renewal",
    "late_months",
    "zone",
    "validity_years",
    "number_prefix",
    "award",
)
OF_REQUIREMENT = (
    "code",
    "kind",
    "phase",
    "title",
    "help",
    "position",
    "accepts_document",
    "allows_not_required",
    "expires",
)


def content_of(credential_type: CredentialType) -> dict[str, Any]:
    """All an edition says, as JSON values: what its opening records, and what editions are compared by."""
    reasons = credential_type.reasons.select_related("requirement").order_by("code")
    return {
        **{name: getattr(credential_type, name) for name in PLAIN},
        "requirements": [
            {name: getattr(row, name) for name in OF_REQUIREMENT}
            | ({"parts": row.parts} if row.parts else {})
            for row in credential_type.requirements.order_by("position", "code")
        ],
        "reasons": [
            {
                "code": row.code,
                "purpose": row.purpose,
                "text": row.text,
                "requirement": row.requirement.code if row.requirement else None,
            }
            for row in reasons
        ],
    }


def previous_of(credential_type: CredentialType) -> CredentialType | None:
    """The edition of the same scheme that was in force before this one, or is while it is a draft."""
    others = CredentialType.objects.filter(code=credential_type.code).exclude(
        state=CredentialType.State.DRAFT
    )
    opened = credential_type.events.filter(kind=EditionEvent.Kind.OPENED).first()
    if opened:
        others = others.filter(events__kind=EditionEvent.Kind.OPENED, events__pk__lt=opened.pk)
    return others.exclude(pk=credential_type.pk).order_by("-events__pk", "-pk").first()


def changes_since(
    *, credential_type: CredentialType, earlier: CredentialType
) -> list[scheme_diff.Change]:
    """What an edition says otherwise than an earlier one."""
    return scheme_diff.changes(content_of(earlier), content_of(credential_type))


def record_opening(*, credential_type: CredentialType, by: User | None, at: datetime) -> None:
    """Write what an edition in force says, where nothing has recorded it yet. Called when it opens, and by the loader for older ones."""
    opened = EditionEvent.Kind.OPENED
    if not credential_type.events.filter(kind=opened).exists():
        _record(credential_type, opened, by, at)


def _record(credential_type: CredentialType, kind: str, by: User | None, at: datetime) -> None:
    EditionEvent.objects.append(
        chain=f"edition:{credential_type.uuid}",
        at=at,
        credential_type=credential_type,
        kind=kind,
        content=content_of(credential_type),
        by=by,
    )


def _copy(row, **changes):
    values = {
        field.attname: getattr(row, field.attname)
        for field in row._meta.concrete_fields
        if not field.primary_key and field.name != "uuid"
    }
    for name in changes:
        values.pop(row._meta.get_field(name).attname)
    return type(row).objects.create(**values, **changes)


@transaction.atomic
def open_edition(
    *, credential_type: CredentialType, by: User | None, at: datetime
) -> CredentialType:
    """Put a draft in force; the open edition of the same code closes. Raises Conflict when it is not a draft, Invalid when not complete."""
    _setter_up(by)
    editions = {
        row.pk: row
        for row in CredentialType.objects.select_for_update()
        .filter(code=credential_type.code)
        .order_by("pk")
    }
    row = editions[credential_type.pk]
    if row.state == CredentialType.State.OPEN:
        return row
    require_draft(row)
    _require_complete(row)
    for other in editions.values():
        if other.state == CredentialType.State.OPEN:
            other.state = CredentialType.State.CLOSED
            other.save(update_fields=["state"])
            _record(other, EditionEvent.Kind.CLOSED, by, at)
    row.state = CredentialType.State.OPEN
    row.save(update_fields=["state"])
    _record(row, EditionEvent.Kind.OPENED, by, at)
    log(row, "credentials.edition_opened", user=by, timestamp=at)
    return row


@transaction.atomic
def close_edition(
    *, credential_type: CredentialType, by: User | None, at: datetime
) -> CredentialType:
    """Take no new applications for this edition. What is under way and what was issued stays."""
    _setter_up(by)
    row = CredentialType.objects.select_for_update().get(pk=credential_type.pk)
    if row.state == CredentialType.State.OPEN:
        row.state = CredentialType.State.CLOSED
        row.save(update_fields=["state"])
        _record(row, EditionEvent.Kind.CLOSED, by, at)
        log(row, "credentials.edition_closed", user=by, timestamp=at)
    return row


def _require_complete(credential_type: CredentialType) -> None:
    requirements = list(
        credential_type.requirements.filter(phase=Requirement.Phase.AWARD).prefetch_related(
            "reasons"
        )
    )
    problems = []
    if not requirements:
        problems.append(_("It has no requirements."))
    if not credential_type.code_of_conduct:
        problems.append(_("It has no code of conduct."))
    for row in requirements:
        # R5: no course of ours may be the only road.
        if row.kind == Requirement.Kind.COURSE and not row.accepts_document:
            problems.append(
                _("“%(what)s” must accept equivalent education (rule R5).") % {"what": row.title}
            )
        purposes = {reason.purpose for reason in row.reasons.all()}
        if row.takes_documents and not {Reason.Purpose.MET, Reason.Purpose.NOT_MET} <= purposes:
            problems.append(
                _("“%(what)s” needs a reason for met and one for not met.") % {"what": row.title}
            )
    if problems:
        raise Invalid("edition_incomplete", " ".join(problems), fields={"__all__": problems})


def _setter_up(by: User | None) -> None:
    """Registrars and site administrators set schemes up; None is the system (a loader)."""
    if by is not None and not by.has_role(Role.REGISTRAR, Role.ADMINISTRATOR):
        raise Forbidden("wrong_role", _("Only a registrar or a site administrator does this."))
