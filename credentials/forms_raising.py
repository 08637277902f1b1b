"""Forms of people who raise something: an appeal against a decision on oneself, a concern about somebody. They check shape only."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from credentials.models import Case


class AppealForm(forms.Form):
    """On what an appeal rests, and what is wrong with the decision."""

    ground = forms.ChoiceField(
        label=_("What does your appeal rest on?"),
        choices=Case.Ground.choices,
        widget=forms.RadioSelect,
        help_text=_("If several apply, choose the strongest and name the others below."),
        error_messages={"required": _("Choose what your appeal rests on.")},
    )
    said = forms.CharField(
        label=_("What is wrong with the decision?"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=_("What happened, when, who saw it, and what you ask for."),
        error_messages={"required": _("Say what is wrong with the decision.")},
    )


class ConcernForm(forms.Form):
    """Whom a concern is about, what happened, and who says so."""

    about = forms.CharField(
        label=_("Who is it about?"),
        max_length=150,
        help_text=_(
            "The number on the certificate, for example SMT-7K3Q-90TX, or a name and place."
        ),
        error_messages={"required": _("Say who it is about: a number or a name.")},
    )
    said = forms.CharField(
        label=_("What happened?"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=_(
            "When and where, what you saw yourself, and what you were told by others. "
            "Leave out the names of clients and anything about their health."
        ),
        error_messages={"required": _("Say what happened.")},
    )
    raised_by = forms.CharField(
        label=_("Your name"),
        max_length=150,
        help_text=_("And whom you act for, if for an employer. Only registrars read it."),
        error_messages={"required": _("Give your name.")},
    )
    contact = forms.EmailField(
        label=_("Your e-mail, if you want to be told how it ends"),
        required=False,
        max_length=254,
        error_messages={"invalid": _("Enter an e-mail address such as name@example.org.")},
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["raised_by"].widget.attrs["autocomplete"] = "name"
