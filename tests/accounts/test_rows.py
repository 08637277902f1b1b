"""Reading session and person on every request."""

from datetime import timedelta

import pytest
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.rows import RowBy
from accounts.sessions import SessionStore
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


def test_a_row_is_what_the_orm_would_have_read(django_assert_num_queries):
    person = UserFactory()
    by_id = RowBy(User, "id")
    with django_assert_num_queries(1):
        found = by_id(person.pk)
    expected = User.objects.get(pk=person.pk)
    assert found == expected
    for field in User._meta.concrete_fields:
        assert getattr(found, field.attname) == getattr(expected, field.attname)
    found.name = "Another"
    found.save(update_fields=["name"])
    assert by_id(person.pk).name == "Another"
    assert by_id(person.pk + 10_000) is None


def test_a_session_is_over_when_it_has_expired_or_was_ended():
    store = SessionStore()
    store["seat"] = 7
    store.save()
    assert SessionStore(store.session_key)["seat"] == 7
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    late = SessionStore(store.session_key)
    assert "seat" not in late
    assert late.session_key is None
    assert SessionStore("x" * 32).load() == {}
    assert SessionStore(None).load() == {}


def test_a_request_is_signed_in_until_the_session_ends_or_the_account_is_closed(client):
    person = UserFactory()
    client.force_login(person)
    assert client.get(reverse("desk")).status_code != 302 or SESSION_KEY in client.session
    key = client.session.session_key
    User.objects.filter(pk=person.pk).update(is_active=False)
    assert reverse("account_login") in client.get(reverse("account_email")).headers["Location"]
    User.objects.filter(pk=person.pk).update(is_active=True)
    assert client.get(reverse("account_email")).status_code == 200
    Session.objects.filter(session_key=key).delete()
    assert reverse("account_login") in client.get(reverse("account_email")).headers["Location"]
