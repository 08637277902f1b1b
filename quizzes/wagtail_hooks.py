"""Staff screens of the item bank: items, domains, quizzes.

Every view of an item asks first whether its reader may read its pool, and writes down each reading of a secure one.
"""

from typing import Any

import django_filters
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.forms import Select
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.panels import (
    FieldPanel,
    FieldRowPanel,
    MultiFieldPanel,
    ObjectList,
)
from wagtail.admin.ui.tables import Column
from wagtail.log_actions import LogFormatter, log
from wagtail.permissions import register_permission_policy
from wagtail.snippets.models import register_snippet
from wagtail.snippets.views.chooser import SnippetChooserViewSet
from wagtail.snippets.views.snippets import (
    CreateView,
    EditView,
    IndexView,
    InspectView,
    SnippetViewSet,
    SnippetViewSetGroup,
)

from accounts.services import Forbidden
from accounts.web import WithoutBulkActions
from quizzes.blocks import ItemBody
from quizzes.forms import ItemForm
from quizzes.frozen import freeze, read_back
from quizzes.models import Domain, Item, Level, MustCover, Pool, Quiz, readable_pools
from quizzes.policies import DOMAINS, ITEMS, LOOK, BankPolicy
from quizzes.services import read_item, read_items, shortages_of

register_permission_policy(Item, BankPolicy(Item, ITEMS))
register_permission_policy(Quiz, BankPolicy(Quiz, LOOK))
register_permission_policy(Domain, BankPolicy(Domain, DOMAINS))


def _read(items: list[Item], request: Any, where: str) -> None:
    try:
        read_items(items=items, by=request.user, where=where, at=timezone.now())
    except Forbidden as refusal:
        raise PermissionDenied(refusal.sentence) from refusal


class PoolGuard:
    """Put before every view of one item or quiz: 403 for a pool that is not its reader's; a secure item read is written down."""

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        if "pk" in kwargs:
            pk = unquote(str(kwargs["pk"]))
            row = get_object_or_404(self.model, pk=pk if pk.isdigit() else None)  # type: ignore[attr-defined]
            if row.pool not in readable_pools(request.user):
                raise PermissionDenied
            if isinstance(row, Item) and request.method == "GET":
                where = request.resolver_match.url_name
                read_item(item=row, by=request.user, where=where[:40], at=timezone.now())
        return super().dispatch(request, *args, **kwargs)  # type: ignore[misc]


class GuardedViewSet(SnippetViewSet):
    copy_view_enabled = False

    def construct_view(self, view_class: type, **kwargs: Any) -> Any:
        guarded = type(view_class.__name__, (PoolGuard, view_class), {"__module__": __name__})
        return super().construct_view(guarded, **kwargs)

    def get_queryset(self, request: Any) -> Any:
        return self.model.objects.visible_to(request.user)


class VisibleOnly:
    """Choosers offer, and give away, only rows that the person may read."""

    def get_object_list(self) -> Any:
        return self.model_class.objects.visible_to(self.request.user)  # type: ignore[attr-defined]

    def get_object(self, pk: Any) -> Any:
        return self.get_object_list().get(pk=pk)

    def get_objects(self, pks: Any) -> Any:
        return self.get_object_list().filter(pk__in=[pk for pk in pks if str(pk).isdigit()])


class GuardedChooserViewSet(SnippetChooserViewSet):
    def construct_view(self, view_class: type, **kwargs: Any) -> Any:
        guarded = type(view_class.__name__, (VisibleOnly, view_class), {"__module__": __name__})
        return super().construct_view(guarded, **kwargs)


# Items


class ItemFilterSet(WagtailFilterSet):
    pool = django_filters.ChoiceFilter(label=_("Pool"), choices=Pool)
    level = django_filters.ChoiceFilter(label=_("Level"), choices=Level)
    type = django_filters.ChoiceFilter(
        label=_("Type"),
        field_name="body__0__type",
        choices=[(name, block.label) for name, block in ItemBody().child_blocks.items()],
    )

    class Meta:
        model = Item
        fields = ["pool", "domain", "level", "type", "live"]


class PlainIndexView(WithoutBulkActions, IndexView):
    pass


class ItemIndexView(PlainIndexView):
    """The list shows questions, so what it shows has been read; so has what it exports."""

    def get_base_queryset(self) -> Any:
        return super().get_base_queryset().select_related("domain")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        if not self.is_export:
            _read(list(context["object_list"]), self.request, "list")
        return context

    def as_spreadsheet(self, queryset: Any, spreadsheet_format: str) -> Any:
        rows = list(queryset)
        _read(rows, self.request, "export")
        for pool in sorted({item.pool for item in rows}):
            count = sum(item.pool == pool for item in rows)
            log(
                rows[0],
                "quizzes.export",
                user=self.request.user,
                data={"pool": pool, "count": count},
            )
        return super().as_spreadsheet(queryset, spreadsheet_format)


class NeverPublishes:
    """An item goes live by the approval of its review, never by a button of the editor."""

    def get_available_actions(self) -> list[str]:
        actions = super().get_available_actions()  # type: ignore[misc]
        return [action for action in actions if action != "publish"]


class ItemCreateView(NeverPublishes, CreateView):
    def save_instance(self) -> Item:
        self.form.instance.author = self.request.user
        return super().save_instance()


class ItemEditView(NeverPublishes, EditView):
    pass


class ItemInspectView(InspectView):
    def get_must_cover_display_value(self) -> str:
        labels = [str(MustCover(tag).label) for tag in self.object.must_cover]
        return ", ".join(labels) or "-"

    def get_body_display_value(self) -> str:
        question = read_back(freeze(self.object, keep_media=False))
        return render_to_string("quizzes/includes/key.html", {"question": question})


class ItemViewSet(GuardedViewSet):
    model = Item
    icon = "help"
    menu_label = _("Items")
    index_view_class = ItemIndexView
    add_view_class = ItemCreateView
    edit_view_class = ItemEditView
    inspect_view_class = ItemInspectView
    chooser_viewset_class = GuardedChooserViewSet
    filterset_class = ItemFilterSet
    list_display = [
        "code",
        "stem",
        Column("type_label", label=_("Type")),
        Column("domain.code", label=_("Domain"), sort_key="domain__position"),
        "level",
        Column("pool", label=_("Pool"), sort_key="pool"),
        Column("state_label", label=_("State")),
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
        "live",
    ]
    export_filename = "items"
    search_fields = ["code", "stem", "stimulus", "reference"]
    search_backend_name = None
    inspect_view_enabled = True
    inspect_view_fields = [
        "code",
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
        ],
        base_form_class=ItemForm,
    )


class DomainViewSet(SnippetViewSet):
    model = Domain
    index_view_class = PlainIndexView
    icon = "list-ol"
    menu_label = _("Domains")
    list_display = ["code", "title", "position"]
    copy_view_enabled = False


class QuizInspectView(InspectView):
    """With what the bank lacks for it, if anything."""

    def get_must_cover_display_value(self) -> str:
        rows = self.object.must_cover.items()
        return ", ".join(f"{tag}: {least}" for tag, least in rows) or "-"

    def get_fields_context(self) -> list[dict[str, Any]]:
        lacks = ", ".join(map(str, shortages_of(self.object)))
        cells = ", ".join(map(str, self.object.cells.select_related("domain")))
        return [
            *super().get_fields_context(),
            {"label": _("Blueprint"), "value": cells, "component": None},
            {"label": _("Lacking in the bank"), "value": lacks or _("nothing"), "component": None},
        ]


class QuizViewSet(GuardedViewSet):
    """Quizzes and what the bank lacks for them. To look at only: a quiz is set on its page, and publishing the page writes the row."""

    model = Quiz
    index_view_class = PlainIndexView
    icon = "form"
    menu_label = _("Quizzes")
    inspect_view_class = QuizInspectView
    chooser_viewset_class = GuardedChooserViewSet
    list_display = ["activity", "pool", "time_limit_minutes", "pass_percent", "feedback"]
    list_filter = ["pool", "feedback"]
    list_export = [
        "activity",
        "pool",
        "time_limit_minutes",
        "pass_percent",
        "attempts_allowed",
        "wait_days",
        "feedback",
    ]
    search_fields = ["activity__title"]
    search_backend_name = None
    inspect_view_enabled = True
    inspect_view_fields_exclude = ["id"]
    edit_handler = ObjectList([FieldPanel("activity", read_only=True)])


class ItemBank(SnippetViewSetGroup):
    items = (ItemViewSet, QuizViewSet, DomainViewSet)
    menu_label = _("Item bank")
    menu_icon = "help"
    menu_order = 310


register_snippet(ItemBank)


@hooks.register("construct_snippet_action_menu")
def offer_no_publishing_of_items(menu_items: list, request: HttpRequest, context: dict) -> None:
    if context["model"] is Item:
        menu_items[:] = [item for item in menu_items if item.name != "action-publish"]


@hooks.register("register_log_actions")
def register_log_actions(actions: Any) -> None:
    @actions.register_action("quizzes.freeze")
    class Freeze(LogFormatter):
        label = _("Freeze a version")

        def format_message(self, entry: Any) -> Any:
            return _("Froze version %(version)s") % entry.data

    @actions.register_action("quizzes.export")
    class Export(LogFormatter):
        label = _("Export items")

        def format_message(self, entry: Any) -> Any:
            return _("Exported %(count)s items of the %(pool)s pool") % entry.data
