"""What every page template may use."""

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from lms.navigation import Link, links_for


def site(request: HttpRequest) -> dict[str, object]:
    """`nav` is worked out only where a template asks, so that a visitor's page asks the database nothing."""

    def nav() -> list[Link]:
        user = getattr(request, "user", None)
        return links_for(user, request.path) if user and user.is_authenticated else []

    return {
        "DEMO": settings.DEMO,
        "PUBLIC_URL": settings.PUBLIC_URL,
        "nav": SimpleLazyObject(nav),
    }
