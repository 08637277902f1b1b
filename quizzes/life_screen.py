"""The screen of one item's review and life: what it asks, what it lacks, who decided what, and the decision that is due."""

import json
import re
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View
from wagtail.admin import messages

from accounts.models import User
from accounts.services import Refusal
from courses.bank.life_screen import LifeView
from quizzes.forms import DecisionForm, ItemMoveForm, PlaceForm
from quizzes.frozen import freeze, is_readable, read_back
from quizzes.models import Item, Pool, readable_pools
from quizzes.services import (
    answers_in,
    bar_to_placing,
    claims_near,
    exposure_of,
    forms_asking,
    forms_with_enemies,
    near_duplicates,
    place_item,
    read_near,
    texts_of,
)
from quizzes.services.life import ITEMS


class ItemLifeView(LifeView):
    """With what stands near it, and a form of its own (`place`) for what changes without a new version."""

    bank = ITEMS
    entries_label = gettext_lazy("Items")
    related = ("domain", "author")
    decision_form, move_form = DecisionForm, ItemMoveForm
    template_name = "quizzes/item_life.html"

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        if "place" in request.POST:
            return self._place(request, timezone.now())
        return super().post(request, **kwargs)

    def _place(self, request: Any, at: datetime) -> HttpResponse:
        """Enemies and cap, without a new version."""
        form = PlaceForm(request.POST, item=self.entry, user=request.user)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(place=form), status=400)
        try:
            done = place_item(item=self.entry, **form.cleaned_data, by=request.user, at=at)
        except Refusal as refusal:
            if not refusal.fields:
                form.add_error(None, refusal.sentence)
            for name, sentences in refusal.fields.items():
                for sentence in sentences:
                    form.add_error(name, sentence)
            return self.render_to_response(self.get_context_data(place=form), status=refusal.status)
        said = _("Kept and written down.") if done else _("That is how it is already.")
        messages.success(request, said)
        return redirect(request.path)

    def _place_form(self) -> Any:
        user = self.request.user
        barred = bar_to_placing(item=self.entry, by=user)
        return None if barred else PlaceForm(item=self.entry, user=user)

    def get_context_data(
        self, form: Any = None, place: Any = None, **kwargs: Any
    ) -> dict[str, Any]:
        user, at = self.request.user, timezone.now()
        context = super().get_context_data(form, **kwargs)
        item, draft = self.entry, context["draft"]
        body = json.dumps(draft.body.get_prep_value(), default=str)
        near = near_duplicates(draft.stem, answers_in(body), by=user, besides=item.pk)
        _read_near(near, user, at)
        return {
            **context,
            "item": item,
            "question": _question_of(draft),
            "claims_near": claims_near(texts_of(draft), tagged=context["claims"]),
            "near": near,
            "enemies": list(draft.enemies.order_by("code")),
            "exposure": exposure_of([item], at)[item.pk],
            "forms": forms_asking(item),
            "place": place or self._place_form(),
            "forms_with_enemies": forms_with_enemies(item),
            "starts_anew": item.pool == Pool.SECURE and item.live,
            "edit_name": self.edit_url_name,
        }


def _question_of(draft: Item) -> dict[str, Any] | None:
    """The question with its key as it stands, if it is whole enough to be read."""
    return read_back(freeze(draft, keep_media=False)) if is_readable(draft) else None


def _read_near(near: list[Any], user: User, at: datetime) -> None:
    read_near(items=[row.item for row in near], by=user, at=at)


class NearView(View):
    """What reads nearly the same as the question being written, and the contested claims it touches. Nothing is saved."""

    model: Any = None
    edit_url_name = ""

    def post(self, request: Any) -> HttpResponse:
        if not readable_pools(request.user):
            raise PermissionDenied
        sent = request.POST
        besides = sent.get("besides", "")
        near = near_duplicates(
            sent.get("stem", "")[:5000],
            _answers_sent(sent),
            by=request.user,
            besides=int(besides) if besides.isdecimal() and len(besides) < 18 else None,
        )
        _read_near(near, request.user, timezone.now())
        texts = [
            value[:5000]
            for name, value in sent.items()
            if name.startswith(("stem", "stimulus", "body-"))
        ]
        tagged = [pk for pk in sent.getlist("claims") if pk.isdecimal() and len(pk) < 18]
        context = {
            "near": near,
            "claims_near": claims_near(texts[:200], tagged=_claims(tagged)),
            "edit_name": self.edit_url_name,
            "writing": True,
        }
        return TemplateResponse(request, "quizzes/includes/near.html", context)


# How the editor names a field that holds words of an answer.
ANSWER_FIELD = re.compile(
    r"body-\d+-value-(?:.*-)?(?:text|left|right|stem|label|theme|(?:choices|accept|extra_\w+)-\d+-value)"
)


def _answers_sent(sent: Any) -> list[str]:
    """The words of the answers as they stand in the editor, without rows that were taken out."""
    gone = tuple(
        f"{name.removesuffix('deleted')}value"
        for name, value in sent.items()
        if name.endswith("-deleted") and value
    )
    return [
        value[:500]
        for name, value in sent.items()
        if ANSWER_FIELD.fullmatch(name) and not name.startswith(gone)
    ][:100]


def _claims(pks: list[str]) -> Any:
    claims = Item._meta.get_field("claims").related_model
    return claims.objects.filter(pk__in=pks)
