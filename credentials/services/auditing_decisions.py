"""What verify_register looks for in what people decided: exceptions, certification decisions, appeals and concerns.

Whoever writes a row past the application can write its hash as well; that two people acted, and that neither was involved, is asked of the
rows themselves.
"""

from collections.abc import Iterator
from itertools import chain

from django.db.models import Exists, F, OuterRef, Prefetch, Q

from accounts.models import ExaminingRecord, TeachingRecord
from credentials.models import (
    Case,
    CaseStep,
    Credential,
    CredentialType,
    Decision,
    Evidence,
    Exemption,
    StatusEvent,
)

CHUNK = 500
Wrong = tuple[str, str]  # which row, and what is wrong with it


def wrong_decisions() -> Iterator[Wrong]:
    return chain(_excepted(), _exceptions(), _decisions(), _awarded(), _cases())


# Exceptions


def _excepted() -> Iterator[Wrong]:
    """Evidence that rests on an exception has its approval: for just this person and requirement."""
    approved = Exemption.objects.filter(
        uuid=OuterRef("reference"),
        step=Exemption.Step.APPROVED,
        requirement=OuterRef("requirement"),
        application__applicant=OuterRef("learner"),
    )
    rows = Evidence.objects.filter(~Exists(approved), source="exception", counts=True)
    for pk in rows.order_by("pk").values_list("pk", flat=True):
        yield f"Evidence {pk}", "it rests on an exception that nobody approved"


def _exceptions() -> Iterator[Wrong]:
    """An approval follows a request by somebody else, was given by whom it names, on nobody's own case, and is in the evidence."""
    asked = Exemption.objects.filter(chain=OuterRef("chain"), sequence__lt=OuterRef("sequence"))
    by_another = asked.filter(step=Exemption.Step.ASKED, by=OuterRef("asked_by")).exclude(
        by=OuterRef("by")
    )
    fact = Evidence.objects.filter(source="exception", reference=OuterRef("uuid"))
    approved = Exemption.objects.filter(step=Exemption.Step.APPROVED)
    applicant = F("application__applicant")
    checks = [
        (~Exists(by_another), "nobody else asked for it: an exception takes two registrars"),
        (~Q(by=F("approver")), "somebody else was named to approve it"),
        (Q(by=applicant) | Q(asked_by=applicant), "the applicant had a part in it"),
        (
            _involved("application__applicant"),
            "whoever approved it taught or examined the applicant",
        ),
        (~Exists(fact), "it was approved, and the evidence of it was taken out"),
    ]
    for condition, what in checks:
        for pk in approved.filter(condition).order_by("pk").values_list("pk", flat=True):
            yield f"Exemption {pk}", what


# The certification decision


def _involved(person: str) -> Q:
    """Whether `by` had taught or examined the person before the row was written (R2)."""
    taught = TeachingRecord.objects.filter(
        teacher=OuterRef("by"), learner=OuterRef(person), at__lte=OuterRef("at")
    )
    examined = ExaminingRecord.objects.filter(
        examiner=OuterRef("by"), candidate=OuterRef(person), at__lte=OuterRef("at")
    )
    return Q(Exists(taught)) | Q(Exists(examined))


def _decisions() -> Iterator[Wrong]:
    """A decision is another person's, by somebody uninvolved, and what followed from it is what it says."""
    rows = Decision.objects.order_by("pk")
    issued = Credential.objects.filter(application=OuterRef("application"))
    refused = Q(outcome=Decision.Outcome.REFUSED)
    checks = [
        (Q(by=F("application__applicant")), "the applicant decided on their own application"),
        (
            _involved("application__applicant"),
            "whoever decided had taught or examined the applicant",
        ),
        (refused & Exists(issued), "it refuses a credential that was issued"),
        (~refused & ~Exists(issued), "it awards a credential that is not there"),
    ]
    for condition, what in checks:
        for pk in rows.filter(condition).values_list("pk", flat=True):
            yield f"Decision {pk}", what
    for row in rows.exclude(refused).iterator(CHUNK):
        missing = [found["requirement"] for found in row.findings if found["state"] != "met"]
        if missing or not row.findings:
            which = ", ".join(missing) or "anything"
            yield f"Decision {row.pk}", f"it awards, and does not find met: {which}"


def _awarded() -> Iterator[Wrong]:
    """What a person awarded, or what is awarded by decision only, has its decision, by that person. Rows from before there were decisions
    carry no record, and are not asked for one.
    """
    decided = Decision.objects.filter(
        application=OuterRef("credential__application"), outcome=Decision.Outcome.AWARDED
    )
    rows = StatusEvent.objects.filter(kind=StatusEvent.Kind.ISSUED).exclude(record="")
    owed = Q(by__isnull=False) | Q(
        credential__credential_type__award=CredentialType.Award.BY_DECISION
    )
    alone = rows.filter(owed & ~Exists(decided.filter(by=OuterRef("by"))))
    for pk, number in alone.order_by("pk").values_list("credential", "credential__number"):
        yield f"Credential {pk} ({number})", "no decision of whoever awarded it is on record"


# Appeals and concerns


def _cases() -> Iterator[Wrong]:
    """A case says what it said when it was raised, and is owned and closed as its steps tell."""
    steps = Prefetch("steps", CaseStep.objects.order_by("sequence"))
    rows = Case.objects.select_related("about_person", "application").prefetch_related(steps)
    for row in rows.order_by("pk").iterator(CHUNK):
        name, told = f"Case {row.pk} ({row.reference})", list(row.steps.all())
        if not told:
            yield name, "nothing records that it was raised"
            continue
        if told[0].seen and row.digest(told[0].salt) != told[0].seen:
            yield name, "it is not what was said when it was raised"
        given = [step.owner_id for step in told if step.kind == CaseStep.Kind.GIVEN]
        if row.owner_id != (given[-1] if given else None):
            yield name, "its owner is not whom it was given to"
        closed = [step for step in told if step.kind == CaseStep.Kind.CLOSED]
        if row.outcome != (closed[-1].outcome if closed else ""):
            yield name, "its outcome is not the one it was closed with"
        links = [
            step for step in told if step.kind in (CaseStep.Kind.LINKED, CaseStep.Kind.UNLINKED)
        ]
        linked = links[-1] if links and links[-1].kind == CaseStep.Kind.LINKED else None
        if (row.linked_person_id, row.linked_credential_id) != (
            (linked.person_id, linked.credential_id) if linked else (None, None)
        ):
            yield name, "it is linked to somebody else than its steps tell"
        ordered = {step.action for step in told if step.kind == CaseStep.Kind.ORDERED}
        if {step.action for step in told if step.kind in CaseStep.ANSWERS} - ordered:
            yield name, "something was done or waived that did not follow from it"
        judged = row.outcome not in ("", Case.Outcome.WITHDRAWN)
        if judged and closed and closed[-1].by_id in (row.about_person_id, None):
            yield name, "it was closed by whom it is about, or by nobody"
