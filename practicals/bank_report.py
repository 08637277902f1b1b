"""Who read which secure station, and when (R20)."""

from typing import Any

import django_filters
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.filters import DateRangePickerWidget, WagtailFilterSet
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.tables import Column, DateColumn
from wagtail.admin.views.reports import ReportView

from accounts.models import Role, User
from practicals.models import StationView

READERS = (Role.ITEM_REVIEWER, Role.CHIEF_EXAMINER, Role.ADMINISTRATOR)
NAME = "station_views"


def may_read_report(user: Any) -> bool:
    return user.is_active and user.has_role(*READERS)


class StationViewFilterSet(WagtailFilterSet):
    code = django_filters.CharFilter(
        label=_("Station"), field_name="checklist__code", lookup_expr="icontains"
    )
    reader = django_filters.ModelChoiceFilter(
        label=_("Reader"),
        queryset=lambda request: User.objects.filter(
            pk__in=StationView.objects.order_by().values("reader").distinct()
        ).order_by("name"),
    )
    at = django_filters.DateFromToRangeFilter(label=_("Day"), widget=DateRangePickerWidget)

    class Meta:
        model = StationView
        fields = ["code", "reader", "at"]


class StationViewReport(ReportView):
    """Codes, never contents: those who keep watch over readers need not be readers."""

    model = StationView
    page_title = _("Secure stations read")
    header_icon = "view"
    index_url_name = NAME
    index_results_url_name = f"{NAME}_results"
    filterset_class = StationViewFilterSet
    default_ordering = "-at"
    columns = [
        DateColumn("at", label=_("Read")),
        Column("checklist.code", label=_("Station")),
        Column("reader.name", label=_("Reader")),
        Column("where", label=_("Where")),
    ]
    list_export = ["at", "checklist.code", "reader.name", "reader.email", "where"]
    export_headings = {
        "at": _("Read"),
        "checklist.code": _("Station"),
        "reader.name": _("Reader"),
        "reader.email": _("Address"),
        "where": _("Where"),
    }

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        if not may_read_report(request.user):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get_queryset(self) -> Any:
        return StationView.objects.select_related("checklist", "reader").order_by("-at", "-pk")

    def get_filename(self) -> str:
        return "secure-stations-read"


class ReportItem(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        return may_read_report(request.user)


@hooks.register("register_admin_urls")
def report_urls() -> list[Any]:
    return [
        path("reports/secure-stations/", StationViewReport.as_view(), name=NAME),
        path(
            "reports/secure-stations/results/",
            StationViewReport.as_view(results_only=True),
            name=f"{NAME}_results",
        ),
    ]


@hooks.register("register_reports_menu_item")
def report_menu_item() -> MenuItem:
    return ReportItem(_("Secure stations read"), reverse(NAME), icon_name="view", order=710)
