"""What every page template may use."""

from django.conf import settings


def site(request) -> dict[str, object]:
    return {"DEMO": settings.DEMO, "PUBLIC_URL": settings.PUBLIC_URL}
