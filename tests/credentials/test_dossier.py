"""The dossier: a page that tells a credential's whole story, and a file that proves it."""

import copy
import datetime as dt
import json

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st
from wagtail.models import ModelLogEntry

from accounts.services import Forbidden
from credentials import dossier, services, timeline
from credentials.models import Evidence, StatusEvent
from tests.behind import behind_our_back
from tests.credentials.scheme import (
    apply,
    held,
    nearly,
    registrar,
    report,
    review,
    scheme,
    send,
)
from tests.factories import NOW, person

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def standing_boss(standing):
    return standing(lambda: registrar(name="Aline Moreau"))


@pytest.fixture(scope="module")
def standing_credential(standing, standing_boss):
    return standing(changed_by, standing_boss)


@pytest.fixture
def boss(own, standing_boss):
    return own(standing_boss)


@pytest.fixture
def credential(own, standing_credential):
    return own(standing_credential)


@pytest.fixture
def desk(client, boss):
    client.force_login(boss)
    return client


def changed_by(boss):
    """Issued, suspended with a private note, reinstated."""
    row = held(scheme(), person(name="Jordan Rivera"))
    services.suspend(
        credential=row,
        reason_code="S1",
        note="Called on Monday.",
        by=boss,
        at=NOW + dt.timedelta(days=10),
    )
    services.reinstate(credential=row, reason_code="T1", by=boss, at=NOW + dt.timedelta(days=20))
    return row


@pytest.fixture
def exported(credential, boss):
    return services.export_dossier(credential=credential, by=boss, at=NOW + dt.timedelta(days=30))


def text(response):
    return response.content.decode()


# The file


def test_the_file_holds_and_can_be_checked_without_us(exported):
    again = json.loads(json.dumps(exported))
    assert dossier.check(again) == []
    assert [row["content"]["kind"] for row in again["ledger"]["events"]] == [
        "issued",
        "suspended",
        "reinstated",
    ]
    assert {row["content"]["requirement_code"] for row in again["ledger"]["evidence"]} == {
        f"SMT 2026.1 {code}"
        for code in ("agreement", "education", "licence", "insurance", "written")
    }
    assert len(again["documents"]) == len(again["ledger"]["reviews"]) == 2
    assert again["credential"]["status"] == "active"


@pytest.mark.parametrize(
    ("part", "change"),
    [
        ("events", lambda row: row["content"].update(reason_code="S9")),
        ("events", lambda row: row["content"].update(reason_text="Kinder words")),
        ("events", lambda row: row["content"].update(effective_at="2026-12-25T10:00:00+00:00")),
        ("events", lambda row: row["salted"]["note"].update(text="Another note.")),
        ("evidence", lambda row: row["content"].update(counts=False)),
        ("evidence", lambda row: row["salted"]["label"].update(text="Better")),
        ("reviews", lambda row: row["content"].update(outcome="not_met")),
    ],
)
def test_whatever_is_changed_in_the_file_is_found_even_when_its_digest_is_made_anew(
    exported, part, change
):
    forged = copy.deepcopy(exported)
    change(forged["ledger"][part][1])
    assert "not what was exported" in dossier.check(forged)[0]
    forged["sha256"] = dossier.digest_of(forged)
    assert any(problem.startswith(part) for problem in dossier.check(forged))


def test_a_row_taken_out_is_missed(exported):
    del exported["ledger"]["events"][1]
    exported["sha256"] = dossier.digest_of(exported)
    assert dossier.check(exported) == [
        f"events: row 3 of credential:{exported['credential']['public_id']} does not follow from the row before it"
    ]


def test_what_concerns_another_scheme_is_withheld_and_the_chain_still_holds(credential, boss):
    other = scheme(code="RMT")
    report(credential.holder, other, "written", label="A private matter")
    report(credential.holder, credential.credential_type, "insurance", label="Back again")
    found = services.export_dossier(credential=credential, by=boss, at=NOW)
    assert dossier.check(found) == []
    assert "A private matter" not in json.dumps(found)
    assert sum(row.get("withheld", False) for row in found["ledger"]["evidence"]) == 1


def test_adjustments_are_nobodys_business_in_an_audit(boss):
    kind = scheme()
    person_ = person()
    apply(person_, kind, accommodations="Extra time")
    for code in ("education", "written", "licence", "insurance"):
        report(person_, kind, code)
    row = person_.credentials.get()
    assert "Extra time" not in json.dumps(services.export_dossier(credential=row, by=boss, at=NOW))


def test_only_registrars_export_and_each_export_is_logged(credential, boss):
    with pytest.raises(Forbidden):
        services.export_dossier(credential=credential, by=credential.holder, at=NOW)
    assert not ModelLogEntry.objects.filter(action="credentials.dossier_exported").exists()
    services.export_dossier(credential=credential, by=boss, at=NOW)
    assert ModelLogEntry.objects.get(action="credentials.dossier_exported").user == boss


def test_the_file_is_downloaded_from_the_page(desk, credential):
    response = desk.get(reverse("dossier-export", args=[credential.public_id]))
    assert (
        response["Content-Disposition"]
        == f'attachment; filename="dossier-{credential.number}.json"'
    )
    assert dossier.check(json.loads(response.content)) == []


# The page


def test_the_page_tells_the_whole_story(desk, credential):
    page = text(desk.get(reverse("credential-dossier", args=[credential.public_id])))
    for word in (
        credential.number,
        "Jordan Rivera",
        "written passed",
        "Called on Monday.",
        "Reason S1.",
        "Aline Moreau",
        "hold, checked just now",
        "the holder",
    ):
        assert word in page, word
    for event in StatusEvent.objects.all():
        assert event.hash[:4] in page
    assert page.count(">holds<") == 3


def test_a_row_edited_behind_our_back_is_named_on_the_page(desk, credential):
    table = StatusEvent._meta.db_table
    behind_our_back(f"UPDATE {table} SET reason_text = 'Edited' WHERE kind = 'suspended'")
    page = text(desk.get(reverse("credential-dossier", args=[credential.public_id])))
    assert "broken" in page
    assert "does not hold" in page


def test_the_status_on_a_day_is_answered(desk, credential):
    address = reverse("credential-dossier", args=[credential.public_id])
    for day, word in (
        ("2020-01-01", "Pending"),
        ("2999-01-01", "past"),
        ("yesterday", "year-month-day"),
    ):
        assert word in text(desk.get(address, {"on": day})), day
    assert desk.get(address, {"on": "0001-01-01"}).status_code == 200
    assert desk.get(address, {"on": "\0"}).status_code == 200


def test_the_page_takes_a_fixed_number_of_queries(
    desk, credential, boss, django_assert_max_num_queries
):
    for month in range(1, 5):
        at = NOW + dt.timedelta(days=30 * month)
        services.suspend(credential=credential, reason_code="S2", by=boss, at=at)
        services.reinstate(credential=credential, reason_code="T1", by=boss, at=at)
    address = reverse("credential-dossier", args=[credential.public_id])
    desk.get(address)
    with django_assert_max_num_queries(30):
        desk.get(address)


def test_the_story_of_two_credentials_of_one_person_is_kept_apart(credential, boss):
    other = held(scheme(code="RMT"), credential.holder)
    story = services.story_of(credential=credential, at=NOW)
    assert {row.requirement.credential_type_id for row in story.evidence} == {
        credential.credential_type_id
    }
    assert {row.credential_id for row in story.events} == {credential.pk}
    assert other.pk != credential.pk
    assert story.breaks == 0


def test_documents_link_to_their_review(desk, credential):
    page = text(desk.get(reverse("credential-dossier", args=[credential.public_id])))
    for document in credential.application.documents.all():
        assert reverse("document-review", args=[document.uuid]) in page


# The drawing

DAYS = st.dates(dt.date(2015, 1, 1), dt.date(2040, 1, 1))


@given(
    moments=st.lists(DAYS, min_size=1, max_size=8, unique=True).map(sorted),
    spans=st.lists(st.tuples(DAYS, st.none() | DAYS), max_size=6),
    today=DAYS,
    last=st.none() | DAYS,
)
def test_everything_drawn_lies_within_the_drawing(moments, spans, today, last):
    today = max(today, moments[-1])
    ends = [*moments[1:], None]
    stretches = [
        timeline.Stretch("active", "Active", since, until)
        for since, until in zip(moments, ends, strict=True)
    ]
    drawing = timeline.draw(
        stretches,
        [timeline.Held("Licence", spans)],
        [(moments[0], "issued")],
        today=today,
        valid_until=last,
    )
    assert len(drawing.bars) == len(moments)
    for bar in drawing.bars:
        assert timeline.LEFT <= bar.x <= timeline.RIGHT
        assert bar.width > 0
    for track in drawing.tracks:
        for line in track.lines:
            assert timeline.LEFT <= line.x1 <= timeline.RIGHT
            assert timeline.LEFT <= line.x2 <= timeline.RIGHT
    assert timeline.LEFT <= drawing.today_x <= timeline.RIGHT
    if drawing.ahead and drawing.ahead.labelled:
        begin = drawing.ahead.label_x - 7 * len(f"until {drawing.ahead.word}")
        assert drawing.ahead.anchor == "end"
        assert begin > drawing.today_x or drawing.ahead.label_x < drawing.today_x
        assert begin >= 0
        assert drawing.ahead.label_x <= timeline.WIDTH
    xs = [x for x, _year in drawing.years]
    assert xs == sorted(xs)


def test_evidence_by_a_registrar_names_them(desk, boss):
    kind = scheme()
    application = apply(person(), kind)
    review(send(application), boss)
    assert Evidence.objects.get(source="document").by == boss


# Decisions, exceptions and sources


def test_the_story_holds_exceptions_decisions_and_what_sources_say(desk, boss, monkeypatch):
    from credentials.services import Account, sources

    kind = scheme(code="BYD", award="by_decision")
    application = nearly(kind, missing="insurance")
    report(application.applicant, kind, "written", source="practical")
    approver = registrar(name="Bruno Keller")
    asked = services.ask_exemption(
        application=application,
        requirement=kind.requirements.get(code="insurance"),
        ground="ours",
        reason="We lost it.",
        approver=approver,
        by=boss,
        at=NOW,
    )
    services.answer_exemption(exemption=asked, approve=True, by=approver, at=NOW)
    credential = services.decide(application=application, by=boss, at=NOW)

    def accounts(references):
        table = [["Station", "Result"], ["P1 Intake", "81 %"]]
        return {each: Account("Practical", [("Total", "84 %")], table) for each in references}

    monkeypatch.setitem(sources._SOURCES, "practical", accounts)
    exported = services.export_dossier(credential=credential, by=boss, at=NOW)
    assert dossier.check(exported) == []
    assert [row["content"]["step"] for row in exported["ledger"]["exceptions"]] == [
        "asked",
        "approved",
    ]
    (decision,) = exported["ledger"]["decisions"]
    assert decision["content"]["outcome"] == "awarded"
    assert exported["sources"][0]["table"][1] == ["P1 Intake", "81 %"]
    page = desk.get(reverse("credential-dossier", args=[credential.public_id]))
    said = text(page)
    for words in ("P1 Intake", "81 %", "Awarded by", "By exception, approved by Bruno Keller"):
        assert words in said
    assert reverse("exemption", args=[asked.uuid]) not in said
    assert "/registrar/exceptions/" in page.content.decode()
