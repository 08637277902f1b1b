"""Schemes in Wagtail: editions, their requirements and their reason codes.

What is or was in force is looked at, never edited: the next edition is drafted from it, changed, and opened; the old one closes then.
"""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.defaultfilters import linebreaksbr
from django.urls import path, reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView
from wagtail.admin.ui.tables import Column
from wagtail.admin.views.generic import (
    EditView,
    IndexView,
    InspectView,
    PermissionCheckedMixin,
    WagtailAdminTemplateMixin,
)
from wagtail.admin.viewsets.model import ModelViewSet, ModelViewSetGroup
from wagtail.admin.widgets.button import Button

from accounts.services import Refusal
from credentials import renewal_words, rows_field, scheme_words, services
from credentials.models import CredentialType, Reason, Requirement
from credentials.scheme_forms import EditionForm, ReasonForm, RequirementForm

Part = CredentialType | Requirement | Reason


def is_draft(row: Part) -> bool:
    edition = row if isinstance(row, CredentialType) else row.credential_type
    return edition.state == CredentialType.State.DRAFT


# Views


class SchemeIndexView(IndexView):
    def get_edit_url(self, instance: Part) -> str | None:
        return super().get_edit_url(instance) if is_draft(instance) else None

    def get_delete_url(self, instance: Part) -> str | None:
        return super().get_delete_url(instance) if is_draft(instance) else None

    def get_base_queryset(self) -> QuerySet[Any]:
        rows = super().get_base_queryset()
        return rows if self.model is CredentialType else rows.select_related("credential_type")

    @cached_property
    def columns(self) -> list[Column]:
        first, *others = super().columns
        first.get_url = lambda row: self.get_edit_url(row) or self.get_inspect_url(row)
        return [first, *others]


class DraftEditView(EditView):
    """Raises PermissionDenied for anything of an edition that is or was in force."""

    def get_object(self, queryset: Any = None) -> Part:
        row = super().get_object(queryset)
        if not is_draft(row):
            raise PermissionDenied
        return row


class SchemeInspectView(InspectView):
    def get_edit_url(self) -> str | None:
        return super().get_edit_url() if is_draft(self.object) else None

    def get_delete_url(self) -> str | None:
        return super().get_delete_url() if is_draft(self.object) else None


class EditionInspectView(SchemeInspectView):
    @cached_property
    def header_more_buttons(self) -> list[Button]:
        buttons = super().header_more_buttons
        if not self.user_has_permission("change"):
            return buttons
        actions = {
            CredentialType.State.DRAFT: [("open", _("Put in force"), "check")],
            CredentialType.State.OPEN: [("close", _("Close to applications"), "lock")],
        }.get(self.object.state, [])
        if services.previous_of(self.object):
            actions = [*actions, ("changes", _("What it changes"), "list-ul")]
        for action, label, icon in [*actions, ("next", _("Draft the next edition"), "copy")]:
            url = reverse("schemes_editions:act", args=[self.object.pk, action])
            buttons.append(Button(label, url=url, icon_name=icon, priority=30))
        return buttons

    def get_code_of_conduct_display_value(self) -> str:
        return _numbered(self.object.code_of_conduct)

    def get_pass_rules_display_value(self) -> str:
        return _numbered(self.object.pass_rules)

    def get_renewal_display_value(self) -> str:
        return linebreaksbr("\n".join(renewal_words.asks(self.object)), autoescape=True)

    def get_requirements_display_value(self) -> str:
        return ", ".join(row.title for row in self.object.requirements.all())


class RequirementInspectView(SchemeInspectView):
    def get_parts_display_value(self) -> str:
        return linebreaksbr(rows_field.told(self.object.parts), autoescape=True)


def _numbered(lines: list[str]) -> str:
    said = "\n".join(f"{number}. {line}" for number, line in enumerate(lines, 1))
    return linebreaksbr(said, autoescape=True)


class EditionActionView(PermissionCheckedMixin, WagtailAdminTemplateMixin, TemplateView):
    """Put a draft in force, close an edition, or draft the next one; asks once, then does it."""

    template_name = "credentials/admin/edition_action.html"
    permission_required = "change"
    model = CredentialType
    header_icon = "clipboard-list"
    _show_breadcrumbs = True
    TITLES = {
        "open": gettext_lazy("Put in force"),
        "close": gettext_lazy("Close to applications"),
        "next": gettext_lazy("Draft the next edition"),
        "changes": gettext_lazy("What it changes"),
    }

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.action = kwargs["action"]
        if self.action not in self.TITLES:
            raise Http404
        self.object = get_object_or_404(CredentialType, pk=kwargs["pk"])
        self.refusal: Refusal | None = None

    def get_page_title(self) -> str:
        return str(self.TITLES[self.action])

    def get_page_subtitle(self) -> str:
        return str(self.object)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [
            {"url": reverse("schemes_editions:index"), "label": _("Editions")},
            {
                "url": reverse("schemes_editions:inspect", args=[self.object.pk]),
                "label": str(self.object),
            },
            {"url": "", "label": self.get_page_title()},
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        earlier = services.previous_of(self.object)
        replaced = CredentialType.objects.filter(
            code=self.object.code, state=CredentialType.State.OPEN
        ).exclude(pk=self.object.pk)
        return {
            **super().get_context_data(**kwargs),
            "object": self.object,
            "action": self.action,
            "refusal": self.refusal,
            "replaced": replaced.first(),
            "earlier": earlier if self.action in ("open", "changes") else None,
            "changes": scheme_words.told(
                services.changes_since(credential_type=self.object, earlier=earlier)
            )
            if earlier
            else [],
            "inspect_url": reverse("schemes_editions:inspect", args=[self.object.pk]),
        }

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        given: dict[str, Any] = {"by": request.user, "at": timezone.now()}
        verbs: dict[str, Callable[..., CredentialType]] = {
            "open": services.open_edition,
            "close": services.close_edition,
            "next": services.draft_next_edition,
        }
        if self.action not in verbs:
            raise Http404
        if self.action == "next":
            given["edition"] = request.POST.get("edition", "").replace("\0", "")[:20]
        try:
            row = verbs[self.action](credential_type=self.object, **given)
        except Refusal as refusal:
            self.refusal = refusal
            return self.render_to_response(self.get_context_data(), status=refusal.status)
        messages.success(request, _("Done: %(title)s.") % {"title": self.get_page_title()})
        return redirect("schemes_editions:inspect", row.pk)


# Viewsets


class SchemeViewSet(ModelViewSet):
    """What the three share: drafts are edited, the rest is inspected; nothing is copied one by one."""

    index_view_class = SchemeIndexView
    edit_view_class = DraftEditView
    inspect_view_class = SchemeInspectView
    inspect_view_enabled = True
    copy_view_enabled = False
    add_to_reference_index = False
    form: type[forms.ModelForm]

    def get_form_class(self, for_update: bool = False) -> type[forms.ModelForm]:
        return self.form


class EditionViewSet(SchemeViewSet):
    model = CredentialType
    form = EditionForm
    name = "schemes_editions"
    url_prefix = "schemes/editions"
    icon = "clipboard-list"
    menu_label = gettext_lazy("Editions")
    inspect_view_class = EditionInspectView
    inspect_view_fields = [*EditionForm.Meta.fields, "renewal", "state", "requirements"]
    list_display = ["__str__", "code", "edition", "state", "award", "validity_years"]
    list_filter = ["state", "code"]
    list_export = ["code", "edition", "title", "state", "award", "validity_years"]
    search_fields = ["title", "code"]

    def get_urlpatterns(self) -> list[Any]:
        act = path("act/<int:pk>/<slug:action>/", EditionActionView.as_view(), name="act")
        return [*super().get_urlpatterns(), act]


class RequirementViewSet(SchemeViewSet):
    model = Requirement
    form = RequirementForm
    name = "schemes_requirements"
    url_prefix = "schemes/requirements"
    icon = "list-ul"
    menu_label = gettext_lazy("Requirements")
    inspect_view_class = RequirementInspectView
    inspect_view_fields = list(RequirementForm.Meta.fields)
    list_display = ["title", "credential_type", "code", "kind", "phase", "position"]
    list_filter = ["credential_type", "kind", "phase"]
    list_export = ["credential_type", "code", "title", "kind", "phase", "expires"]
    search_fields = ["title", "code"]
    ordering = ("credential_type", "position")


class ReasonViewSet(SchemeViewSet):
    model = Reason
    form = ReasonForm
    name = "schemes_reasons"
    url_prefix = "schemes/reasons"
    icon = "comment"
    menu_label = gettext_lazy("Reasons")
    inspect_view_fields = list(ReasonForm.Meta.fields)
    list_display = ["text", "code", "purpose", "requirement", "credential_type"]
    list_filter = ["credential_type", "purpose"]
    list_export = ["credential_type", "requirement", "purpose", "code", "text"]
    search_fields = ["text", "code"]
    ordering = ("credential_type", "code")


class SchemeViewSetGroup(ModelViewSetGroup):
    menu_label = gettext_lazy("Schemes")
    menu_icon = "clipboard-list"
    menu_order = 250
    items = (EditionViewSet, RequirementViewSet, ReasonViewSet)
