"""After a fail: which stations are sat again, what is carried over, how often, and what an amendment does to what rests on it."""

from datetime import timedelta

import pytest
from django.urls import reverse

from accounts.models import Notice
from accounts.services import Conflict, Forbidden, Invalid
from courses.models import Progress
from credentials.models import Credential
from ledger.services import verify
from practicals import services
from practicals.models import FurtherLearning, PracticalAssessment, PracticalResult
from practicals.services.replaying import replay
from practicals.services.resits import counts_until, sat_again
from tests.factories import NOW, person
from tests.practicals.build import DAY, exam, exam_day, sheet
from tests.practicals.test_sheets import CRITICAL, LOW, rule
from tests.practicals.test_views import browse, text_of

pytestmark = pytest.mark.django_db

CODES = ("P1", "T2", "E1", "D1")
MONTH = timedelta(days=31)


def failed_at(*codes, stations=CODES, **sheets):
    """An examination of four stations, all of them to be passed, with a fail at `codes`."""
    built = exam(codes=stations)
    built.plan.minimum_stations = len(stations)
    built.plan.save()
    low = {f"{code}{place}": LOW for code in codes for place in "AB"}
    result = built.score(**{**low, **sheets})
    assert result.outcome == "failed"
    return built


def again(built, after=MONTH):
    """Another day for the candidate, two other examiners; `built` then stands for it."""
    built.day = exam_day(built.plan, date=built.day.date + after)
    built.examiners = [person("examiner", name=name) for name in ("L. Brandt", "O. Adeyemi")]
    built.day.examiners.set(built.examiners)
    at = NOW + (built.day.date - DAY) - timedelta(days=3)
    services.draw_stations(exam_day=built.day, by=built.registrar, at=at, seed=7)
    appointment = services.offer_appointment(
        exam_day=built.day, candidate=built.candidate, by=built.registrar, at=at
    )
    built.appointment = services.answer_appointment(
        appointment=appointment, accept=True, by=built.candidate, at=at
    )
    for station in services.stations_to_sit(built.appointment):
        for place, examiner in zip("AB", built.examiners, strict=True):
            services.assign_examiner(
                appointment=built.appointment,
                station=station,
                place=place,
                examiner=examiner,
                by=built.registrar,
                at=at,
            )
    built.sheets = {}
    return built


def sit(built, **by_place):
    """Sign the sheets of every station that is sat."""
    at = NOW + (built.day.date - DAY)
    for station in services.stations_to_sit(built.appointment):
        code = station.checklist.code
        for place in "AB":
            built.send(code, place, at=at, **by_place.get(f"{code}{place}", {}))
    return built.result


def codes_of(stations):
    return [station.checklist.code for station in stations]


# What is sat again


@pytest.mark.parametrize("failed", [("P1",), ("P1", "E1")])
def test_one_or_two_failed_stations_are_sat_again_alone(failed):
    built = failed_at(*failed)
    first = built.result
    assert services.resit_due(candidate=built.candidate, plan=built.plan) == first
    again(built)
    assert built.appointment.resit_of == first
    assert codes_of(services.stations_to_sit(built.appointment)) == list(failed)


def test_three_failed_stations_are_the_whole():
    built = again(failed_at("P1", "T2", "E1"))
    assert built.appointment.resit_of is None
    assert codes_of(services.stations_to_sit(built.appointment)) == list(CODES)


def test_a_critical_finding_is_the_whole_however_few_stations_failed():
    built = failed_at(P1A=CRITICAL, P1B=CRITICAL)
    assert services.resit_due(candidate=built.candidate, plan=built.plan) is None


def test_a_fail_on_the_total_alone_is_the_whole():
    built = exam()
    twelve = {"ratings": dict.fromkeys(range(2, 10), 1)}  # 12 of 20 at both: 60 of 100, under 65
    assert built.score(P1A=twelve, P1B=twelve, T2A=twelve, T2B=twelve).outcome == "failed"
    assert [station["passed"] for station in built.result.stations] == [True, True]
    assert services.resit_due(candidate=built.candidate, plan=built.plan) is None


def test_beyond_the_months_a_station_counts_the_whole_is_sat():
    built = failed_at("P1")
    last = counts_until(built.result, built.plan)
    assert last == DAY.replace(year=DAY.year + 2)
    due = {"candidate": built.candidate, "plan": built.plan}
    assert services.resit_due(**due, on=last) == built.result
    assert services.resit_due(**due, on=last + timedelta(days=1)) is None


def test_a_drawn_station_is_sat_again_as_the_one_its_pair_has_that_day():
    built = failed_at("T2")
    other = built.plan.stations.get(checklist__code="E1")
    other.drawn_from = "B"
    letters = {"P1": "", "T2": "B", "E1": "B", "D1": ""}
    that_day = [built.station("P1"), other, built.station("D1")]
    assert sat_again(built.result, that_day, letters) == [other]


def test_nobody_is_due_who_has_not_failed():
    built = exam()
    due = {"candidate": built.candidate, "plan": built.plan}
    assert services.resit_due(**due) is None
    built.score()
    assert services.resit_due(**due) is None


# What is carried over


def test_what_was_passed_is_carried_over_and_its_source_is_named():
    built = failed_at("P1")
    first = built.result
    result = sit(again(built))
    assert (result.outcome, result.total) == ("passed", 100)
    sources = {row["code"]: row["from"] and row["from"]["day"] for row in result.stations}
    assert sources == {"P1": None, "T2": str(DAY), "E1": str(DAY), "D1": str(DAY)}
    carried = next(row for row in result.stations if row["code"] == "T2")
    assert carried["from"]["result"] == str(first.uuid)
    assert Progress.objects.get(activity=built.activity).state == "complete"
    assert Progress.objects.get(activity=built.activity).reference == built.appointment.uuid
    assert list(verify(PracticalResult)) == []
    assert replay().differs == []


def test_a_resit_that_fails_again_is_sat_again_with_both_sources_kept():
    built = failed_at("P1", "T2")
    result = sit(again(built), T2A=LOW, T2B=LOW)
    second_day = built.day.date
    assert result.outcome == "failed"
    built = again(built)
    assert codes_of(services.stations_to_sit(built.appointment)) == ["T2"]
    result = sit(built)
    assert result.outcome == "passed"
    sources = {row["code"]: row["from"] and row["from"]["day"] for row in result.stations}
    assert sources == {"P1": str(second_day), "T2": None, "E1": str(DAY), "D1": str(DAY)}
    assert replay().differs == []


def test_a_critical_finding_at_a_resit_fails_the_whole():
    built = again(failed_at("P1"))
    result = sit(built, P1A=CRITICAL, P1B=CRITICAL)
    assert result.outcome == "failed"
    assert services.resit_due(candidate=built.candidate, plan=built.plan) is None


def test_a_station_carried_over_is_not_ruled_on_at_the_resit():
    built = failed_at("P1")
    result = sit(again(built), P1A={"ratings": {2: 0, 3: 0, 4: 1}})
    assert result.outcome == "held"
    with pytest.raises(Conflict) as refusal:
        rule(built, code="T2", lines={})
    assert refusal.value.code == "not_held"
    assert rule(built, code="P1").outcome == "passed"


def test_an_amendment_of_what_was_carried_over_decides_the_resit_anew():
    built = failed_at("P1")
    original = dict(built.sheets)
    assert sit(again(built)).outcome == "passed"
    credential = Credential.objects.get(holder=built.candidate)
    for place in "AB":
        services.supersede_sheet(
            assessment=PracticalAssessment.objects.get(uuid=original["T2", place]),
            content=sheet("T2", **{**CRITICAL, "notes": {1: "09:04 Did not ask."}}),
            reason="The note was about station T2.",
            by=built.chief,
            at=NOW + MONTH * 2,
        )
    result = built.result
    assert (result.outcome, result.cause) == ("failed", "carried")
    assert result.why == "The note was about station T2."
    assert Progress.objects.get(activity=built.activity).state == "failed"
    told = Notice.objects.filter(recipient=built.candidate, kind="practical_amended")
    assert str(built.appointment.uuid) in {row.reference.split(":")[0] for row in told}
    assert credential.events.count() == 1  # nothing is taken back but by a person
    assert replay().differs == []


# How often


def test_the_wait_is_that_of_the_plan():
    built = failed_at("P1")
    with pytest.raises(Conflict) as refusal:
        again(built, after=timedelta(days=29))
    assert refusal.value.code == "too_soon" and "23 December 2026" in refusal.value.sentence


def used_up():
    built = failed_at("P1")
    for _time in range(2):
        built = again(built)
        assert sit(built, P1A=LOW, P1B=LOW).outcome == "failed"
    return built


def test_after_three_fails_a_plan_of_further_learning_comes_first():
    built = used_up()
    with pytest.raises(Conflict) as refusal:
        again(built)
    assert refusal.value.code == "no_attempts_left" and "R56" in refusal.value.sentence
    (found,) = services.out_of_attempts(plan=built.plan)
    assert (found.candidate, found.record.fails) == (built.candidate, 3)
    keep(built)
    assert services.out_of_attempts(plan=built.plan) == []
    assert sit(again(built)).outcome == "passed"
    assert list(verify(FurtherLearning)) == []


def keep(built, **changes):
    return services.record_further_learning(
        **{
            "exam_plan": built.plan,
            "candidate": built.candidate,
            "plan": "Twelve hours of intake under supervision.",
            "by": built.registrar,
            "at": NOW + MONTH * 3,
            **changes,
        }
    )


def test_only_a_registrar_keeps_a_plan_and_only_when_it_is_needed():
    built = failed_at("P1")
    with pytest.raises(Conflict):
        keep(built)
    with pytest.raises(Forbidden):
        keep(built, by=built.chief)
    with pytest.raises(Invalid):
        keep(built, plan=" ")


# What the candidate reads


def test_the_page_says_what_is_sat_again_and_until_when():
    built = failed_at("P1")
    page = reverse("practical-result", args=[built.appointment.uuid])
    text = text_of(browse(built.candidate).get(page))
    assert "You can sit again from" in text and "One station" in text
    assert "carried over if you sit by 23 November 2028" in text
    home = text_of(browse(built.candidate).get("/home/"))
    assert "You can sit station P1 again from" in home
    built = again(built)
    sit(built, P1A=LOW, P1B=LOW)
    earlier = text_of(browse(built.candidate).get(page))
    assert "You can sit again from" not in earlier
    text = text_of(
        browse(built.candidate).get(reverse("practical-result", args=[built.appointment.uuid]))
    )
    assert "Carried over from 23 November 2026" in text


def test_after_the_last_attempt_the_page_says_what_comes_first():
    built = used_up()
    text = text_of(
        browse(built.candidate).get(reverse("practical-result", args=[built.appointment.uuid]))
    )
    assert "You have used all 3 attempts." in text and "further learning" in text
