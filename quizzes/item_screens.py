"""The items' screens in Wagtail: list, editor, inspection, decisions. The screen of review and life is life_screen.py."""

from typing import Any

import django_filters
from django.forms import Media, Select
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import (
    FieldPanel,
    FieldRowPanel,
    HelpPanel,
    MultiFieldPanel,
    ObjectList,
)
from wagtail.admin.ui.tables import Column, DateColumn
from wagtail.log_actions import log
from wagtail.snippets.views.snippets import (
    CreateView,
    EditView,
    InspectView,
)

from courses.bank.guards import GuardedChooserViewSet
from courses.bank.screens import (
    CreatesEntries,
    EditsEntries,
    EntryFilterSet,
    EntryIndexView,
    EntryViewSet,
    LeadsToLife,
)
from quizzes.blocks import ItemBody
from quizzes.forms import ItemForm
from quizzes.frozen import freeze, is_readable, read_back
from quizzes.guards import PoolGuard, read
from quizzes.life_screen import ItemLifeView, NearView
from quizzes.models import Item, Level, Life, MustCover, Pool
from quizzes.services import (
    exposure_of,
)
from quizzes.services.life import ITEMS


class ItemFilterSet(EntryFilterSet):
    life = django_filters.ChoiceFilter(label=_("Life"), choices=Life)
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


class ItemIndexView(EntryIndexView):
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


class ItemCreateView(CreatesEntries, CreateView):
    bank = ITEMS


class ItemEditView(EditsEntries, EditView):
    bank = ITEMS


class ItemInspectView(LeadsToLife, InspectView):
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


class ItemViewSet(EntryViewSet):
    guard = PoolGuard
    model = Item
    icon = "help"
    menu_label = _("Items")
    index_view_class = ItemIndexView
    add_view_class = ItemCreateView
    edit_view_class = ItemEditView
    inspect_view_class = ItemInspectView
    life_view_class = ItemLifeView
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
        near = path("near/", self.construct_view(NearView), name="near")
        return [*super().get_urlpatterns(), near]
