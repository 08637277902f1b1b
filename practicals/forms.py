"""Forms for people: candidates, registrars, chief examiners, reviewers. What they mean is decided in services."""

from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import ConflictDeclaration, User
from practicals import circuit
from practicals.decision import Line
from practicals.models import GLOBAL_ANCHORS, Appointment, PracticalAssessment, Station
from practicals.services import OWN_KINDS
from practicals.sheet import MAX_NOTE

# What a chief examiner most often says about one line.
REMARKS = (
    _("Part of it was missed"),
    _("The other sheet gives the time"),
    _("A prompted action scores 1"),
    _("The note is about another line"),
    _("Seen by one examiner only"),
)


class OfferForm(forms.Form):
    """A registrar offers an appointment to one of the eligible candidates."""

    candidate = forms.ModelChoiceField(
        User.objects.none(),
        to_field_name="uuid",
        label=_("Candidate"),
        empty_label=_("Choose"),
        error_messages={"required": _("Choose whom you offer a place.")},
    )
    avoid = forms.CharField(
        label=_("Not to be touched"),
        help_text=_(
            "Areas of the client model the candidate must leave alone. Examiners see it on the sheet."
        ),
        max_length=250,
        required=False,
    )

    def __init__(self, *args: Any, candidates: list[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = cast(forms.ModelChoiceField, self.fields["candidate"])
        field.queryset = User.objects.filter(pk__in=[person.pk for person in candidates])


class CandidateNumberField(forms.ModelChoiceField):
    """Candidates are chosen by number."""

    def label_from_instance(self, obj: Appointment) -> str:
        return obj.candidate_number


class PlaceForm(forms.Form):
    """A registrar puts an examiner at one place: of one candidate, or, without one, of the whole day."""

    station = forms.ModelChoiceField(
        Station.objects.none(),
        label=_("Station"),
        empty_label=_("Choose"),
        error_messages={"required": _("Choose a station.")},
    )
    place = forms.ChoiceField(
        choices=[(place, place) for place in circuit.PLACES], label=_("Place")
    )
    examiner = forms.ModelChoiceField(
        User.objects.none(),
        to_field_name="uuid",
        label=_("Examiner"),
        empty_label=_("Choose"),
        error_messages={"required": _("Choose an examiner.")},
    )
    appointment = CandidateNumberField(
        Appointment.objects.none(),
        to_field_name="uuid",
        label=_("Candidate"),
        empty_label=_("All candidates of the day"),
        required=False,
    )

    def __init__(
        self, *args: Any, stations: Any, examiners: Any, appointments: Any, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        for name, rows in (
            ("station", stations),
            ("examiner", examiners),
            ("appointment", appointments),
        ):
            cast(forms.ModelChoiceField, self.fields[name]).queryset = rows


class NamedCandidateField(CandidateNumberField):
    """For registrars, who see the name beside the number."""

    def label_from_instance(self, obj: Appointment) -> str:
        return f"{obj.candidate_number}, {obj.candidate}"


class OwnTieForm(forms.Form):
    """An examiner says that they are tied to a candidate they are assigned to, whom they know by number."""

    appointment = CandidateNumberField(
        Appointment.objects.none(),
        to_field_name="uuid",
        label=_("Candidate"),
        empty_label=_("Choose"),
        error_messages={"required": _("Choose a candidate.")},
    )
    kind = forms.ChoiceField(
        label=_("What ties you"),
        choices=[("", _("Choose")), *((kind.value, kind.label) for kind in OWN_KINDS)],
        error_messages={"required": _("Say what ties you.")},
    )
    until = forms.DateField(
        label=_("Until"),
        help_text=_("Leave it empty if it does not end."),
        required=False,
        widget=forms.DateInput({"type": "date"}),
    )
    note = forms.CharField(
        label=_("In a few words"),
        help_text=_("Kept with the record; no page shows it."),
        max_length=500,
        required=False,
    )
    field_order = ("examiner", "appointment", "kind", "until", "note")

    def __init__(self, *args: Any, appointments: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.appointments = appointments
        cast(forms.ModelChoiceField, self.fields["appointment"]).queryset = appointments

    def refuse(self, errors: dict[str, Any]) -> None:
        """Put what the service refuses beside its field."""
        for name, said in errors.items():
            self.add_error(name if name in self.fields else None, said)


class TieForm(OwnTieForm):
    """A registrar writes down a tie between an examiner of the day and a candidate, or the candidate's objection."""

    appointment = NamedCandidateField(
        Appointment.objects.none(),
        to_field_name="uuid",
        label=_("Candidate"),
        empty_label=_("Choose"),
        error_messages={"required": _("Choose a candidate.")},
    )
    examiner = forms.ModelChoiceField(
        User.objects.none(),
        to_field_name="uuid",
        label=_("Examiner"),
        empty_label=_("Choose"),
        error_messages={"required": _("Choose an examiner.")},
    )
    kind = forms.ChoiceField(
        label=_("What keeps them apart"),
        choices=[("", _("Choose")), *ConflictDeclaration.Kind.choices],
        error_messages={"required": _("Say what keeps them apart.")},
    )

    def __init__(self, *args: Any, examiners: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(forms.ModelChoiceField, self.fields["examiner"]).queryset = examiners


class ReasonForm(forms.Form):
    """Why an appointment is cancelled, as the candidate will read it."""

    reason = forms.CharField(label=_("Reason, as the candidate will read it"), max_length=500)


def _points(line: Line) -> list[tuple[int, str]]:
    return [(points, str(points)) for points in range(line.max_points + 1)]


class RulingForm(forms.Form):
    """A chief examiner's decision on one station: points for each line that differs, yes or no for each violation one examiner saw."""

    reasons = forms.CharField(
        label=_("Reasons, as the candidate will read them"),
        help_text=_("What was seen, which rule, what follows. No names."),
        error_messages={"required": _("Give your reasons: the candidate will read them.")},
        max_length=MAX_NOTE,
        widget=forms.Textarea,
    )

    def __init__(self, *args: Any, lines: list[Line], violations: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lines, self.violations = lines, violations
        remarks = [("", _("Reason…")), *((str(words), words) for words in REMARKS)]
        for line in lines:
            self.fields[f"line-{line.code}"] = forms.TypedChoiceField(
                coerce=int,
                choices=_points(line),
                widget=forms.RadioSelect,
                label=_("Decision for %(code)s") % {"code": line.code},
                error_messages={"required": _("Decide this line.")},
            )
            self.fields[f"remark-{line.code}"] = forms.ChoiceField(
                choices=remarks,
                required=False,
                label=_("Reason for %(code)s") % {"code": line.code},
            )
        for code in violations:
            self.fields[f"violation-{code}"] = forms.TypedChoiceField(
                coerce=lambda value: value == "yes",
                choices=[("yes", _("Confirmed")), ("no", _("Not confirmed"))],
                widget=forms.RadioSelect,
                label=_("Decision for violation %(code)s") % {"code": code},
                error_messages={"required": _("Say whether it is confirmed.")},
            )

    def ruling(self) -> dict[str, Any]:
        """What `adjudicate` takes, of a valid form."""
        given = self.cleaned_data
        return {
            "lines": {line.code: given[f"line-{line.code}"] for line in self.lines},
            "violations": {code: given[f"violation-{code}"] for code in self.violations},
            "remarks": {
                line.code: given[f"remark-{line.code}"]
                for line in self.lines
                if given[f"remark-{line.code}"]
            },
            "reasons": given["reasons"],
        }

    def refuse(self, errors: dict[str, Any]) -> None:
        """Put what the service refuses, by field and by line, beside the fields that say it."""
        kinds = {"lines": "line", "violations": "violation"}
        for name, said in errors.items():
            many = said if isinstance(said, dict) else {"": said}
            for code, words in many.items():
                field = f"{kinds.get(name, name)}-{code}" if code else name
                self.add_error(field if field in self.fields else None, words)


def _ratings() -> list[tuple[int, str]]:
    """Said when they are shown, in the reader's language."""
    return [(value, f"{value} {word}") for value, word, _text in GLOBAL_ANCHORS]


class CorrectionForm(forms.Form):
    """A sheet as it should have been, with the reason for correcting it. Starts from the sheet it will supersede."""

    reason = forms.CharField(
        label=_("Why this sheet is corrected, as the candidate will read it"),
        help_text=_("The old sheet is kept beside the new one, with this reason. No names."),
        error_messages={"required": _("Say why the sheet is corrected.")},
        max_length=MAX_NOTE,
        widget=forms.Textarea,
    )
    global_rating = forms.TypedChoiceField(
        coerce=int,
        choices=_ratings,
        label=_("Global rating"),
    )

    def __init__(
        self,
        *args: Any,
        sheet: PracticalAssessment,
        lines: list[Line],
        violations: dict[str, str],
        **kwargs: Any,
    ) -> None:
        self.lines, self.violations, self.sheet = lines, violations, sheet
        kwargs.setdefault("initial", self._as_signed())
        super().__init__(*args, **kwargs)
        for line in lines:
            self.fields[f"line-{line.code}"] = forms.TypedChoiceField(
                coerce=int, choices=_points(line), widget=forms.RadioSelect, label=line.code
            )
            self.fields[f"note-{line.code}"] = forms.CharField(
                max_length=MAX_NOTE,
                required=False,
                label=_("Note on %(code)s") % {"code": line.code},
            )
        for code, text in violations.items():
            self.fields[f"seen-{code}"] = forms.BooleanField(required=False, label=f"{code} {text}")
            self.fields[f"seen-note-{code}"] = forms.CharField(
                max_length=MAX_NOTE,
                required=False,
                label=_("What was seen (%(code)s)") % {"code": code},
            )

    def _as_signed(self) -> dict[str, Any]:
        given: dict[str, Any] = {"global_rating": self.sheet.global_rating}
        for mark in self.sheet.draft["observations"]:
            given[f"line-{mark['criterion']}"] = mark["rating"]
            given[f"note-{mark['criterion']}"] = mark["note"]
        for seen in self.sheet.draft["violations"]:
            given[f"seen-{seen['code']}"] = True
            given[f"seen-note-{seen['code']}"] = seen["note"]
        return given

    def content(self) -> dict[str, Any]:
        """What `supersede_sheet` takes, of a valid form; unchanged lines keep the time they were tapped."""
        given = self.cleaned_data
        tapped = {mark["criterion"]: mark["at"] for mark in self.sheet.draft["observations"]}
        seen_at = {seen["code"]: seen["at"] for seen in self.sheet.draft["violations"]}
        return {
            "observations": [
                {
                    "criterion": line.code,
                    "rating": given[f"line-{line.code}"],
                    "note": given[f"note-{line.code}"],
                    "at": tapped.get(line.code),
                }
                for line in self.lines
            ],
            "violations": [
                {"code": code, "note": given[f"seen-note-{code}"], "at": seen_at.get(code)}
                for code in self.violations
                if given[f"seen-{code}"]
            ],
            "global_rating": given["global_rating"],
        }

    def refuse(self, errors: dict[str, Any]) -> None:
        """Put what the service lacks, by field and by line, beside the fields that say it."""
        for name, said in errors.items():
            if not isinstance(said, dict):
                self.add_error(name if name in self.fields else None, said)
                continue
            for code, parts in said.items():
                for part, words in parts.items():
                    field = f"seen-note-{code}" if name == "violations" else f"note-{code}"
                    self.add_error(f"line-{code}" if part == "rating" else field, words)
