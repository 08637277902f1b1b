"""Freezing and loading checklists and plans, and drawing a day's stations."""

from pathlib import Path

import pytest
import yaml
from django.core.exceptions import ValidationError

from accounts.models import Role
from accounts.services import Conflict, Forbidden, Invalid
from courses.models import Claim, Figure
from ledger.services import verify
from practicals import services
from practicals.models import (
    GLOBAL_ANCHORS,
    Checklist,
    ChecklistVersion,
    Criterion,
    ExamPlan,
    Station,
)
from tests.factories import NOW, ActivityFactory, person
from tests.practicals.bank import SVG
from tests.practicals.build import checklist_data, exam, exam_day, load_checklists, plan_data

pytestmark = pytest.mark.django_db
CONTENT = Path(__file__).resolve().parents[2] / "content"


def test_publishing_a_checklist_freezes_a_version_with_its_lines():
    (checklist,) = load_checklists("P1")
    version = checklist.versions.get()
    assert version.number == 1
    assert version.content["violations"][0] == {"code": "P1.a", "text": "Wrong a"}
    assert version.content["equipment"] == ["table", "linen"]
    assert [line.code for line in version.criteria.all()][:2] == ["P1.01", "P1.02"]
    assert version.criteria.get(position=1).critical
    assert checklist.live


def test_loading_the_same_again_makes_no_version_and_no_revision():
    load_checklists("P1")
    (checklist,) = load_checklists("P1")
    assert checklist.versions.count() == 1
    assert checklist.revisions.count() == 1


def test_publishing_unchanged_content_makes_no_version():
    (checklist,) = load_checklists("P1")
    checklist.save_revision().publish()
    assert checklist.versions.count() == 1


def test_a_changed_line_makes_a_new_version_and_leaves_the_old_one_alone():
    load_checklists("P1")
    data = checklist_data("P1")
    data["criteria"][3]["text"] = "Does it better"
    checklist = services.load_checklist(data, NOW)
    first, second = checklist.versions.order_by("number")
    assert first.criteria.get(code="P1.04").text == "Does thing 4"
    assert second.criteria.get(code="P1.04").text == "Does it better"
    assert list(verify(ChecklistVersion)) == list(verify(Criterion)) == []


def test_a_draft_is_not_frozen():
    (checklist,) = load_checklists("P1")
    checklist.title = "Changed, but not published"
    checklist.save_revision()
    assert checklist.versions.count() == 1


def test_a_code_used_twice_is_refused():
    data = checklist_data("P1")
    data["criteria"][1]["code"] = "P1.01"
    with pytest.raises(ValidationError, match="used twice"):
        services.load_checklist(data, NOW)
    assert not Checklist.objects.exists()


def read_with_figures(path):
    """A file of content/checklists; the figures and claims it names are made."""
    data = yaml.safe_load(path.read_text())
    for entry in data.get("figures", []):
        Figure.objects.get_or_create(
            code=entry["figure"], defaults={"title": "A", "svg": SVG, "alt": "A", "credit": "A"}
        )
    for code in data.get("claims", []):
        Claim.objects.get_or_create(code=code, defaults={"review_by": "2028-11-01"})
    return data


def test_every_practice_station_of_the_content_has_a_stem_of_its_own_and_lacks_nothing():
    for path in sorted((CONTENT / "checklists").glob("[!g]*.yaml")):
        services.load_checklist(read_with_figures(path), NOW)
    paths = sorted((CONTENT / "checklists/practice").glob("*.yaml"))
    for path in paths:
        data = read_with_figures(path)
        station = services.load_checklist({**data, "pool": "practice"}, NOW)
        examined = Checklist.objects.get(code=data["lines_of"])
        assert services.lacks_of(station, at=NOW) == {}
        assert station.frozen_lines == examined.frozen_lines
        for field in ("scenario", "candidate_instructions", "client_script"):
            assert getattr(station, field) != getattr(examined, field)
    assert len(paths) == 6


def test_all_eleven_checklists_and_the_plan_of_the_scheme_are_loaded_whole():
    files = sorted(
        path for path in (CONTENT / "checklists").glob("*.yaml") if path.stem != "global"
    )
    for path in files:
        data = read_with_figures(path)
        version = services.load_checklist(data, NOW).versions.get()
        assert [line.code for line in version.criteria.all()] == [
            line["code"] for line in data["criteria"]
        ]
        assert version.criteria.filter(critical=True).count() == sum(
            line["critical"] for line in data["criteria"]
        )
        assert list(version.violation_texts) == [entry["code"] for entry in data["violations"]]
    assert Checklist.objects.count() == 11
    for checklist in Checklist.objects.all():
        assert services.lacks_of(checklist, at=NOW) == {}
    activity = ActivityFactory(kind="practical")
    plan = services.load_exam_plan(
        activity, yaml.safe_load((CONTENT / "exams/practical.yaml").read_text()), NOW
    )
    assert (plan.total_cut, plan.minimum_stations, plan.trainer_bar_months) == (65, 6, 24)
    day = exam_day(plan)
    stations = services.draw_stations(exam_day=day, by=None, at=NOW, seed=1)
    assert len(stations) == 8
    assert sum(station.weight for station in stations) == 100


def test_the_global_scale_is_that_of_the_content():
    written = yaml.safe_load((CONTENT / "checklists/global.yaml").read_text())
    assert [(value, str(word), str(text)) for value, word, text in GLOBAL_ANCHORS] == [
        (entry["value"], entry["label"], entry["text"]) for entry in written
    ]


def test_loading_a_plan_twice_changes_nothing():
    load_checklists("P1", "T2")
    activity = ActivityFactory(kind="practical")
    first = services.load_exam_plan(activity, plan_data(), NOW)
    before = list(Station.objects.values_list())
    assert services.load_exam_plan(activity, plan_data(), NOW) == first
    assert list(Station.objects.values_list()) == before


def test_a_plan_with_an_unknown_checklist_is_refused():
    with pytest.raises(Invalid, match="no checklist P1"):
        services.load_exam_plan(ActivityFactory(kind="practical"), plan_data(), NOW)


def test_a_station_that_was_examined_cannot_leave_its_plan():
    built = exam()
    with pytest.raises(Conflict) as refusal:
        services.load_exam_plan(built.activity, plan_data([("P1", "")]), NOW)
    assert refusal.value.code == "station_in_use"


def test_an_examination_does_not_become_a_practice_station():
    built = exam()
    with pytest.raises(Conflict):
        services.place_formative(
            activity=built.activity, checklist=Checklist.objects.get(code="P1"), at=NOW
        )
    assert ExamPlan.objects.get(activity=built.activity).kind == ExamPlan.Kind.CERTIFYING


def test_one_of_each_pair_is_drawn_and_the_same_seed_draws_the_same():
    load_checklists("P1", "T1", "T6", "T2", "T4")
    plan = services.load_exam_plan(
        ActivityFactory(kind="practical"),
        plan_data([("P1", ""), ("T1", "A"), ("T6", "A"), ("T2", "B"), ("T4", "B")]),
        NOW,
    )
    day, registrar = exam_day(plan), person(Role.REGISTRAR)
    drawn = services.draw_stations(exam_day=day, by=registrar, at=NOW, seed=4)
    assert [station.drawn_from for station in drawn] == ["", "A", "B"]
    assert services.draw_stations(exam_day=day, by=registrar, at=NOW, seed=4) == drawn
    day.refresh_from_db()
    assert day.seed == 4
    assert set(day.stations.all()) == set(drawn)


def test_only_a_registrar_draws_and_nobody_draws_again_once_examiners_are_assigned():
    built = exam()
    with pytest.raises(Forbidden):
        services.draw_stations(exam_day=built.day, by=built.chief, at=NOW)
    with pytest.raises(Conflict) as refusal:
        services.draw_stations(exam_day=built.day, by=built.registrar, at=NOW, seed=9999)
    assert refusal.value.code == "examiners_assigned"


def test_a_new_version_on_the_day_does_not_change_what_is_scored_there():
    built = exam()
    data = checklist_data("P1")
    data["title"] = "Rewritten"
    services.load_checklist(data, NOW)
    second = built.accept(built.offer(_another(built)))
    for place in "AB":
        examiner = person(Role.EXAMINER)
        built.day.examiners.add(examiner)
        services.assign_examiner(
            appointment=second,
            station=built.station("P1"),
            place=place,
            examiner=examiner,
            by=built.registrar,
            at=NOW,
        )
    assert {row.checklist_version.number for row in second.assignments.all()} == {1}


def _another(built):
    from tests.practicals.build import applicant

    return applicant(built.credential_type)


def test_the_review_workflow_is_made_once():
    first = services.ensure_checklist_workflow()
    assert services.ensure_checklist_workflow() == first
    (checklist,) = load_checklists("P1")
    assert checklist.get_workflow() == first
