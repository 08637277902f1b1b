"""Staff screens of the item bank: items, domains, quizzes.

Every view of an item asks first whether its reader may read its pool, and writes down each reading of a secure one.
"""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.panels import FieldPanel, ObjectList
from wagtail.log_actions import LogFormatter
from wagtail.permissions import register_permission_policy
from wagtail.snippets.models import register_snippet
from wagtail.snippets.views.snippets import (
    IndexView,
    InspectView,
    SnippetViewSet,
    SnippetViewSetGroup,
)

from accounts.web import WithoutBulkActions
from courses.bank import guards
from courses.bank.screens import publish_only_by_review, tell_steps
from quizzes import boards, reports  # noqa: F401  they register their own screens
from quizzes.guards import PoolGuard
from quizzes.item_screens import ItemViewSet
from quizzes.models import Domain, Item, Quiz
from quizzes.policies import DOMAINS, ITEMS, LOOK, BankPolicy
from quizzes.services import life, shortages_of

register_permission_policy(Item, BankPolicy(Item, ITEMS))
register_permission_policy(Quiz, BankPolicy(Quiz, LOOK))
register_permission_policy(Domain, BankPolicy(Domain, DOMAINS))


class PlainIndexView(WithoutBulkActions, IndexView):
    pass


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
        lacks = ", ".join(map(str, shortages_of(self.object, timezone.now())))
        cells = ", ".join(map(str, self.object.cells.select_related("domain")))
        return [
            *super().get_fields_context(),
            {"label": _("Blueprint"), "value": cells, "component": None},
            {"label": _("Lacking in the bank"), "value": lacks or _("nothing"), "component": None},
        ]


class QuizViewSet(guards.GuardedViewSet):
    """Quizzes and what the bank lacks for them. To look at only: a quiz is set on its page, and publishing the page writes the row."""

    guard = PoolGuard
    model = Quiz
    index_view_class = PlainIndexView
    icon = "form"
    menu_label = _("Quizzes")
    inspect_view_class = QuizInspectView
    chooser_viewset_class = guards.GuardedChooserViewSet
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


publish_only_by_review(Item)


@hooks.register("register_log_actions")
def register_log_actions(actions: Any) -> None:
    @actions.register_action("quizzes.freeze")
    class Freeze(LogFormatter):
        label = _("Freeze a version")

        def format_message(self, entry: Any) -> Any:
            return _("Froze version %(version)s") % entry.data

    tell_steps(actions, life.ITEMS, _("A step of an item's life"))
    actions.register_action("quizzes.seat", _("Give a seat"), _("Gave somebody a seat"))
    actions.register_action("quizzes.unseat", _("Take a seat away"), _("Took a seat away"))

    @actions.register_action("quizzes.export")
    class Export(LogFormatter):
        label = _("Export items")

        def format_message(self, entry: Any) -> Any:
            return _("Exported %(count)s items of the %(pool)s pool") % entry.data
