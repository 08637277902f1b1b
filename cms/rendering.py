"""Turning a body into HTML, once for each state of what it shows.

A body shows the page's own words and what it names: figures, entries of the registers, other pages. It is kept under the page's live revision
and its course's `revision`, which rises when any of those change; so what is kept is never stale and is never asked for again.
"""

import json
from collections.abc import Iterable

from django.core.cache import cache
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from wagtail.blocks import StreamValue
from wagtail.models import Page

from cms.blocks import linked_pages
from cms.models.base import path_of
from courses.models import Course

KEPT_SECONDS = 86_400


def urls_of(pages: Iterable[int]) -> dict[int, str]:
    """Where live pages are, by id. One query, none for no pages."""
    ids = set(pages)
    rows = (
        Page.objects.live().filter(pk__in=ids).only("url_path", "locale_id", "depth") if ids else ()
    )
    return {page.pk: path_of(page) for page in rows}


def render_body(body: StreamValue, *, number: str = "") -> SafeString:
    """The HTML of a body: blocks in order, plates numbered after `number`. A query for each kind of thing it names, not for each block."""
    urls = urls_of(linked_pages(json.dumps(list(body.raw_data))))
    plates = sum(1 for block in body if block.block_type == "figure")
    shown, html = 0, []
    for block in body:
        context: dict[str, object] = {"page_urls": urls}
        if block.block_type == "figure":
            letter = chr(ord("a") + shown) if plates > 1 else ""
            context["plate"] = f"{number}{letter}" if number else ""
            shown += 1
        html.append(block.render(context))
    return mark_safe("\n".join(html))  # noqa: S308 every block escapes its own


def render_lesson(page: Page) -> SafeString:
    """What a lesson says: what its reader will be able to, and its body."""
    aims = render_to_string("cms/includes/objectives.html", {"objectives": page.objectives})
    return mark_safe(aims + render_body(page.body, number=page.code))  # noqa: S308 made by templates


def lesson_body(page: Page, course: Course) -> SafeString:
    """What a live lesson says, kept."""
    if not page.live_revision_id:
        return render_lesson(page)
    key = (
        f"lesson:{page.pk}:{page.live_revision_id}:{course.uuid}:{course.revision}:{get_language()}"
    )
    html = cache.get(key)
    if html is None:
        page.refresh_from_db(fields=["body", "objectives"])  # left out where it was found
        html = str(render_lesson(page))
        cache.set(key, html, KEPT_SECONDS)
    return mark_safe(html)  # noqa: S308 made by render_lesson
