from django.apps import AppConfig, apps
from django.db import connections, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.models.signals import post_migrate


def give_roles_their_permissions(using: str, **kwargs: object) -> None:
    """After a migrate that left nothing to migrate; halfway, tables that roles speak of may be missing."""
    from lms.roles import sync_roles

    executor = MigrationExecutor(connections[using])
    if not executor.migration_plan(executor.loader.graph.leaf_nodes()):
        sync_roles()


def show_visitors_the_change(sender: object, **kwargs: object) -> None:
    from lms.page_cache import forget_all

    transaction.on_commit(forget_all)


class LmsConfig(AppConfig):
    name = "lms"

    def ready(self) -> None:
        from wagtail.signals import (
            page_published,
            page_slug_changed,
            page_unpublished,
            post_page_move,
        )

        from lms.desks.decided import register_decided
        from lms.desks.sources import register_sources

        register_sources()
        register_decided()
        for changed in (page_published, page_unpublished, page_slug_changed, post_page_move):
            changed.connect(show_visitors_the_change)
        # Permissions are made app by app after a migrate; the groups are given theirs once the last app has made its own.
        last = [config for config in apps.get_app_configs() if config.models_module][-1]
        post_migrate.connect(give_roles_their_permissions, sender=last)
