"""Who read which secure station, and when (R20)."""

import django_filters
from django.utils.translation import gettext_lazy as _

from accounts.models import Role
from courses.bank.report import ReadingFilterSet, ReadingReport, register_report
from practicals.models import StationView


class StationViewFilterSet(ReadingFilterSet):
    code = django_filters.CharFilter(
        label=_("Station"), field_name="checklist__code", lookup_expr="icontains"
    )

    class Meta:
        model = StationView
        fields = ["code", "reader", "at"]


class StationViewReport(ReadingReport):
    model = StationView
    entry, entry_label = "checklist", _("Station")
    watchers = (Role.ITEM_REVIEWER, Role.CHIEF_EXAMINER, Role.ADMINISTRATOR)
    page_title = _("Secure stations read")
    index_url_name, index_results_url_name = "station_views", "station_views_results"
    filterset_class = StationViewFilterSet
    export_filename = "secure-stations-read"


register_report(StationViewReport, address="secure-stations", order=710)
