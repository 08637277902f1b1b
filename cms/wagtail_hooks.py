"""What the editor says besides: a claim that goes too far, a move that would tear a course apart."""

from typing import Any

from django.contrib import messages
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from wagtail import hooks
from wagtail.models import Page

from accounts.services import Conflict
from cms.placing import require_may_move
from cms.words import stated_by
from practicals.models import Checklist
from quizzes.models import Item


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
