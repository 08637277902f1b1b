"""What pages share, what the loader remembers, and the review that every page goes through."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.models import AbstractGroupApprovalTask, Page, PageViewRestriction


def path_of(page: Page) -> str:
    """Where a page is on this site, or "" when it stands outside it."""
    parts = page.get_url_parts()
    return parts[2] or "" if parts else ""


class OneLookup(Page):
    """For pages deep in the tree: all the view restrictions above them in one statement instead of two."""

    class Meta:
        abstract = True

    def get_view_restrictions(self) -> Any:
        if self.alias_of_id:
            return super().get_view_restrictions()
        above = [self.path[:end] for end in range(self.steplen, len(self.path) + 1, self.steplen)]
        return PageViewRestriction.objects.filter(page__path__in=above)


class ContentFile(models.Model):
    """A file of content/ as it was last loaded: while it is the same, loading it again changes nothing."""

    path = models.CharField(max_length=200, unique=True)
    sha256 = models.CharField(max_length=64)
    loaded_at = models.DateTimeField()

    class Meta:
        ordering = ["path"]

    def __str__(self) -> str:
        return self.path


class SecondReader(AbstractGroupApprovalTask):
    """A page is published by somebody other than the person who wrote it."""

    def get_actions(self, obj: Any, user: Any) -> list[Any]:
        return [] if self._wrote(obj, user) else super().get_actions(obj, user)

    def user_can_access_editor(self, obj: Any, user: Any) -> bool:
        return self._wrote(obj, user) or super().user_can_access_editor(obj, user)

    @staticmethod
    def _wrote(obj: Any, user: Any) -> bool:
        """Whether this person handed the page in, or wrote its newest revision."""
        state = obj.current_workflow_state
        newest = obj.latest_revision
        return bool(
            (state and state.requested_by_id == user.pk) or (newest and newest.user_id == user.pk)
        )

    @classmethod
    def get_description(cls) -> str:
        return str(
            _(
                "A second person of the groups you choose reads and publishes. Nobody approves their own."
            )
        )

    class Meta:
        verbose_name = _("second reader")
        verbose_name_plural = _("second readers")
