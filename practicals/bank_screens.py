"""The stations' screens in Wagtail: list, editor, inspection, decisions. The screen of review and life is bank_life.py.

Every view of a station asks first whether its reader may read its pool, and writes down each reading of a secure one.
"""

from typing import Any

import django_filters
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.loader import render_to_string
from django.urls import path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from wagtail.admin import messages
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel, ObjectList
from wagtail.admin.ui.tables import Column, DateColumn
from wagtail.admin.widgets.button import Button
from wagtail.log_actions import log
from wagtail.snippets.views.chooser import SnippetChooserViewSet
from wagtail.snippets.views.snippets import (
    CollectWorkflowActionDataView,
    CreateView,
    EditView,
    IndexView,
    InspectView,
    SnippetViewSet,
    WorkflowActionView,
)

from accounts.services import Forbidden, Refusal
from accounts.web import WithoutBulkActions
from practicals.bank_forms import StationForm
from practicals.bank_life import StationLifeView, UnpublishView
from practicals.models import Checklist, Life, Pool, readable_pools
from practicals.services import (
    KEEPERS,
    claims_near,
    exposure_of,
    read_checklists,
    submit_checklist,
    withdraw_checklist,
)


def read(rows: list[Checklist], request: Any, where: str) -> None:
    try:
        read_checklists(checklists=rows, by=request.user, where=where, at=timezone.now())
    except Forbidden as refusal:
        raise PermissionDenied(refusal.sentence) from refusal


class PoolGuard:
    """Put before every view of one station: 403 for a pool that is not its reader's; a secure station read is written down."""

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        if "pk" in kwargs:
            pk = unquote(str(kwargs["pk"]))
            row = get_object_or_404(Checklist, pk=pk if pk.isdigit() else None)
            if row.pool not in readable_pools(request.user):
                raise PermissionDenied
            if request.method == "GET":
                read([row], request, request.resolver_match.url_name[:40])
        return super().dispatch(request, *args, **kwargs)  # type: ignore[misc]


class VisibleOnly:
    """Choosers offer stations that the person may read, and, by code and title alone, to those who keep plans, every active one."""

    def get_object_list(self) -> Any:
        user = self.request.user  # type: ignore[attr-defined]
        readable = Checklist.objects.visible_to(user)
        return readable | Checklist.objects.active() if user.has_role(*KEEPERS) else readable

    def get_object(self, pk: Any) -> Any:
        return self.get_object_list().get(pk=pk)

    def get_objects(self, pks: Any) -> Any:
        return self.get_object_list().filter(pk__in=[pk for pk in pks if str(pk).isdigit()])


class StationChooserViewSet(SnippetChooserViewSet):
    def construct_view(self, view_class: type, **kwargs: Any) -> Any:
        guarded = type(view_class.__name__, (VisibleOnly, view_class), {"__module__": __name__})
        return super().construct_view(guarded, **kwargs)


class StationFilterSet(WagtailFilterSet):
    life = django_filters.ChoiceFilter(label=_("Life"), choices=Life)
    pool = django_filters.ChoiceFilter(label=_("Pool"), choices=Pool)
    overdue = django_filters.ChoiceFilter(
        label=_("Review date"), method="filter_overdue", choices=[("on", _("has passed"))]
    )

    class Meta:
        model = Checklist
        fields = ["life", "pool", "overdue"]

    def filter_overdue(self, queryset: Any, name: str, value: str) -> Any:
        return queryset.overdue(timezone.now().date()) if value else queryset


class StationIndexView(WithoutBulkActions, IndexView):
    """The list shows codes and titles, which are no secret; what it exports has been read."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        if not self.is_export:
            rows = list(context["object_list"])
            exposures = exposure_of(rows, timezone.now())
            for row in rows:
                row.exposure = exposures[row.pk]
        return context

    def get_list_more_buttons(self, instance: Checklist) -> list[Any]:
        return [*super().get_list_more_buttons(instance), _life_button(instance)]

    def as_spreadsheet(self, queryset: Any, spreadsheet_format: str) -> Any:
        rows = list(queryset)
        read(rows, self.request, "export")
        if rows:
            count = {"count": len(rows)}
            log(rows[0], "practicals.export", user=self.request.user, data=count)
        return super().as_spreadsheet(queryset, spreadsheet_format)


def _life_button(station: Checklist) -> Button:
    address = reverse(Checklist.snippet_viewset.get_url_name("life"), args=[station.pk])
    return Button(_("Review and life"), url=address, icon_name="history", priority=5)


class WritesStations:
    """A station goes live by the approval of its review, never by a button of the editor; it is handed over by `submit_checklist`, once it
    is ready.
    """

    NEVER = ("publish", "restart-workflow")

    def get_available_actions(self) -> list[str]:
        actions = super().get_available_actions()  # type: ignore[misc]
        return [action for action in actions if action not in self.NEVER]

    def get_form(self, *args: Any, **kwargs: Any) -> Any:
        form = super().get_form(*args, **kwargs)  # type: ignore[misc]
        form.submitting = self.action == "submit"  # type: ignore[attr-defined]
        return form

    def submit_action(self) -> None:
        station, request = self.object, self.request  # type: ignore[attr-defined]
        note = self.form.cleaned_data.get("note", "")  # type: ignore[attr-defined]
        submit_checklist(checklist=station, comment=note, by=request.user, at=timezone.now())
        draft = station.get_latest_revision_as_object()
        for claim in claims_near(draft, tagged=draft.claims.all()):
            words = _("%(code)s is near, and not tagged. What may be said: “%(wording)s”")
            messages.warning(request, words % {"code": claim.code, "wording": claim.safe_wording})


class StationCreateView(WritesStations, CreateView):
    def save_instance(self) -> Checklist:
        self.form.instance.author = self.request.user
        return super().save_instance()


class StationEditView(WritesStations, EditView):
    @property
    def overwrite_revision(self) -> Any:
        """Under review every change is a revision of its own: what was approved stays as it was read."""
        return None if self.object.workflow_in_progress else super().overwrite_revision

    @property
    def header_more_buttons(self) -> list[Any]:
        return [*super().header_more_buttons, _life_button(self.object)]

    def save_instance(self) -> Checklist:
        """A decision is about the draft as it was read: it changes nothing in it."""
        if self.action == "workflow-action":
            self.new_revision = self.object.latest_revision
            return self.object
        return super().save_instance()

    def workflow_action_action(self) -> Any:
        try:
            return super().workflow_action_action()
        except Refusal as refusal:
            messages.error(self.request, refusal.sentence)
            return redirect(self.get_edit_url())

    def cancel_workflow_action(self) -> Any:
        try:
            withdraw_checklist(checklist=self.object, by=self.request.user, at=timezone.now())
        except Refusal as refusal:
            messages.error(self.request, refusal.sentence)
            return redirect(self.get_edit_url())
        return None


class SaysRefusals:
    """A decision that is refused says why, where it was taken."""

    def post(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().post(request, *args, **kwargs)  # type: ignore[misc]
        except Refusal as refusal:
            messages.error(request, refusal.sentence)
            if request.headers.get("x-requested-with") == "XMLHttpRequest":
                return self.render_modal_json(  # type: ignore[attr-defined]
                    request,
                    {"step": "success", "redirect": self.redirect_url},  # type: ignore[attr-defined]
                )
            return redirect(self.redirect_url)  # type: ignore[attr-defined]


class StationActionView(SaysRefusals, WorkflowActionView):
    pass


class StationCollectView(SaysRefusals, CollectWorkflowActionDataView):
    pass


class StationInspectView(InspectView):
    @property
    def header_more_buttons(self) -> list[Any]:
        return [*super().header_more_buttons, _life_button(self.object)]

    def get_fields_context(self) -> list[dict[str, Any]]:
        exposure = exposure_of([self.object], timezone.now())[self.object.pk]
        shown = date_format(exposure.last, "j F Y") if exposure.last else "-"
        return [
            *super().get_fields_context(),
            {"label": _("Examined in twelve months"), "value": exposure, "component": None},
            {"label": _("Last examined"), "value": shown, "component": None},
        ]

    def get_criteria_display_value(self) -> str:
        lines = self.object.frozen_lines
        return render_to_string("practicals/includes/station_lines.html", {"lines": lines})


class StationViewSet(SnippetViewSet):
    model = Checklist
    icon = "list-ul"
    menu_label = _("Stations")
    menu_order = 320
    add_to_admin_menu = True
    copy_view_enabled = False
    index_view_class = StationIndexView
    add_view_class = StationCreateView
    edit_view_class = StationEditView
    inspect_view_class = StationInspectView
    unpublish_view_class = UnpublishView
    workflow_action_view_class = StationActionView
    collect_workflow_action_data_view_class = StationCollectView
    chooser_viewset_class = StationChooserViewSet
    filterset_class = StationFilterSet
    list_display = [
        "code",
        "title",
        "minutes",
        Column("get_pool_display", label=_("Pool"), sort_key="pool"),
        Column("life_label", label=_("Life"), sort_key="life"),
        Column("exposure", label=_("Examined in twelve months")),
        DateColumn("exposure.last", label=_("Last examined")),
        Column("review_by", label=_("Review by"), sort_key="review_by"),
    ]
    list_export = [
        "code",
        "title",
        "pool",
        "life",
        "scenario",
        "minutes",
        "reference",
        "review_by",
    ]
    export_filename = "stations"
    search_fields = ["code", "title"]
    search_backend_name = None
    ordering = ["code"]
    inspect_view_enabled = True
    inspect_view_fields = [
        "code",
        "title",
        "life",
        "pool",
        "minutes",
        "scenario",
        "candidate_instructions",
        "client_script",
        "equipment",
        "criteria",
        "violations",
        "reference",
        "review_by",
        "claims",
    ]
    edit_handler = ObjectList(
        [
            FieldRowPanel([FieldPanel("code"), FieldPanel("minutes"), FieldPanel("pool")]),
            FieldPanel("title"),
            FieldPanel("scenario"),
            MultiFieldPanel(
                [
                    FieldPanel("candidate_instructions"),
                    FieldPanel("client_script"),
                    FieldPanel("equipment"),
                    FieldPanel("figures"),
                ],
                heading=_("At the table"),
            ),
            FieldPanel("criteria"),
            FieldPanel("violations"),
            FieldPanel("anchors"),
            MultiFieldPanel(
                [
                    FieldRowPanel([FieldPanel("reference"), FieldPanel("review_by")]),
                    FieldPanel("claims"),
                ],
                heading=_("Evidence"),
            ),
            FieldPanel("note"),
        ],
        base_form_class=StationForm,
    )

    def construct_view(self, view_class: type, **kwargs: Any) -> Any:
        guarded = type(view_class.__name__, (PoolGuard, view_class), {"__module__": __name__})
        return super().construct_view(guarded, **kwargs)

    def get_queryset(self, request: Any) -> Any:
        return Checklist.objects.visible_to(request.user)

    def get_urlpatterns(self) -> list[Any]:
        return [
            *super().get_urlpatterns(),
            path(
                f"life/<{self.pk_path_converter}:pk>/",
                self.construct_view(StationLifeView),
                name="life",
            ),
        ]

    @property
    def unpublish_view(self) -> Any:
        return self.construct_view(
            self.unpublish_view_class, life_url_name=self.get_url_name("life")
        )
