"""The public register's search: who agreed to be listed, by number or name, a little mistyped or not. Few at a time, and never all."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import prefetch_related_objects
from django.http import HttpRequest
from django.utils.translation import gettext as _

from accounts.services import Invalid
from credentials import limits, names, numbers, public_words, services, verification
from credentials.models import Credential

PAGE = 20
PAGES = 3  # whoever finds more has to type more of the name
SHORTEST = 3
LOOKED_AT = 300  # of all who bear a common name; more than the pages show


@dataclass(frozen=True)
class Page:
    """One page of a search. `near`: nobody is called so, these are what was meant perhaps. `more`: there are others that no page shows."""

    typed: str
    rows: list[dict[str, Any]]
    near: bool
    number: int
    next: int | None
    previous: int | None
    more: bool


def look_up(request: HttpRequest, *, at: datetime) -> Page:
    """The page `?page=` of the search `?q=`. Raises TooMany, or Invalid for what is too short to search by."""
    typed = request.GET.get("q", "").replace("\0", "").strip()[:80]
    page = request.GET.get("page", "1")
    number = int(page) if page in map(str, range(1, PAGES + 1)) else 1
    limits.require_below(limits.Searches, request)
    if not numbers.normalise(typed) and len(names.fold(typed).replace(" ", "")) < SHORTEST:
        said = _("Enter at least three letters of the name.")
        raise Invalid("too_short", said, fields={"q": [said]})
    listed, first = Credential.objects.listed(), (number - 1) * PAGE
    found = services.search(listed, typed, most=LOOKED_AT).prefetch_related(verification.events())
    rows = list(found[first : first + PAGE + 1])
    if not rows and number == 1:
        near = services.nearest(listed, typed)
        prefetch_related_objects(near, verification.events())
        return Page(typed, [entry(row, at) for row in near], bool(near), 1, None, None, False)
    further = len(rows) > PAGE
    return Page(
        typed=typed,
        rows=[entry(row, at) for row in rows[:PAGE]],
        near=False,
        number=number,
        next=number + 1 if further and number < PAGES else None,
        previous=number - 1 if number > 1 else None,
        more=further and number == PAGES,
    )


def entry(credential: Credential, at: datetime) -> dict[str, Any]:
    """What the register shows of a credential in a list."""
    standing = verification.public_standing(credential, at=at)
    return {
        "credential": credential,
        "standing": standing,
        "word": public_words.word(standing),
    }
