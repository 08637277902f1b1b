"""The items' screens in Wagtail: list, editor, inspection, decisions. The screen of review and life is life_screen.py."""

from typing import Any

import django_filters
from django.forms import Media, Select
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from wagtail.admin import messages
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.panels import (
    FieldPanel,
    FieldRowPanel,
    HelpPanel,
    MultiFieldPanel,
    ObjectList,
)
from wagtail.admin.ui.tables import Column, DateColumn
from wagtail.admin.widgets.button import Button
from wagtail.log_actions import log
from wagtail.snippets.views.snippets import (
    CollectWorkflowActionDataView,
    CreateView,
    EditView,
    IndexView,
    InspectView,
    WorkflowActionView,
)

from accounts.services import Refusal
from accounts.web import WithoutBulkActions
from quizzes.blocks import ItemBody
from quizzes.forms import ItemForm
from quizzes.frozen import freeze, is_readable, read_back
from quizzes.guards import GuardedChooserViewSet, GuardedViewSet, read
from quizzes.life_screen import ItemLifeView, NearView, UnpublishView
from quizzes.models import Item, Level, Life, MustCover, Pool
from quizzes.services import (
    claims_near,
    exposure_of,
    submit_item,
    texts_of,
    withdraw_item,
)


class ItemFilterSet(WagtailFilterSet):
    life = django_filters.ChoiceFilter(label=_("Life"), choices=Life)
    overdue = django_filters.ChoiceFilter(
        label=_("Review date"), method="filter_overdue", choices=[("on", _("has passed"))]
    )
    pool = django_filters.ChoiceFilter(label=_("Pool"), choices=Pool)
    level = django_filters.ChoiceFilter(label=_("Level"), choices=Level)
    type = django_filters.ChoiceFilter(
        label=_("Type"),
        field_name="body__0__type",
        choices=[(name, block.label) for name, block in ItemBody().child_blocks.items()],
    )

    class Meta:
        model = Item
        fields = ["life", "type", "domain", "level", "pool", "overdue"]

    def filter_overdue(self, queryset: Any, name: str, value: str) -> Any:
        return queryset.overdue(timezone.now().date()) if value else queryset


class ItemIndexView(WithoutBulkActions, IndexView):
    """The list shows questions, so what it shows has been read; so has what it exports."""

    def get_base_queryset(self) -> Any:
        return super().get_base_queryset().select_related("domain")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        if not self.is_export:
            rows = list(context["object_list"])
            read(rows, self.request, "list")
            exposures = exposure_of(rows, timezone.now())
            for item in rows:
                item.exposure = exposures[item.pk]
        return context

    def get_list_more_buttons(self, instance: Item) -> list[Any]:
        return [
            *super().get_list_more_buttons(instance),
            _life_button(instance),
        ]

    def as_spreadsheet(self, queryset: Any, spreadsheet_format: str) -> Any:
        rows = list(queryset)
        read(rows, self.request, "export")
        for pool in sorted({item.pool for item in rows}):
            count = sum(item.pool == pool for item in rows)
            log(
                rows[0],
                "quizzes.export",
                user=self.request.user,
                data={"pool": pool, "count": count},
            )
        return super().as_spreadsheet(queryset, spreadsheet_format)


def _life_button(item: Item) -> Button:
    address = reverse(Item.snippet_viewset.get_url_name("life"), args=[item.pk])
    return Button(_("Review and life"), url=address, icon_name="history", priority=5)


class WritesItems:
    """An item goes live by the approval of its review, never by a button of the editor; it is handed over by `submit_item`, once it is ready."""

    NEVER = ("publish", "restart-workflow")

    def get_available_actions(self) -> list[str]:
        actions = super().get_available_actions()  # type: ignore[misc]
        return [action for action in actions if action not in self.NEVER]

    def get_form(self, *args: Any, **kwargs: Any) -> Any:
        form = super().get_form(*args, **kwargs)  # type: ignore[misc]
        form.submitting = self.action == "submit"  # type: ignore[attr-defined]
        return form

    def submit_action(self) -> None:
        item, request = self.object, self.request  # type: ignore[attr-defined]
        note = self.form.cleaned_data.get("note", "")  # type: ignore[attr-defined]
        submit_item(item=item, comment=note, by=request.user, at=timezone.now())
        self._warn_of_claims(item)

    def _warn_of_claims(self, item: Item) -> None:
        draft = item.get_latest_revision_as_object()
        for claim in claims_near(texts_of(draft), tagged=draft.claims.all()):
            messages.warning(
                self.request,  # type: ignore[attr-defined]
                _("%(code)s is near, and not tagged. What may be said: “%(wording)s”")
                % {"code": claim.code, "wording": claim.safe_wording},
            )


class ItemCreateView(WritesItems, CreateView):
    def save_instance(self) -> Item:
        self.form.instance.author = self.request.user
        return super().save_instance()


class ItemEditView(WritesItems, EditView):
    @property
    def overwrite_revision(self) -> Any:
        """Under review every change is a revision of its own: what was approved stays as it was read."""
        return None if self.object.workflow_in_progress else super().overwrite_revision

    @property
    def header_more_buttons(self) -> list[Any]:
        return [*super().header_more_buttons, _life_button(self.object)]

    def save_instance(self) -> Item:
        """A decision is about the draft as it was read: it changes nothing in it."""
        if self.action == "workflow-action":
            self.new_revision = self.object.latest_revision
            return self.object
        return super().save_instance()

    def workflow_action_action(self) -> Any:
        try:
            return super().workflow_action_action()
        except Refusal as refusal:
            messages.error(self.request, refusal.sentence)
            return redirect(self.get_edit_url())

    def cancel_workflow_action(self) -> Any:
        try:
            withdraw_item(item=self.object, by=self.request.user, at=timezone.now())
        except Refusal as refusal:
            messages.error(self.request, refusal.sentence)
            return redirect(self.get_edit_url())
        return None


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


class ItemActionView(SaysRefusals, WorkflowActionView):
    pass


class ItemCollectView(SaysRefusals, CollectWorkflowActionDataView):
    pass


class ItemInspectView(InspectView):
    @property
    def header_more_buttons(self) -> list[Any]:
        return [*super().header_more_buttons, _life_button(self.object)]

    def get_fields_context(self) -> list[dict[str, Any]]:
        exposure = exposure_of([self.object], timezone.now())[self.object.pk]
        return [
            *super().get_fields_context(),
            {"label": _("Asked in the last twelve months"), "value": exposure, "component": None},
            {
                "label": _("Last asked"),
                "value": date_format(exposure.last, "j F Y") if exposure.last else "-",
                "component": None,
            },
        ]

    def get_must_cover_display_value(self) -> str:
        labels = [str(MustCover(tag).label) for tag in self.object.must_cover]
        return ", ".join(labels) or "-"

    def get_body_display_value(self) -> str:
        if not is_readable(self.object):
            return str(_("The answer is not written yet."))
        question = read_back(freeze(self.object, keep_media=False))
        return render_to_string("quizzes/includes/key.html", {"question": question})


class NearPanel(HelpPanel):
    """Beside the question: what reads nearly the same, and the contested claims it touches, as it is written."""

    class BoundPanel(HelpPanel.BoundPanel):
        def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
            return {
                **super().get_context_data(parent_context),
                "near_url": reverse(Item.snippet_viewset.get_url_name("near")),
                "besides": self.instance.pk or "",
            }

        @property
        def media(self) -> Media:
            return super().media + Media(
                js=[static("quizzes/bank.js")], css={"all": [static("quizzes/bank.css")]}
            )


class ItemViewSet(GuardedViewSet):
    model = Item
    icon = "help"
    menu_label = _("Items")
    index_view_class = ItemIndexView
    add_view_class = ItemCreateView
    edit_view_class = ItemEditView
    inspect_view_class = ItemInspectView
    unpublish_view_class = UnpublishView
    workflow_action_view_class = ItemActionView
    collect_workflow_action_data_view_class = ItemCollectView
    chooser_viewset_class = GuardedChooserViewSet
    filterset_class = ItemFilterSet
    list_display = [
        "code",
        "stem",
        Column("type_label", label=_("Type")),
        Column("domain.code", label=_("Domain"), sort_key="domain__position"),
        "level",
        Column("pool", label=_("Pool"), sort_key="pool"),
        Column("life_label", label=_("Life"), sort_key="life"),
        Column("exposure", label=_("Asked in twelve months")),
        DateColumn("exposure.last", label=_("Last asked")),
    ]
    list_export = [
        "code",
        "pool",
        "domain.code",
        "level",
        "type",
        "stem",
        "reference",
        "review_by",
        "life",
    ]
    export_filename = "items"
    search_fields = ["code", "stem", "stimulus", "reference"]
    search_backend_name = None
    inspect_view_enabled = True
    inspect_view_fields = [
        "code",
        "life",
        "pool",
        "domain",
        "level",
        "stimulus",
        "stem",
        "figure",
        "body",
        "reference",
        "review_by",
        "claims",
        "must_cover",
        "enemies",
        "exposure_cap",
        "author",
    ]
    edit_handler = ObjectList(
        [
            MultiFieldPanel(
                [
                    FieldRowPanel([FieldPanel("code"), FieldPanel("pool")]),
                    FieldRowPanel([FieldPanel("domain", widget=Select), FieldPanel("level")]),
                ],
                heading=_("Place in the blueprint"),
            ),
            FieldPanel("stimulus"),
            FieldPanel("stem"),
            NearPanel(template="quizzes/near_panel.html"),
            FieldPanel("figure"),
            FieldPanel("body"),
            MultiFieldPanel(
                [
                    FieldRowPanel([FieldPanel("reference"), FieldPanel("review_by")]),
                    FieldPanel("claims"),
                    FieldPanel("must_cover"),
                ],
                heading=_("Evidence"),
            ),
            MultiFieldPanel(
                [FieldPanel("enemies"), FieldPanel("exposure_cap")], heading=_("In forms")
            ),
            FieldPanel("note"),
        ],
        base_form_class=ItemForm,
    )

    def get_urlpatterns(self) -> list[Any]:
        return [
            *super().get_urlpatterns(),
            path("near/", self.construct_view(NearView), name="near"),
            path(
                f"life/<{self.pk_path_converter}:pk>/",
                self.construct_view(ItemLifeView),
                name="life",
            ),
        ]

    @property
    def unpublish_view(self) -> Any:
        return self.construct_view(
            self.unpublish_view_class, life_url_name=self.get_url_name("life")
        )
