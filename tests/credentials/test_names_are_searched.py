"""The migration that makes older credentials findable by name."""

from importlib import import_module

import pytest
from django.apps import apps

from credentials.models import Credential, NameWord
from credentials.services.search import search
from tests.credentials.issued import issued

pytestmark = pytest.mark.django_db


def test_a_credential_of_before_is_found_by_its_name(vault):
    older = issued("Zoë O’Rourke-Łęcka")
    newer = issued("Orla Brandreth")
    NameWord.objects.filter(credential=older).delete()
    Credential.objects.filter(pk=older.pk).update(name_key="")
    assert list(search(Credential.objects.all(), "lecka")) == []
    migration = import_module("credentials.migrations.0004_names_are_searched")
    migration.index_names(apps, None)
    assert list(search(Credential.objects.all(), "zoe lecka")) == [older]
    assert NameWord.objects.filter(credential=newer).count() == 2
