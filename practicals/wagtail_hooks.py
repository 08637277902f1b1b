"""Staff screens in Wagtail: stations are written and reviewed (bank_screens.py), plans (plan_screens.py) and days set up. What happens on a
day has pages of its own.
"""

from typing import Any

from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.viewsets.model import ModelViewSetGroup
from wagtail.log_actions import LogActionRegistry, LogFormatter
from wagtail.snippets.models import register_snippet

from courses.bank.screens import publish_only_by_review, tell_steps
from practicals import bank_report  # noqa: F401  it registers its own screen
from practicals.bank_screens import StationViewSet
from practicals.day_screens import ExamDayViewSet
from practicals.models import Checklist
from practicals.plan_screens import PlanViewSet
from practicals.services.stations import STATIONS

register_snippet(StationViewSet)


class Practicals(ModelViewSetGroup):
    items = (ExamDayViewSet, PlanViewSet)
    menu_label = _("Practicals")
    menu_icon = "calendar"
    menu_order = 330


@hooks.register("register_admin_viewset")
def register_practicals() -> Practicals:
    return Practicals()


publish_only_by_review(Checklist)


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
        "ask_opening": (_("Ask to open a tablet"), _("An examiner has forgotten a passphrase")),
        "allow_opening": (_("Let a tablet be opened"), _("A tablet may be opened")),
        "opened": (_("Open a tablet"), _("A tablet was opened")),
        "forget_keys": (_("Delete the keys of a day"), _("Keys of the day deleted")),
        "reissue": (_("Re-issue sheet"), _("Sheet issued anew")),
        "adjudicate": (_("Decide station"), _("Station decided by a chief examiner")),
        "annul": (_("Annul station"), _("Station annulled: a sheet of it is lost")),
        "take_back_annulment": (
            _("Take annulment back"),
            _("Annulment taken back: the sheet has come"),
        ),
        "supersede": (_("Correct sheet"), _("Sheet superseded by a correction")),
        "edition": (_("Make an edition"), _("Edition made as a copy")),
        "in_force": (_("Put in force"), _("Edition put in force")),
    }
    for name, (label, message) in said.items():
        actions.register_action(f"practicals.{name}", label, message)

    tell_steps(actions, STATIONS, _("A step of a station's life"))

    @actions.register_action("practicals.export")
    class Export(LogFormatter):
        label = _("Export stations")

        def format_message(self, entry: Any) -> Any:
            return _("Exported %(count)s stations") % entry.data
