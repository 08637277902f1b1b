"""The pages a tablet keeps: nothing of a candidate or a station in them, for examiners only, and every word their scripts say is there."""

import re
from pathlib import Path

import pytest
from django.urls import reverse

from accounts.models import Role
from practicals.views import device
from practicals.views.words import device_words, sheet_words
from tests.factories import person
from tests.practicals.build import exam
from tests.practicals.test_views import browse, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("standing_exam")]

SHELLS = ["desk-shell", "sheet-shell"]
SCRIPTS = Path(device.__file__).parent.parent / "static" / "practicals" / "sheet"


@pytest.mark.parametrize("name", SHELLS)
def test_a_page_for_no_network_holds_nothing_of_the_exam(name):
    built = exam()
    text = text_of(browse(built.examiners[0]).get(reverse(name)))
    for secret in (built.appointment.candidate_number, "Station P1", "Does thing 1", "Wrong a"):
        assert secret not in text
    assert 'id="boot"' not in text


@pytest.mark.parametrize("name", SHELLS)
def test_it_is_for_examiners(name):
    assert browse().get(reverse(name)).status_code == 302
    for role in (Role.INSTRUCTOR, Role.REGISTRAR, Role.CHIEF_EXAMINER):
        assert browse(person(role)).get(reverse(name)).status_code == 403
    assert browse(person()).get(reverse(name)).status_code == 403


def test_the_worker_sees_the_examiners_pages_and_no_others(client):
    answer = client.get(reverse("examiner-worker"))
    assert answer["Content-Type"].startswith("text/javascript")
    assert answer["Cache-Control"] == "no-cache" and "Service-Worker-Allowed" not in answer
    assert reverse("examiner-worker").rpartition("/")[0] + "/" == reverse("examiner-desk")
    text = answer.content.decode()
    for name in SHELLS:
        assert f'"{reverse(name)}"' in text


def test_the_manifest_installs_the_desk(client):
    manifest = client.get(reverse("examiner-manifest")).json()
    assert manifest["start_url"] == manifest["scope"] == manifest["id"] == reverse("examiner-desk")
    assert manifest["display"] == "standalone"
    assert {icon["purpose"] for icon in manifest["icons"]} == {"any", "maskable"}


def test_the_old_address_of_a_sheet_leads_to_the_new_one():
    built = exam()
    uuid = built.assignment("P1", "A").uuid
    answer = browse(built.examiners[0]).get(f"/practicals/sheets/{uuid}/")
    assert answer.status_code == 302 and answer["Location"] == reverse("sheet", args=[uuid])


@pytest.mark.parametrize(
    ("scripts", "words"),
    [
        (["desk.js", "device.js"], device_words),
        (["page.js", "clock.js", "copies.js", "open.js"], sheet_words),
    ],
)
def test_scripts_say_only_words_that_are_there(scripts, words):
    said = set()
    for name in scripts:
        said |= set(re.findall(r"\bwords\.(\w+)", (SCRIPTS / name).read_text()))
    assert said and said <= set(words())


def test_the_passphrase_is_stretched_as_the_standard_asks():
    rounds = re.search(r"ROUNDS = ([\d_]+)", (SCRIPTS / "vault.js").read_text())
    assert rounds and int(rounds.group(1)) >= 600_000
