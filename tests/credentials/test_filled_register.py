"""The benchmark's register is one that services could have written: row by row, hash by hash, and found by the same searches."""

import random

import pytest
from django.db import models

from accounts.models import User
from bench import register_fill
from credentials import services
from credentials.models import Application, Credential, NameWord, StatusEvent
from ledger.services import verify
from tests.credentials.issued import edition, issued

NAMES = ["Béla Szabó", "Anne-Marie O’Neill", "Wanjiru Nia Schmidt"]
# What is anybody's own, and what only a service does besides: evidence of who decided, a password that was chosen.
OWN = {"id", "uuid", "public_id", "subject_id", "number", "salt", "email", "password"}
MOMENTS = (models.DateTimeField, models.DateField)


@pytest.fixture
def served_and_filled(vault):
    kind = edition()
    served = [issued(name, kind=kind) for name in NAMES]
    register_fill.fill(NAMES, kind=kind, chance=random.Random(1))
    filled = list(Credential.objects.exclude(pk__in=[row.pk for row in served]).order_by("pk"))
    return list(zip(served, filled, strict=True))


def said(row):
    """What a row says that does not differ from one credential to the next: values, for moments and references that there is one."""
    facts = {}
    for field in row._meta.concrete_fields:
        value = getattr(row, field.attname)
        if field.name in OWN or field.name in ("chain", "hash", "record"):
            facts[field.name] = (
                type(value),
                len(str(value)) if field.name == "hash" else bool(value),
            )
        elif isinstance(field, MOMENTS) or field.is_relation:
            facts[field.name] = type(value), value is None
        else:
            facts[field.name] = value
    return facts


def rows_of(credential):
    return [
        credential,
        credential.application,
        credential.events.get(),
        *credential.words.order_by("pk"),
    ]


def test_every_column_is_as_a_service_leaves_it(served_and_filled):
    for served, filled in served_and_filled:
        assert [said(row) for row in rows_of(filled)] == [said(row) for row in rows_of(served)]


def test_days_and_moments_belong_together(served_and_filled):
    for pair in served_and_filled:
        for row in pair:
            event, application = row.events.get(), row.application
            assert event.at == event.effective_at == row.issued_at == application.closed_at
            assert event.valid_until == row.valid_until > row.valid_from == row.issued_at.date()
            assert event.chain == row.chain and event.record == row.digest(event.salt)
            assert application.applicant == row.holder


def test_every_hash_holds_and_the_next_rows_follow(served_and_filled):
    assert list(verify(StatusEvent)) == []
    later = issued("Ruth Kowalska")
    assert later.pk > max(filled.pk for _served, filled in served_and_filled)
    for kind in (User, Application, Credential, StatusEvent, NameWord):
        assert kind.objects.count() == len(set(kind.objects.values_list("pk", flat=True)))


def test_who_was_filled_in_is_found(served_and_filled):
    _served, filled = served_and_filled[0]
    assert filled in services.search(Credential.objects.listed(), "szabo")
    assert filled in services.nearest(Credential.objects.listed(), "sabo")
    assert filled in services.search(Credential.objects.listed(), filled.number)
