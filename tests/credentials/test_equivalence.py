"""Equivalent education: claimed and counted part by part, and met only when every part is."""

import pytest
from django.urls import reverse

from accounts.services import Invalid
from credentials import equivalence, services
from credentials.models import Document, DocumentReview
from ledger.services import verify
from tests.credentials.pages import text
from tests.credentials.scheme import a_file, apply, need, registrar, review, scheme, send
from tests.factories import NOW, person

PARTS = [
    {"code": "anatomy", "title": "Anatomy", "hours": 100},
    {"code": "clinic", "title": "Supervised clinic", "hours": 60},
]


def counted(anatomy=("met", 120), clinic=("met", 60)):
    rows = {"anatomy": anatomy, "clinic": clinic}
    return {code: {"outcome": said, "hours": hours} for code, (said, hours) in rows.items()}


def test_every_part_is_compared_even_when_nothing_is_said_of_it():
    (anatomy, clinic) = equivalence.compare(PARTS, {"anatomy": {"hours": 80, "where": "p. 2"}}, {})
    assert (anatomy.claimed, anatomy.missing, anatomy.where) == (80, 20, "p. 2")
    assert (clinic.claimed, clinic.missing, clinic.outcome) == (None, 60, "")


@pytest.mark.parametrize(
    ("said", "whole", "problems"),
    [
        (counted(), "met", {}),
        (counted(clinic=("met", 59)), "met", {"clinic": "too_few"}),
        (counted(clinic=("not_met", 10)), "met", {"clinic": "not_met"}),
        (counted(clinic=("more_information", 0)), "more_information", {}),
        (counted(clinic=("", 0)), "not_met", {"clinic": "undecided"}),
        ({}, "met", {"anatomy": "undecided", "clinic": "undecided"}),
    ],
)
def test_the_whole_follows_from_its_parts(said, whole, problems):
    assert equivalence.problems(PARTS, said, whole) == problems


@pytest.fixture
def kind(db):
    made = scheme()
    made.requirements.filter(code="education").update(parts=PARTS)
    return made


@pytest.fixture
def application(kind):
    return apply(person(name="Orla"), kind)


def browser(client, user):
    client.force_login(user)
    return client


def test_the_applicant_claims_hours_and_says_where_they_stand(client, application):
    page = browser(client, application.applicant)
    address = reverse("application-document", args=["education"])
    asked = text(page.get(address))
    assert "What it covers, of 160 hours" in asked
    assert "60 hours asked" in asked
    given = {"part_anatomy_hours": "110", "part_anatomy_where": "page 2"}
    wrong = page.post(address, {**given, "part_clinic_hours": "-1", "file": a_file()})
    assert wrong.status_code == 400
    page.post(address, {**given, "file": a_file()})
    assert Document.objects.get().parts == {"anatomy": {"hours": 110, "where": "page 2"}}


def test_a_claim_is_part_of_what_the_review_has_seen(application):
    document = send(application, "education", parts={"anatomy": {"hours": 100, "where": "p. 1"}})
    before = document.digest("salt")
    document.parts = {"anatomy": {"hours": 400, "where": "p. 1"}}
    assert document.digest("salt") != before


def test_the_reviewer_decides_on_each_part_before_the_whole(client, application):
    document = send(application, "education", parts={"anatomy": {"hours": 110, "where": "p. 2"}})
    desk = browser(client, registrar())
    address = reverse("document-review", args=[document.uuid])
    page = text(desk.get(address))
    assert "Part by part, 160 hours in all" in page
    assert "p. 2" in page
    given = {"outcome": "met", "reason_code": "E1"}
    short = {
        "part_anatomy": "met", "part_anatomy_hours": "110",
        "part_clinic": "met", "part_clinic_hours": "10",
    }  # fmt: skip
    refused = desk.post(address, {**given, **short})
    assert refused.status_code == 400
    assert "Fewer hours are counted" in text(refused)
    desk.post(address, {**given, **short, "part_clinic_hours": "60"})
    made = DocumentReview.objects.get()
    assert made.parts["clinic"] == {"hours": 60, "outcome": "met"}
    assert not list(verify(DocumentReview))


def test_the_applicant_reads_what_is_missing_of_each_part(client, application):
    document = send(application, "education", parts={"anatomy": {"hours": 110, "where": "p. 2"}})
    parts = counted(clinic=("not_met", 15))
    with pytest.raises(Invalid):
        review(document, registrar(), "met", parts=parts)
    review(document, registrar(), "more_information", parts=parts)
    page = text(
        browser(client, application.applicant).get(
            reverse("application-document", args=["education"])
        )
    )
    assert "45 hours are missing." in page


def test_the_next_edition_keeps_the_parts(kind):
    draft = services.draft_next_edition(credential_type=kind, edition="2027.1", by=None, at=NOW)
    assert need(draft, "education").parts == PARTS
