"""What waits for a registrar, one value a matter. Other apps make their own `Matter`s; the queue shows them all in one table."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

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
    DocumentReview,
    Evidence,
    Exemption,
    RenewalRequest,
)
from credentials.services.award import decisions_due
from credentials.services.blind import see_case
from credentials.services.carrying_out import CARRY_OUT_DAYS
from credentials.services.cases import GIVE_DAYS
from credentials.services.judging_renewal import waiting_renewals
from credentials.services.matter import (
    ADJUSTMENT_DAYS,
    DECISION_DAYS,
    DOCUMENT_DAYS,
    EXCEPTION_DAYS,
    RENEWAL_DAYS,
    REVOCATION_DAYS,
    Matter,
    after_working_days,
)
from credentials.services.renewals import Turn, is_audited, turn_of
from credentials.services.reviewing import waiting_documents
from credentials.services.revoking import proposals_waiting
from credentials.services.standing import standing_of
from credentials.services.watched import Watched, watched


def matters(
    *, at: datetime, by: User | None = None, lists: Mapping[str, Watched] | None = None
) -> list[Matter]:
    """What of this app waits for a registrar, the oldest first, without cases about `by`: of the long lists (`watched`) the first hundred
    each, everything of the others. A fixed number of queries.
    """
    found = [
        *_documents(),
        *_adjustments(),
        *_decisions(at),
        *_exceptions(),
        *_revocations(),
        *_cases(by),
        *_to_carry_out(by),
        *_renewals(at),
        *(matter for row in (lists or watched(at=at)).values() for matter in row.first()),
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
