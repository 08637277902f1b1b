"""Pages of the demonstration only: seeing it as somebody else, and its outbox. Anywhere else they do not exist."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib.auth import login, logout
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from lms.demo import outbox
from lms.demo.cast import ACCOUNTS, PASSWORD
from lms.navigation import desk_of

View = Callable[..., HttpResponse]


def demo_only(view: View) -> View:
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not settings.DEMO:
            raise Http404
        return never_cache(view)(request, *args, **kwargs)

    return guarded


@demo_only
@require_safe
def accounts(request: HttpRequest) -> HttpResponse:
    """Everybody one can be. The bar leads here by a plain link, so that a visitor's page needs no cookie."""
    context = {"accounts": ACCOUNTS, "password": PASSWORD}
    return render(request, "lms/demo/accounts.html", context)


@demo_only
@require_POST
def view_as(request: HttpRequest) -> HttpResponse:
    """Be signed in as one of the accounts, or (“nobody”) signed out."""
    key = request.POST.get("account", "")
    if key == "nobody":
        logout(request)
        return redirect("/")
    part = next((part for part in ACCOUNTS if part.key == key), None)
    if part is None:
        raise Http404
    user = get_object_or_404(User, email=part.email, is_active=True)
    logout(request)
    login(request, user)
    return redirect(reverse(desk_of(user)))


@demo_only
@require_safe
def mails(request: HttpRequest) -> HttpResponse:
    return render(request, "lms/demo/outbox.html", {"mails": outbox.newest()})


@demo_only
@require_safe
def mail(request: HttpRequest, name: str) -> HttpResponse:
    found = outbox.find(name)
    if found is None:
        raise Http404
    return render(request, "lms/demo/mail.html", {"mail": found})
