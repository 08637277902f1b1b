from typing import Any

from django.apps import AppConfig
from django.utils import timezone


def freeze_on_publish(sender: Any, instance: Any, **_kwargs: Any) -> None:
    from practicals.services import freeze_checklist

    freeze_checklist(checklist=instance, at=timezone.now())


class PracticalsConfig(AppConfig):
    name = "practicals"

    def ready(self) -> None:
        from wagtail.signals import published

        from practicals.models import Checklist

        published.connect(freeze_on_publish, sender=Checklist)
