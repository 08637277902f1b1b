import time

import pytest
from django.http import HttpResponse
from django.test import RequestFactory
from wagtail.models import Page, Site

from cms.models import StandardPage
from lms.page_cache import FullPageCacheMiddleware


@pytest.fixture
def answers():
    """A middleware over a view that counts its calls; `answers.make(response)` changes what it answers."""

    class Answers:
        def __init__(self):
            self.calls = 0
            self.respond = lambda request: HttpResponse(f"answer {self.calls}")
            self.middleware = FullPageCacheMiddleware(self.view)

        def view(self, request):
            self.calls += 1
            return self.respond(request)

        def get(self, path="/verify/", **extra):
            return self.middleware(RequestFactory().get(path, **extra))

    return Answers()


def test_a_visitor_is_answered_from_the_cache(answers):
    assert answers.get().content == answers.get().content
    assert answers.calls == 1


def test_a_kept_answer_says_how_old_it_is(answers, monkeypatch):
    began = time.time()
    assert "Age" not in answers.get().headers
    monkeypatch.setattr(time, "time", lambda: began + 20.5)
    assert 20 <= int(answers.get().headers["Age"]) <= 21
    assert answers.calls == 1


@pytest.mark.parametrize(
    "extra",
    [
        {"HTTP_COOKIE": "sessionid=abc"},
        {"HTTP_X_SESSION_TOKEN": "abc"},
        {"HTTP_AUTHORIZATION": "Bearer abc"},
    ],
)
def test_somebody_known_never_meets_the_cache(answers, extra):
    answers.get()
    answers.get(**extra)
    answers.get(**extra)
    assert answers.calls == 3


@pytest.mark.parametrize(
    "path", ["/verify/?q=a", "/verify/?q=b", "/verify/?on=2026-01-01", "/register/"]
)
def test_each_address_is_kept_apart(answers, path):
    answers.get()
    answers.get(path)
    assert answers.calls == 2


def test_hosts_are_kept_apart(answers):
    answers.get(HTTP_HOST="one.example")
    answers.get(HTTP_HOST="two.example")
    assert answers.calls == 2


def set_cookie(request):
    response = HttpResponse("x")
    response.set_cookie("csrftoken", "secret")
    return response


def private(request):
    return HttpResponse("x", headers={"Cache-Control": "private"})


def carry_csrf_token(request):
    request.META["CSRF_COOKIE_NEEDS_UPDATE"] = True
    return HttpResponse("x")


def not_found(request):
    return HttpResponse("x", status=404)


@pytest.mark.parametrize("respond", [set_cookie, private, carry_csrf_token, not_found])
def test_what_belongs_to_one_person_or_failed_is_never_kept(answers, respond):
    answers.respond = respond
    answers.get()
    answers.get()
    assert answers.calls == 2


def test_unlisted_query_parameters_are_not_kept(answers):
    """Otherwise anybody could fill the cache with made-up addresses."""
    answers.get("/verify/?anything=1")
    answers.get("/verify/?anything=1")
    assert answers.calls == 2


def test_an_unlisted_query_parameter_is_not_answered_with_the_page_without_it(answers):
    answers.get("/verify/")
    answers.get("/verify/?number=SMT-1234-5678")
    assert answers.calls == 2


@pytest.mark.django_db
def test_a_published_change_is_seen_at_once(client, django_capture_on_commit_callbacks):
    page = Page.objects.get(depth=1).add_child(instance=StandardPage(title="Fees", slug="fees"))
    page.save_revision().publish()
    site = Site.objects.get()
    site.root_page = page
    site.save()
    assert "Fees" in client.get("/").content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        page.title = "What it costs"
        page.save_revision().publish()
    assert "What it costs" in client.get("/").content.decode()
