"""Appeals and concerns: recorded with a clock, given to somebody who is not involved, and closed by them with a reason."""

import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import Role, User
from accounts.services import (
    Conflict,
    Forbidden,
    Invalid,
    Part,
    already_queued,
    notify,
    require_none_of,
    require_separate,
)
from credentials import numbers
from credentials.models import (
    Application,
    Case,
    CaseStep,
    Credential,
    Decision,
    DocumentReview,
    Exemption,
    LearningReview,
    StatusEvent,
)
from credentials.services.changing import require_registrar
from credentials.services.decided import people_behind
from credentials.services.following import follow_ups, possible_follows
from ledger.models import new_salt

DECIDE_DAYS = {Case.Kind.APPEAL: 60, Case.Kind.CONCERN: 60}  # calendar days, R48
LEADS_ON = frozenset({Case.Outcome.UPHELD, Case.Outcome.PARTLY})
GIVE_DAYS = 5  # working days in which a case gets its owner


@transaction.atomic
def record_case(
    *,
    kind: str,
    raised_by: str,
    about: str,
    said: str,
    received_on: date,
    by: User,
    at: datetime,
    application: Application | None = None,
    credential: Credential | None = None,
) -> Case:
    """Write down an appeal or a concern as it was received. Raises Invalid when something is missing or the day is to come."""
    require_registrar(by)
    _require_said(kind, raised_by, about, said, received_on, at)
    application = application or (credential.application if credential else None)
    case = Case.objects.create(
        kind=kind,
        raised_by=raised_by.strip(),
        about=about.strip(),
        said=said.strip(),
        about_person=application.applicant if application else None,
        application=application,
        credential=credential,
        received_on=received_on,
        due_on=received_on + timedelta(days=DECIDE_DAYS[Case.Kind(kind)]),
        recorded_at=at,
    )
    begin_case(case, CaseStep.Kind.RECORDED, by, at)
    return case


def begin_case(case: Case, kind: str, by: User | None, at: datetime) -> None:
    """Write a case's first step, with a digest of what was said."""
    salt = new_salt()
    append_step(case, kind, by, at, salt=salt, seen=case.digest(salt))


def _require_said(
    kind: str, raised_by: str, about: str, said: str, received_on: date, at: datetime
) -> None:
    fields: dict[str, list[str]] = {}
    if kind not in Case.Kind.values:
        fields["kind"] = [_("Choose whether it is an appeal or a concern.")]
    for name, text in (("raised_by", raised_by), ("about", about), ("said", said)):
        if not text.strip():
            fields[name] = [_("This is missing.")]
    if received_on > at.date():
        fields["received_on"] = [_("This day is still to come.")]
    if fields:
        raise Invalid("incomplete", _("The record is not complete."), fields=fields)


def case_about(reference: str) -> dict[str, Any]:
    """The credential or application a number names; nothing for an empty one. Raises Invalid."""
    if not reference:
        return {}
    number = numbers.normalise(reference)
    credential = Credential.objects.filter(number=number).first() if number else None
    if credential:
        return {"credential": credential}
    named = re.fullmatch(r"AP-(\d{4})-(\d{4,9})", reference.strip().upper())
    rows = Application.objects.filter(pk=int(named[2])) if named else Application.objects.none()
    application = rows.select_related("applicant").first()
    if application is None or application.reference != reference.strip().upper():
        said = _("There is no such credential or application.")
        raise Invalid("not_found", said, fields={"reference": [said]})
    return {"application": application}


def require_may_own(*, case: Case, owner: User, at: datetime) -> None:
    """Raise Forbidden, by rule, when a person may not decide this case: not a registrar, it is about them or what they did (R2), a tie (R4)."""
    if not owner.has_role(Role.REGISTRAR):
        raise Forbidden("wrong_role", _("A case is given to a registrar."))
    another = _("Give it to somebody who had no part in it.")
    require_none_of(by=owner, acts=Part.JUDGE, people=involved_in(case), another=another)
    if case.person:
        require_separate(by=owner, acts=Part.JUDGE, about=case.person, on=at.date())


def involved_in(case: Case) -> Iterator[tuple[Part, int | None]]:
    """Everybody who decided something that the case is about, as (part, primary key)."""
    rests_on = _applications(case)
    if rests_on:
        reviews = DocumentReview.objects.filter(document__application__in=rests_on)
        yield from ((Part.REVIEWER, pk) for pk in reviews.values_list("by", flat=True))
        decisions = Decision.objects.filter(application__in=rests_on)
        yield from ((Part.DECIDER, pk) for pk in decisions.values_list("by", flat=True))
        answers = Exemption.objects.filter(application__in=rests_on)
        yield from ((Part.APPROVER, pk) for pk in answers.values_list("by", flat=True))
        events = StatusEvent.objects.filter(credential__application__in=rests_on)
        for by, proposed_by in events.values_list("by", "proposed_by"):
            yield Part.DECIDER, by
            yield Part.DECIDER, proposed_by
        hours = LearningReview.objects.filter(
            learning__request__credential__application__in=rests_on
        )
        yield from ((Part.REVIEWER, pk) for pk in hours.values_list("by", flat=True))
    yield from people_behind(case.subject)


def _applications(case: Case) -> list[int]:
    """What a case rests on: the application it names, that of the credential it was linked to, or all of a person it was linked to."""
    if case.application_id:
        return [case.application_id]
    if case.linked_credential:
        return [case.linked_credential.application_id]
    if case.linked_person_id:
        rows = Application.objects.filter(applicant=case.linked_person_id)
        return list(rows.values_list("pk", flat=True))
    return []


def possible_owners(*, case: Case, at: datetime) -> list[User]:
    """The registrars who may be given this case."""
    found = []
    for person in User.objects.filter(groups__name=Role.REGISTRAR, is_active=True).distinct():
        try:
            require_may_own(case=case, owner=person, at=at)
        except Forbidden:
            continue
        found.append(person)
    return found


@transaction.atomic
def give_case(*, case: Case, owner: User, by: User, at: datetime, note: str = "") -> Case:
    """Give a case to an uninvolved registrar, who alone closes it. Given to the same again nothing changes."""
    require_registrar(by)
    case = locked_case(case)
    require_open(case)
    require_may_own(case=case, owner=owner, at=at)
    if case.owner_id != owner.pk:
        case.owner = owner
        case.save(update_fields=["owner"])
        append_step(case, CaseStep.Kind.GIVEN, by, at, owner=owner, note=note)
    return case


@transaction.atomic
def note_case(*, case: Case, note: str, by: User, at: datetime) -> CaseStep:
    """Write down what happened. Raises Invalid for nothing."""
    require_registrar(by)
    case = locked_case(case)
    require_open(case)
    if not note.strip():
        said = _("Write what happened.")
        raise Invalid("nothing_said", said, fields={"note": [said]})
    return append_step(case, CaseStep.Kind.NOTED, by, at, note=note)


def require_may_close(*, case: Case, by: User, at: datetime) -> None:
    """Raise Forbidden for anybody but the owner and, by rule, for an owner who has become involved since."""
    if case.owner_id != by.pk:
        raise Forbidden("not_the_owner", _("Only the owner of a case closes it."))
    require_may_own(case=case, owner=by, at=at)


@transaction.atomic
def close_case(
    *,
    case: Case,
    outcome: str,
    note: str,
    by: User,
    at: datetime,
    actions: Sequence[str] | None = None,
) -> Case:
    """The owner decides a case: an outcome, the reason, and what follows from an appeal that is upheld. The same asked for twice is done once.

    `actions`: of `possible_follows`; None is the usual one. They are ordered, and done or waived by whoever takes the case on (`carrying_out`).
    Raises Forbidden for anybody but the owner and, by rule, for an owner who has become involved since.
    """
    require_registrar(by)
    case = locked_case(case)
    if case.closed_at and (case.owner_id, case.outcome) == (by.pk, outcome):
        return case
    require_open(case)
    require_may_close(case=case, by=by, at=at)
    fields: dict[str, list[str]] = {}
    if outcome not in Case.Outcome.values:
        fields["outcome"] = [_("Choose an outcome.")]
    if not note.strip():
        fields["note"] = [_("Say why, as you tell whoever raised it.")]
    ordered = _ordered(case, outcome, actions, fields)
    if fields:
        raise Invalid("incomplete", _("The outcome is not complete."), fields=fields)
    case.outcome, case.closed_at = outcome, at
    case.save(update_fields=["outcome", "closed_at"])
    append_step(case, CaseStep.Kind.CLOSED, by, at, owner=case.owner, outcome=outcome, note=note)
    for action in ordered:
        append_step(case, CaseStep.Kind.ORDERED, by, at, action=action)
    tell_outcome(case, at)
    return case


def _ordered(
    case: Case, outcome: str, actions: Sequence[str] | None, fields: dict[str, list[str]]
) -> list[str]:
    """What follows, in the order it is offered; what is wrong with what was asked goes into `fields`."""
    possible: list[str] = [row.action for row in possible_follows(case)]
    found: list[str] = []
    if outcome in LEADS_ON:
        asked = possible[:1] if actions is None else actions
        found = [action for action in possible if action in asked]
        if possible and not found:
            fields["actions"] = [_("Choose what follows from it.")]
        elif set(asked) - set(found):
            fields["actions"] = [_("This cannot follow from what was appealed against.")]
    elif actions:
        fields["actions"] = [_("Nothing follows where the decision stands.")]
    if case.kind == Case.Kind.APPEAL and case.about_person_id is None:
        found.append(CaseStep.Action.TELL)
    return found


@transaction.atomic
def withdraw_case(*, case: Case, by: User, at: datetime) -> Case:
    """Whoever appealed takes it back, for good. Raises Forbidden for anybody else, Conflict when it is decided."""
    case = locked_case(case)
    if case.kind != Case.Kind.APPEAL or case.about_person_id != by.pk:
        raise Forbidden("not_yours", _("Only whoever appealed withdraws an appeal."))
    if case.outcome == Case.Outcome.WITHDRAWN:
        return case
    require_open(case)
    case.outcome, case.closed_at = Case.Outcome.WITHDRAWN, at
    case.save(update_fields=["outcome", "closed_at"])
    append_step(case, CaseStep.Kind.CLOSED, by, at, owner=case.owner, outcome=case.outcome)
    return case


def tell_outcome(case: Case, at: datetime) -> None:
    """Tell whoever appealed how it ended; whoever raised a concern and left an address is written to by the worker."""
    from credentials.tasks import tell_of_outcome

    if case.kind == Case.Kind.APPEAL and case.about_person:
        notify(
            recipient=case.about_person,
            kind="appeal_decided",
            reference=str(case.uuid),
            subject=_("Your appeal %(reference)s is decided") % {"reference": case.reference},
            template="credentials/mail/appeal_decided.txt",
            context={
                "case": case,
                "why": outcome_note(case),
                "follows": follow_ups(list(case.steps.order_by("sequence"))),
            },
            url=reverse("appeal", args=[case.uuid]),
            at=at,
        )
    elif case.contact:
        tell_of_outcome.enqueue(case.pk)


def tell_untold(*, at: datetime) -> int:
    """Enqueue again the outcomes whose mail should have gone out and waits in no queue. Called by the sweep; returns how many."""
    from credentials.tasks import tell_of_outcome

    rows = Case.objects.exclude(contact="").filter(told_at=None, closed_at__isnull=False)
    waiting = set(rows.values_list("pk", flat=True))
    if waiting:
        waiting -= already_queued(tell_of_outcome, at=at)
    for pk in sorted(waiting):
        tell_of_outcome.enqueue(pk)
    return len(waiting)


def outcome_note(case: Case) -> str:
    """What whoever raised a case is told of its outcome; empty while it is open."""
    closed = case.steps.filter(kind=CaseStep.Kind.CLOSED)
    return closed.order_by("-sequence").values_list("note", flat=True).first() or ""


def locked_case(case: Case) -> Case:
    rows = Case.objects.select_for_update(of=("self",)).select_related(
        "about_person", "application", "credential", "linked_person", "linked_credential"
    )
    return rows.get(pk=case.pk)


def require_open(case: Case) -> None:
    """Raise Conflict for a closed case."""
    if case.closed_at:
        raise Conflict(
            "case_closed",
            _("This case is closed: %(outcome)s.")
            % {"outcome": case.get_outcome_display().lower()},
        )


def append_step(
    case: Case,
    kind: str,
    by: User | None,
    at: datetime,
    *,
    owner: User | None = None,
    outcome: str = "",
    note: str = "",
    **seen: Any,
) -> CaseStep:
    """The next step of a case. The caller holds its lock."""
    return CaseStep.objects.append(
        chain=f"case:{case.uuid}",
        at=at,
        case=case,
        kind=kind,
        owner=owner,
        outcome=outcome,
        note=note.strip(),
        by=by,
        **seen,
    )
