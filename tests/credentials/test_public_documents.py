"""What machines fetch, what an edition says, and the search by name: asked by a stranger."""

import json
import re

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.html import escape

from credentials import issuing, limits
from credentials.models import CredentialType
from tests.credentials.issued import change, days_ago, edition, issued, now
from tests.credentials.pages import heading, text
from tests.factories import NOTHING


@pytest.fixture
def credential(vault):
    return issued("Orla Brandreth", at=days_ago(100))


@pytest.fixture(scope="module")
def standing_finished(standing, standing_vault):
    return standing(signed_and_listed)


@pytest.fixture
def finished(own, vault, standing_finished):
    return own(standing_finished)


def signed_and_listed():
    made = issued("Orla Brandreth", at=days_ago(100))
    issuing.finish_pending(at=now())
    return made


# Documents


def get(client, credential, suffix="", **headers):
    return client.get(f"/credentials/{credential.public_id}{suffix}", headers=headers)


def read(response) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else response.content


@pytest.mark.parametrize(
    ("suffix", "accept", "media_type"),
    [
        ("", "text/html,application/xhtml+xml,*/*;q=0.8", "text/html; charset=utf-8"),
        ("", "*/*", "text/html; charset=utf-8"),
        ("", "", "text/html; charset=utf-8"),
        ("", "image/jpeg", "text/html; charset=utf-8"),
        ("", "application/vc+ld+json", "application/vc+ld+json"),
        ("", "application/ld+json, application/json", "application/vc+ld+json"),
        ("", "application/json", "application/vc+ld+json"),
        ("", "application/pdf", "application/pdf"),
        ("", "image/png", "image/png"),
        (".json", "text/html", "application/vc+ld+json"),
        (".pdf", "text/html", "application/pdf"),
        (".png", "text/html", "image/png"),
        ("/current", "text/html", "application/vc+ld+json"),
        ("/certificate.svg", "*/*", "image/svg+xml"),
    ],
)
def test_a_credential_comes_in_the_form_asked_for(client, finished, suffix, accept, media_type):
    for slash in ("", "/") if suffix in ("", "/current") else ("",):
        response = get(client, finished, suffix + slash, accept=accept)
        assert response.status_code == 200
        assert response["Content-Type"] == media_type
        assert response["Access-Control-Allow-Origin"] == "*"
        assert not response.cookies


def test_negotiated_forms_do_not_meet_in_the_page_cache(client, finished):
    types = [
        "text/html",
        "application/json",
        "application/pdf",
        "text/html",
        "image/png",
        "application/json",
    ]
    answered = [
        get(client, finished, accept=accept)["Content-Type"].split(";")[0] for accept in types
    ]
    assert answered == [
        "text/html", "application/vc+ld+json", "application/pdf", "text/html", "image/png", "application/vc+ld+json",
    ]  # fmt: skip
    assert "Accept" in get(client, finished, accept="text/html")["Vary"]


def test_the_stored_bytes_are_served(client, finished):
    document = finished.signed_documents.get()
    for suffix in (".json", "/current"):
        assert get(client, finished, suffix).content.decode() == document.body
    assert read(get(client, finished, ".pdf")).startswith(b"%PDF-")
    assert read(get(client, finished, ".png")).startswith(b"\x89PNG")
    assert b"<svg" in read(get(client, finished, "/certificate.svg"))[:200]


def test_the_picture_is_sent_compressed_to_those_who_take_it(client, finished):
    response = get(client, finished, "/certificate.svg", accept_encoding="gzip, br")
    assert response["Content-Encoding"] == "gzip"
    assert read(response)[:2] == b"\x1f\x8b"


def test_older_versions_stay_where_they_are(client, finished):
    change(finished, "renew")
    issuing.finish_pending(at=now())
    old, new = finished.signed_documents.order_by("version")
    assert get(client, finished, ".json").content.decode() == new.body
    assert get(client, finished, ".json?version=1").content.decode() == old.body
    assert get(client, finished, "/current").content.decode() == new.body
    assert "A newer one has taken its place" in text(get(client, finished, "?version=1"))


@pytest.mark.parametrize("version", ["0", "3", "-1", "x", "1.0", "９", "9" * 4000])
def test_a_version_that_never_was_is_a_404(client, finished, version):
    assert get(client, finished, f".json?version={version}").status_code == 404


def test_what_was_not_changed_is_not_sent_again(client, finished):
    for suffix in (".json", "/current", ".pdf"):
        tag = get(client, finished, suffix)["ETag"]
        cache.clear()
        assert get(client, finished, suffix, if_none_match=tag).status_code == 304


def test_what_the_worker_has_not_made_yet_is_said_and_asked_for_again(client, credential):
    for suffix in (".json", "/current", ".pdf", ".png", "/certificate.svg"):
        response = get(client, credential, suffix)
        assert response.status_code == 503
        assert response["Retry-After"] == "30"
        assert response.json()["code"] == "being_prepared"
    page = get(client, credential)
    assert page.status_code == 200
    assert "being prepared" in text(page) and heading(page).endswith("Valid today")


def test_a_suspended_holders_certificate_stands_under_todays_answer(client, finished):
    change(finished, "suspend")
    page = get(client, finished)
    assert heading(page).endswith("Not valid today")
    assert "Suspended since" in text(page)


def test_signing_and_drawing_never_happen_in_a_request(client, finished, monkeypatch):
    from credentials import certificate, integrity

    def never(*args, **kwargs):
        raise AssertionError("in a request")

    monkeypatch.setattr(integrity, "sign", never)
    monkeypatch.setattr(certificate, "_set", never)
    for suffix in ("", ".json", ".pdf", ".png", "/current", "/certificate.svg"):
        assert get(client, finished, suffix).status_code == 200
    assert client.get("/status/1").status_code == 200


@pytest.mark.parametrize("name", ["nonsense", str(NOTHING), "%00", "a" * 36])
def test_an_unknown_credential_is_a_404(client, vault, name):
    for suffix in ("", ".json", ".pdf", "/current", "/certificate.svg"):
        assert client.get(f"/credentials/{name}{suffix}").status_code == 404


def test_an_unknown_form_is_a_404(client, finished):
    assert get(client, finished, ".exe").status_code == 404


@pytest.mark.parametrize(
    "path",
    ["/credentials/{id}.json", "/credentials/{id}/current", "/status/1", "/.well-known/did.json"],
)
def test_documents_are_open_to_scripts_of_every_origin(client, finished, path):
    path = path.format(id=finished.public_id)
    response = client.options(
        path, headers={"origin": "https://wallet.example", "access-control-request-method": "GET"}
    )
    assert response.status_code == 204
    assert response["Access-Control-Allow-Origin"] == "*"
    assert "GET" in response["Access-Control-Allow-Methods"]
    assert client.head(path).status_code == 200
    refused = Client(enforce_csrf_checks=False).post(path)
    assert refused.status_code == 405


def test_the_status_list_is_served_as_it_was_signed(client, finished):
    for path in ("/status/1", "/status/1/"):
        response = client.get(path)
        assert response["Content-Type"] == "application/vc+ld+json"
        assert "max-age=60" in response["Cache-Control"]
        assert response.json()["id"] == "https://credentials.palpate.example/status/1"
    tag = response["ETag"]
    cache.clear()
    assert client.get("/status/1", headers={"if-none-match": tag}).status_code == 304


@pytest.mark.parametrize("number", ["2", "0", "9" * 40])
def test_an_unknown_status_list_is_a_404(client, finished, number):
    assert client.get(f"/status/{number}").status_code == 404


def test_the_did_document_lists_the_keys_as_verifiers_expect(client, finished):
    document = client.get("/.well-known/did.json").json()
    assert document["@context"][0] == "https://www.w3.org/ns/did/v1"
    assert document["id"] == "did:web:credentials.palpate.example"
    [method] = document["verificationMethod"]
    assert method["id"] == f"{document['id']}#{method['publicKeyMultibase']}"
    assert document["assertionMethod"] == [method["id"]]
    proof = json.loads(finished.signed_documents.get().body)["proof"][0]
    assert proof["verificationMethod"] == method["id"]


# The issuer


def test_the_issuer_is_shown_to_people_and_programs(client, finished):
    page = client.get("/issuer")
    for said in ("did:web:credentials.palpate.example", "signs", "Tarn Register"):
        assert said in text(page)
    for response in (
        client.get("/issuer.json"),
        client.get("/issuer", headers={"accept": "application/ld+json"}),
    ):
        signed = json.loads(finished.signed_documents.get().body)["issuer"]
        profile = response.json()
        assert {name: profile[name] for name in signed} == signed, (
            "described as it is when it signs"
        )
        assert response["Access-Control-Allow-Origin"] == "*"


# Achievements


def test_an_edition_is_shown_to_people_and_programs(client, finished):
    page = client.get("/achievements/SMT/2026.1")
    assert "Written examination" in text(page) and "not a licence to practise" in text(page)
    for response in (
        client.get("/achievements/SMT/2026.1", headers={"accept": "application/ld+json"}),
        client.get("/achievements/SMT/2026.1.json"),
    ):
        assert (
            response.json()["id"] == "https://credentials.palpate.example/achievements/SMT/2026.1"
        )
    picture = client.get("/achievements/SMT/2026.1/badge.png")
    assert picture.status_code == 200 and picture["Content-Type"] == "image/png"


def test_a_draft_or_unknown_edition_is_a_404(client, db):
    edition(edition="2027.1", state=CredentialType.State.DRAFT)
    for path in ("SMT/2027.1", "SMT/1999.1", "SMT/%00", "nonsense/x", "SMT/2027.1/badge.png"):
        assert client.get(f"/achievements/{path}").status_code == 404


# The register


@pytest.fixture
def people(vault):
    kind = edition()
    names = ["Orla Brandreth", "Łukasz Żółć", "Anne-Marie O’Neill", "Иван Петров", "Maren Halloway"]
    return {name: issued(name, kind=kind) for name in names}


def found(response) -> list[str]:
    return re.findall(r'<a href="/verify/[^"]+">([^<]+)</a>', response.content.decode())


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("orla", "Orla Brandreth"),
        ("BRANDRETH", "Orla Brandreth"),
        ("brand or", "Orla Brandreth"),
        ("zol", "Łukasz Żółć"),
        ("marie", "Anne-Marie O’Neill"),
        ("anne-marie o'neill", "Anne-Marie O’Neill"),
        ("иван", "Иван Петров"),
    ],
)
def test_a_listed_person_is_found_by_the_beginning_of_a_name(client, people, typed, name):
    assert found(client.get("/register/", {"q": typed})) == [escape(name)]


def test_a_listed_person_is_found_by_number(client, people):
    number = people["Orla Brandreth"].number
    assert found(client.get("/register/", {"q": number.lower().replace("-", " ")})) == [
        "Orla Brandreth"
    ]


@pytest.mark.parametrize("typed", ["ndret", "%%%", "___", "nobody", "\\\\\\"])
def test_neither_the_middle_of_a_name_nor_wildcards_find_anybody(client, people, typed):
    assert found(client.get("/register/", {"q": typed})) == []


@pytest.mark.parametrize("typed", ["o", "a b", "  ", "", "\0", "%"])
def test_without_a_search_nobody_is_shown(client, people, typed):
    response = client.get("/register/", {"q": typed})
    assert found(response) == []
    assert response.status_code in (200, 400)


def test_the_register_shows_todays_status(client, people):
    change(people["Orla Brandreth"], "suspend")
    assert "Suspended" in text(client.get("/register/", {"q": "orla"}))


def test_many_are_shown_page_by_page_with_few_statements(client, vault):
    kind = edition()
    for number in range(25):
        issued(f"Orla Number{number:02d}", kind=kind)
    with CaptureQueriesContext(connection) as queries:
        first = client.get("/register/", {"q": "orla"})
    assert len(queries) <= 2
    assert len(found(first)) == 20
    following = re.search(r'rel="next" href="([^"]+)"', first.content.decode())[1].replace(
        "&amp;", "&"
    )
    second = client.get(following)
    assert len(found(second)) == 5
    assert not set(found(first)) & set(found(second))
    for made_up in ("nonsense", "0", "4", "99999999999999999999"):
        again = client.get("/register/", {"q": "orla", "page": made_up})
        assert found(again) == found(first)


def test_searching_is_limited(client, people, monkeypatch):
    monkeypatch.setattr(limits.Searches, "rate", "2/min", raising=False)
    codes = [client.get("/register/", {"q": f"orla {letter}"}).status_code for letter in "abc"]
    assert codes == [200, 200, 429]
