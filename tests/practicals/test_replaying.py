"""Every stored result is derived again from its frozen sheets and rulings; what was changed behind our back is named."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from practicals.models import PracticalResult
from practicals.services.replaying import replay
from tests.behind import behind_our_back
from tests.practicals.build import exam, practice
from tests.practicals.test_sheets import APART, CRITICAL, LOW, SEEN, begin, correct, rule, sign

pytestmark = pytest.mark.django_db


def history():
    """Results of every kind: passed, failed, held, ruled, corrected, and of a practice station."""
    exam().score()
    exam().score(P1A=LOW, P1B=LOW, T2A=CRITICAL, T2B=CRITICAL)
    exam().score(P1A=SEEN)
    ruled = exam()
    ruled.score(P1A=APART, T2B=APART)
    rule(ruled)
    rule(ruled, code="T2", lines={"T2.02": 1, "T2.03": 1, "T2.04": 1})
    correct(ruled, ratings={2: 0, 3: 0, 5: 0})
    made = practice()
    sign(made, begin(made))
    return ruled


def changed(table, pk, **columns):
    names = ", ".join(f"{name} = %s" for name in columns)
    behind_our_back(f"UPDATE {table} SET {names} WHERE id = %s", *columns.values(), pk)


def test_every_version_of_every_result_is_derived_again_the_same():
    history()
    found = replay()
    assert (found.results, found.differs) == (PracticalResult.objects.count(), [])
    assert found.results == 8


def test_the_plan_of_today_changes_nothing_that_was_decided():
    ruled = history()
    ruled.plan.total_cut, ruled.plan.minimum_stations, ruled.plan.discrepancy = 99, 2, 0
    ruled.plan.save()
    ruled.plan.stations.update(cut=95, weight=7)
    assert replay().differs == []
    assert rule(ruled, lines={"P1.02": 2, "P1.03": 2, "P1.05": 2}).outcome == "passed"
    assert replay().differs == []


def test_a_result_changed_in_the_database_is_named():
    history()
    failed = PracticalResult.objects.get(outcome="failed", appointment__exam_day__isnull=False)
    changed("practicals_practicalresult", failed.pk, outcome="passed")
    (differs,) = replay().differs
    assert (differs.what, differs.stored, differs.derived) == ("outcome", "passed", "failed")
    assert failed.appointment.candidate_number in str(differs)


def test_a_line_changed_in_the_database_is_named_by_station():
    built = exam()
    built.score(P1A={"ratings": {2: 1}})
    line = (
        built.result.appointment.assignments.get(place="B", station__checklist__code="P1")
        .assessments.get()
        .observations.get(criterion_code="P1.03")
    )
    changed("practicals_observation", line.pk, rating=0)
    said = {differs.what for differs in replay().differs}
    assert {"total", "station P1, percent_b", "station P1, percent"} <= said


def test_a_result_that_does_not_rest_on_what_is_in_force_is_named():
    built = exam()
    built.score()
    sheet = built.assignment("P1", "A").assessments.get()
    changed("practicals_practicalassessment", sheet.pk, active=False)
    (differs,) = replay().differs
    assert differs.what == "what it rests on"


def test_a_result_of_schema_1_is_derived_from_its_figures():
    built = exam()
    result = built.score(P1A={"ratings": {2: 1}})
    old = [
        {
            name: value
            for name, value in row.items()
            if name not in ("discrepancy", "from", "version")
        }
        | {"reasons": ["You passed station P1, Station P1."]}
        for row in result.stations
    ]
    changed(
        "practicals_practicalresult",
        result.pk,
        schema=1,
        rule="{}",
        reasons=json.dumps(["You passed 2 of 2 stations."]),
        stations=json.dumps(old),
    )
    assert replay().differs == []
    stored = PracticalResult.objects.get(pk=result.pk)
    assert not {"rule", "cause", "why", "by", "schema"} & set(stored.hashed_content())
    assert stored.reasons_said() == ["You passed 2 of 2 stations."]
    assert stored.stations_said()[0]["reasons"] == ["You passed station P1, Station P1."]


def test_the_command_says_how_many_and_fails_when_one_differs():
    built = exam()
    built.score()
    out = StringIO()
    call_command("replay_practicals", stdout=out)
    assert out.getvalue().strip() == "1 results derived again, 0 differ"
    changed("practicals_practicalresult", built.result.pk, total="50.00")
    errors = StringIO()
    with pytest.raises(CommandError, match="1 differ"):
        call_command("replay_practicals", stderr=errors)
    assert "total is stored as" in errors.getvalue()


def test_replaying_costs_the_same_for_one_result_or_many(django_assert_num_queries):
    from django.test.utils import CaptureQueriesContext

    def cost():
        with CaptureQueriesContext(connection) as queries:
            replay()
        return len(queries)

    exam().score()
    one = cost()
    for _time in range(2):
        exam().score()
    # Each newest result asks once more what is in force.
    assert (cost() - one) % 2 == 0 and cost() - one <= 2 * 12
