"""How often one address may ask what costs us or could be used to gather names."""

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle
from rest_framework.views import APIView

from accounts.services import Refusal


class TooMany(Refusal):
    """429: ask again later."""

    status = 429


class _PerAddress(SimpleRateThrottle):
    def get_cache_key(self, request: Any, view: Any) -> str:
        return self.cache_format % {"scope": self.scope, "ident": self.get_ident(request)}


class Searches(_PerAddress):
    scope = "register"


class Receipts(_PerAddress):
    scope, rate = "receipt", "20/min"


class Lookups(_PerAddress):
    """Receipts asked for by their number."""

    scope, rate = "receipt_lookup", "20/min"


class Concerns(_PerAddress):
    """Concerns raised without an account, by page and by program together."""

    scope, rate = "concern", "6/hour"


class Checks(_PerAddress):
    """Documents pasted or uploaded."""

    scope, rate = "check", "20/min"


class Batches(_PerAddress):
    """Lists of numbers, by page and by program together."""

    scope, rate = "batch", "20/hour"


def require_below(limit: type[_PerAddress], request: HttpRequest) -> None:
    """Raise TooMany when this address has used up its share."""
    throttle = limit()
    if not throttle.allow_request(Request(request), APIView()):
        seconds = int(throttle.wait() or 60) + 1
        raise TooMany(
            "too_many_requests",
            _("Too many requests from this address. Try again in %(seconds)s seconds.")
            % {"seconds": seconds},
        )
