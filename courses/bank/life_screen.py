"""The screen of one entry's review and life: what its app shows of it, who decided what, and the decision that is due."""

from datetime import datetime
from typing import Any

from django.contrib.admin.utils import quote, unquote
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
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
from courses.bank import life, review
from courses.bank.banks import Bank
from courses.bank.forms import MoveForm, ReasonForm


class LifeView(WagtailAdminTemplateMixin, View):
    """GET shows it; POST takes the decision of a review step (`decision`) or a move (`to`), each with a comment.

    A bank says what its list is called (`entries_label`), its forms and its template, and adds to the context what is read of an entry.
    """

    bank: Bank[Any]
    entries_label: Any = ""
    related: tuple[str, ...] = ("author",)
    decision_form: type[ReasonForm]
    move_form: type[MoveForm]

    model: Any = None
    edit_url_name = inspect_url_name = index_url_name = history_url_name = ""
    page_title = gettext_lazy("Review and life")
    request: PersonRequest

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        pk = unquote(str(kwargs["pk"]))
        rows = self.bank.model._default_manager.select_related(*self.related)
        self.entry: Any = get_object_or_404(rows, pk=pk if pk.isdigit() else None)
        self.state = self.entry.current_workflow_task_state

    def get_page_subtitle(self) -> str:
        return str(self.entry.code)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [
            *self.breadcrumbs_items,
            {"url": reverse(self.index_url_name), "label": self.entries_label},
            {"url": reverse(self.edit_url_name, args=[self.entry.pk]), "label": self.entry.code},
            {"url": "", "label": self.page_title},
        ]

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self.render_to_response(self.get_context_data())

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        at = timezone.now()
        form = self.form(request.POST)
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

    def form(self, data: Any = None) -> ReasonForm | None:
        """The form of what this person may decide: the step under review, else a move."""
        user = self.request.user
        if self.state:
            return None if self._bar(user) else self.decision_form(data)
        moves = life.moves_of(self.bank, entry=self.entry, by=user)
        return self.move_form(data, moves=moves) if moves else None

    def _bar(self, user: User) -> Refusal | None:
        if self.state:
            task = self.state.task.specific
            return review.bar_to_deciding(self.bank, entry=self.entry, task=task, by=user)
        return life.bar_to_moving(self.bank, entry=self.entry, by=user)

    def _act(self, form: Any, request: Any, at: datetime) -> str:
        given = {"comment": form.cleaned_data["comment"], "by": request.user, "at": at}
        if self.state:
            approve = request.POST.get("decision") == "approve"
            review.decide(self.bank, state=self.state, approve=approve, **given)
            return _("Your decision on %(code)s is written down.") % {"code": self.entry.code}
        to = form.cleaned_data["to"]
        moved = life.move(self.bank, entry=self.entry, to=to, **given)
        return _("%(code)s is now %(life)s.") % {
            "code": moved.code,
            "life": moved.get_life_display(),
        }

    def get_context_data(self, form: Any = None, **kwargs: Any) -> dict[str, Any]:
        refusal = self._bar(self.request.user)
        draft = self.entry.get_latest_revision_as_object()
        return {
            **super().get_context_data(**kwargs),
            "entry": self.entry,
            "draft": draft,
            "lacks": self._lacks(draft),
            "claims": list(draft.claims.all()),
            "state": self.state,
            "step": self.state.task.specific.get_step_display() if self.state else "",
            "form": form or self.form(),
            "barred": refusal.sentence if refusal else "",
            "transitions": self.entry.transitions.select_related("by").order_by("-sequence"),
            "edit_url": reverse(self.edit_url_name, args=[quote(self.entry.pk)]),
        }

    def _lacks(self, draft: Any) -> list[str]:
        if self.entry.live and not self.entry.has_unpublished_changes:
            return []
        lacks = self.bank.lacks_of(draft, at=timezone.now())
        return [sentence for found in lacks.values() for sentence in found]
