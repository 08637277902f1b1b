"""What the screens of every bank do alike in Wagtail: list, editor, decisions, what its history says."""

from typing import Any

import django_filters
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views import View
from wagtail import hooks
from wagtail.admin import messages
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.widgets.button import Button
from wagtail.log_actions import LogFormatter
from wagtail.snippets.views.snippets import (
    CollectWorkflowActionDataView,
    IndexView,
    WorkflowActionView,
)

from accounts.services import Refusal
from accounts.web import WithoutBulkActions
from courses.bank import review
from courses.bank.banks import Bank
from courses.bank.evidence import claims_near
from courses.bank.guards import GuardedViewSet


class EntryFilterSet(WagtailFilterSet):
    overdue = django_filters.ChoiceFilter(
        label=_("Review date"), method="filter_overdue", choices=[("on", _("has passed"))]
    )

    def filter_overdue(self, queryset: Any, name: str, value: str) -> Any:
        return queryset.overdue(timezone.now().date()) if value else queryset


class EntryIndexView(WithoutBulkActions, IndexView):
    def get_list_more_buttons(self, instance: Any) -> list[Any]:
        return [*super().get_list_more_buttons(instance), _life_button(instance)]


class LeadsToLife:
    """A screen of one entry leads to the one of its review and life."""

    @property
    def header_more_buttons(self) -> list[Any]:
        return [*super().header_more_buttons, _life_button(self.object)]  # type: ignore[misc, attr-defined]


def _life_button(entry: Any) -> Button:
    address = reverse(entry.snippet_viewset.get_url_name("life"), args=[entry.pk])
    return Button(_("Review and life"), url=address, icon_name="history", priority=5)


class WritesEntries:
    """An entry goes live by the approval of its review, never by a button of the editor; it is handed over once it is ready."""

    bank: Bank[Any]
    NEVER = ("publish", "restart-workflow")

    def get_available_actions(self) -> list[str]:
        actions = super().get_available_actions()  # type: ignore[misc]
        return [action for action in actions if action not in self.NEVER]

    def get_form(self, *args: Any, **kwargs: Any) -> Any:
        form = super().get_form(*args, **kwargs)  # type: ignore[misc]
        form.submitting = self.action == "submit"  # type: ignore[attr-defined]
        return form

    def submit_action(self) -> None:
        entry, request = self.object, self.request  # type: ignore[attr-defined]
        note = self.form.cleaned_data.get("note", "")  # type: ignore[attr-defined]
        review.submit(self.bank, entry=entry, comment=note, by=request.user, at=timezone.now())
        draft = entry.get_latest_revision_as_object()
        for claim in claims_near(self.bank.texts_of(draft), tagged=draft.claims.all()):
            words = _("%(code)s is near, and not tagged. What may be said: “%(wording)s”")
            messages.warning(request, words % {"code": claim.code, "wording": claim.safe_wording})


class CreatesEntries(WritesEntries):
    def save_instance(self) -> Any:
        self.form.instance.author = self.request.user  # type: ignore[attr-defined]
        return super().save_instance()  # type: ignore[misc]


class EditsEntries(WritesEntries, LeadsToLife):
    @property
    def overwrite_revision(self) -> Any:
        """Under review every change is a revision of its own: what was approved stays as it was read."""
        return None if self.object.workflow_in_progress else super().overwrite_revision  # type: ignore[attr-defined, misc]

    def save_instance(self) -> Any:
        """A decision is about the draft as it was read: it changes nothing in it."""
        if self.action == "workflow-action":  # type: ignore[attr-defined]
            self.new_revision = self.object.latest_revision  # type: ignore[attr-defined]
            return self.object  # type: ignore[attr-defined]
        return super().save_instance()  # type: ignore[misc]

    def workflow_action_action(self) -> Any:
        try:
            return super().workflow_action_action()  # type: ignore[misc]
        except Refusal as refusal:
            return self._refused(refusal)

    def cancel_workflow_action(self) -> Any:
        entry, user = self.object, self.request.user  # type: ignore[attr-defined]
        try:
            review.withdraw(self.bank, entry=entry, by=user, at=timezone.now())
        except Refusal as refusal:
            return self._refused(refusal)
        return None

    def _refused(self, refusal: Refusal) -> HttpResponse:
        messages.error(self.request, refusal.sentence)  # type: ignore[attr-defined]
        return redirect(self.get_edit_url())  # type: ignore[attr-defined]


class SaysRefusals:
    """A decision that is refused says why, where it was taken."""

    def post(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().post(request, *args, **kwargs)  # type: ignore[misc]
        except Refusal as refusal:
            messages.error(request, refusal.sentence)
            if request.headers.get("x-requested-with") == "XMLHttpRequest":
                return self.render_modal_json(  # type: ignore[attr-defined]
                    request,
                    {"step": "success", "redirect": self.redirect_url},  # type: ignore[attr-defined]
                )
            return redirect(self.redirect_url)  # type: ignore[attr-defined]


class DecisionView(SaysRefusals, WorkflowActionView):
    pass


class CollectDecisionView(SaysRefusals, CollectWorkflowActionDataView):
    pass


class RetireView(View):
    """Taking an entry off is retiring it: with a comment, by a reviewer who did not write it."""

    model: Any = None
    life_url_name = ""

    def dispatch(self, request: HttpRequest, pk: Any, **kwargs: Any) -> HttpResponse:
        return redirect(self.life_url_name, pk)


class EntryViewSet(GuardedViewSet):
    """The screens of the entries of a bank, with the one of review and life."""

    life_view_class: type[View]
    unpublish_view_class = RetireView
    workflow_action_view_class = DecisionView
    collect_workflow_action_data_view_class = CollectDecisionView
    search_backend_name = None
    inspect_view_enabled = True

    def get_urlpatterns(self) -> list[Any]:
        view = self.construct_view(self.life_view_class)
        return [
            *super().get_urlpatterns(),
            path(f"life/<{self.pk_path_converter}:pk>/", view, name="life"),
        ]

    @property
    def unpublish_view(self) -> Any:
        return self.construct_view(
            self.unpublish_view_class, life_url_name=self.get_url_name("life")
        )


def publish_only_by_review(model: type) -> None:
    """Who edits an entry has written its draft, and nobody approves their own (R2): the editor offers no publishing of it."""

    @hooks.register("construct_snippet_action_menu")
    def leave_out(menu_items: list[Any], request: HttpRequest, context: dict[str, Any]) -> None:
        if context.get("model") is model:
            never = ("action-publish", "action-unpublish", "action-restart-workflow")
            menu_items[:] = [item for item in menu_items if item.name not in never]


def tell_steps(actions: Any, bank: Bank[Any], label: Any) -> None:
    """Let Wagtail's history say the steps of an entry's life. `label` is what it calls one."""
    step_label = label

    @actions.register_action(bank.verb)
    class LifeStep(LogFormatter):
        label = step_label

        def format_message(self, entry: Any) -> Any:
            step = bank.transition.STEPS.get(entry.data["step"], entry.data["step"])
            if entry.data["before"] == entry.data["after"]:
                return step
            after = bank.life(entry.data["after"]).label
            return _("%(step)s: %(after)s") % {"step": step, "after": after}

        def format_comment(self, entry: Any) -> Any:
            return entry.data["comment"]
