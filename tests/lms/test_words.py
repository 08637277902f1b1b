"""Every page of every role in a catalogue that marks what it translates: whatever is unmarked and written by nobody could not be translated."""

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext, ngettext, pgettext

from accounts.models import Role
from courses.models import Cohort
from tests.browser.test_screens import kind_of
from tests.factories import person
from tests.flows.world import World
from tests.words import marked, untranslatable, written

OURS = ("accounts", "cms", "courses", "credentials", "ledger", "lms", "practicals", "quizzes")
LEAVE = re.compile(
    r"^/(cms|accounts/logout|static|media|files|api|demo|outbox|metrics)"
    r"|\.(pdf|png|json|csv|svg|ics)$|/(file|pdf|export|current)/?$"
)
PUBLIC = ("/verify/", "/verify/many/", "/register/", "/concerns/", "/accounts/login/", "/accounts/signup/",
          "/accounts/password/reset/", "/nowhere/", "/verify/SMT-0000-0000/", "/register/?q=0000")  # fmt: skip
EVERYBODY = ("/desk/", "/home/", "/account/", "/notices/", "/application/", "/record/", "/appeals/", "/appointments/", "/practise/")  # fmt: skip
DESKS = {
    "visitor": PUBLIC,
    "failed": ("/home/", "/appeals/"),
    "sitting": ("/home/", "/application/"),
    "offered": ("/home/", "/appointments/"),
    "teacher": ("/desk/",),
    "author": ("/desk/", "/items/forms/"),
    "reviewer": ("/desk/", "/essays/", "/registrar/results/"),
    "invigilator": ("/desk/", "/nowhere/", "/teach/"),  # no class of theirs
    "examiner": ("/desk/",),
    "chief": ("/desk/",),
    "registrar": (
        "/desk/", "/registrar/register/", "/registrar/cases/", "/registrar/cases/new/", "/registrar/exceptions/",
        "/registrar/many/runs/", "/exam-days/", "/exam-days/openings/", "/sittings/", "/sittings/new/", "/people/invite/",
    ),
}  # fmt: skip


def populate(world: World) -> dict[str, Client]:
    """Somebody at each stage of the road, and everybody who works beside it."""
    student = world.newcomer("Tomas Wieland")
    world.study(student)
    sent = world.send(student, world.apply(student), "insurance")
    decision = {"outcome": "more_information", "reason_code": "I2"}
    world.registrar.post(f"documents/{sent}/review/", decision, expect=200)
    failed = world.newcomer("Thabo Nkosi")
    world.apply(failed)
    world.sit_written(failed, right=4)
    sitting = world.newcomer("Joel Osei")
    world.accept_documents(sitting, world.apply(sitting), "education")
    sitting.post("enrolments/", {"course": "SMT-EXAMS"})
    sitting.post(f"activities/{world.written.uuid}/attempts/")
    offered, holder = world.newcomer("Kwame Boateng"), world.newcomer("Orla Brandreth")
    for walker in (offered, holder):
        application = world.apply(walker)
        world.accept_documents(walker, application, "education", "licence", "insurance")
        world.sit_written(walker)
    body = {"exam_day": str(world.day.uuid), "candidate": str(offered.user.uuid)}
    world.registrar.post("appointments/", body)
    appointment = world.expect(holder)
    world.examine(P1B={"ratings": {3: 0, 4: 0, 5: 0}, "global_rating": 2})
    place = f"practicals/held/{appointment}/"
    ruling = {
        "lines": {"P1.03": 2, "P1.04": 1, "P1.05": 2},
        "reasons": "The recording shows both lines done.",
        "sheets": world.chief.get(place)["stations"][0]["sheet_uuids"],
    }
    world.chief.post(f"{place}stations/P1/adjudicate/", ruling, expect=200)
    (credential,) = holder.get("credentials/")["results"]
    world.change(credential, "suspend", "S1")
    teacher = person(Role.INSTRUCTOR, name="Inês Duarte")
    cohort = Cohort.objects.create(
        course=world.course, title="Evening class", begins_on=timezone.localdate()
    )
    cohort.instructors.add(teacher)
    walkers = {
        "student": student.user,
        "failed": failed.user,
        "sitting": sitting.user,
        "offered": offered.user,
        "holder": holder.user,
        "teacher": teacher,
        "author": world.author.user,
        "reviewer": person(Role.ITEM_REVIEWER, name="Saanvi Rao"),
        "invigilator": person(Role.INVIGILATOR, name="Tove Holm"),
        "examiner": world.examiners[0].user,
        "chief": world.chief.user,
        "registrar": world.registrar.user,
        "newcomer": world.newcomer("Nia New").user,
    }
    clients = {"visitor": Client()}
    for name, user in walkers.items():
        clients[name] = Client()
        clients[name].force_login(user)
    return clients


def opened(client: Client, starts: tuple[str, ...], seen: set[str]) -> Iterator[tuple[str, str]]:
    """Each start that opens, and each kind of page that links from it lead to and nobody has opened: address and page."""
    waiting = [*starts]
    seen.update(map(kind_of, starts))
    while waiting:
        path = waiting.pop(0)
        answer = client.get(path, follow=True)
        if "html" not in answer.get("Content-Type", ""):
            continue
        page = answer.content.decode()
        for link in re.findall(r'href="([^"#]+)"', page):
            there = urlsplit(link).path
            if there.startswith("/") and not LEAVE.search(there) and kind_of(there) not in seen:
                seen.add(kind_of(there))
                waiting.append(there)
        yield path, page


def test_marks_are_set_around_every_message_and_taken_off_again():
    assert gettext("Licence to be") == "Licence to be"
    with marked():
        assert gettext("Licence to be") == "⟦Licence to be⟧"
        assert pgettext("a key", "Enter") == "⟦Enter⟧"
        assert ngettext("one", "many", 2) == "⟦many⟧"
        assert date_format(date(2026, 11, 28), "j F Y") == "28 ⟦November⟧ 2026"
    assert gettext("Licence to be") == "Licence to be"


@pytest.mark.parametrize(
    ("page", "found"),
    [
        ("<p>⟦Said⟧</p><p>Bare words</p>", ["Bare words"]),
        ("<p>⟦Said <b>⟦twice⟧</b>⟧ and <i>bare</i></p>", ["and bare"]),
        ('<p title="Bare">⟦Said⟧</p><img alt="⟦Said⟧">', ["Bare"]),
        ('<script type="application/json">{"words": ["⟦Said⟧", "Bare words"]}</script>', ["Bare words"]),
        ("<p>Orla Brandreth, 3 PDF, SMT-7K3Q-90TX</p>", []),
        ("<p>⟦Valid until 28 ⟦November⟧ 2026⟧</p>", []),
        ("<p>⟦Valid until 28 November 2026⟧</p>", ["⟦Valid until 28 November 2026⟧"]),
    ],
)  # fmt: skip
def test_what_could_not_be_translated_is_found(page, found):
    assert untranslatable(page, ["Orla Brandreth"]) == found


def test_no_day_is_said_with_the_months_of_one_language():
    """Python's own %B and %A know English only; Django's formats know the reader's language."""
    code = [path for app in OURS for path in Path(settings.BASE_DIR, app).rglob("*.py")]
    code = [path for path in code if not {"demo", "migrations", "management"} & set(path.parts)]
    assert len(code) > 300
    said = re.compile(r"%[-]?d %[Bb]|%[AaBb]\b")
    assert [path.name for path in code if said.search(path.read_text())] == []


@pytest.mark.django_db
def test_every_page_of_every_role_can_be_translated(world):
    found, seen, pages = [], set(), 0
    with marked():
        clients = populate(world)
        content = sorted(written(), key=len, reverse=True)
        for name, client in clients.items():
            for path, page in opened(client, DESKS.get(name, EVERYBODY), seen):
                pages += 1
                found += [f"{name} {path}: {said}" for said in untranslatable(page, content)]
    assert pages > 60, "the pages were not found"
    assert not found, "\n".join(dict.fromkeys(found))
