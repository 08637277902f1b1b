"""Forms of a renewal: an activity, the signature, a decision on an activity, the renewal itself or its return."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from credentials.forms import DayField, ReasonChoices, note_field, reason_field
from credentials.models import LearningReview, Reason
from credentials.renewal_words import OUTCOME_OF
from credentials.renewing import Rules


class LearningForm(forms.Form):
    """One activity of continuing education, with its certificate."""

    title = forms.CharField(
        label=_("What was it?"),
        max_length=150,
        help_text=_("As the certificate names it."),
        error_messages={"required": _("Say what it was.")},
    )
    provider = forms.CharField(
        label=_("Who gave it?"),
        max_length=150,
        error_messages={"required": _("Say who gave it.")},
    )
    first_day = DayField(
        label=_("On which day?"),
        help_text=_("Of several days the first."),
        error_messages={"required": _("Enter the day.")},
    )
    last_day = DayField(
        label=_("Last day"), required=False, help_text=_("If it took more than one.")
    )
    hours = forms.DecimalField(
        label=_("How many hours?"),
        max_digits=5,
        decimal_places=1,
        help_text=_("As the certificate shows them, with one decimal at most."),
        error_messages=dict.fromkeys(
            (
                "required",
                "invalid",
                "max_digits",
                "max_decimal_places",
                "max_whole_digits",
            ),
            _("Give hours above 0, with one decimal at most."),
        ),
    )
    category = forms.ChoiceField(
        label=_("What was it about?"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what it was about.")},
    )
    file = forms.FileField(
        label=_("Certificate"),
        max_length=500,
        widget=forms.FileInput(
            attrs={"accept": ".pdf,.png,.jpg,.jpeg,application/pdf,image/png,image/jpeg"}
        ),
        help_text=_("PDF, PNG or JPEG, at most 10 MB. Each certificate counts once."),
        error_messages={
            "required": _("Choose a file: PDF, PNG or JPEG."),
            "empty": _("This file is empty. Choose another one."),
        },
    )
    statement = forms.CharField(
        label=_("Anything a registrar should know"),
        max_length=4000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, rules: Rules, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        category = self.fields["category"]
        category.choices = [(row.code, row.title) for row in rules.categories]  # type: ignore[attr-defined]
        if not rules.categories:
            del self.fields["category"]

    def given(self) -> dict[str, Any]:
        """What the service is given."""
        return {"category": "", **self.cleaned_data}


class LearningReviewForm(forms.Form):
    """A registrar's decision on one activity."""

    outcome = forms.ChoiceField(
        label=_("Decision"),
        choices=[
            (choice.value, choice.label)
            for choice in (
                LearningReview.Outcome.ACCEPTED,
                LearningReview.Outcome.MORE_INFORMATION,
                LearningReview.Outcome.NOT_ACCEPTED,
            )
        ],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose a decision.")},
    )
    note = note_field(
        help_text=_("Private. What the holder has to know stands in the reason and in the return.")
    )

    def __init__(self, *args: Any, reasons: list[Reason], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = reason_field(reasons)
        widget = field.widget
        assert isinstance(widget, ReasonChoices)
        widget.purposes = {
            reason.code: OUTCOME_OF[Reason.Purpose(reason.purpose)].value for reason in reasons
        }
        self.fields["reason_code"] = field
        self.order_fields(["outcome", "reason_code", "note"])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if "outcome" in self.errors:  # reasons are shown once there is an outcome
            self.errors.pop("reason_code", None)
        return data


class RenewalForm(forms.Form):
    """The end of a review: a reason and a note. `told`: whether the holder reads the note."""

    def __init__(self, *args: Any, reasons: list[Reason], told: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason_code"] = reason_field(reasons)
        self.fields["note"] = (
            note_field(
                label=_("To the holder"),
                help_text=_("It stands in the message, above what you decided on each activity."),
            )
            if told
            else note_field()
        )
