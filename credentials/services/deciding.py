"""The certification decision: an act of its own, by a registrar who neither taught nor examined the applicant, on what the record shows."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.services import (
    Conflict,
    Forbidden,
    Invalid,
    Part,
    Refusal,
    lock_learner,
    notify,
    separations,
)
from credentials.models import Application, Credential, Decision, Evidence
from credentials.services.award import Standing, requirements_of
from credentials.services.changing import require_registrar


def record_decision(
    *,
    application: Application,
    outcome: str,
    standings: Sequence[Standing],
    by: User,
    at: datetime,
    reason: str = "",
) -> Decision:
    """Write who decided what, and how every requirement stood. The caller has checked the rules and holds the learner's lock."""
    return Decision.objects.begin(
        chain=f"decision:{application.uuid}",
        at=at,
        application=application,
        outcome=outcome,
        findings=findings_of(application, standings),
        reason=reason,
        by=by,
    )


def findings_of(application: Application, standings: Sequence[Standing]) -> list[dict[str, object]]:
    """Each requirement as it stands: code, state, last day, and the evidence it rests on."""
    facts: dict[int, list[str]] = {}
    rows = Evidence.objects.filter(
        learner=application.applicant_id, requirement__in=[row.requirement for row in standings]
    )
    for pk, uuid in rows.order_by("sequence").values_list("requirement_id", "uuid"):
        facts.setdefault(pk, []).append(str(uuid))
    return [
        {
            "requirement": row.requirement.code,
            "state": row.finding.state.value,
            "valid_until": row.finding.valid_until.isoformat() if row.finding.valid_until else None,
            "evidence": facts.get(row.requirement.pk, []),
        }
        for row in standings
    ]


def require_may_decide(*, application: Application, by: User, at: datetime) -> None:
    """Raise what keeps `by` from deciding on this application: Forbidden by rule (R2, R4), Conflict when it is closed."""
    require_registrar(by)
    for refusal in kept_from_deciding(applications=[application], by=by, at=at).values():
        raise refusal


def kept_from_deciding(
    *, applications: Sequence[Application], by: User, at: datetime
) -> dict[int, Refusal]:
    """What keeps a registrar from deciding on each of these, by primary key; nothing for the others. Three queries, whatever their number."""
    people = [row.applicant for row in applications]
    separated = separations(by=by, acts=Part.DECIDER, about=people, on=at.date())
    closed = Conflict("application_closed", _("This application is closed."))
    kept: dict[int, Refusal] = {
        row.pk: separated.get(row.applicant_id, closed)
        for row in applications
        if row.applicant_id in separated or row.closed_at
    }
    return kept


@transaction.atomic
def refuse_application(
    *, application: Application, reason: str, by: User, at: datetime
) -> Decision:
    """Refuse the credential and close the application; the applicant is told why, and how to appeal. Asked for twice it is done once."""
    require_registrar(by)
    lock_learner(application.applicant_id)
    application.refresh_from_db()
    decided = Decision.objects.filter(application=application).first()
    if decided and (decided.outcome, decided.by_id) == (Decision.Outcome.REFUSED, by.pk):
        return decided
    require_may_decide(application=application, by=by, at=at)
    reason = reason.strip()
    if not reason:
        said = _("Say why. The applicant reads it.")
        raise Invalid("say_why", said, fields={"reason": [said]})
    standings = requirements_of(
        learner=application.applicant,
        credential_type=application.credential_type,
        at=at,
        application=application,
    )
    decision = record_decision(
        application=application,
        outcome=Decision.Outcome.REFUSED,
        standings=standings,
        by=by,
        at=at,
        reason=reason,
    )
    _close(application, at)
    notify(
        recipient=application.applicant,
        kind="application_refused",
        reference=str(decision.uuid),
        subject=_("Your application %(reference)s is refused")
        % {"reference": application.reference},
        template="credentials/mail/refused.txt",
        context={"application": application, "decision": decision},
        url=f"/application/?application={application.uuid}",
        at=at,
    )
    return decision


@transaction.atomic
def withdraw_application(*, application: Application, by: User, at: datetime) -> Application:
    """The applicant withdraws; everything sent is kept. Raises Forbidden for anybody else, Conflict when a credential was issued."""
    if by.pk != application.applicant_id:
        raise Forbidden("not_the_applicant", _("Only the applicant withdraws an application."))
    lock_learner(application.applicant_id)
    application.refresh_from_db()
    if Credential.objects.filter(application=application).exists():
        raise Conflict("issued", _("The credential is issued. Give it back on its own page."))
    if application.closed_at is None:
        _close(application, at)
    return application


def _close(application: Application, at: datetime) -> None:
    application.closed_at = at
    application.save(update_fields=["closed_at"])
