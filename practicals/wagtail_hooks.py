"""Staff screens in Wagtail: checklists are written and reviewed, plans and days set up. What happens on a day has pages of its own."""

from typing import Any

from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.ui.tables import Column, LiveStatusTagColumn, UpdatedAtColumn
from wagtail.admin.views.generic import models as generic
from wagtail.admin.viewsets.model import ModelViewSet, ModelViewSetGroup
from wagtail.log_actions import LogActionRegistry
from wagtail.snippets.models import register_snippet
from wagtail.snippets.views.snippets import IndexView, SnippetViewSet

from accounts.models import Role
from accounts.web import WithoutBulkActions
from practicals.models import Checklist, ExamDay, ExamPlan, Station


class ChecklistIndexView(WithoutBulkActions, IndexView):
    pass


class ChecklistViewSet(SnippetViewSet):
    model = Checklist
    index_view_class = ChecklistIndexView
    icon = "list-ul"
    menu_label = _("Checklists")
    menu_order = 320
    add_to_admin_menu = True
    list_display = ["code", "title", "minutes", LiveStatusTagColumn(), UpdatedAtColumn()]
    list_filter = ["live", "minutes", "has_unpublished_changes"]
    list_export = ["code", "title", "scenario", "minutes", "live", "last_published_at"]
    search_fields = ["code", "title"]
    ordering = ["code"]
    inspect_view_enabled = True
    inspect_view_fields = [
        "code",
        "title",
        "minutes",
        "scenario",
        "candidate_instructions",
        "client_script",
        "equipment",
        "criteria",
        "violations",
    ]
    copy_view_enabled = False


register_snippet(ChecklistViewSet)


class PlanViewSet(ModelViewSet):
    model = ExamPlan
    icon = "form"
    menu_label = _("Exam plans")
    list_display = ["activity", "kind", "edition", "total_cut", "minimum_stations"]
    list_filter = ["kind", "edition"]
    list_export = [
        "activity",
        "kind",
        "edition",
        "total_cut",
        "minimum_stations",
        "discrepancy",
        "trainer_bar_months",
        "retake_wait_days",
        "adjudication_days",
    ]
    inspect_view_enabled = True
    copy_view_enabled = False
    exclude_form_fields: list[str] = []


class StationViewSet(ModelViewSet):
    model = Station
    icon = "pick"
    menu_label = _("Stations")
    list_display = ["checklist", "plan", "position", "minutes", "weight", "cut", "drawn_from"]
    list_filter = ["plan", "drawn_from"]
    list_export = ["plan", "checklist", "position", "minutes", "weight", "cut", "drawn_from"]
    ordering = ["plan", "position"]
    inspect_view_enabled = True
    copy_view_enabled = False
    exclude_form_fields: list[str] = []


class DayColumn(Column):
    """Leads from the list to the page on which the day is planned."""

    def get_value(self, instance: ExamDay) -> Any:
        return format_html(
            '<a href="{}">{}</a>', reverse("exam-day", args=[instance.uuid]), _("Plan the day")
        )


class ExamDayIndexView(generic.IndexView):
    """Days are planned by registrars; others see no way to a page that is closed to them."""

    @cached_property
    def columns(self) -> list[Column]:
        plans = Role.REGISTRAR in self.request.user.roles
        return [column for column in super().columns if plans or not isinstance(column, DayColumn)]


class ExamDayViewSet(ModelViewSet):
    model = ExamDay
    index_view_class = ExamDayIndexView
    icon = "calendar"
    menu_label = _("Exam days")
    list_display = ["date", "place", "plan", "capacity", DayColumn("open", label=_("Circuit"))]
    list_filter = ["plan", "date"]
    list_export = ["uuid", "plan", "date", "begins_at", "zone", "place", "capacity", "seed"]
    search_fields = ["place"]
    ordering = ["-date"]
    inspect_view_enabled = True
    copy_view_enabled = False
    exclude_form_fields: list[str] = []


class Practicals(ModelViewSetGroup):
    items = (ExamDayViewSet, PlanViewSet, StationViewSet)
    menu_label = _("Practicals")
    menu_icon = "calendar"
    menu_order = 330


@hooks.register("register_admin_viewset")
def register_practicals() -> Practicals:
    return Practicals()


@hooks.register("construct_snippet_action_menu")
def publish_only_by_review(menu_items: list[Any], request: Any, context: dict[str, Any]) -> None:
    """Who edits a checklist has written its draft, and nobody approves their own (R2): it is published by its review."""
    if context.get("model") is Checklist:
        menu_items[:] = [item for item in menu_items if item.name != "action-publish"]


@hooks.register("register_log_actions")
def register_actions(actions: LogActionRegistry) -> None:
    said = {
        "draw": (_("Draw stations"), _("Stations drawn")),
        "offer": (_("Offer appointment"), _("Appointment offered")),
        "accepted": (_("Accept appointment"), _("Appointment accepted by the candidate")),
        "declined": (_("Decline appointment"), _("Appointment declined by the candidate")),
        "cancelled": (_("Cancel appointment"), _("Appointment cancelled")),
        "assign": (_("Assign examiner"), _("Examiner assigned")),
        "identity": (_("Check identity"), _("Identity checked")),
        "reissue": (_("Re-issue sheet"), _("Sheet issued anew")),
        "adjudicate": (_("Decide station"), _("Station decided by a chief examiner")),
        "supersede": (_("Correct sheet"), _("Sheet superseded by a correction")),
    }
    for name, (label, message) in said.items():
        actions.register_action(f"practicals.{name}", label, message)
