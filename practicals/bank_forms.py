"""Forms of the station bank."""

from typing import Any, cast

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms import WagtailAdminModelForm

from practicals.models import Life, Pool, readable_pools
from practicals.services import lacks_of

# What a move is called on its button.
MOVES = {
    Life.ACTIVE: _("Use it: drawn and scored from now on"),
    Life.SUSPENDED: _("Suspend it: drawn no more until somebody decides again"),
    Life.RETIRED: _("Retire it: drawn no more, for good. What was scored on it stays"),
}


class StationForm(WagtailAdminModelForm):
    """A station as somebody writes it: in a pool they may read, which it never leaves. `submitting`: it must be ready for its review."""

    submitting = False

    note = forms.CharField(
        label=_("To the reviewers"),
        max_length=2000,
        required=False,
        widget=forms.Textarea({"rows": 2}),
        help_text=_("What is new, or how you met their comments. It goes with the submission."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "pool" in self.fields:
            allowed = readable_pools(self.for_user) if self.for_user else Pool.values
            field = cast(forms.ChoiceField, self.fields["pool"])
            field.choices = [pair for pair in Pool.choices if pair[0] in allowed]
            if self.instance.pk:
                field.disabled = True

    def _post_clean(self) -> None:
        """With what the review asks for, said at its field."""
        super()._post_clean()
        if not self.submitting:
            return
        for field, sentences in lacks_of(self.instance, at=timezone.now()).items():
            if field in self.errors:
                continue
            for sentence in sentences:
                self.add_error(field if field in self.fields else None, sentence)


class StationMoveForm(forms.Form):
    """Where a reviewer brings a station, and why."""

    to = forms.ChoiceField(label=_("What becomes of it"), widget=forms.RadioSelect)
    comment = forms.CharField(
        label=_("Comment"),
        max_length=2000,
        widget=forms.Textarea({"rows": 3}),
        help_text=_("Say why. It stays in the station's history."),
    )

    def __init__(self, *args: Any, moves: list[Life], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = cast(forms.ChoiceField, self.fields["to"])
        field.choices = [(life.value, MOVES[life]) for life in moves]
        if len(moves) == 1:
            self.initial.setdefault("to", moves[0].value)


class EditionForm(forms.Form):
    """The name of the next edition of an exam plan."""

    edition = forms.CharField(
        label=_("Name of the new edition"), max_length=20, help_text=_("2027.1, for example")
    )
