"""The screen of one station's review and life: what it says, what it lacks, who decided what, and the decision that is due."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from courses.bank.life_screen import LifeView
from practicals.bank_forms import StationDecisionForm, StationMoveForm
from practicals.documents import anchors
from practicals.figures import previewed_figures
from practicals.services import claims_near, exposure_of, places_of
from practicals.services.stations import STATIONS


class StationLifeView(LifeView):
    bank = STATIONS
    entries_label = _("Stations")
    decision_form, move_form = StationDecisionForm, StationMoveForm
    template_name = "practicals/station_life.html"

    def get_context_data(self, form: Any = None, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(form, **kwargs)
        station, draft = self.entry, context["draft"]
        return {
            **context,
            "station": station,
            "content": draft.frozen_content,
            "lines": draft.frozen_lines,
            "points": sum(line["max_points"] for line in draft.frozen_lines),
            "anchors": anchors(draft.frozen_content),
            "figures": previewed_figures(draft),
            "claims_near": claims_near(draft, tagged=context["claims"]),
            "exposure": exposure_of([station], timezone.now())[station.pk],
            "places": places_of(station),
            "versions": station.versions.order_by("-number"),
            "starts_anew": station.live and not station.open_for_practice,
        }
