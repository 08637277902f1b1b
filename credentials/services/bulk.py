"""One thing done to many matters. A run is looked at before it is asked for, done one matter at a time by the worker, and goes on after a kill.

Each matter is done in one transaction with the note that it is done: none is done twice, and none is left out. A rule that refuses one matter
refuses it alone, in words.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

from django.db import transaction
from django.db.models import Max
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.services import Conflict, Invalid, Refusal, lock_learner, notify
from credentials.models import Application, BulkRun, BulkStep, Credential, Evidence
from credentials.services.award import decide, standings_of
from credentials.services.changing import reasons_of, require_change_allowed, require_registrar
from credentials.services.deciding import kept_from_deciding
from credentials.services.lasting import Ending, endings, remind
from credentials.services.status import renew, renewed_until

Action, State = BulkRun.Action, BulkStep.State
MOST = 2000
STALLED = timedelta(minutes=2)
AT_ONCE = timedelta(minutes=1)  # within it the same run asked for twice is one
Row = TypeVar("Row")
WITHIN = 36500  # days: whatever the queue has shown


@dataclass(frozen=True)
class Planned:
    """What would happen to one matter: `refusal` says why nothing would."""

    key: str
    who: str
    what: str
    refusal: str = ""


# What each action does: to a matter of which kind, how it is looked at, and how it is done.


def plan(*, action: str, keys: Sequence[str], by: User, at: datetime) -> list[Planned]:
    """What a run would do, matter by matter, without doing it. Raises Invalid for no or too many matters."""
    require_registrar(by)
    if not keys:
        raise Invalid("nothing_chosen", _("Choose at least one matter."))
    if len(keys) > MOST:
        raise Invalid("too_many", _("Choose at most %(most)s matters.") % {"most": MOST})
    chosen = list(dict.fromkeys(keys))
    ready = _looked_at_awards(chosen, by, at) if action == Action.AWARD else {}
    return [ready.get(key) or _look(Action(action), key, by, at) for key in chosen]


def _look(action: BulkRun.Action, key: str, by: User, at: datetime) -> Planned:
    """What the action would do to one matter; one it does not fit, or that is gone, is left out by itself."""
    if key.partition(":")[0] not in FITS[action]:
        said = _("“%(action)s” is not for this kind of matter.") % {"action": action.label}
        return Planned(key, _who(key), "", said)
    try:
        return LOOKS[action](key, by, at)
    except Refusal as refusal:
        return Planned(key, "", "", refusal.sentence)


def possible_reasons(*, keys: Sequence[str]) -> list[tuple[str, str]]:
    """The reasons every chosen credential has for a renewal, as (code, text)."""
    rows = Credential.objects.filter(
        public_id__in=[uuid for key in keys if (uuid := _named(key, "expiring"))]
    ).select_related("credential_type")
    one_of_each = {row.credential_type_id: row for row in rows}
    named = [
        {(reason.code, reason.text) for reason in reasons_of(row, "renewed")}
        for row in one_of_each.values()
    ]
    return sorted(set.intersection(*named)) if named else []


@transaction.atomic
def start(
    *,
    action: str,
    keys: Sequence[str],
    by: User,
    at: datetime,
    reason_code: str = "",
    note: str = "",
) -> BulkRun:
    """Begin a run; the worker carries it out. The same, asked for again at once, is that run: nobody is written to twice for one press too many.

    Raises Invalid for a renewal without a reason that fits them all.
    """
    lock_learner(by.pk)
    again = _asked_just_now(action, keys, reason_code, by, at)
    if again:
        return again
    planned = plan(action=action, keys=keys, by=by, at=at)
    if action == Action.RENEW and reason_code not in dict(possible_reasons(keys=keys)):
        said = _("Choose a reason.")
        raise Invalid("no_such_reason", said, fields={"reason_code": [said]})
    from credentials.tasks import carry_out

    run = BulkRun.objects.create(
        action=action, reason_code=reason_code, note=note.strip(), by=by, asked_at=at
    )
    BulkStep.objects.bulk_create(
        [BulkStep(run=run, key=row.key, who=row.who, what=row.what) for row in planned]
    )
    carry_out.enqueue(run.pk)
    return run


def _asked_just_now(
    action: str, keys: Sequence[str], reason_code: str, by: User, at: datetime
) -> BulkRun | None:
    """The run of the very same matters that this person began a moment ago."""
    rows = BulkRun.objects.filter(by=by, action=action, reason_code=reason_code)
    for run in rows.filter(asked_at__gt=at - AT_ONCE, asked_at__lte=at):
        if set(run.steps.values_list("key", flat=True)) == set(keys):
            return run
    return None


def carry_out(*, run: BulkRun, at: Callable[[], datetime]) -> int:
    """Do what is still to do of a run, one matter after another. Safe to call while another worker does the same. Returns how many it did."""
    done = 0
    for pk in run.steps.filter(state=State.WAITING).values_list("pk", flat=True):
        done += _take(run, pk, at())
    with transaction.atomic():
        row = BulkRun.objects.select_for_update().get(pk=run.pk)
        if row.finished_at is None and not row.steps.filter(state=State.WAITING).exists():
            row.finished_at = at()
            row.save(update_fields=["finished_at"])
    return done


def _take(run: BulkRun, pk: int, at: datetime) -> bool:
    with transaction.atomic():
        step = BulkStep.objects.select_for_update().get(pk=pk)
        if step.state != State.WAITING:
            return False
        try:
            with transaction.atomic():
                said = DOES[Action(run.action)](run, step.key, at)
            step.state, step.said = State.DONE, said
        except Refusal as refusal:
            step.state, step.said = State.REFUSED, refusal.sentence[:400]
        step.done_at = at
        step.save(update_fields=["state", "said", "done_at"])
    return True


def resume_due(*, at: datetime) -> int:
    """Enqueue again the runs that have stood still: their worker died. Called by the sweep; returns how many."""
    from credentials.tasks import carry_out

    count = 0
    for run in BulkRun.objects.filter(finished_at=None).annotate(last=Max("steps__done_at")):
        if (run.last or run.asked_at) <= at - STALLED:
            carry_out.enqueue(run.pk)
            count += 1
    return count


# Remind


def _look_remind(key: str, by: User, at: datetime) -> Planned:
    if key.startswith("expiring:"):
        credential = _credential(key)
        what = _("Told that %(number)s ends on %(day)s") % {
            "number": credential.number,
            "day": date_format(credential.valid_until, "j F Y"),
        }
        return Planned(key, credential.name, what)
    row = _ending(key, at)
    what = _("Asked for a current document: %(what)s") % {"what": row.requirement.short_title}
    return Planned(key, row.application.name_on_id, what)


def _remind(run: BulkRun, key: str, at: datetime) -> str:
    if key.startswith("ending:"):
        row = _ending(key, at)
        remind(row, reference=f"{row.evidence.uuid}:{run.uuid}", at=at)
        return _("Written to %(who)s") % {"who": row.evidence.learner}
    credential = _credential(key)
    notify(
        recipient=credential.holder,
        kind="credential_expiring",
        reference=f"{credential.public_id}:{run.uuid}",
        subject=_("Your credential %(number)s ends on %(day)s")
        % {"number": credential.number, "day": date_format(credential.valid_until, "j F Y")},
        template="credentials/mail/expiring.txt",
        context={"credential": credential},
        url=f"/record/{credential.public_id}/renewal/",
        at=at,
    )
    return _("Written to %(who)s") % {"who": credential.holder}


# Award


def _look_award(key: str, by: User, at: datetime) -> Planned:
    application = _application(key)
    found = _looked_at_awards([f"decision:{application.uuid}"], by, at)
    return replace(*found.values(), key=key)


def _looked_at_awards(keys: Sequence[str], by: User, at: datetime) -> dict[str, Planned]:
    """What an award would do to each of these that is an application, by its key. Nine queries, however many there are."""
    named = {uuid: key for key in keys if (uuid := _named(key, "decision"))}
    applications = list(
        Application.objects.filter(uuid__in=named).select_related("credential_type", "applicant")
    )
    kept = kept_from_deciding(applications=applications, by=by, at=at)
    standings = standings_of(applications, at=at)
    looked_at = {}
    for row in applications:
        missing = [
            each.requirement.short_title for each in standings[row.pk] if not each.finding.met
        ]
        said = _("Not every requirement is met: %(which)s.") % {"which": ", ".join(missing)}
        refusal = kept[row.pk].sentence if row.pk in kept else said if missing else ""
        what = _("Awarded: %(title)s") % {"title": row.credential_type.title}
        key = named[row.uuid]
        looked_at[key] = Planned(key, row.name_on_id, what, refusal)
    return looked_at


def _award(run: BulkRun, key: str, at: datetime) -> str:
    credential = decide(application=_application(key), by=run.by, at=at)
    return _("Credential %(number)s") % {"number": credential.number}


# Renew


def _look_renew(key: str, by: User, at: datetime) -> Planned:
    credential = _credential(key)
    what = _("Renewed until %(day)s") % {"day": date_format(renewed_until(credential), "j F Y")}
    try:
        require_change_allowed(credential=credential, kind="renewed", by=by, at=at)
        _require_current(credential, at)
    except Refusal as refusal:
        return Planned(key, credential.name, what, refusal.sentence)
    return Planned(key, credential.name, what)


def _renew(run: BulkRun, key: str, at: datetime) -> str:
    credential = _credential(key)
    _require_current(credential, at)
    event = renew(
        credential=credential, reason_code=run.reason_code, by=run.by, at=at, note=run.note
    )
    assert event.valid_until
    return _("Valid until %(day)s") % {"day": date_format(event.valid_until, "j F Y")}


def _require_current(credential: Credential, at: datetime) -> None:
    """Many at once are renewed only on current documents; what a holder has sent, and anything else, is looked at by itself."""
    if credential.renewal_requests.waiting().exists():
        raise Conflict(
            "renewal_sent", _("The holder has sent a renewal. Decide on that one by itself.")
        )
    over = [
        row.requirement.short_title
        for row in endings(at=at, days=0, of=credential.holder)
        if row.left < 0 and row.credential and row.credential.pk == credential.pk
    ]
    if over:
        raise Conflict(
            "documents_run_out",
            _("Not current: %(which)s. Renew this one by itself.") % {"which": ", ".join(over)},
        )


FITS = {
    Action.REMIND: ("expiring", "ending"),
    Action.AWARD: ("decision",),
    Action.RENEW: ("expiring",),
}
LOOKS = {Action.REMIND: _look_remind, Action.AWARD: _look_award, Action.RENEW: _look_renew}
DOES = {Action.REMIND: _remind, Action.AWARD: _award, Action.RENEW: _renew}


# What a key names


def _who(key: str) -> str:
    """Whose matter a key names, as far as it is one of this app."""
    try:
        uuid = _uuid(key)
    except Conflict:
        return ""
    rows: dict[str, Any] = {
        "expiring": Credential.objects.filter(public_id=uuid).values_list("name", flat=True),
        "ending": Evidence.objects.filter(uuid=uuid).values_list("learner__name", flat=True),
        "decision": Application.objects.filter(uuid=uuid).values_list("name_on_id", flat=True),
    }
    kind = key.partition(":")[0]
    return (rows[kind].first() or "") if kind in rows else ""


def _uuid(key: str) -> UUID:
    try:
        return UUID(key.partition(":")[2])
    except ValueError:
        raise Conflict("no_such_matter", _("This matter is not there any more.")) from None


def _named(key: str, kind: str) -> UUID | None:
    """The id in a key of this kind; None in any other key."""
    try:
        return _uuid(key) if key.startswith(f"{kind}:") else None
    except Conflict:
        return None


def _credential(key: str) -> Credential:
    rows = Credential.objects.select_related("credential_type", "holder").prefetch_related("events")
    found = rows.filter(public_id=_uuid(key)).first() if key.startswith("expiring:") else None
    return _required(found)


def _application(key: str) -> Application:
    rows = Application.objects.select_related("credential_type", "applicant")
    found = rows.filter(uuid=_uuid(key)).first() if key.startswith("decision:") else None
    return _required(found)


def _ending(key: str, at: datetime) -> Ending:
    fact = Evidence.objects.filter(uuid=_uuid(key)).select_related("learner").first()
    rows = endings(at=at, days=WITHIN, of=_required(fact).learner)
    return _required(next((row for row in rows if row.evidence.pk == _required(fact).pk), None))


def _required(row: Row | None) -> Row:
    if row is None:
        raise Conflict("no_such_matter", _("This matter is not there any more."))
    return row
