"""A tie or an objection, written down where an examiner and a candidate meet; rule R4 keeps them apart from then on."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import ConflictDeclaration, Role
from accounts.services import Forbidden, Invalid, Missing, bars_to_examining
from practicals import services
from tests.factories import NOW, person
from tests.practicals.build import DAY, applicant, exam
from tests.practicals.test_views import browse, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("standing_exam")]


@pytest.fixture
def built():
    return exam()


@pytest.fixture
def clock(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)


def declare(built, examiner, by, **changes):
    given = {"appointment": built.appointment, "kind": "family", "note": "", **changes}
    return services.declare_tie(examiner=examiner, by=by, at=NOW, **given)


def test_a_registrar_writes_down_an_objection_and_it_bars_with_rule_r4(built):
    examiner = built.examiners[0]
    row = declare(built, examiner, built.registrar, kind="objection", note="He treated me.")
    assert (row.declared_by, row.note) == (built.registrar, "He treated me.")
    (bar,) = bars_to_examining(examiner=examiner, candidate=built.candidate, on=DAY)
    assert bar.rule == "R4" and "objected" in bar.sentence
    with pytest.raises(Forbidden) as refused:
        built.send("P1", "A")
    assert refused.value.code == "R4"


def test_an_examiner_declares_their_own_tie_of_an_appointment_of_theirs(built):
    me, other = built.examiners[0], built.examiners[1]
    assert declare(built, me, me).examiner == me
    with pytest.raises(Forbidden):
        declare(built, other, me)
    with pytest.raises(Forbidden):
        declare(built, me, me, kind="objection")
    with pytest.raises(Missing):
        stranger = person(Role.EXAMINER)
        declare(built, stranger, stranger)
    with pytest.raises(Missing):
        declare(built, me, me, appointment=built.offer(applicant(built.credential_type)))
    assert ConflictDeclaration.objects.count() == 1


@pytest.mark.parametrize(
    ("field", "value"), [("kind", "grudge"), ("until", (NOW - timedelta(days=1)).date())]
)
def test_what_cannot_be_is_refused_by_field(built, field, value):
    with pytest.raises(Invalid) as refused:
        declare(built, built.examiners[0], built.registrar, **{field: value})
    assert list(refused.value.fields) == [field]


def tie_of(built, **fields):
    return {
        f"tie-{name}": value
        for name, value in {
            "appointment": built.appointment.uuid,
            "kind": "family",
            **fields,
        }.items()
    }


def test_the_day_page_records_a_tie_once_and_shows_the_refusal(built, clock):
    client, page = browse(built.registrar), f"/exam-days/{built.day.uuid}/"
    examiner = built.examiners[0]
    given = tie_of(built, examiner=examiner.uuid, kind="objection")
    for _again in range(2):
        assert client.post(f"{page}ties/", given)["Location"] == page
    assert ConflictDeclaration.objects.count() == 1
    text = text_of(client.get(page))
    number = built.appointment.candidate_number
    assert f"{examiner} cannot examine {number}." in text
    assert "R4" in text and "put somebody else there" in text


def test_a_tie_half_said_is_asked_for_beside_its_fields(built, clock):
    answer = browse(built.registrar).post(f"/exam-days/{built.day.uuid}/ties/", {})
    assert answer.status_code == 400
    text = text_of(answer)
    for words in ("Choose an examiner.", "Choose a candidate.", "Say what keeps them apart."):
        assert words in text
    given = tie_of(built, examiner=built.examiners[0].uuid, until="2026-01-01")
    answer = browse(built.registrar).post(f"/exam-days/{built.day.uuid}/ties/", given)
    assert answer.status_code == 400 and "Choose today or a day to come." in text_of(answer)
    assert not ConflictDeclaration.objects.exists()


def test_an_examiner_declares_from_the_desk_and_the_plan_shows_it(built, clock):
    me = built.examiners[0]
    client = browse(me)
    assert "You know one of these candidates?" in text_of(client.get("/examine/"))
    answer = client.post("/examine/ties/", tie_of(built), follow=True)
    text = text_of(answer)
    assert "You do not examine candidate" in text and "Tie declared" in text
    assert built.candidate.name not in text
    plan = text_of(browse(built.registrar).get(f"/exam-days/{built.day.uuid}/"))
    assert f"{me} cannot examine {built.appointment.candidate_number}." in plan


def test_on_the_desk_only_candidates_of_ones_own_can_be_named(built, clock):
    other = built.accept(built.offer(applicant(built.credential_type)))
    answer = browse(built.examiners[0]).post(
        "/examine/ties/", tie_of(built, appointment=other.uuid)
    )
    assert answer.status_code == 400 and not ConflictDeclaration.objects.exists()
    answer = browse(built.examiners[0]).post("/examine/ties/", tie_of(built, kind="objection"))
    assert answer.status_code == 400 and not ConflictDeclaration.objects.exists()
    assert browse(person(Role.INSTRUCTOR)).post("/examine/ties/", {}).status_code == 403
    assert browse().post("/examine/ties/", {}).status_code == 302


def test_who_has_begun_a_sheet_leaves_it_to_the_registrar(built, clock):
    me = built.examiners[0]
    built.send("P1", "A", final=False)
    assert "You know one of these candidates?" not in text_of(browse(me).get("/examine/"))
    assert browse(me).post("/examine/ties/", tie_of(built)).status_code == 400
    given = tie_of(built, examiner=me.uuid)
    page = f"/exam-days/{built.day.uuid}/"
    assert browse(built.registrar).post(f"{page}ties/", given)["Location"] == page
