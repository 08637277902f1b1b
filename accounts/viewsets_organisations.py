"""Organisations in Wagtail, and who belongs to them since when: two people of one do not examine each other (R3).

Kept by administrators. Nothing is deleted: a membership that is over has a last day, and bars until then.
"""

from typing import Any

from django.db.models import Count, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column
from wagtail.admin.views.generic import IndexView
from wagtail.admin.viewsets.model import ModelViewSet, ModelViewSetGroup

from accounts.models import Membership, Organisation


class MembersColumn(Column):
    """How many belong to it today; leads to their list."""

    def get_value(self, instance: Any) -> Any:
        words = ngettext("%(n)s person", "%(n)s people", instance.members) % {"n": instance.members}
        address = f"{reverse('membership:index')}?organisation={instance.pk}"
        return format_html('<a href="{}">{}</a>', address, words)


class OrganisationIndexView(IndexView):
    def get_base_queryset(self) -> QuerySet[Organisation]:
        today = timezone.localdate()
        current = Q(memberships__began_on__lte=today) & (
            Q(memberships__ended_on=None) | Q(memberships__ended_on__gte=today)
        )
        return Organisation.objects.annotate(members=Count("memberships", filter=current))


class OrganisationViewSet(ModelViewSet):
    model = Organisation
    index_view_class = OrganisationIndexView
    icon = "home"
    menu_label = _("Organisations")
    list_display = ["name", MembersColumn("members", label=_("Belong to it today"))]
    list_export = ["uuid", "name"]
    search_fields = ["name"]
    form_fields = ["name"]
    inspect_view_enabled = True
    inspect_view_fields = ["name", "uuid"]
    copy_view_enabled = False


class MembershipFilters(WagtailFilterSet):
    class Meta:
        model = Membership
        fields = ["organisation", "began_on", "ended_on"]


class MembershipViewSet(ModelViewSet):
    model = Membership
    icon = "group"
    menu_label = _("Members")
    list_display = ["user", "organisation", "position", "began_on", "ended_on"]
    list_export = ["user", "organisation", "position", "began_on", "ended_on"]
    filterset_class = MembershipFilters
    search_fields = ["user__name", "user__email", "organisation__name", "position"]
    ordering = ["organisation", "user"]
    form_fields = ["user", "organisation", "position", "began_on", "ended_on"]
    inspect_view_enabled = True
    copy_view_enabled = False


class Organisations(ModelViewSetGroup):
    items = (OrganisationViewSet, MembershipViewSet)
    menu_label = _("Organisations")
    menu_icon = "home"
    menu_order = 340
