"""Every kind of page each role can reach from its desk: no accessibility violation, nothing cut off, at two widths, light and dark.

The pages are found by following links, so a new screen is looked at without being named here. Addresses that differ only by a
number, uuid or slug of the same kind are one screen.
"""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from tests.browser.conftest import VIEWS

START = {
    None: [
        "/",
        "/verify/",
        "/register/",
        "/courses/",
        "/the-credential/",
        "/accounts/login/",
        "/accounts/signup/",
    ],
    "student": ["/desk/", "/application/", "/notices/", "/account/"],
    "candidate": ["/desk/", "/appointments/"],
    "outsider": ["/desk/"],
    "holder": ["/desk/", "/record/"],
    "instructor": ["/desk/"],
    "author": ["/desk/"],
    "examiner1": ["/desk/"],
    "chief": ["/desk/"],
    "invigilator": ["/desk/"],
    "reviewer": ["/essays/", "/registrar/results/"],
    "registrar": ["/desk/", "/exam-days/", "/sittings/", "/registrar/results/"],
}
MOST = 14
# Looked at as a visitor; they look the same to everybody.
PUBLIC = {
    "/", "/verify/", "/verify/NUMBER/", "/register/", "/courses/", "/the-credential/", "/how-we-certify/",
    "/complaints-and-appeals/", "/accessibility/", "/privacy/", "/credentials/UUID",
}  # fmt: skip
# Not screens of ours, or not screens at all.
LEAVE = re.compile(
    r"^/(cms|accounts/logout|accounts/(?!login|signup)|static|media|files|api|demo|outbox)"
    r"|\.(pdf|png|json|csv|svg|ics|webm|mp4)$|/(file|pdf|export|current)/?$"
)


def kind_of(path: str) -> str:
    """The screen an address belongs to."""
    path = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "UUID", path)
    path = re.sub(r"SMT-[0-9A-Z]{4}-[0-9A-Z]{4}", "NUMBER", path)
    path = re.sub(r"^(/courses/[^/]+/[^/]+)/[^/]+/$", "/courses/COURSE/MODULE/LESSON/", path)
    path = re.sub(r"^/courses/[^/]+/[^/]+/$", "/courses/COURSE/MODULE/", path)
    return re.sub(r"/\d+(/|$)", r"/N\1", path)


def reachable(visitor, starts: list[str], seen: set[str]) -> Iterator[str]:
    """Open screens breadth first; yields each path once it is open."""
    waiting, opened = list(starts), 0
    while waiting and opened < MOST:
        path = waiting.pop(0)
        if kind_of(path) in seen:
            continue
        seen.add(kind_of(path))
        response = visitor.page.goto(f"{visitor.url}{path}")
        assert response is not None
        # Somebody who is not enrolled sees the syllabus; a lesson's page then says so and offers the course.
        offered = response.status == 403 and visitor.page.locator("form[action*='/enrol/']").count()
        assert response.status < 400 or offered, f"{path} answered {response.status}"
        seen.add(kind_of(urlsplit(visitor.page.url).path))
        opened += 1
        links = visitor.page.eval_on_selector_all(
            "a[href]", "links => links.filter(l => !l.download).map(l => l.href)"
        )
        for link in links:
            parts = urlsplit(link)
            if f"{parts.scheme}://{parts.netloc}" == visitor.url and not LEAVE.search(parts.path):
                waiting.append(parts.path)
        yield path


@pytest.mark.parametrize("account", START, ids=lambda account: account or "visitor")
def test_every_screen_is_clean_in_every_view(visit, account):
    visitor = visit(account)
    failures = []
    for path in reachable(visitor, START[account], set(PUBLIC) if account else set()):
        name = f"{account or 'visitor'}{kind_of(path).rstrip('/').replace('/', '-')}"
        for width, scheme in VIEWS:
            visitor.page.set_viewport_size({"width": width, "height": 900})
            visitor.page.emulate_media(color_scheme=scheme)
            try:
                visitor.check(f"{name}-{width}-{scheme}")
            except AssertionError as error:
                failures.append(str(error)[:1500])
        visitor.page.set_viewport_size({"width": 1280, "height": 900})
        visitor.page.emulate_media(color_scheme="light")
    assert not failures, "\n\n".join(failures)
