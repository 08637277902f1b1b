"""What instructors write down."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from courses.models import Cohort


class SessionForm(forms.Form):
    """Who was at a session, when, for how long, about what."""

    taught_on = forms.DateField(
        label=_("Day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    minutes = forms.IntegerField(
        label=_("Minutes"),
        min_value=1,
        error_messages=dict.fromkeys(
            ("required", "invalid", "min_value"), _("Say how many minutes it took.")
        ),
    )
    subject = forms.CharField(
        label=_("What it was about"),
        max_length=200,
        error_messages={"required": _("Say what the session was about.")},
    )
    learners = forms.ModelMultipleChoiceField(
        label=_("Who was there"),
        queryset=User.objects.none(),
        to_field_name="uuid",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose who was there.")},
    )

    def __init__(self, *args: Any, cohort: Cohort, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = User.objects.filter(enrolments__cohort=cohort).order_by("name", "pk")
        learners = self.fields["learners"]
        assert isinstance(learners, forms.ModelMultipleChoiceField)
        learners.queryset = people
        self.fields["taught_on"].initial = timezone.localdate()
