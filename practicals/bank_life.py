"""The screen of one station's review and life: what it says, what it lacks, who decided what, and the decision that is due."""

from datetime import datetime
from typing import Any

from django.contrib.admin.utils import quote, unquote
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View
from wagtail.admin import messages
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from accounts.models import User
from accounts.services import Refusal
from accounts.web import PersonRequest
from practicals.bank_forms import StationMoveForm
from practicals.documents import anchors
from practicals.figures import previewed_figures
from practicals.forms import ReviewForm
from practicals.models import Checklist
from practicals.services import (
    bar_to_moving,
    bar_to_reviewing,
    claims_near,
    decide_on_checklist,
    exposure_of,
    lacks_of,
    move_checklist,
    moves_of,
    places_of,
)


class StationLifeView(WagtailAdminTemplateMixin, View):
    """GET shows it; POST takes the decision of a review step (`decision`) or a move (`to`), each with a comment."""

    model: Any = None
    edit_url_name = inspect_url_name = index_url_name = history_url_name = ""
    page_title = gettext_lazy("Review and life")
    template_name = "practicals/station_life.html"
    request: PersonRequest

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        pk = unquote(str(kwargs["pk"]))
        self.station: Checklist = get_object_or_404(
            Checklist.objects.select_related("author"), pk=pk if pk.isdigit() else None
        )
        self.state = self.station.current_workflow_task_state

    def get_page_subtitle(self) -> str:
        return self.station.code

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [
            *self.breadcrumbs_items,
            {"url": reverse(self.index_url_name), "label": _("Stations")},
            {
                "url": reverse(self.edit_url_name, args=[self.station.pk]),
                "label": self.station.code,
            },
            {"url": "", "label": self.page_title},
        ]

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self.render_to_response(self.get_context_data())

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        at = timezone.now()
        form = self._form(request.POST)
        if form is None:
            messages.error(request, _("There is nothing for you to decide here any more."))
            return redirect(request.path)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form), status=400)
        try:
            said = self._act(form, request, at)
        except Refusal as refusal:
            form.add_error(None, refusal.sentence)
            return self.render_to_response(self.get_context_data(form=form), status=refusal.status)
        messages.success(request, said)
        return redirect(request.path)

    def _form(self, data: Any = None) -> Any:
        """The form of what this person may decide: the step under review, else a move."""
        user = self.request.user
        if self.state:
            return None if self._bar(user) else ReviewForm(data)
        moves = moves_of(checklist=self.station, by=user)
        return StationMoveForm(data, moves=moves) if moves else None

    def _bar(self, user: User) -> Refusal | None:
        if self.state:
            task = self.state.task.specific
            return bar_to_reviewing(checklist=self.station, task=task, by=user)
        return bar_to_moving(checklist=self.station, by=user)

    def _act(self, form: Any, request: Any, at: datetime) -> str:
        comment = form.cleaned_data["comment"]
        if self.state:
            approve = request.POST.get("decision") == "approve"
            decide_on_checklist(
                state=self.state, approve=approve, comment=comment, by=request.user, at=at
            )
            return _("Your decision on %(code)s is written down.") % {"code": self.station.code}
        moved = move_checklist(
            checklist=self.station,
            to=form.cleaned_data["to"],
            comment=comment,
            by=request.user,
            at=at,
        )
        return _("%(code)s is now %(life)s.") % {
            "code": moved.code,
            "life": moved.get_life_display(),
        }

    def get_context_data(self, form: Any = None, **kwargs: Any) -> dict[str, Any]:
        at = timezone.now()
        draft = self.station.get_latest_revision_as_object()
        refusal = self._bar(self.request.user)
        settled = self.station.live and not self.station.has_unpublished_changes
        lacks = {} if settled else lacks_of(draft, at=at)
        return {
            **super().get_context_data(**kwargs),
            "station": self.station,
            "draft": draft,
            "content": draft.frozen_content,
            "lines": draft.frozen_lines,
            "points": sum(line["max_points"] for line in draft.frozen_lines),
            "anchors": anchors(draft.frozen_content),
            "figures": previewed_figures(draft),
            "lacks": [said for found in lacks.values() for said in found],
            "claims": list(draft.claims.all()),
            "claims_near": claims_near(draft, tagged=draft.claims.all()),
            "exposure": exposure_of([self.station], at)[self.station.pk],
            "places": places_of(self.station),
            "versions": self.station.versions.order_by("-number"),
            "state": self.state,
            "step": self.state.task.specific.get_step_display() if self.state else "",
            "form": form or self._form(),
            "barred": refusal.sentence if refusal else "",
            "starts_anew": self.station.live and not self.station.open_for_practice,
            "transitions": self.station.transitions.select_related("by").order_by("-sequence"),
            "edit_url": reverse(self.edit_url_name, args=[quote(self.station.pk)]),
        }


class UnpublishView(View):
    """Taking a station off is retiring it: with a comment, by a reviewer who did not write it."""

    model: Any = None
    life_url_name = ""

    def dispatch(self, request: HttpRequest, pk: Any, **kwargs: Any) -> HttpResponse:
        return redirect(self.life_url_name, pk)
