"""What comes after a fail (R56): which stations are sat again, from which day, and how often before a plan of further learning.

One or two stations failed without a critical finding: those alone, within so many months; the stations passed are carried over. Otherwise the
whole. What an earlier credential of the scheme rests on is used up, and counts neither way.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Role, User
from accounts.services import Conflict, Forbidden, Invalid, lock_learner, months_before
from credentials.models import Application
from credentials.services import examinations_used_up
from practicals.models import Appointment, ExamPlan, FurtherLearning, PracticalResult, Station
from practicals.services.checks import require_role

TEXT_MAX = 4000
SAT_AGAIN = (PracticalResult.Outcome.FAILED, PracticalResult.Outcome.INCOMPLETE)


@dataclass(frozen=True)
class Record:
    """What a candidate has behind them in a plan: decided results in the order of their days, and plans of further learning."""

    plan: ExamPlan
    results: list[PracticalResult]
    agreed: int = 0

    @property
    def last(self) -> PracticalResult | None:
        return self.results[-1] if self.results else None

    @property
    def fails(self) -> int:
        return sum(row.outcome == PracticalResult.Outcome.FAILED for row in self.results)

    @property
    def allowed(self) -> int:
        return self.plan.attempts_allowed + self.agreed

    @property
    def used_up(self) -> bool:
        return self.fails >= self.allowed

    @property
    def again_on(self) -> date | None:
        """The first day on which they may be examined again, after a fail or an annulled station (which asks for no wait)."""
        last = self.last
        if last is None or last.outcome not in SAT_AGAIN:
            return None
        if last.outcome == PracticalResult.Outcome.INCOMPLETE:
            return day_of(last)
        return day_of(last) + timedelta(days=self.plan.retake_wait_days)


def day_of(result: PracticalResult) -> date:
    """The day the candidate was examined."""
    day = result.appointment.exam_day
    return day.date if day else result.appointment.starts_at.date()


def record_of(*, candidate: User, plan: ExamPlan) -> Record:
    """Results that count to what the person applies for now, under whichever edition of the plan. Four queries."""
    rows = (
        PracticalResult.objects.newest()
        .filter(appointment__plan__activity=plan.activity_id, appointment__candidate=candidate)
        .exclude(outcome=PracticalResult.Outcome.HELD)
        .select_related("appointment__exam_day", "appointment__plan")
        .order_by("appointment__starts_at", "pk")
    )
    agreed = FurtherLearning.objects.filter(
        candidate=candidate, exam_plan__activity=plan.activity_id
    )
    kinds = set(plan.activity.satisfies.values_list("credential_type", flat=True))
    since = examinations_used_up(learner=candidate, credential_types=kinds)
    if since:
        rows = rows.filter(appointment__starts_at__gt=since)
        agreed = agreed.filter(at__gt=since)
    return Record(plan, list(rows), agreed.count())


def failed_stations(result: PracticalResult) -> list[dict[str, Any]]:
    """The stations that are sat again where not the whole is: those not passed; of a practical to be completed, those that were annulled."""
    if result.outcome == PracticalResult.Outcome.INCOMPLETE:
        return [station for station in result.stations if station.get("annulment")]
    return [station for station in result.stations if not station["passed"]]


def counts_until(result: PracticalResult, plan: ExamPlan) -> date:
    """The last day on which what was passed here may be carried over: so many months from the oldest station that would be."""
    again = {station["code"] for station in failed_stations(result)}
    days = [
        date.fromisoformat(station["from"]["day"])
        for station in result.stations
        if station["code"] not in again and station.get("from")
    ]
    return months_before(min([day_of(result), *days]), -plan.carry_months)


def resit_due(*, candidate: User, plan: ExamPlan, on: date | None = None) -> PracticalResult | None:
    """The result whose failed stations alone are to be sat again on a day; None: the whole practical. Four queries at most."""
    return resit_after(record_of(candidate=candidate, plan=plan).last, plan, on)


def resit_after(
    last: PracticalResult | None, plan: ExamPlan, on: date | None = None
) -> PracticalResult | None:
    """`last`, if only its failed or annulled stations are sat again, under this edition of the plan."""
    if last is None or last.outcome not in SAT_AGAIN:
        return None
    failed = failed_stations(last)
    if last.outcome == PracticalResult.Outcome.INCOMPLETE:
        in_time = on is None or on <= counts_until(last, plan)
        return last if in_time and _still_held(failed, last, plan) else None
    few = 1 <= len(failed) <= plan.resit_stations and len(failed) < len(last.stations)
    critical = any(station["critical"] for station in last.stations)
    in_time = on is None or on <= counts_until(last, plan)
    return last if few and in_time and not critical and _still_held(failed, last, plan) else None


def _still_held(failed: list[dict[str, Any]], last: PracticalResult, plan: ExamPlan) -> bool:
    """Whether a later edition of the plan still has the stations that were failed."""
    before = last.appointment.plan
    if before.pk == plan.pk:
        return True
    codes = set(plan.stations.values_list("checklist__code", flat=True))
    return all(row["code"] in codes for row in failed)


def require_may_sit_again(*, candidate: User, plan: ExamPlan, on: date) -> Record:
    """Raise Conflict before the wait after a fail is over, or when every attempt is used up and no plan of further learning was kept."""
    record = record_of(candidate=candidate, plan=plan)
    completes = record.last and record.last.outcome == PracticalResult.Outcome.INCOMPLETE
    if record.used_up and not completes:
        raise Conflict(
            "no_attempts_left",
            ngettext(
                "Rule R56: %(candidate)s did not pass the one attempt there is. Keep a plan of further learning first.",
                "Rule R56: %(candidate)s did not pass %(count)d times. Keep a plan of further learning first.",
                record.fails,
            )
            % {"candidate": candidate, "count": record.fails},
        )
    if record.again_on and on < record.again_on and not completes:
        raise Conflict(
            "too_soon",
            _("%(candidate)s did not pass and can sit again from %(again)s.")
            % {"candidate": candidate, "again": date_format(record.again_on, "j F Y")},
        )
    return record


def stations_to_sit(appointment: Appointment) -> list[Station]:
    """The stations an appointment is for, in order: those of its day, of a re-sit only those failed before.

    A drawn station that the day did not draw is sat as the station the day drew from its pair. Two queries.
    """
    day = appointment.exam_day
    among = day.stations if day else appointment.plan.stations
    stations = list(among.select_related("checklist").order_by("position"))
    if appointment.resit_of is None:
        return stations
    letters = dict(
        Station.objects.filter(plan__appointments__results=appointment.resit_of).values_list(
            "checklist__code", "drawn_from"
        )
    )
    return sat_again(appointment.resit_of, stations, letters)


def sat_again(
    result: PracticalResult, stations: list[Station], letters: dict[str, str]
) -> list[Station]:
    """Those of a day's `stations` at which the failed ones of `result` are sat again; `letters` are of its plan, by checklist code. No query."""
    here = {station.checklist.code: station for station in stations}
    drawn = {station.drawn_from: station for station in stations if station.drawn_from}
    wanted = set()
    for failed in failed_stations(result):
        code = failed["code"]
        found = here.get(code) or drawn.get(letters.get(code, ""))
        if found:
            wanted.add(found.pk)
    return [station for station in stations if station.pk in wanted]


@dataclass(frozen=True)
class Next:
    """What follows a fail: the stations to sit again (none named: the whole), from which day, until which day what was passed still counts."""

    record: Record
    stations: list[dict[str, Any]]
    again_on: date
    until: date | None

    @property
    def used_up(self) -> bool:
        return self.record.used_up

    @property
    def is_free(self) -> bool:
        """Whether it is no attempt and costs nothing: what was annulled is sat again."""
        last = self.record.last
        return last is not None and last.outcome == PracticalResult.Outcome.INCOMPLETE


def next_after(result: PracticalResult) -> Next | None:
    """None unless this, a fail or to be completed, is the last thing decided of its candidate in this plan. Four queries."""
    appointment = result.appointment
    record = record_of(candidate=appointment.candidate, plan=appointment.plan)
    if record.last is None or record.last.pk != result.pk or record.again_on is None:
        return None
    due = resit_after(result, record.plan, record.again_on)
    return Next(
        record,
        failed_stations(result) if due else [],
        record.again_on,
        counts_until(result, record.plan) if due else None,
    )


# After the last attempt


@dataclass(frozen=True)
class UsedUp:
    """A candidate with an open application and no attempt left."""

    candidate: User
    record: Record


def out_of_attempts(*, plan: ExamPlan) -> list[UsedUp]:
    """Whoever has an open application and has used every attempt at a plan, by name. Two queries, and four for each with as many fails."""
    fails = (
        PracticalResult.objects.newest()
        .filter(
            appointment__plan__activity=plan.activity_id,
            outcome=PracticalResult.Outcome.FAILED,
            appointment__candidate__in=Application.objects.filter(
                closed_at=None, credential_type__requirements__activities=plan.activity_id
            ).values("applicant"),
        )
        .values_list("appointment__candidate", flat=True)
    )
    count: dict[int, int] = {}
    for pk in fails:
        count[pk] = count.get(pk, 0) + 1
    often = [pk for pk, number in count.items() if number >= plan.attempts_allowed]
    found = [
        UsedUp(person, record_of(candidate=person, plan=plan))
        for person in User.objects.filter(pk__in=often).order_by("name", "pk")
    ]
    return [row for row in found if row.record.used_up]


@transaction.atomic
def record_further_learning(
    *, exam_plan: ExamPlan, candidate: User, plan: str, by: User, at: datetime
) -> FurtherLearning:
    """A candidate without an attempt left has agreed a plan of further learning and done it: one attempt more. By a registrar.

    Raises Forbidden, Conflict while there is an attempt left, Invalid.
    """
    require_role(by, Role.REGISTRAR)
    if by.pk == candidate.pk:
        raise Forbidden("R2", _("Rule R2: nobody gives themselves another attempt."))
    if not plan.strip() or len(plan) > TEXT_MAX or "\x00" in plan:
        sentence = _("Say what was agreed and done, in at most 4,000 characters.")
        raise Invalid("no_plan", sentence, fields={"plan": [sentence]})
    lock_learner(candidate.pk)
    if not record_of(candidate=candidate, plan=exam_plan).used_up:
        raise Conflict("attempt_left", _("They have an attempt left, or need none."))
    return FurtherLearning.objects.append(
        chain=f"further-learning:{candidate.uuid}",
        at=at,
        exam_plan=exam_plan,
        candidate=candidate,
        plan=plan.strip(),
        by=by,
    )
