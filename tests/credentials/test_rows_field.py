"""Parts of equivalent education and the rules of a renewal are set up in Wagtail, row by row; what is wrong is said with its row."""

import pytest
from django import forms
from django.urls import reverse
from django.utils.html import escape

from credentials import scheme_diff
from credentials.models import CredentialType
from credentials.rows_field import MOST_ROWS, CategoriesField, PartsField
from tests.credentials.scheme import need, scheme
from tests.credentials.test_schemes import edition_form, office, text

__all__ = ["office"]

PARTS = [
    {"code": "anatomy", "title": "Anatomy and physiology", "hours": 136},
    {"code": "clinic", "title": "Supervised clinic", "hours": 60},
]


class Form(forms.Form):
    parts = PartsField(required=False)


def posted(*rows):
    return {
        f"parts-{place}-{key}": str(value)
        for place, row in enumerate(rows)
        for key, value in zip(("code", "title", "hours"), row, strict=True)
    }


def read(*rows):
    form = Form(posted(*rows))
    return form.cleaned_data["parts"] if form.is_valid() else form.errors["parts"]


def test_a_part_keeps_its_code_and_a_new_one_gets_its_own():
    rows = [
        ("anatomy", "Anatomy, physiology and movement", "136"),
        ("", "", ""),
        ("", " Supervised clinic ", "60"),
    ]
    assert read(*rows) == [
        {"code": "anatomy", "title": "Anatomy, physiology and movement", "hours": 136},
        {"code": "supervised-clinic", "title": "Supervised clinic", "hours": 60},
    ]


def test_codes_are_never_taken_twice():
    found = read(("", "Clinic!", "1"), ("clinic", "Clinic", "2"), ("", "北", "3"), ("", "京", "4"))
    assert [row["code"] for row in found] == ["clinic", "clinic-2", "part", "part-2"]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (("", "", "20"), "Row 2: give it a title"),
        (("", "x" * 151, "20"), "Row 2: give it a title"),
        *((("", "Law", hours), "Row 2: give whole hours") for hours in ("", "0", "-1", "1.5")),
        *((("", "Law", hours), "Row 2: give whole hours") for hours in ("10000", "²", "9" * 30)),
        (("", "ANATOMY", "20"), "Row 2: this title stands twice."),
    ],
)
def test_what_is_wrong_is_said_with_its_row(row, said):
    [problem] = read(("", "Anatomy", "10"), row)
    assert problem.startswith(said)


def test_it_has_changed_only_when_it_has():
    same = posted(*(row.values() for row in PARTS))
    assert not Form(same, initial={"parts": PARTS}).has_changed()
    assert Form({**same, "parts-1-hours": "61"}, initial={"parts": PARTS}).has_changed()


def test_more_rows_than_there_are_places_for_are_not_shown():
    many = [{"code": f"p{n}", "title": f"Part {n}", "hours": 1} for n in range(MOST_ROWS)]
    assert str(Form(initial={"parts": many})["parts"]).count("-title") == MOST_ROWS


def requirement_form(row, **given):
    return {
        "credential_type": row.credential_type_id,
        "position": row.position,
        "code": row.code,
        "title": row.title,
        "kind": row.kind,
        "phase": row.phase,
        "help": row.help,
        "accepts_document": "on",
        **given,
    }


@pytest.mark.django_db
def test_parts_of_a_draft_are_edited_seen_and_compared(office):
    scheme()
    education = need(scheme(edition="2027.1", state=CredentialType.State.DRAFT), "education")
    education.parts = PARTS
    education.save(update_fields=["parts"])
    address = reverse("schemes_requirements:edit", args=[education.pk])
    assert 'value="Supervised clinic"' in text(office.get(address))
    rows = posted(("anatomy", "Anatomy", "140"), ("", "Law", "24"))
    assert office.post(address, requirement_form(education, **rows)).status_code == 302
    education.refresh_from_db()
    assert [(row["code"], row["hours"]) for row in education.parts] == [
        ("anatomy", 140),
        ("law", 24),
    ]
    inspect = text(office.get(reverse("schemes_requirements:inspect", args=[education.pk])))
    assert "Anatomy, 140 hours" in inspect


@pytest.mark.django_db
def test_what_was_typed_stays_when_it_is_refused(office):
    draft = scheme(state=CredentialType.State.DRAFT)
    education = need(draft, "education")
    address = reverse("schemes_requirements:edit", args=[education.pk])
    rows = posted(("", "Law & order", "many"))
    page = text(office.post(address, requirement_form(education, **rows)))
    assert "Row 1: give whole hours" in page
    assert f'value="{escape("Law & order")}"' in page and 'value="many"' in page
    written = need(draft, "written")
    given = requirement_form(written, **posted(("", "Law", "2"))) | {"accepts_document": ""}
    page = text(office.post(reverse("schemes_requirements:edit", args=[written.pk]), given))
    assert "Only what a document may stand for" in page
    written.refresh_from_db()
    assert written.parts == []


def test_two_editions_are_compared_by_what_each_part_asks():
    def edition(hours):
        parts = [{"code": "clinic", "title": "Supervised clinic", "hours": hours}]
        return {"requirements": [{"code": "education", "title": "Education", "parts": parts}]}

    [change] = scheme_diff.changes(edition(60), edition(80))
    assert (change.before, change.after) == ("Supervised clinic, 60 h", "Supervised clinic, 80 h")


# Renewal


class RenewalForm(forms.Form):
    categories = CategoriesField(required=False)


def categories_posted(name, *rows):
    keys = ("code", "title", "minimum_hours", "maximum_hours")
    return {
        f"{name}-{place}-{key}": value
        for place, row in enumerate(rows)
        for key, value in zip(keys, row, strict=True)
    }


@pytest.mark.parametrize(
    ("row", "said"),
    [
        *((("", "Ethics", hours, ""), "Row 1: give hours") for hours in ("0", "-1", "1.25", "²")),
        *((("", "Ethics", "", hours), "Row 1: give hours") for hours in ("NaN", "inf", "1e9")),
        (("", "Ethics", "4", "3.5"), "Row 1: at most cannot be less than at least."),
        (("", "", "4", ""), "Row 1: give it a title"),
    ],
)
def test_hours_of_a_category_that_make_no_sense_are_said_with_its_row(row, said):
    [problem] = RenewalForm(categories_posted("categories", row)).errors["categories"]
    assert problem.startswith(said)


def renewal_form(*rows, **given):
    return edition_form(**categories_posted("renewal_categories", *rows), **given)


@pytest.mark.django_db
def test_the_rules_of_a_renewal_are_edited_seen_and_told(office, client):
    draft = scheme(edition="2027.1", state=CredentialType.State.DRAFT)
    draft.renewal = {"hours": 24, "audit_percent": 5, "opens_months": 6}
    draft.save(update_fields=["renewal"])
    paper = need(draft, "insurance")
    paper.expires = True
    paper.save(update_fields=["expires"])
    address = reverse("schemes_editions:edit", args=[draft.pk])
    assert paper.title in text(office.get(address))
    rows = [("", "Ethics and law", "2.5", ""), ("", "Self-care", "", "4")]
    given = {
        "renewal_hours": "20.5",
        "renewal_documents": ["insurance"],
        "renewal_agreement": "on",
        "renewal_opens_months": "",
    }
    assert office.post(address, renewal_form(*rows, **given)).status_code == 302
    draft.refresh_from_db()
    assert draft.renewal == {
        "audit_percent": 5,
        "hours": 20.5,
        "categories": [
            {"code": "ethics-and-law", "title": "Ethics and law", "minimum_hours": 2.5},
            {"code": "self-care", "title": "Self-care", "maximum_hours": 4},
        ],
        "documents": ["insurance"],
        "agreement": True,
    }
    inspect = text(office.get(reverse("schemes_editions:inspect", args=[draft.pk])))
    for sentence in (
        "20.5 hours of continuing education",
        "Ethics and law: at least 2.5 hours",
        "Self-care: at most 4 hours count",
        f"Current documents: {paper.title}",
        "The code of conduct is signed again",
    ):
        assert sentence in inspect
    kept = text(office.get(address))
    assert 'value="Self-care"' in kept and 'value="2.5"' in kept


@pytest.mark.django_db
def test_categories_that_ask_for_more_than_the_whole_are_refused(office):
    draft = scheme(edition="2027.1", state=CredentialType.State.DRAFT)
    address = reverse("schemes_editions:edit", args=[draft.pk])
    page = text(office.post(address, renewal_form(("", "Ethics", "10", ""), renewal_hours="8")))
    assert "ask for 10 hours at least, more than the whole" in page
    draft.refresh_from_db()
    assert draft.renewal == {}
