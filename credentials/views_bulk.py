"""The same for many matters of the queue: looked at, confirmed, and followed while the worker does it."""

from uuid import UUID

from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import Role
from accounts.services import Refusal
from accounts.web import refused, role_required
from credentials import services
from credentials.desk import desk_context
from credentials.forms import add_refusal
from credentials.forms_desk import BulkForm
from credentials.models import BulkRun, BulkStep
from credentials.signed_in import PersonRequest

SHOWN_RUNS = 30
SHOWN_STEPS = 100  # of a large run while it goes on, the refused and the newest; the page asks again every few seconds


@role_required(Role.REGISTRAR)
@never_cache
@require_http_methods(["GET", "POST"])
def bulk(request: PersonRequest) -> HttpResponse:
    """What would happen to the matters chosen (`key`, `action`); with `start`, begin. Opened by its address it leads to the queue."""
    action, at = request.POST.get("action", ""), timezone.now()
    keys = [key.replace("\0", "")[:80] for key in request.POST.getlist("key")]
    if action not in BulkRun.Action.values:
        return redirect("registrar-queue")
    try:
        planned = services.plan_bulk(action=action, keys=keys, by=request.user, at=at)
    except Refusal as refusal:
        return refused(request, refusal)
    renews = action == BulkRun.Action.RENEW
    reasons = services.possible_reasons(keys=keys) if renews else None
    starts = "start" in request.POST
    form = BulkForm(request.POST if starts else None, reasons=reasons)
    possible = [row for row in planned if not row.refusal]
    if starts and possible and form.is_valid():
        try:
            run = services.start_bulk(
                action=action,
                keys=[row.key for row in possible],
                by=request.user,
                at=at,
                reason_code=form.cleaned_data.get("reason_code", ""),
                note=form.cleaned_data.get("note", ""),
            )
            return redirect("bulk-run", uuid=run.uuid)
        except Refusal as refusal:
            add_refusal(form, refusal)
    context = {
        **desk_context(),
        "form": form,
        "action": BulkRun.Action(action),
        "planned": planned,
        "possible": possible,
        "left_out": len(planned) - len(possible),
    }
    status = 400 if form.errors else 200
    return render(request, "credentials/registrar/bulk.html", context, status=status)


@role_required(Role.REGISTRAR)
@never_cache
@require_safe
def bulk_run(request: PersonRequest, uuid: UUID) -> HttpResponse:
    """How far a run is, matter by matter. The page asks again by itself until it is finished."""
    rows = BulkRun.objects.visible_to(request.user).select_related("by")
    run = get_object_or_404(rows, uuid=uuid)
    waiting, refused = Q(state=BulkStep.State.WAITING), Q(state=BulkStep.State.REFUSED)
    count = run.steps.aggregate(
        all=Count("pk"), taken=Count("pk", filter=~waiting), refused=Count("pk", filter=refused)
    )
    short = not run.finished_at and count["all"] > SHOWN_STEPS
    newest = run.steps.exclude(waiting).order_by("-state", "-done_at", "-pk")[:SHOWN_STEPS]
    context = {
        **desk_context(),
        "run": run,
        "count": count,
        "short": short,
        "steps": newest if short else run.steps.all(),
        "share": round(100 * count["taken"] / count["all"]) if count["all"] else 100,
    }
    return render(request, "credentials/registrar/bulk_run.html", context)


@role_required(Role.REGISTRAR)
@never_cache
@require_safe
def bulk_runs(request: PersonRequest) -> HttpResponse:
    """The newest runs: who asked for what, and whether it is finished."""
    rows = BulkRun.objects.visible_to(request.user).select_related("by")
    context = {**desk_context(), "runs": rows.annotate(matters=Count("steps"))[:SHOWN_RUNS]}
    return render(request, "credentials/registrar/bulk_runs.html", context)
