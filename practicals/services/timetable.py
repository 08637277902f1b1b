"""When who is where on an exam day."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from practicals import circuit
from practicals.models import ExamDay, Station


@dataclass(frozen=True)
class Timetable:
    """The rounds of a day. Before the draw, `stations` is empty and `count` says how many there will be."""

    begins: datetime
    stations: list[Station]
    count: int
    round: timedelta

    def begins_for(self, place: int) -> datetime:
        """When the candidate with this place in the circuit begins; beyond the stations, in a second circuit."""
        return self.begins + self.round * self.count * (place // self.count)

    def at(self, place: int, station_id: int) -> datetime | None:
        """When that candidate is at a station of the day."""
        index = next(
            (i for i, station in enumerate(self.stations) if station.pk == station_id), None
        )
        if index is None:
            return None
        return self.begins_for(place) + self.round * circuit.round_at(place, index, self.count)


def timetable_of(exam_day: ExamDay) -> Timetable:
    """One query, or none when the day's stations are prefetched with their checklists; one more before the draw."""
    stations = sorted(exam_day.stations.all(), key=lambda station: station.position)
    among = stations or list(exam_day.plan.stations.all())
    letters = [station.drawn_from for station in among]
    count = len(stations) or letters.count("") + len({letter for letter in letters if letter})
    longest = max((station.minutes for station in among), default=0)
    minutes = exam_day.plan.reading_minutes + longest + exam_day.plan.change_minutes
    return Timetable(exam_day.begins, stations, max(1, count), timedelta(minutes=minutes))
