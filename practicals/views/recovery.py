"""Tablets whose passphrase was forgotten, as a registrar or a chief examiner lets them be opened."""

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.models import Role
from accounts.services import Invalid, Refusal
from accounts.web import refused, role_required
from practicals.models import Opening
from practicals.services import allow_opening
from practicals.signed_in import PersonRequest


class AllowForm(forms.Form):
    opening = forms.UUIDField()
    reason = forms.CharField(max_length=500)


@require_http_methods(["GET", "POST"])
@never_cache
@role_required(Role.REGISTRAR, Role.CHIEF_EXAMINER)
def openings(request: PersonRequest) -> HttpResponse:
    """Each tablet that waits, with the number it shows; a reason lets it be opened."""
    at = timezone.now()
    rows = Opening.objects.visible_to(request.user).select_related("examiner", "exam_day")
    refusal, chosen, reason = None, "", ""
    if request.method == "POST":
        form = AllowForm(request.POST)
        chosen, reason = request.POST.get("opening", ""), request.POST.get("reason", "")
        if not form.is_valid() and "opening" in form.errors:
            return redirect("openings")
        row = get_object_or_404(rows, uuid=form.data["opening"])
        try:
            allow_opening(opening=row, reason=reason, by=request.user, at=at)
        except Invalid as error:
            refusal = error
        except Refusal as error:
            return refused(request, error)
        else:
            said = _("Tablet %(code)s may be opened, within the hour, by %(name)s.")
            messages.success(request, said % {"code": row.code, "name": row.examiner})
            return redirect("openings")
    context = {
        "role_name": _("registrar")
        if request.user.has_role(Role.REGISTRAR)
        else _("chief examiner"),
        "rows": rows.waiting(at),
        "refusal": refusal,
        "chosen": chosen,
        "reason": reason,
    }
    return render(request, "practicals/openings.html", context, status=400 if refusal else 200)
