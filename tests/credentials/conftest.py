import pytest

from credentials import keys
from tests.credentials.issued import now


@pytest.fixture
def vault(db, settings, tmp_path):
    """Signing keys and private files of this test alone."""
    settings.KEYS_DIR = tmp_path / "keys"
    private = {
        **settings.STORAGES["private"],
        "OPTIONS": {"location": tmp_path / "private", "base_url": None},
    }
    settings.STORAGES = {**settings.STORAGES, "private": private}
    keys.ensure_keys(at=now())
    return tmp_path


@pytest.fixture(autouse=True)
def _uploads_of_this_test_alone(settings, tmp_path):
    private = {
        **settings.STORAGES["private"],
        "OPTIONS": {"location": tmp_path / "private", "base_url": None},
    }
    settings.STORAGES = {**settings.STORAGES, "private": private}
