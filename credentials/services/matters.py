"""What waits for a registrar, one value a matter. Other apps make their own `Matter`s; the queue shows them all in one table."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Exists, Max, OuterRef, Subquery
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.models import Accommodation, User
from credentials import validity
from credentials.models import (
    Application,
    Case,
    CaseStep,
    Credential,
    DocumentReview,
    Evidence,
    Exemption,
    RenewalRequest,
    StatusEvent,
)
from credentials.services.award import decisions_due, today_in
from credentials.services.blind import see_case
from credentials.services.carrying_out import CARRY_OUT_DAYS
from credentials.services.cases import GIVE_DAYS
from credentials.services.judging_renewal import waiting_renewals
from credentials.services.lasting import WATCHED_DAYS, Ending, endings
from credentials.services.renewals import Turn, is_audited, turn_of
from credentials.services.reviewing import waiting_documents
from credentials.services.revoking import proposals_waiting
from credentials.services.standing import standing_of

DOCUMENT_DAYS = 10  # working days in which a document is decided
DECISION_DAYS = 20
EXCEPTION_DAYS = 10
REVOCATION_DAYS = 5
RENEWAL_DAYS = 10
ADJUSTMENT_DAYS = 10
EXPIRING_DAYS = 90  # calendar days before its last day that a credential is watched
MOST_EXPIRING = 500  # those that end soonest; of a large register thousands do in 90 days
SIGNING_TIME = timedelta(minutes=10)
MOST_UNSIGNED = (
    100  # the oldest; where no worker runs, or a key was lost, all of a register may wait
)


@dataclass(frozen=True)
class Matter:
    """One thing somebody has to decide or look into, since when, and by which day."""

    key: str  # unique and stable: "document:<uuid>"
    kind: str  # document, held, result, fall, decision, expiring, ending, exception, appeal …
    who: str
    reference: str
    what: str
    why: str
    url: str
    since: datetime
    due: date
    acts: tuple[str, ...] = ()  # what can be done to many of these at once (BulkRun.Action)


def working_days(first: date, last: date) -> int:
    """Mondays to Fridays after `first`, up to and with `last`; negative when `last` is earlier. Knows no public holidays."""
    if last < first:
        return -working_days(last, first)
    weeks, rest = divmod((last - first).days, 7)
    return weeks * 5 + sum((first.weekday() + step) % 7 < 5 for step in range(1, rest + 1))


def after_working_days(day: date, count: int) -> date:
    """The day that lies `count` working days after `day`."""
    while count > 0:
        day += timedelta(days=1)
        count -= day.weekday() < 5
    return day


def matters(*, at: datetime, by: User | None = None) -> list[Matter]:
    """Everything of this app that waits for a registrar, the oldest first, without cases about `by`. A fixed number of queries."""
    found = [
        *_documents(),
        *_adjustments(),
        *_decisions(at),
        *_exceptions(),
        *_revocations(),
        *_cases(by),
        *_to_carry_out(by),
        *_renewals(at),
        *_endings(at),
        *_expiring(at),
        *_unsigned(at),
    ]
    return sorted(found, key=lambda matter: (matter.since, matter.key))


def _documents() -> list[Matter]:
    before = DocumentReview.objects.filter(
        document__application=OuterRef("application"), document__requirement=OuterRef("requirement")
    ).order_by("-pk")
    rows = waiting_documents().annotate(returned_for=Subquery(before.values("reason_text")[:1]))
    return [
        Matter(
            key=f"document:{row.uuid}",
            kind="document",
            who=row.application.name_on_id,
            reference=row.application.reference,
            what=row.requirement.short_title,
            why=_why_it_waits(row),
            url=reverse("document-review", args=[row.uuid]),
            since=row.uploaded_at,
            due=after_working_days(row.uploaded_at.date(), DOCUMENT_DAYS),
        )
        for row in rows
    ]


def _why_it_waits(document) -> str:
    if document.returned_for:
        return _("Sent again after: %(reason)s") % {"reason": document.returned_for}
    if document.not_required:
        return _("Says it is not required where they practise")
    if document.valid_until:
        return _("New document, valid until %(day)s") % {
            "day": date_format(document.valid_until, "j F Y")
        }
    return _("New document")


def _decisions(at: datetime) -> list[Matter]:
    """The clock of a decision runs from the day the last requirement was met."""
    rows = decisions_due(at=at)
    met = complete_since(rows)
    return [
        Matter(
            key=f"decision:{row.uuid}",
            kind="decision",
            who=row.name_on_id,
            reference=row.reference,
            what=_("All requirements met"),
            why=_("%(type)s: a registrar decides who neither taught nor examined the applicant")
            % {"type": row.credential_type.code},
            url=reverse("application-decision", args=[row.uuid]),
            since=met[row.pk],
            due=after_working_days(met[row.pk].date(), DECISION_DAYS),
            acts=("award",),
        )
        for row in rows
    ]


def complete_since(applications: Sequence[Application]) -> dict[int, datetime]:
    """When the newest evidence of each application came, by its primary key. One query."""
    newest = (
        Evidence.objects.filter(
            learner__in={row.applicant_id for row in applications},
            requirement__credential_type__in={row.credential_type_id for row in applications},
            counts=True,
        )
        .values_list("learner", "requirement__credential_type")
        .annotate(last=Max("at"))
        .order_by()
    )
    last = {(learner, kind): at for learner, kind, at in newest}
    return {
        row.pk: max(
            row.submitted_at,
            last.get((row.applicant_id, row.credential_type_id), row.submitted_at),
        )
        for row in applications
    }


def _adjustments() -> list[Matter]:
    """Applicants who asked for adjustments, and for whom nobody has decided on any since."""
    decided = Accommodation.objects.filter(
        person=OuterRef("applicant"), at__gte=OuterRef("submitted_at")
    )
    rows = (
        Application.objects.filter(~Exists(decided), closed_at=None)
        .exclude(accommodations="")
        .select_related("applicant")
        .order_by("submitted_at", "pk")
    )
    return [
        Matter(
            key=f"adjustments:{row.uuid}",
            kind="adjustments",
            who=row.name_on_id,
            reference=row.reference,
            what=_("Adjustments asked for"),
            why=_("Decide before an examination is booked"),
            url=reverse("accommodation", args=[row.applicant.uuid]),
            since=row.submitted_at,
            due=after_working_days(row.submitted_at.date(), ADJUSTMENT_DAYS),
        )
        for row in rows
    ]


def _exceptions() -> list[Matter]:
    rows = Exemption.objects.waiting().select_related("application", "requirement", "approver")
    return [
        Matter(
            key=f"exception:{row.uuid}",
            kind="exception",
            who=row.application.name_on_id,
            reference=row.application.reference,
            what=_("Exception: %(what)s") % {"what": row.requirement.short_title},
            why=_("%(who)s was named to approve or decline it") % {"who": row.approver},
            url=reverse("exemption", args=[row.uuid]),
            since=row.at,
            due=after_working_days(row.at.date(), EXCEPTION_DAYS),
        )
        for row in rows
    ]


def _revocations() -> list[Matter]:
    return [
        Matter(
            key=f"revocation:{row.uuid}",
            kind="revocation",
            who=row.credential.name,
            reference=row.credential.number,
            what=_("Proposed: revoke it"),
            why=_("%(who)s proposes it: %(reason)s. Another registrar decides")
            % {"who": row.by, "reason": row.reason_text.rstrip(".")},
            url=reverse("credential-change", args=[row.credential.public_id, "revoke"]),
            since=row.at,
            due=after_working_days(row.at.date(), REVOCATION_DAYS),
        )
        for row in proposals_waiting()
    ]


def _cases(by: User | None) -> list[Matter]:
    """Appeals and concerns: first to be given to an owner, then to be decided by their day."""
    rows = (Case.objects.visible_to(by) if by else Case.objects.all()).open()
    found = []
    for row in rows.for_reading():
        give_by = after_working_days(row.received_on, GIVE_DAYS)
        seen = see_case(row, by)
        found.append(
            Matter(
                key=f"case:{row.uuid}",
                kind=row.kind,
                who=seen.who,
                reference=row.reference,
                what=seen.about,
                why=_("With %(who)s") % {"who": row.owner}
                if row.owner
                else _("Nobody owns it yet: give it to somebody who is not involved"),
                url=reverse("case", args=[row.uuid]),
                since=row.recorded_at,
                due=row.due_on if row.owner else give_by,
            )
        )
    return found


def _to_carry_out(by: User | None) -> list[Matter]:
    """Appeals that were decided, with what follows from them and is neither done nor waived. Two queries."""
    rows = Case.objects.visible_to(by) if by else Case.objects.all()
    cases = list(rows.to_carry_out().for_reading())
    pending: dict[int, list[str]] = {}
    for step in CaseStep.objects.pending().filter(case__in=cases).order_by("sequence"):
        pending.setdefault(step.case_id, []).append(step.get_action_display())
    return [
        Matter(
            key=f"followup:{row.uuid}",
            kind="followup",
            who=see_case(row, by).who,
            reference=row.reference,
            what="; ".join(pending[row.pk]),
            why=_("Follows from an appeal that is decided"),
            url=reverse("case", args=[row.uuid]),
            since=row.closed_at,
            due=after_working_days(row.closed_at.date(), CARRY_OUT_DAYS),
        )
        for row in cases
        if row.closed_at and row.pk in pending
    ]


def answer_by(request: RenewalRequest) -> date:
    """The day by which a registrar decides on a renewal that was sent."""
    return after_working_days((request.sent_at or request.begun_at).date(), RENEWAL_DAYS)


def _renewals(at: datetime) -> list[Matter]:
    """Renewals that were sent, for as long as the credential can be renewed."""
    found = []
    for row in waiting_renewals():
        standing = standing_of(row.credential, at=at)
        if row.sent_at is None or turn_of(row, standing) is not Turn.WITH_REGISTER:
            continue
        day = date_format(row.last_day, "j F Y")
        why = _("The credential ends on %(day)s") % {"day": day}
        if standing.status is validity.Status.SUSPENDED:
            why = _("The credential is suspended: that comes first")
        elif standing.status is not validity.Status.ACTIVE:
            why = _("The credential ended on %(day)s") % {"day": day}
        found.append(
            Matter(
                key=f"renewal:{row.uuid}",
                kind="renewal",
                who=row.credential.name,
                reference=row.credential.number,
                what=_renewal_words(row),
                why=why,
                url=reverse("renewal-review", args=[row.uuid]),
                since=row.sent_at,
                due=answer_by(row),
            )
        )
    return found


def _renewal_words(row: RenewalRequest) -> str:
    if is_audited(row):
        return _("Renewal, chosen for audit")
    return _("Renewal sent again") if _returned_before(row) else _("Renewal")


def _returned_before(row: RenewalRequest) -> bool:
    return any(step.kind == "returned" for step in row.steps.all())


def _endings(at: datetime) -> list[Matter]:
    """Documents of holders and applicants that end soon or have ended, where nothing newer waits for the register."""
    return [
        Matter(
            key=f"ending:{row.evidence.uuid}",
            kind="ending",
            who=row.credential.name if row.credential else row.application.name_on_id,
            reference=row.credential.number if row.credential else row.application.reference,
            what=row.requirement.short_title,
            why=_ending_words(row),
            url=reverse("credential-dossier", args=[row.credential.public_id])
            if row.credential
            else reverse("application-decision", args=[row.application.uuid]),
            since=max(row.evidence.at, at - timedelta(days=WATCHED_DAYS - row.left)),
            due=row.last_day,
            acts=("remind",),
        )
        for row in endings(at=at, days=WATCHED_DAYS, unanswered=True)
    ]


def _ending_words(row: Ending) -> str:
    day = date_format(row.last_day, "j F Y")
    if row.left >= 0:
        return _("Valid until %(day)s; no newer one has come") % {"day": day}
    if row.credential:
        return _("Ran out on %(day)s; the credential is active") % {"day": day}
    return _("Ran out on %(day)s; the requirement is open again") % {"day": day}


def _expiring(at: datetime) -> list[Matter]:
    today = at.date()
    sent = RenewalRequest.objects.waiting().filter(credential=OuterRef("pk"))
    rows = (
        Credential.objects.filter(
            ~Exists(sent),
            valid_until__gte=today - timedelta(days=1),
            valid_until__lte=today + timedelta(days=EXPIRING_DAYS),
        )
        .select_related("credential_type")
        .prefetch_related("events")
        .order_by("valid_until", "pk")[:MOST_EXPIRING]
    )
    found = []
    for row in rows:
        if standing_of(row, at=at).status is not validity.Status.ACTIVE:
            continue
        left = (row.valid_until - today_in(row.credential_type, at)).days
        found.append(
            Matter(
                key=f"expiring:{row.public_id}",
                kind="expiring",
                who=row.name,
                reference=row.number,
                what=_("Ends %(day)s") % {"day": date_format(row.valid_until, "j F Y")},
                why=_("Not renewed yet"),
                url=reverse("credential-dossier", args=[row.public_id]),
                since=max(
                    row.issued_at, at - timedelta(days=EXPIRING_DAYS - min(left, EXPIRING_DAYS))
                ),
                due=row.valid_until,
                acts=("remind", "renew"),
            )
        )
    return found


def _unsigned(at: datetime) -> list[Matter]:
    """Events whose document should be signed by now. The worker does it by itself; one that lies here means that it does not run."""
    rows = (
        StatusEvent.objects.filter(
            kind__in=StatusEvent.MAKES_DOCUMENT,
            signed_document=None,
            withdrawn_by=None,
            at__lt=at - SIGNING_TIME,
            effective_at__lt=at - SIGNING_TIME,
        )
        .select_related("credential")
        .order_by("pk")[:MOST_UNSIGNED]
    )
    first = {
        row.credential_id: row for row in reversed(list(rows))
    }  # the oldest of each credential
    return [
        Matter(
            key=f"unsigned:{row.uuid}",
            kind="unsigned",
            who=row.credential.name,
            reference=row.credential.number,
            what=_("%(event)s, not yet signed") % {"event": row.get_kind_display()},
            why=_("Signing takes seconds. Ask the site administrator whether the worker runs."),
            url=reverse("credential-dossier", args=[row.credential.public_id]),
            since=row.at,
            due=row.at.date(),
        )
        for row in first.values()
    ]
