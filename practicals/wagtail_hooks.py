"""Staff screens in Wagtail: stations are written and reviewed (bank_screens.py), plans (plan_screens.py) and days set up. What happens on a
day has pages of its own.
"""

from typing import Any

from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.ui.tables import Column
from wagtail.admin.views.generic import models as generic
from wagtail.admin.viewsets.model import ModelViewSet, ModelViewSetGroup
from wagtail.log_actions import LogActionRegistry, LogFormatter
from wagtail.snippets.models import register_snippet

from accounts.models import Role
from practicals import bank_report  # noqa: F401  it registers its own screen
from practicals.bank_screens import StationViewSet
from practicals.models import Checklist, ExamDay, Life
from practicals.plan_screens import PlanViewSet
from practicals.station_words import STEPS

register_snippet(StationViewSet)


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
    items = (ExamDayViewSet, PlanViewSet)
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
        never = ("action-publish", "action-unpublish", "action-restart-workflow")
        menu_items[:] = [item for item in menu_items if item.name not in never]


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
        "check_in": (_("Check in"), _("Checked in: identity seen, agreement made")),
        "agreed": (_("Agree"), _("The candidate agreed to the rules of the day")),
        "absent": (_("Record absence"), _("The candidate did not come")),
        "ask": (_("Ask for a date"), _("A date asked for")),
        "ask_no_more": (_("Withdraw request"), _("A date not asked for any more")),
        "free": (_("Free places"), _("Places opened again")),
        "take_off": (_("Take examiner off"), _("Examiner taken off the day")),
        "hand_over": (_("Hand sheet over"), _("A begun sheet handed over to another examiner")),
        "day_cancelled": (_("Cancel day"), _("Exam day cancelled")),
        "client": (_("Keep client model"), _("Record of a client model kept")),
        "place_client": (_("Place client model"), _("Client model placed at a station")),
        "client_stops": (_("Client model stops"), _("A client model has stopped")),
        "reissue": (_("Re-issue sheet"), _("Sheet issued anew")),
        "adjudicate": (_("Decide station"), _("Station decided by a chief examiner")),
        "supersede": (_("Correct sheet"), _("Sheet superseded by a correction")),
        "edition": (_("Make an edition"), _("Edition made as a copy")),
        "in_force": (_("Put in force"), _("Edition put in force")),
    }
    for name, (label, message) in said.items():
        actions.register_action(f"practicals.{name}", label, message)

    @actions.register_action("practicals.life")
    class LifeStep(LogFormatter):
        label = _("A step of a station's life")

        def format_message(self, entry: Any) -> Any:
            step = STEPS.get(entry.data["step"], entry.data["step"])
            if entry.data["before"] == entry.data["after"]:
                return step
            return _("%(step)s: %(after)s") % {
                "step": step,
                "after": Life(entry.data["after"]).label,
            }

        def format_comment(self, entry: Any) -> Any:
            return entry.data["comment"]

    @actions.register_action("practicals.export")
    class Export(LogFormatter):
        label = _("Export stations")

        def format_message(self, entry: Any) -> Any:
            return _("Exported %(count)s stations") % entry.data
