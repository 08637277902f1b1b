"""The chief examiner's desk: results that are held, two sheets side by side, and corrections."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import Role
from accounts.services import Bar, Invalid, Refusal
from accounts.web import refused, role_required
from practicals import decision, words
from practicals.forms import CorrectionForm, RulingForm
from practicals.models import (
    Annulment,
    Appointment,
    Assignment,
    Opening,
    PracticalAssessment,
    PracticalResult,
)
from practicals.services import (
    Case,
    adjudicate,
    bars_among_held,
    bars_to_deciding,
    cases_of,
    supersede_sheet,
)
from practicals.services.watching import Kept, kept_beside, waiting_for_sheets
from practicals.signed_in import PersonRequest
from practicals.views.plot import versus_plot

RECENT = 30


@require_safe
@never_cache
@role_required(Role.CHIEF_EXAMINER)
def desk(request: PersonRequest) -> HttpResponse:
    """Held results, the one due first on top; below, what was decided of late."""
    newest = (
        PracticalResult.objects.visible_to(request.user)
        .newest()
        .filter(appointment__exam_day__isnull=False)
        .select_related("appointment__exam_day", "appointment__candidate", "appointment__plan")
    )
    newest = newest.select_related("appointment__resit_of").prefetch_related(
        "appointment__adjudications"
    )
    held = list(newest.filter(outcome=PracticalResult.Outcome.HELD).order_by("decide_by", "pk"))
    at = timezone.now()
    bars = bars_among_held(results=held, chief=request.user, at=at)
    context = {
        "role_name": _("chief examiner"),
        "held": [(result, bars.get(result.appointment_id)) for result in held],
        "waiting": waiting_for_sheets(at=at),
        "openings": Opening.objects.waiting(at).count(),
        "decided": newest.exclude(outcome=PracticalResult.Outcome.HELD).order_by("-at")[:RECENT],
        "today": timezone.localdate(),
    }
    return render(request, "practicals/held.html", context)


def examined(request: PersonRequest, uuid: UUID) -> Appointment:
    """An appointment that has a result; before, nobody looks at its sheets."""
    appointment = (
        Appointment.objects.visible_to(request.user)
        .filter(uuid=uuid, results__isnull=False, exam_day__isnull=False)
        .select_related("plan__activity", "exam_day", "candidate", "resit_of")
        .first()
    )
    if appointment is None:
        raise Http404
    return appointment


@require_safe
@never_cache
@role_required(Role.CHIEF_EXAMINER)
def appointment(request: PersonRequest, uuid: UUID) -> HttpResponse:
    """One candidate's practical: every station with both percentages, and every version of the result."""
    row = examined(request, uuid)
    versions = list(row.results.select_related("by").order_by("-version"))
    context = {
        "role_name": _("chief examiner"),
        "appointment": row,
        "result": versions[0],
        "versions": versions,
        "annulled": _annulled(row),
        "rulings": row.adjudications.select_related("by", "station__checklist").order_by("-at"),
        "crumbs": [(_("Held results"), "/adjudicate/"), (row.candidate_number, "")],
    }
    return render(request, "practicals/examined.html", context)


def _annulled(row: Appointment) -> list[tuple[Annulment, list[Kept]]]:
    """The stations annulled, each with the sheets that lie beside it."""
    rows = list(row.annulments.select_related("by", "station__checklist", "end__by"))
    cases = {case.station.pk: case for case in cases_of(row)} if rows else {}
    return [(each, kept_beside(cases[each.station_id])) for each in rows]


@dataclass(frozen=True)
class LineRow:
    """A line of both sheets: what each gave, whether they differ, and the fields that decide it."""

    line: decision.Line
    a: Any
    b: Any
    differs: bool
    field: Any = None
    remark: Any = None
    ruled: int | None = None
    said: str = ""


@dataclass(frozen=True)
class ViolationRow:
    """A violation on one sheet or both."""

    code: str
    text: str
    a: Any
    b: Any
    differs: bool
    field: Any = None
    ruled: bool | None = None


@require_http_methods(["GET", "POST"])
@never_cache
@role_required(Role.CHIEF_EXAMINER)
def station(request: PersonRequest, uuid: UUID, code: str) -> HttpResponse:
    """Both sheets of a station; a held one is decided here."""
    row = examined(request, uuid)
    case = next((case for case in cases_of(row) if case.rule.code == code), None)
    if case is not None and case.source:
        return redirect("adjudicate", uuid=case.source["appointment"], code=code)
    if case is None or not case.complete or case.annulment:
        raise Http404
    form = ruling_form(case, request.POST if request.method == "POST" else None)
    if request.method == "POST":
        form.is_valid()
        try:
            answer = sign(request, row, case, form)
        except Invalid as refusal:
            form.refuse(refusal.fields)
        except Refusal as refusal:
            return refused(request, refusal)
        else:
            if answer:
                return answer
    context = station_context(request, row, case, form)
    return render(
        request, "practicals/adjudicate.html", context, status=400 if form.errors else 200
    )


def ruling_form(case: Case, data: Any) -> RulingForm:
    differing = decision.differences(case.rule, *case.values)
    lines = [line for line in case.rule.lines if line.code in differing.lines]
    return RulingForm(data, lines=lines, violations=list(differing.violations))


def sign(
    request: PersonRequest, row: Appointment, case: Case, form: RulingForm
) -> HttpResponse | None:
    """Decide the station if the form is whole; the separation rules are looked at first in any case."""
    at = timezone.now()
    if not form.is_valid():
        given: dict[str, Any] = {"lines": {}, "violations": {}, "reasons": ""}
        if not bars_to_deciding(appointment=row, chief=request.user, at=at):
            return None
    else:
        given = form.ruling()
    seen = request.POST.get("sheets", "").split()
    result = adjudicate(
        appointment=row, station=case.station, by=request.user, at=at, sheets=seen, **given
    )
    words = _("Station %(code)s is decided. Result: %(outcome)s.") % {
        "code": case.rule.code,
        "outcome": result.get_outcome_display().lower(),
    }
    messages.success(request, words)
    if any(entry["held"] for entry in result.stations):
        return redirect("chief-appointment", uuid=row.uuid)
    return redirect("chief-desk")


def station_context(
    request: PersonRequest, row: Appointment, case: Case, form: RulingForm
) -> dict[str, Any]:
    found = case.finding
    bars = bars_to_deciding(appointment=row, chief=request.user, at=timezone.now())
    lines = line_rows(case, form)
    seen = violation_rows(case, form)
    differing = sum(line.differs for line in lines) + sum(entry.differs for entry in seen)
    return {
        "role_name": _("chief examiner"),
        "appointment": row,
        "case": case,
        "finding": found,
        "reasons": words.say_all(found.reasons, _ruling_text(case), staff=True),
        "a": case.sheets["A"],
        "b": case.sheets["B"],
        "examiners": {place: case.assignments[place].examiner for place in "AB"},
        "version": case.assignments["A"].checklist_version,
        "lines": lines,
        "violations": seen,
        "differing": differing,
        "plot": versus_plot(found),
        "form": form,
        "checks": checks(case, bars),
        "bars": bars,
        "deciding": found.held and not bars,
        "result": row.results.order_by("-version").first(),
        "ruling": case.ruling,
        "beside": kept_beside(case),
        "crumbs": [
            (_("Held results"), "/adjudicate/"),
            (row.candidate_number, f"/adjudicate/{row.uuid}/"),
            (case.rule.code, ""),
        ],
    }


def _ruling_text(case: Case) -> dict[str, str]:
    return {case.rule.code: case.ruling.reasons} if case.ruling else {}


def line_rows(case: Case, form: RulingForm) -> list[LineRow]:
    a, b = (
        {row.criterion_code: row for row in case.sheets[place].observations.all()} for place in "AB"
    )
    rows = []
    for line in case.rule.lines:
        differs = a[line.code].rating != b[line.code].rating
        held = differs and f"line-{line.code}" in form.fields
        rows.append(
            LineRow(
                line,
                a[line.code],
                b[line.code],
                differs,
                form[f"line-{line.code}"] if held else None,
                form[f"remark-{line.code}"] if held else None,
                case.ruling.lines.get(line.code) if case.ruling else None,
                case.ruling.remarks.get(line.code, "") if case.ruling else "",
            )
        )
    return rows


def violation_rows(case: Case, form: RulingForm) -> list[ViolationRow]:
    a, b = ({row.code: row for row in case.sheets[place].violations.all()} for place in "AB")
    return [
        ViolationRow(
            code,
            text,
            a.get(code),
            b.get(code),
            (code in a) != (code in b),
            form[f"violation-{code}"] if f"violation-{code}" in form.fields else None,
            case.ruling.violations.get(code) if case.ruling else None,
        )
        for code, text in case.rule.violations.items()
        if code in a or code in b
    ]


def checks(case: Case, bars: list[Bar]) -> list[dict[str, str]]:
    """What to know before signing: may you, and which parts of the discrepancy rule are met."""
    found = case.finding
    critical = decision.CRITICAL in found.triggers
    split = decision.SPLIT in found.triggers
    apart = decision.APART in found.triggers
    limit = decision.said(case.rule.discrepancy)
    return [
        {
            "kind": "refused" if bars else "done",
            "word": _("You may not decide (%(rule)s)") % {"rule": bars[0].rule}
            if bars
            else _("You may decide"),
            "words": bars[0].sentence
            if bars
            else _(
                "You neither taught this candidate within the time that bars you, nor examined them (rules R2, R3, R4)."
            ),
        },
        {
            "kind": "held" if critical else "done",
            "word": _("Critical disagreement") if critical else _("No critical disagreement"),
            "words": _(
                "Only one sheet has a 0 on a ★ line or a violation; your ruling confirms it or not."
            )
            if critical
            else _("Both sheets agree on every ★ line at 0 and every violation."),
        },
        {
            "kind": "held" if split else "done",
            "word": _("Split") if split else _("No split"),
            "words": _("One sheet passes the station, the other does not.")
            if split
            else _("Both sheets pass the station, or neither does."),
        },
        {
            "kind": "held" if apart else "done",
            "word": _("More than %(limit)s points apart") % {"limit": limit}
            if apart
            else _("Not more than %(limit)s points apart") % {"limit": limit},
            "words": _("The sheets are %(points)s points apart.")
            % {"points": decision.said(decision.up(found.difference))},
        },
    ]


@require_http_methods(["GET", "POST"])
@never_cache
@role_required(Role.CHIEF_EXAMINER)
def correct(request: PersonRequest, uuid: UUID) -> HttpResponse:
    """Correct a signed sheet by one that supersedes it."""
    sheet = (
        PracticalAssessment.objects.visible_to(request.user)
        .filter(uuid=uuid, final_at__isnull=False, assignment__appointment__exam_day__isnull=False)
        .select_related(
            "assignment__appointment__candidate",
            "assignment__appointment__plan",
            "assignment__appointment__exam_day",
            "assignment__station__checklist",
            "assignment__checklist_version",
            "assignment__examiner",
        )
        .first()
    )
    if sheet is None:
        raise Http404
    version = sheet.assignment.checklist_version
    lines = [
        decision.Line(row.code, row.max_points, row.critical, row.competence, row.text)
        for row in version.criteria.all()
    ]
    form = CorrectionForm(
        request.POST or None, sheet=sheet, lines=lines, violations=version.violation_texts
    )
    if request.method == "POST" and form.is_valid():
        try:
            supersede_sheet(
                assessment=sheet,
                content=form.content(),
                reason=form.cleaned_data["reason"],
                by=request.user,
                at=timezone.now(),
            )
        except Invalid as refusal:
            form.refuse(refusal.fields)
        except Refusal as refusal:
            return refused(request, refusal)
        else:
            messages.success(
                request, _("The sheet is superseded, and the practical is decided again.")
            )
            return redirect("chief-appointment", uuid=sheet.assignment.appointment.uuid)
    return render(
        request,
        "practicals/correct.html",
        correction_context(sheet, form, lines),
        status=400 if form.errors else 200,
    )


def correction_context(
    sheet: PracticalAssessment, form: CorrectionForm, lines: list[decision.Line]
) -> dict[str, Any]:
    assignment: Assignment = sheet.assignment
    row = assignment.appointment
    code = assignment.station.checklist.code
    return {
        "role_name": _("chief examiner"),
        "sheet": sheet,
        "assignment": assignment,
        "appointment": row,
        "form": form,
        "lines": [(line, form[f"line-{line.code}"], form[f"note-{line.code}"]) for line in lines],
        "violations": [
            (code, text, form[f"seen-{code}"], form[f"seen-note-{code}"])
            for code, text in form.violations.items()
        ],
        "crumbs": [
            (_("Held results"), "/adjudicate/"),
            (row.candidate_number, f"/adjudicate/{row.uuid}/"),
            (code, f"/adjudicate/{row.uuid}/{code}/"),
            (_("Correct a sheet"), ""),
        ],
    }
