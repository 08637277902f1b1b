"""The parts of equivalent education are set up in Wagtail: title and hours, row by row; what is wrong is said with its row."""

import pytest
from django import forms
from django.urls import reverse
from django.utils.html import escape

from credentials import scheme_diff
from credentials.models import CredentialType
from credentials.parts_field import MOST_PARTS, PartsField
from tests.credentials.scheme import need, scheme
from tests.credentials.test_schemes import office, text

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
        (("", "", "20"), "Row 2: give the part a title"),
        (("", "x" * 151, "20"), "Row 2: give the part a title"),
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
    many = [{"code": f"p{n}", "title": f"Part {n}", "hours": 1} for n in range(MOST_PARTS)]
    assert str(Form(initial={"parts": many})["parts"]).count("-title") == MOST_PARTS


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
