"""Each role's desk and the links in its head. One query (the roles), and only where a page of a signed-in person asks."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import Role, User

# Where a person lands; who holds several roles lands on the first of theirs.
DESKS: dict[str, str] = {
    Role.REGISTRAR: "registrar-queue",
    Role.CHIEF_EXAMINER: "chief-desk",
    Role.EXAMINER: "examiner-desk",
    Role.INVIGILATOR: "invigilate",
    Role.INSTRUCTOR: "teach",
    Role.ITEM_REVIEWER: "item-desk",
    Role.ITEM_AUTHOR: "item-desk",
    Role.ADMINISTRATOR: "wagtailadmin_home",
}

LINKS: dict[str, list[tuple[str | Promise, str]]] = {
    Role.REGISTRAR: [
        (_("Queue"), "registrar-queue"),
        (_("Register"), "registrar-register"),
        (_("Results"), "results"),
        (_("Exam days"), "exam-days"),
        (_("Sittings"), "sittings"),
        (_("People"), "wagtailusers_users:index"),
    ],
    Role.CHIEF_EXAMINER: [
        (_("Held results"), "chief-desk"),
        (_("Checklists"), "wagtailsnippets_practicals_checklist:list"),
    ],
    Role.EXAMINER: [(_("Examining"), "examiner-desk")],
    Role.INVIGILATOR: [(_("Sittings"), "invigilate")],
    Role.INSTRUCTOR: [(_("Classes"), "teach"), (_("Writing"), "wagtailadmin_home")],
    Role.ITEM_REVIEWER: [
        (_("Item bank"), "item-desk"),
        (_("Essays"), "essays"),
        (_("Results"), "results"),
        (_("Writing"), "wagtailadmin_home"),
    ],
    Role.ITEM_AUTHOR: [(_("Item bank"), "item-desk"), (_("Writing"), "wagtailadmin_home")],
    Role.ADMINISTRATOR: [
        (_("Setting up"), "wagtailadmin_home"),
        (_("People"), "wagtailusers_users:index"),
        (_("Invite"), "invite"),
    ],
}


# Pages that belong to a link, though their address does not begin with its own.
BELONGS = {
    "/registrar/credentials/": "registrar-register",
    "/incidents/": "registrar-queue",
    "/registrar/sources/": "registrar-register",
}


@dataclass(frozen=True)
class Link:
    label: str
    url: str
    # False: another link is nearer to this page. None: its address decides.
    current: bool | None = None


def desk_of(user: User) -> str:
    """The name of the page a person lands on."""
    return next((name for role, name in DESKS.items() if role in user.roles), "home")


def links_for(user: User, path: str = "") -> list[Link]:
    """The links of a person's roles, each page once; none for a learner, whose links are the site's own.

    Of several that contain the page at `path` (the queue's address begins that of the register) only the nearest may be the current one.
    """
    named = [link for role in LINKS if role in user.roles for link in LINKS[role]]
    by_url = {reverse(name): str(label) for label, name in reversed(named)}
    places = {url: url for url in by_url} | {
        begin: reverse(name) for begin, name in BELONGS.items()
    }
    nearest = places.get(max(filter(path.startswith, places), key=len, default=""))
    return [
        Link(label, url, False if url != nearest else None if path.startswith(url) else True)
        for url, label in reversed(by_url.items())
    ]
