"""Editions of an exam plan: fixed once a day under them has begun, copied, changed, put in force, compared."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from accounts.models import Role
from accounts.services import Conflict, Forbidden, Invalid
from practicals import services
from practicals.models import Assignment, ExamDay, ExamPlan, Station
from practicals.plan_screens import change_words
from practicals.services import (
    begun_days,
    changes_of,
    next_edition,
    put_in_force,
    require_changeable,
)
from tests.factories import NOW, ActivityFactory, person
from tests.practicals.build import (
    BEFORE,
    exam,
    exam_day,
    load_checklists,
    plan_data,
    practice,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def plan():
    load_checklists("P1", "T2")
    return services.load_exam_plan(ActivityFactory(kind="practical"), plan_data(), BEFORE)


@pytest.fixture
def registrar():
    return person(Role.REGISTRAR)


def copy_of(plan, by, name="2027.1"):
    return next_edition(plan=plan, edition=name, by=by, at=NOW)


def load(plan, **fields):
    return services.load_exam_plan(plan.activity, plan_data(**fields), NOW)


RULES = {"total_cut_percent": 70, "stations_passed_min": 1, "station_cut_percent": 60}


# Fixed


def test_a_plan_changes_while_no_day_under_it_has_begun(plan):
    assert load(plan, pass_rule=RULES).total_cut == 70


def test_a_plan_is_fixed_once_the_first_round_of_an_accepted_candidate_is_due():
    built = exam(assigned=False)
    first = built.appointment.starts_at
    assert begun_days(built.plan, first - timedelta(minutes=1)) == []
    assert begun_days(built.plan, first) == [built.day]
    require_changeable(built.plan, first - timedelta(minutes=1))
    with pytest.raises(Conflict) as refusal:
        require_changeable(built.plan, first)
    assert refusal.value.code == "plan_fixed"


def test_a_plan_is_fixed_by_a_sheet_and_a_day_nobody_accepted_fixes_nothing():
    built = exam(accepted=False, assigned=False)
    assert begun_days(built.plan, built.day.begins + timedelta(days=1)) == []
    scored = exam()
    scored.send("P1", "A", final=False)
    assert begun_days(scored.plan, scored.appointment.starts_at - timedelta(days=1)) == [scored.day]


def test_loading_a_change_of_a_fixed_plan_is_refused_and_changes_nothing():
    built = exam()
    built.send("P1", "A", final=False)
    with pytest.raises(Conflict) as refusal:
        load(built.plan, pass_rule=RULES)
    assert refusal.value.code == "plan_fixed"
    built.plan.refresh_from_db()
    assert built.plan.total_cut == 65
    assert load(built.plan) == built.plan


# Editions


def test_a_file_that_names_another_edition_makes_it_and_supersedes_the_one_before(plan):
    new = load(plan, edition="2027.1", pass_rule=RULES)
    plan.refresh_from_db()
    assert (new.state, new.follows, new.total_cut) == ("in_force", plan, 70)
    assert (plan.state, plan.total_cut) == ("superseded", 65)
    assert list(ExamPlan.objects.filter(activity=plan.activity).in_force()) == [new]


def test_a_copy_has_every_rule_and_station_and_is_a_draft(plan, registrar):
    copy = copy_of(plan, registrar)
    assert (copy.state, copy.edition, copy.follows) == ("draft", "2027.1", plan)
    assert changes_of(copy) == []
    assert copy.stations.count() == 2
    assert plan.stations.count() == 2


def test_what_a_draft_changes_reads_as_sentences(plan, registrar):
    copy = copy_of(plan, registrar)
    ExamPlan.objects.filter(pk=copy.pk).update(total_cut=Decimal("67.5"))
    Station.objects.filter(plan=copy, checklist__code="P1").update(cut=65, drawn_from="A")
    copy = ExamPlan.objects.get(pk=copy.pk)
    assert [change_words(one) for one in changes_of(copy)] == [
        "Cut of the total: 65 → 67.5",
        "Station P1, drawn from: always there → A",
        "Station P1, cut: 60 → 65",
    ]


def test_a_day_keeps_the_edition_it_was_set_up_under():
    built = exam()
    new = copy_of(built.plan, built.registrar)
    put_in_force(plan=new, by=built.registrar, at=NOW)
    built.day.refresh_from_db()
    assert built.day.plan == built.plan
    assert built.score().outcome == "passed"


def test_putting_in_force_twice_is_once_and_a_superseded_one_does_not_return(plan, registrar):
    new = copy_of(plan, registrar)
    first = put_in_force(plan=new, by=registrar, at=NOW)
    assert put_in_force(plan=new, by=registrar, at=NOW + timedelta(days=1)).in_force_since == (
        first.in_force_since
    )
    with pytest.raises(Conflict) as refusal:
        put_in_force(plan=plan, by=registrar, at=NOW)
    assert refusal.value.code == "superseded"


def test_an_edition_that_does_not_add_up_is_not_put_in_force_and_says_why(plan, registrar):
    copy = copy_of(plan, registrar)
    Station.objects.filter(plan=copy, checklist__code="P1").update(weight=45)
    with pytest.raises(Conflict, match="weighs 95 in all, 5 less than 100"):
        put_in_force(plan=copy, by=registrar, at=NOW)


def test_nor_one_with_a_station_that_is_not_active(plan, registrar):
    copy = copy_of(plan, registrar)
    services.move_checklist(
        checklist=plan.stations.get(checklist__code="P1").checklist,
        to="suspended",
        comment="The script is known.",
        by=person(Role.ITEM_REVIEWER),
        at=NOW,
    )
    with pytest.raises(Conflict, match="P1 is suspended"):
        put_in_force(plan=copy, by=registrar, at=NOW)


@pytest.mark.parametrize(
    "role", [Role.CHIEF_EXAMINER, Role.EXAMINER, Role.INSTRUCTOR, Role.ITEM_REVIEWER]
)
def test_others_make_no_edition_and_put_none_in_force(plan, registrar, role):
    copy = copy_of(plan, registrar)
    stranger = person(role)
    with pytest.raises(Forbidden):
        copy_of(plan, stranger, "2028.1")
    with pytest.raises(Forbidden):
        put_in_force(plan=copy, by=stranger, at=NOW)


def test_an_edition_has_a_name_of_its_own(plan, registrar):
    copy_of(plan, registrar)
    with pytest.raises(Conflict) as refusal:
        copy_of(plan, registrar)
    assert refusal.value.code == "edition_exists"
    for name in ("", "  ", "x" * 21, "20\x0027"):
        with pytest.raises(Invalid):
            copy_of(plan, registrar, name)


def test_the_database_holds_one_edition_in_force(plan, registrar):
    copy = copy_of(plan, registrar)
    with pytest.raises(IntegrityError), transaction.atomic():
        ExamPlan.objects.filter(pk=copy.pk).update(state="in_force")
    copy.state = "in_force"
    with pytest.raises(ValidationError):
        copy.validate_constraints()


def test_a_draft_is_not_examined_under(plan, registrar):
    copy = copy_of(plan, registrar)
    with pytest.raises(Conflict) as refusal:
        services.draw_stations(exam_day=exam_day(copy), by=registrar, at=NOW)
    assert refusal.value.code == "plan_is_draft"


def test_a_plan_whose_weights_do_not_add_up_is_neither_loaded_nor_drawn(plan, registrar):
    data = plan_data()
    data["stations"][0]["weight"] = 60
    with pytest.raises(Conflict, match="10 more than 100"):
        services.load_exam_plan(plan.activity, data, NOW)
    Station.objects.filter(plan=plan, checklist__code="P1").update(weight=60)
    with pytest.raises(Conflict) as refusal:
        services.draw_stations(exam_day=exam_day(plan), by=registrar, at=NOW)
    assert refusal.value.code == "plan_at_fault"


def test_a_new_day_is_set_up_under_the_edition_in_force(plan, registrar):
    copy = copy_of(plan, registrar)
    day = exam_day(plan)
    new = ExamDay(plan=copy, date=day.date, begins_at=day.begins_at, place="Leeds", capacity=8)
    with pytest.raises(ValidationError, match="in force"):
        new.full_clean()
    new.plan = put_in_force(plan=copy, by=registrar, at=NOW)
    new.full_clean()
    day.full_clean()
    plan.refresh_from_db()
    with pytest.raises(ValidationError):
        ExamDay(plan=plan, date=day.date, begins_at=day.begins_at, place="Leeds").full_clean()


def test_whoever_examined_a_candidate_under_one_edition_does_not_under_the_next():
    built = exam()
    built.score(
        P1A={"ratings": {2: 0, 3: 0, 4: 0, 5: 0}}, P1B={"ratings": {2: 0, 3: 0, 4: 0, 5: 0}}
    )
    new = put_in_force(plan=copy_of(built.plan, built.registrar), by=built.registrar, at=NOW)
    later = exam_day(new, date=built.day.date + timedelta(days=60))
    bars = services.bars_of_day(
        exam_day=later, examiners=built.examiners, candidates=[built.candidate]
    )
    rules = {bar.rule for found in bars.values() for bar in found}
    assert rules == {"R56"}


# Within a course


def test_a_practice_station_that_was_scored_gives_way_to_a_new_one_and_keeps_its_scores():
    built = practice()
    (other,) = load_checklists("E1", pool="practice")
    services.start_formative(
        instructor=built.instructor, enrolment=built.enrolment, activity=built.activity, at=NOW
    )
    new = services.place_formative(activity=built.activity, checklist=other, at=NOW)
    assert [row.checklist for row in new.stations.all()] == [other]
    assert services.place_formative(activity=built.activity, checklist=other, at=NOW) == new
    assert Assignment.objects.get().station.checklist.code == "T1"
    assert ExamPlan.objects.in_force().get(activity=built.activity) == new
    services.start_formative(
        instructor=built.instructor, enrolment=built.enrolment, activity=built.activity, at=NOW
    )
    assert Assignment.objects.filter(station__checklist=other).exists()
