"""Exceptions from a requirement (R8): one registrar asks with a reason and names another, who approves or declines. Each is in the report."""

from datetime import date, datetime

from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import Role, User
from accounts.services import (
    Conflict,
    Forbidden,
    Invalid,
    Part,
    lock_learner,
    notify,
    require_second_person,
)
from credentials.models import Application, Exemption, Requirement
from credentials.services.award import record_evidence, today_in
from credentials.services.changing import (
    require_other_person,
    require_registrar,
    require_uninvolved,
)

Step = Exemption.Step
# What nobody is let off: the signature under the code of conduct, and the examinations.
NEVER = (Requirement.Kind.AGREEMENT, Requirement.Kind.ACTIVITY)


def exemptions_of(application: Application) -> QuerySet[Exemption]:
    """The step that holds for each exception of an application."""
    rows = Exemption.objects.newest().filter(application=application)
    return rows.select_related("requirement", "asked_by", "approver", "by").order_by("pk")


def possible_approvers(*, application: Application, by: User) -> QuerySet[User]:
    """Registrars `by` may name: anybody but themselves and the applicant."""
    rows = User.objects.filter(groups__name=Role.REGISTRAR, is_active=True)
    return rows.exclude(pk__in=[by.pk, application.applicant_id]).order_by("name", "pk")


@transaction.atomic
def ask_exemption(
    *,
    application: Application,
    requirement: Requirement,
    ground: str,
    reason: str,
    approver: User,
    by: User,
    at: datetime,
    valid_until: date | None = None,
) -> Exemption:
    """Ask a named registrar for an exception. Asked for again while one waits, the waiting one is returned.

    Raises Forbidden (R2) when the approver is oneself or it is one's own application, Conflict for a requirement nobody is let off or a
    closed application, Invalid for a missing reason or a last day that is past.
    """
    lock_learner(application.applicant_id)
    application.refresh_from_db()
    require_may_ask_exemption(application=application, requirement=requirement, by=by)
    require_second_person(first=by, by=approver, acts=Part.APPROVER)
    require_other_person(application.applicant, approver)
    if not approver.has_role(Role.REGISTRAR):
        raise Forbidden("wrong_role", _("An exception is approved by a registrar."))
    waiting = _newest(application, requirement)
    if waiting and waiting.step == Step.ASKED:
        return waiting
    _require_complete(application, reason, ground, valid_until, at)
    step = Exemption.objects.append(
        chain=f"exemption:{application.uuid}:{requirement.code}"[:80],
        at=at,
        application=application,
        requirement=requirement,
        step=Step.ASKED,
        ground=ground,
        reason=reason.strip(),
        valid_until=valid_until,
        asked_by=by,
        approver=approver,
        by=by,
    )
    _tell_approver(step, at)
    return step


def require_may_ask_exemption(
    *, application: Application, requirement: Requirement, by: User
) -> None:
    """Raise what keeps `by` from asking: Forbidden for role or one's own case, Conflict for a closed application or what nobody is let off."""
    require_registrar(by)
    require_other_person(application.applicant, by)
    if application.closed_at:
        raise Conflict("application_closed", _("This application is closed."))
    if (
        requirement.credential_type_id != application.credential_type_id
        or requirement.kind in NEVER
    ):
        raise Conflict(
            "no_exception",
            _("Nobody is let off “%(what)s”: the scheme allows no exception from it.")
            % {"what": requirement},
        )


def _require_complete(
    application: Application, reason: str, ground: str, valid_until: date | None, at: datetime
) -> None:
    fields: dict[str, list[str]] = {}
    if not reason.strip():
        fields["reason"] = [_("Say why. The approver and the report read it.")]
    if ground not in Exemption.Ground.values:
        fields["ground"] = [_("Choose a ground.")]
    if valid_until and valid_until < today_in(application.credential_type, at):
        fields["valid_until"] = [_("This day is past.")]
    if fields:
        raise Invalid("incomplete", _("The request is not complete."), fields=fields)


def _newest(application: Application, requirement: Requirement) -> Exemption | None:
    rows = Exemption.objects.filter(application=application, requirement=requirement)
    return rows.order_by("-sequence").first()


@transaction.atomic
def answer_exemption(
    *, exemption: Exemption, approve: bool, by: User, at: datetime, note: str = ""
) -> Exemption:
    """The named approver approves (the requirement is met from now) or declines, saying why; whoever asked may take it back.

    The same answer twice is given once. Raises Forbidden by rule (R2, R4) or when somebody else was named, Conflict when it is answered.
    """
    require_registrar(by)
    lock_learner(exemption.application.applicant_id)
    application = Application.objects.select_related("credential_type", "applicant").get(
        pk=exemption.application_id
    )
    newest = _newest(application, exemption.requirement)
    assert newest is not None
    wanted = _step_of(newest, approve, by, at)
    if newest.step != Step.ASKED and (newest.step, newest.by_id) == (wanted, by.pk):
        return newest
    require_waiting(exemption=newest)
    if wanted == Step.DECLINED and not note.strip():
        said = _("Say why you decline it.")
        raise Invalid("say_why", said, fields={"note": [said]})
    step = Exemption.objects.append(
        chain=newest.chain,
        at=at,
        application=application,
        requirement=newest.requirement,
        step=wanted,
        ground=newest.ground,
        reason=newest.reason,
        note=note.strip(),
        valid_until=newest.valid_until,
        asked_by=newest.asked_by,
        approver=newest.approver,
        by=by,
    )
    if wanted == Step.APPROVED:
        _let_off(step, at)
    return step


def require_waiting(*, exemption: Exemption) -> None:
    """Raise Conflict for an exception that is answered (given by the step that holds), or whose application is closed."""
    if exemption.step != Step.ASKED:
        raise Conflict(
            "answered",
            _("%(who)s has answered this: %(what)s.")
            % {"who": exemption.by, "what": exemption.get_step_display().lower()},
        )
    if exemption.application.closed_at:
        raise Conflict("application_closed", _("This application is closed."))


def require_may_answer(*, exemption: Exemption, by: User, at: datetime) -> None:
    """Raise Forbidden, by rule (R2, R4) or because somebody else was named, unless `by` may answer the exception or take it back."""
    require_registrar(by)
    _step_of(exemption, False, by, at)


def _step_of(newest: Exemption, approve: bool, by: User, at: datetime) -> str:
    """What `by`'s answer is. Raises Forbidden when it is not theirs to give."""
    require_other_person(newest.application.applicant, by)
    if by.pk == newest.asked_by_id:
        if approve:
            require_second_person(first=newest.asked_by, by=by, acts=Part.APPROVER)
        return Step.WITHDRAWN
    if by.pk != newest.approver_id:
        raise Forbidden(
            "not_the_approver",
            _("%(who)s was named to approve this exception; nobody else does.")
            % {"who": newest.approver},
        )
    require_uninvolved(holder=newest.application.applicant, by=by, at=at)
    return Step.APPROVED if approve else Step.DECLINED


def _let_off(step: Exemption, at: datetime) -> None:
    record_evidence(
        learner=step.application.applicant,
        requirement=step.requirement,
        source="exception",
        reference=step.uuid,
        label=_("By exception, approved by %(who)s: %(ground)s")
        % {"who": step.approver, "ground": step.get_ground_display()},
        valid_until=step.valid_until,
        by=step.by,
        at=at,
    )


def _tell_approver(step: Exemption, at: datetime) -> None:
    notify(
        recipient=step.approver,
        kind="exception_asked",
        reference=str(step.uuid),
        subject=_("An exception waits for you: %(reference)s")
        % {"reference": step.application.reference},
        template="credentials/mail/exception_asked.txt",
        context={"exemption": step},
        url=reverse("exemption", args=[step.uuid]),
        at=at,
    )
