"""Documents that run out: who is reminded when, and what a registrar sees. A credential does not end with them; a person decides (S2, S3).

Before its last day the person hears 90, 30 and 7 days ahead, and once more when it has run out. An applicant's requirement is open again from
the next day; a holder stays in the register's queue until a current document is accepted or a registrar acts.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.models import Notice, User
from accounts.services import notify
from credentials import validity
from credentials.models import Application, Credential, Document, Evidence, Requirement
from credentials.services.award import today_in
from credentials.services.standing import standing_of

KIND = "document_expiring"
REMIND_DAYS = (7, 30, 90)  # calendar days before the last valid day, the nearest first
WATCHED_DAYS = 30  # from when it is a registrar's matter
RAN_OUT = "ran_out"


@dataclass(frozen=True)
class Ending:
    """Something accepted for a time whose last day comes or has passed; `left` days from today, negative when it is over."""

    evidence: Evidence
    application: Application
    credential: Credential | None
    left: int

    @property
    def requirement(self) -> Requirement:
        return self.evidence.requirement

    @property
    def last_day(self) -> date:
        day = self.evidence.valid_until
        assert day is not None
        return day

    @property
    def url(self) -> str:
        """Where the person sends the new one."""
        address = reverse("application-document", args=[self.requirement.code])
        return f"{address}?application={self.application.uuid}"


def _counting(until: date) -> QuerySet[Evidence]:
    """The evidence that holds a requirement up and ends by a day: nothing of the same requirement lasts longer."""
    same = Evidence.objects.filter(learner=OuterRef("learner"), requirement=OuterRef("requirement"))
    newer = same.filter(reference=OuterRef("reference"), sequence__gt=OuterRef("sequence"))
    longer = same.filter(
        Q(valid_until__gt=OuterRef("valid_until"))
        | Q(valid_until=OuterRef("valid_until"), sequence__gt=OuterRef("sequence"))
        | Q(valid_until__isnull=True),
        counts=True,
    )
    return Evidence.objects.filter(
        ~Exists(newer), ~Exists(longer), counts=True, valid_until__lte=until
    )


def endings(
    *, at: datetime, days: int, of: User | None = None, unanswered: bool = False
) -> list[Ending]:
    """What ends within `days` or has ended, for everybody (or one person) with an open application or an active credential.

    `unanswered`: without what a newer document, still with the register, is there for. Five queries at most.
    """
    until = at.date() + timedelta(days=days + 1)
    current = Credential.objects.filter(
        holder=OuterRef("learner"),
        credential_type=OuterRef("requirement__credential_type"),
        valid_until__gte=at.date() - timedelta(days=1),
    )
    waiting = Application.objects.filter(
        applicant=OuterRef("learner"),
        credential_type=OuterRef("requirement__credential_type"),
        closed_at=None,
    )
    counting = _counting(until).filter(learner=of) if of else _counting(until)
    rows = list(
        counting.filter(
            Exists(current) | Exists(waiting), requirement__phase=Requirement.Phase.AWARD
        )
        .select_related("requirement__credential_type", "learner")
        .order_by("valid_until", "pk")
    )
    held = _credentials(rows, at)
    open_ones = _applications(rows)
    found = []
    for row in rows:
        key = (row.learner_id, row.requirement.credential_type_id)
        credential = held.get(key)
        application = credential.application if credential else open_ones.get(key)
        if application is None or row.valid_until is None:
            continue
        left = (row.valid_until - today_in(row.requirement.credential_type, at)).days
        if left <= days:
            found.append(Ending(row, application, credential, left))
    if unanswered and found:
        sent = _sent_for(found)
        found = [row for row in found if (row.application.pk, row.requirement.pk) not in sent]
    return found


def _credentials(rows: Sequence[Evidence], at: datetime) -> dict[tuple[int, int], Credential]:
    """The active ones of the people concerned, by holder and type."""
    found = (
        Credential.objects.filter(
            holder__in={row.learner_id for row in rows},
            credential_type__in={row.requirement.credential_type_id for row in rows},
        )
        .select_related("credential_type", "application")
        .prefetch_related("events")
    )
    return {
        (row.holder_id, row.credential_type_id): row
        for row in found
        if standing_of(row, at=at).status is validity.Status.ACTIVE
    }


def _applications(rows: Sequence[Evidence]) -> dict[tuple[int, int], Application]:
    found = Application.objects.filter(
        applicant__in={row.learner_id for row in rows}, closed_at=None
    )
    return {(row.applicant_id, row.credential_type_id): row for row in found}


def remind_of_documents(*, at: datetime) -> int:
    """Write to people whose accepted documents end in 90, 30 and 7 days, and once when one has run out; returns how many were told now.

    Who is found late is told the nearest step only; who has sent a new one that waits for the register is not asked for it.
    """
    due = {}
    for row in endings(at=at, days=REMIND_DAYS[-1], unanswered=True):
        step = next((str(days) for days in REMIND_DAYS if 0 <= row.left <= days), RAN_OUT)
        due[f"{row.evidence.uuid}:{step}"] = row
    told = set(
        Notice.objects.filter(
            kind=KIND,
            recipient__in={row.evidence.learner_id for row in due.values()},
            reference__in=due,
        ).values_list("reference", flat=True)
    )
    for reference, row in due.items():
        if reference not in told:
            remind(row, reference=reference, at=at)
    return len(due.keys() - told)


def _sent_for(rows: Sequence[Ending]) -> set[tuple[int, int]]:
    """Applications and requirements for which a newer document waits for the register."""
    waiting = Document.objects.waiting().filter(
        application__in={row.application.pk for row in rows}
    )
    return set(waiting.values_list("application", "requirement"))


def remind(row: Ending, *, reference: str, at: datetime) -> None:
    """Tell one person that one document ends or has ended, and where to send the new one."""
    day = date_format(row.last_day, "j F Y")
    said = (
        _("%(what)s: it ran out on %(day)s") if row.left < 0 else _("%(what)s: valid until %(day)s")
    )
    notify(
        recipient=row.evidence.learner,
        kind=KIND,
        reference=reference,
        subject=said % {"what": row.requirement.short_title, "day": day},
        template="credentials/mail/document_expiring.txt",
        context={"ending": row, "over": row.left < 0},
        url=row.url,
        at=at,
    )


def takes_current_documents(application: Application, *, at: datetime) -> bool:
    """Whether the holder may still send documents that expire: the application is decided, and its credential is in force or may be again."""
    credential = (
        Credential.objects.filter(application=application)
        .select_related("credential_type")
        .prefetch_related("events")
        .first()
    )
    if credential is None:
        return False
    return standing_of(credential, at=at).status not in validity.FINAL


def ends_before(credential: Credential, *, at: datetime) -> list[Ending]:
    """What the holder of one credential has to renew soon or late."""
    return [
        row
        for row in endings(at=at, days=REMIND_DAYS[-1], of=credential.holder)
        if row.credential and row.credential.pk == credential.pk
    ]
