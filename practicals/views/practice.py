"""Practice at the table, for students: what there is to practise, one's own practice with what it says, and the sheet."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from accounts.services import Refusal
from accounts.web import refused, role_required
from courses.models import Activity, Enrolment
from courses.services import outline
from practicals.figures import shown_figures
from practicals.models import PracticeRun, PracticeSheet
from practicals.practice_documents import (
    competence_name,
    practice_page,
    practice_words,
    sheet_state,
)
from practicals.services import (
    ask_classmate,
    asked_of,
    begin_practice,
    classmates,
    delete_practice,
    delete_practice_sheet,
    join_by_code,
    open_code,
    practice_stations,
    report_of,
    runs_of,
    score_myself,
)
from practicals.signed_in import PersonRequest
from practicals.views.words import sheet_words

SHOWN = 50


@require_safe
@never_cache
@role_required()
def practise(request: PersonRequest) -> HttpResponse:
    """What a student may practise, what they were asked to score, and what they have practised."""
    runs = list(runs_of(request.user)[:SHOWN])
    stations = practice_stations(request.user)
    closed = closed_steps(request.user) if stations else {}
    context = {
        "stations": [
            (activity, station, closed.get(activity.pk, [])) for activity, station in stations
        ],
        "asked": [(row, sheet_state(row)) for row in asked_of(request.user)[:SHOWN]],
        "runs": [(run, sum(row.is_final for row in run.sheets.all())) for run in runs],
    }
    return render(request, "practicals/practise.html", context)


def closed_steps(learner: User) -> dict[int, list[str]]:
    """The titles of the modules that keep an activity closed to a learner, by activity. A few queries for each course they take."""
    enrolments = Enrolment.objects.filter(learner=learner).select_related("course")
    return {
        step.activity.pk: [module.title for module in part.closed_by]
        for enrolment in enrolments
        for part in outline(enrolment=enrolment)
        if part.closed_by
        for step in part.steps
    }


def _run(request: PersonRequest, uuid: UUID) -> PracticeRun:
    return get_object_or_404(runs_of(request.user), uuid=uuid)


@require_POST
@role_required()
def begin(request: PersonRequest, uuid: UUID) -> HttpResponse:
    activity = get_object_or_404(Activity.objects.select_related("module"), uuid=uuid)
    try:
        run = begin_practice(activity=activity, by=request.user, at=timezone.now())
    except Refusal as refusal:
        return refused(request, refusal)
    return redirect("practice-run", uuid=run.uuid)


@require_safe
@never_cache
@role_required()
def run(request: PersonRequest, uuid: UUID) -> HttpResponse:
    """One's own practice: who scores it, a code for a peer, and what the finished sheets say."""
    found = _run(request, uuid)
    sheets = list(found.sheets.all())
    own = next((row for row in sheets if row.scorer_id == request.user.pk), None)
    asked = {row.scorer_id for row in sheets}
    report = report_of(found)
    context = {
        "run": found,
        "content": found.version.content,
        "own": own,
        "own_state": sheet_state(own) if own else "",
        "peers": [(row, sheet_state(row)) for row in sheets if row is not own],
        "waits_for_own": bool(own and not own.is_final and any(row.is_final for row in sheets)),
        "classmates": [person for person in classmates(run=found) if person.pk not in asked],
        "code": found.code if found.code_is_open(timezone.now()) else "",
        "report": report,
        "competences": [
            (competence_name(row.name), row) for row in (report.competences if report else ())
        ],
        "violations": found.version.violation_texts,
        "figures": [row for row in shown_figures(found.version.content) if row["candidate"]],
    }
    return render(request, "practicals/practice_run.html", context)


@require_POST
@role_required()
def score(request: PersonRequest, uuid: UUID) -> HttpResponse:
    sheet = score_myself(run=_run(request, uuid), by=request.user, at=timezone.now())
    return redirect("practice-sheet", uuid=sheet.uuid)


@require_POST
@role_required()
def code(request: PersonRequest, uuid: UUID) -> HttpResponse:
    open_code(run=_run(request, uuid), by=request.user, at=timezone.now())
    return redirect("practice-run", uuid=uuid)


@require_POST
@role_required()
def ask(request: PersonRequest, uuid: UUID) -> HttpResponse:
    found = _run(request, uuid)
    peer = User.objects.filter(pk__in=[row.pk for row in classmates(run=found)])
    chosen = peer.filter(uuid=request.POST.get("peer", "")).first() if _is_uuid(request) else None
    if chosen is None:
        messages.error(request, _("Choose somebody of your class."))
        return redirect("practice-run", uuid=uuid)
    try:
        ask_classmate(run=found, peer=chosen, by=request.user, at=timezone.now())
    except Refusal as refusal:
        return refused(request, refusal)
    words = _("%(name)s is asked, and finds the sheet under Practice.")
    messages.success(request, words % {"name": chosen.name})
    return redirect("practice-run", uuid=uuid)


def _is_uuid(request: PersonRequest) -> bool:
    try:
        UUID(request.POST.get("peer", ""))
    except ValueError:
        return False
    return True


@require_POST
@role_required()
def join(request: PersonRequest) -> HttpResponse:
    """A peer types the code they were given."""
    typed = request.POST.get("code", "")[:40].replace("\x00", "")
    try:
        sheet = join_by_code(code=typed, by=request.user, at=timezone.now())
    except Refusal as refusal:
        messages.error(request, refusal.sentence)
        return redirect("practice")
    return redirect("practice-sheet", uuid=sheet.uuid)


@require_safe
@never_cache
@ensure_csrf_cookie
@role_required()
def sheet(request: PersonRequest, uuid: UUID) -> HttpResponse:
    """The sheet, as an examiner has it."""
    found = (
        PracticeSheet.objects.visible_to(request.user)
        .select_related("run__performer", "run__version__checklist", "run__activity")
        .filter(uuid=uuid)
        .first()
    )
    if found is None:
        raise Http404
    words = {**sheet_words(), **practice_words()}
    context = {**practice_page(found, timezone.now()), "words": words}
    return render(request, "practicals/sheet.html", context)


@require_POST
@role_required()
def delete(request: PersonRequest, uuid: UUID) -> HttpResponse:
    delete_practice(run=_run(request, uuid), by=request.user, at=timezone.now())
    messages.success(request, _("Deleted, with every sheet on it."))
    return redirect("practice")


@require_POST
@role_required()
def delete_sheet(request: PersonRequest, uuid: UUID) -> HttpResponse:
    found = get_object_or_404(PracticeSheet.objects.visible_to(request.user), uuid=uuid)
    delete_practice_sheet(sheet=found, by=request.user, at=timezone.now())
    messages.success(request, _("Your sheet is deleted."))
    return redirect("practice")
