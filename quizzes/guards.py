"""Who gets to a row of the bank in Wagtail at all: before every view of it, in every chooser."""

from typing import Any

from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from wagtail.snippets.views.chooser import SnippetChooserViewSet
from wagtail.snippets.views.snippets import SnippetViewSet

from accounts.services import Forbidden
from quizzes.models import Item, readable_pools
from quizzes.services import read_item, read_items


def read(items: list[Item], request: Any, where: str) -> None:
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
