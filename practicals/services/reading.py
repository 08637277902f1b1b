"""Who read which secure station (R20), and how often stations have been examined."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Count, Max, Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Role, User
from courses.bank import reading
from practicals.models import (
    Appointment,
    Assignment,
    Checklist,
    ChecklistVersion,
    ExamDay,
    Station,
)
from practicals.services.checklists import require_version
from practicals.services.checks import require_role
from practicals.services.stations import STATIONS

YEAR = timedelta(days=365)


@transaction.atomic
def read_checklists(*, checklists: Sequence[Checklist], by: User, where: str, at: datetime) -> None:
    """Somebody reads these stations whole; each reading of a secure one is written down. Raises Forbidden for a pool not theirs."""
    reading.require_readable(STATIONS, entries=checklists, by=by)
    reading.write_down(STATIONS, entries=checklists, by=by, where=where, at=at)


@transaction.atomic
def hand_out_cards(
    *, exam_day: ExamDay, by: User, at: datetime
) -> list[tuple[Station, ChecklistVersion]]:
    """A registrar prints what candidates read at the stations of a day, each in the version scored there; written down as read.

    Raises Forbidden for others, Conflict for a station that was never published.
    """
    require_role(by, Role.REGISTRAR)
    pinned = {
        row.checklist_id: row
        for row in ChecklistVersion.objects.filter(assignments__appointment__exam_day=exam_day)
        .distinct()
        .order_by("-pk")
    }
    stations = list(exam_day.stations.select_related("checklist").order_by("position"))
    found = [
        (row, pinned.get(row.checklist_id) or require_version(row.checklist)) for row in stations
    ]
    checklists = [row.checklist for row in stations]
    reading.write_down(STATIONS, entries=checklists, by=by, where="cards", at=at)
    return found


@dataclass(frozen=True)
class Exposure:
    """On how many exam days, and to how many candidates, any version of a station was shown in the last twelve months; and when last."""

    days: int = 0
    candidates: int = 0
    last: datetime | None = None

    def __str__(self) -> str:
        if not self.candidates:
            return "0"
        shown = ngettext("%(n)s candidate", "%(n)s candidates", self.candidates) % {
            "n": self.candidates
        }
        days = ngettext("%(n)s day", "%(n)s days", self.days) % {"n": self.days}
        return _("%(shown)s on %(days)s") % {"shown": shown, "days": days}


def exposure_of(checklists: Iterable[Checklist], at: datetime) -> dict[int, Exposure]:
    """The exposure of each of these stations by its primary key: to candidates whose day has come and who accepted it. One query."""
    rows = {row.pk: row for row in checklists}
    within = Q(appointment__starts_at__gt=at - YEAR)
    shown = (
        Assignment.objects.filter(
            station__checklist__in=rows,
            appointment__exam_day__isnull=False,
            appointment__state=Appointment.State.ACCEPTED,
            appointment__starts_at__lte=at,
        )
        .order_by()
        .values_list("station__checklist")
        .annotate(
            days=Count("appointment__exam_day", distinct=True, filter=within),
            candidates=Count("appointment", distinct=True, filter=within),
            last=Max("appointment__starts_at"),
        )
    )
    found = {pk: Exposure(days, candidates, last) for pk, days, candidates, last in shown}
    return {pk: found.get(pk, Exposure()) for pk in rows}
