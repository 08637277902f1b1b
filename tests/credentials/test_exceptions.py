"""Exceptions and the certification decision: who may, on what ground, and what the record and the report say of it."""

import csv
import datetime as dt

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import Notice, Role
from accounts.services import Conflict, Forbidden, Invalid, declare_conflict, record_teaching
from credentials import services
from credentials.models import Credential, CredentialType, Decision, Exemption
from credentials.views_exceptions import quarter_of
from tests.credentials.pages import text
from tests.credentials.scheme import apply, nearly, need, registrar, scheme, send
from tests.factories import NOW, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def kind():
    return scheme()


@pytest.fixture
def asker():
    return registrar(name="Aline Moreau")


@pytest.fixture
def approver():
    return registrar(name="Bruno Keller")


def ask(application, by, approver, code="insurance", at=NOW, **given):
    facts = {"ground": "ours", "reason": "We lost the paper.", "valid_until": None}
    return services.ask_exemption(
        application=application,
        requirement=need(application.credential_type, code),
        approver=approver,
        by=by,
        at=at,
        **{**facts, **given},
    )


def answer(exemption, by, approve=True, at=NOW, **given):
    return services.answer_exemption(exemption=exemption, approve=approve, by=by, at=at, **given)


def sign_in(client, user):
    client.force_login(user)
    return client


def state_of(application, code):
    rows = services.standings_of([application], at=NOW)[application.pk]
    return next(row for row in rows if row.requirement.code == code).finding


# Exceptions


def test_an_exception_that_is_approved_meets_the_requirement_and_names_the_approver(
    kind, asker, approver
):
    application = apply(person(), kind)
    asked = ask(application, asker, approver)
    assert not state_of(application, "insurance").met
    answer(asked, approver)
    finding = state_of(application, "insurance")
    assert finding.met
    assert "By exception, approved by Bruno Keller" in finding.label
    assert Notice.objects.get(kind="exception_asked").recipient == approver


def test_the_last_requirement_met_by_exception_issues_the_credential(kind, asker, approver):
    application = nearly(kind, missing="insurance")
    answer(ask(application, asker, approver), approver)
    assert Credential.objects.get().application == application


def test_nobody_approves_what_they_asked_for(kind, asker, approver):
    application = apply(person(), kind)
    with pytest.raises(Forbidden, match="Rule R2: four eyes are two people"):
        ask(application, asker, asker)
    with pytest.raises(Forbidden, match="Rule R2"):
        answer(ask(application, asker, approver), asker)
    assert not state_of(application, "insurance").met


def test_only_whom_it_names_approves(kind, asker, approver):
    asked = ask(apply(person(), kind), asker, approver)
    with pytest.raises(Forbidden) as refused:
        answer(asked, registrar())
    assert refused.value.code == "not_the_approver"


def test_an_approver_who_is_tied_or_taught_the_applicant_is_refused_by_rule(kind, asker, approver):
    applicant = person()
    asked = ask(apply(applicant, kind), asker, approver)
    declare_conflict(
        examiner=approver, candidate=applicant, kind="family", note="", by=approver, at=NOW
    )
    with pytest.raises(Forbidden) as refused:
        answer(asked, approver)
    assert refused.value.code == "R4"


def test_a_trainer_does_not_approve(kind, asker, approver):
    applicant = person()
    asked = ask(apply(applicant, kind), asker, approver)
    record_teaching(
        teacher=approver,
        learner=applicant,
        subject="Massage",
        taught_on=NOW.date(),
        minutes=60,
        source=None,
        by=approver,
        at=NOW,
    )
    with pytest.raises(Forbidden, match="Rule R2: whoever taught"):
        answer(asked, approver)


@pytest.mark.parametrize("code", ["agreement", "written"])
def test_nobody_is_let_off_the_signature_or_an_examination(kind, asker, approver, code):
    with pytest.raises(Conflict) as refused:
        ask(apply(person(), kind), asker, approver, code)
    assert refused.value.code == "no_exception"


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"reason": "  "}, "reason"),
        ({"ground": "because"}, "ground"),
        ({"valid_until": NOW.date() - dt.timedelta(days=1)}, "valid_until"),
    ],
)
def test_an_exception_without_a_reason_is_not_asked_for(kind, asker, approver, given, field):
    with pytest.raises(Invalid) as refused:
        ask(apply(person(), kind), asker, approver, **given)
    assert field in refused.value.fields
    assert not Exemption.objects.exists()


def test_declining_needs_words_and_taking_back_is_the_askers(kind, asker, approver):
    application = apply(person(), kind)
    asked = ask(application, asker, approver)
    with pytest.raises(Invalid):
        answer(asked, approver, approve=False)
    assert answer(asked, asker, approve=False).step == Exemption.Step.WITHDRAWN
    again = ask(application, asker, approver)
    declined = answer(again, approver, approve=False, note="Send the paper.")
    assert declined.step == Exemption.Step.DECLINED
    assert answer(again, approver, approve=False, note="Send the paper.") == declined
    with pytest.raises(Conflict, match="has answered this"):
        answer(again, approver)


def test_asking_and_approving_twice_is_once(kind, asker, approver):
    application = apply(person(), kind)
    first = ask(application, asker, approver)
    assert ask(application, asker, approver) == first
    assert answer(first, approver) == answer(first, approver)
    assert Exemption.objects.count() == 2


def test_the_database_refuses_an_approval_by_anybody_else(kind, asker, approver):
    asked = ask(apply(person(), kind), asker, approver)
    with pytest.raises(IntegrityError, match="approved_by_whom_it_names"), transaction.atomic():
        Exemption.objects.append(
            chain=asked.chain,
            at=NOW,
            application=asked.application,
            requirement=asked.requirement,
            step="approved",
            ground=asked.ground,
            reason=asked.reason,
            asked_by=asker,
            approver=approver,
            by=asker,
        )


def test_an_exception_is_asked_for_and_answered_on_its_pages(client, kind, asker, approver):
    application = apply(person(), kind, name_on_id="Nina New")
    page = text(
        sign_in(client, asker).get(reverse("application-decision", args=[application.uuid]))
    )
    assert "Ask for an exception" in page
    address = reverse("exemption-ask", args=[application.uuid, "insurance"])
    assert client.post(address, {}).status_code == 400
    made = client.post(
        address,
        {"ground": "ours", "reason": "Our letter went astray.", "approver": str(approver.uuid)},
    )
    assert "you can only take it back" in text(client.get(made.url))
    queue = text(sign_in(client, approver).get(reverse("registrar-queue")))
    assert "Exception: Professional insurance" in queue
    assert "Bruno Keller was named" in queue
    assert client.post(made.url, {"answer": "approve"}).status_code == 302
    assert state_of(application, "insurance").met


def test_what_is_asked_for_already_is_not_offered_to_be_asked_for_again(
    client, kind, asker, approver
):
    application = apply(person(), kind)
    page = reverse("application-decision", args=[application.uuid])
    again = reverse("exemption-ask", args=[application.uuid, "insurance"])
    sign_in(client, asker)
    assert again in client.get(page).content.decode()
    asked = ask(application, asker, approver)
    shown = client.get(page).content.decode()
    assert again not in shown and reverse("exemption", args=[asked.uuid]) in shown
    answer(asked, approver, approve=False, note="Not on this ground.")
    assert again in client.get(page).content.decode()


def test_the_report_holds_every_exception_of_its_time_and_leaves_as_csv(
    client, kind, asker, approver
):
    now = timezone.now()
    application = apply(person(), kind, name_on_id="=cmd()", at=now)
    answer(ask(application, asker, approver, at=now, reason="@sum(1)"), approver, at=now)
    ask(application, asker, approver, code="licence", at=now - dt.timedelta(days=400))
    page = sign_in(client, asker).get(reverse("exceptions"))
    assert "1 approved, 0 waiting" in text(page)
    assert "Licence" not in text(page)
    listed = client.get(reverse("exceptions"), {"csv": ""})
    assert listed["Content-Disposition"].startswith('attachment; filename="exceptions-')
    head, line = csv.reader(listed.content.decode("utf-8-sig").splitlines())
    said = dict(zip(head, line, strict=True))
    assert said["state"] == "approved"
    assert said["approver"] == "Bruno Keller"
    assert (said["applicant"], said["reason"]) == ("'=cmd()", "'@sum(1)")


def test_a_day_that_is_none_shows_this_quarter(client, asker):
    page = sign_in(client, asker).get(reverse("exceptions"), {"first": "soon", "last": "\0"})
    assert page.status_code == 200


@pytest.mark.parametrize(
    ("day", "first", "last"),
    [
        (dt.date(2026, 11, 23), dt.date(2026, 10, 1), dt.date(2026, 12, 31)),
        (dt.date(2026, 1, 1), dt.date(2026, 1, 1), dt.date(2026, 3, 31)),
        (dt.date(2024, 2, 29), dt.date(2024, 1, 1), dt.date(2024, 3, 31)),
        (dt.date(2026, 9, 30), dt.date(2026, 7, 1), dt.date(2026, 9, 30)),
    ],
)
def test_quarters_are_whole(day, first, last):
    assert quarter_of(day) == (first, last)


# The decision


@pytest.fixture
def by_decision():
    return scheme(award=CredentialType.Award.BY_DECISION)


def complete(kind):
    application = nearly(kind)
    services.record_evidence(
        learner=application.applicant,
        requirement=need(kind, "written"),
        source="quiz",
        reference=application.uuid,
        label="passed",
        by=None,
        at=NOW,
    )
    return application


def test_an_award_by_decision_keeps_who_decided_on_what(by_decision, asker):
    application = complete(by_decision)
    assert not Credential.objects.exists()
    services.decide(application=application, by=asker, at=NOW)
    decision = Decision.objects.get()
    assert (decision.outcome, decision.by) == ("awarded", asker)
    assert [row["requirement"] for row in decision.findings] == [
        "agreement", "education", "written", "licence", "insurance",
    ]  # fmt: skip
    assert all(row["state"] == "met" and row["evidence"] for row in decision.findings)


def test_a_refusal_closes_the_application_and_tells_why_and_how_to_appeal(kind, asker):
    applicant = person()
    application = apply(applicant, kind)
    with pytest.raises(Invalid):
        services.refuse_application(application=application, reason=" ", by=asker, at=NOW)
    decision = services.refuse_application(
        application=application, reason="The school does not exist.", by=asker, at=NOW
    )
    again = services.refuse_application(
        application=application, reason="The school does not exist.", by=asker, at=NOW
    )
    assert decision == again
    application.refresh_from_db()
    assert application.closed_at
    notice = Notice.objects.get(kind="application_refused")
    assert notice.recipient == applicant
    assert "The school does not exist." in notice.body
    assert "appeal within 30 days" in notice.body


def test_nobody_refuses_their_own_or_whom_they_taught(kind, asker):
    own = apply(asker, kind)
    with pytest.raises(Forbidden, match="Rule R2: nobody decides on their own case"):
        services.refuse_application(application=own, reason="No.", by=asker, at=NOW)


def test_what_is_decided_is_not_decided_again(by_decision, asker, approver):
    application = complete(by_decision)
    services.decide(application=application, by=asker, at=NOW)
    with pytest.raises(Conflict):
        services.refuse_application(application=application, reason="No.", by=approver, at=NOW)
    assert Decision.objects.count() == 1


def test_a_refused_applicant_reads_why_and_may_apply_again(client, kind, asker):
    applicant = person()
    application = apply(applicant, kind)
    address = reverse("application-refuse", args=[application.uuid])
    assert sign_in(client, asker).post(address, {"reason": "Too few hours."}).status_code == 400
    assert client.post(address, {"reason": "Too few hours.", "confirmed": "on"}).status_code == 302
    page = text(sign_in(client, applicant).get(reverse("application")))
    assert "Too few hours." in page
    assert "appeal within 30 days" in page
    assert apply(applicant, kind) != application


def test_an_applicant_withdraws_and_nobody_else_does(client, kind, asker):
    applicant = person()
    application = apply(applicant, kind)
    with pytest.raises(Forbidden):
        services.withdraw_application(application=application, by=asker, at=NOW)
    address = reverse("application-withdraw")
    assert sign_in(client, asker).post(address).status_code == 404
    assert "Withdraw AP-" in text(sign_in(client, applicant).get(address))
    client.post(address)
    application.refresh_from_db()
    assert application.closed_at
    assert client.post(address).status_code == 404


@pytest.mark.parametrize("roles", [(), (Role.EXAMINER,), (Role.INSTRUCTOR, Role.ADMINISTRATOR)])
def test_the_pages_are_for_registrars(client, kind, asker, approver, roles):
    application = apply(person(), kind)
    asked = ask(application, asker, approver)
    sign_in(client, person(*roles))
    for address in (
        reverse("application-refuse", args=[application.uuid]),
        reverse("exemption-ask", args=[application.uuid, "insurance"]),
        reverse("exemption", args=[asked.uuid]),
        reverse("exceptions"),
    ):
        assert client.get(address).status_code == 403, address
        assert client.post(address).status_code == 403, address
    client.logout()
    assert "/accounts/login/" in client.get(reverse("exceptions")).url


def test_a_rule_that_bars_a_registrar_is_named_on_the_page(client, kind, asker):
    own = apply(asker, kind)
    page = text(sign_in(client, asker).get(reverse("application-decision", args=[own.uuid])))
    assert "Rule R2" in page
    assert "Refuse it" not in page
    refused = client.get(reverse("application-refuse", args=[own.uuid]))
    assert refused.status_code == 403
    assert send(own)


def test_the_clock_of_a_decision_runs_from_the_day_everything_was_met(client, by_decision):
    application = nearly(by_decision)
    met = NOW + dt.timedelta(days=200)
    services.record_evidence(
        learner=application.applicant,
        requirement=need(by_decision, "written"),
        source="quiz",
        reference=application.uuid,
        label="passed",
        by=None,
        at=met,
    )
    (row,) = [row for row in services.matters(at=met) if row.kind == "decision"]
    assert row.since == met
    assert services.working_days(met.date(), row.due) == 20
    page = text(sign_in(client, application.applicant).get(reverse("application")))
    assert f"decides by {row.due:%-d %B %Y}" in page


def test_the_report_takes_a_fixed_number_of_queries(
    client, kind, asker, approver, django_assert_max_num_queries
):
    for _number in range(8):
        ask(apply(person(), kind), asker, approver, at=timezone.now())
    sign_in(client, asker).get(reverse("exceptions"))
    with django_assert_max_num_queries(6):
        page = client.get(reverse("exceptions"))
    assert len(page.context["rows"]) == 8
