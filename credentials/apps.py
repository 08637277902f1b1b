from django.apps import AppConfig
from django.db.models.signals import post_migrate


def search_after_migrate(using: str, **kwargs: object) -> None:
    from credentials.services.search import install_trigrams

    install_trigrams(using)


class CredentialsConfig(AppConfig):
    name = "credentials"

    def ready(self) -> None:
        post_migrate.connect(search_after_migrate, sender=self)
