"""What candidates read at the stations of a day, as cards to hang at the tables."""

from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from practicals.figures import shown_figures
from practicals.models import ChecklistVersion, ExamDay
from practicals.services import hand_out_cards
from practicals.signed_in import PersonRequest


@dataclass(frozen=True)
class Card:
    """One station as its candidate reads it: nothing of the script, the lines or what only examiners see."""

    version: ChecklistVersion
    minutes: int
    figures: list[dict[str, Any]]


def station_cards(day: ExamDay, request: PersonRequest) -> list[Card]:
    """The cards in the order of the plan. That they were handed out is written down, station by station."""
    found = hand_out_cards(exam_day=day, by=request.user, at=timezone.now())
    return [
        Card(
            version,
            station.minutes,
            [row for row in shown_figures(version.content) if row["candidate"]],
        )
        for station, version in found
    ]
