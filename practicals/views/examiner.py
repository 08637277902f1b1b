"""The examiner's desk and sheet, and an instructor's practice stations."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.db.models import Exists, OuterRef, Prefetch
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_POST, require_safe

from accounts.models import ConflictDeclaration, Role
from accounts.services import Refusal
from accounts.web import refused, role_required
from courses.models import Activity, Enrolment
from practicals import documents
from practicals.forms import OwnTieForm
from practicals.models import Appointment, Assignment, ExamDay, PracticalAssessment, Station
from practicals.services import declare_tie, start_formative, timetable_of
from practicals.signed_in import PersonRequest
from practicals.views.words import device_words, sheet_words


@dataclass(frozen=True)
class Task:
    """One row of the desk: an assignment, when it is, and how far its sheet is."""

    assignment: Assignment
    at: datetime
    zone: str
    state: str
    signed_at: datetime | None
    tied: bool


@dataclass(frozen=True)
class DayOfTasks:
    """A day's rows, in the order of the rounds."""

    day: date
    exam_day: ExamDay | None
    tasks: list[Task]

    @property
    def open(self) -> int:
        return sum(1 for task in self.tasks if task.state != "signed")


@require_safe
@never_cache
@role_required(Role.EXAMINER, Role.INSTRUCTOR)
def desk(request: PersonRequest) -> HttpResponse:
    """Every assignment of this examiner, by day: today's and those to come first, then what is behind."""
    return desk_page(request, own_tie_form(request))


def desk_page(request: PersonRequest, form: OwnTieForm) -> HttpResponse:
    today = timezone.localdate()
    tied = ConflictDeclaration.objects.in_force(today).filter(examiner=request.user)
    days = days_of_tasks(own_assignments(request), set(tied.values_list("candidate", flat=True)))
    context = {
        "form": form,
        "may_know": form.appointments.exists(),
        "role_name": _("examiner"),
        "words": device_words(),
        "coming": sorted((day for day in days if day.day >= today), key=lambda day: day.day),
        "unfinished": [day for day in days if day.day < today and day.open],
        "behind": [day for day in days if day.day < today and not day.open],
        "today": today,
    }
    return render(request, "practicals/desk.html", context, status=400 if form.errors else 200)


def own_tie_form(request: PersonRequest, data: Any = None) -> OwnTieForm:
    """About the candidates of this examiner's exam days of whom they have not begun a sheet; later a registrar settles it."""
    own = Assignment.objects.visible_to(request.user).filter(appointment__exam_day__isnull=False)
    begun = PracticalAssessment.objects.filter(
        assignment__appointment=OuterRef("pk"), assignment__examiner=request.user
    )
    rows = Appointment.objects.filter(~Exists(begun), pk__in=own.values("appointment"))
    return OwnTieForm(data, appointments=rows, prefix="tie")


@require_POST
@role_required(Role.EXAMINER)
def declare(request: PersonRequest) -> HttpResponse:
    """An examiner declares what ties them to a candidate; the registrar sees it on the exam day and puts somebody else there."""
    form = own_tie_form(request, request.POST)
    if not form.is_valid():
        return desk_page(request, form)
    try:
        declare_tie(**form.cleaned_data, examiner=request.user, by=request.user, at=timezone.now())
    except Refusal as refusal:
        form.refuse(refusal.fields)
        return desk_page(request, form) if form.errors else refused(request, refusal)
    words = _(
        "Recorded. You do not examine candidate %(number)s (rule R4). The registrar sees it on the exam day's plan and puts "
        "somebody else there; if it is today, tell them now."
    )
    messages.success(request, words % {"number": form.cleaned_data["appointment"].candidate_number})
    return redirect("examiner-desk")


def own_assignments(request: PersonRequest) -> Iterable[Assignment]:
    """This person's assignments with all the desk says of them, in a fixed number of queries."""
    stations = Station.objects.select_related("checklist")
    return (
        Assignment.objects.visible_to(request.user)
        .select_related(
            "appointment__plan",
            "appointment__exam_day__plan",
            "station__checklist",
            "checklist_version",
        )
        .prefetch_related(
            Prefetch("appointment__exam_day__stations", stations),
            Prefetch("assessments", PracticalAssessment.objects.filter(active=True)),
        )
    )


def days_of_tasks(assignments: Iterable[Assignment], tied: set[int]) -> list[DayOfTasks]:
    """Grouped by exam day (practice stations by calendar day), the newest day first. `tied` are candidates they declared a tie to."""
    days: dict[tuple[date, int | None], DayOfTasks] = {}
    timetables = {}
    for assignment in assignments:
        appointment = assignment.appointment
        exam_day, at = appointment.exam_day, appointment.starts_at
        if exam_day:
            if exam_day.pk not in timetables:
                timetables[exam_day.pk] = timetable_of(exam_day)
            at = (
                timetables[exam_day.pk].at(appointment.place_in_circuit, assignment.station_id)
                or at
            )
        sheet = documents.prefetched_sheet(assignment)
        task = Task(
            assignment,
            at,
            appointment.zone,
            documents.sheet_state(sheet),
            sheet.final_at if sheet else None,
            appointment.candidate_id in tied,
        )
        day = exam_day.date if exam_day else at.astimezone(ZoneInfo(appointment.zone)).date()
        key = (day, exam_day.pk if exam_day else None)
        days.setdefault(key, DayOfTasks(day, exam_day, [])).tasks.append(task)
    for found in days.values():
        found.tasks.sort(key=lambda task: (task.at, task.assignment.place))
    return sorted(days.values(), key=lambda found: found.day, reverse=True)


@require_safe
@never_cache
@ensure_csrf_cookie
@role_required(Role.EXAMINER, Role.INSTRUCTOR)
def sheet(request: PersonRequest, uuid: UUID) -> HttpResponse:
    """The examiner's sheet."""
    assignment = (
        Assignment.objects.visible_to(request.user)
        .select_related(
            "appointment__plan",
            "appointment__exam_day",
            "station__checklist",
            "checklist_version__checklist",
        )
        .filter(uuid=uuid)
        .first()
    )
    if assignment is None:
        raise Http404
    context = documents.sheet_page(assignment, documents.active_sheet(assignment), timezone.now())
    return render(request, "practicals/sheet.html", {**context, "words": sheet_words()})


@require_POST
@role_required(Role.INSTRUCTOR)
def formative_start(request: PersonRequest, enrolment: UUID, activity: UUID) -> HttpResponse:
    """An instructor begins to score a learner of their class; the sheet opens."""
    learner = get_object_or_404(Enrolment.objects.visible_to(request.user), uuid=enrolment)
    try:
        assignment = start_formative(
            instructor=request.user,
            enrolment=learner,
            activity=get_object_or_404(Activity.objects.select_related("module"), uuid=activity),
            at=timezone.now(),
        )
    except Refusal as refusal:
        return refused(request, refusal)
    return redirect("sheet", uuid=assignment.uuid)
