"""A concern that named nobody we know is linked to a person or a credential once it is known whom it is about; a wrong link is taken off again."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.services import Conflict, Invalid
from credentials.models import Application, Case, CaseStep, Credential
from credentials.services.cases import append_step, case_about, locked_case, require_open
from credentials.services.changing import require_registrar


def may_be_linked(case: Case) -> bool:
    """Whether it is a concern that named nobody we knew when it was raised."""
    return case.kind == Case.Kind.CONCERN and case.about_person_id is None


@transaction.atomic
def link_case(*, case: Case, reference: str, note: str, by: User, at: datetime) -> Case:
    """Link a concern to whom it is about: the number of a credential or an application, or the e-mail address of a person. Twice is once.

    From then on they see it no more, should they be a registrar, and whoever decided on them does not judge it. Raises Conflict for a case that
    is closed, linked or named somebody from the start, or whose owner is that person; Invalid without a reason, or where nobody is found.
    """
    require_registrar(by)
    case = locked_case(case)
    require_open(case)
    _require_linkable(case)
    person, credential = _found(reference, note)
    if (case.linked_person, case.linked_credential) == (person, credential):
        return case
    if case.linked_person:
        raise Conflict("linked_already", _("It is linked already. Take that link off first."))
    if case.owner_id == person.pk:
        raise Conflict(
            "owner_is_person", _("Its owner is that person. Give it to somebody else first.")
        )
    return _write(case, CaseStep.Kind.LINKED, person, credential, note, by, at)


@transaction.atomic
def unlink_case(*, case: Case, note: str, by: User, at: datetime) -> Case:
    """Take a wrong link off, with a reason. Both stay on record."""
    require_registrar(by)
    case = locked_case(case)
    require_open(case)
    if case.linked_person is None:
        raise Conflict("not_linked", _("It is linked to nobody."))
    _require_note(note, {})
    person, credential = case.linked_person, case.linked_credential
    return _write(case, CaseStep.Kind.UNLINKED, person, credential, note, by, at)


def _require_linkable(case: Case) -> None:
    if not may_be_linked(case):
        raise Conflict("named_already", _("It names whom it is about; that stays as it was said."))


def _found(reference: str, note: str) -> tuple[User, Credential | None]:
    fields: dict[str, list[str]] = {}
    found: tuple[User, Credential | None] | None = None
    try:
        found = _whom(reference.strip())
    except Invalid as refusal:
        fields = dict(refusal.fields)
    _require_note(note, fields)
    assert found
    return found


def _require_note(note: str, fields: dict[str, list[str]]) -> None:
    if not note.strip():
        fields = {**fields, "note": [_("Say how you know.")]}
    if fields:
        raise Invalid("incomplete", _("The record is not complete."), fields=fields)


def _whom(reference: str) -> tuple[User, Credential | None]:
    if "@" in reference:
        person = User.objects.filter(email__iexact=reference, is_active=True).first()
        if person:
            return person, None
        said = _("Nobody here has this e-mail address.")
        raise Invalid("not_found", said, fields={"reference": [said]})
    about = case_about(reference)
    credential: Credential | None = about.get("credential")
    application: Application | None = about.get("application")
    if credential:
        return credential.holder, credential
    if application:
        return application.applicant, None
    said = _("Enter a number or an e-mail address.")
    raise Invalid("not_found", said, fields={"reference": [said]})


def _write(
    case: Case,
    kind: CaseStep.Kind,
    person: User,
    credential: Credential | None,
    note: str,
    by: User,
    at: datetime,
) -> Case:
    linked = kind == CaseStep.Kind.LINKED
    case.linked_person = person if linked else None
    case.linked_credential = credential if linked else None
    case.save(update_fields=["linked_person", "linked_credential"])
    append_step(case, kind, by, at, note=note, person=person, credential=credential)
    return case
