"""Which device asks: a signed random cookie of a browser, the X-Device header of a program, or else its session."""

import hashlib
import secrets
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

COOKIE = "device"
SALT = "quizzes.device"
AGE = 400 * 86_400


def device_of(request: Any) -> str:
    """The digest by which an attempt knows the device; the name itself is kept nowhere. Takes no statement."""
    given = request.META.get("HTTP_X_DEVICE")
    if given:
        return _digest("header", given)
    name = getattr(request, "device_name", None) or request.get_signed_cookie(
        COOKIE, default=None, salt=SALT
    )
    if name:
        return _digest("cookie", name)
    session = request.META.get("HTTP_X_SESSION_TOKEN") or request.session.session_key
    return _digest("session", session) if session else ""


def name_device(request: HttpRequest) -> None:
    """Give a browser that has no name one; `remember_device` sends it along."""
    if not request.get_signed_cookie(COOKIE, default=None, salt=SALT):
        request.device_name = secrets.token_urlsafe(24)  # type: ignore[attr-defined]


def remember_device(request: HttpRequest, response: HttpResponseBase) -> None:
    name = getattr(request, "device_name", None)
    if name:
        response.set_signed_cookie(
            COOKIE,
            name,
            salt=SALT,
            max_age=AGE,
            httponly=True,
            secure=settings.SESSION_COOKIE_SECURE,
            samesite="Lax",
        )


def _digest(kind: str, name: str) -> str:
    return hashlib.sha256(f"{kind}:{name}".encode()).hexdigest()[:32]
