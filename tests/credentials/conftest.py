import shutil
from typing import Any

import pytest
from django.conf import settings as installed
from django.test import override_settings

from credentials import keys
from tests.credentials.issued import now


def files_in(directory) -> dict[str, Any]:
    """The settings that keep signing keys and private files there."""
    private = {
        **installed.STORAGES["private"],
        "OPTIONS": {"location": directory / "private", "base_url": None},
    }
    return {
        "KEYS_DIR": directory / "keys",
        "STORAGES": {**installed.STORAGES, "private": private},
    }


@pytest.fixture(scope="module")
def standing_vault(standing, tmp_path_factory):
    """Signing keys and private files of what stands while the tests of a module run."""
    directory = tmp_path_factory.mktemp("vault")
    with override_settings(**files_in(directory)):
        standing(lambda: keys.ensure_keys(at=now()))
        yield directory


@pytest.fixture
def vault(db, settings, tmp_path, standing_vault):
    """Signing keys and private files of this test alone."""
    shutil.copytree(standing_vault, tmp_path, dirs_exist_ok=True)
    for name, value in files_in(tmp_path).items():
        setattr(settings, name, value)
    return tmp_path


@pytest.fixture(autouse=True)
def _uploads_of_this_test_alone(settings, tmp_path):
    settings.STORAGES = files_in(tmp_path)["STORAGES"]
