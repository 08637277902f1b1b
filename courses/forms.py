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
    minutes = forms.IntegerField(label=_("Minutes"), min_value=1)
    subject = forms.CharField(label=_("What it was about"), max_length=200)
    learners = forms.ModelMultipleChoiceField(
        label=_("Who was there"), queryset=User.objects.none(), widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, cohort: Cohort, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = User.objects.filter(enrolments__cohort=cohort).order_by("name", "pk")
        learners = self.fields["learners"]
        assert isinstance(learners, forms.ModelMultipleChoiceField)
        learners.queryset = people
        self.fields["taught_on"].initial = timezone.localdate()
