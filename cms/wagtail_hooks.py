"""How Wagtail looks here, and what the editor says besides: a claim that goes too far, a move that would tear a course apart."""

from typing import Any

from django.contrib import messages
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.translation import gettext as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.models import Page

from accounts.services import Conflict
from cms.placing import require_may_move
from cms.words import stated_by
from practicals.models import Checklist
from quizzes.models import Item


@hooks.register("insert_global_admin_css")
def our_type_and_colours() -> str:
    return format_html('<link rel="stylesheet" href="{}">', static("palpate/css/admin.css"))


@hooks.register("construct_help_menu")
def no_news_of_wagtail(request: HttpRequest, menu_items: list[MenuItem]) -> None:
    """What is new in Wagtail is news to whoever keeps the installation, not to those who work in it."""
    menu_items[:] = [item for item in menu_items if not item.name.startswith("whats-new")]


@hooks.register("after_create_page")
@hooks.register("after_edit_page")
def warn_of_claims(request: HttpRequest, page: Page) -> None:
    """Whoever saves, hands in or publishes a page is told what it states that the register does not allow."""
    _warn(request, page.get_latest_revision_as_object())


@hooks.register("after_create_snippet")
@hooks.register("after_edit_snippet")
def warn_of_claims_in_snippets(request: HttpRequest, instance: models.Model) -> None:
    if isinstance(instance, Item | Checklist):
        _warn(request, instance.get_latest_revision_as_object())


def _warn(request: HttpRequest, thing: Any) -> None:
    for sentence in stated_by(thing):
        messages.warning(
            request, _("Before this is published: %(sentence)s.") % {"sentence": sentence}
        )


@hooks.register("before_move_page")
def refuse_to_tear_apart(
    request: HttpRequest, page: Page, destination: Page
) -> HttpResponse | None:
    """What learners have worked on stays in its course."""
    try:
        require_may_move(page.specific, destination)
    except Conflict as refusal:
        messages.error(request, refusal.sentence)
        return redirect("wagtailadmin_explore", page.get_parent().pk)
    return None
