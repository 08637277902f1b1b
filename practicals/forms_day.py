"""Forms of an exam day: dates asked for, check-in, client models, an examiner who leaves. What they mean is decided in services."""

from typing import Any, cast

from django import forms
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from practicals.models import Appointment, CheckIn, ClientModel, ExamDay, Station


class Refusable(forms.Form):
    """Takes what a service refuses, beside its field."""

    def refuse(self, errors: dict[str, Any]) -> None:
        for name, said in errors.items():
            if isinstance(said, list):
                self.add_error(name if name in self.fields else None, said)


class DayChoices(forms.ModelMultipleChoiceField):
    def label_from_instance(self, obj: ExamDay) -> str:
        return f"{date_format(obj.begins, 'l j F Y, H:i')}, {obj.place}"


class AskForm(Refusable):
    """A candidate asks for a date."""

    days = DayChoices(
        ExamDay.objects.none(),
        to_field_name="uuid",
        label=_("Days with a free place"),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    words = forms.CharField(
        label=_("When else you can come, or cannot"),
        help_text=_("For the registrar: “any Saturday from March”, for example."),
        max_length=500,
        required=False,
        widget=forms.Textarea({"rows": 3}),
    )

    def __init__(self, *args: Any, days: list[ExamDay], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = cast(forms.ModelMultipleChoiceField, self.fields["days"])
        field.queryset = ExamDay.objects.filter(pk__in=[day.pk for day in days])
        if not days:
            del self.fields["days"]


class AgreeForm(Refusable):
    """A candidate agrees under their name."""

    name = forms.CharField(
        label=_("Your name, as your signature"),
        max_length=150,
        error_messages={"required": _("Write your name.")},
    )


class ObjectionForm(Refusable):
    """A candidate objects to an examiner. Nobody has to say why."""

    examiner = forms.UUIDField(widget=forms.HiddenInput)
    note = forms.CharField(
        label=_("Why, if you want to say"),
        max_length=500,
        required=False,
    )


class CheckInForm(Refusable):
    """What the registrar saw at the door."""

    identity = forms.ChoiceField(
        label=_("Which document did you see?"),
        choices=CheckIn.Identity,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose which document you saw.")},
    )
    words = forms.CharField(
        label=_("If another: which"),
        help_text=_("What it was and who issued it; never its number."),
        max_length=100,
        required=False,
    )
    name = forms.CharField(
        label=_("The candidate’s name, as their signature"),
        help_text=_("Let the candidate read the agreement and write their name here themselves."),
        max_length=150,
        error_messages={"required": _("The candidate has to agree, and write their name.")},
    )

    def __init__(self, *args: Any, agreed: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if agreed:
            del self.fields["name"]

    def given(self) -> dict[str, str]:
        """What `check_in` takes, of a valid form."""
        return {"name": "", **self.cleaned_data}


class InsteadForm(Refusable):
    """Somebody takes the places of an examiner who leaves, as far as the rules allow."""

    instead = forms.ModelChoiceField(
        User.objects.none(),
        to_field_name="uuid",
        label=_("Their places go to"),
        empty_label=_("whoever is free"),
        required=False,
    )

    def __init__(self, *args: Any, examiners: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(forms.ModelChoiceField, self.fields["instead"]).queryset = examiners


class HandOverForm(Refusable):
    """A begun sheet is left to somebody else."""

    examiner = forms.ModelChoiceField(
        User.objects.none(),
        to_field_name="uuid",
        label=_("Goes on"),
        empty_label=_("Choose"),
        error_messages={"required": _("Choose who goes on.")},
    )
    reason = forms.CharField(
        label=_("Why"),
        max_length=300,
        error_messages={"required": _("Say why somebody else goes on.")},
    )

    def __init__(self, *args: Any, examiners: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(forms.ModelChoiceField, self.fields["examiner"]).queryset = examiners


class StationChoices(forms.ModelMultipleChoiceField):
    def label_from_instance(self, obj: Station) -> str:
        return f"{obj.checklist.code} {obj.checklist.title}"


class ClientForm(Refusable):
    """The record of a client model (R39)."""

    code = forms.CharField(
        label=_("Code"),
        help_text=_("M1, for example: all that examiners and candidates learn."),
        max_length=6,
    )
    name = forms.CharField(label=_("Name"), help_text=_("For registrars only."), max_length=150)
    is_adult = forms.BooleanField(label=_("Is of age"), required=False)
    screened_on = forms.DateField(
        label=_("Screened on"), required=False, widget=forms.DateInput({"type": "date"})
    )
    told_right_to_stop = forms.BooleanField(
        label=_("Knows that they may stop at any time, without a reason"), required=False
    )
    consents = forms.BooleanField(label=_("Has signed their consent"), required=False)
    chaperone = forms.BooleanField(label=_("Wants a chaperone"), required=False)
    allergies = forms.CharField(
        label=_("Allergies"),
        help_text=_("To oils, latex, plasters."),
        max_length=200,
        required=False,
    )
    avoid = forms.CharField(
        label=_("Not to be touched"),
        help_text=_("Areas, as examiners read them on the sheet."),
        max_length=250,
        required=False,
    )
    notes = forms.CharField(
        label=_("What else examiners need to know"),
        help_text=_("No diagnosis: only what changes what may be done."),
        max_length=250,
        required=False,
    )
    cleared_for = StationChoices(
        Station.objects.none(),
        label=_("Cleared for"),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )

    def __init__(
        self, *args: Any, stations: Any, client: ClientModel | None, **kwargs: Any
    ) -> None:
        if client:
            kwargs["initial"] = {
                **{
                    name: getattr(client, name)
                    for name in self.base_fields
                    if hasattr(client, name)
                },
                "consents": client.consent_at is not None,
                "cleared_for": list(client.cleared_for.all()),
            }
        super().__init__(*args, **kwargs)
        cast(forms.ModelMultipleChoiceField, self.fields["cleared_for"]).queryset = stations

    def given(self) -> dict[str, Any]:
        """What `keep_client` takes, of a valid form."""
        record = dict(self.cleaned_data)
        return {
            "cleared_for": record.pop("cleared_for"),
            "consents": record.pop("consents"),
            "record": record,
        }


class ClientPlaceForm(Refusable):
    """A client model is put at a station, for the day or for one candidate."""

    client = forms.ModelChoiceField(
        ClientModel.objects.none(),
        to_field_name="uuid",
        label=_("Client model"),
        empty_label=_("Choose"),
        error_messages={"required": _("Choose a client model.")},
    )
    station = forms.ModelChoiceField(
        Station.objects.none(),
        label=_("Station"),
        empty_label=_("Choose"),
        error_messages={"required": _("Choose a station.")},
    )
    appointment = forms.ModelChoiceField(
        Appointment.objects.none(),
        to_field_name="uuid",
        label=_("Candidate"),
        empty_label=_("All candidates of the day"),
        required=False,
    )

    def __init__(self, *args: Any, day: ExamDay, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, rows in (
            ("client", day.clients.present()),
            ("station", day.stations.select_related("checklist").order_by("position")),
            ("appointment", day.appointments.active().order_by("candidate_number")),
        ):
            cast(forms.ModelChoiceField, self.fields[name]).queryset = rows
        cast(Any, self.fields["appointment"]).label_from_instance = lambda row: row.candidate_number
