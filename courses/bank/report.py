"""Who read which secure entry, and when (R20). Codes, never contents: those who keep watch over readers need not be readers."""

from typing import Any, ClassVar

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

from accounts.models import User


class ReadingFilterSet(WagtailFilterSet):
    """A bank adds `code`, and its rows as the model."""

    reader = django_filters.ModelChoiceFilter(label=_("Reader"))
    at = django_filters.DateFromToRangeFilter(label=_("Day"), widget=DateRangePickerWidget)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        readers = self._meta.model.objects.order_by().values("reader").distinct()
        self.filters["reader"].queryset = User.objects.filter(pk__in=readers).order_by("name")


class ReadingReport(ReportView):
    """A bank says which rows (`model`, `filterset_class`), of what (`entry`, `entry_label`), and which roles keep watch (`watchers`)."""

    entry: ClassVar[str]
    entry_label: ClassVar[Any]
    watchers: ClassVar[tuple[str, ...]]
    header_icon = "view"
    default_ordering = "-at"

    @classmethod
    def may_be_read_by(cls, user: Any) -> bool:
        return user.is_active and user.has_role(*cls.watchers)

    @property
    def columns(self) -> list[Column]:
        return [
            DateColumn("at", label=_("Read")),
            Column(f"{self.entry}.code", label=self.entry_label),
            Column("reader.name", label=_("Reader")),
            Column("where", label=_("Where")),
        ]

    @property
    def list_export(self) -> list[str]:
        return ["at", f"{self.entry}.code", "reader.name", "reader.email", "where"]

    @property
    def export_headings(self) -> dict[str, Any]:
        return {
            "at": _("Read"),
            f"{self.entry}.code": self.entry_label,
            "reader.name": _("Reader"),
            "reader.email": _("Address"),
            "where": _("Where"),
        }

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        if not self.may_be_read_by(request.user):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get_queryset(self) -> Any:
        return self.model.objects.select_related(self.entry, "reader").order_by("-at", "-pk")

    def get_filename(self) -> str:
        return self.export_filename


def register_report(report: type[ReadingReport], *, address: str, order: int) -> None:
    """Put a report at reports/`address`/ and into the menu of those who may read it."""

    class Item(MenuItem):
        def is_shown(self, request: HttpRequest) -> bool:
            return report.may_be_read_by(request.user)

    @hooks.register("register_admin_urls")
    def urls() -> list[Any]:
        results = report.as_view(results_only=True)
        return [
            path(f"reports/{address}/", report.as_view(), name=report.index_url_name),
            path(f"reports/{address}/results/", results, name=report.index_results_url_name),
        ]

    @hooks.register("register_reports_menu_item")
    def menu_item() -> MenuItem:
        url = reverse(report.index_url_name)
        return Item(report.page_title, url, icon_name="view", order=order)
