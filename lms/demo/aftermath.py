"""Practicals of the demonstration that did not end with the first result: sat again, amended, a sheet lost, attempts used up."""

from collections.abc import Mapping, Sequence
from typing import Any

from accounts.models import User
from credentials.models import Application
from lms.demo.acts import Acts
from practicals.models import Appointment, Assignment, PracticalAssessment
from practicals.services import annul_station, supersede_sheet

PLACE = (
    "Tarn Sports Hall, upper floor",
    "2 Mill Lane, Tarn. Entrance from the river side; the bus 14 stops at the door.",
)


class Aftermath:
    """Each story is one candidate's; two examiners a day, others each time."""

    def __init__(self, acts: Acts, people: Mapping[str, User]) -> None:
        self.acts, self.people, self.clock = acts, people, acts.clock

    def tell(self) -> None:
        self._sat_again()
        self._amended()
        self._lost()
        self._used_up()

    def _sat_again(self) -> None:
        """Two stations failed and the total with them; sat again ten weeks later, and passed. The first aid certificate is still to come."""
        aurel = self._applies("resat", days=140, papers=False)
        pair = ("examiner1", "examiner2")
        self._examined(aurel, 90, pair, low=["E2", "D1"], level="middling")
        self._examined(aurel, 20, ("examiner3", "examiner4"))

    def _amended(self) -> None:
        """A pass of two months ago fell when both sheets of a station were corrected. A credential rests on it, and a registrar is to look."""
        zofia = self._applies("amended", days=130)
        appointment = self._examined(zofia, 62, ("examiner5", "examiner7"))
        reason = "Both notes say that the consent was not asked for, and both sheets gave the points for it."
        for number, assignment in enumerate(self.acts.stations_of(appointment)[0]):
            sheet = PracticalAssessment.objects.get(assignment=assignment, active=True)
            supersede_sheet(
                assessment=sheet,
                content=_without_a_critical_line(assignment, sheet),
                reason=reason,
                by=self.people["chief"],
                at=self.clock.ago(5, 10, 20 * number),
            )

    def _lost(self) -> None:
        """Two tablets that never came back: one station has been annulled, the other is the chief examiner's to decide."""
        for key, days in (("completing", 12), ("silje", 6)):
            person = self._applies(key, days=80 + days)
            appointment = self._examined(person, days, ("examiner6", "examiner8"), without=["P2"])
            if key == "completing":
                annul_station(
                    appointment=appointment,
                    station=appointment.plan.stations.get(checklist__code="P2"),
                    reasons="The tablet of one examiner was stolen on the way home, and nothing of this sheet had been sent.",
                    by=self.people["chief"],
                    at=self.clock.ago(days - 4, 16),
                )

    def _used_up(self) -> None:
        """Three fails: a plan of further learning comes before another attempt."""
        emeka = self._applies("emeka", days=330)
        pairs = (("examiner1", "examiner2"), ("examiner3", "examiner4"), ("examiner5", "examiner7"))
        for days, pair in zip((270, 180, 75), pairs, strict=True):
            self._examined(emeka, days, pair, low=["P1", "P2", "E1", "E2", "D1"])

    def _applies(self, key: str, *, days: int, papers: bool = True) -> User:
        acts, person = self.acts, self.people[key]
        application = acts.apply(person, at=self.clock.ago(days, 9))
        if papers:
            acts.settle_documents(application, at=self.clock.ago(days, 12), education=True)
        else:
            self._all_but_first_aid(application, days)
        acts.sit_written(person, at=self.clock.ago(days - 30, 10), right=0.87)
        return person

    def _all_but_first_aid(self, application: Application, days: int) -> None:
        for number, code in enumerate(("education", "licence", "insurance")):
            sent = self.acts.send(application, code, at=self.clock.ago(days, 12, 10 * number))
            self.acts.accept(sent, at=self.clock.ago(days - 3, 12))

    def _examined(
        self,
        person: User,
        days: int,
        pair: Sequence[str],
        *,
        low: Sequence[str] = (),
        without: Sequence[str] = (),
        level: str = "",
    ) -> Appointment:
        """A day for one candidate. Both examiners score `low` stations low, the others as `level` says; the second sheet `without` never comes."""
        acts, clock = self.acts, self.clock
        examiners = [self.people[key] for key in pair]
        day = acts.exam_day(clock.ago(days, 9), PLACE, examiners, capacity=1)
        (appointment,) = acts.expect(day, [person], offered=clock.ago(days + 18, 14))
        acts.assign(day, at=clock.ago(days + 10, 15))
        acts.arrive(appointment)
        for first, second in acts.stations_of(appointment):
            code = first.station.checklist.code
            here = "low" if code in low else level
            acts.sign(first, level=here)
            if code not in without:
                acts.sign(second, level=here)
        return appointment


def _without_a_critical_line(assignment: Assignment, sheet: PracticalAssessment) -> dict[str, Any]:
    star = assignment.checklist_version.criteria.filter(critical=True).order_by("-position")[0]
    lines = [dict(row) for row in sheet.draft["observations"]]
    for row in lines:
        if row["criterion"] == star.code:
            row |= {"rating": 0, "note": "Began without asking; said so afterwards."}
    return {"observations": lines, "violations": [], "global_rating": 2}
