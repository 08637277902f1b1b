from typing import Any

from django.apps import AppConfig
from django.utils import timezone


class CmsConfig(AppConfig):
    name = "cms"

    def ready(self) -> None:
        from wagtail.signals import (
            page_published,
            page_slug_changed,
            page_unpublished,
            post_page_move,
        )

        page_published.connect(published)
        page_unpublished.connect(unpublished)
        page_slug_changed.connect(slug_changed)
        post_page_move.connect(moved)


def published(sender: Any, instance: Any, **_kwargs: Any) -> None:
    from cms.placing import place

    place(instance.specific, at=timezone.now())


def unpublished(sender: Any, instance: Any, **_kwargs: Any) -> None:
    from cms.placing import PLACED, take_away

    if issubclass(sender, PLACED):
        take_away(instance, at=timezone.now())


def slug_changed(sender: Any, instance: Any, **_kwargs: Any) -> None:
    from cms.placing import place_again

    place_again(instance.specific, at=timezone.now())


def moved(sender: Any, instance: Any, **kwargs: Any) -> None:
    from cms.placing import move

    parents = (kwargs["parent_page_before"], kwargs["parent_page_after"])
    move(instance.specific, parents=parents, at=timezone.now())
