"""The screen of one item's review and life: what it asks, what it lacks, who decided what, and the decision that is due."""

import json
import re
from datetime import datetime
from typing import Any

from django.contrib.admin.utils import quote, unquote
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View
from wagtail.admin import messages
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from accounts.models import User
from accounts.services import Refusal
from accounts.web import PersonRequest
from quizzes.forms import DecisionForm, MoveForm, PlaceForm
from quizzes.frozen import freeze, is_readable, read_back
from quizzes.models import Item, Pool, readable_pools
from quizzes.services import (
    answers_in,
    bar_to_deciding,
    bar_to_moving,
    bar_to_placing,
    claims_near,
    decide_on_item,
    exposure_of,
    forms_asking,
    forms_with_enemies,
    lacks_of,
    move_item,
    moves_of,
    near_duplicates,
    place_item,
    read_near,
    texts_of,
)


class ItemLifeView(WagtailAdminTemplateMixin, View):
    """GET shows it; POST takes the decision of a review step (`decision`) or a move (`to`), each with a comment."""

    model: Any = None
    edit_url_name = inspect_url_name = index_url_name = history_url_name = ""
    page_title = gettext_lazy("Review and life")
    template_name = "quizzes/item_life.html"
    request: PersonRequest

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        pk = unquote(str(kwargs["pk"]))
        self.item: Item = get_object_or_404(
            Item.objects.select_related("domain", "author"), pk=pk if pk.isdigit() else None
        )
        self.state = self.item.current_workflow_task_state

    def get_page_subtitle(self) -> str:
        return self.item.code

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [
            *self.breadcrumbs_items,
            {"url": reverse(self.index_url_name), "label": _("Items")},
            {"url": reverse(self.edit_url_name, args=[self.item.pk]), "label": self.item.code},
            {"url": "", "label": self.page_title},
        ]

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self.render_to_response(self.get_context_data())

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        at = timezone.now()
        if "place" in request.POST:
            return self._place(request, at)
        form = self._form(request.POST)
        if form is None:
            messages.error(request, _("There is nothing for you to decide here any more."))
            return redirect(request.path)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form), status=400)
        try:
            said = self._act(form, request, at)
        except Refusal as refusal:
            form.add_error(None, refusal.sentence)
            return self.render_to_response(self.get_context_data(form=form), status=refusal.status)
        messages.success(request, said)
        return redirect(request.path)

    def _place(self, request: Any, at: datetime) -> HttpResponse:
        """Enemies and cap, without a new version."""
        form = PlaceForm(request.POST, item=self.item, user=request.user)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(place=form), status=400)
        try:
            done = place_item(item=self.item, **form.cleaned_data, by=request.user, at=at)
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
        barred = bar_to_placing(item=self.item, by=user)
        return None if barred else PlaceForm(item=self.item, user=user)

    def _form(self, data: Any = None) -> Any:
        """The form of what this person may decide: the step under review, else a move."""
        user = self.request.user
        if self.state:
            barred = bar_to_deciding(item=self.item, task=self.state.task.specific, by=user)
            return None if barred else DecisionForm(data)
        moves = moves_of(item=self.item, by=user)
        return MoveForm(data, moves=moves) if moves else None

    def _act(self, form: Any, request: Any, at: datetime) -> str:
        comment = form.cleaned_data["comment"]
        if self.state:
            approve = request.POST.get("decision") == "approve"
            decide_on_item(
                state=self.state, approve=approve, comment=comment, by=request.user, at=at
            )
            return _("Your decision on %(code)s is written down.") % {"code": self.item.code}
        moved = move_item(
            item=self.item, to=form.cleaned_data["to"], comment=comment, by=request.user, at=at
        )
        return _("%(code)s is now %(life)s.") % {
            "code": moved.code,
            "life": moved.get_life_display(),
        }

    def get_context_data(
        self, form: Any = None, place: Any = None, **kwargs: Any
    ) -> dict[str, Any]:
        user, at = self.request.user, timezone.now()
        draft = self.item.get_latest_revision_as_object()
        body = json.dumps(draft.body.get_prep_value(), default=str)
        near = near_duplicates(draft.stem, answers_in(body), by=user, besides=self.item.pk)
        _read_near(near, user, at)
        return {
            **super().get_context_data(**kwargs),
            "item": self.item,
            "draft": draft,
            "question": _question_of(draft),
            "lacks": self._lacks(draft, at),
            "claims": list(draft.claims.all()),
            "claims_near": claims_near(texts_of(draft), tagged=draft.claims.all()),
            "near": near,
            "enemies": list(draft.enemies.order_by("code")),
            "exposure": exposure_of([self.item], at)[self.item.pk],
            "forms": forms_asking(self.item),
            "state": self.state,
            "form": form or self._form(),
            "place": place or self._place_form(),
            "forms_with_enemies": forms_with_enemies(self.item),
            "barred": self._barred(user),
            "starts_anew": self.item.pool == Pool.SECURE and self.item.live,
            "transitions": self.item.transitions.select_related("by").order_by("-sequence"),
            "edit_url": reverse(self.edit_url_name, args=[quote(self.item.pk)]),
            "edit_name": self.edit_url_name,
        }

    def _lacks(self, draft: Item, at: datetime) -> list[str]:
        if self.item.live and not self.item.has_unpublished_changes:
            return []
        return [said for found in lacks_of(draft, at=at).values() for said in found]

    def _barred(self, user: User) -> str:
        if self.state:
            refusal = bar_to_deciding(item=self.item, task=self.state.task.specific, by=user)
        else:
            refusal = bar_to_moving(item=self.item, by=user)
        return refusal.sentence if refusal else ""


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


class UnpublishView(View):
    """Taking an item off is retiring it: with a comment, by a reviewer who did not write it."""

    model: Any = None
    life_url_name = ""

    def dispatch(self, request: HttpRequest, pk: Any, **kwargs: Any) -> HttpResponse:
        return redirect(self.life_url_name, pk)
