"""Holders hear in good time that their credential ends: 90, 30 and 7 days before, each once."""

import datetime as dt
from datetime import timedelta

import pytest

from accounts.models import Notice
from credentials.services import remind_of_expiry, renew, suspend
from tests.credentials.scheme import held, registrar, scheme
from tests.factories import NOW, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def credential():
    return held(scheme(), person(name="Jordan Rivera"), at=NOW)


def days_before_the_end(credential, days):
    noon = dt.datetime.combine(credential.valid_until, dt.time(12), dt.UTC)
    return noon - timedelta(days=days)


def reminders():
    return Notice.objects.filter(kind="credential_expiring")


def test_each_step_is_told_once(credential):
    counts = [
        [remind_of_expiry(at=days_before_the_end(credential, days)) for _again in range(2)]
        for days in (91, 90, 31, 30, 7, 0, -1)
    ]
    assert counts == [[0, 0], [1, 0], [0, 0], [1, 0], [1, 0], [0, 0], [0, 0]]
    notice = reminders().first()
    assert notice.recipient == credential.holder
    assert credential.number in notice.body
    assert notice.url == f"/record/{credential.public_id}/renewal/"


def test_found_late_only_the_nearest_step_is_told(credential):
    assert remind_of_expiry(at=days_before_the_end(credential, 3)) == 1
    assert reminders().get().reference.endswith(":7")


def test_a_suspended_credential_is_not_reminded_of(credential):
    boss = registrar()
    at = days_before_the_end(credential, 60)
    suspend(credential=credential, reason_code="S1", by=boss, at=at)
    assert remind_of_expiry(at=at + timedelta(hours=1)) == 0


def test_after_a_renewal_the_old_day_is_not_spoken_of_again(credential):
    boss = registrar()
    old = {days: days_before_the_end(credential, days) for days in (90, 60, 30)}
    assert remind_of_expiry(at=old[90]) == 1
    renew(credential=credential, reason_code="N1", by=boss, at=old[60])
    assert remind_of_expiry(at=old[30]) == 0
    credential.refresh_from_db()
    assert remind_of_expiry(at=days_before_the_end(credential, 90)) == 1


def test_a_quiet_round_asks_little(credential, django_assert_max_num_queries):
    at = days_before_the_end(credential, 20)
    remind_of_expiry(at=at)
    with django_assert_max_num_queries(2):
        assert remind_of_expiry(at=at) == 0
