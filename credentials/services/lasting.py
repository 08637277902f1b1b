"""Documents that run out: who is reminded when, and what a registrar sees. A credential does not end with them; a person decides (S2, S3).

Before its last day the person hears 90, 30 and 7 days ahead, and once more when it has run out. An applicant's requirement is open again from
the next day; a holder stays in the register's queue until a current document is accepted or a registrar acts.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.services import notify
from credentials import validity
from credentials.models import Application, Credential, Document, Evidence, Requirement
from credentials.services.award import today_in
from credentials.services.in_force import Days, in_force, today_by_zone
from credentials.services.standing import standing_of
from credentials.services.untold import REMIND_DAYS, in_parts, step_come, untold

KIND = "document_expiring"
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


def ending_rows(
    *,
    at: datetime,
    days: int,
    of: User | None = None,
    unanswered: bool = False,
    zones: Days | None = None,
) -> QuerySet[Evidence]:
    """The evidence behind `endings`, chosen by the database alone, the first to end first."""
    same_type = {"credential_type": OuterRef("requirement__credential_type")}
    zones_by_day = zones or today_by_zone(at)
    current = Credential.objects.filter(
        in_force(at, zones_by_day), holder=OuterRef("learner"), **same_type
    )
    open_one = Application.objects.filter(
        applicant=OuterRef("learner"), closed_at=None, **same_type
    )
    ends = Q(pk__in=[])
    for day, places in zones_by_day.items():
        last = day + timedelta(days=days)
        ends |= Q(valid_until__lte=last, requirement__credential_type__zone__in=places)
    rows = _counting(at.date() + timedelta(days=days + 1))
    rows = rows.filter(learner=of) if of else rows
    rows = rows.filter(
        ends,
        Exists(current) | Exists(open_one),
        learner__in=_watched_people(at),
        requirement__phase=Requirement.Phase.AWARD,
    )
    if unanswered:
        rows = rows.filter(~Exists(_answers(at, zones_by_day)))
    return rows.order_by("valid_until", "pk")


def _watched_people(at: datetime) -> QuerySet[Any]:
    """Whose papers can matter at all: so that of all that ever ended only theirs are looked at."""
    holders = Credential.objects.filter(valid_until__gte=at.date() - timedelta(days=1))
    applicants = Application.objects.filter(closed_at=None)
    return holders.order_by().values("holder").union(applicants.order_by().values("applicant"))


def endings(
    *,
    at: datetime,
    days: int,
    of: User | None = None,
    unanswered: bool = False,
    zones: Days | None = None,
) -> list[Ending]:
    """What ends within `days` or has ended, for everybody (or one person) with an open application or an active credential.

    `unanswered`: without what a newer document, still with the register, is there for. Six queries at most, and one where the
    time zones are not given (`today_by_zone`).
    """
    rows = ending_rows(at=at, days=days, of=of, unanswered=unanswered, zones=zones)
    return endings_in(rows, at=at)


def endings_in(chosen: QuerySet[Evidence], *, at: datetime) -> list[Ending]:
    """Some of `ending_rows` with what they are of. Four queries at most."""
    rows = list(chosen.select_related("requirement__credential_type", "learner"))
    held = _credentials(rows, at) if rows else {}
    open_ones = _applications(rows) if rows else {}
    found = []
    for row in rows:
        key = (row.learner_id, row.requirement.credential_type_id)
        credential = held.get(key)
        application = credential.application if credential else open_ones.get(key)
        if application is None or row.valid_until is None:
            continue
        left = (row.valid_until - today_in(row.requirement.credential_type, at)).days
        found.append(Ending(row, application, credential, left))
    return found


def _answers(at: datetime, days: Days) -> QuerySet[Document]:
    """What the person of a piece of evidence has sent for the same requirement, and waits for the register."""
    held = Credential.objects.filter(in_force(at, days), application=OuterRef("application"))
    return Document.objects.waiting().filter(
        Exists(held) | Q(application__closed_at=None),
        requirement=OuterRef("requirement"),
        application__applicant=OuterRef("learner"),
    )


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
    zones = today_by_zone(at)
    step = step_come(
        zones,
        last="valid_until",
        zone="requirement__credential_type__zone",
        over=RAN_OUT,
    )
    rows = ending_rows(at=at, days=REMIND_DAYS[-1], unanswered=True, zones=zones)
    due = untold(rows, kind=KIND, recipient="learner", uuid="uuid", step=step)
    count = 0
    for steps in in_parts(due):
        for row in endings_in(Evidence.objects.filter(pk__in=steps).order_by("pk"), at=at):
            remind(row, reference=f"{row.evidence.uuid}:{steps[row.evidence.pk]}", at=at)
            count += 1
    return count


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
    kind = credential.credential_type
    zones = {today_in(kind, at): [kind.zone]}
    return [
        row
        for row in endings(at=at, days=REMIND_DAYS[-1], of=credential.holder, zones=zones)
        if row.credential and row.credential.pk == credential.pk
    ]
