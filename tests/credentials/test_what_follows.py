"""What follows from an appeal that is upheld: ordered with the decision, done or waived by whoever takes it on, told, and waiting until it is."""

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import Notice
from accounts.services import Conflict, Forbidden, Invalid
from credentials import services
from credentials.models import Case, CaseStep
from credentials.services.auditing_decisions import wrong_decisions
from ledger.services import verify
from tests.credentials import renewals
from tests.credentials.pages import text
from tests.credentials.scheme import apply, held, registrar, review, scheme, send
from tests.factories import person

pytestmark = pytest.mark.django_db

API = "/api/v1/"


@pytest.fixture
def judge():
    return registrar(name="Olaf Owner")


@pytest.fixture
def hands():
    return registrar(name="Hanna Hand")


@pytest.fixture
def appeal(judge):
    """A suspension that is appealed against, with its owner."""
    at = timezone.now()
    credential = held(scheme(), person(name="Nina New"), at=at)
    event = services.suspend(credential=credential, reason_code="S1", by=registrar(), at=at)
    case = services.lodge_appeal(
        key=f"event:{event.uuid}", ground="bias", said="No.", by=credential.holder, at=at
    )
    return services.give_case(case=case, owner=judge, by=judge, at=at)


def decide(case, judge, outcome="upheld", **given):
    return services.close_case(
        case=case, outcome=outcome, note="We read it again.", by=judge, at=timezone.now(), **given
    )


def answer(case, by, action="reinstate", answer="done", note="Reinstated today."):
    return services.answer_follow_up(
        case=case, action=action, answer=answer, note=note, by=by, at=timezone.now()
    )


def offered(case) -> list[str]:
    return [row.action.value for row in services.possible_follows(case)]


# What may follow


def test_what_may_follow_depends_on_what_is_appealed_against(appeal):
    assert offered(appeal) == ["reinstate", "correct", "wider"]
    url = services.possible_follows(appeal)[0].url
    assert url == reverse("credential-change", args=[appeal.credential.public_id, "reinstate"])


def test_of_a_document_of_hours_and_of_a_refusal_it_is_another_decision():
    at, kind = timezone.now(), scheme()
    application = apply(person(), kind, at=at)
    turned = review(send(application, at=at), registrar(), "not_met", at=at)
    services.refuse_application(application=application, reason="No.", by=registrar(), at=at)
    application.refresh_from_db()
    made = {
        key: services.lodge_appeal(
            key=key, ground="content", said="No.", by=application.applicant, at=at
        )
        for key in (f"review:{turned.uuid}", f"decision:{application.decision.uuid}")
    }
    assert [offered(case)[0] for case in made.values()] == ["document", "application"]


def test_nothing_is_ordered_for_a_concern(judge):
    at = timezone.now()
    case = services.raise_concern(about="Somebody", said="It hurt.", raised_by="Pat", at=at)
    services.give_case(case=case, owner=judge, by=judge, at=at)
    with pytest.raises(Invalid) as refused:
        decide(case, judge, actions=["reinstate"])
    assert "actions" in refused.value.fields
    assert services.what_follows(decide(case, judge)) == []


# The decision


@pytest.mark.parametrize(
    ("outcome", "actions"),
    [("upheld", []), ("partly", []), ("upheld", ["rescore"]), ("dismissed", ["reinstate"])],
)
def test_what_follows_fits_the_outcome_and_the_decision(appeal, judge, outcome, actions):
    with pytest.raises(Invalid) as refused:
        decide(appeal, judge, outcome, actions=actions)
    assert list(refused.value.fields) == ["actions"]
    assert not CaseStep.objects.filter(kind="closed").exists()


def test_left_out_it_is_the_usual_and_nothing_where_the_decision_stands(appeal, judge):
    (row,) = services.what_follows(decide(appeal, judge))
    assert (row.action, row.state) == ("reinstate", "open")


def test_from_an_appeal_that_is_dismissed_nothing_follows(appeal, judge):
    assert services.what_follows(decide(appeal, judge, "dismissed")) == []


def test_whoever_has_no_account_is_to_be_told_by_a_person_whatever_the_outcome(judge, hands):
    at = timezone.now()
    case = services.record_case(
        kind="appeal", raised_by="Nina New", about="Refusal", said="No.",
        received_on=at.date(), by=registrar(), at=at,
    )  # fmt: skip
    services.give_case(case=case, owner=judge, by=judge, at=at)
    case = decide(case, judge, "dismissed")
    assert [row.action for row in services.what_follows(case)] == ["tell"]
    services.take_on(case=case, by=hands, at=at)
    assert services.see_case(case, hands).who == "Nina New"
    answer(case, hands, action="tell", note="Wrote to her.")
    assert not Case.objects.to_carry_out().exists()


# Carrying it out


def test_what_follows_is_done_or_waived_once_by_whoever_took_it_on(appeal, judge, hands):
    case = decide(appeal, judge, actions=["reinstate", "wider"])
    with pytest.raises(Forbidden) as refused:
        answer(case, hands)
    assert refused.value.code == "not_taken_on"
    services.take_on(case=case, by=hands, at=timezone.now())
    first = answer(case, hands)
    assert answer(case, hands) == first
    with pytest.raises(Conflict, match="answered already: done"):
        answer(case, hands, answer="waived")
    with pytest.raises(Forbidden):
        answer(case, judge, action="wider")
    with pytest.raises(Conflict, match="does not follow"):
        answer(case, hands, action="rescore")
    answer(case, hands, action="wider", answer="waived", note="Nobody else was affected.")
    assert [row.state for row in services.what_follows(case)] == ["done", "waived"]
    assert not list(verify(CaseStep))
    assert not list(wrong_decisions())


@pytest.mark.parametrize(
    ("given", "field"), [({"note": "  "}, "note"), ({"answer": "given"}, "answer")]
)
def test_an_answer_says_what_and_why(appeal, judge, hands, given, field):
    case = services.take_on(case=decide(appeal, judge), by=hands, at=timezone.now())
    with pytest.raises(Invalid) as refused:
        answer(case, hands, **given)
    assert list(refused.value.fields) == [field]


def test_the_database_keeps_one_answer_and_no_answer_without_an_action(appeal, judge):
    case = decide(appeal, judge)
    for kind, action in (("ordered", "reinstate"), ("done", ""), ("noted", "reinstate")):
        with pytest.raises(IntegrityError), transaction.atomic():
            CaseStep.objects.append(
                chain=f"case:{case.uuid}", at=timezone.now(), case=case, kind=kind,
                action=action, by=judge,
            )  # fmt: skip


def test_whoever_appealed_is_told_of_each_step_and_of_the_last(appeal, judge, hands):
    case = decide(appeal, judge, actions=["reinstate", "wider"])
    told = Notice.objects.get(kind="appeal_decided")
    assert "- Reinstate the credential" in told.body
    services.take_on(case=case, by=hands, at=timezone.now())
    answer(case, hands)
    answer(case, hands, action="wider", answer="waived", note="Nobody else was affected.")
    first, last = Notice.objects.filter(kind="appeal_followed").order_by("pk")
    assert first.recipient == case.about_person
    assert "Reinstate the credential: done." in first.body
    assert "- Put it right for others" in first.body
    assert "With this the appeal is closed." in last.body
    assert "Hanna" not in first.body + last.body


def test_it_waits_in_the_queue_until_all_of_it_is_answered(client, appeal, judge, hands):
    case = decide(appeal, judge, actions=["reinstate", "wider"])
    client.force_login(hands)
    queue = text(client.get(reverse("registrar-queue"), {"kind": "followup"}))
    assert "Reinstate the credential; Put it right" in queue
    assert f"Appellant {case.number}" in queue
    services.take_on(case=case, by=hands, at=timezone.now())
    answer(case, hands)
    assert "Put it right" in text(client.get(reverse("registrar-queue"), {"kind": "followup"}))
    assert "Decided, to be carried out" in text(client.get(reverse("cases")))
    answer(case, hands, action="wider", answer="waived", note="Nobody else.")
    assert not Case.objects.to_carry_out().exists()
    assert "Decided, to be carried out" not in text(client.get(reverse("cases")))


def test_on_its_page_it_is_decided_taken_on_and_done(client, appeal, judge, hands):
    address = reverse("case", args=[appeal.uuid])
    client.force_login(judge)
    assert "What follows?" in text(client.get(address))
    said = {"do": "close", "outcome": "upheld", "note": "Right."}
    missing = client.post(address, said)
    assert missing.status_code == 400
    assert "Choose what follows from it." in text(missing)
    client.post(address, {**said, "actions": ["reinstate", "wider"]})
    client.force_login(hands)
    link = reverse("credential-change", args=[appeal.credential.public_id, "reinstate"])
    page = client.get(address)
    assert "2 things that follow are still to be done" in text(page)
    assert link not in page.content.decode()
    client.post(address, {"do": "take"})
    assert link in client.get(address).content.decode()
    empty = client.post(address, {"do": "answer", "action": "reinstate", "answer": "done"})
    assert empty.status_code == 400
    assert "Say what was done" in text(empty)
    done = {"do": "answer", "answer": "done", "note": "Lifted it."}
    for action in ("reinstate", "wider"):
        client.post(address, {**done, "action": action})
    page = text(client.get(address))
    assert "Closed on" in page
    assert "Lifted it." in page


def test_whoever_appealed_reads_what_follows_on_their_page(client, as_user, appeal, judge, hands):
    case = services.take_on(case=decide(appeal, judge), by=hands, at=timezone.now())
    client.force_login(case.about_person)
    address = reverse("appeal", args=[case.uuid])
    assert "still to be done" in text(client.get(address))
    answer(case, hands)
    page = text(client.get(address))
    assert "Reinstated today." in page
    assert "Hanna" not in page
    body = as_user(case.about_person).get(f"{API}appeals/{case.uuid}/").json()
    assert [(row["state"], row["note"]) for row in body["follows"]] == [
        ("done", "Reinstated today.")
    ]


def test_programs_do_the_same(as_user, appeal, judge, hands):
    path = f"{API}cases/{appeal.uuid}/"
    desk = as_user(judge)
    may = desk.get(f"{path}follows/").json()["results"]
    assert [row["action"] for row in may] == ["reinstate", "correct", "wider"]
    said = {"outcome": "upheld", "note": "Right.", "actions": ["wider"]}
    assert desk.post(f"{path}close/", {**said, "actions": ["rescore"]}).status_code == 400
    assert desk.post(f"{path}close/", said).status_code == 200
    told = {"answer": "done", "note": "Wrote to two others."}
    desk = as_user(hands)
    assert desk.post(f"{path}follows/wider/", told).json()["code"] == "not_taken_on"
    desk.post(f"{path}take/")
    assert desk.post(f"{path}follows/wider/", {"answer": "done"}).status_code == 400
    done = desk.post(f"{path}follows/wider/", told)
    assert (done.status_code, done.json()["state"]) == (200, "done")
    assert desk.post(f"{path}follows/wider/", told).json() == done.json()
    assert desk.post(f"{path}follows/wider/", {**told, "answer": "waived"}).status_code == 409


def test_an_appeal_against_hours_leads_back_to_the_renewal():
    request = renewals.sent(renewals.renewable())
    holder = request.credential.holder
    renewals.judge(request.learning.first(), registrar(), "not_accepted")
    (row,) = services.open_to_appeal(by=holder, at=renewals.LATER)
    case = services.lodge_appeal(
        key=row.key, ground="content", said="They count.", by=holder, at=renewals.LATER
    )
    first = services.possible_follows(case)[0]
    assert (first.action, first.url) == ("hours", reverse("renewal-review", args=[request.uuid]))
