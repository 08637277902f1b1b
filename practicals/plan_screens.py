"""The exam plans' screens in Wagtail: list, editor with its stations, and the page of one edition: what it adds up to and what it changes.

An edition that has been examined under is read, never edited; a new one is a copy.
"""

from typing import Any

from django.contrib.admin.utils import quote, unquote
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View
from wagtail.admin import messages
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.panels import ObjectList
from wagtail.admin.ui.tables import Column
from wagtail.admin.views.generic import models as generic
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.admin.viewsets.model import ModelViewSet

from accounts.services import Refusal
from accounts.web import PersonRequest
from practicals import planrules
from practicals.bank_forms import EditionForm
from practicals.models import ExamPlan
from practicals.planrules import Placed
from practicals.services import (
    KEEPERS,
    begun_days,
    changes_of,
    fault_words,
    faults_of,
    next_edition,
    put_in_force,
    require_changeable,
)
from practicals.services.editions import placed


class PlanForm(WagtailAdminModelForm):
    """A plan with its stations. While nobody was examined under it, it may be saved with faults; they are said on its page, and keep it
    from being put in force. One in force has none.
    """

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if self.instance.pk:
            try:
                require_changeable(self.instance, timezone.now())
            except Refusal as refusal:
                self.add_error(None, refusal.sentence)
        stations = self.formsets["stations"]
        if self._is_in_force and not self.errors and stations.is_valid():
            for fault in planrules.faults(
                _entered(stations), minimum_stations=data.get("minimum_stations") or 0
            ):
                self.add_error(None, fault_words(fault))
        return data

    @property
    def _is_in_force(self) -> bool:
        formative = self.cleaned_data.get("kind") == ExamPlan.Kind.FORMATIVE
        return self.instance.state == ExamPlan.State.IN_FORCE and not formative


def _entered(stations: Any) -> list[Placed]:
    """The stations as they stand in the form, but for those taken out."""
    rows = [
        form.cleaned_data
        for form in stations.forms
        if form.cleaned_data and not form.cleaned_data.get("DELETE")
    ]
    return [
        Placed(row["checklist"].code, row["drawn_from"], row["minutes"], row["weight"], row["cut"])
        for row in rows
    ]


class PlanColumn(Column):
    """Leads from the list to the page of the edition."""

    def get_value(self, instance: ExamPlan) -> Any:
        address = reverse(PlanViewSet.edition_url_name, args=[quote(instance.pk)])
        return format_html('<a href="{}">{}</a>', address, _("Rules and stations"))


class PlanCreateView(generic.CreateView):
    """A plan begins as a draft: somebody puts it in force once it adds up."""

    def get_initial_form_instance(self) -> ExamPlan:
        return ExamPlan(state=ExamPlan.State.DRAFT)


class PlanEditView(generic.EditView):
    """Of an edition that is fixed there is nothing to edit; its page says so and offers the next one."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        plan = get_object_or_404(ExamPlan, pk=unquote(str(kwargs["pk"])))
        try:
            require_changeable(plan, timezone.now())
        except Refusal as refusal:
            messages.warning(request, refusal.sentence)
            return redirect(PlanViewSet.edition_url_name, quote(plan.pk))
        return super().dispatch(request, *args, **kwargs)


class EditionView(WagtailAdminTemplateMixin, View):
    """One edition: its rule in words, its stations with the sum, its days, what it changes; POST makes the next one or puts this in force."""

    model: Any = None
    permission_policy: Any = None
    edit_url_name = index_url_name = ""
    page_title = gettext_lazy("Exam plan")
    template_name = "practicals/exam_plan.html"
    request: PersonRequest

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        pk = unquote(str(kwargs["pk"]))
        self.plan: ExamPlan = get_object_or_404(
            ExamPlan.objects.select_related("activity", "follows"),
            pk=pk if pk.isdigit() else None,
        )

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not self.permission_policy.user_has_permission(request.user, "view"):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get_page_subtitle(self) -> str:
        return str(self.plan)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [
            *self.breadcrumbs_items,
            {"url": reverse(self.index_url_name), "label": _("Exam plans")},
            {"url": "", "label": str(self.plan)},
        ]

    @cached_property
    def may_keep(self) -> bool:
        return bool(self.request.user.has_role(*KEEPERS))

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self.render_to_response(self.get_context_data())

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        if not self.may_keep:
            raise PermissionDenied
        act = self._force if "force" in request.POST else self._copy
        try:
            return act(request)
        except Refusal as refusal:
            messages.error(request, refusal.sentence)
            return self.render_to_response(self.get_context_data(), status=refusal.status)

    def _force(self, request: Any) -> HttpResponse:
        plan = put_in_force(plan=self.plan, by=request.user, at=timezone.now())
        messages.success(request, _("Edition %(edition)s is in force.") % {"edition": plan.edition})
        return redirect(request.path)

    def _copy(self, request: Any) -> HttpResponse:
        form = EditionForm(request.POST)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form), status=400)
        copy = next_edition(
            plan=self.plan, edition=form.cleaned_data["edition"], by=request.user, at=timezone.now()
        )
        said = _("Edition %(edition)s is a draft. Change it, then put it in force.")
        messages.success(request, said % {"edition": copy.edition})
        return redirect(PlanViewSet.edition_url_name, quote(copy.pk))

    def get_context_data(self, form: Any = None, **kwargs: Any) -> dict[str, Any]:
        plan, at = self.plan, timezone.now()
        rows = placed(plan)
        begun = begun_days(plan, at)
        user = self.request.user
        fixed = plan.state == ExamPlan.State.SUPERSEDED or (begun and not plan.is_formative)
        return {
            **super().get_context_data(**kwargs),
            "plan": plan,
            "stations": [
                (row, planrules.said(row.weight), planrules.said(row.cut))
                for row in plan.stations.select_related("checklist").order_by("position", "pk")
            ],
            "total": planrules.said(planrules.total_weight(rows)),
            "cut": planrules.said(plan.total_cut),
            "apart": planrules.said(plan.discrepancy),
            "drawn": planrules.drawn_count(rows) if rows else 0,
            "faults": [fault_words(fault) for fault in faults_of(plan)],
            "changes": [change_words(one) for one in changes_of(plan)],
            "editions": ExamPlan.objects.filter(activity=plan.activity_id).order_by("-pk"),
            "days": plan.days.order_by("-date")[:20],
            "begun": {day.pk for day in begun},
            "fixed": fixed,
            "may_edit": not fixed and self.permission_policy.user_has_permission(user, "change"),
            "may_keep": self.may_keep and not plan.is_formative,
            "form": form or EditionForm(),
            "edition_name": PlanViewSet.edition_url_name,
            "edit_url": reverse(self.edit_url_name, args=[quote(plan.pk)]),
        }


STATION_WORDS = {
    "letter": gettext_lazy("drawn from"),
    "minutes": gettext_lazy("minutes"),
    "weight": gettext_lazy("weight"),
    "cut": gettext_lazy("cut"),
}


def change_words(one: planrules.Difference) -> str:
    """A difference between two editions as a sentence."""
    if one.kind == "order":
        return _("The order is now %(after)s, and was %(before)s.") % {
            "before": one.before,
            "after": one.after,
        }
    if one.kind == "station" and one.before is None:
        return _("Station %(what)s is new.") % {"what": one.what}
    if one.kind == "station" and one.after is None:
        return _("Station %(what)s is no longer in it.") % {"what": one.what}
    if one.kind == "station":
        what = _("Station %(what)s, %(field)s") % {
            "what": one.what,
            "field": STATION_WORDS[one.field],
        }
    else:
        what = str(ExamPlan._meta.get_field(one.field).verbose_name).capitalize()
    return _("%(what)s: %(before)s → %(after)s") % {
        "what": what,
        "before": one.before or _("always there"),
        "after": one.after or _("always there"),
    }


class PlanViewSet(ModelViewSet):
    model = ExamPlan
    icon = "form"
    menu_label = gettext_lazy("Exam plans")
    add_view_class = PlanCreateView
    edit_view_class = PlanEditView
    edition_url_name = "examplan:edition"
    list_display = [
        "activity",
        "kind",
        "edition",
        Column("get_state_display", label=gettext_lazy("State"), sort_key="state"),
        "total_cut",
        "minimum_stations",
        PlanColumn("open", label=gettext_lazy("Edition")),
    ]
    list_filter = ["kind", "edition", "state"]
    list_export = [
        "activity",
        "kind",
        "edition",
        "state",
        "total_cut",
        "minimum_stations",
        "discrepancy",
        "trainer_bar_months",
        "retake_wait_days",
        "adjudication_days",
    ]
    inspect_view_enabled = True
    copy_view_enabled = False
    edit_handler = ObjectList(ExamPlan.panels, base_form_class=PlanForm)

    def get_urlpatterns(self) -> list[Any]:
        edition = self.construct_view(
            EditionView,
            permission_policy=self.permission_policy,
            edit_url_name=self.get_url_name("edit"),
            index_url_name=self.get_url_name("index"),
        )
        return [*super().get_urlpatterns(), path("edition/<str:pk>/", edition, name="edition")]
