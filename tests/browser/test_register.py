"""The register at work: an employer checks, registrars see to exceptions, cases, many at once and a revocation, a scheme is set up.

The ways through it that change something stand last, each on a holder of its own.
"""

import re
from urllib.parse import urljoin

from playwright.sync_api import Page, expect

NUMBER = re.compile(r"SMT-[0-9A-Z]{4}-[0-9A-Z]{4}")
HELD, SUSPENDED, ENDING = "Orla Brandreth", "Katarzyna Wójcik", "Ingrid Solheim"


def number_of(visitor, name: str) -> str:
    """The number of a holder who is listed, as the public register says it."""
    page = visitor.open(f"/register/?q={name}")
    found = NUMBER.search(page.locator(".register li").first.inner_text())
    assert found
    return found.group()


# An employer


def fetched(page: Page, link: str) -> bytes:
    """What a link of the page leads to."""
    address = page.get_by_role("link", name=link).get_attribute("href") or ""
    return page.request.get(urljoin(page.url, address)).body()


def test_an_employer_compares_a_document_and_keeps_a_receipt(visit):
    employer = visit(None, 390)
    number = number_of(employer, HELD)
    page = employer.open(f"/verify/{number}/")
    document = fetched(page, "Download the signed credential").decode()
    forged = document.replace(HELD, "Orla Forged")
    assert forged != document
    for given, said in ((forged, "Not what was issued"), (document, "Genuine, and valid today")):
        page = employer.open("/verify/")
        page.get_by_text("Or paste the signed credential").click()
        page.get_by_label("Signed credential, JSON").fill(given)
        page.get_by_role("button", name="Compare").click()
        expect(page.locator("h1")).to_contain_text(said)
        employer.check(f"checked-{said.split()[0].lower()}-390")
    page.get_by_role("button", name="Keep a receipt").click()
    expect(page.locator("h1")).to_have_text("Valid, active")
    receipt = re.search(r"VR-[0-9A-Z]{4}-[0-9A-Z]{4}", page.content())
    assert receipt
    employer.check("receipt-390")
    assert fetched(page, "Download the receipt").startswith(b"%PDF-")
    page = employer.open("/receipts/")
    page.get_by_label("Number of the receipt").fill(receipt.group().lower())
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_contain_text(HELD)


def test_an_employer_checks_a_list_and_finds_whom_a_slip_means(visit):
    employer = visit(None, 390, "dark")
    number = number_of(employer, HELD)
    page = employer.open("/verify/many/")
    page.get_by_label("Numbers").fill(f"{number},{HELD}\n{number},Somebody Else\nno number")
    page.get_by_role("button", name="Check the list").click()
    expect(page.locator("h1")).to_contain_text("2 valid")
    expect(page.locator("main")).to_contain_text("Your list: Somebody Else")
    employer.check("batch-390-dark")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download").click()
    assert number in download.value.path().read_text()
    page = employer.open("/register/?q=brandeth")
    expect(page.get_by_role("heading", name=re.compile("Did you mean"))).to_be_visible()
    employer.check("register-near-390-dark")
    response = page.goto(f"{employer.url}/verify/?number=Brandreth")
    assert response and response.status == 404
    page.get_by_role("link", name="search the public register for it").click()
    expect(page.locator(".register")).to_contain_text(HELD)


def test_the_checks_are_made_without_a_mouse_and_at_twice_the_size(visit):
    """Half the width of a small laptop is what zooming to 200 % leaves; the first thing a key reaches leads to the content."""
    stranger = visit(None, 640)
    number = number_of(stranger, SUSPENDED)
    page = stranger.open("/verify/")
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_contain_text(re.compile("skip", re.I))
    page.get_by_label("Number of the credential").focus()
    page.keyboard.type(number.lower())
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text("Check")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text(re.compile("Not valid today"))
    stranger.check("suspended-640")
    page.emulate_media(media="print")
    for unprinted in (".site-head nav", ".side-col"):
        expect(page.locator(unprinted).first).to_be_hidden()


def test_the_scheme_page_says_what_it_rests_on(visit):
    stranger = visit(None, 390)
    page = stranger.open(f"/verify/{number_of(stranger, HELD)}/")
    page.get_by_role("link", name="Sports Massage Therapist").click()
    page.get_by_text("What education elsewhere is compared with").click()
    expect(page.get_by_role("cell", name="Supervised clinic")).to_be_visible()
    stranger.check("scheme-390")


# Registrars


def confirm(page: Page, button: str) -> None:
    page.locator("input[name=confirmed]").check()
    page.get_by_role("button", name=button, exact=True).click()
    page.wait_for_load_state()


def test_a_registrar_finds_a_holder_by_a_slip_by_address_and_by_status(visit):
    registrar = visit("registrar", 390)
    for asked, found in (
        ("q=wojick", SUSPENDED),
        ("q=holder@example.org", HELD),
        ("status=revoked", "Dmitri Sokolov"),
    ):
        page = registrar.open(f"/registrar/register/?{asked}")
        expect(page.locator("tbody tr").first).to_contain_text(found)
    registrar.check("desk-register-390")


def test_the_named_approver_answers_an_exception(visit):
    asker, approver = visit("registrar"), visit("registrar2", 390)
    page = asker.open("/registrar/exceptions/")
    page.locator("tbody a").first.click()
    expect(page.locator("main")).to_contain_text("you can only take it back")
    page = approver.open("/registrar/exceptions/")
    approver.check("exceptions-390")
    page.locator("tbody a").first.click()
    page.get_by_role("radio", name=re.compile("Decline")).check()
    page.get_by_role("button", name="Record my answer").click()
    expect(page.locator("main")).to_contain_text(re.compile("say|why", re.I))
    approver.check("exception-error-390")
    page.get_by_label("What you say to it").fill("The course in spring is soon enough.")
    page.get_by_role("radio", name=re.compile("Decline")).check()
    page.get_by_role("button", name="Record my answer").click()
    expect(page.locator("main")).to_contain_text("Your answer is on record")


def test_a_concern_is_written_down_given_to_somebody_and_closed(visit):
    registrar = visit("registrar")
    page = registrar.open("/registrar/cases/new/")
    page.get_by_role("radio", name=re.compile("A concern")).check()
    page.get_by_label("Who raised it").fill("A sports club")
    page.get_by_label(re.compile("About what")).fill("An advertisement")
    page.get_by_label("What is said").fill("It promises to flush out toxins.")
    for name, value in (("Day", "27"), ("Month", "11"), ("Year", "2026")):
        page.get_by_label(name, exact=True).fill(value)
    page.get_by_role("button", name="Record it").click()
    expect(page.locator("h1")).to_contain_text("An advertisement")
    page.locator("select[name=owner]").select_option(index=1)
    page.get_by_role("button", name=re.compile("^Give")).click()
    expect(page.locator("main")).to_contain_text("Given to an owner")
    registrar.check("case-1280")


def test_many_are_reminded_at_once_after_a_look_at_what_would_happen(visit):
    registrar = visit("registrar")
    page = registrar.open("/registrar/")
    for box in page.locator(".pick input").all():
        box.check()
    page.get_by_role("button", name="Remind").click()
    expect(page.locator("main")).to_contain_text("Nothing has happened yet")
    registrar.check("bulk-preview-1280")
    confirm(page, "Remind")
    page.wait_for_url(re.compile(r"/registrar/many/[0-9a-f-]{36}/"))
    expect(page.locator("main")).to_contain_text("finished")
    registrar.check("bulk-done-1280")


def test_two_registrars_revoke_and_anybody_hears_of_it(visit):
    first, second, stranger = visit("registrar"), visit("registrar2", 390, "dark"), visit(None, 390)
    number = number_of(stranger, ENDING)
    page = first.open(f"/registrar/register/?q={number}")
    page.get_by_role("link", name=ENDING).click()
    dossier = page.url.removeprefix(first.url)
    first.check("dossier-1280")
    page = first.open(f"{dossier}revoke/")
    page.get_by_role("button", name="Propose to revoke it").click()
    expect(page.get_by_role("alert").first).to_contain_text("Choose a reason")
    page.locator("input[name=reason_code]").first.check()
    confirm(page, "Propose to revoke it")
    expect(page.locator("main")).to_contain_text("It is proposed to revoke this credential")
    expect(first.open(f"{dossier}revoke/").locator("main")).to_contain_text(
        "Another registrar approves or declines it"
    )
    expect(stranger.open(f"/verify/{number}/").locator("h1")).to_contain_text("Valid today")
    page = second.open(f"{dossier}revoke/")
    second.check("second-registrar-390-dark")
    page.get_by_role("radio", name=re.compile("Approve")).check()
    confirm(page, "Record my decision")
    expect(page.locator("main")).to_contain_text(f"{number} is revoked")
    page = stranger.open(f"/verify/{number}/?now")
    expect(page.locator("main")).to_contain_text("Revoked")
    stranger.check("revoked-390")


# Whoever sets schemes up


def test_an_edition_is_drafted_its_parts_changed_and_the_change_read(visit):
    editor = visit("administrator")
    page = editor.open("/cms/schemes/editions/")
    page.get_by_role("link", name=re.compile("edition 2026.1")).first.click()
    page.goto(page.url.replace("inspect", "act").rstrip("/") + "/next/")
    page.get_by_label("Name of the next edition").fill("2099.1")
    page.get_by_role("button", name="Draft the next edition").click()
    edition = re.search(r"/inspect/(\d+)/", page.url)
    assert edition
    page = editor.open("/cms/schemes/requirements/?q=Education")
    page.get_by_role("row", name=re.compile("2099.1")).get_by_role("link").first.click()
    page.get_by_label("Hours of part 1", exact=True).fill("many")
    page.get_by_role("button", name="Save", exact=True).first.click()
    expect(page.locator("main")).to_contain_text("Row 1: give whole hours")
    page.get_by_label("Hours of part 1", exact=True).fill("31")
    page.get_by_role("button", name="Save", exact=True).first.click()
    page.wait_for_url(lambda url: "/edit/" not in url)
    page = editor.open(f"/cms/schemes/editions/act/{edition[1]}/changes/")
    expect(page.locator("main")).to_contain_text("31 h; Anatomy")
