"""The steps of the items' review in Wagtail's workflow."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from courses.bank.models import ReviewTask


class ItemReviewTask(ReviewTask):
    """A step of the items' review."""

    class Meta:
        verbose_name = _("Item review task")
        verbose_name_plural = _("Item review tasks")

    @property
    def bank(self) -> Any:
        from quizzes.services.life import ITEMS

        return ITEMS

    def get_form_for_action(self, action: str) -> type:
        from quizzes.forms import DecisionForm

        return DecisionForm

    def get_template_for_action(self, action: str) -> str:
        return "quizzes/decision_modal.html"

    @classmethod
    def get_description(cls) -> Any:
        return _("Members of the chosen groups decide, with a comment, on items they did not write")
