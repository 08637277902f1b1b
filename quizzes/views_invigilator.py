"""The invigilator's desk: their sittings, and each one as it is sat. The table of seats asks for itself anew every ten seconds."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import Role
from accounts.services import Refusal
from accounts.web import PersonRequest, role_required
from quizzes.models import Attempt, Sitting
from quizzes.services import (
    credit_time,
    late_of,
    reopen_attempt,
    report_incident,
    unlock_device,
    watched,
)
from quizzes.sitting_forms import CreditForm, IncidentForm, ReasonForm, ReopenForm


def shared() -> dict[str, Any]:
    return {"role_name": _("invigilator"), "nav_label": _("Desk")}


@require_safe
@never_cache
@role_required(Role.INVIGILATOR)
def desk(request: PersonRequest) -> HttpResponse:
    """One's own sittings: now, to come, behind."""
    at = timezone.now()
    mine = Sitting.objects.filter(invigilators=request.user).select_related("quiz__activity")
    rows = list(mine.order_by("opens_at"))
    running = set(Attempt.objects.open().filter(sitting__in=rows).values_list("sitting", flat=True))
    now = [row for row in rows if row.is_open(at) or row.pk in running]
    context = {
        **shared(),
        "now": now,
        "coming": [row for row in rows if row.opens_at > at and row not in now],
        "behind": [row for row in reversed(rows) if row.closes_at <= at and row not in now],
    }
    return render(request, "quizzes/invigilate/desk.html", context)


def sitting_of(request: PersonRequest, uuid: UUID) -> Sitting:
    rows = Sitting.objects.filter(invigilators=request.user).select_related("quiz__activity")
    sitting = rows.filter(uuid=uuid).first()
    if sitting is None:
        raise Http404
    return sitting


@require_safe
@never_cache
@role_required(Role.INVIGILATOR)
def sitting(request: PersonRequest, uuid: UUID) -> HttpResponse:
    """Who is in, answered, on a break, disconnected, finished."""
    return render(request, "quizzes/invigilate/sitting.html", seats_context(request, uuid))


@require_safe
@never_cache
@role_required(Role.INVIGILATOR)
def seats(request: PersonRequest, uuid: UUID) -> HttpResponse:
    """The table alone, as the page asks for it."""
    return render(request, "quizzes/invigilate/seats.html", seats_context(request, uuid))


def seats_context(request: PersonRequest, uuid: UUID) -> dict[str, Any]:
    at = timezone.now()
    row = sitting_of(request, uuid)
    rows = watched(row, at=at)
    return {**shared(), "sitting": row, "rows": rows, "at": at, "counts": counts(rows)}


def counts(rows: list[Any]) -> list[tuple[str, int]]:
    said = {
        "in": _("answering"),
        "on_break": _("on a break"),
        "silent": _("disconnected"),
        "submitted": _("submitted"),
        "absent": _("not started"),
    }
    found = [(words, sum(row.state == state for row in rows)) for state, words in said.items()]
    return [pair for pair in found if pair[1]]


Act = Callable[[PersonRequest, Attempt, dict[str, Any]], str]
Make = Callable[[Any, Attempt], forms.Form]


def plain(form_class: type[forms.Form]) -> Make:
    return lambda data, attempt: form_class(data)


def reopen_form(data: Any, attempt: Attempt) -> ReopenForm:
    return ReopenForm(data, attempt=attempt, rows=late_of(attempt))


def on_seat(title: Any, make: Make, template: str) -> Callable[[Act], Any]:
    """A page about one seat's attempt with one form; `act` does it and returns what to say."""

    def decorate(act: Act) -> Callable[..., HttpResponse]:
        @never_cache
        @require_http_methods(["GET", "POST"])
        @role_required(Role.INVIGILATOR)
        def view(request: PersonRequest, uuid: UUID, number: int) -> HttpResponse:
            at = timezone.now()
            row = sitting_of(request, uuid)
            seat = next(
                (found for found in watched(row, at=at) if found.seat.number == number), None
            )
            if seat is None or seat.attempt is None:
                raise Http404
            form, refusal = make(request.POST or None, seat.attempt), None
            if request.method == "POST" and form.is_valid():
                try:
                    said = act(request, seat.attempt, {**form.cleaned_data, "at": at})
                    messages.success(request, said % {"n": number})
                    return redirect("invigilate-sitting", uuid)
                except Refusal as reason:
                    refusal = reason
            context = {
                **shared(),
                "sitting": row,
                "row": seat,
                "form": form,
                "refusal": refusal,
                "title": title,
                "crumbs": [(row.place, f"/invigilate/{uuid}/"), (title, "")],
            }
            status = refusal.status if refusal else 400 if form.errors else 200
            return render(request, template, context, status=status)

        return view

    return decorate


@on_seat(gettext_lazy("Let another device in"), plain(ReasonForm), "quizzes/invigilate/unlock.html")
def unlock(request: PersonRequest, attempt: Attempt, given: dict[str, Any]) -> str:
    unlock_device(attempt=attempt, by=request.user, **given)
    return _(
        "Seat %(n)s: the next device that opens the examination is let in; the old one is shut out."
    )


@on_seat(gettext_lazy("Credit time"), plain(CreditForm), "quizzes/invigilate/credit.html")
def credit(request: PersonRequest, attempt: Attempt, given: dict[str, Any]) -> str:
    credit_time(attempt=attempt, by=request.user, **given)
    words = ngettext("one minute is credited.", "%(m)d minutes are credited.", given["minutes"])
    return _("Seat %(n)s:") + " " + words % {"m": given["minutes"]}


@on_seat(gettext_lazy("Give the attempt back"), reopen_form, "quizzes/invigilate/reopen.html")
def reopen(request: PersonRequest, attempt: Attempt, given: dict[str, Any]) -> str:
    reopen_attempt(attempt=attempt, by=request.user, **given)
    return _("Seat %(n)s: the attempt is open again, with every answer that was saved.")


@on_seat(gettext_lazy("Report an incident"), plain(IncidentForm), "quizzes/invigilate/report.html")
def report(request: PersonRequest, attempt: Attempt, given: dict[str, Any]) -> str:
    report_incident(attempt=attempt, by=request.user, **given)
    return _("Seat %(n)s: the report is kept. The result is held until a registrar has decided.")
