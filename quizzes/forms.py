"""Forms of the item bank."""

from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from courses.bank.forms import EntryForm, MoveForm, ReasonForm
from quizzes.models import Item, Life, MustCover
from quizzes.services.life import ITEMS

# What a move is called on its button.
MOVES = {
    Life.PILOT: _("Ask it on trial: mixed in, not scored"),
    Life.ACTIVE: _("Use it: asked and scored"),
    Life.SUSPENDED: _("Suspend it: asked no more until somebody decides again"),
    Life.RETIRED: _("Retire it: asked no more, for good"),
}


class ByCode(forms.ModelMultipleChoiceField):
    """Items by their codes, which say nothing of their questions. The script puts a search field in place of the long list."""

    widget = forms.SelectMultiple(attrs={"size": 6, "data-enemies": ""})

    def label_from_instance(self, item: Any) -> str:
        return str(item.code)


class ItemForm(EntryForm):
    """An item as somebody writes it."""

    bank = ITEMS

    enemies = ByCode(
        queryset=Item.objects.none(),
        label=_("Enemies"),
        required=False,
        help_text=_("Items that give this one away, or ask the same: never in one form."),
    )
    must_cover = forms.MultipleChoiceField(
        label=_("Must-cover topics it counts to"),
        choices=MustCover,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "enemies" in self.fields:
            items = Item.objects.visible_to(self.for_user) if self.for_user else Item.objects.all()
            if self.instance.pk:
                items = items.filter(pool=self.instance.pool).exclude(pk=self.instance.pk)
            self.fields["enemies"].queryset = items.only("pk", "code").order_by("code")

    def clean_enemies(self) -> Any:
        enemies = self.cleaned_data["enemies"]
        pool = self.cleaned_data.get("pool")
        strangers = [item.code for item in enemies if pool and item.pool != pool]
        if strangers:
            raise forms.ValidationError(
                _("Enemies are of the same pool: %(codes)s are not.")
                % {"codes": ", ".join(strangers)}
            )
        return enemies

    def _post_clean(self) -> None:
        self.instance.may_be_half_written = not self.submitting
        super()._post_clean()
        self.instance.may_be_half_written = False


class DecisionForm(ReasonForm):
    why = _("Say what you looked at and why you decide so. It stays in the item's history.")


class PlaceForm(forms.Form):
    """What of an item in use changes without a new version of it."""

    enemies = ByCode(
        queryset=Item.objects.none(),
        label=_("Enemies"),
        required=False,
        help_text=_("Items that give this one away, or ask the same: never in one form."),
    )
    exposure_cap = forms.IntegerField(
        label=_("Exposure cap"),
        min_value=1,
        max_value=2**31 - 1,
        required=False,
        help_text=_("The most attempts it may be asked in within twelve months. Empty: no cap."),
    )
    comment = forms.CharField(
        label=_("Why"),
        max_length=2000,
        widget=forms.Textarea({"rows": 2}),
        help_text=_("It stays in the item's history."),
    )

    prefix = "in-forms"

    def __init__(self, data: Any = None, *, item: Item, user: Any) -> None:
        super().__init__(data)
        others = Item.objects.visible_to(user).filter(pool=item.pool).exclude(pk=item.pk)
        field = cast(forms.ModelMultipleChoiceField, self.fields["enemies"])
        field.queryset = others.only("pk", "code", "pool").order_by("code")
        self.initial = {
            "enemies": list(item.held_enemies()),
            "exposure_cap": item.exposure_cap,
            **self.initial,
        }


class ItemMoveForm(MoveForm):
    why = _("Say why. It stays in the item's history.")
    words = MOVES
