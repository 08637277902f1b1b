"""One change of a credential: who may make it, when it takes effect, whether it fits into the credential's life, and what it writes."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Role, User
from accounts.services import (
    Conflict,
    Forbidden,
    Invalid,
    Part,
    lock_learner,
    notify,
    require_not_own,
    require_separate,
)
from credentials import validity
from credentials.models import Credential, Reason, StatusEvent
from credentials.services.standing import events_of, late_months_of, now_of
from ledger.models import new_salt

Kind, Purpose = StatusEvent.Kind, Reason.Purpose

# Each change a registrar makes, and whose reasons it takes.
PURPOSE_OF = {
    Kind.SUSPENDED: Purpose.SUSPEND,
    Kind.REINSTATED: Purpose.REINSTATE,
    Kind.REVOKED: Purpose.REVOKE,
    Kind.RENEWED: Purpose.RENEW,
    Kind.SURRENDERED: Purpose.SURRENDER,
    Kind.DECEASED: Purpose.DECEASE,
    Kind.SCOPE_CHANGED: Purpose.RESCOPE,
    Kind.CORRECTED: Purpose.CORRECT,
    Kind.WITHDRAWN: Purpose.WITHDRAW,
}
# Reasons every scheme has, used where an edition names none of its own.
COMMON_REASONS = {
    Purpose.SURRENDER: [
        ("U1", gettext_lazy("The holder gave the credential back in writing.")),
        ("U2", gettext_lazy("The holder has stopped working in this field.")),
    ],
    Purpose.DECEASE: [
        ("D1", gettext_lazy("A certificate of death was seen.")),
        ("D2", gettext_lazy("The next of kin or the estate told the register in writing.")),
    ],
    Purpose.RESCOPE: [
        ("C1", gettext_lazy("The scope was reduced at the holder's request.")),
        ("C2", gettext_lazy("The scope was reduced after a finding.")),
        ("C3", gettext_lazy("A restriction of the scope has ended.")),
    ],
    Purpose.CORRECT: [
        ("K1", gettext_lazy("The holder's name has changed; proof was seen.")),
        ("K2", gettext_lazy("The name was written wrongly.")),
    ],
    Purpose.WITHDRAW: [
        ("W1", gettext_lazy("The cause was put right before the day.")),
        ("W2", gettext_lazy("It was written in error.")),
    ],
    Purpose.HOURS_ACCEPTED: [
        ("H1", gettext_lazy("The certificate shows the activity, the day and the hours.")),
        ("H2", gettext_lazy("The provider confirmed the activity and the hours.")),
    ],
    Purpose.HOURS_UNCLEAR: [
        ("H3", gettext_lazy("The certificate does not show the hours, or not the day.")),
        ("H4", gettext_lazy("The certificate cannot be read, or a page is missing.")),
        ("H5", gettext_lazy("It is not clear what was taught. Send the programme.")),
    ],
    Purpose.HOURS_NOT_ACCEPTED: [
        ("H6", gettext_lazy("The certificate is not in your name.")),
        ("H7", gettext_lazy("What was taught does not belong to this category.")),
        ("H8", gettext_lazy("The certificate could not be confirmed with the provider it names.")),
        ("H9", gettext_lazy("Part of it lies outside the cycle, or it was counted before.")),
    ],
    Purpose.RETURN: [
        ("B1", gettext_lazy("Something more is needed on one activity or several.")),
        ("B2", gettext_lazy("Not every activity was accepted, and hours are missing.")),
        ("B3", gettext_lazy("A document is not current.")),
    ],
}
NEVER_AHEAD = frozenset({Kind.DECEASED, Kind.CORRECTED})
AHEAD = timedelta(days=366)


def reasons_of(credential: Credential, kind: str) -> list[Reason]:
    """The reasons a change may name: the edition's own, else those every scheme has."""
    return reasons_to(credential, PURPOSE_OF[Kind(kind)])


def reasons_to(credential: Credential, *purposes: Reason.Purpose) -> list[Reason]:
    """The reasons for some purposes: of each, the edition's own, else those every scheme has."""
    own: dict[str, list[Reason]] = {}
    for row in Reason.objects.filter(
        credential_type=credential.credential_type_id, purpose__in=purposes
    ).order_by("pk"):
        own.setdefault(row.purpose, []).append(row)
    found: list[Reason] = []
    for purpose in purposes:
        found += own.get(purpose) or [
            Reason(code=code, text=str(text), purpose=purpose)
            for code, text in COMMON_REASONS.get(purpose, ())
        ]
    return found


def require_registrar(by: User) -> None:
    if not by.has_role(Role.REGISTRAR):
        raise Forbidden("wrong_role", _("Only a registrar does this."))


def require_other_person(person: User, by: User) -> None:
    """R2: raise Forbidden when `by` would decide on their own case."""
    require_not_own(person=person, by=by)


def require_uninvolved(*, holder: User, by: User, at: datetime) -> None:
    """Raise Forbidden, by rule, when `by` is the person, taught or examined them, or is tied to them."""
    require_separate(by=by, acts=Part.DECIDER, about=holder, on=at.date())


def require_change_allowed(
    *, credential: Credential, kind: str, by: User, at: datetime, on: date | None = None
) -> None:
    """Raise what would keep `by` from this change, from day `on` or now: Forbidden for role or separation, Conflict for what it would break."""
    require_registrar(by)
    require_uninvolved(holder=credential.holder, by=by, at=at)
    require_fits(credential, Kind(kind), at, effective_at(credential, at=at, on=on))


def possible_changes(*, credential: Credential, by: User, at: datetime) -> list[StatusEvent.Kind]:
    """The changes this person may make now. The separation rules are asked once."""
    try:
        require_registrar(by)
        require_uninvolved(holder=credential.holder, by=by, at=at)
    except Forbidden:
        return []
    possible = []
    for kind in PURPOSE_OF:
        try:
            require_fits(credential, kind, at, at)
        except Conflict:
            continue
        possible.append(kind)
    return possible


def effective_at(credential: Credential, *, at: datetime, on: date | None) -> datetime:
    """The instant a change dated `on` takes effect: now, or the beginning of that day, after what happened on it. Raises Invalid."""
    zone = credential.statement["zone"]
    today = at.astimezone(ZoneInfo(zone)).date()
    if on is None or on == today:
        return at
    first = credential.issued_at.astimezone(ZoneInfo(zone)).date()
    if on < first:
        said = _("The credential was issued on %(day)s. Nothing happened to it before.") % {
            "day": date_format(first, "j F Y")
        }
        raise Invalid("before_it_was_issued", said, fields={"effective_on": [said]})
    if on > today + AHEAD:
        said = _("Choose a day within a year.")
        raise Invalid("too_far_ahead", said, fields={"effective_on": [said]})
    begins, ends = validity.start_of_day(on, zone), validity.end_of_day(on, zone)
    that_day = [
        row.effective_at for row in credential.events.all() if begins <= row.effective_at <= ends
    ]
    return max([begins, *that_day])


@transaction.atomic
def change(
    credential: Credential,
    kind: StatusEvent.Kind,
    reason_code: str,
    note: str,
    by: User,
    at: datetime,
    *,
    on: date | None = None,
    once: bool = False,
    sets: dict[str, Any] | None = None,
    **fields: Any,
) -> StatusEvent:
    """One change by a registrar with a reason, now or from day `on`. The same asked for again by the same person is made once.

    `once`: what is asked for holds already, so the newest event answers. `sets` are columns of the credential that change with it.
    """
    require_registrar(by)
    lock_learner(credential.holder_id)
    require_uninvolved(holder=credential.holder, by=by, at=at)
    row = fresh(credential)
    asked = asked_before(row, kind, by, reason_code)
    if once and asked:
        return asked
    require_clock(row, at)
    if on and kind in NEVER_AHEAD and on > at.astimezone(ZoneInfo(row.statement["zone"])).date():
        said = _("This cannot be dated ahead.")
        raise Invalid("not_ahead", said, fields={"effective_on": [said]})
    when = effective_at(row, at=at, on=on)
    try:
        require_fits(row, kind, at, when)
    except Conflict:
        if asked:
            return asked
        raise
    reason = reason_named(row, kind, reason_code)
    if sets:
        for name, value in sets.items():
            setattr(row, name, value)
        row.save(update_fields=list(sets))
    return append_event(
        credential=row,
        kind=kind,
        effective_at=when,
        reason_code=reason.code,
        reason_text=reason.text,
        note=note,
        by=by,
        at=at,
        **fields,
    )


def fresh(credential: Credential) -> Credential:
    """The row as it is under the lock, without anything an earlier reader has remembered on it."""
    return Credential.objects.select_related("credential_type", "holder", "application").get(
        pk=credential.pk
    )


def asked_before(
    credential: Credential, kind: str, by: User, reason_code: str
) -> StatusEvent | None:
    """The newest event, when it is this very change by this very person."""
    newest = StatusEvent.objects.filter(credential=credential).order_by("-sequence").first()
    same = newest and (newest.kind, newest.by_id, newest.reason_code) == (kind, by.pk, reason_code)
    return newest if same else None


def reason_named(credential: Credential, kind: str, code: str) -> Reason:
    return named_among(reasons_of(credential, kind), code)


def named_among(reasons: list[Reason], code: str) -> Reason:
    """The reason with a code. Raises Invalid when it is none of these."""
    for reason in reasons:
        if reason.code == code:
            return reason
    raise Invalid(
        "no_such_reason",
        _("Choose a reason."),
        fields={"reason_code": [_("Choose one of the reasons of this scheme.")]},
    )


def require_fits(
    credential: Credential, kind: StatusEvent.Kind, at: datetime, when: datetime
) -> None:
    """Raise Conflict when the change does not fit into the credential's life at that moment, or is renewed ahead already."""
    events, zone = events_of(credential), credential.statement["zone"]
    new = validity.Event(len(events) + 1, kind.value, when)
    wrong = validity.misfit(events, new, now_of(credential, at), zone, late_months_of(credential))
    if wrong:
        raise _does_not_fit(wrong, new, zone, at)
    begins = _renewed_from(credential, at) if kind == Kind.RENEWED else None
    if begins:
        raise Conflict(
            "renewed_already",
            _("This credential is renewed already, from %(day)s. Renew it again after that day.")
            % {"day": date_format(begins, "j F Y")},
        )


def _does_not_fit(wrong: validity.Misfit, new: validity.Event, zone: str, at: datetime) -> Conflict:
    change = str(Kind(wrong.event.kind).label).lower()
    day = date_format(wrong.event.effective_at.astimezone(ZoneInfo(zone)), "j F Y")
    if wrong.event is not new:
        return Conflict(
            "breaks_what_follows",
            _(
                "On %(day)s it was “%(change)s”, which cannot follow “%(status)s”. Date this change after it."
            )
            % {"status": wrong.status, "change": change, "day": day},
        )
    if new.effective_at == at:
        said = _("This credential is %(status)s, so it cannot be %(change)s.")
    else:
        said = _("On %(day)s this credential is %(status)s, so it cannot be %(change)s then.")
    return Conflict(
        "not_from_this_status", said % {"status": wrong.status, "change": change, "day": day}
    )


def _renewed_from(credential: Credential, at: datetime) -> date | None:
    """The first day of a renewal on record whose period is still to begin, or None."""
    rows = sorted(credential.events.all(), key=lambda row: row.sequence)
    ends = [row.valid_until for row in rows if row.valid_until]
    today = at.astimezone(ZoneInfo(credential.statement["zone"])).date()
    if len(ends) > 1 and ends[-2] >= today:
        return ends[-2] + timedelta(days=1)
    return None


def require_clock(credential: Credential, at: datetime) -> None:
    """Raise Conflict when the clock stands before the newest entry: nothing is written that would come before what has happened."""
    newest = StatusEvent.objects.filter(credential=credential).order_by("-sequence").first()
    if newest and newest.at > at:
        raise Conflict(
            "clock_set_back",
            _(
                "The server's clock stands before the newest entry of this credential, of %(moment)s. Nothing was written. "
                "Ask the site administrator to set the clock right."
            )
            % {"moment": f"{date_format(newest.at, 'j F Y, H:i')} UTC"},
        )


def append_event(*, credential: Credential, kind: str, at: datetime, **fields: Any) -> StatusEvent:
    """Append to the credential's chain and enqueue what follows from it: signing, the status list, a message to the holder.

    Raises Conflict when the clock has been set back behind the newest entry.
    """
    from credentials.tasks import publish_status_lists, sign_document

    require_clock(credential, at)
    salt = new_salt()
    event = StatusEvent.objects.append(
        chain=credential.chain,
        at=at,
        credential=credential,
        kind=kind,
        salt=salt,
        record=credential.digest(salt),
        **fields,
    )
    if kind in StatusEvent.MAKES_DOCUMENT:
        sign_document.enqueue(event.pk)
    if kind in StatusEvent.ENDS_DOCUMENTS:
        publish_status_lists.enqueue()
    if kind != Kind.DECEASED and not _about_a_death(event):
        _tell_holder(credential, event, at)
    return event


def _about_a_death(event: StatusEvent) -> bool:
    return event.withdraws is not None and event.withdraws.kind == Kind.DECEASED


def _tell_holder(credential: Credential, event: StatusEvent, at: datetime) -> None:
    zone = ZoneInfo(credential.statement["zone"])
    notify(
        recipient=credential.holder,
        kind=f"credential_{event.kind}",
        reference=str(event.uuid),
        subject=_("Your credential %(number)s: %(what)s")
        % {"number": credential.number, "what": event.get_kind_display().lower()},
        template="credentials/mail/status.txt",
        context={
            "credential": credential,
            "event": event,
            "today": event.effective_at.astimezone(zone).date() == at.astimezone(zone).date(),
            "ahead": event.effective_at > at,
        },
        url=f"/record/{credential.public_id}/",
        at=at,
    )
