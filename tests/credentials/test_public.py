"""The register's public pages and documents, asked by a stranger."""

import datetime as dt
import re
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from credentials import lifeline, limits, receipts
from credentials.models import Credential, Receipt
from tests.credentials.issued import change, days_ago, issued, now
from tests.credentials.pages import heading, text
from tests.factories import NOTHING


@pytest.fixture
def credential(vault):
    return issued("Orla Brandreth", at=days_ago(100))


def ask(client, credential, query=""):
    return client.get(f"/verify/{credential.number}/{query}")


# The answer


def test_an_active_one_is_valid_today(client, credential):
    response = ask(client, credential)
    said = text(response)
    assert response.status_code == 200
    assert heading(response) == "Valid today"
    for fact in (
        "Orla Brandreth",
        credential.number,
        "Active",
        "Sports Massage Therapist",
        "Tarn Register",
    ):
        assert fact in said
    assert "not a licence to practise" in said
    assert "primary source" in said


@pytest.mark.parametrize(
    ("end", "word", "means"),
    [
        ("suspend", "Suspended since", "A suspension is not a finding."),
        ("revoke", "Revoked since", "ended this credential for good"),
    ],
)
def test_one_that_was_ended_says_so_in_plain_words_and_keeps_the_reason(
    client, credential, end, word, means
):
    change(credential, end, at=days_ago(3))
    response = ask(client, credential)
    assert response.status_code == 200
    assert heading(response) == "Not valid today"
    assert word in text(response) and means in text(response)
    assert "private" not in response.content.decode().replace("keeps the reason private", "")


def append(credential, kind):
    from credentials.models import StatusEvent

    StatusEvent.objects.append(
        chain=credential.chain, at=now(), credential=credential, kind=kind, effective_at=now()
    )


@pytest.mark.parametrize(
    ("kind", "means"),
    [("surrendered", "gave this credential back"), ("deceased", "The holder has died")],
)
def test_one_given_back_or_of_somebody_who_died_says_so(client, credential, kind, means):
    append(credential, kind)
    response = ask(client, credential)
    assert heading(response) == "Not valid today"
    assert means in text(response)


def test_an_expired_one_names_its_last_valid_day(client, vault):
    credential = issued(at=days_ago(900))
    response = ask(client, credential)
    assert heading(response) == "Not valid today"
    assert f"Expired after {credential.valid_until:%-d %B %Y}, its last valid day" in text(response)


def test_a_day_in_the_past_is_answered_beside_today(client, credential):
    change(credential, "suspend", at=days_ago(3))
    day = days_ago(10).date()
    response = ask(client, credential, f"?on={day}")
    assert heading(response) == f"Valid on {day:%-d %B %Y}"
    assert "Today it is not valid: Suspended" in text(response)


def test_the_day_may_come_in_three_fields(client, credential):
    day = days_ago(200).date()
    response = ask(client, credential, f"?day={day.day}&month={day.month}&year={day.year}")
    assert heading(response) == f"Not valid on {day:%-d %B %Y}"
    assert "Not yet granted" in text(response)


@pytest.mark.parametrize(
    "query",
    ["?on=yesterday", "?on=2026-02-30", "?on=2026-1", "?day=45&month=1&year=2026", "?day=1", "?on=0000-01-01",
     "?on=2026-10-20%00", "?on=" + "9" * 5000, "?year=99999&month=1&day=1", "?on=9999-12-31"],
)  # fmt: skip
def test_what_is_no_day_is_said_and_today_is_answered(client, credential, query):
    response = ask(client, credential, query)
    assert response.status_code == 400
    assert heading(response) == "Valid today"
    assert 'role="alert"' in response.content.decode()


def test_a_number_is_found_however_it_is_typed_and_without_a_redirect(client, credential):
    number = credential.number
    for typed in (
        number.lower(),
        number.replace("-", ""),
        number.replace("-", " "),
        str(credential.public_id),
    ):
        for address in (f"/verify/{typed}/", f"/verify/{typed}"):
            assert heading(client.get(address)) == "Valid today"
        assert heading(client.get("/verify/", {"number": typed})) == "Valid today"


@pytest.mark.parametrize(
    "typed",
    [
        "nonsense",
        "SMT-0000-0001",
        "%00",
        "x" * 3000,
        "<script>alert(1)</script>",
        str(NOTHING),
        "☃",
        "../etc",
    ],
)
def test_an_unknown_or_malformed_number_is_a_404_page_with_the_form(client, vault, typed):
    for response in (client.get(f"/verify/{typed}/"), client.get("/verify/", {"number": typed})):
        if response.status_code == 301:  # a slash in the number is another address
            continue
        assert response.status_code == 404
        assert b"<script>alert" not in response.content
    assert heading(client.get("/verify/", {"number": typed})) == "Not in the register"
    assert 'name="number"' in client.get("/verify/", {"number": typed}).content.decode()


def test_a_well_formed_number_nobody_has_is_told_from_a_slip(client, credential):
    from credentials import numbers

    assert "Nobody holds a credential with the number" in text(
        client.get(f"/verify/{numbers.new_number('SMT')}/")
    )
    assert "cannot be a number of ours" in text(client.get("/verify/SMT-1234/"))


def test_a_name_typed_for_a_number_leads_to_the_search_by_name(client, vault):
    response = client.get("/verify/", {"number": "Zoë & <Kovač>"})
    assert response.status_code == 404
    assert "is no number" in text(response)
    assert 'href="/register/?q=Zo%C3%AB%20%26%20%3CKova%C4%8D%3E"' in response.content.decode()
    assert "/register/?q=" not in client.get("/verify/SMT-12/").content.decode()


def test_the_answer_takes_two_statements(client, credential):
    ask(client, credential)
    cache.clear()
    with CaptureQueriesContext(connection) as queries:
        ask(client, credential)
    assert len(queries) <= 2, [query["sql"] for query in queries]


def test_a_malformed_number_asks_the_register_nothing(client, vault):
    with CaptureQueriesContext(connection) as queries:
        client.get("/verify/SMT-1234/")
    assert not [query for query in queries if "credentials_" in query["sql"]]


def test_the_answer_sets_no_cookie_and_carries_no_token_so_that_the_page_cache_keeps_it(
    client, credential
):
    response = ask(client, credential)
    assert not response.cookies
    assert b"csrfmiddlewaretoken" not in response.content
    assert "max-age=60" in response["Cache-Control"]
    with CaptureQueriesContext(connection) as queries:
        assert ask(client, credential).content == response.content
    assert len(queries) == 0


def test_the_line_is_drawn_and_said_in_words_and_as_a_table(client, credential):
    change(credential, "suspend", at=days_ago(20))
    change(credential, "reinstate", at=days_ago(10))
    body = ask(client, credential).content.decode()
    assert body.count('role="img"') == 2
    assert (
        "Suspended from"
        in re.search(r'aria-label="([^"]+)"', body[body.index('class="life"') :])[1]
    )
    table = body[body.index('<table class="table">') : body.index("</table>")]
    assert re.findall(r'class="status \w+">(\w+)', table) == [
        "Active",
        "Suspended",
        "Active",
    ]


def test_labels_of_the_line_never_run_into_its_mark():
    start = timezone.now() - timedelta(days=700)
    stretches = [
        lifeline.Stretch(
            "suspended",
            start + timedelta(days=day),
            start + timedelta(days=day + 20),
            "suspended 14 Aug",
        )
        for day in range(0, 680, 40)
    ]
    for width in (340, 672):
        for today in range(0, 700, 35):
            moment = start + timedelta(days=today)
            drawn = lifeline.draw(
                stretches, width=width, begin=(start, "1 Jan", "granted"), last=(start + timedelta(days=730), "31 Dec", "until"),
                mark=(moment, "today"), now=start + timedelta(days=700),
            )  # fmt: skip
            said = [label for label in drawn.labels if label.tone == "suspended"]
            assert all(0 <= label.x <= width for label in drawn.labels)
            for label in said:
                room = 6.8 * len(label.text)
                left = label.x - {"start": 0, "middle": room / 2, "end": room}[label.anchor]
                assert not left < drawn.mark < left + room


def test_an_unlisted_holder_is_found_by_number_only(client, vault):
    credential = issued("Private Person", listed=False)
    assert heading(ask(client, credential)) == "Valid today"
    assert "Private Person" not in text(client.get("/register/", {"q": "private person"}))
    assert "Private Person" not in text(client.get("/register/", {"q": credential.number}))


# Receipts


def keep(client, credential, **data):
    return client.post(f"/verify/{credential.number}/receipt/", data)


def test_a_receipt_is_kept_without_a_token_and_shown(credential):
    client = Client(enforce_csrf_checks=True)
    response = keep(client, credential)
    kept = Receipt.objects.get()
    assert response.status_code == 302
    assert response["Location"] == f"/receipts/{kept.uuid}/"
    page = client.get(response["Location"])
    said = text(page)
    for fact in (
        "Valid, active",
        "Orla Brandreth",
        credential.number,
        kept.reference,
        receipts.digest(kept),
    ):
        assert fact in said
    assert not page.cookies


def test_a_receipt_keeps_what_was_said_then(client, credential):
    keep(client, credential)
    change(credential, "revoke")
    kept = Receipt.objects.get()
    assert "Valid, active" in text(client.get(f"/receipts/{kept.uuid}/"))
    given = client.get(f"/receipts/{kept.uuid}.json").json()
    assert given["answer"]["valid"] is True
    assert given["sha256"] == receipts.digest(kept)


def test_a_receipt_of_a_day_says_which(client, credential):
    change(credential, "suspend", at=days_ago(3))
    day = days_ago(10).date()
    keep(client, credential, on=str(day))
    kept = Receipt.objects.get()
    assert kept.asked_on == day
    assert f"on {day:%-d %B %Y}" in text(client.get(f"/receipts/{kept.uuid}/"))


@pytest.mark.parametrize(
    ("zone", "clock"), [("Europe/London", "BST"), ("Pacific/Auckland", "NZST")]
)
def test_a_receipt_says_its_moment_in_the_zone_of_the_answer(
    client, credential, monkeypatch, zone, clock
):
    Credential.objects.update(statement=credential.statement | {"zone": zone})
    asked = dt.datetime(2027, 7, 1, 10, 30, tzinfo=dt.UTC)
    monkeypatch.setattr(timezone, "now", lambda: asked)
    keep(client, credential)
    said = text(client.get(f"/receipts/{Receipt.objects.get().uuid}/"))
    there = f"{asked.astimezone(ZoneInfo(zone)):%-d %b %Y, %H:%M:%S}"
    assert f"on {there} {clock}" in said and f"Checked {there} {clock}" in said
    assert clock in text(client.get(f"/verify/{credential.number}/"))


def test_a_changed_receipt_has_another_digest(client, credential):
    keep(client, credential)
    kept = Receipt.objects.get()
    before = receipts.digest(kept)
    kept.answer["status"] = "revoked"
    assert receipts.digest(kept) != before


def test_looking_writes_nothing(client, credential):
    ask(client, credential)
    assert client.get(f"/verify/{credential.number}/receipt/").status_code == 405
    assert not Receipt.objects.exists()


def test_nobody_fills_the_register_with_receipts(client, credential, monkeypatch):
    monkeypatch.setattr(limits.Receipts, "rate", "2/min")
    assert [keep(client, credential).status_code for _each in range(3)] == [302, 302, 429]
    assert Receipt.objects.count() == 2


@pytest.mark.parametrize("name", ["nonsense", str(NOTHING), "%00", f"{NOTHING}.exe"])
def test_an_unknown_receipt_is_a_404(client, vault, name):
    assert client.get(f"/receipts/{name}/").status_code == 404


def test_a_receipt_for_an_unknown_number_is_a_404_and_writes_nothing(client, vault):
    assert client.post("/verify/SMT-1234/receipt/").status_code == 404
    assert not Receipt.objects.exists()
