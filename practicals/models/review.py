"""The steps of the stations' review in Wagtail's workflow."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from courses.bank.models import ReviewTask


class ChecklistReviewTask(ReviewTask):
    """A step of the stations' review."""

    class Meta:
        verbose_name = _("Checklist review task")
        verbose_name_plural = _("Checklist review tasks")

    @property
    def bank(self) -> Any:
        from practicals.services.stations import STATIONS

        return STATIONS

    def get_form_for_action(self, action: str) -> type:
        from practicals.bank_forms import StationDecisionForm

        return StationDecisionForm

    @classmethod
    def get_description(cls) -> Any:
        return _(
            "Members of the chosen groups decide, with a comment, on checklists they did not write"
        )
