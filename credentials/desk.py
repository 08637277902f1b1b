"""What every page of the registrar's desk shares."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _


def desk_context(current: str) -> dict[str, Any]:
    """The role beside the wordmark and the desk's navigation; `current` is queue or register."""
    places = [
        ("queue", reverse("registrar-queue"), _("Queue")),
        ("register", reverse("registrar-register"), _("Register")),
    ]
    return {
        "role_name": _("registrar"),
        "nav_label": _("Desk"),
        "nav": [
            {"url": url, "label": label, "current": name == current} for name, url, label in places
        ],
    }
