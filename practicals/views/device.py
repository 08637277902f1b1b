"""What makes the examiner's pages an application that works without a network: manifest, service worker, and pages with nothing in them."""

from pathlib import Path

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_safe

from accounts.models import Role
from accounts.web import role_required
from practicals.signed_in import PersonRequest
from practicals.views.words import device_words, sheet_words

SCRIPTS = Path(__file__).parent.parent / "static" / "practicals" / "sheet"


@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker of the examiner's pages, at an address from which it sees no others."""
    return HttpResponse(
        (SCRIPTS / "worker.js").read_text(),
        content_type="text/javascript; charset=utf-8",
        headers={"Cache-Control": "no-cache"},
    )


@require_safe
def manifest(request: HttpRequest) -> HttpResponse:
    """What a tablet needs to install the examiner's pages."""
    desk = reverse("examiner-desk")

    def icon(name: str, size: int, purpose: str) -> dict[str, str]:
        return {
            "src": static(f"{name}-{size}.png"),
            "sizes": f"{size}x{size}",
            "type": "image/png",
            "purpose": purpose,
        }

    return JsonResponse(
        {
            "id": desk,
            "name": _("Palpate examiner"),
            "short_name": _("Examiner"),
            "description": _(
                "Score practical examinations at the table, with or without a network."
            ),
            "lang": request.LANGUAGE_CODE,
            "start_url": desk,
            "scope": desk,
            "display": "standalone",
            "background_color": "#FBF9F5",
            "theme_color": "#FBF9F5",
            "icons": [
                icon("practicals/icons/examiner", 192, "any"),
                icon("practicals/icons/examiner", 512, "any"),
                icon("practicals/icons/examiner-maskable", 512, "maskable"),
            ],
        },
        content_type="application/manifest+json",
    )


@require_safe
@never_cache
@ensure_csrf_cookie
@role_required(Role.EXAMINER)
def desk_shell(request: PersonRequest) -> HttpResponse:
    """The desk as it is without a network; the script fills it from what is on the device."""
    return render(request, "practicals/desk_shell.html", {"words": device_words()})


@require_safe
@never_cache
@ensure_csrf_cookie
@role_required(Role.EXAMINER)
def sheet_shell(request: PersonRequest) -> HttpResponse:
    """A sheet as it is without a network; the script fills it from what is on the device."""
    return render(request, "practicals/sheet.html", {"shell": True, "words": sheet_words()})
