"""Notices: told once, sent by the worker, found again by the sweep, read by their recipient only."""

from datetime import timedelta

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from accounts.models import Notice
from accounts.services import notify, send_what_is_unsent
from accounts.tasks import send_invitation, send_notice
from tests.factories import person

pytestmark = pytest.mark.django_db


def notice_for(somebody, reference="1", **given) -> Notice:
    at = given.pop("at", timezone.now())
    return notify(
        recipient=somebody,
        kind="test",
        reference=reference,
        subject="Something happened",
        template="accounts/mail/invitation.txt",
        context={
            "invitation": {"name": "Ada", "role_labels": ["Examiner"], "email": "a@example.org"}
        },
        url=given.get("url", "/record/"),
        at=at,
    )


def test_the_same_is_told_once_and_one_mail_goes_out(settings):
    somebody = person(email="ada@example.org")
    row = notice_for(somebody)
    assert notice_for(somebody) == row
    assert DBTaskResult.objects.filter(task_path=send_notice.module_path).count() == 1
    for _ in range(2):
        send_notice.call(row.pk)
    (message,) = mail.outbox
    assert message.to == ["ada@example.org"]
    assert f"{settings.PUBLIC_URL}/record/" in message.body


def test_the_sweep_enqueues_what_is_unsent_and_waits_in_no_queue():
    somebody, now = person(), timezone.now()
    row = notice_for(somebody, at=now - timedelta(hours=1))
    assert send_what_is_unsent(at=now) == 0, "it is in the queue"
    DBTaskResult.objects.all().delete()
    assert send_what_is_unsent(at=now) == 1
    assert send_what_is_unsent(at=now) == 0
    DBTaskResult.objects.update(status="FAILED", enqueued_at=now - timedelta(hours=1))
    assert send_what_is_unsent(at=now) == 1, "it failed, and is tried again"
    send_notice.call(row.pk)
    DBTaskResult.objects.all().delete()
    assert send_what_is_unsent(at=now) == 0


def test_an_invitation_is_sent_with_its_link(settings, now):
    from accounts.services import invite

    row = invite(email="new@example.org", name="Nia", roles=["examiner"], by=None, at=now)
    send_invitation.call(row.pk)
    (message,) = mail.outbox
    assert f"{settings.PUBLIC_URL}/invitations/{row.uuid}/" in message.body
    assert "Examiner" in message.body


def test_an_invitation_whose_mail_failed_is_sent_by_the_sweep_and_once(now):
    from accounts.services import invite

    row = invite(email="new@example.org", name="Nia", roles=["examiner"], by=None, at=now)
    later = now + timedelta(hours=1)
    DBTaskResult.objects.update(status="FAILED", enqueued_at=now)
    assert send_what_is_unsent(at=later) == 1
    for _ in range(2):
        send_invitation.call(row.pk)
    assert len(mail.outbox) == 1
    DBTaskResult.objects.all().delete()
    assert send_what_is_unsent(at=later) == 0


def test_an_invitation_that_has_run_out_is_not_sent_any_more(now):
    from accounts.services import invite

    row = invite(email="new@example.org", name="Nia", roles=["examiner"], by=None, at=now)
    DBTaskResult.objects.all().delete()
    assert send_what_is_unsent(at=row.expires_at) == 0


def test_notices_are_listed_and_read_by_their_recipient_only(client):
    somebody, stranger = person(), person()
    row = notice_for(somebody)
    address = reverse("notice", args=[row.uuid])
    assert client.get(reverse("notices")).status_code == 302
    assert client.post(address).status_code == 302
    client.force_login(stranger)
    assert "Something happened" not in client.get(reverse("notices")).content.decode()
    assert client.post(address).status_code == 404
    assert Notice.objects.get().read_at is None
    client.force_login(somebody)
    assert "Something happened" in client.get(reverse("notices")).content.decode()
    assert client.get(address).status_code == 405
    assert client.post(address).headers["Location"] == "/record/"
    assert Notice.objects.get().read_at


def test_all_notices_are_marked_as_read_at_once(client):
    somebody, other = person(), person()
    for number in range(3):
        notice_for(somebody, str(number))
    theirs = notice_for(other)
    client.force_login(somebody)
    client.post(reverse("notices-read"))
    assert list(Notice.objects.unread()) == [theirs]


@pytest.mark.parametrize("number", ["2", "0", "-1", "999", "x", "\x00"])
def test_any_page_of_notices_is_a_page(client, number):
    somebody = person()
    for reference in range(25):
        notice_for(somebody, str(reference))
    client.force_login(somebody)
    assert client.get(reverse("notices"), {"page": number}).status_code == 200


def test_the_list_of_notices_takes_a_fixed_number_of_queries(client, django_assert_max_num_queries):
    somebody = person()
    for number in range(20):
        notice_for(somebody, str(number))
    client.force_login(somebody)
    with django_assert_max_num_queries(7):
        client.get(reverse("notices"))
