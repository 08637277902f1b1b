from typing import Any

from django.apps import AppConfig


def register_changed(sender: Any, **_kwargs: Any) -> None:
    from courses.services import registers_changed

    registers_changed()


class CoursesConfig(AppConfig):
    name = "courses"

    def ready(self) -> None:
        from wagtail.signals import published, unpublished

        from courses.models import Claim, Contraindication, Figure

        for model in (Claim, Contraindication, Figure):
            published.connect(register_changed, sender=model)
            unpublished.connect(register_changed, sender=model)
