"""A small scheme with one requirement of each kind, and people at its stages. Used by the tests of the register."""

import datetime as dt
import uuid

from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import Role, User
from credentials import services
from credentials.models import (
    Application,
    Credential,
    CredentialType,
    Document,
    Reason,
    Requirement,
)
from tests.factories import NOW, CredentialTypeFactory, ReasonFactory, RequirementFactory, person

PDF = b"%PDF-1.7\n% a small one\n"
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 20
NEXT_YEAR = dt.date(2027, 11, 23)


def scheme(**fields) -> CredentialType:
    """Agreement, education (course or document), written exam, licence (or not required), insurance; with reasons for everything."""
    kind = CredentialTypeFactory(**{"edition": "2026.1", **fields})
    Kind, Purpose = Requirement.Kind, Reason.Purpose
    add(kind, "agreement", Kind.AGREEMENT)
    education = add(kind, "education", Kind.COURSE, accepts_document=True)
    add(kind, "written", Kind.ACTIVITY)
    licence = add(kind, "licence", Kind.DOCUMENT, expires=True, allows_not_required=True)
    insurance = add(kind, "insurance", Kind.DOCUMENT, expires=True)
    for requirement, letter in ((education, "E"), (licence, "L"), (insurance, "I")):
        for number, purpose in enumerate(
            (Purpose.MET, Purpose.MORE_INFORMATION, Purpose.NOT_MET), 1
        ):
            reason(kind, f"{letter}{number}", purpose, requirement)
    for code, purpose in (
        ("S1", "suspend"),
        ("S2", "suspend"),
        ("T1", "reinstate"),
        ("R1", "revoke"),
        ("N1", "renew"),
    ):
        reason(kind, code, purpose, None)
    return kind


def add(kind: CredentialType, code: str, what: str, **fields) -> Requirement:
    titles = {"licence": "Licence to practise", "insurance": "Professional insurance"}
    return RequirementFactory(
        credential_type=kind,
        code=code,
        kind=what,
        title=titles.get(code, code.capitalize()),
        help=f"Send your {code}.",
        **fields,
    )


def reason(
    kind: CredentialType, code: str, purpose: str, requirement: Requirement | None
) -> Reason:
    return ReasonFactory(
        credential_type=kind,
        code=code,
        purpose=purpose,
        requirement=requirement,
        text=f"Reason {code}.",
    )


def need(kind: CredentialType, code: str) -> Requirement:
    return kind.requirements.get(code=code)


def registrar(**fields) -> User:
    return person(Role.REGISTRAR, **fields)


def apply(by: User, kind: CredentialType, at: dt.datetime = NOW, **given) -> Application:
    facts = {"name_on_id": "Orla Brandreth", "agreed": True, "listed": True, "accommodations": ""}
    return services.apply(by=by, credential_type=kind, at=at, **{**facts, **given})


def a_file(content: bytes = PDF, name: str = "insurance.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def send(
    application: Application, code: str = "insurance", at: dt.datetime = NOW, **given
) -> Document:
    requirement = need(application.credential_type, code)
    facts = {"file": a_file(), "valid_until": NEXT_YEAR if requirement.expires else None}
    if given.get("not_required"):
        facts = {}
    return services.upload_document(
        application=application,
        requirement=requirement,
        by=application.applicant,
        at=at,
        **{**facts, **given},
    )


def review(document: Document, by: User, outcome: str = "met", at: dt.datetime = NOW, **given):
    letter = document.requirement.code[0].upper()
    number = {"met": 1, "more_information": 2, "not_met": 3}.get(outcome, 1)
    facts = {"reason_code": f"{letter}{number}", "outcome": outcome}
    return services.review_document(document=document, by=by, at=at, **{**facts, **given})


def report(learner: User, kind: CredentialType, code: str, at: dt.datetime = NOW, **given):
    """What a course or an examination reports."""
    facts = {"source": "quiz", "reference": uuid.uuid4(), "label": f"{code} passed", "by": None}
    return services.record_evidence(
        learner=learner, requirement=need(kind, code), at=at, **{**facts, **given}
    )


def nearly(
    kind: CredentialType, applicant: User | None = None, missing: str = "written"
) -> Application:
    """An application that lacks only `missing`."""
    application = apply(applicant or person(name="Orla"), kind)
    boss = registrar()
    for code in ("education", "written"):
        if code != missing:
            report(application.applicant, kind, code)
    for code in ("licence", "insurance"):
        if code != missing:
            review(send(application, code), boss)
    application.refresh_from_db()
    return application


def held(kind: CredentialType, holder: User | None = None, at: dt.datetime = NOW) -> Credential:
    """An issued credential."""
    application = nearly(kind, holder)
    credential = report(application.applicant, kind, "written", at=at)
    assert credential is not None
    return credential


def revoke(credential: Credential, by: User | None = None, at: dt.datetime = NOW, code: str = "R1"):
    """Two registrars: one proposes, `by` puts it in force."""
    services.revoke(credential=credential, reason_code=code, by=registrar(), at=at)
    return services.revoke(credential=credential, reason_code=code, by=by or registrar(), at=at)
