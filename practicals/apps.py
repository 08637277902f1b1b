from typing import Any

from django.apps import AppConfig


class PracticalsConfig(AppConfig):
    name = "practicals"

    def ready(self) -> None:
        from wagtail.signals import published, unpublished

        from practicals.models import Checklist

        published.connect(freeze_on_publish, sender=Checklist, dispatch_uid="practicals.freeze")
        unpublished.connect(retire, sender=Checklist, dispatch_uid="practicals.retire")


def freeze_on_publish(instance: Any, revision: Any = None, **kwargs: Any) -> None:
    """Publishing a station freezes what it says into a version, and puts it where its life goes on."""
    from django.utils import timezone

    from practicals.services import publish_checklist

    publish_checklist(checklist=instance, revision=revision, at=timezone.now())


def retire(instance: Any, **kwargs: Any) -> None:
    """Unpublishing a station ends its life."""
    from django.utils import timezone

    from practicals.services import retire_unpublished

    retire_unpublished(checklist=instance, at=timezone.now())
