"""Two at the same moment: one credential, one ISSUED event, one decision, one change."""

import datetime as dt
import uuid

import pytest

from accounts.models import User
from accounts.services import Conflict
from credentials import services
from credentials.models import (
    Application,
    Credential,
    CredentialType,
    Document,
    DocumentReview,
    Evidence,
    Proposal,
    StatusEvent,
)
from ledger.services import verify
from tests.credentials.scheme import (
    a_file,
    apply,
    held,
    nearly,
    need,
    registrar,
    report,
    review,
    scheme,
    send,
)
from tests.factories import NOW, person

pytestmark = pytest.mark.postgres
ROUNDS = range(5)


@pytest.fixture(autouse=True)
def _uploads_of_this_test_alone(settings, tmp_path):
    private = {**settings.STORAGES["private"], "OPTIONS": {"location": tmp_path, "base_url": None}}
    settings.STORAGES = {**settings.STORAGES, "private": private}


def fresh(row):
    """The row as another process would load it."""
    return type(row).objects.get(pk=row.pk)


def reported(learner, kind, code):
    """What another worker does: load everything itself, then report one result."""
    learner, kind = fresh(learner), fresh(kind)
    return services.record_evidence(
        learner=learner,
        requirement=need(kind, code),
        source="quiz",
        reference=uuid.uuid4(),
        label=f"{code} passed",
        by=None,
        at=NOW,
    )


@pytest.mark.parametrize("_round", ROUNDS)
def test_two_last_results_at_once_issue_one_credential(together, _round):
    kind = scheme()
    application = apply(person(), kind)
    boss = registrar()
    for code in ("licence", "insurance"):
        review(send(application, code), boss)
    outcomes = together(
        lambda: reported(application.applicant, kind, "education"),
        lambda: reported(application.applicant, kind, "written"),
    )
    assert not [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    assert Credential.objects.count() == 1
    assert StatusEvent.objects.filter(kind="issued").count() == 1
    assert list(verify(Evidence)) == []


def test_a_result_and_an_acceptance_at_once_issue_one_credential(together):
    kind = scheme()
    application = nearly(kind)
    newer = send(application, "insurance", number="renewed")
    boss = registrar()
    outcomes = together(
        lambda: reported(application.applicant, kind, "written"),
        lambda: review(fresh(newer), fresh(boss)),
    )
    errors = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    # The review may find the application closed by the award; then it says so.
    assert all(
        isinstance(error, Conflict) and error.code == "application_closed" for error in errors
    )
    assert StatusEvent.objects.filter(kind="issued").count() == 1


def test_a_double_click_on_apply_is_one_application(together):
    kind, applicant = scheme(), person()
    outcomes = together(*[lambda: apply(fresh(applicant), fresh(kind)) for _time in range(4)])
    assert {outcome.pk for outcome in outcomes} == {Application.objects.get().pk}
    assert Evidence.objects.count() == 1


def test_the_same_upload_in_two_tabs_is_one_document(together):
    kind = scheme()
    application = apply(person(), kind)
    outcomes = together(*[lambda: send(fresh(application), file=a_file()) for _time in range(3)])
    assert {outcome.pk for outcome in outcomes} == {Document.objects.get().pk}


def test_two_registrars_on_one_document_make_one_decision(together):
    document = send(apply(person(), scheme()))
    one, other = registrar(), registrar()
    outcomes = together(
        lambda: review(fresh(document), fresh(one), "met"),
        lambda: review(fresh(document), fresh(other), "not_met"),
    )
    refusals = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    assert [refusal.code for refusal in refusals] == ["already_decided"]
    decided = DocumentReview.objects.get()
    assert Evidence.objects.filter(source="document").count() == (decided.outcome == "met")


def test_two_registrars_suspending_at_once_make_one_event(together):
    credential = held(scheme())
    bosses = [registrar(), registrar()]
    outcomes = together(
        *[
            lambda boss=boss: services.suspend(
                credential=fresh(credential), reason_code="S1", by=fresh(boss), at=NOW
            )
            for boss in bosses
        ]
    )
    refusals = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    assert [refusal.code for refusal in refusals] == ["not_from_this_status"]
    assert credential.events.filter(kind="suspended").count() == 1
    assert list(verify(StatusEvent)) == []


def revoking(credential, boss):
    """What a registrar's request to revoke does, with everything loaded anew."""
    return services.revoke(credential=fresh(credential), reason_code="R1", by=fresh(boss), at=NOW)


def test_suspending_and_revoking_at_once_leave_a_chain_that_holds(together):
    credential, boss, first, second = held(scheme()), registrar(), registrar(), registrar()
    revoking(credential, first)
    together(
        lambda: services.suspend(
            credential=fresh(credential), reason_code="S1", by=fresh(boss), at=NOW
        ),
        lambda: revoking(credential, second),
    )
    assert credential.events.filter(kind="revoked").count() == 1
    assert list(verify(StatusEvent)) == []
    status = services.standing_of(fresh(credential), at=NOW).status
    assert status == "revoked"


@pytest.mark.parametrize("_round", ROUNDS)
def test_two_second_registrars_at_once_revoke_once(together, _round):
    credential, first = held(scheme()), registrar()
    revoking(credential, first)
    bosses = [registrar(), registrar()]
    outcomes = together(*[lambda boss=boss: revoking(credential, boss) for boss in bosses])
    assert credential.events.filter(kind="revoked").count() == 1
    assert Proposal.objects.filter(step="approved").count() == 1
    refusals = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    assert [refusal.code for refusal in refusals] == ["not_from_this_status"]


@pytest.mark.parametrize("_round", ROUNDS)
@pytest.mark.parametrize("ends", ["declined", "withdrawn"])
def test_signed_while_it_is_declined_or_taken_back_it_is_one_or_the_other(together, ends, _round):
    credential, first, second, third = held(scheme()), registrar(), registrar(), registrar()
    revoking(credential, first)
    ender = third if ends == "declined" else first
    outcomes = together(
        lambda: services.revoke(credential=fresh(credential), by=fresh(second), at=NOW),
        lambda: services.decline_revocation(
            credential=fresh(credential), by=fresh(ender), at=NOW, note="It was another person."
        ),
    )
    refusals = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    assert [refusal.code for refusal in refusals] == ["not_proposed"], outcomes
    last = Proposal.objects.order_by("-sequence").first()
    revoked = last.step == "approved"
    assert last.step in ("approved", ends) and Proposal.objects.count() == 2
    assert services.standing_of(fresh(credential), at=NOW).status == (
        "revoked" if revoked else "active"
    )
    assert list(verify(Proposal)) == list(verify(StatusEvent)) == []


def test_a_double_click_on_revoke_is_one_proposal_and_no_second_pair_of_eyes(together):
    credential, first = held(scheme()), registrar()
    outcomes = together(*[lambda: revoking(credential, first) for _time in range(3)])
    assert {outcome.pk for outcome in outcomes} == {Proposal.objects.get().pk}
    assert services.standing_of(fresh(credential), at=NOW).status == "active"


def test_the_holder_gives_back_what_a_registrar_suspends_at_once(together):
    credential, boss = held(scheme()), registrar()
    together(
        lambda: services.surrender(
            credential=fresh(credential), by=fresh(credential.holder), at=NOW
        ),
        lambda: services.suspend(
            credential=fresh(credential), reason_code="S1", by=fresh(boss), at=NOW
        ),
    )
    assert services.standing_of(fresh(credential), at=NOW).status == "surrendered"
    assert list(verify(StatusEvent)) == []


def test_a_double_submit_of_a_renewal_renews_once(together):
    credential, boss = held(scheme()), registrar()
    last_day = dt.datetime(2028, 11, 22, 9, 0, tzinfo=dt.UTC)
    outcomes = together(
        *[
            lambda: services.renew(
                credential=fresh(credential),
                reason_code="N1",
                hours=24,
                by=fresh(boss),
                at=last_day,
            )
            for _time in range(3)
        ]
    )
    assert {outcome.pk for outcome in outcomes} == {credential.events.get(kind="renewed").pk}
    assert fresh(credential).valid_until == dt.date(2030, 11, 22)


def test_the_sweep_and_a_decision_at_once_issue_one_credential(together):
    kind = scheme(award=CredentialType.Award.BY_DECISION)
    application, boss = nearly(kind), registrar()
    report(application.applicant, kind, "written")
    CredentialType.objects.update(award=CredentialType.Award.AUTOMATIC)
    together(
        lambda: services.award_due(at=NOW),
        lambda: services.decide(application=fresh(application), by=fresh(boss), at=NOW),
        lambda: services.award_due(at=NOW),
    )
    assert Credential.objects.count() == StatusEvent.objects.count() == 1


def test_many_people_finish_at_once_and_everybody_gets_one(together):
    kind = scheme()
    people = [nearly(kind).applicant for _person in range(6)]
    outcomes = together(*[lambda one=one: reported(one, kind, "written") for one in people])
    assert len({outcome.number for outcome in outcomes}) == 6
    assert set(Credential.objects.values_list("holder", flat=True)) == {one.pk for one in people}
    assert User.objects.filter(credentials__isnull=False).count() == 6
