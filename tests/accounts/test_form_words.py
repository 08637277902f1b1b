"""What a form of ours says when something is missing or wrong: which thing, and what to do."""

import pytest

pytestmark = pytest.mark.django_db


def errors(response, form="form"):
    return {name: list(said) for name, said in response.context[form].errors.items()}


def test_what_is_missing_is_asked_for_by_name(client):
    response = client.post("/accounts/signup/", {})

    assert errors(response) == {
        "email": ["Enter your e-mail address."],
        "name": ["Enter your name."],
        "password1": ["Choose a password."],
    }


def test_an_address_that_is_none_is_shown_how_one_looks(client):
    response = client.post("/accounts/password/reset/", {"email": "not-an-address"})

    assert errors(response) == {
        "email": ["This is not an e-mail address. One looks like name@example.org."]
    }
    assert b'value="not-an-address"' in response.content


def test_a_wrong_password_does_not_say_whether_the_address_is_known(client):
    typed = {"login": "nobody@example.org", "password": "some other words"}
    response = client.post("/accounts/login/", typed)

    (sentence,) = errors(response)["__all__"]
    assert sentence.startswith("The e-mail address and the password do not belong together.")


def test_a_check_without_a_number_asks_for_one(client):
    assert "Enter the number." in client.get("/verify/?number=").content.decode()
    assert "Enter the number." not in client.get("/verify/").content.decode()
