"""Two registrars, or two workers, at the same moment: one decision, one answer, one owner, and each matter of many once."""

import pytest

from accounts.models import User
from accounts.services import Conflict, Forbidden, Refusal
from credentials import services
from credentials.models import (
    Application,
    BulkRun,
    Credential,
    CredentialType,
    Decision,
    Evidence,
    Exemption,
)
from credentials.services import bulk
from ledger.services import verify
from tests.credentials.scheme import apply, nearly, need, registrar, report, scheme
from tests.factories import NOW, person

pytestmark = pytest.mark.postgres
ROUNDS = range(3)


@pytest.fixture(autouse=True)
def _uploads_of_this_test_alone(settings, tmp_path):
    private = {**settings.STORAGES["private"], "OPTIONS": {"location": tmp_path, "base_url": None}}
    settings.STORAGES = {**settings.STORAGES, "private": private}


def fresh(row):
    """The row as another process would load it."""
    return type(row).objects.get(pk=row.pk)


def complete(kind):
    application = nearly(kind)
    report(application.applicant, kind, "written")
    return application


@pytest.mark.parametrize("_round", ROUNDS)
def test_an_award_and_a_refusal_at_once_are_one_decision(together, _round):
    application = complete(scheme(award=CredentialType.Award.BY_DECISION))
    first, second = registrar(), registrar()

    def award():
        try:
            return services.decide(
                application=Application.objects.get(pk=application.pk), by=fresh(first), at=NOW
            )
        except Conflict as refusal:
            return refusal

    def refuse():
        try:
            return services.refuse_application(
                application=Application.objects.get(pk=application.pk),
                reason="No.",
                by=fresh(second),
                at=NOW,
            )
        except Conflict as refusal:
            return refusal

    answers = together(award, refuse)
    assert Decision.objects.count() == 1
    assert sum(isinstance(answer, Refusal) for answer in answers) == 1
    awarded = Decision.objects.get().outcome == "awarded"
    assert Credential.objects.exists() == awarded


@pytest.mark.parametrize("_round", ROUNDS)
def test_two_workers_at_one_run_take_each_matter_once(together, _round):
    kind = scheme(award=CredentialType.Award.BY_DECISION)
    keys = [f"decision:{complete(kind).uuid}" for _number in range(4)]
    run = services.start_bulk(action="award", keys=keys, by=registrar(), at=NOW)

    def worker():
        return bulk.carry_out(run=BulkRun.objects.get(pk=run.pk), at=lambda: NOW)

    assert sum(together(worker, worker)) == 4
    assert Credential.objects.count() == Decision.objects.count() == 4
    run.refresh_from_db()
    assert run.finished_at == NOW
    assert set(run.steps.values_list("state", flat=True)) == {"done"}


@pytest.mark.parametrize("_round", ROUNDS)
def test_an_approval_and_a_taking_back_at_once_are_one_answer(together, _round):
    application = apply(person(), scheme())
    asker, approver = registrar(), registrar()
    asked = services.ask_exemption(
        application=application,
        requirement=need(application.credential_type, "insurance"),
        ground="ours",
        reason="We lost it.",
        approver=approver,
        by=asker,
        at=NOW,
    )

    def answers(by: User, approve: bool):
        def answer():
            try:
                return services.answer_exemption(
                    exemption=fresh(asked), approve=approve, by=fresh(by), at=NOW
                ).step
            except (Conflict, Forbidden) as refusal:
                return refusal

        return answer

    said = together(answers(approver, True), answers(asker, False))
    (step,) = [answer for answer in said if isinstance(answer, str)]
    assert Exemption.objects.count() == 2
    assert Evidence.objects.filter(source="exception").exists() == (step == "approved")
    assert not list(verify(Exemption))
