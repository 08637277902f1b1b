"""The same for many: looked at first, done once each, refused one by one, and gone on with after the worker was killed."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Notice, Role
from accounts.services import Forbidden, Invalid
from credentials import services, views_bulk
from credentials.models import BulkRun, BulkStep, Credential, CredentialType, StatusEvent
from credentials.services import bulk
from tests.credentials.pages import text
from tests.credentials.scheme import NEXT_YEAR, held, nearly, registrar, report, scheme
from tests.factories import NOW, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def boss():
    return registrar(name="Aline Moreau")


@pytest.fixture
def desk(client, boss):
    client.force_login(boss)
    return client


def complete(kind, applicant=None, at=NOW):
    application = nearly(kind, applicant)
    report(application.applicant, kind, "written", at=at)
    return application


def keys_of(applications):
    return [f"decision:{row.uuid}" for row in applications]


def carried_out(run, at=NOW):
    return bulk.carry_out(run=BulkRun.objects.get(pk=run.pk), at=lambda: at)


@pytest.fixture
def by_decision():
    return scheme(award=CredentialType.Award.BY_DECISION)


def test_a_plan_changes_nothing_and_says_what_is_left_out_by_rule(by_decision, boss):
    ready, own = complete(by_decision), complete(by_decision, boss)
    rows = services.plan_bulk(action="award", keys=keys_of([ready, own]), by=boss, at=NOW)
    assert rows[0].refusal == ""
    assert "Rule R2" in rows[1].refusal
    assert not Credential.objects.exists()
    assert not BulkRun.objects.exists()


def test_each_is_awarded_once_with_a_decision_of_its_own(by_decision, boss):
    applications = [complete(by_decision) for _number in range(3)]
    keys = [*keys_of(applications), *keys_of(applications)]
    run = services.start_bulk(action="award", keys=keys, by=boss, at=NOW)
    assert carried_out(run) == 3
    assert carried_out(run) == 0
    assert Credential.objects.count() == 3
    assert {row.application.decision.by for row in Credential.objects.all()} == {boss}
    run.refresh_from_db()
    assert run.finished_at == NOW


def test_a_plan_of_many_awards_asks_no_more_than_one_of_few(
    by_decision, boss, django_assert_num_queries
):
    keys = keys_of([complete(by_decision) for _number in range(2)])
    assert boss.roles  # remembered from here on
    with django_assert_num_queries(9):
        services.plan_bulk(action="award", keys=keys, by=boss, at=NOW)
    keys += keys_of([complete(by_decision) for _number in range(4)])
    with django_assert_num_queries(9):
        planned = services.plan_bulk(action="award", keys=keys, by=boss, at=NOW)
    assert [row.key for row in planned if not row.refusal] == keys


def test_a_key_is_taken_as_it_was_written(by_decision, boss):
    (key,) = keys_of([complete(by_decision)])
    keys = [key, key.replace("-", ""), "decision:nothing", "expiring:nothing"]
    planned = services.plan_bulk(action="award", keys=keys, by=boss, at=NOW)
    assert [row.key for row in planned] == keys
    assert [bool(row.refusal) for row in planned] == [False, False, True, True]
    run = services.start_bulk(action="award", keys=keys[:2], by=boss, at=NOW)
    assert carried_out(run) == 2
    assert Credential.objects.count() == 1


def test_one_that_is_refused_holds_up_no_other(by_decision, boss):
    first, second = complete(by_decision), complete(by_decision)
    run = services.start_bulk(action="award", keys=keys_of([first, second]), by=boss, at=NOW)
    services.refuse_application(application=first, reason="No.", by=registrar(), at=NOW)
    carried_out(run)
    assert [(row.state, row.said[:28]) for row in run.steps.all()] == [
        ("refused", "This application is closed."),
        ("done", f"Credential {Credential.objects.get().number}"[:28]),
    ]


def test_a_killed_run_goes_on_where_it_stood(by_decision, boss, monkeypatch):
    applications = [complete(by_decision) for _number in range(3)]
    run = services.start_bulk(action="award", keys=keys_of(applications), by=boss, at=NOW)
    decide, calls = bulk.decide, []

    def killed_at_the_second(**given):
        calls.append(given)
        if len(calls) == 2:
            decide(**given)
            raise KeyboardInterrupt  # after the award, before the note that it is done
        return decide(**given)

    monkeypatch.setattr(bulk, "decide", killed_at_the_second)
    with pytest.raises(KeyboardInterrupt):
        carried_out(run)
    assert Credential.objects.count() == 1, "the second was undone with its step"
    assert services.resume_due(at=NOW + dt.timedelta(minutes=1)) == 0
    assert services.resume_due(at=NOW + dt.timedelta(minutes=3)) == 1
    assert carried_out(run) == 2
    assert Credential.objects.count() == 3
    assert services.resume_due(at=NOW + dt.timedelta(minutes=9)) == 0


def ends_soon(credential):
    return dt.datetime.combine(credential.valid_until - dt.timedelta(days=40), dt.time(12), dt.UTC)


def test_many_are_reminded_each_once_a_run(boss):
    credential = held(scheme(), person(name="Jordan"))
    at = ends_soon(credential)
    keys = [row.key for row in services.matters(at=at) if "remind" in row.acts]
    assert {key.partition(":")[0] for key in keys} == {"expiring", "ending"}
    run = services.start_bulk(action="remind", keys=keys, by=boss, at=at)
    carried_out(run, at)
    carried_out(run, at)
    told = Notice.objects.filter(kind__in=["credential_expiring", "document_expiring"])
    assert told.count() == len(keys)
    assert {row.recipient for row in told} == {credential.holder}


def test_a_run_asked_for_again_at_once_is_the_same_run(boss):
    """The button pressed twice, without JavaScript that would keep from it; later, or by another registrar, it is another run."""
    credential = held(scheme(), person(name="Jordan"))
    at = ends_soon(credential)
    keys = [row.key for row in services.matters(at=at) if "remind" in row.acts]

    def ask(chosen=keys, by=boss, seconds=0):
        when = at + dt.timedelta(seconds=seconds)
        return services.start_bulk(action="remind", keys=chosen, by=by, at=when)

    run = ask()
    carried_out(run, at)
    assert ask(seconds=5) == ask(keys[::-1], seconds=10) == run
    assert len({run.pk, ask(keys[:1]).pk, ask(by=registrar()).pk, ask(seconds=120).pk}) == 4


def test_only_holders_with_current_documents_are_renewed_together(boss):
    credential = held(scheme(), person(name="Jordan"))
    at = ends_soon(credential)
    (key,) = [row.key for row in services.matters(at=at) if row.kind == "expiring"]
    (row,) = services.plan_bulk(action="renew", keys=[key], by=boss, at=at)
    assert "Not current: Licence to practise, Professional insurance" in row.refusal
    early = dt.datetime.combine(NEXT_YEAR, dt.time(12), dt.UTC)
    with pytest.raises(Invalid):
        services.start_bulk(action="renew", keys=[key], by=boss, at=early)
    run = services.start_bulk(action="renew", keys=[key], by=boss, at=early, reason_code="N1")
    carried_out(run, early)
    assert StatusEvent.objects.filter(kind="renewed", by=boss).count() == 1
    assert "Valid until" in run.steps.get().said


@pytest.mark.parametrize("key", ["decision:nonsense", "expiring:", "", "ending:\x00"])
def test_a_matter_that_is_not_there_is_refused_in_words(by_decision, boss, key):
    for action in ("remind", "renew", "award"):
        (row,) = services.plan_bulk(action=action, keys=[key], by=boss, at=NOW)
        assert row.refusal


def test_what_an_action_is_not_for_is_left_out_by_itself(boss):
    credential = held(scheme(), person(name="Jordan"))
    at = dt.datetime.combine(NEXT_YEAR, dt.time(12), dt.UTC)
    (paper, _other) = [row.key for row in services.matters(at=at) if row.kind == "ending"]
    keys = [paper, f"expiring:{credential.public_id}"]
    left_out, fits = services.plan_bulk(action="renew", keys=keys, by=boss, at=at)
    assert (left_out.who, left_out.refusal) == (
        "Jordan",
        "“Renew” is not for this kind of matter.",
    )
    assert not fits.refusal


def test_only_registrars_do_it_and_not_without_choosing(boss):
    with pytest.raises(Forbidden):
        services.plan_bulk(action="remind", keys=["a"], by=person(), at=NOW)
    with pytest.raises(Invalid):
        services.plan_bulk(action="remind", keys=[], by=boss, at=NOW)
    with pytest.raises(Invalid):
        services.plan_bulk(
            action="remind", keys=[str(n) for n in range(bulk.MOST + 1)], by=boss, at=NOW
        )


def test_from_the_queue_over_the_preview_to_the_progress(desk, by_decision):
    application = complete(by_decision, at=timezone.now())
    queue = desk.get(reverse("registrar-queue"))
    (key,) = keys_of([application])
    assert f'value="{key}" form="many"' in queue.content.decode()
    address = reverse("bulk")
    preview = desk.post(address, {"action": "award", "key": [key]})
    assert "Award: 1 matter" in text(preview)
    assert not BulkRun.objects.exists()
    unconfirmed = desk.post(address, {"action": "award", "key": [key], "start": "1"})
    assert unconfirmed.status_code == 400
    begun = desk.post(address, {"action": "award", "key": [key], "start": "1", "confirmed": "on"})
    run = BulkRun.objects.get()
    assert begun.url == reverse("bulk-run", args=[run.uuid])
    page = desk.get(begun.url)
    assert "Award: 0 of 1" in text(page)
    assert 'http-equiv="refresh"' in page.content.decode()
    carried_out(run, timezone.now())
    page = desk.get(begun.url)
    assert "Award: finished" in text(page)
    assert 'http-equiv="refresh"' not in page.content.decode()
    assert "Finished" in text(desk.get(reverse("bulk-runs")))


@pytest.mark.parametrize("roles", [(), (Role.EXAMINER,), (Role.INSTRUCTOR, Role.ADMINISTRATOR)])
def test_it_is_for_registrars(client, boss, roles):
    run = BulkRun.objects.create(action="remind", by=boss, asked_at=NOW)
    client.force_login(person(*roles))
    assert client.post(reverse("bulk"), {"action": "remind", "key": "a"}).status_code == 403
    assert client.get(reverse("bulk-run", args=[run.uuid])).status_code == 403
    assert client.get(reverse("bulk-runs")).status_code == 403
    client.logout()
    assert "/accounts/login/" in client.post(reverse("bulk")).url


def test_nothing_chosen_or_an_unknown_action_is_said_and_harmless(desk):
    assert desk.post(reverse("bulk"), {"action": "remind"}).status_code == 400
    assert desk.post(reverse("bulk"), {"action": "explode"}).url == reverse("registrar-queue")
    assert desk.get(reverse("bulk")).url == reverse("registrar-queue")
    assert not BulkStep.objects.exists()


def test_a_large_run_shows_its_newest_while_it_goes_on_and_all_when_it_is_finished(
    desk, by_decision, boss, monkeypatch
):
    monkeypatch.setattr(views_bulk, "SHOWN_STEPS", 2)
    applications = [complete(by_decision) for _number in range(4)]
    run = services.start_bulk(action="award", keys=keys_of(applications), by=boss, at=NOW)
    services.refuse_application(application=applications[0], reason="No.", by=registrar(), at=NOW)
    address = reverse("bulk-run", args=[run.uuid])
    for step in run.steps.all()[:3]:
        bulk._take(run, step.pk, timezone.now())
    answer = desk.get(address)
    assert "3 of 4" in text(answer) and "the newest are shown" in text(answer)
    keys = keys_of(applications)
    assert [step.key for step in answer.context["steps"]] == [keys[0], keys[2]]
    carried_out(run)
    assert [step.key for step in desk.get(address).context["steps"]] == keys
    assert ">4</td>" in desk.get(reverse("bulk-runs")).content.decode()
