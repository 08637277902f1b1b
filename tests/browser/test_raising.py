"""Appeals and concerns in the browser: a candidate follows hers, a stranger raises one, a registrar answers it, a holder shares scores."""

from playwright.sync_api import expect


def test_a_candidate_follows_an_appeal_and_reads_how_another_ended(visit):
    candidate = visit("candidate", 390)
    page = candidate.open("/record/")
    page.get_by_role("link", name="Appeals", exact=True).click()
    expect(page.get_by_text("Being looked at")).to_be_visible()
    candidate.check("appeals-390")
    page.get_by_role("link", name="Document not accepted: First aid").click()
    expect(page.get_by_role("heading", name="The answer")).to_be_visible()
    candidate.check("appeal-upheld-390")
    page.get_by_role("link", name="Appeals", exact=True).first.click()
    page.get_by_role("link", name="Document not accepted: Professional").click()
    page.get_by_text("I withdraw this appeal").click()
    expect(page.get_by_role("button", name="Withdraw it")).to_be_visible()
    candidate.check("appeal-open-390")


def test_an_employer_raises_a_concern_and_reads_what_the_register_says(visit):
    employer, registrar = visit(None, 390), visit("registrar2", 1280)
    page = employer.open("/verify/")
    page.locator("input[name=number]").first.fill("SMT-0000-0000")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Tell the register").click()
    page.get_by_role("button", name="Send it to the register").click()
    expect(page.get_by_role("alert")).to_contain_text("Say what happened")
    employer.check("concern-errors-390")
    page.get_by_label("What happened?").fill("The certificate on the wall bears this number.")
    page.get_by_label("Your name").fill("Pat Employer, Harbour Gym")
    page.get_by_role("button", name="Send it to the register").click()
    expect(page.locator("h1")).to_contain_text("The register has your concern AC-")
    employer.check("concern-390")
    reference = page.locator("h1").inner_text().split()[-1]

    desk = registrar.open("/registrar/cases/")
    row = desk.get_by_role("row").filter(has_text=reference)
    row.get_by_role("link").click()
    expect(desk.get_by_text("from somebody without an account")).to_be_visible()
    desk.get_by_label("Owner").select_option(label="Bruno Castellani")
    desk.get_by_role("button", name="Give it").click()
    desk.get_by_label("Upheld", exact=True).check()
    desk.get_by_label("Why").fill("Nobody holds this number. We have written to the gym.")
    registrar.check("case-closing-1280")
    desk.get_by_role("button", name="Close with this outcome").click()
    expect(desk.get_by_text("Closed on")).to_be_visible()

    page.reload()
    expect(page.locator("h1")).to_contain_text("is decided")
    expect(page.get_by_text("We have written to the gym.")).to_be_visible()
    employer.check("concern-decided-390")


def test_a_holder_sees_the_scores_before_sharing_them(visit):
    holder = visit("holder", 1280)
    page = holder.open("/record/")
    page.get_by_role("link", name="Sports Massage Therapist").click()
    page.get_by_text("Share my scores as well").click()
    expect(page.get_by_text("A pass is a pass")).to_be_visible()
    expect(page.get_by_role("button", name="Put these scores into it")).to_be_visible()
    holder.check("scores-1280")
