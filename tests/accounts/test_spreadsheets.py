"""No list that leaves as CSV or XLSX is taken for a formula, whoever wrote what stands in it."""

import csv
import io

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from accounts.models import Organisation, Role
from accounts.services.spreadsheets import csv_text, harmless
from tests.factories import person

EVIL = ["=1+1", "+1", "-1+2", "@SUM(A1)", "\t=1", "\r=1"]


@pytest.mark.parametrize("cell", EVIL)
def test_a_formula_becomes_words(cell):
    assert harmless(cell) == f"'{cell}"
    (row,) = csv.reader(io.StringIO(csv_text([[cell]]).lstrip("\ufeff"), newline=""))
    assert row == [f"'{cell}"]


@pytest.mark.parametrize("cell", ["Ada", "a=b", "", None, -3, 2.5, True])
def test_everything_else_stays(cell):
    assert harmless(cell) == cell


def test_what_is_not_text_is_judged_by_what_it_reads_as():
    class Named:
        def __str__(self):
            return "=HYPERLINK()"

    assert harmless(Named()) == "'=HYPERLINK()"


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["=1+1", "@cmd"])
def test_wagtails_exports_are_guarded(client, name):
    Organisation.objects.create(name=name)
    client.force_login(person(Role.ADMINISTRATOR))
    address = reverse("organisation:index")
    listed = client.get(address, {"export": "csv"})
    assert f"'{name}" in b"".join(listed.streaming_content).decode()
    book = client.get(address, {"export": "xlsx"})
    sheet = load_workbook(io.BytesIO(b"".join(book.streaming_content))).active
    cells = [cell for row in sheet.iter_rows() for cell in row if cell.value == name]
    assert [cell.data_type for cell in cells] == ["s"]
