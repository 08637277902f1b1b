"""Forms of the station bank."""

from django import forms
from django.utils.translation import gettext_lazy as _

from courses.bank.forms import EntryForm, MoveForm, ReasonForm
from practicals.models import Life
from practicals.services.stations import STATIONS

# What a move is called on its button.
MOVES = {
    Life.ACTIVE: _("Use it: drawn and scored from now on"),
    Life.SUSPENDED: _("Suspend it: drawn no more until somebody decides again"),
    Life.RETIRED: _("Retire it: drawn no more, for good. What was scored on it stays"),
}


class StationForm(EntryForm):
    bank = STATIONS


class StationDecisionForm(ReasonForm):
    why = _("Say what you looked at and why you decide so. It stays in the checklist's history.")


class StationMoveForm(MoveForm):
    why = _("Say why. It stays in the station's history.")
    words = MOVES


class EditionForm(forms.Form):
    """The name of the next edition of an exam plan."""

    edition = forms.CharField(
        label=_("Name of the new edition"), max_length=20, help_text=_("2027.1, for example")
    )
