from typing import Any

from django.apps import AppConfig


class QuizzesConfig(AppConfig):
    name = "quizzes"

    def ready(self) -> None:
        from wagtail.signals import published

        from quizzes.models import Item

        published.connect(freeze_published, sender=Item, dispatch_uid="quizzes.freeze_published")


def freeze_published(instance: Any, **kwargs: Any) -> None:
    """Publishing an item freezes what it says into a version."""
    from django.utils import timezone

    from quizzes.services import freeze_item

    freeze_item(item=instance, at=timezone.now())
