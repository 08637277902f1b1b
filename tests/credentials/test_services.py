"""Evidence, award and status: what is decided beneath everything else."""

import datetime as dt
import uuid

import pytest
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Notice
from accounts.services import Conflict, Forbidden, Invalid, record_teaching
from credentials import services
from credentials.models import (
    Application,
    Credential,
    CredentialType,
    Evidence,
    Renewal,
    Requirement,
    StatusEvent,
)
from credentials.requirements import State
from credentials.services import award
from credentials.validity import Status
from ledger.services import verify
from tests.credentials.scheme import (
    NEXT_YEAR,
    add,
    apply,
    held,
    nearly,
    need,
    registrar,
    report,
    review,
    revoke,
    scheme,
    send,
)
from tests.factories import NOW, CredentialTypeFactory, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def kind():
    return scheme()


def states(application, at=NOW):
    standings = services.standings_of([application], at=at)[application.pk]
    return {row.requirement.code: row.finding.state for row in standings}


def status(credential, at=NOW):
    credential = Credential.objects.get(pk=credential.pk)
    return services.standing_of(credential, at=at).status


# Evidence


def test_the_same_fact_is_written_once(kind):
    learner, reference = person(), uuid.uuid4()
    for _time in range(2):
        report(learner, kind, "written", reference=reference)
    assert Evidence.objects.count() == 1


def test_a_fact_that_never_counted_is_not_written(kind):
    report(person(), kind, "written", counts=False)
    assert not Evidence.objects.exists()


def test_a_retracted_fact_stays_on_record_and_no_longer_counts(kind):
    application, reference = apply(person(), kind), uuid.uuid4()
    report(application.applicant, kind, "written", reference=reference)
    assert states(application)["written"] is State.MET
    report(application.applicant, kind, "written", reference=reference, counts=False)
    assert states(application)["written"] is State.MISSING
    rows = Evidence.objects.filter(reference=reference).order_by("sequence")
    assert [row.counts for row in rows] == [True, False]


def test_a_retraction_leaves_other_facts_for_the_same_requirement(kind):
    application, first = apply(person(), kind), uuid.uuid4()
    report(application.applicant, kind, "written", reference=first)
    report(application.applicant, kind, "written")
    report(application.applicant, kind, "written", reference=first, counts=False)
    assert states(application)["written"] is State.MET


def test_a_fact_counts_up_to_and_with_its_last_day(kind):
    application = apply(person(), kind)
    report(application.applicant, kind, "insurance", valid_until=dt.date(2026, 12, 31))
    last_evening = dt.datetime(2026, 12, 31, 23, 59, tzinfo=dt.UTC)
    assert states(application, last_evening)["insurance"] is State.MET
    assert states(application, last_evening + dt.timedelta(minutes=2))["insurance"] is State.EXPIRED


def test_days_end_where_the_edition_says(kind):
    CredentialType.objects.update(zone="Pacific/Auckland")
    application = apply(person(), CredentialType.objects.get())
    report(application.applicant, kind, "insurance", valid_until=NOW.date())
    noon_utc = dt.datetime(2026, 11, 23, 12, 0, tzinfo=dt.UTC)  # past midnight there
    assert states(application, noon_utc)["insurance"] is State.EXPIRED


def test_evidence_hangs_together(kind):
    held(kind)
    assert list(verify(Evidence)) == []
    assert list(verify(StatusEvent)) == []


def test_standings_need_no_more_queries_for_more_people(kind, django_assert_max_num_queries):
    rows = [nearly(kind) for _person in range(4)]
    applications = list(Application.objects.select_related("credential_type"))
    with django_assert_max_num_queries(5):
        standings = services.standings_of(applications, at=NOW)
    assert len(standings) == len(rows)


# The award


def test_the_last_requirement_met_issues_the_credential_at_once(kind):
    application = nearly(kind)
    assert not Credential.objects.exists()
    credential = report(application.applicant, kind, "written")
    assert credential.number.startswith("SMT-")
    assert (credential.valid_from, credential.valid_until) == (
        dt.date(2026, 11, 23),
        dt.date(2028, 11, 22),
    )
    assert credential.statement["edition"] == "2026.1"
    assert [event.kind for event in credential.events.all()] == ["issued"]
    application.refresh_from_db()
    assert application.closed_at == NOW


def test_a_registrars_last_acceptance_issues_it_too(kind):
    application = nearly(kind, missing="insurance")
    review(send(application, "insurance"), registrar())
    assert Credential.objects.get().holder == application.applicant


def test_it_is_issued_once_however_often_it_is_asked_for(kind):
    credential = held(kind)
    again = services.award_if_due(learner=credential.holder, credential_type=kind, at=NOW)
    assert again is None
    assert services.award_due(at=NOW) == 0
    report(credential.holder, kind, "written")
    assert Credential.objects.count() == StatusEvent.objects.count() == 1


def test_nothing_is_issued_without_an_application(kind):
    learner = person()
    for code in ("education", "written", "licence", "insurance", "agreement"):
        report(learner, kind, code)
    assert not Credential.objects.exists()
    apply(learner, kind)
    assert Credential.objects.get().holder == learner


def test_an_edition_without_requirements_awards_nothing():
    kind = CredentialTypeFactory()
    apply(person(), kind)
    assert not Credential.objects.exists()


def test_the_sweep_issues_what_was_missed(kind):
    application = nearly(kind)
    CredentialType.objects.update(award=CredentialType.Award.BY_DECISION)
    report(application.applicant, CredentialType.objects.get(), "written")
    CredentialType.objects.update(award=CredentialType.Award.AUTOMATIC)
    assert services.award_due(at=NOW) == 1
    assert Credential.objects.count() == 1


def test_a_credential_that_cannot_be_issued_holds_up_no_other(kind, monkeypatch):
    CredentialType.objects.update(award=CredentialType.Award.BY_DECISION)
    kind.refresh_from_db()
    first, second = (nearly(kind) for _time in range(2))
    for application in (first, second):
        report(application.applicant, kind, "written")
    CredentialType.objects.update(award=CredentialType.Award.AUTOMATIC)
    issue = award._issue

    def breaks(*, application, **given):
        if application.pk == first.pk:
            raise RuntimeError
        return issue(application=application, **given)

    monkeypatch.setattr(award, "_issue", breaks)
    assert services.award_due(at=NOW) == 1
    assert Credential.objects.get().application == second


def test_the_sweep_asks_no_more_for_more_applications(kind, django_assert_max_num_queries):
    for _time in range(3):
        nearly(kind)
    with CaptureQueriesContext(connection) as few:
        services.award_due(at=NOW)
    for _time in range(3):
        nearly(kind)
    with django_assert_max_num_queries(len(few)):
        services.award_due(at=NOW)


def test_the_holder_is_told(kind):
    credential = held(kind)
    notice = Notice.objects.get(recipient=credential.holder, kind="credential_issued")
    assert credential.number in notice.subject
    assert "22 November 2028" in notice.body
    assert "What next" in notice.body


def test_a_credential_stays_when_evidence_is_retracted_afterwards(kind):
    application, reference = nearly(kind), uuid.uuid4()
    credential = report(application.applicant, kind, "written", reference=reference)
    report(application.applicant, kind, "written", reference=reference, counts=False)
    assert status(credential) is Status.ACTIVE


# Award by decision


@pytest.fixture
def by_decision():
    return scheme(award=CredentialType.Award.BY_DECISION)


def test_a_type_that_awards_by_decision_waits_for_one(by_decision):
    application = nearly(by_decision)
    report(application.applicant, by_decision, "written")
    assert not Credential.objects.exists()
    assert services.decisions_due(at=NOW) == [application]
    boss = registrar()
    credential = services.decide(application=application, by=boss, at=NOW)
    assert credential.events.get().by == boss
    assert services.decide(application=application, by=boss, at=NOW) == credential
    assert services.decisions_due(at=NOW) == []


def test_nothing_is_decided_while_a_requirement_is_missing(by_decision):
    with pytest.raises(Conflict, match="Written") as refusal:
        services.decide(application=nearly(by_decision), by=registrar(), at=NOW)
    assert refusal.value.code == "requirements_missing"


def test_nobody_decides_on_themselves_or_on_somebody_they_taught(by_decision):
    boss = registrar()
    own = nearly(by_decision, boss)
    report(boss, by_decision, "written")
    with pytest.raises(Forbidden) as refusal:
        services.decide(application=own, by=boss, at=NOW)
    assert refusal.value.code == "R2"
    pupil = nearly(by_decision)
    report(pupil.applicant, by_decision, "written")
    record_teaching(
        teacher=boss,
        learner=pupil.applicant,
        subject="Palpation",
        taught_on=NOW.date(),
        by=None,
        at=NOW,
    )
    with pytest.raises(Forbidden) as refusal:
        services.decide(application=pupil, by=boss, at=NOW)
    assert refusal.value.code == "R2"
    with pytest.raises(Forbidden):
        services.decide(application=pupil, by=person("instructor"), at=NOW)


def test_after_a_revocation_only_a_decision_awards_again_and_the_examination_is_sat_again(kind):
    credential, boss = held(kind), registrar()
    later = NOW + dt.timedelta(days=30)
    revoke(credential, by=boss, at=later)
    application = apply(credential.holder, kind, at=later + dt.timedelta(days=1))
    assert states(application, later)["written"] is State.MISSING
    assert states(application, later)["education"] is State.MET
    report(credential.holder, kind, "written", at=later + dt.timedelta(days=2))
    assert Credential.objects.count() == 1
    assert services.decisions_due(at=later + dt.timedelta(days=2)) == [application]
    services.decide(application=application, by=boss, at=later + dt.timedelta(days=3))
    assert Credential.objects.count() == 2


def test_the_first_credentials_own_examination_goes_on_counting_in_its_dossier(kind):
    credential, boss = held(kind), registrar()
    revoke(credential, by=boss, at=NOW)
    apply(credential.holder, kind, at=NOW + dt.timedelta(days=1))
    assert states(credential.application)["written"] is State.MET


# Status


def test_suspended_reinstated_revoked(kind):
    credential, boss = held(kind), registrar()
    suspended = services.suspend(
        credential=credential, reason_code="S1", by=boss, at=NOW, note="private"
    )
    assert status(credential) is Status.SUSPENDED
    assert (suspended.reason_text, suspended.note) == ("Reason S1.", "private")
    services.reinstate(credential=credential, reason_code="T1", by=boss, at=NOW)
    assert status(credential) is Status.ACTIVE
    revoke(credential, by=boss, at=NOW)
    assert status(credential) is Status.REVOKED
    assert list(verify(StatusEvent)) == []


def test_the_same_change_asked_for_twice_is_made_once(kind):
    credential, boss = held(kind), registrar()
    first = services.suspend(credential=credential, reason_code="S1", by=boss, at=NOW)
    again = services.suspend(credential=credential, reason_code="S1", by=boss, at=NOW)
    assert first == again
    with pytest.raises(Conflict):
        services.suspend(credential=credential, reason_code="S2", by=boss, at=NOW)
    with pytest.raises(Conflict):
        services.suspend(credential=credential, reason_code="S1", by=registrar(), at=NOW)
    assert credential.events.count() == 2


def test_the_same_change_later_is_a_new_one(kind):
    credential, boss = held(kind), registrar()
    for _time in range(2):
        services.suspend(credential=credential, reason_code="S1", by=boss, at=NOW)
        services.reinstate(credential=credential, reason_code="T1", by=boss, at=NOW)
    assert credential.events.count() == 5


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ("suspend", "R1"),
        ("suspend", "nonsense"),
        ("suspend", ""),
        ("suspend", "L1"),
        ("revoke", "S1"),
    ],
)
def test_a_change_names_a_reason_of_its_own_kind(kind, change, code):
    with pytest.raises(Invalid) as refusal:
        getattr(services, change)(credential=held(kind), reason_code=code, by=registrar(), at=NOW)
    assert "reason_code" in refusal.value.fields


def test_a_reason_of_another_scheme_is_none(kind):
    other = scheme(code="RMT")
    add(other, "extra", Requirement.Kind.DOCUMENT)
    credential = held(kind)
    other.reasons.filter(code="S1").update(code="X9")
    with pytest.raises(Invalid):
        services.suspend(credential=credential, reason_code="X9", by=registrar(), at=NOW)


def test_only_a_registrar_changes_a_status_and_never_their_own(kind):
    boss = registrar()
    credential = held(kind, boss)
    for stranger in (person(), person("examiner", "administrator"), credential.holder):
        with pytest.raises(Forbidden) as refusal:
            services.suspend(credential=credential, reason_code="S1", by=stranger, at=NOW)
        assert refusal.value.code == ("R2" if stranger == boss else "wrong_role")


def test_nothing_follows_a_revocation(kind):
    credential, boss = held(kind), registrar()
    revoke(credential, by=boss, at=NOW)
    for change, code in (("suspend", "S1"), ("reinstate", "T1"), ("renew", "N1")):
        with pytest.raises(Conflict):
            getattr(services, change)(credential=credential, reason_code=code, by=boss, at=NOW)


def test_an_expired_credential_is_neither_suspended_nor_renewed(kind):
    credential, boss = held(kind), registrar()
    late = NOW + dt.timedelta(days=800)
    assert status(credential, late) is Status.EXPIRED
    for change, code in (("suspend", "S1"), ("renew", "N1")):
        with pytest.raises(Conflict):
            getattr(services, change)(credential=credential, reason_code=code, by=boss, at=late)


def test_a_renewal_goes_on_from_the_last_day_under_the_same_number(kind):
    credential, boss = held(kind), registrar()
    soon = dt.datetime(2028, 11, 1, 9, 0, tzinfo=dt.UTC)
    event = services.renew(
        credential=credential, reason_code="N1", hours=26, ethics_hours=3, by=boss, at=soon
    )
    credential.refresh_from_db()
    assert credential.valid_until == event.valid_until == dt.date(2030, 11, 22)
    assert event.renewal.hours == 26
    assert status(credential, soon + dt.timedelta(days=600)) is Status.ACTIVE


@pytest.mark.parametrize("ethics", [27, -1])
def test_hours_in_ethics_are_part_of_all_hours(kind, ethics):
    credential, boss = held(kind), registrar()
    with pytest.raises(Invalid) as refused:
        services.renew(
            credential=credential,
            reason_code="N1",
            by=boss,
            at=NOW,
            hours=26,
            ethics_hours=ethics,
        )
    assert list(refused.value.fields) == ["ethics_hours"]
    assert credential.events.count() == 1
    with pytest.raises(IntegrityError, match="hours_in_ethics_are_part_of_all_hours"):
        Renewal.objects.create(event=credential.events.get(), hours=26, ethics_hours=ethics)


def test_a_credential_is_valid_for_a_year_or_more():
    with pytest.raises(IntegrityError, match="a_credential_is_valid_for_a_year_or_more"):
        CredentialTypeFactory(validity_years=0)


def test_a_renewal_is_made_once_and_the_next_when_its_period_has_begun(kind):
    credential, boss, other = held(kind), registrar(), registrar()
    day = dt.datetime(2028, 11, 22, 9, 0, tzinfo=dt.UTC)  # its last day
    first = services.renew(credential=credential, reason_code="N1", by=boss, at=day)
    assert services.renew(credential=credential, reason_code="N1", by=boss, at=day) == first
    with pytest.raises(Conflict) as refusal:
        services.renew(credential=credential, reason_code="N1", by=other, at=day)
    assert refusal.value.code == "renewed_already"
    begun = day + dt.timedelta(days=1)
    second = services.renew(credential=credential, reason_code="N1", by=boss, at=begun)
    assert second != first
    assert second.valid_until == dt.date(2032, 11, 22)


def test_the_holder_alone_decides_about_the_public_listing(kind):
    credential = held(kind)
    services.list_publicly(credential=credential, listed=False, by=credential.holder, at=NOW)
    credential.refresh_from_db()
    assert not credential.listed
    with pytest.raises(Forbidden):
        services.list_publicly(credential=credential, listed=True, by=registrar(), at=NOW)


def test_a_day_to_come_has_no_status(kind):
    credential = held(kind)
    with pytest.raises(Invalid) as refusal:
        services.standing_of(credential, at=NOW, on=NOW.date() + dt.timedelta(days=1))
    assert refusal.value.code == "day_to_come"


@settings(
    deadline=None,
    max_examples=25,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    steps=st.lists(
        st.tuples(
            st.sampled_from(["suspend", "reinstate", "revoke", "renew"]), st.integers(0, 400)
        ),
        max_size=7,
    ),
    asked=st.integers(0, 1500),
)
def test_whatever_registrars_do_the_history_agrees_with_the_standing(kind, steps, asked):
    credential, boss, at = held(kind, person()), registrar(), NOW
    codes = {"suspend": "S1", "reinstate": "T1", "revoke": "R1", "renew": "N1"}
    for change, days in steps:
        at += dt.timedelta(days=days)
        try:
            getattr(services, change)(
                credential=credential, reason_code=codes[change], by=boss, at=at
            )
        except Conflict:
            continue
    when = NOW + dt.timedelta(days=asked, hours=3)
    fresh = Credential.objects.prefetch_related("events").get(pk=credential.pk)
    spans = services.history_of(fresh, at=when)
    assert spans[-1].status is services.standing_of(fresh, at=when).status
    assert [span.until for span in spans[:-1]] == [span.since for span in spans[1:]]


# What waits for a registrar


def test_matters_are_the_oldest_first_and_know_their_time(kind):
    old, new = apply(person(name="Ada"), kind), apply(person(), kind)
    send(new, at=NOW)
    send(old, at=NOW - dt.timedelta(days=21))
    first, second = services.matters(at=NOW)
    assert (first.reference, second.reference) == (old.reference, new.reference)
    assert first.due < NOW.date() < second.due


def test_matters_name_decisions_endings_and_what_should_be_signed_by_now(by_decision):
    application = nearly(by_decision)
    report(application.applicant, by_decision, "written")
    assert [matter.kind for matter in services.matters(at=NOW)] == ["decision"]
    services.decide(application=application, by=registrar(), at=NOW)
    later = NOW + dt.timedelta(hours=1)
    assert [matter.kind for matter in services.matters(at=later)] == ["unsigned"]
    near_the_end = dt.datetime(2028, 9, 1, 12, 0, tzinfo=dt.UTC)
    kinds = [matter.kind for matter in services.matters(at=near_the_end)]
    # licence and insurance ran out in the year before, and nothing newer has come
    assert kinds == ["unsigned", "ending", "ending", "expiring"]


def test_matters_ask_no_more_for_more_rows(kind, django_assert_max_num_queries):
    send(apply(person(), kind))
    with CaptureQueriesContext(connection) as few:
        services.matters(at=NOW)
    for _time in range(4):
        send(apply(person(), kind))
    with django_assert_max_num_queries(len(few)):
        assert len(services.matters(at=NOW)) == 5


@pytest.mark.parametrize(
    ("first", "last", "days"),
    [
        ("2026-11-23", "2026-11-23", 0),
        ("2026-11-23", "2026-11-24", 1),
        ("2026-11-20", "2026-11-23", 1),  # over a weekend
        ("2026-11-21", "2026-11-22", 0),
        ("2026-11-23", "2026-12-07", 10),
        ("2026-12-07", "2026-11-23", -10),
    ],
)
def test_working_days(first, last, days):
    assert services.working_days(dt.date.fromisoformat(first), dt.date.fromisoformat(last)) == days


@given(st.dates(dt.date(2020, 1, 1), dt.date(2030, 1, 1)), st.integers(1, 60))
def test_the_day_after_some_working_days_is_that_many_away(day, count):
    assert services.working_days(day, services.after_working_days(day, count)) == count


# Editions


def test_an_edition_in_force_is_copied_opened_and_the_old_one_closes(kind):
    boss = registrar()
    draft = services.draft_next_edition(credential_type=kind, edition="2027.1", by=boss, at=NOW)
    assert draft.state == CredentialType.State.DRAFT
    assert draft.uuid != kind.uuid
    assert list(draft.requirements.values_list("code", flat=True)) == list(
        kind.requirements.values_list("code", flat=True)
    )
    assert draft.reasons.get(code="L1").requirement == need(draft, "licence")
    again = services.draft_next_edition(credential_type=kind, edition="2027.1", by=boss, at=NOW)
    assert again == draft
    services.open_edition(credential_type=draft, by=boss, at=NOW)
    kind.refresh_from_db()
    assert kind.state == CredentialType.State.CLOSED
    services.open_edition(credential_type=draft, by=boss, at=NOW)
    with pytest.raises(Conflict):
        services.open_edition(credential_type=kind, by=boss, at=NOW)


def test_no_course_of_ours_may_be_the_only_road(kind):
    draft = services.draft_next_edition(credential_type=kind, edition="2027.1", by=None, at=NOW)
    draft.requirements.filter(code="education").update(accepts_document=False)
    with pytest.raises(Invalid, match="R5"):
        services.open_edition(credential_type=draft, by=registrar(), at=NOW)


def test_only_registrars_and_administrators_set_editions_up(kind):
    for stranger in (person(), person("instructor", "examiner")):
        with pytest.raises(Forbidden):
            services.close_edition(credential_type=kind, by=stranger, at=NOW)
    services.close_edition(credential_type=kind, by=person("administrator"), at=NOW)
    with pytest.raises(Conflict):
        apply(person(), CredentialType.objects.get())


def test_an_application_keeps_its_edition_when_the_next_one_opens(kind):
    application = nearly(kind)
    draft = services.draft_next_edition(credential_type=kind, edition="2027.1", by=None, at=NOW)
    services.open_edition(credential_type=draft, by=None, at=NOW)
    credential = report(application.applicant, kind, "written")
    assert credential.statement["edition"] == "2026.1"


def test_names_are_searched_without_case_accents_or_double_blanks():
    assert services.fold("  Ana  LÚCIA Kovač ") == "ana lucia kovac"
    assert services.fold("李雷") == "李雷"


def test_the_road_says_what_is_next(kind):
    application = apply(person(), kind)
    document = send(application, "insurance")
    review(document, registrar(), "more_information")
    standings = services.standings_of([application], at=NOW)[application.pk]
    milestones = services.road(standings, on=NOW.date())
    places = {row.requirement.code: (row.place, row.word) for row in milestones}
    assert places["agreement"] == ("done", "Done")
    assert places["insurance"] == ("now", "Sent back")
    assert places["written"] == ("wait", "To come")
    assert services.next_milestone(milestones).requirement.code == "insurance"
    link = services.Action("/exam/", "Sit the examination")
    milestones = services.road(standings, on=NOW.date(), links={need(kind, "written").pk: link})
    assert next(row for row in milestones if row.requirement.code == "written").acts


def test_the_road_warns_before_a_document_runs_out(kind):
    application = apply(person(), kind)
    review(send(application, "insurance", valid_until=dt.date(2026, 12, 24)), registrar())
    standings = services.standings_of([application], at=NOW)[application.pk]
    (row,) = [
        row
        for row in services.road(standings, on=NOW.date())
        if row.requirement.code == "insurance"
    ]
    assert (row.place, row.word, row.action.label) == (
        "done",
        "Expires in 31 days",
        "Send the new one",
    )
    send(application, "insurance", at=NOW, valid_until=NEXT_YEAR, number="new")
    standings = services.standings_of([application], at=NOW)[application.pk]
    (row,) = [
        row
        for row in services.road(standings, on=NOW.date())
        if row.requirement.code == "insurance"
    ]
    assert "with the register" in row.sentence
    assert row.action is None
