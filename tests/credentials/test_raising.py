"""What people raise themselves: appeals against decisions on them, and concerns of anybody. What each is told, and what nobody learns."""

import datetime as dt

import pytest
from django.core import mail
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from accounts.models import Notice, Role
from accounts.services import Conflict, Forbidden, Invalid, Missing, record_teaching
from credentials import services
from credentials.models import Case, CaseStep
from credentials.services.decided import _SOURCES as SOURCES
from credentials.services.decided import Decided, register_decisions
from credentials.tasks import tell_of_outcome
from ledger.services import verify
from tests.credentials import renewals
from tests.credentials.pages import heading, text
from tests.credentials.scheme import apply, held, registrar, review, revoke, scheme, send
from tests.factories import NOW, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def kind():
    return scheme()


@pytest.fixture
def refused(kind):
    """An application that a registrar refused today."""
    application = apply(person(name="Nina New"), kind, name_on_id="Nina New", at=timezone.now())
    services.refuse_application(
        application=application,
        reason="The education is not equivalent.",
        by=registrar(),
        at=timezone.now(),
    )
    application.refresh_from_db()
    return application


def key_of(application) -> str:
    return f"decision:{application.decision.uuid}"


def lodge(application, at=None, **given):
    facts = {
        "key": given.get("key") or key_of(application),
        "ground": "procedure",
        "said": "Nobody compared my clinic hours.",
        "by": application.applicant,
    }
    return services.lodge_appeal(at=at or timezone.now(), **{**facts, **given})


def sign_in(client, user):
    client.force_login(user)
    return client


def keys(user, at=None):
    return {
        row.key.partition(":")[0]
        for row in services.open_to_appeal(by=user, at=at or timezone.now())
    }


# What can be appealed against


def test_a_refusal_a_document_not_accepted_and_changes_of_a_credential_can_be_appealed(kind):
    credential = held(kind)
    holder = credential.holder
    assert keys(holder, NOW) == set()
    boss = registrar()
    services.suspend(credential=credential, reason_code="S1", by=boss, at=NOW)
    assert keys(holder, NOW) == {"event"}
    revoke(credential)
    assert len(services.open_to_appeal(by=holder, at=NOW)) == 2
    other = apply(person(), kind)
    review(send(other), boss, "not_met")
    assert keys(other.applicant, NOW) == {"review"}
    assert keys(person(), NOW) == set()


def test_hours_that_were_not_accepted_can_be_appealed_and_whoever_judged_them_does_not_judge():
    request = renewals.sent(renewals.renewable())
    holder, boss, fresh = request.credential.holder, registrar(), registrar(name="Frieda")
    renewals.judge(request.learning.first(), boss, "not_accepted")
    (row,) = services.open_to_appeal(by=holder, at=renewals.LATER)
    case = services.lodge_appeal(
        key=row.key, ground="content", said="They were.", by=holder, at=renewals.LATER
    )
    assert case.credential == request.credential
    assert fresh in services.possible_owners(case=case, at=renewals.LATER)
    with pytest.raises(Forbidden, match="nobody judges what they reviewed"):
        services.give_case(case=case, owner=boss, by=fresh, at=renewals.LATER)


def test_an_app_above_names_its_own_decisions_and_who_had_a_part(kind, refused):
    examiner, fresh = registrar(name="Edda"), registrar(name="Frieda")
    uuid = refused.uuid
    register_decisions(
        "try",
        lambda who: [Decided(f"try:{uuid}", "Result", timezone.now().date())],
        lambda which: [("decider", examiner.pk)] if which == uuid else [],
    )
    try:
        case = lodge(refused, key=f"try:{uuid}")
        assert {row.name for row in services.possible_owners(case=case, at=NOW)} >= {"Frieda"}
        with pytest.raises(Forbidden, match="nobody judges what they decided"):
            services.give_case(case=case, owner=examiner, by=fresh, at=timezone.now())
    finally:
        SOURCES.pop("try")


def test_after_thirty_days_it_is_too_late_and_the_last_day_is_said(refused):
    last = refused.decision.at + dt.timedelta(days=30)
    with pytest.raises(Conflict, match="The last day to appeal against this was"):
        lodge(refused, at=last + dt.timedelta(days=1))
    assert lodge(refused, at=last).received_on == last.date()


def test_nobody_appeals_for_somebody_else(refused):
    for stranger in (person(), registrar(), person(Role.EXAMINER)):
        with pytest.raises(Missing):
            lodge(refused, by=stranger)
    with pytest.raises(Missing):
        lodge(refused, key="decision:nothing")
    with pytest.raises(Missing):
        services.lodge_appeal(
            key="", ground="bias", said="I.", by=refused.applicant, at=timezone.now()
        )


@pytest.mark.parametrize(
    ("given", "field"),
    [({"ground": "mood"}, "ground"), ({"said": " \0 "}, "said"), ({"said": "a" * 4001}, "said")],
)
def test_an_appeal_has_a_ground_and_words(refused, given, field):
    with pytest.raises(Invalid) as found:
        lodge(refused, **given)
    assert field in found.value.fields
    assert not Case.objects.exists()


# An appeal from its beginning to its end


def test_a_decision_is_appealed_against_once(refused):
    assert lodge(refused) == lodge(refused, said="Once more.")
    assert Notice.objects.filter(kind="appeal_received").count() == 1


def test_it_has_its_clock_and_is_acknowledged_at_once(refused):
    case = lodge(refused)
    assert case.due_on == case.received_on + dt.timedelta(days=60)
    told = Notice.objects.get(kind="appeal_received")
    assert told.recipient == refused.applicant
    assert "given to a registrar who had no part in the decision" in told.body
    assert not list(verify(CaseStep))


def test_whoever_refused_or_taught_does_not_judge_and_another_does(refused):
    case, teacher = lodge(refused), registrar()
    record_teaching(
        teacher=teacher,
        learner=refused.applicant,
        subject="Massage",
        taught_on=NOW.date(),
        by=teacher,
        at=NOW,
    )
    for barred in (refused.decision.by, teacher):
        with pytest.raises(Forbidden) as found:
            services.give_case(case=case, owner=barred, by=registrar(), at=timezone.now())
        assert found.value.code == "R2"


def test_the_outcome_is_told_with_its_reason_by_notice_and_mail(
    refused, django_capture_on_commit_callbacks
):
    case, owner = lodge(refused), registrar(name="Olaf Owner")
    services.give_case(case=case, owner=owner, by=owner, at=timezone.now())
    services.note_case(case=case, note="Rang the college.", by=owner, at=timezone.now())
    for _twice in range(2):
        services.close_case(
            case=case,
            outcome="upheld",
            note="The clinic hours count.",
            by=owner,
            at=timezone.now(),
        )
    told = Notice.objects.get(kind="appeal_decided")
    assert told.recipient == refused.applicant
    assert "The clinic hours count." in told.body
    assert "Rang the college" not in told.body
    assert "Olaf" not in told.body


def test_the_person_sees_how_far_it_is_and_no_note_or_name_of_a_registrar(client, refused):
    browser, case = sign_in(client, refused.applicant), lodge(refused)
    address = reverse("appeal", args=[case.uuid])
    assert "To a registrar who had no part in it, by" in text(browser.get(address))
    owner = registrar(name="Olaf Owner")
    services.give_case(case=case, owner=owner, by=owner, at=timezone.now(), note="Quick one")
    services.note_case(case=case, note="Rang the college.", by=owner, at=timezone.now())
    page = text(browser.get(address))
    assert "Being looked at" in page
    for private in ("Olaf", "Quick one", "Rang"):
        assert private not in page
    services.close_case(
        case=case, outcome="dismissed", note="They do not count.", by=owner, at=timezone.now()
    )
    page = text(browser.get(address))
    assert "They do not count." in page
    assert "The decision stands." in page


def test_it_is_taken_back_by_whoever_appealed_and_nobody_else(client, refused):
    case = lodge(refused)
    address = reverse("appeal", args=[case.uuid])
    for stranger in (person(), registrar(), person(Role.EXAMINER), person(Role.ADMINISTRATOR)):
        assert sign_in(client, stranger).post(address).status_code == 404
        with pytest.raises(Forbidden):
            services.withdraw_case(case=case, by=stranger, at=timezone.now())
    browser = sign_in(client, refused.applicant)
    assert browser.post(address).url == address
    assert browser.post(address).url == address, "twice is once"
    case.refresh_from_db()
    assert case.outcome == "withdrawn"
    assert case.steps.count() == 2
    assert not services.open_to_appeal(by=refused.applicant, at=timezone.now())
    with pytest.raises(Conflict, match="closed"):
        services.give_case(case=case, owner=registrar(), by=registrar(), at=timezone.now())


def test_one_that_is_decided_is_not_taken_back(refused):
    case, owner = lodge(refused), registrar()
    services.give_case(case=case, owner=owner, by=owner, at=timezone.now())
    services.close_case(case=case, outcome="upheld", note="Yes.", by=owner, at=timezone.now())
    with pytest.raises(Conflict):
        services.withdraw_case(case=case, by=refused.applicant, at=timezone.now())


def test_a_registrar_who_appealed_does_not_find_it_on_their_own_desk(client, kind):
    boss = registrar()
    application = apply(boss, kind, at=timezone.now())
    services.refuse_application(
        application=application, reason="No.", by=registrar(), at=timezone.now()
    )
    case = lodge(application)
    browser = sign_in(client, boss)
    assert browser.get(reverse("case", args=[case.uuid])).status_code == 404
    assert browser.get(reverse("appeal", args=[case.uuid])).status_code == 200


def test_an_appeal_is_made_on_its_pages(client, refused):
    browser = sign_in(client, refused.applicant)
    listed = browser.get(reverse("appeals"))
    assert f"Refusal of application {refused.reference}" in text(listed)
    address = reverse("appeal-new", args=[key_of(refused)])
    assert address in listed.content.decode()
    assert "You may appeal until" in text(browser.get(address))
    empty = browser.post(address, {})
    assert empty.status_code == 400
    assert "Choose what your appeal rests on" in text(empty)
    made = browser.post(address, {"ground": "bias", "said": "I was not heard."})
    case = Case.objects.get()
    assert made.url == reverse("appeal", args=[case.uuid])
    assert browser.get(address).url == made.url, "from now on the form leads to the appeal"
    assert case.reference in text(browser.get(reverse("appeals")))
    page = text(sign_in(client, registrar()).get(reverse("case", args=[case.uuid])))
    assert "I was not heard." in page
    assert "I was treated unfairly or discriminated against" in page


def test_the_registrar_reads_the_decision_and_the_document_an_appeal_is_about(client, kind):
    application = apply(person(), kind, at=timezone.now())
    document = send(application, at=timezone.now())
    decided = review(document, registrar(), "not_met", at=timezone.now())
    case = lodge(application, key=f"review:{decided.uuid}")
    page = sign_in(client, registrar()).get(reverse("case", args=[case.uuid]))
    assert decided.reason_text in text(page)
    file = client.get(page.context["against"]["file"])
    assert b"".join(file.streaming_content) == document.file.read()
    assert application.reference not in file["Content-Disposition"]
    assert case.number in file["Content-Disposition"]


def test_of_a_decision_on_somebody_else_there_is_no_form(client, refused):
    address = reverse("appeal-new", args=[key_of(refused)])
    for stranger in (person(), registrar(), person(Role.EXAMINER)):
        browser = sign_in(client, stranger)
        assert browser.get(address).status_code == 404
        assert browser.post(address, {"ground": "bias", "said": "I."}).status_code == 404
    client.logout()
    for page in (address, reverse("appeals")):
        assert "/accounts/login/" in client.get(page).url


def test_a_form_that_is_too_late_says_so(client, kind):
    long_ago = timezone.now() - dt.timedelta(days=40)
    application = apply(person(), kind, at=long_ago)
    services.refuse_application(application=application, reason="No.", by=registrar(), at=long_ago)
    browser = sign_in(client, application.applicant)
    address = reverse("appeal-new", args=[key_of(application)])
    assert address not in browser.get(reverse("appeals")).content.decode()
    answer = browser.post(address, {"ground": "bias", "said": "I was not heard."})
    assert answer.status_code == 409
    assert "The last day to appeal against this was" in text(answer)
    assert not Case.objects.exists()


def test_the_list_takes_a_fixed_number_of_queries(client, kind, django_assert_max_num_queries):
    applicant, boss = person(), registrar()
    browser = sign_in(client, applicant)

    def refuse_another():
        application = apply(applicant, kind, at=timezone.now())
        services.refuse_application(
            application=application, reason="No.", by=boss, at=timezone.now()
        )
        lodge(application)

    refuse_another()
    browser.get(reverse("appeals"))
    with django_assert_max_num_queries(12):
        browser.get(reverse("appeals"))
    for _number in range(6):
        refuse_another()
    with django_assert_max_num_queries(12):
        browser.get(reverse("appeals"))


# Concerns


@pytest.fixture
def _fresh_limits():
    cache.clear()


def told(**given):
    return {
        "about": "Jo Bloggs, Leeds",
        "said": "Uses the title in the window.",
        "raised_by": "Pat Employer",
        "contact": "",
        **given,
    }


def raise_one(at=None, **given):
    return services.raise_concern(at=at or timezone.now(), **told(**given))


@pytest.mark.usefixtures("_fresh_limits")
def test_anybody_raises_a_concern_and_is_told_what_happens_next(client):
    page = client.get(reverse("concern-new"), {"number": "SMT-0000-0000"})
    assert 'value="SMT-0000-0000"' in page.content.decode()
    assert "decide within 60 days" in text(page)
    assert client.post(reverse("concern-new"), {}).status_code == 400
    made = client.post(reverse("concern-new"), told())
    case = Case.objects.get()
    assert made.url == reverse("concern", args=[case.uuid])
    page = text(client.get(made.url))
    assert case.reference in page
    assert "Jo Bloggs" not in page


@pytest.mark.usefixtures("_fresh_limits")
def test_it_does_not_say_whether_a_number_is_in_the_register(client, kind):
    credential = held(kind)
    services.list_publicly(credential=credential, listed=False, by=credential.holder, at=NOW)
    answers = []
    for number in (credential.number, "SMT-0000-0000", "nonsense"):
        answer = client.post(reverse("concern-new"), told(about=number))
        shown = client.get(answer.url)
        case = Case.objects.get(about=number)
        said = text(shown).replace(case.reference, "")
        answers.append((answer.status_code, heading(shown).replace(case.reference, ""), said))
        assert credential.name not in shown.content.decode()
    assert len(set(answers)) == 1
    assert Case.objects.get(about=credential.number).credential == credential
    assert Case.objects.get(about="nonsense").credential is None


def test_the_holder_does_not_see_it_nor_a_registrar_it_is_about(client, kind):
    boss = registrar()
    credential = held(kind, boss)
    case = raise_one(about=credential.number)
    browser = sign_in(client, boss)
    assert browser.get(reverse("case", args=[case.uuid])).status_code == 404
    assert browser.get(reverse("appeal", args=[case.uuid])).status_code == 404
    assert case.reference not in text(browser.get(reverse("appeals")))


def test_one_that_a_registrar_wrote_down_has_no_public_page(client):
    boss = registrar()
    case = services.record_case(
        kind="concern",
        raised_by="By telephone",
        about="Title",
        said="Hm.",
        received_on=NOW.date(),
        by=boss,
        at=NOW,
    )
    assert client.get(reverse("concern", args=[case.uuid])).status_code == 404


def test_an_appeal_has_no_public_page(client, refused):
    assert client.get(reverse("concern", args=[lodge(refused).uuid])).status_code == 404


def test_the_same_sent_twice_is_one():
    at = timezone.now()
    assert raise_one(at) == raise_one(at + dt.timedelta(minutes=5))
    assert raise_one(at + dt.timedelta(hours=2)) != raise_one(at)


@pytest.mark.usefixtures("_fresh_limits")
def test_one_address_raises_so_many_an_hour(client):
    for number in range(6):
        assert client.post(reverse("concern-new"), told(about=f"Jo {number}")).status_code == 302
    last = client.post(reverse("concern-new"), told(about="Jo 7"))
    assert last.status_code == 429
    assert last["Retry-After"]
    assert Case.objects.count() == 6


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"about": ""}, "about"),
        ({"said": "\0"}, "said"),
        ({"raised_by": " "}, "raised_by"),
        ({"said": "a" * 4001}, "said"),
    ],
)
def test_a_concern_says_who_what_and_by_whom(given, field):
    with pytest.raises(Invalid) as found:
        raise_one(**given)
    assert field in found.value.fields


def test_whoever_left_an_address_is_written_to_once(client):
    case, owner = raise_one(contact="pat@example.org"), registrar()
    services.give_case(case=case, owner=owner, by=owner, at=timezone.now())
    services.note_case(case=case, note="Rang the shop.", by=owner, at=timezone.now())
    tell_of_outcome.call(case.pk)
    assert not mail.outbox, "not before it is decided"
    services.close_case(
        case=case, outcome="upheld", note="The title is gone.", by=owner, at=timezone.now()
    )
    mail.outbox.clear()
    for _twice in range(2):
        tell_of_outcome.call(case.pk)
    (sent,) = mail.outbox
    assert sent.to == ["pat@example.org"]
    assert "The title is gone." in sent.body
    assert "Rang" not in sent.body
    assert "The title is gone." in text(client.get(reverse("concern", args=[case.uuid])))


def test_a_mail_that_was_lost_with_its_worker_is_enqueued_again():
    case, owner = raise_one(contact="pat@example.org"), registrar()
    services.give_case(case=case, owner=owner, by=owner, at=timezone.now())
    services.close_case(case=case, outcome="upheld", note="Yes.", by=owner, at=timezone.now())
    later = timezone.now() + dt.timedelta(hours=1)
    assert services.tell_untold(at=later) == 0, "it waits in the queue"
    DBTaskResult.objects.all().delete()
    assert services.tell_untold(at=later) == 1
    assert services.tell_untold(at=later) == 0


@pytest.mark.usefixtures("_fresh_limits")
def test_the_pages_of_an_answer_lead_to_it(client, kind):
    credential = held(kind)
    page = client.get(reverse("verify-number", args=[credential.number])).content.decode()
    assert f"/concerns/?number={credential.number}" in page
    assert "/concerns/?number=" in client.get("/verify/SMT-0000-0000/").content.decode()
