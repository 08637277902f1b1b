"""Sign-up, sign-in and what protects them, through allauth as we have set it up."""

import re

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.urls import reverse

from accounts.models import User
from accounts.services import open_account
from tests.factories import NOW

pytestmark = pytest.mark.django_db
PASSWORD = "a long enough sentence"


@pytest.fixture
def known() -> User:
    return open_account(email="ada@example.org", name="Ada", password=PASSWORD, by=None, at=NOW)[0]


def sign_up(client, **given):
    fields = {"email": "new@example.org", "name": "Nia New", "password1": PASSWORD, **given}
    return client.post(reverse("account_signup"), fields)


def test_signing_up_takes_a_code_sent_by_mail(client):
    answer = sign_up(client)
    assert answer.headers["Location"] == reverse("account_email_verification_sent")
    assert "_auth_user_id" not in client.session
    (message,) = mail.outbox
    code = re.search(r"^ {4}(\S+)$", message.body, re.MULTILINE).group(1)
    assert message.subject == f"{code} is your code for Palpate"
    client.post(reverse("account_email_verification_sent"), {"code": code})
    person = User.objects.get()
    assert client.session["_auth_user_id"] == str(person.pk)
    assert (person.name, person.email) == ("Nia New", "new@example.org")
    assert EmailAddress.objects.get().verified


def test_a_wrong_code_signs_nobody_in(client):
    sign_up(client)
    for _ in range(4):
        client.post(reverse("account_email_verification_sent"), {"code": "WRONG1"})
    assert "_auth_user_id" not in client.session
    assert not EmailAddress.objects.filter(verified=True).exists()


def test_signing_up_brings_an_invited_person_back_to_the_invitation(client):
    page = client.get("/accounts/signup/?next=/invitations/x/&email=new@example.org")
    said = page.content.decode()
    assert 'value="new@example.org"' in said
    assert 'value="/invitations/x/"' in said


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"name": "x" * 151},
        {"name": "a\x00b"},
        {"email": "nowhere"},
        {"password1": "short"},
        {"password1": "password123"},
        {"password1": "12345678901234"},
    ],
)
def test_a_wrong_sign_up_is_said_on_the_form(client, wrong):
    page = sign_up(client, **wrong)
    assert page.status_code == 200
    assert 'role="alert"' in page.content.decode()
    assert not User.objects.exists()


def test_signing_up_with_a_known_address_looks_like_any_other(client, known):
    fresh = sign_up(client)
    client.cookies.clear()
    taken = sign_up(client, email=known.email)
    assert taken.status_code == fresh.status_code
    assert taken.headers["Location"] == fresh.headers["Location"]
    assert User.objects.filter(email=known.email).get().name == "Ada"
    assert mail.outbox[-1].subject == "You have an account already"


def test_resetting_the_password_answers_the_same_for_every_address(client, known):
    pages = {}
    for email in ("ada@example.org", "nobody@example.org"):
        answer = client.post(reverse("account_reset_password"), {"email": email})
        pages[email] = (answer.status_code, answer.headers["Location"])
    assert len(set(pages.values())) == 1
    subjects = {message.to[0]: message.subject for message in mail.outbox}
    assert subjects["ada@example.org"] == "Choose a new password"
    assert subjects["nobody@example.org"] == "There is no account with this address"


def test_a_reset_link_works_once(client, known):
    client.post(reverse("account_reset_password"), {"email": known.email})
    path = re.search(
        r"https?://[^/]+(/accounts/password/reset/key/\S+)", mail.outbox[0].body
    ).group(1)
    form = client.get(path, follow=True)
    new = "another long enough sentence"
    client.post(form.request["PATH_INFO"], {"password1": new, "password2": new})
    known.refresh_from_db()
    assert known.check_password(new)
    client.cookies.clear()
    assert "does not work" in client.get(path, follow=True).content.decode()


def test_signing_in_with_a_wrong_password_says_the_same_as_with_a_wrong_address(client, known):
    def said(email):
        page = client.post(reverse("account_login"), {"login": email, "password": "wrong wrong"})
        return re.findall(r'role="alert".*?</div>', page.content.decode(), re.DOTALL)

    assert said(known.email) == said("nobody@example.org") != []


def test_guessing_passwords_is_stopped(client, known):
    for _ in range(6):
        client.post(reverse("account_login"), {"login": known.email, "password": "wrong wrong"})
    client.post(reverse("account_login"), {"login": known.email, "password": PASSWORD})
    assert "_auth_user_id" not in client.session


def test_signing_in_goes_to_the_desk_and_an_inactive_person_stays_outside(client, known):
    fields = {"login": known.email, "password": PASSWORD}
    answer = client.post(reverse("account_login"), fields)
    assert answer.headers["Location"] == reverse("desk")
    client.logout()
    User.objects.update(is_active=False)
    client.post(reverse("account_login"), fields)
    assert "_auth_user_id" not in client.session


def test_two_steps_and_passkeys_are_offered(client, known):
    client.force_login(known)
    said = client.get(reverse("mfa_index")).content.decode()
    assert reverse("mfa_add_webauthn") in said
    assert reverse("mfa_activate_totp") in said
    client.logout()
    assert "passkey" in client.get(reverse("account_login")).content.decode()


# Programs


def test_a_program_signs_in_and_its_token_opens_the_http_interface(client, known):
    answer = client.post(
        "/_allauth/app/v1/auth/login",
        {"email": known.email, "password": PASSWORD},
        content_type="application/json",
    )
    assert answer.status_code == 200
    token = answer.json()["meta"]["session_token"]
    client.cookies.clear()
    assert client.get("/api/v1/enrolments/").status_code == 401
    assert client.get("/api/v1/enrolments/", headers={"X-Session-Token": token}).status_code == 200
    assert client.get("/api/v1/enrolments/", headers={"X-Session-Token": "no"}).status_code == 401


def test_a_program_with_a_wrong_password_is_refused(client, known):
    answer = client.post(
        "/_allauth/app/v1/auth/login",
        {"email": known.email, "password": "wrong wrong"},
        content_type="application/json",
    )
    assert answer.status_code == 400
    assert "session_token" not in answer.json().get("meta", {})


def test_a_program_signs_up_with_a_name(client):
    answer = client.post(
        "/_allauth/app/v1/auth/signup",
        {"email": "new@example.org", "password": PASSWORD, "name": "Nia New"},
        content_type="application/json",
    )
    assert answer.status_code == 401, "the address has to be confirmed first"
    assert User.objects.get().name == "Nia New"


@pytest.mark.parametrize("path", ["/cms/login/", "/_util/login/"])
def test_wagtails_own_sign_ins_are_no_way_round_the_second_step(client, known, path):
    answer = client.post(path, {"username": known.email, "password": PASSWORD})
    assert (answer.status_code, answer.headers["Location"]) == (302, reverse("desk"))
    assert "_auth_user_id" not in client.session
