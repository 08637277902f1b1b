"""Forms of a sitting: registrars set it up and decide, invigilators act, candidates report. What they mean is decided in services."""

from datetime import datetime
from typing import Any, cast
from uuid import UUID
from zoneinfo import ZoneInfo, available_timezones

from django import forms
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Role, User
from credentials.models import Application
from quizzes.models import (
    Attempt,
    Incident,
    IncidentDecision,
    LateAnswer,
    Quiz,
    ResultVersion,
    Sitting,
)

LONG = 4000


def words(label: Any, help_text: Any = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=help_text,
        max_length=LONG,
        widget=forms.Textarea(attrs={"rows": 4}),
    )


class ComplaintForm(forms.Form):
    """The candidate's own report."""

    what = words(_("What happened, when, and what it did to your work"))


class ReasonForm(forms.Form):
    """Why an invigilator lets another device in."""

    reason = forms.CharField(label=_("Reason"), max_length=300)


class CreditForm(forms.Form):
    minutes = forms.IntegerField(label=_("Minutes"), min_value=1, max_value=240)
    reason = forms.CharField(label=_("What happened"), max_length=300)


class LateField(forms.TypedMultipleChoiceField):
    """Whether what was chosen still waits is said by the service, which holds the attempt: a second click finds it given back."""

    def valid_value(self, value: Any) -> bool:
        return True


class ReopenForm(CreditForm):
    """Time given back, and which of the answers that came late are put in. Of an answer, only where it belongs and when it came is said."""

    late = LateField(
        label=_("Answers that came after the time was up"),
        help_text=_(
            "Put in those that the outage kept from being sent. They take the place of what was saved; the candidate sees them and can change "
            "them. What you leave out stays beside."
        ),
        coerce=UUID,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, data: Any, *, attempt: Attempt, rows: list[LateAnswer]) -> None:
        super().__init__(data)
        if not rows and not data:
            del self.fields["late"]
            return
        zone = ZoneInfo(attempt.sitting.zone if attempt.sitting else "UTC")
        field = cast(LateField, self.fields["late"])
        field.choices = [(str(row.uuid), _late_said(row, attempt, zone)) for row in rows]


def _late_said(row: LateAnswer, attempt: Attempt, zone: ZoneInfo) -> str:
    said = gettext("Question %(n)s, came %(time)s; %(before)s") % {
        "n": row.response.position,
        "time": date_format(row.at.astimezone(zone), "j F, H:i:s"),
        "before": gettext("another answer is saved")
        if row.response.answered
        else gettext("nothing is saved"),
    }
    if row.device.removeprefix("-") == attempt.device.removeprefix("-"):
        return said
    return f"{said} ({gettext('from another device than the last')})"


class IncidentForm(forms.Form):
    kind = forms.ChoiceField(
        label=_("Kind"),
        choices=[pair for pair in Incident.Kind.choices if pair[0] != Incident.Kind.COMPLAINT],
    )
    what = words(_("What happened"), _("What you saw and did, and when. No guesses."))


class OutcomeForm(forms.Form):
    """A registrar's decision on an incident."""

    outcome = forms.ChoiceField(
        label=_("Decision"),
        choices=IncidentDecision.Outcome.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose whether the result stands.")},
    )
    reasons = words(_("Reasons, as the candidate will read them"))

    HOLD = "hold"

    def __init__(self, *args: Any, told: ResultVersion | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if told and told.counts:
            hold = (self.HOLD, _("Not decided yet: hold the result that was told until it is"))
            field = cast(forms.ChoiceField, self.fields["outcome"])
            field.choices = [*IncidentDecision.Outcome.choices, hold]


class PlaceTimeField(forms.DateTimeField):
    """By the clock of the place; the form knows which."""

    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    input_formats = ["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"]

    def to_python(self, value: Any) -> datetime | None:
        found = super().to_python(value)
        return found.replace(tzinfo=None) if found else None


class SittingForm(forms.Form):
    quiz = forms.ModelChoiceField(
        Quiz.objects.none(), label=_("Examination"), empty_label=_("Choose")
    )
    place = forms.CharField(label=_("Place"), max_length=200)
    zone = forms.CharField(
        label=_("Time zone of the place"), max_length=40, initial="Europe/London"
    )
    opens_at = PlaceTimeField(label=_("Opens"), help_text=_("By the clock of the place."))
    closes_at = PlaceTimeField(
        label=_("Closes to new starts"),
        help_text=_("Who has started by then goes on to the end of their own time."),
    )
    invigilators = forms.ModelMultipleChoiceField(
        User.objects.none(),
        label=_("Invigilators"),
        to_field_name="uuid",
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, sitting: Sitting | None = None, **kwargs: Any) -> None:
        if sitting:
            zone = ZoneInfo(sitting.zone)
            kwargs["initial"] = {
                "quiz": sitting.quiz_id,
                "place": sitting.place,
                "zone": sitting.zone,
                "opens_at": sitting.opens_at.astimezone(zone).replace(tzinfo=None),
                "closes_at": sitting.closes_at.astimezone(zone).replace(tzinfo=None),
                "invigilators": [person.uuid for person in sitting.invigilators.all()],
            }
        super().__init__(*args, **kwargs)
        quizzes = Quiz.objects.filter(pool="secure").select_related("activity")
        cast(forms.ModelChoiceField, self.fields["quiz"]).queryset = quizzes
        people = User.objects.filter(groups__name=Role.INVIGILATOR, is_active=True)
        cast(forms.ModelChoiceField, self.fields["invigilators"]).queryset = people

    def clean_zone(self) -> str:
        zone = self.cleaned_data["zone"].strip()
        if zone not in available_timezones():
            raise forms.ValidationError(
                _("This is no time zone; write Europe/London, for example.")
            )
        return zone

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if "zone" in given:
            for name in ("opens_at", "closes_at"):
                if given.get(name):
                    given[name] = given[name].replace(tzinfo=ZoneInfo(given["zone"]))
        return given


class ApplicantField(forms.ModelChoiceField):
    def label_from_instance(self, obj: Application) -> str:
        return f"{obj.name_on_id} ({obj.reference})"


class SeatForm(forms.Form):
    application = ApplicantField(
        Application.objects.none(),
        to_field_name="uuid",
        label=_("Candidate"),
        empty_label=_("Choose"),
    )
    number = forms.IntegerField(
        label=_("Seat"),
        min_value=1,
        max_value=9999,
        required=False,
        help_text=_("Empty: the next."),
    )

    def __init__(self, *args: Any, applications: list[Application], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = Application.objects.filter(pk__in=[row.pk for row in applications])
        cast(forms.ModelChoiceField, self.fields["application"]).queryset = rows


class PlanForm(forms.Form):
    """A plan of further learning, agreed and done."""

    plan = words(_("What was agreed and done"))
