"""Forms of every bank: writing an entry, deciding on it, moving it."""

from collections.abc import Mapping
from typing import Any, ClassVar, cast

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms import WagtailAdminModelForm

from courses.bank.banks import Bank


class EntryForm(WagtailAdminModelForm):
    """An entry as somebody writes it: in a pool they may read, which it never leaves. `submitting`: it must be ready for its review."""

    bank: ClassVar[Bank[Any]]
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
            field = cast(forms.ChoiceField, self.fields["pool"])
            pools = self.bank.model._meta.get_field("pool").choices
            allowed = self.bank.readable_pools(self.for_user) if self.for_user else dict(pools)
            field.choices = [pair for pair in pools if pair[0] in allowed]
            if self.instance.pk:
                field.disabled = True

    def _post_clean(self) -> None:
        """With what the review asks for, said at its field."""
        super()._post_clean()
        if not self.submitting:
            return
        for field, sentences in self.bank.lacks_of(self.instance, at=timezone.now()).items():
            if field in self.errors:
                continue
            for sentence in sentences:
                self.add_error(field if field in self.fields else None, sentence)


class ReasonForm(forms.Form):
    """What a reviewer says with a decision."""

    why: ClassVar[Any]

    comment = forms.CharField(
        label=_("Comment"), max_length=2000, widget=forms.Textarea({"rows": 3})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["comment"].help_text = self.why


class MoveForm(ReasonForm):
    """Where a reviewer brings an entry, and why. `words` says what a move is called on its button."""

    words: ClassVar[Mapping[Any, Any]]

    to = forms.ChoiceField(label=_("What becomes of it"), widget=forms.RadioSelect)

    field_order = ("to", "comment")

    def __init__(self, *args: Any, moves: list[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = cast(forms.ChoiceField, self.fields["to"])
        field.choices = [(life.value, self.words[life]) for life in moves]
        if len(moves) == 1:
            self.initial.setdefault("to", moves[0].value)
