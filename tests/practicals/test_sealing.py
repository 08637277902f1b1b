"""Health notes are sealed in the database, and the key is changed without losing any."""

import pytest
from django.core.management import call_command
from django.db import connection

from practicals import sealing
from practicals.models import Appointment, ClientModel
from tests.practicals.build import exam
from tests.practicals.test_attending import keep

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def keys(settings, tmp_path):
    settings.KEYS_DIR = tmp_path / "keys"


@pytest.fixture
def client_model():
    built = exam()
    Appointment.objects.filter(pk=built.appointment.pk).update(avoid="left knee")
    row = keep(built, avoid="the neck", allergies="nut oil")
    return ClientModel.objects.get(pk=row.pk)


def stored(table="practicals_clientmodel", columns="allergies, avoid, notes"):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {columns} FROM {table}")
        return list(cursor.fetchone())


def test_the_database_holds_nothing_that_can_be_read(client_model):
    assert (client_model.allergies, client_model.avoid) == ("nut oil", "the neck")
    allergies, avoid, notes = stored()
    assert allergies.startswith(sealing.MARK) and "nut" not in allergies and "neck" not in avoid
    assert notes == ""
    (avoid,) = stored("practicals_appointment", "avoid")
    assert "knee" not in avoid and Appointment.objects.get().avoid == "left knee"
    assert sealing.keys_path().stat().st_mode & 0o777 == 0o600


def test_a_new_key_seals_everything_anew_and_the_old_one_is_dropped(client_model):
    before, old = stored(), sealing.keys()
    call_command("reseal")
    assert len(sealing.keys()) == 1 and sealing.keys() != old
    assert all(row != was for row, was in zip(stored()[:2], before[:2], strict=True))
    client_model.refresh_from_db()
    assert (client_model.allergies, client_model.avoid) == ("nut oil", "the neck")
    assert Appointment.objects.get().avoid == "left knee"


def test_a_run_that_was_broken_off_is_finished(client_model):
    sealing.add_key()
    new = sealing.keys()[0]
    client_model.refresh_from_db()
    assert client_model.avoid == "the neck"
    call_command("reseal", "--go-on")
    assert sealing.keys() == [new]
    client_model.refresh_from_db()
    assert client_model.avoid == "the neck"


def test_what_was_written_before_there_was_a_seal_is_read_and_sealed_by_the_next_save(client_model):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE practicals_clientmodel SET notes = 'Speaks softly'")
    client_model.refresh_from_db()
    assert client_model.notes == "Speaks softly"
    client_model.save()
    assert stored()[2].startswith(sealing.MARK)


def test_without_its_key_the_file_is_named(client_model):
    sealing.keys_path().unlink()
    with pytest.raises(sealing.SealBroken, match=r"health-notes\.keys"):
        client_model.refresh_from_db()
