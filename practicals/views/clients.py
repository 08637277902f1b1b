"""Client models of an exam day, as a registrar writes them down and places them (R39)."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import Role
from accounts.services import Refusal
from accounts.web import role_required
from practicals import services
from practicals.forms_day import ClientForm, ClientPlaceForm
from practicals.models import ClientModel, ExamDay
from practicals.signed_in import PersonRequest
from practicals.views.registrar import day_of


def page(
    request: PersonRequest,
    day: ExamDay,
    *,
    place: ClientPlaceForm | None = None,
    refusal: Refusal | None = None,
) -> HttpResponse:
    rows = (
        ClientModel.objects.visible_to(request.user)
        .filter(exam_day=day)
        .prefetch_related(
            "cleared_for__checklist", "places__station__checklist", "places__appointment"
        )
    )
    context = {
        "role_name": _("registrar"),
        "day": day,
        "clients": rows,
        "stations": day.stations.select_related("checklist").order_by("position"),
        "place": place or ClientPlaceForm(day=day, prefix="place"),
        "refusal": refusal,
        "crumbs": crumbs(day, _("Client models")),
    }
    status = refusal.status if refusal else 400 if place and place.errors else 200
    return render(request, "practicals/clients.html", context, status=status)


def crumbs(day: ExamDay, last: str) -> list[tuple[str, str]]:
    found = [(_("Exam days"), "/exam-days/"), (str(day), f"/exam-days/{day.uuid}/")]
    if last != _("Client models"):
        found.append((_("Client models"), f"/exam-days/{day.uuid}/clients/"))
    return [*found, (last, "")]


@require_safe
@never_cache
@role_required(Role.REGISTRAR)
def clients(request: PersonRequest, uuid: UUID) -> HttpResponse:
    """Who lies on the tables of a day, cleared for what, and where."""
    return page(request, day_of(request, uuid))


@require_http_methods(["GET", "POST"])
@never_cache
@role_required(Role.REGISTRAR)
def client(request: PersonRequest, uuid: UUID, client: UUID | None = None) -> HttpResponse:
    """Write down a new client model, or change the record of one."""
    day = day_of(request, uuid)
    rows = ClientModel.objects.visible_to(request.user).filter(exam_day=day)
    row = get_object_or_404(rows, uuid=client) if client else None
    stations = day.stations.select_related("checklist").order_by("position")
    form = ClientForm(request.POST or None, stations=stations, client=row)
    refusal = None
    if request.method == "POST" and form.is_valid():
        try:
            kept = services.keep_client(
                exam_day=day, client=row, **form.given(), by=request.user, at=timezone.now()
            )
        except Refusal as refused:
            form.refuse(refused.fields)
            refusal = None if form.errors else refused
        else:
            messages.success(request, _("Kept: %(code)s.") % {"code": kept.code})
            return redirect("exam-day-clients", uuid=uuid)
    context = {
        "role_name": _("registrar"),
        "day": day,
        "row": row,
        "form": form,
        "refusal": refusal,
        "crumbs": crumbs(day, row.code if row else _("New")),
    }
    status = refusal.status if refusal else 400 if form.errors else 200
    return render(request, "practicals/client.html", context, status=status)


@require_POST
@role_required(Role.REGISTRAR)
def place(request: PersonRequest, uuid: UUID) -> HttpResponse:
    """Put a client model at a station."""
    day = day_of(request, uuid)
    form = ClientPlaceForm(request.POST, day=day, prefix="place")
    if not form.is_valid():
        return page(request, day, place=form)
    try:
        services.place_client(**form.cleaned_data, by=request.user, at=timezone.now())
    except Refusal as refusal:
        return page(request, day, place=form, refusal=refusal)
    given = form.cleaned_data
    words = _("%(client)s is at %(station)s.")
    messages.success(
        request, words % {"client": given["client"], "station": given["station"].checklist.code}
    )
    return redirect("exam-day-clients", uuid=uuid)


@require_POST
@role_required(Role.REGISTRAR)
def stop(request: PersonRequest, uuid: UUID, client: UUID) -> HttpResponse:
    """A client model stops, without a reason."""
    day = day_of(request, uuid)
    rows = ClientModel.objects.visible_to(request.user).filter(exam_day=day)
    row = services.client_stops(
        client=get_object_or_404(rows, uuid=client), by=request.user, at=timezone.now()
    )
    messages.warning(
        request, _("%(code)s has stopped. Their stations need another model.") % {"code": row.code}
    )
    return redirect("exam-day-clients", uuid=uuid)
