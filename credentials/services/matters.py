"""What waits for a registrar, one value a matter. Other apps make their own `Matter`s; the queue shows them all in one table."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import OuterRef, Subquery
from django.urls import reverse
from django.utils.translation import gettext as _

from credentials import validity
from credentials.models import Credential, DocumentReview, StatusEvent
from credentials.services.award import decisions_due, today_in
from credentials.services.reviewing import waiting_documents
from credentials.services.standing import standing_of

DOCUMENT_DAYS = 10  # working days in which a document is decided
DECISION_DAYS = 20
EXPIRING_DAYS = 90  # calendar days before its last day that a credential is watched
SIGNING_TIME = timedelta(minutes=10)


@dataclass(frozen=True)
class Matter:
    """One thing somebody has to decide or look into, since when, and by which day."""

    key: str  # unique and stable: "document:<uuid>"
    kind: str  # document, held, result, fall, decision, expiring, unsigned
    who: str
    reference: str
    what: str
    why: str
    url: str
    since: datetime
    due: date


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


def matters(*, at: datetime) -> list[Matter]:
    """Everything of this app that waits for a registrar, the oldest first. A fixed number of queries."""
    found = [
        *_documents(),
        *_decisions(at),
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
        return _("New document, valid until %(day)s") % {"day": f"{document.valid_until:%-d %B %Y}"}
    return _("New document")


def _decisions(at: datetime) -> list[Matter]:
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
            since=row.submitted_at,
            due=after_working_days(row.submitted_at.date(), DECISION_DAYS),
        )
        for row in decisions_due(at=at)
    ]


def _expiring(at: datetime) -> list[Matter]:
    today = at.date()
    rows = (
        Credential.objects.filter(
            valid_until__gte=today - timedelta(days=1),
            valid_until__lte=today + timedelta(days=EXPIRING_DAYS),
        )
        .select_related("credential_type")
        .prefetch_related("events")
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
                what=_("Ends %(day)s") % {"day": f"{row.valid_until:%-d %B %Y}"},
                why=_("Not renewed yet"),
                url=reverse("credential-dossier", args=[row.public_id]),
                since=max(
                    row.issued_at, at - timedelta(days=EXPIRING_DAYS - min(left, EXPIRING_DAYS))
                ),
                due=row.valid_until,
            )
        )
    return found


def _unsigned(at: datetime) -> list[Matter]:
    """Events whose document should be signed by now. The worker does it by itself; one that lies here means that it does not run."""
    rows = (
        StatusEvent.objects.filter(
            kind__in=StatusEvent.MAKES_DOCUMENT, signed_document=None, at__lt=at - SIGNING_TIME
        )
        .select_related("credential")
        .order_by("pk")
    )
    first = {row.credential_id: row for row in reversed(rows)}  # the oldest of each credential
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
