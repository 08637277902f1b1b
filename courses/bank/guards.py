"""Who gets to a row of a bank in Wagtail at all: before every view of it, in every chooser."""

from typing import Any

from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from wagtail.snippets.views.chooser import SnippetChooserViewSet
from wagtail.snippets.views.snippets import SnippetViewSet

from accounts.models import User


class PoolGuard:
    """Put before every view of one row: 403 for a pool that is not its reader's; what is read is written down."""

    def readable_pools(self, user: User) -> list[str]:
        raise NotImplementedError

    def is_read(self, row: Any, request: Any, where: str) -> None:
        """Somebody is shown the whole of a row."""
        raise NotImplementedError

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        if "pk" in kwargs:
            pk = unquote(str(kwargs["pk"]))
            row = get_object_or_404(self.model, pk=pk if pk.isdigit() else None)  # type: ignore[attr-defined]
            if row.pool not in self.readable_pools(request.user):
                raise PermissionDenied
            if request.method == "GET":
                self.is_read(row, request, request.resolver_match.url_name[:40])
        return super().dispatch(request, *args, **kwargs)  # type: ignore[misc]


class VisibleOnly:
    """Choosers offer, and give away, only rows that the person may read."""

    def get_object_list(self) -> Any:
        return self.model_class.objects.visible_to(self.request.user)  # type: ignore[attr-defined]

    def get_object(self, pk: Any) -> Any:
        return self.get_object_list().get(pk=pk)

    def get_objects(self, pks: Any) -> Any:
        return self.get_object_list().filter(pk__in=[pk for pk in pks if str(pk).isdigit()])


def guarded(guard: type, view_class: type) -> type:
    return type(view_class.__name__, (guard, view_class), {"__module__": guard.__module__})


class GuardedViewSet(SnippetViewSet):
    copy_view_enabled = False
    guard: type[PoolGuard]

    def construct_view(self, view_class: type, **kwargs: Any) -> Any:
        return super().construct_view(guarded(self.guard, view_class), **kwargs)

    def get_queryset(self, request: Any) -> Any:
        return self.model.objects.visible_to(request.user)


class GuardedChooserViewSet(SnippetChooserViewSet):
    guard: type[VisibleOnly] = VisibleOnly

    def construct_view(self, view_class: type, **kwargs: Any) -> Any:
        return super().construct_view(guarded(self.guard, view_class), **kwargs)
