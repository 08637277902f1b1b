"""Evidence, what it completes, and the award. The layers above report facts here; nothing above knows what they complete."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import structlog
from django.db import IntegrityError, transaction
from django.db.models import Exists, Max, OuterRef, Prefetch
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.services import Conflict, lock_learner
from credentials import numbers, requirements, validity
from credentials.models import (
    Application,
    Credential,
    CredentialType,
    Decision,
    Document,
    DocumentReview,
    Evidence,
    NameWord,
    Requirement,
    StatusEvent,
)
from credentials.names import fold
from credentials.services.changing import append_event, require_registrar, require_uninvolved
from credentials.services.search import words_of


@transaction.atomic(savepoint=False)  # reported from within the reporter's transaction
def record_evidence(
    *,
    learner: User,
    requirement: Requirement,
    source: str,
    reference: UUID,
    label: str,
    by: User | None,
    at: datetime,
    counts: bool = True,
    valid_until: date | None = None,
    locked: bool = False,
) -> Credential | None:
    """Write that a fact counts (or no longer counts) to a requirement, and issue the credential if it was the last one missing.

    `reference` is the uuid of the row the fact comes from. The same fact twice is written once. `locked`: the caller holds the learner's
    lock already. Returns a credential issued by this call.
    """
    if not locked:
        lock_learner(learner.pk)
    newest = (
        Evidence.objects.filter(learner=learner, requirement=requirement, reference=reference)
        .order_by("-sequence")
        .first()
    )
    unchanged = newest and newest.counts == counts and newest.valid_until == valid_until
    if not unchanged and (counts or newest):
        kind = requirement.credential_type
        Evidence.objects.append(
            chain=f"evidence:{learner.uuid}",
            at=at,
            learner=learner,
            requirement=requirement,
            requirement_code=f"{kind.code} {kind.edition} {requirement.code}",
            counts=counts,
            source=source,
            reference=reference,
            label=label[:250],
            valid_until=valid_until,
            by=by,
        )
    return _award(learner, requirement.credential_type, at) if counts else None


# How somebody stands


@dataclass(frozen=True)
class Standing:
    """One requirement of an application and how it stands."""

    requirement: Requirement
    finding: requirements.Finding
    document: Document | None


def today_in(credential_type: CredentialType, at: datetime) -> date:
    """The calendar day at `at` where the edition's days end."""
    return at.astimezone(ZoneInfo(credential_type.zone)).date()


def requirements_of(
    *,
    learner: User,
    credential_type: CredentialType,
    at: datetime,
    application: Application | None = None,
) -> list[Standing]:
    """How a person stands with each award requirement, in order. Five queries at most, whatever their number."""
    (standings,) = _stand([_Case(learner.pk, credential_type, application)], at)
    return standings


def standings_of(applications: Iterable[Application], *, at: datetime) -> dict[int, list[Standing]]:
    """How each application stands, by its primary key. Five queries, whatever their number; `credential_type` must be loaded."""
    rows = list(applications)
    cases = [_Case(row.applicant_id, row.credential_type, row) for row in rows]
    return {row.pk: found for row, found in zip(rows, _stand(cases, at), strict=True)}


@dataclass(frozen=True)
class _Case:
    learner_id: int
    credential_type: CredentialType
    application: Application | None

    @property
    def application_id(self) -> int | None:
        return self.application.pk if self.application else None


def _stand(cases: Sequence[_Case], at: datetime) -> list[list[Standing]]:
    owed: dict[int, list[Requirement]] = {}
    kinds = {case.credential_type.pk for case in cases}
    for row in Requirement.objects.filter(
        credential_type__in=kinds, phase=Requirement.Phase.AWARD
    ).order_by("position", "pk"):
        owed.setdefault(row.credential_type_id, []).append(row)
    facts: dict[tuple[int, int], list[Evidence]] = {}
    for fact in Evidence.objects.filter(
        learner__in={case.learner_id for case in cases}, requirement__credential_type__in=kinds
    ).order_by("sequence"):
        facts.setdefault((fact.learner_id, fact.requirement_id), []).append(fact)
    spent = _spent_before(cases)
    newest = _newest_documents([case.application.pk for case in cases if case.application])
    found = []
    for case, used_up in zip(cases, spent, strict=True):
        on = today_in(case.credential_type, at)
        standings = []
        for requirement in owed.get(case.credential_type.pk, []):
            document = newest.get((case.application_id, requirement.pk))
            evidence = _counting(
                facts.get((case.learner_id, requirement.pk), []), requirement, used_up
            )
            finding = requirements.judge(evidence, _document_fact(document), on)
            standings.append(Standing(requirement, finding, document))
        found.append(standings)
    return found


def _counting(
    rows: Sequence[Evidence], requirement: Requirement, used_up: datetime | None
) -> list[requirements.EvidenceFact]:
    """The rows as requirements.py reads them. An examination counts for one credential: what an earlier one rested on is used up."""
    if used_up and requirement.kind == Requirement.Kind.ACTIVITY:
        rows = [row for row in rows if row.at > used_up]
    return [
        requirements.EvidenceFact(row.reference, row.counts, row.label, row.valid_until)
        for row in rows
    ]


def _spent_before(cases: Sequence[_Case]) -> list[datetime | None]:
    """For each case, when the person's last earlier credential of the same scheme was issued."""
    held = Credential.objects.filter(
        holder__in={case.learner_id for case in cases},
        credential_type__code__in={case.credential_type.code for case in cases},
    ).values_list("holder_id", "credential_type__code", "application_id", "issued_at")
    by_person: dict[tuple[int, str], list[tuple[int, datetime]]] = {}
    for holder, code, application, issued_at in held:
        by_person.setdefault((holder, code), []).append((application, issued_at))
    answers = []
    for case in cases:
        others = [
            issued_at
            for application, issued_at in by_person.get(
                (case.learner_id, case.credential_type.code), []
            )
            if application != case.application_id
            and (case.application is None or issued_at <= case.application.submitted_at)
        ]
        answers.append(max(others, default=None))
    return answers


def examinations_used_up(*, learner: User, credential_types: Iterable[int]) -> datetime | None:
    """The moment until which a person's examinations for these types (primary keys) are used up: an earlier credential of the scheme
    rests on them, and the next one needs them anew. None when there is no such credential. One query.
    """
    codes = CredentialType.objects.filter(pk__in=credential_types).values("code")
    held = Credential.objects.filter(holder=learner, credential_type__code__in=codes)
    last: datetime | None = held.aggregate(last=Max("issued_at"))["last"]
    return last


def _newest_documents(applications: Sequence[int]) -> dict[tuple[int | None, int], Document]:
    if not applications:
        return {}
    reviews = Prefetch("reviews", DocumentReview.objects.order_by("-sequence"))
    rows = (
        Document.objects.filter(application__in=applications)
        .order_by("pk")
        .prefetch_related(reviews)
    )
    return {(row.application_id, row.requirement_id): row for row in rows}


def _document_fact(document: Document | None) -> requirements.DocumentFact | None:
    if document is None:
        return None
    review = next(iter(document.reviews.all()), None)
    if review and review.outcome == DocumentReview.Outcome.WITHDRAWN:
        return None
    return requirements.DocumentFact(
        document.uuid, review.outcome if review else None, review.reason_text if review else ""
    )


# The award


@transaction.atomic
def award_if_due(
    *, learner: User, credential_type: CredentialType, at: datetime
) -> Credential | None:
    """Issue the credential when there is an open application, every requirement is met and the type awards by itself. Safe to call twice."""
    lock_learner(learner.pk)
    return _award(learner, credential_type, at)


def _award(learner: User, credential_type: CredentialType, at: datetime) -> Credential | None:
    """What `award_if_due` says; the learner is locked."""
    application = (
        Application.objects.filter(
            applicant=learner, credential_type=credential_type, closed_at=None
        )
        .select_related("applicant", "credential_type")
        .order_by("pk")
        .first()
    )
    if application is None or credential_type.award != CredentialType.Award.AUTOMATIC:
        return None
    standings = requirements_of(
        learner=learner, credential_type=credential_type, at=at, application=application
    )
    if not _all_met(standings) or needs_decision([application]):
        return None
    return _issue(application=application, by=None, at=at)


def award_due(*, at: datetime) -> int:
    """Issue whatever is due and was missed, each on its own, so that one that fails holds up no other. Called by the sweep; returns how
    many were issued.
    """
    automatic = CredentialType.Award.AUTOMATIC
    waiting = Application.objects.filter(closed_at=None, credential_type__award=automatic)
    issued = 0
    for row in _complete(waiting, at):
        try:
            issued += bool(
                award_if_due(learner=row.applicant, credential_type=row.credential_type, at=at)
            )
        except Exception:
            structlog.get_logger(__name__).exception(
                "credential_not_issued", application=str(row.uuid)
            )
    return issued


def decisions_due(*, at: datetime) -> list[Application]:
    """Applications that meet every requirement and wait for a registrar's decision, the oldest first."""
    complete = _complete(Application.objects.filter(closed_at=None), at)
    waiting = needs_decision(complete)
    return [row for row in complete if row.pk in waiting]


def needs_decision(applications: Sequence[Application]) -> set[int]:
    """Which of these (by primary key) are awarded by a decision only: the type says so, or the person had this credential revoked before."""
    revoked = set(
        StatusEvent.objects.filter(
            kind=StatusEvent.Kind.REVOKED,
            credential__holder__in={row.applicant_id for row in applications},
        ).values_list("credential__holder_id", "credential__credential_type__code")
    )
    return {
        row.pk
        for row in applications
        if row.credential_type.award == CredentialType.Award.BY_DECISION
        or (row.applicant_id, row.credential_type.code) in revoked
    }


@transaction.atomic
def decide(*, application: Application, by: User, at: datetime) -> Credential:
    """Award by a registrar's decision. Raises Forbidden by rule (R2, R4) for the applicant themselves and for whoever taught or
    examined them or is tied to them, Conflict while a requirement is not met. Asked for twice it is done once.
    """
    from credentials.services.deciding import record_decision

    require_registrar(by)
    lock_learner(application.applicant_id)
    application.refresh_from_db()
    require_uninvolved(holder=application.applicant, by=by, at=at)
    issued = Credential.objects.filter(application=application).first()
    if issued:
        return issued
    if application.closed_at:
        raise Conflict("application_closed", _("This application is closed."))
    standings = requirements_of(
        learner=application.applicant,
        credential_type=application.credential_type,
        at=at,
        application=application,
    )
    if not _all_met(standings):
        missing = ", ".join(row.requirement.title for row in standings if not row.finding.met)
        raise Conflict(
            "requirements_missing",
            _("Not every requirement is met: %(which)s.") % {"which": missing},
        )
    record_decision(
        application=application,
        outcome=Decision.Outcome.AWARDED,
        standings=standings,
        by=by,
        at=at,
    )
    return _issue(application=application, by=by, at=at)


def _complete(applications: Any, at: datetime) -> list[Application]:
    """Those that meet every requirement. The database leaves out all that something is missing of, so that only few are looked at."""
    shown = Evidence.objects.filter(
        learner=OuterRef(OuterRef("applicant")), requirement=OuterRef("pk"), counts=True
    )
    owed = Requirement.objects.filter(
        ~Exists(shown),
        credential_type=OuterRef("credential_type"),
        phase=Requirement.Phase.AWARD,
    )
    rows = list(
        applications.filter(~Exists(owed))
        .select_related("applicant", "credential_type")
        .order_by("submitted_at")
    )
    standings = standings_of(rows, at=at)
    return [row for row in rows if _all_met(standings[row.pk])]


def _all_met(standings: Sequence[Standing]) -> bool:
    """Every requirement is met. A type without requirements awards nothing."""
    return bool(standings) and all(standing.finding.met for standing in standings)


def _issue(*, application: Application, by: User | None, at: datetime) -> Credential:
    """Number, statement and ISSUED event in one go; signing, PDF and mail follow as tasks. The learner is locked."""
    kind = application.credential_type
    first = today_in(kind, at)
    last = validity.last_valid_day(first, kind.validity_years)
    credential = _numbered(
        holder=application.applicant,
        credential_type=kind,
        application=application,
        name=application.name_on_id,
        name_key=fold(application.name_on_id),
        statement=statement_of(kind),
        issued_at=at,
        valid_from=first,
        valid_until=last,
        listed=application.listed,
    )
    NameWord.objects.bulk_create(words_of(credential))
    append_event(
        credential=credential,
        kind=StatusEvent.Kind.ISSUED,
        effective_at=at,
        valid_until=last,
        by=by,
        at=at,
    )
    application.closed_at = at
    application.save(update_fields=["closed_at"])
    return credential


def _numbered(**fields: Any) -> Credential:
    for _attempt in range(5):
        try:
            with transaction.atomic():
                number = numbers.new_number(fields["credential_type"].number_prefix)
                return Credential.objects.create(number=number, **fields)
        except IntegrityError:
            if Credential.objects.filter(application=fields["application"]).exists():
                raise
    raise RuntimeError("Five random credential numbers in a row were taken.")


def statement_of(kind: CredentialType) -> dict[str, Any]:
    """What a credential of this edition says, as it is issued."""
    return {
        "code": kind.code,
        "edition": kind.edition,
        "title": kind.title,
        "issuer": kind.issuer_name,
        "description": kind.description,
        "criteria": kind.criteria,
        "scope": kind.scope,
        "limits": kind.limits,
        "zone": kind.zone,
        "late_months": kind.late_months,
    }
