"""What a credential's evidence comes from, as registrars see it: a written and a practical examination, a course. Given down to credentials."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.models import Role
from accounts.web import PersonRequest, role_required
from courses.models import Enrolment
from credentials.desk import desk_context
from credentials.models import Evidence
from credentials.services import Account, Score, register_scores, register_source
from practicals.models import PracticalResult
from quizzes.models import ResultVersion

DAY = "j F Y"


def practical_accounts(references: set[UUID]) -> dict[UUID, Account]:
    """Each practical by its appointment: the newest result, station by station. One query."""
    rows = PracticalResult.objects.newest().filter(appointment__uuid__in=references)
    rows = rows.select_related("appointment__plan__activity", "appointment__exam_day")
    return {row.appointment.uuid: _practical(row) for row in rows}


def _practical(row: PracticalResult) -> Account:
    visit = row.appointment
    place = visit.exam_day.place if visit.exam_day else _("no exam day")
    facts = [
        (_("Sat"), f"{date_format(visit.starts_at, DAY)}, {place}"),
        (_("Candidate number"), visit.candidate_number),
        (_("Outcome"), row.get_outcome_display()),
        (_("Total"), f"{row.total} %" if row.total is not None else "–"),
        (_("Result version"), f"{row.version}, {date_format(row.at, DAY)}"),
    ]
    head = [_("Station"), _("First"), _("Second"), _("Result"), _("Cut"), _("Outcome")]
    table = [head] + [_station(station) for station in row.stations]
    return Account(visit.plan.activity.title, facts, table if row.stations else (), row.why)


def _station(station: dict[str, Any]) -> list[str]:
    if station["held"]:
        outcome = _("held")
    elif station.get("annulment"):
        outcome = _("annulled, to be sat again")
    else:
        outcome = _("passed") if station["passed"] else _("not passed")
    if station.get("critical"):
        outcome = _("%(outcome)s, critical fail") % {"outcome": outcome}
    if station.get("from"):
        outcome = _("%(outcome)s, carried over") % {"outcome": outcome}
    return [
        f"{station['code']} {station['title']}",
        _percent(station.get("percent_a")),
        _percent(station.get("percent_b")),
        _percent(station.get("percent")),
        _percent(station.get("cut")),
        outcome,
    ]


def _percent(value: Any) -> str:
    return "–" if value is None else f"{value} %"


def quiz_accounts(references: set[UUID]) -> dict[UUID, Account]:
    """Each written examination by its attempt: every version of its result. One query."""
    rows = (
        ResultVersion.objects.filter(attempt__uuid__in=references)
        .select_related("attempt__quiz__activity")
        .order_by("version")
    )
    by_attempt: dict[UUID, list[ResultVersion]] = {}
    for row in rows:
        by_attempt.setdefault(row.attempt.uuid, []).append(row)
    return {uuid: _written(versions) for uuid, versions in by_attempt.items()}


def _written(versions: list[ResultVersion]) -> Account:
    attempt, newest = versions[-1].attempt, versions[-1]
    facts = [
        (_("Begun"), date_format(attempt.started_at, DAY)),
        (_("Handed in"), date_format(attempt.submitted_at, DAY) if attempt.submitted_at else "–"),
        (_("Outcome"), _("passed") if newest.passed else _("not passed")),
    ]
    head = [_("Version"), _("Day"), _("Points"), _("Scaled"), _("Outcome"), _("Why")]
    table = [head] + [
        [
            str(row.version),
            date_format(row.at, DAY),
            f"{row.points.normalize():f} / {row.out_of.normalize():f}",
            str(row.scaled) if row.scaled is not None else "–",
            _("passed") if row.passed else _("not passed"),
            row.why,
        ]
        for row in versions
    ]
    return Account(attempt.quiz.activity.title, facts, table)


def quiz_scores(references: set[UUID]) -> dict[UUID, Score]:
    """Each written examination by its attempt, where the result that holds is on a scale. One query."""
    rows = (
        ResultVersion.objects.filter(attempt__uuid__in=references, release__isnull=False)
        .select_related("attempt")
        .order_by("version")
    )
    newest = {row.attempt.uuid: row for row in rows}
    return {
        uuid: Score(row.scaled, row.attempt.scale_cut, row.attempt.scale_max)
        for uuid, row in newest.items()
        if row.passed and row.counts and row.scaled is not None
        if row.attempt.scale_cut and row.attempt.scale_max
    }


def course_accounts(references: set[UUID]) -> dict[UUID, Account]:
    """Each course by its enrolment. One query."""
    rows = Enrolment.objects.filter(uuid__in=references).select_related("course", "cohort")
    return {
        row.uuid: Account(
            row.course.title,
            [
                (_("Enrolled"), date_format(row.enrolled_at, DAY)),
                (_("Completed"), date_format(row.completed_at, DAY) if row.completed_at else "–"),
                (_("Hours"), str(row.course.hours)),
                (_("Class"), str(row.cohort) if row.cohort else "–"),
            ],
        )
        for row in rows
    }


ACCOUNTS = {"practical": practical_accounts, "quiz": quiz_accounts, "course": course_accounts}


def register_sources() -> None:
    for name, accounts in ACCOUNTS.items():
        register_source(name, accounts)
    register_scores("quiz", quiz_scores)


@role_required(Role.REGISTRAR)
@never_cache
@require_safe
def source(request: PersonRequest, kind: str, uuid: UUID) -> HttpResponse:
    """The record behind a fact that counts, or counted, to somebody's credential. Any other record is not shown here."""
    facts = Evidence.objects.filter(source=kind, reference=uuid).select_related(
        "requirement", "learner"
    )
    account = ACCOUNTS[kind]({uuid}).get(uuid) if facts else None
    if account is None:
        raise Http404
    context = {**desk_context(), "account": account, "facts": facts, "learner": facts[0].learner}
    return render(request, "lms/desks/source.html", context)
