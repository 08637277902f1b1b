"""Documents that run out: reminders before and after, what the holder and the registrar see, and the new one."""

import datetime as dt

import pytest
from django.urls import reverse

from accounts.models import Notice
from accounts.services import Conflict
from credentials import services
from credentials.models import Evidence
from credentials.services.lasting import endings
from tests.credentials.pages import text
from tests.credentials.scheme import NEXT_YEAR, apply, held, need, registrar, review, scheme, send
from tests.factories import NOW, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def kind():
    return scheme()


@pytest.fixture
def credential(kind):
    """Its licence and insurance are accepted until NEXT_YEAR; the credential lasts two years."""
    return held(kind, person(name="Jordan Rivera"))


def before(days, last=NEXT_YEAR):
    return dt.datetime.combine(last - dt.timedelta(days=days), dt.time(12), dt.UTC)


def renewed(credential, code="insurance", at=None, last=NEXT_YEAR + dt.timedelta(days=365)):
    return services.upload_document(
        application=credential.application,
        requirement=need(credential.credential_type, code),
        by=credential.holder,
        at=at or before(20),
        file=send_file(),
        valid_until=last,
        renewing=True,
    )


def send_file():
    from tests.credentials.scheme import a_file

    return a_file(b"%PDF-1.7\n% the new one\n")


def test_each_step_is_told_once_and_once_more_when_it_has_run_out(credential):
    counts = [
        [services.remind_of_documents(at=before(days)) for _again in range(2)]
        for days in (91, 90, 31, 30, 7, 0, -1, -200)
    ]
    # licence and insurance end on the same day
    assert counts == [[0, 0], [2, 0], [0, 0], [2, 0], [2, 0], [0, 0], [2, 0], [0, 0]]
    notice = Notice.objects.filter(kind="document_expiring").order_by("pk").last()
    assert notice.recipient == credential.holder
    assert "ran out" in notice.subject


def test_who_has_sent_the_new_one_is_not_asked_for_it(credential):
    document = renewed(credential)
    assert services.remind_of_documents(at=before(7)) == 1  # the licence
    review(document, registrar(), at=before(7), valid_until=document.valid_until)
    assert [row.requirement.code for row in endings(at=before(-5), days=30)] == ["licence"]


def test_a_suspended_or_ended_credential_reminds_nobody(credential):
    services.suspend(credential=credential, reason_code="S1", by=registrar(), at=NOW)
    assert services.remind_of_documents(at=before(30)) == 0


def test_an_applicant_whose_paper_runs_out_hears_of_it_and_the_requirement_is_open_again(kind):
    application = apply(person(), kind)
    review(send(application), registrar())
    assert services.remind_of_documents(at=before(-1)) == 1
    notice = Notice.objects.get(kind="document_expiring")
    assert "The requirement is open again" in notice.body
    rows = services.standings_of([application], at=before(-1))[application.pk]
    assert [row.finding.state for row in rows if row.requirement.code == "insurance"] == ["expired"]


def test_the_holder_sends_the_new_one_and_a_registrar_accepts_it(client, credential, monkeypatch):
    at = before(20)
    for module in ("views_applicant", "views_holder", "views_registrar"):
        monkeypatch.setattr(f"credentials.{module}.timezone.now", lambda: at)
    client.force_login(credential.holder)
    record = reverse("credential-record", args=[credential.public_id])
    assert "Professional insurance: valid until" in text(client.get(record))
    address = reverse("application-document", args=["insurance"])
    sent = client.post(
        f"{address}?application={credential.application.uuid}",
        {"file": send_file(), "valid_until_0": 1, "valid_until_1": 6, "valid_until_2": 2028},
    )
    assert sent.url == record
    (document,) = services.waiting_documents()
    review(document, registrar(), at=at)
    assert "Professional insurance: valid until" not in text(client.get(record))
    assert Evidence.objects.filter(valid_until=dt.date(2028, 6, 1)).exists()


def test_a_document_that_never_ends_is_closed_with_the_application(credential):
    with pytest.raises(Conflict) as refused:
        services.upload_document(
            application=credential.application,
            requirement=need(credential.credential_type, "education"),
            by=credential.holder,
            at=NOW,
            file=send_file(),
            renewing=True,
        )
    assert refused.value.code == "application_closed"


def test_a_registrar_sees_what_has_run_out_until_a_new_one_waits(credential):
    def seen(at):
        rows = [row for row in services.matters(at=at) if row.kind == "ending"]
        return [(row.what, row.due) for row in rows]

    assert seen(before(40)) == []
    both = {("Licence to practise", NEXT_YEAR), ("Professional insurance", NEXT_YEAR)}
    assert set(seen(before(10))) == both
    assert set(seen(before(-10))) == both
    (row, *_rest) = [row for row in services.matters(at=before(-10)) if row.kind == "ending"]
    assert "the credential is active" in row.why
    assert row.acts == ("remind",)
    renewed(credential, at=before(-11))
    assert seen(before(-10)) == [("Licence to practise", NEXT_YEAR)]
