"""Lists of numbers, receipts that are looked up and printed, and the badge on a holder's own site."""

import csv
import io
import json
import time
import xml.etree.ElementTree as ET

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.services import Invalid
from credentials import batches, limits, numbers
from credentials.models import Credential, Receipt
from tests.credentials.issued import change, days_ago, issued
from tests.credentials.pages import heading, text
from tests.credentials.test_certificate import text_of


@pytest.fixture(scope="module")
def standing_people(standing, standing_vault):
    return standing(build_people)


@pytest.fixture
def people(own, vault, standing_people):
    return own(standing_people)


def build_people():
    """One valid, one suspended, one that ran out."""
    found = {
        "good": issued("Orla Brandreth"),
        "suspended": issued("Sofia Kettle"),
        "old": issued("Piet Blom", at=days_ago(900)),
    }
    change(found["suspended"], "suspend", at=days_ago(3))
    return found


def lines(people, *more: str) -> str:
    return "\n".join([*(row.number for row in people.values()), *more])


def send(client, numbers_: str = "", **data):
    return client.post("/verify/many/", {"numbers": numbers_, **data})


def as_table(response) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"))))


# Reading a list


@pytest.mark.parametrize(
    ("given", "rows"),
    [
        ("SMT-1\nSMT-2", [("SMT-1", ""), ("SMT-2", "")]),
        ("SMT-1, Orla Brandreth\n\n  \nSMT-2,", [("SMT-1", "Orla Brandreth"), ("SMT-2", "")]),
        ("Name;Number\nOrla;SMT-1\nSofia;SMT-2", [("SMT-1", "Orla"), ("SMT-2", "Sofia")]),
        ("staff no\tNUMBER\n7\tSMT-1", [("SMT-1", "")]),
        ('"SMT-1","Brandreth, Orla"', [("SMT-1", "Brandreth, Orla")]),
        ("SMT-1\r\nSMT-2\r\n", [("SMT-1", ""), ("SMT-2", "")]),
        ("SMT-1\0", [("SMT-1", "")]),
        ("Licence no.;Full name\nSMT-1;Orla", [("SMT-1", "Orla")]),
        ("\n\nName;Number\nOrla;SMT-1", [("SMT-1", "Orla")]),
        ('"SMT-1","Brandreth; Orla; Miss"', [("SMT-1", "Brandreth; Orla; Miss")]),
    ],
)
def test_lists_are_read_as_people_keep_them(given, rows):
    assert [(row.given, row.name) for row in batches.read(given)] == rows


def test_the_column_that_has_the_numbers_is_found_whatever_its_head_says():
    one, two = numbers.new_number("SMT"), numbers.new_number("SMT")
    for given, rows in (
        (f"Number,Employee,Certificate\n7,Orla,{one}\n8,Sofia,{two}", [(one, "Orla"), (two, "Sofia")]),
        (f"Orla;{one}\nSofia;{two}", [(one, "Orla"), (two, "Sofia")]),
        (f"7,Berlin,{one}\n8,Bern,{two}", [(one, ""), (two, "")]),
        (f"Town;SMT\nBern;{one}\nBerlin;mistyped", [(one, ""), ("mistyped", "")]),
    ):  # fmt: skip
        assert [(row.given, row.name) for row in batches.read(given)] == rows


def test_lines_are_counted_as_a_spreadsheet_counts_them_also_when_the_list_is_sent_again():
    rows = batches.read("name;number\n\nOrla;SMT-1\nNobody;\n;SMT-2")
    assert [(row.line, row.given, row.name) for row in rows] == [
        (3, "SMT-1", "Orla"), (4, "", "Nobody"), (5, "SMT-2", "")
    ]  # fmt: skip
    assert batches.read(batches.as_csv_of(rows)) == rows


@pytest.mark.parametrize(
    "given", ["", "\n\n", ",,,", "number,name\n", " \t ", "number,name\n,Orla\n"]
)
def test_an_empty_list_is_said_to_be_empty(given):
    with pytest.raises(Invalid) as refusal:
        batches.read(given)
    assert refusal.value.code == "empty"


def test_a_list_has_a_longest_length():
    assert len(batches.read("x\n" * batches.MOST)) == batches.MOST
    for given, code in (("x\n" * (batches.MOST + 1), "too_many"), ("x" * 200_000, "too_large")):
        with pytest.raises(Invalid) as refusal:
            batches.read(given)
        assert refusal.value.code == code


def test_files_of_spreadsheets_are_decoded():
    assert batches.decoded("\ufeffnumber,name\nA,Zoë".encode()) == "number,name\nA,Zoë"
    assert batches.decoded("Zoë".encode("cp1252")) == "Zoë"
    assert batches.decoded("number\tZoë".encode("utf-16")) == "number\tZoë"


def test_a_list_of_nothing_but_commas_is_soon_read():
    began = time.process_time()
    with pytest.raises(Invalid):
        batches.read("," * 60_000 + "\n" + "x\n" * 30_000)
    assert time.process_time() - began < 5


# The page and the file


def test_a_list_is_answered_line_by_line(client, people):
    page = send(client, lines(people, numbers.new_number("SMT"), "nonsense"))
    assert heading(page) == "1 valid, 2 not valid, 2 unknown"
    said = text(page)
    for fact in ("Orla Brandreth", "Suspended", "Expired", "Not in the register", "mistyped?", "not a licence"):  # fmt: skip
        assert fact in said
    assert "private reason" not in said and "no-store" in page["Cache-Control"]


def test_another_name_than_the_registers_is_pointed_out(client, people):
    number = people["good"].number
    page = send(client, f"{number},Brandreth Orla\n{number},Orla\n{number},Olga Brandreth")
    assert "In 1 line the register has another name" in text(page)
    assert "Your list: Olga Brandreth" in text(page)


def test_somebody_without_a_number_is_not_left_out_of_the_answer(client, people):
    given = f"name,number\nOrla,{people['good'].number}\nNobody Yet,"
    page = send(client, given)
    assert heading(page) == "1 valid, 1 unknown"
    assert "Nobody Yet There is no number in this line" in text(page)
    last = as_table(send(client, given, **{"as": "csv"}))[-1]
    assert (last["line"], last["listed_name"], last["valid"]) == ("3", "Nobody Yet", "no")


def test_a_line_whose_head_is_not_known_is_answered_too(client, people):
    page = send(client, f"Staff;Nummer;Town\nOrla;{people['good'].number};York\nNobody;;York")
    assert heading(page) == "1 valid, 2 unknown"
    assert "There is no number in this line" in text(page)


def test_a_number_of_letters_alone_written_as_we_write_it_is_found_wherever_it_stands(
    client, people
):
    Credential.objects.filter(pk=people["good"].pk).update(number="SMT-GNPQ-ERTH")
    page = send(client, "Staff;Nummer\nOrla;SMT-GNPQ-ERTH\nGrace Ntsele;")
    assert heading(page) == "1 valid, 2 unknown"


def test_a_letter_that_only_looks_like_one_of_ours_is_named(client, people):
    number = people["good"].number.replace("SMT", "SM\u0422")
    assert "Cyrillic capital letter te" in text(send(client, number))
    said = text(client.get(f"/verify/{number}/"))
    assert "only looks like one of ours" in said and "Cyrillic capital letter te" in said


@pytest.mark.parametrize("content", [b"PK\x03\x04\x14\x00\x06\x00", b"\x00\x01\x02"])
def test_a_file_that_is_no_text_is_refused_beside_the_file(client, vault, content):
    page = client.post("/verify/many/", {"file": SimpleUploadedFile("staff.xlsx", content)})
    assert page.status_code == 400 and "Save it as CSV" in text(page)
    assert 'id="file-error"' in page.content.decode()
    assert 'id="numbers-error"' not in page.content.decode()


def test_a_number_beside_a_number_is_no_other_name(client, people):
    page = send(client, f"7;{people['good'].number}")
    assert heading(page) == "1 valid" and "another name" not in text(page)


def test_the_answers_come_as_csv(client, people):
    table = as_table(send(client, lines(people, "nonsense"), **{"as": "csv"}))
    assert [row["status"] for row in table] == ["active", "suspended", "expired", "unknown"]
    assert [row["valid"] for row in table] == ["yes", "no", "no", "no"]
    assert table[0]["holder"] == "Orla Brandreth" and table[0]["checked_at"]


def test_an_uploaded_file_is_read_and_the_page_offers_the_same_list_as_csv(client, people):
    file = SimpleUploadedFile("staff.csv", f"name;number\nOrla;{people['good'].number}".encode())
    page = client.post("/verify/many/", {"file": file})
    assert heading(page) == "1 valid"
    assert f"{people['good'].number},Orla" in page.content.decode()


def test_no_cell_is_taken_for_a_formula(client, vault):
    issued("=HYPERLINK(1)")
    number = issued("+49 Zoë").number
    content = send(client, f"{number},=cmd\n@x,-1", **{"as": "csv"})
    for row in as_table(content):
        assert all(cell[:1] not in ("=", "+", "-", "@") for cell in row.values())


def test_a_list_may_ask_about_a_day(client, people):
    day = days_ago(50).date()
    table = as_table(send(client, lines(people), on=str(day), **{"as": "csv"}))
    assert [row["status"] for row in table] == ["active", "active", "expired"]
    assert {row["on"] for row in table} == {str(day)}
    assert send(client, lines(people), on="2099-01-01").status_code == 400


def test_it_takes_two_statements_however_long_the_list(client, people):
    with CaptureQueriesContext(connection) as queries:
        send(client, lines(people, *["nonsense"] * 100))
    assert len(queries) == 2


@pytest.mark.parametrize("given", ["", "\n" * 5])
def test_nothing_is_refused_in_words(client, vault, given):
    page = send(client, given)
    assert page.status_code == 400
    assert "Paste numbers" in text(page)


def test_a_list_that_is_too_large_is_refused_before_it_is_read(client, vault):
    file = SimpleUploadedFile("staff.csv", b"x" * 10 * 1024 * 1024)
    page = client.post("/verify/many/", {"file": file})
    assert page.status_code == 400 and "too large" in text(page)


def test_lists_are_limited_by_page_and_program_together(people, monkeypatch):
    monkeypatch.setattr(limits.Batches, "rate", "2/hour")
    client = Client(enforce_csrf_checks=True)
    number = people["good"].number
    assert send(client, number).status_code == 200
    ask = {"numbers": [number]}
    codes = [client.post("/api/v1/verify/", ask, "application/json").status_code for _each in range(2)]  # fmt: skip
    assert codes == [200, 429]


def test_programs_send_a_list_too(client, people):
    given = [people["suspended"].number, people["good"].number.lower(), "nonsense"]
    said = client.post("/api/v1/verify/", {"numbers": given}, "application/json").json()
    assert [row["given"] for row in said["results"]] == given
    assert [row["found"] for row in said["results"]] == [True, True, False]
    assert said["results"][0]["answer"]["status"] == "suspended"
    assert said["results"][2]["answer"] is None and "mistyped" in said["results"][2]["remark"]


@pytest.mark.parametrize(
    "body", [{}, {"numbers": []}, {"numbers": "x"}, {"numbers": ["x"] * 501}, {"numbers": ["x"], "on": "soon"},
             {"numbers": ["x" * 121]}, {"numbers": [["x"]]}, [1], {"numbers": ["a\0b"]}],
)  # fmt: skip
def test_programs_that_send_no_list_are_told(client, vault, body):
    response = client.post("/api/v1/verify/", json.dumps(body), "application/json")
    assert response.status_code == 400
    assert response["Content-Type"] == "application/problem+json"


def test_a_day_to_come_is_a_400_for_programs(client, people):
    ask = {"numbers": [people["good"].number], "on": "2099-01-01"}
    assert client.post("/api/v1/verify/", ask, "application/json").status_code == 400


# Receipts


def keep(client, credential, **data) -> Receipt:
    client.post(f"/verify/{credential.number}/receipt/", data)
    return Receipt.objects.order_by("-pk").first()


def test_a_receipt_is_looked_up_by_its_number_however_it_is_typed(client, people):
    kept = keep(client, people["good"])
    for typed in (kept.reference, kept.reference.lower().replace("-", " ")):
        assert client.get("/receipts/", {"number": typed}).url == f"/receipts/{kept.uuid}/"
        assert client.get("/verify/", {"number": typed}).url == f"/receipts/{kept.uuid}/"


def test_a_receipt_from_before_is_found_by_its_old_number(client, people):
    kept = keep(client, people["good"])
    Receipt.objects.filter(pk=kept.pk).update(reference="V-2026-118402339")
    assert client.get("/receipts/", {"number": "v-2026-118402339"}).url == f"/receipts/{kept.uuid}/"


@pytest.mark.parametrize("typed", ["VR-0000-0000", "SMT-7K3Q-90TX", "x" * 3000, "%00", "\0", "<b>"])
def test_a_receipt_nobody_gave_is_not_found(client, people, typed):
    page = client.get("/receipts/", {"number": typed})
    assert page.status_code in (200, 404)
    assert heading(page) in ("There is no such receipt", "Look up a receipt")


def test_looking_receipts_up_is_limited(client, vault, monkeypatch):
    monkeypatch.setattr(limits.Lookups, "rate", "2/min")
    codes = [client.get("/receipts/", {"number": f"VR-{n}"}).status_code for n in range(3)]
    assert codes == [404, 404, 429]


def test_a_receipt_prints_on_one_page_and_says_all(client, people):
    kept = keep(client, people["suspended"])
    response = client.get(f"/receipts/{kept.uuid}.pdf")
    assert response["Content-Type"] == "application/pdf"
    assert f'filename="{kept.reference}.pdf"' in response["Content-Disposition"]
    said = " ".join(text_of(response.content).split())
    assert kept.uuid.hex in said.replace(" ", "").replace("-", "")
    for fact in ("Not valid, suspended", "Sofia Kettle", kept.number, kept.reference, "primary source",
                 "Not a licence to practise", "none was presented"):  # fmt: skip
        assert fact in said
    assert response.content.count(b"/Type/Page\n") + response.content.count(b"/Type /Page\n") <= 1
    cache.clear()
    assert client.get(f"/receipts/{kept.uuid}.pdf").content == response.content, (
        "the same each time"
    )


def test_a_receipt_of_a_day_prints_the_day(client, people):
    day = days_ago(10).date()
    kept = keep(client, people["suspended"], on=str(day))
    said = " ".join(text_of(client.get(f"/receipts/{kept.uuid}.pdf").content).split())
    assert f"as of the end of {day:%-d %B %Y}" in said and "Valid, active" in said


# The badge on a holder's site


def badge(client, number: str):
    return client.get(f"/verify/{number}/badge.svg")


@pytest.mark.parametrize(
    ("who", "said"), [("good", "Valid today"), ("suspended", "Not valid today"), ("old", "Not valid today")]
)  # fmt: skip
def test_the_badge_says_todays_status_without_a_cookie(client, people, who, said):
    response = badge(client, people[who].number)
    assert response.status_code == 200 and not response.cookies
    drawn = ET.fromstring(response.content)
    assert said in drawn.get("aria-label") and people[who].number in drawn.get("aria-label")
    assert response["Content-Type"] == "image/svg+xml"
    assert response["Access-Control-Allow-Origin"] == "*"
    assert response["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert "max-age=60" in response["Cache-Control"]
    assert "sandbox" in response["Content-Security-Policy"]
    assert people[who].name not in response.content.decode()


@pytest.mark.parametrize("number", ["SMT-0000-0000", "<script>", "%00"])
def test_a_badge_of_nobody_says_so(client, people, number):
    response = badge(client, number)
    assert response.status_code == 404
    assert b"<script" not in response.content
    assert "Not in the register" in ET.fromstring(response.content).get("aria-label")
