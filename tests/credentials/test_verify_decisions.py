"""Decisions, exceptions and cases edited by SQL, hashes and all, and what verify_register says of each."""

import datetime as dt
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.services import record_examining, record_teaching
from credentials import services
from credentials.models import Case, CaseStep, Decision, Evidence, Exemption
from ledger.models import AppendOnly
from tests.behind import behind_our_back
from tests.credentials.scheme import apply, nearly, need, registrar, scheme
from tests.factories import NOW, person

pytestmark = pytest.mark.django_db

LATER = NOW + dt.timedelta(days=1)


@pytest.fixture
def kind():
    row = scheme(award="by_decision")
    services.record_opening(credential_type=row, by=None, at=NOW)
    return row


@pytest.fixture
def asker():
    return registrar(name="Aline Moreau")


@pytest.fixture
def approver():
    return registrar(name="Bruno Keller")


@pytest.fixture
def exempted(kind, asker, approver):
    """An application whose insurance is met by an exception, approved by another registrar."""
    application = nearly(kind, missing="insurance")
    asked = services.ask_exemption(
        application=application,
        requirement=need(kind, "insurance"),
        ground="ours",
        reason="We lost the paper.",
        approver=approver,
        by=asker,
        at=NOW,
    )
    services.answer_exemption(exemption=asked, approve=True, by=approver, at=NOW)
    return application


@pytest.fixture
def awarded(exempted):
    return services.decide(application=exempted, by=registrar(name="Dora"), at=LATER)


@pytest.fixture
def refused(kind):
    application = apply(person(), kind)
    services.refuse_application(application=application, reason="No.", by=registrar(), at=NOW)
    return application


@pytest.fixture
def case(refused):
    decision = Decision.objects.get(application=refused)
    row = services.lodge_appeal(
        key=f"decision:{decision.uuid}", ground="bias", said="I was not heard.",
        by=refused.applicant, at=LATER,
    )  # fmt: skip
    owner = registrar(name="Olaf")
    services.give_case(case=row, owner=owner, by=owner, at=LATER)
    return services.close_case(case=row, outcome="dismissed", note="You were.", by=owner, at=LATER)


def findings() -> list[str]:
    return [str(found) for found in services.check_register(at=NOW + dt.timedelta(days=40))]


def hashed_again(model: type[AppendOnly], pk: int) -> None:
    """What a careful forger does: the row's hash fits what it says now."""
    row = model.objects.get(pk=pk)
    table = model._meta.db_table
    behind_our_back(f"UPDATE {table} SET hash = %s WHERE id = %s", row.computed_hash(), pk)


def test_decisions_nobody_touched_hold(awarded, case):
    assert findings() == []


def test_evidence_of_an_exception_nobody_approved_is_named(exempted):
    approved = Exemption.objects.get(step="approved")
    fact = Evidence.objects.get(source="exception")
    behind_our_back("DELETE FROM credentials_exemption WHERE id = %s", approved.pk)
    assert findings() == [f"Evidence {fact.pk}: it rests on an exception that nobody approved"]
    with pytest.raises(CommandError, match="not what was written"):
        call_command("verify_register", stdout=StringIO())


def test_an_approval_turned_into_one_of_another_requirement_is_named(exempted, kind):
    row = Exemption.objects.get(step="approved")
    behind_our_back(
        "UPDATE credentials_exemption SET requirement_id = %s WHERE id = %s",
        need(kind, "licence").pk, row.pk,
    )  # fmt: skip
    hashed_again(Exemption, row.pk)
    fact = Evidence.objects.get(source="exception")
    assert f"Evidence {fact.pk}: it rests on an exception that nobody approved" in findings()


def test_an_exception_asked_for_and_approved_by_one_person_is_named(exempted, approver):
    asked, approved = Exemption.objects.order_by("sequence")
    behind_our_back(
        "UPDATE credentials_exemption SET by_id = %s WHERE id = %s", approver.pk, asked.pk
    )
    hashed_again(Exemption, asked.pk)
    behind_our_back(
        "UPDATE credentials_exemption SET previous = %s WHERE id = %s",
        Exemption.objects.get(pk=asked.pk).hash, approved.pk,
    )  # fmt: skip
    hashed_again(Exemption, approved.pk)
    assert findings() == [
        f"Exemption {approved.pk}: nobody else asked for it: an exception takes two registrars"
    ]


def test_an_approval_whose_evidence_was_taken_out_is_named(exempted):
    row, fact = Exemption.objects.get(step="approved"), Evidence.objects.get(source="exception")
    behind_our_back("DELETE FROM credentials_evidence WHERE id = %s", fact.pk)
    assert (
        f"Exemption {row.pk}: it was approved, and the evidence of it was taken out" in findings()
    )


def test_a_decision_by_the_applicant_is_named(awarded):
    row = Decision.objects.get()
    behind_our_back("UPDATE credentials_decision SET by_id = %s", awarded.holder.pk)
    hashed_again(Decision, row.pk)
    found = findings()
    assert f"Decision {row.pk}: the applicant decided on their own application" in found
    assert any("no decision of whoever awarded it is on record" in line for line in found)


@pytest.mark.parametrize("what", ["taught", "examined"])
def test_a_decision_by_whoever_taught_or_examined_is_named(awarded, what):
    row, insider = Decision.objects.get(), registrar()
    if what == "taught":
        record_teaching(
            teacher=insider, learner=awarded.holder, subject="Massage", taught_on=NOW.date(),
            by=insider, at=NOW,
        )  # fmt: skip
    else:
        record_examining(
            examiner=insider, candidate=awarded.holder, subject="Practical",
            examined_on=NOW.date(), source=row.uuid, at=NOW,
        )  # fmt: skip
    assert findings() == []
    behind_our_back("UPDATE credentials_decision SET by_id = %s", insider.pk)
    hashed_again(Decision, row.pk)
    said = f"Decision {row.pk}: whoever decided had taught or examined the applicant"
    assert said in findings()


def test_teaching_after_the_decision_makes_nobody_involved_in_it(awarded):
    decider = Decision.objects.get().by
    record_teaching(
        teacher=decider, learner=awarded.holder, subject="Refresher",
        taught_on=NOW.date() + dt.timedelta(days=3), by=decider, at=LATER + dt.timedelta(days=2),
    )  # fmt: skip
    assert findings() == []


def test_a_credential_awarded_by_nobody_is_named(awarded):
    behind_our_back("DELETE FROM credentials_decision")
    assert any(
        line.startswith(f"Credential {awarded.pk} (") and "no decision" in line
        for line in findings()
    )


def test_a_refusal_turned_into_an_award_is_named(refused):
    row = Decision.objects.get()
    behind_our_back("UPDATE credentials_decision SET outcome = 'awarded'")
    hashed_again(Decision, row.pk)
    found = findings()
    assert f"Decision {row.pk}: it awards a credential that is not there" in found
    assert any("it awards, and does not find met: " in line for line in found)


CASE_EDITS = {
    "said = 'Nothing much'": "it is not what was said when it was raised",
    "received_on = '2020-01-01'": "it is not what was said when it was raised",
    "due_on = '2040-01-01'": "it is not what was said when it was raised",
    "subject = ''": "it is not what was said when it was raised",
    "outcome = 'upheld'": "its outcome is not the one it was closed with",
    "owner_id = NULL, outcome = 'withdrawn'": "its owner is not whom it was given to",
}


@pytest.mark.parametrize("change", CASE_EDITS)
def test_an_edited_case_is_named(case, change):
    behind_our_back(f"UPDATE credentials_case SET {change}")
    assert f"Case {case.pk} ({case.reference}): {CASE_EDITS[change]}" in findings()


def test_a_case_closed_by_whom_it_is_about_is_named(case):
    row = CaseStep.objects.get(kind="closed")
    behind_our_back(
        "UPDATE credentials_casestep SET by_id = %s WHERE id = %s", case.about_person_id, row.pk
    )
    hashed_again(CaseStep, row.pk)
    assert any("closed by whom it is about" in line for line in findings())


def test_it_takes_no_more_statements_for_more_of_them(kind):
    counts = []
    for more in (2, 4):
        for _number in range(more):
            application = apply(person(), kind)
            services.refuse_application(
                application=application, reason="No.", by=registrar(), at=NOW
            )
            decision = Decision.objects.get(application=application)
            services.lodge_appeal(
                key=f"decision:{decision.uuid}", ground="bias", said="S",
                by=application.applicant, at=LATER,
            )  # fmt: skip
        with CaptureQueriesContext(connection) as queries:
            assert findings() == []
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert Case.objects.count() == 6
