"""Two registrars, or a registrar and the person, at the same moment: one decision, and never half of two."""

import pytest

from accounts.models import Notice
from credentials import services
from credentials.models import Application, Case, CaseStep, Credential, Decision, Exemption
from ledger.services import verify
from tests.credentials.scheme import apply, nearly, need, registrar, scheme
from tests.factories import NOW, person

pytestmark = pytest.mark.postgres
ROUNDS = range(4)


@pytest.fixture(autouse=True)
def _uploads_of_this_test_alone(settings, tmp_path):
    private = {**settings.STORAGES["private"], "OPTIONS": {"location": tmp_path, "base_url": None}}
    settings.STORAGES = {**settings.STORAGES, "private": private}


def fresh(row):
    """The row as another process would load it."""
    return type(row).objects.get(pk=row.pk)


def codes(outcomes):
    return [outcome.code for outcome in outcomes if isinstance(outcome, Exception)]


@pytest.fixture
def refused():
    application = apply(person(), scheme())
    services.refuse_application(application=application, reason="No.", by=registrar(), at=NOW)
    return fresh(application)


def lodge(application):
    decision = Decision.objects.get(application=application)
    return services.lodge_appeal(
        key=f"decision:{decision.uuid}", ground="bias", said="I was not heard.",
        by=fresh(application.applicant), at=NOW,
    )  # fmt: skip


@pytest.mark.parametrize("_round", ROUNDS)
def test_a_double_click_on_send_is_one_appeal(together, refused, _round):
    outcomes = together(*[lambda: lodge(fresh(refused)) for _click in range(3)])
    assert {outcome.pk for outcome in outcomes} == {Case.objects.get().pk}
    assert Notice.objects.filter(kind="appeal_received").count() == 1


@pytest.mark.parametrize("_round", ROUNDS)
def test_closing_and_withdrawing_at_once_end_it_once(together, refused, _round):
    case, owner = lodge(refused), registrar()
    services.give_case(case=case, owner=owner, by=owner, at=NOW)
    outcomes = together(
        lambda: services.close_case(
            case=fresh(case), outcome="upheld", note="Yes.", by=fresh(owner), at=NOW
        ),
        lambda: services.withdraw_case(case=fresh(case), by=fresh(refused.applicant), at=NOW),
    )
    assert codes(outcomes) == ["case_closed"]
    closed = CaseStep.objects.get(kind="closed")
    assert Case.objects.get().outcome == closed.outcome
    assert Notice.objects.filter(kind="appeal_decided").count() == (closed.outcome == "upheld")
    assert list(verify(CaseStep)) == []


@pytest.mark.parametrize("_round", ROUNDS)
def test_two_registrars_judging_one_appeal_leave_one_outcome(together, refused, _round):
    """Each believes that it is theirs: the one takes it over while the other closes it."""
    case, owner, other = lodge(refused), registrar(), registrar()
    services.give_case(case=case, owner=owner, by=owner, at=NOW)

    def taken_over():
        services.give_case(case=fresh(case), owner=fresh(other), by=fresh(other), at=NOW)
        return services.close_case(
            case=fresh(case), outcome="dismissed", note="No.", by=fresh(other), at=NOW
        )

    outcomes = together(
        lambda: services.close_case(
            case=fresh(case), outcome="upheld", note="Yes.", by=fresh(owner), at=NOW
        ),
        taken_over,
    )
    assert codes(outcomes) in (["case_closed"], ["not_the_owner"]), outcomes
    closed = CaseStep.objects.get(kind="closed")
    row = Case.objects.get()
    assert (row.owner, row.outcome) == (closed.by, closed.outcome)
    assert closed.outcome == ("upheld" if closed.by == owner else "dismissed")
    assert Notice.objects.filter(kind="appeal_decided").count() == 1
    assert list(verify(CaseStep)) == []


@pytest.mark.parametrize("_round", ROUNDS)
def test_given_to_two_at_once_it_has_one_owner_and_both_steps_in_one_chain(
    together, refused, _round
):
    case, one, other = lodge(refused), registrar(), registrar()
    together(
        lambda: services.give_case(case=fresh(case), owner=fresh(one), by=fresh(one), at=NOW),
        lambda: services.give_case(case=fresh(case), owner=fresh(other), by=fresh(other), at=NOW),
    )
    last = CaseStep.objects.filter(kind="given").order_by("-sequence").first()
    assert Case.objects.get().owner == last.owner
    assert list(verify(CaseStep)) == []


@pytest.mark.parametrize("_round", ROUNDS)
def test_an_exception_approved_and_taken_back_at_once_is_one_or_the_other(together, _round):
    kind = scheme()
    application, asker, approver = nearly(kind, missing="insurance"), registrar(), registrar()
    asked = services.ask_exemption(
        application=application, requirement=need(kind, "insurance"), ground="ours",
        reason="R", approver=approver, by=asker, at=NOW,
    )  # fmt: skip
    outcomes = together(
        lambda: services.answer_exemption(
            exemption=fresh(asked), approve=True, by=fresh(approver), at=NOW
        ),
        lambda: services.answer_exemption(
            exemption=fresh(asked), approve=False, by=fresh(asker), at=NOW
        ),
    )
    assert len(codes(outcomes)) == 1 and codes(outcomes)[0] in ("answered", "application_closed")
    step = Exemption.objects.order_by("-sequence").first().step
    assert Credential.objects.exists() == (step == "approved")


@pytest.mark.parametrize("_round", ROUNDS)
def test_one_awards_while_another_refuses_and_one_of_them_holds(together, _round):
    kind = scheme(award="by_decision")
    application = nearly(kind, missing="written")
    from tests.credentials.scheme import report

    report(application.applicant, kind, "written")
    one, other = registrar(), registrar()
    outcomes = together(
        lambda: services.decide(application=fresh(application), by=fresh(one), at=NOW),
        lambda: services.refuse_application(
            application=fresh(application), reason="No.", by=fresh(other), at=NOW
        ),
    )
    assert codes(outcomes) == ["application_closed"]
    decision = Decision.objects.get()
    assert Credential.objects.exists() == (decision.outcome == "awarded")
    assert Application.objects.get().closed_at
