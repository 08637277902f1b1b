"""Forms of marking and releasing. They read shapes; what is allowed is decided by the services."""

from collections.abc import Sequence
from typing import Any, cast
from zoneinfo import ZoneInfo

from django import forms
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from quizzes.models import Quiz, Sitting
from quizzes.services import Administration, Sat, sittings_sat


class DayInput(forms.DateInput):
    input_type = "date"

    def __init__(self, attrs: Any = None) -> None:
        super().__init__(attrs, format="%Y-%m-%d")


class EssayMarkForm(forms.Form):
    """Whole points for each line of a rubric, and a comment."""

    comment = forms.CharField(
        label=_("Comment"),
        max_length=4000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("For the record, and for a third marker. Not about who may have written it."),
    )

    def __init__(self, *args: Any, rubric: list[dict[str, Any]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rubric = rubric
        for line in rubric:
            self.fields[f"line_{line['id']}"] = forms.TypedChoiceField(
                label=line["text"],
                coerce=int,
                choices=[(n, str(n)) for n in range(line["points"] + 1)],
                widget=forms.RadioSelect,
                error_messages={"required": _("Give this line its points; 0 is an answer too.")},
            )

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [{**line, "field": self[f"line_{line['id']}"]} for line in self.rubric]

    def given(self) -> dict[str, int]:
        return {line["id"]: self.cleaned_data[f"line_{line['id']}"] for line in self.rubric}


class SittingField(forms.ModelChoiceField):
    def label_from_instance(self, obj: Sitting) -> str:
        return f"{date_format(obj.opens_at.astimezone(ZoneInfo(obj.zone)), 'j M Y')}, {obj.place}"


class AdministrationForm(forms.Form):
    """Which attempts are looked at together. Unbound, or where it is wrong: everybody who sat the form that was sat last."""

    form = forms.ChoiceField(label=_("Form"), required=False)
    sitting = SittingField(
        Sitting.objects.none(),
        label=_("Sitting"),
        to_field_name="uuid",
        required=False,
        empty_label=_("All"),
    )
    first = forms.DateField(label=_("Submitted from"), required=False, widget=DayInput)
    last = forms.DateField(label=_("to"), required=False, widget=DayInput)

    def __init__(self, *args: Any, quiz: Quiz, sat: Sequence[Sat], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.quiz, self.sat = quiz, sat
        field = cast(forms.ChoiceField, self.fields["form"])
        field.choices = [(row.value, f"{row.label} ({row.attempts})") for row in sat]
        sittings = cast(forms.ModelChoiceField, self.fields["sitting"])
        sittings.queryset = sittings_sat(quiz)
        if not sittings.queryset.exists():
            del self.fields["sitting"]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("first") and given.get("last") and given["last"] < given["first"]:
            self.add_error("last", _("The last day comes before the first."))
        return given

    def administration(self) -> Administration:
        given = self.cleaned_data if self.is_valid() else {}
        named = next((row for row in self.sat if row.value == given.get("form")), None)
        chosen = named or next(iter(self.sat), None)
        return Administration(
            self.quiz,
            chosen.form if chosen else None,
            given.get("sitting"),
            given.get("first"),
            given.get("last"),
        )


class ReleaseForm(forms.Form):
    upto = forms.IntegerField(widget=forms.HiddenInput)
    seen = forms.BooleanField(
        label=_("I have looked at the flagged questions"),
        error_messages={"required": _("Look at the flagged questions first.")},
    )


class FallForm(forms.Form):
    stands = forms.TypedChoiceField(
        label=_("Decision"),
        coerce=lambda value: value == "stands",
        choices=[
            ("stands", _("The pass stands")),
            ("taken", _("The pass is taken back, and the candidate is told")),
        ],
        widget=forms.RadioSelect,
    )
    reasons = forms.CharField(
        label=_("Reasons"), max_length=4000, widget=forms.Textarea(attrs={"rows": 3})
    )
