"""Appeals and concerns: recorded with a clock, owned by somebody who had no part in it, closed with a reason."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role
from accounts.services import Conflict, Forbidden, Invalid
from credentials import services
from credentials.models import Case, CaseStep
from ledger.services import verify
from tests.credentials.pages import text
from tests.credentials.scheme import apply, held, registrar, review, scheme, send
from tests.factories import NOW, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def kind():
    return scheme()


@pytest.fixture
def boss():
    return registrar(name="Aline Moreau")


@pytest.fixture
def desk(client, boss):
    client.force_login(boss)
    return client


def record(by, at=NOW, **given):
    facts = {
        "kind": "appeal",
        "raised_by": "Nina New",
        "about": "Refusal of the insurance",
        "said": "It names me on page two.",
        "received_on": at.date(),
    }
    return services.record_case(by=by, at=at, **{**facts, **given})


def test_a_case_has_a_clock_from_the_day_it_was_received(boss):
    case = record(boss, received_on=NOW.date() - dt.timedelta(days=10))
    assert case.due_on == NOW.date() + dt.timedelta(days=50)
    assert not case.late_on(case.due_on)
    assert case.late_on(case.due_on + dt.timedelta(days=1))


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"kind": "grumble"}, "kind"),
        ({"raised_by": " "}, "raised_by"),
        ({"said": ""}, "said"),
        ({"received_on": NOW.date() + dt.timedelta(days=1)}, "received_on"),
    ],
)
def test_a_record_is_complete(boss, given, field):
    with pytest.raises(Invalid) as refused:
        record(boss, **given)
    assert field in refused.value.fields
    assert not Case.objects.exists()


def test_whoever_reviewed_or_decided_does_not_judge_it(kind, boss):
    reviewer, fresh = registrar(name="Bruno Keller"), registrar(name="Clara Wolf")
    application = apply(person(), kind)
    review(send(application), reviewer, "not_met")
    case = record(boss, application=application)
    with pytest.raises(Forbidden, match="Rule R2: nobody judges what they reviewed"):
        services.give_case(case=case, owner=reviewer, by=boss, at=NOW)
    assert {str(row) for row in services.possible_owners(case=case, at=NOW)} == {
        "Aline Moreau",
        "Clara Wolf",
    }
    assert services.give_case(case=case, owner=fresh, by=boss, at=NOW).owner == fresh


def test_whoever_changed_a_credential_does_not_judge_it(kind, boss):
    credential = held(kind)
    services.suspend(credential=credential, reason_code="S1", by=boss, at=NOW)
    case = record(boss, credential=credential)
    with pytest.raises(Forbidden, match="nobody judges what they decided"):
        services.give_case(case=case, owner=boss, by=boss, at=NOW)


def test_nobody_sees_or_owns_a_case_about_themselves(desk, kind, boss):
    other = registrar()
    case = record(other, application=apply(boss, kind))
    with pytest.raises(Forbidden, match="nobody judges their own case"):
        services.give_case(case=case, owner=boss, by=other, at=NOW)
    assert desk.get(reverse("case", args=[case.uuid])).status_code == 404
    assert "Refusal of the insurance" not in text(desk.get(reverse("cases")))
    assert "Refusal of the insurance" not in text(desk.get(reverse("registrar-queue")))


def test_only_the_owner_closes_it_and_says_why(boss):
    owner = registrar()
    case = services.give_case(case=record(boss), owner=owner, by=boss, at=NOW)
    with pytest.raises(Forbidden) as refused:
        services.close_case(case=case, outcome="upheld", note="Right.", by=boss, at=NOW)
    assert refused.value.code == "not_the_owner"
    with pytest.raises(Invalid):
        services.close_case(case=case, outcome="upheld", note=" ", by=owner, at=NOW)
    closed = services.close_case(case=case, outcome="upheld", note="Right.", by=owner, at=NOW)
    assert closed == services.close_case(
        case=case, outcome="upheld", note="Right.", by=owner, at=NOW
    )
    with pytest.raises(Conflict, match="closed: upheld"):
        services.note_case(case=case, note="More.", by=boss, at=NOW)
    kinds = [row.kind for row in case.steps.order_by("sequence")]
    assert kinds == ["recorded", "given", "closed", "ordered", "ordered"]
    assert not list(verify(CaseStep))


def test_an_owner_who_becomes_involved_closes_it_no_more(kind, boss):
    application = apply(person(), kind)
    case = record(boss, application=application)
    services.give_case(case=case, owner=boss, by=boss, at=NOW)
    review(send(application), boss)
    with pytest.raises(Forbidden, match="nobody judges what they reviewed"):
        services.close_case(case=case, outcome="upheld", note="Right.", by=boss, at=NOW)


def test_a_case_is_written_down_given_and_closed_on_its_page(desk, kind, boss):
    application = apply(person(name="Nina"), kind, at=timezone.now())
    address = reverse("case-new")
    today = timezone.now().date()
    said = {
        "kind": "appeal",
        "raised_by": "Nina New",
        "reference": application.reference.lower(),
        "about": "Delay",
        "said": "Five weeks.",
        "received_on_0": today.day,
        "received_on_1": today.month,
        "received_on_2": today.year,
    }
    assert desk.post(address, {**said, "reference": "AP-1999-0001"}).status_code == 400
    made = desk.post(address, said)
    case = Case.objects.get()
    assert made.url == reverse("case", args=[case.uuid])
    assert case.application == application
    assert "Nobody owns it yet" in text(desk.get(reverse("registrar-queue")))
    assert desk.post(made.url, {"do": "give"}).status_code == 400
    desk.post(made.url, {"do": "give", "owner": str(boss.uuid)})
    desk.post(made.url, {"do": "note", "note": "Rang her."})
    assert desk.post(made.url, {"do": "close", "outcome": "upheld"}).status_code == 400
    upheld = {"do": "close", "outcome": "upheld", "note": "We were slow."}
    desk.post(made.url, {**upheld, "actions": ["decide"]})
    page = text(desk.get(made.url))
    assert "We were slow." in page
    assert "Rang her." in page
    assert "still to be done" in page


def test_what_is_late_is_said_in_words(desk, boss):
    at = timezone.now() - dt.timedelta(days=70)
    case = record(boss, at=at)
    services.give_case(case=case, owner=boss, by=boss, at=at)
    assert "Overdue" in text(desk.get(reverse("case", args=[case.uuid])))
    assert "overdue" in text(desk.get(reverse("cases")))
    queue = text(desk.get(reverse("registrar-queue"), {"late": "1"}))
    assert "days over" in queue
    assert "With Aline Moreau" in queue


@pytest.mark.parametrize("roles", [(), (Role.EXAMINER,), (Role.INSTRUCTOR, Role.ADMINISTRATOR)])
def test_cases_are_for_registrars(client, boss, roles):
    case = record(boss)
    client.force_login(person(*roles))
    for address in (reverse("cases"), reverse("case-new"), reverse("case", args=[case.uuid])):
        assert client.get(address).status_code == 403
        assert client.post(address).status_code == 403
    client.logout()
    assert "/accounts/login/" in client.get(reverse("cases")).url


def test_the_list_takes_a_fixed_number_of_queries(desk, boss, django_assert_max_num_queries):
    for _number in range(2):
        record(boss)
    desk.get(reverse("cases"))
    with django_assert_max_num_queries(7):
        desk.get(reverse("cases"))
    for _number in range(20):
        services.give_case(case=record(boss), owner=boss, by=boss, at=NOW)
    with django_assert_max_num_queries(7):
        desk.get(reverse("cases"))
