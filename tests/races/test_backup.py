"""A backup is taken while the register runs, brought back elsewhere, and verified there; then it refuses changes as the first one does.

Here because it takes a minute: each installation is migrated from nothing.
"""

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILL = """
import django; django.setup()
from django.utils import timezone
from credentials import issuing, keys
from tests.credentials.issued import change, edition, issued
keys.ensure_keys(at=timezone.now())
from credentials import services
services.record_opening(credential_type=edition(), by=None, at=timezone.now())
change(issued("Orla Brandreth"), "suspend")
issued("Tomas Wieland")
from credentials.models import Credential
for credential in Credential.objects.all():
    issuing.sign_credential(credential=credential, at=timezone.now())
issuing.publish_status_lists(at=timezone.now())
"""


def run(place: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """A command of an installation that lies wholly in `place`."""
    environment = {
        **os.environ,
        "DATABASE_URL": f"sqlite:///{place}/db.sqlite3",
        "DATA_DIR": str(place),
        "KEYS_DIR": str(place / "keys"),
        "DJANGO_SETTINGS_MODULE": "lms.settings",
        "PYTHONPATH": str(ROOT),
    }
    return subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def place(tmp_path):
    """An installation with two credentials, one of them suspended."""
    first = tmp_path / "first"
    first.mkdir()
    for command in (("manage.py", "migrate", "-v0"), ("-c", FILL)):
        made = run(first, *command)
        assert made.returncode == 0, made.stderr
    return first


def test_what_comes_back_is_verified_and_an_edit_of_the_copy_is_found(place, tmp_path):
    second = tmp_path / "second"
    second.mkdir()
    with (
        closing(sqlite3.connect(place / "db.sqlite3")) as source,
        closing(sqlite3.connect(second / "db.sqlite3")) as copy,
    ):
        source.backup(copy)
    assert run(second, "manage.py", "migrate", "-v0").returncode == 0
    checked = run(second, "manage.py", "verify_register", "--files")
    assert checked.returncode == 0 and "hold" in checked.stdout, checked.stdout + checked.stderr
    with closing(sqlite3.connect(second / "db.sqlite3")) as copy:
        for statement in (
            "DELETE FROM credentials_statusevent",
            "UPDATE credentials_statusevent SET kind = 'corrected'",
        ):
            with pytest.raises(sqlite3.IntegrityError, match="written once"):
                copy.execute(statement)
        copy.execute("UPDATE credentials_credential SET name = 'Somebody Else' WHERE id = 1")
        copy.commit()
    checked = run(second, "manage.py", "verify_register")
    assert checked.returncode == 1 and "Credential 1 (" in checked.stdout
