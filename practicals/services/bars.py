"""What keeps an examiner from a candidate, or from a place at that hour: each conflict by its rule, with the facts behind it.

R2 nobody examines themselves, nor twice at one station · R3 taught within the bar, or the same organisation · R4 a declared tie, or the
candidate's objection · R56 examined this candidate before in this examination · R34 with somebody else at that hour.
There is no way past them: R4 leaves an override to an impartiality committee, and this house has none.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Prefetch
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.services import Bar, bars_among
from practicals.models import Appointment, Assignment, ExamDay, Station
from practicals.services.timetable import Timetable, timetable_of

Bars = dict[tuple[int, int], list[Bar]]


def bars_of_day(
    *, exam_day: ExamDay, examiners: Sequence[User], candidates: Sequence[User]
) -> Bars:
    """Every bar between these people on the day, by (examiner, candidate) primary keys. Four queries, whatever their number."""
    bars = bars_among(
        examiners=examiners,
        candidates=candidates,
        on=exam_day.date,
        months=exam_day.plan.trainer_bar_months,
    )
    names = {person.pk: person for person in examiners}
    before = (
        Assignment.objects.filter(
            examiner__in=names,
            appointment__candidate__in=candidates,
            appointment__plan__activity=exam_day.plan.activity_id,
            assessments__isnull=False,
        )
        .exclude(appointment__exam_day=exam_day)
        .order_by("appointment__exam_day__date", "pk")
        .values_list("examiner_id", "appointment__candidate_id", "appointment__exam_day__date")
    )
    for (examiner_id, candidate_id), day in {(row[0], row[1]): row[2] for row in before}.items():
        said = _(
            "%(examiner)s examined this candidate on %(day)s. Who sits again is examined by others."
        ) % {"examiner": names[examiner_id], "day": date_format(day, "j F Y")}
        bars.setdefault((examiner_id, candidate_id), []).append(Bar("R56", day, None, said))
    return bars


@dataclass(frozen=True)
class Engagement:
    """An hour at which an examiner stands at a table of another exam day."""

    exam_day: ExamDay
    begins: datetime
    ends: datetime

    def overlaps(self, begins: datetime, ends: datetime) -> bool:
        return self.begins < ends and begins < self.ends


def engaged_elsewhere(
    *, exam_day: ExamDay, examiners: Sequence[User]
) -> dict[int, list[Engagement]]:
    """When these examiners are assigned on other exam days about the same date. One query, and two where there are such days."""
    rows = (
        Assignment.objects.filter(
            examiner__in=examiners,
            appointment__state__in=[Appointment.State.OFFERED, Appointment.State.ACCEPTED],
            appointment__exam_day__date__range=(
                exam_day.date - timedelta(days=1),
                exam_day.date + timedelta(days=1),
            ),
        )
        .exclude(appointment__exam_day=exam_day)
        .select_related("appointment__exam_day__plan")
        .prefetch_related(
            Prefetch("appointment__exam_day__stations", Station.objects.select_related("checklist"))
        )
    )
    timetables: dict[int, Timetable] = {}
    found: dict[int, list[Engagement]] = {}
    for row in rows:
        day = row.appointment.day
        if day.pk not in timetables:
            timetables[day.pk] = timetable_of(day)
        rounds = timetables[day.pk]
        begins = rounds.at(row.appointment.place_in_circuit, row.station_id)
        if begins:
            found.setdefault(row.examiner_id, []).append(
                Engagement(day, begins, begins + rounds.round)
            )
    return found
