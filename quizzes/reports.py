"""Who read which secure item, and when (R20)."""

import django_filters
from django.utils.translation import gettext_lazy as _

from accounts.models import Role
from courses.bank.report import ReadingFilterSet, ReadingReport, register_report
from quizzes.models import SecureView


class SecureViewFilterSet(ReadingFilterSet):
    code = django_filters.CharFilter(
        label=_("Item"), field_name="item__code", lookup_expr="icontains"
    )

    class Meta:
        model = SecureView
        fields = ["code", "reader", "at"]


class SecureViewReport(ReadingReport):
    model = SecureView
    entry, entry_label = "item", _("Item")
    watchers = (Role.ITEM_REVIEWER, Role.ADMINISTRATOR)
    page_title = _("Secure items read")
    index_url_name, index_results_url_name = "secure_views", "secure_views_results"
    filterset_class = SecureViewFilterSet
    export_filename = "secure-items-read"


register_report(SecureViewReport, address="secure-items", order=700)
