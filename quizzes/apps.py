from typing import Any

from django.apps import AppConfig


class QuizzesConfig(AppConfig):
    name = "quizzes"

    def ready(self) -> None:
        from wagtail.signals import published, unpublished

        from quizzes.models import Item

        published.connect(freeze_published, sender=Item, dispatch_uid="quizzes.freeze_published")
        unpublished.connect(retire, sender=Item, dispatch_uid="quizzes.retire")


def freeze_published(instance: Any, revision: Any = None, **kwargs: Any) -> None:
    """Publishing an item freezes what it says into a version, and puts it where its life goes on."""
    from django.utils import timezone

    from quizzes.services import publish_item

    publish_item(item=instance, revision=revision, at=timezone.now())


def retire(instance: Any, **kwargs: Any) -> None:
    """Unpublishing an item ends its life."""
    from django.utils import timezone

    from quizzes.services import retire_unpublished

    retire_unpublished(item=instance, at=timezone.now())
