"""The desks: pages that draw on several apps."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.models import Role
from accounts.web import PersonRequest, role_required
from credentials import services as credentials
from credentials.desk import desk_context
from credentials.queue import queue_context
from lms.desks.bank import bank_context
from lms.desks.held import fall_matters, held_matters, waiting_matters
from lms.desks.incidents import incident_matters
from lms.desks.results import result_matters
from lms.desks.student import home_of
from lms.navigation import desk_of


@role_required()
@never_cache
@require_safe
def desk(request: PersonRequest) -> HttpResponse:
    """Each role lands on its own desk, or where in Wagtail it wanted to go before it had to sign in."""
    wanted = request.GET.get("next", "")
    inside = wanted.startswith(reverse("wagtailadmin_home"))
    if inside and request.user.has_perm("wagtailadmin.access_admin"):
        return redirect(wanted)
    return redirect(desk_of(request.user))


@role_required()
@never_cache
@require_safe
def home(request: PersonRequest) -> HttpResponse:
    """A learner's, applicant's or holder's own page: what is next, and the road to the credential."""
    return render(
        request, "lms/desks/home.html", {"home": home_of(request.user, at=timezone.now())}
    )


@role_required(Role.REGISTRAR)
@never_cache
@require_safe
def registrar_queue(request: PersonRequest) -> HttpResponse:
    """Everything that waits for a registrar, whichever app it comes from, the oldest first."""
    at = timezone.now()
    lists = credentials.watched(at=at)
    matters = [
        *credentials.matters(at=at, by=request.user, lists=lists),
        *held_matters(at=at),
        *waiting_matters(at=at),
        *fall_matters(at=at),
        *incident_matters(at=at),
        *result_matters(by=request.user, at=at),
    ]
    context = {**desk_context(), **queue_context(matters, request, at=at, lists=lists)}
    return render(request, "credentials/registrar/queue.html", context)


@role_required(Role.ITEM_AUTHOR, Role.ITEM_REVIEWER)
@never_cache
@require_safe
def item_desk(request: PersonRequest) -> HttpResponse:
    """What the item bank can cover, and the items that wait for somebody."""
    context = {
        "role_name": _("item bank"),
        **bank_context(request.user, request.GET.get("quiz", "")),
    }
    return render(request, "lms/desks/items.html", context)
