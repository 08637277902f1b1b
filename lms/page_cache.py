"""Public pages for visitors, answered before anything else runs.

Only a GET without a session cookie or token is answered from here, and only a 200 that sets no cookie and carries no CSRF token or CSP nonce
is kept. Keyed by host, path, the listed query parameters, accepted types and language. A published change bumps a generation (`forget_all`): with Redis,
shared by all workers, it is seen at once; without, at once in the process that published and at most TTL seconds later in the others.
What is answered from here says its `Age`, so that a browser or cache keeps it no longer than its max-age after it was true.
"""

import hashlib
import math
import time
from collections.abc import Callable

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse

TTL = 30
QUERY = ("page", "q", "on", "version")
NEVER = (
    "/accounts/",
    "/_allauth/",
    "/api/",
    "/cms/",
    "/static/",
    "/media/",
    "/outbox/",
    "/health/",
)
_GENERATION = "page-cache-generation"


def forget_all() -> None:
    """Make every kept page unknown."""
    try:
        cache.incr(_GENERATION)
    except ValueError:
        cache.set(_GENERATION, 1, None)


class FullPageCacheMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not self.is_visitor(request):
            return self.get_response(request)
        key = self.key(request)
        kept = cache.get(key)
        if kept is not None:
            content, headers, asked_at = kept
            age = max(math.ceil(time.time() - asked_at), 0)
            return HttpResponse(content, headers={**headers, "Age": str(age)})
        asked_at = time.time()
        response = self.get_response(request)
        if self.may_keep(request, response):
            cache.set(key, (response.content, dict(response.headers), asked_at), TTL)
        return response

    @staticmethod
    def is_visitor(request: HttpRequest) -> bool:
        cookies = request.META.get("HTTP_COOKIE", "")
        return (
            request.method == "GET"
            and f"{settings.SESSION_COOKIE_NAME}=" not in cookies
            and "HTTP_X_SESSION_TOKEN" not in request.META
            and "HTTP_AUTHORIZATION" not in request.META
            and not request.path.startswith(NEVER)
            # The key knows the listed parameters only: /verify/?number=… must not be answered with /verify/.
            and set(request.GET) <= set(QUERY)
        )

    @staticmethod
    def key(request: HttpRequest) -> str:
        parts = [
            str(cache.get(_GENERATION, 0)),
            request.path,
            *(request.GET.get(name, "\0") for name in QUERY),
        ]
        parts += [
            request.META.get(name, "")
            for name in ("HTTP_HOST", "HTTP_ACCEPT", "HTTP_ACCEPT_LANGUAGE")
        ]
        return f"kept-page:{hashlib.sha256(chr(10).join(parts).encode()).hexdigest()}"

    @staticmethod
    def may_keep(request: HttpRequest, response: HttpResponse) -> bool:
        unknown = set(request.GET) - set(QUERY)
        return (
            response.status_code == 200
            and not response.streaming
            and not response.cookies
            and not unknown
            and "private" not in response.get("Cache-Control", "")
            and "no-store" not in response.get("Cache-Control", "")
            and not request.META.get("CSRF_COOKIE_NEEDS_UPDATE")
            and getattr(request, "_csp_nonce", None) is None
        )
