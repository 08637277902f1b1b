"""Forms for people."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Role, User
from accounts.services import set_roles


class NameForm(forms.Form):
    """What sign-up asks beyond e-mail and password. The account adapter keeps it."""

    name = forms.CharField(
        label=_("Your name"),
        max_length=150,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )

    def signup(self, request: Any, user: User) -> None:
        """allauth asks for this; the name is on the person already (see adapter.py)."""


class NameOnlyForm(forms.ModelForm):
    """One's own name, on our account page and on Wagtail's."""

    class Meta:
        model = User
        fields = ["name"]
        widgets = {"name": forms.TextInput(attrs={"autocomplete": "name"})}


class InvitationForm(forms.Form):
    """Whom to invite, and to what. Only the roles the inviter may give are offered."""

    name = forms.CharField(label=_("Name"), max_length=150)
    email = forms.EmailField(label=_("E-mail address"), max_length=254)
    roles = forms.MultipleChoiceField(
        label=_("Roles"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one role.")},
    )

    def __init__(self, *args: Any, roles: frozenset[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = [choice for choice in Role.choices if choice[0] in roles]
        self.fields["roles"].choices = offered  # type: ignore[attr-defined]


class AccommodationForm(forms.Form):
    """What a registrar gives somebody in every examination."""

    time_factor = forms.DecimalField(
        label=_("Time, as a multiple of the usual"),
        min_value=Decimal(1),
        max_value=Decimal(3),
        decimal_places=2,
        initial=Decimal(1),
        help_text=_("1 is the usual time; 1.25 is a quarter more."),
    )
    break_minutes = forms.IntegerField(
        label=_("Minutes of break"),
        min_value=0,
        max_value=240,
        initial=0,
        help_text=_("On top of those the examination gives everybody. The clock stands still."),
    )
    larger_type = forms.BooleanField(label=_("Larger type"), required=False)
    need = forms.CharField(
        label=_("What else is needed"),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("For the invigilator: a reader, a separate room. No diagnosis."),
    )


class PersonForm(forms.ModelForm):
    """What an administrator may change of somebody else: how they are addressed, whether they may sign in, their roles."""

    roles = forms.MultipleChoiceField(
        label=_("Roles"), choices=Role.choices, required=False, widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = User
        fields = ["name", "is_active"]

    def __init__(
        self, *args: Any, by: User | None = None, editing_self: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.by = by
        self.fields["roles"].initial = sorted(self.instance.roles & set(Role.values))
        if editing_self:
            del self.fields["roles"], self.fields["is_active"]

    def save(self, commit: bool = True) -> User:
        person = super().save(commit)
        if "roles" in self.fields and self.by:
            set_roles(user=person, roles=self.cleaned_data["roles"], by=self.by, at=timezone.now())
        return person
