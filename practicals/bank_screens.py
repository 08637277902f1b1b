"""The stations' screens in Wagtail: list, editor, inspection, decisions. The screen of review and life is bank_life.py.

Every view of a station asks first whether its reader may read its pool, and writes down each reading of a secure one.
"""

from typing import Any

import django_filters
from django.core.exceptions import PermissionDenied
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel, ObjectList
from wagtail.admin.ui.tables import Column, DateColumn
from wagtail.log_actions import log
from wagtail.snippets.views.snippets import (
    CreateView,
    EditView,
    InspectView,
)

from accounts.models import User
from accounts.services import Forbidden
from courses.bank import guards
from courses.bank.screens import (
    CreatesEntries,
    EditsEntries,
    EntryFilterSet,
    EntryIndexView,
    EntryViewSet,
    LeadsToLife,
)
from practicals.bank_forms import StationForm
from practicals.bank_life import StationLifeView
from practicals.models import Checklist, Life, Pool, readable_pools
from practicals.services import (
    KEEPERS,
    exposure_of,
    read_checklists,
)
from practicals.services.stations import STATIONS


def read(rows: list[Checklist], request: Any, where: str) -> None:
    try:
        read_checklists(checklists=rows, by=request.user, where=where, at=timezone.now())
    except Forbidden as refusal:
        raise PermissionDenied(refusal.sentence) from refusal


class PoolGuard(guards.PoolGuard):
    def readable_pools(self, user: User) -> list[str]:
        return readable_pools(user)

    def is_read(self, row: Checklist, request: Any, where: str) -> None:
        read([row], request, where)


class VisibleOrActive(guards.VisibleOnly):
    """Choosers offer stations that the person may read, and, by code and title alone, to those who keep plans, every active one."""

    def get_object_list(self) -> Any:
        user = self.request.user  # type: ignore[attr-defined]
        readable = super().get_object_list()
        return readable | Checklist.objects.active() if user.has_role(*KEEPERS) else readable


class StationChooserViewSet(guards.GuardedChooserViewSet):
    guard = VisibleOrActive


class StationFilterSet(EntryFilterSet):
    life = django_filters.ChoiceFilter(label=_("Life"), choices=Life)
    pool = django_filters.ChoiceFilter(label=_("Pool"), choices=Pool)

    class Meta:
        model = Checklist
        fields = ["life", "pool", "overdue"]


class StationIndexView(EntryIndexView):
    """The list shows codes and titles, which are no secret; what it exports has been read."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        if not self.is_export:
            rows = list(context["object_list"])
            exposures = exposure_of(rows, timezone.now())
            for row in rows:
                row.exposure = exposures[row.pk]
        return context

    def as_spreadsheet(self, queryset: Any, spreadsheet_format: str) -> Any:
        rows = list(queryset)
        read(rows, self.request, "export")
        if rows:
            count = {"count": len(rows)}
            log(rows[0], "practicals.export", user=self.request.user, data=count)
        return super().as_spreadsheet(queryset, spreadsheet_format)


class StationCreateView(CreatesEntries, CreateView):
    bank = STATIONS


class StationEditView(EditsEntries, EditView):
    bank = STATIONS


class StationInspectView(LeadsToLife, InspectView):
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


class StationViewSet(EntryViewSet):
    guard = PoolGuard
    model = Checklist
    icon = "list-ul"
    menu_label = _("Stations")
    menu_order = 320
    add_to_admin_menu = True
    index_view_class = StationIndexView
    add_view_class = StationCreateView
    edit_view_class = StationEditView
    inspect_view_class = StationInspectView
    life_view_class = StationLifeView
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
    ordering = ["code"]
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
