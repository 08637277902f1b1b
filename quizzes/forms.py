"""Forms of the item bank."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms import WagtailAdminModelForm

from quizzes.models import MustCover, Pool, readable_pools


class ItemForm(WagtailAdminModelForm):
    """An item as somebody writes it: in a pool they may read, which it never leaves."""

    must_cover = forms.MultipleChoiceField(
        label=_("Must-cover topics it counts to"),
        choices=MustCover,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "pool" in self.fields:
            allowed = readable_pools(self.for_user) if self.for_user else Pool.values
            self.fields["pool"].choices = [pair for pair in Pool.choices if pair[0] in allowed]
            if self.instance.pk:
                self.fields["pool"].disabled = True


class DecisionForm(forms.Form):
    """What a reviewer says with a decision on an item."""

    comment = forms.CharField(
        label=_("Comment"),
        max_length=2000,
        widget=forms.Textarea({"rows": 3}),
        help_text=_(
            "Say what you looked at and why you decide so. It stays in the item's history."
        ),
    )
