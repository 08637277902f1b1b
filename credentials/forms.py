"""Forms of applicants, holders and registrars. They check shape only; what may be done is decided in services."""

from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.services import Refusal
from credentials.forms_parts import add_claims, add_counts, claims_of, counts_of
from credentials.models import Credential, Document, DocumentReview, Proposal, Reason, Requirement


def add_refusal(form: forms.Form, refusal: Refusal) -> None:
    """Show a service's refusal in the form: at its fields where it names some, else on top."""
    named = {name: said for name, said in refusal.fields.items() if name in form.fields}
    for name, said in named.items():
        for sentence in said if isinstance(said, list) else [said]:
            form.add_error(name, sentence)
    if not named:
        form.add_error(None, refusal.sentence)


def posted(request: HttpRequest) -> tuple[Any, Any]:
    """What a form is bound to: data and files of a POST, even of an empty one; nothing else."""
    return (request.POST, request.FILES) if request.method == "POST" else (None, None)


class DayWidget(forms.MultiWidget):
    """A day in three fields: day, month, year. Nobody has to hunt through a calendar for a date printed on paper."""

    template_name = "credentials/widgets/day.html"
    use_fieldset = True

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        parts = [
            forms.TextInput(attrs={"inputmode": "numeric", "maxlength": size}) for size in (2, 2, 4)
        ]
        super().__init__(parts, attrs)

    def decompress(self, value: date | None) -> list[int | None]:
        return [value.day, value.month, value.year] if value else [None, None, None]

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        labels = (_("Day"), _("Month"), _("Year"))
        for part, label in zip(context["widget"]["subwidgets"], labels, strict=True):
            part["label"] = label
        return context


class DayField(forms.MultiValueField):
    """A day given as three numbers; None when all are left empty and it is not required."""

    widget = DayWidget

    def __init__(self, **kwargs: Any) -> None:
        parts = [
            forms.IntegerField(min_value=1, max_value=limit, required=False)
            for limit in (31, 12, 9999)
        ]
        super().__init__(fields=parts, require_all_fields=False, **kwargs)

    def clean(self, value: Any) -> date | None:
        try:
            return super().clean(value)
        except ValidationError as error:
            required = self.required and not any(value or [])
            raise error if required else self._unreal() from None

    def compress(self, values: list[int | None]) -> date | None:
        if not any(values):
            return None
        try:
            day, month, year = (value or 0 for value in values)
            return date(year, month, day)
        except ValueError:
            raise self._unreal() from None

    @staticmethod
    def _unreal() -> ValidationError:
        return ValidationError(_("Enter a real date, for example 27 3 2027."), code="unreal")


class ApplicationForm(forms.Form):
    """Everything an application asks, on one page."""

    name_on_id = forms.CharField(
        label=_("Your name as on your identity document"),
        max_length=150,
        help_text=_("It stands on the certificate and in every answer to somebody who checks you."),
        error_messages={"required": _("Enter your name as it stands on your identity document.")},
    )
    adjustments = forms.ChoiceField(
        label=_("Do you need adjustments for the examinations?"),
        choices=[("none", _("No")), ("yes", _("Yes"))],
        widget=forms.RadioSelect,
        help_text=_(
            "Extra time, rest breaks, a reader, another place. Asking has no effect on the decision, "
            "and no result or certificate shows it."
        ),
        error_messages={"required": _("Choose yes or no.")},
    )
    accommodations = forms.CharField(
        label=_("What do you need?"),
        max_length=2000,
        error_messages={"required": _("Say what you need.")},
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_(
            "Only registrars read this. You can send medical papers later, if we ask for them."
        ),
    )
    listed = forms.BooleanField(
        label=_("List me in the public register, so that people find me by name"),
        required=False,
        help_text=_(
            "You can change this at any time. Whoever has your number can check it in any case."
        ),
    )
    agreed = forms.BooleanField(
        label=_("I have read the code of conduct and sign it"),
        error_messages={"required": _("Sign the code of conduct to apply.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["accommodations"].required = self.data.get("adjustments", "yes") == "yes"

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("adjustments") == "none":
            data["accommodations"] = ""
        if "adjustments" in self.errors:  # before yes or no is said, nothing is missing below
            self.errors.pop("accommodations", None)
        return data


class DocumentForm(forms.Form):
    """A file with its number and last day, or the statement that none is required. Only what the requirement asks is shown."""

    file = forms.FileField(
        label=_("File"),
        required=False,
        max_length=500,
        widget=forms.FileInput(
            attrs={"accept": ".pdf,.png,.jpg,.jpeg,application/pdf,image/png,image/jpeg"}
        ),
        help_text=_("PDF, PNG or JPEG, at most 10 MB. Every page and both sides, readable."),
        error_messages={"empty": _("This file is empty. Choose another one.")},
    )
    number = forms.CharField(
        label=_("Number on the document"),
        max_length=80,
        required=False,
        help_text=_("If it has one."),
    )
    valid_until = DayField(
        label=_("Valid until"),
        required=False,
        help_text=_("The last day, as it is printed on the document."),
    )
    not_required = forms.BooleanField(
        label=_("Not required where I practise"),
        required=False,
        help_text=_("A registrar checks this. You need to send no file then."),
    )
    statement = forms.CharField(
        label=_("Where do you practise, and why is none required there?"),
        max_length=4000,
        error_messages={"required": _("Say where you practise and why none is required there.")},
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def __init__(self, *args: Any, requirement: Requirement, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["statement"].required = not self.is_bound or "not_required" in self.data
        if not requirement.expires:
            del self.fields["valid_until"]
        if not requirement.allows_not_required:
            del self.fields["not_required"], self.fields["statement"]
        self.parts = requirement.parts
        add_claims(self, self.parts)

    def given(self) -> dict[str, Any]:
        """What the service is given."""
        plain = {
            name: value for name, value in self.cleaned_data.items() if not name.startswith("part_")
        }
        return {**plain, "parts": claims_of(self.cleaned_data, self.parts)}

    def clean_file(self) -> Any:
        return self.cleaned_data["file"] or None


class ReasonChoices(forms.RadioSelect):
    """Reason codes as large rows; each carries the outcome it belongs to, so that the page shows only those of the chosen one."""

    def __init__(self, reasons: list[Reason]) -> None:
        super().__init__()
        self.purposes = {reason.code: reason.purpose for reason in reasons}

    def create_option(self, name, value, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *args, **kwargs)
        option["purpose"] = self.purposes.get(str(value), "")
        return option


def reason_field(reasons: list[Reason]) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=_("Reason code"),
        choices=[(reason.code, reason.text) for reason in reasons],
        widget=ReasonChoices(reasons),
        error_messages={"required": _("Choose a reason.")},
    )


class ReviewForm(forms.Form):
    """A registrar's decision on a document."""

    outcome = forms.ChoiceField(
        label=_("Decision"),
        choices=[
            (choice.value, choice.label)
            for choice in (
                DocumentReview.Outcome.MET,
                DocumentReview.Outcome.MORE_INFORMATION,
                DocumentReview.Outcome.NOT_MET,
            )
        ],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose a decision.")},
    )
    valid_until = DayField(
        label=_("Valid until"),
        required=False,
        help_text=_(
            "The last day it counts. It comes from the applicant; correct it from the document."
        ),
        error_messages={"required": _("Enter the last day it counts.")},
    )
    note = forms.CharField(
        label=_("Note for the record"),
        max_length=4000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("The applicant can ask to see it."),
    )

    def __init__(
        self, *args: Any, reasons: list[Reason], document: Document, **kwargs: Any
    ) -> None:
        super().__init__(*args, **{**kwargs, "initial": {"valid_until": document.valid_until}})
        self.fields["reason_code"] = reason_field(reasons)
        # Whatever is accepted for a time has a last day; a statement that nothing is required may have one.
        decided = self.data.get("outcome") if self.is_bound else "met"
        self.fields["valid_until"].required = decided == "met" and not document.not_required
        if not document.requirement.expires:
            del self.fields["valid_until"]
        self.order_fields(["outcome", "reason_code", "valid_until", "note"])
        self.parts = [] if document.not_required else document.requirement.parts
        add_counts(self, self.parts, document.parts)

    def given(self) -> dict[str, Any]:
        """What the service is given."""
        plain = {
            name: value for name, value in self.cleaned_data.items() if not name.startswith("part_")
        }
        return {**plain, "parts": counts_of(self.cleaned_data, self.parts)}

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if "outcome" in self.errors:  # reasons are shown once there is an outcome
            self.errors.pop("reason_code", None)
        return data


# Hours with one decimal; whatever is wrong with them is said in one sentence.
HOURS: dict[str, Any] = {
    "min_value": Decimal(0),
    "max_digits": 5,
    "decimal_places": 1,
    "error_messages": dict.fromkeys(
        (
            "required",
            "invalid",
            "min_value",
            "max_digits",
            "max_decimal_places",
            "max_whole_digits",
        ),
        _("Give hours from 0 to 9999, with one decimal at most."),
    ),
}


CONFIRMED: dict[str, Any] = {
    "label": _("I have read what the public will see, and mean it"),
    "error_messages": {"required": _("Confirm that you mean it.")},
}


def note_field(**kwargs: Any) -> forms.CharField:
    said = {
        "label": _("Note for the record"),
        "help_text": _("Private: registrars and auditors see it, the public never."),
    }
    return forms.CharField(
        max_length=4000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        **{**said, **kwargs},
    )


class ChangeForm(forms.Form):
    """A change of a credential: a reason, a private note, and the word that one means it."""

    name = forms.CharField(
        label=_("Name from now on"),
        max_length=150,
        help_text=_("As on the proof you saw. The register, new documents and the search say it."),
        error_messages={"required": _("Enter the name.")},
    )
    scope = forms.CharField(
        label=_("What it covers from then on"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("Say what the credential covers.")},
    )
    limits = forms.CharField(
        label=_("What it does not cover"),
        max_length=4000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    hours = forms.DecimalField(label=_("Hours of continuing education checked"), **HOURS)
    ethics_hours = forms.DecimalField(label=_("Of these, hours of ethics and law"), **HOURS)
    effective_on = DayField(
        label=_("From which day"),
        required=False,
        help_text=_(
            "Empty means from this moment. Or a day in the past or to come, where one was decided on."
        ),
    )
    note = note_field()
    confirmed = forms.BooleanField(**CONFIRMED)

    def __init__(
        self,
        *args: Any,
        reasons: list[Reason],
        asks: tuple[str, ...],
        credential: Credential,
        covered: Any,
        **kwargs: Any,
    ) -> None:
        said = {"name": credential.name, "scope": covered.scope, "limits": covered.limits}
        super().__init__(*args, **{"initial": said, **kwargs})
        self.fields["reason_code"] = reason_field(reasons)
        for name in ("name", "scope", "limits", "hours", "ethics_hours", "effective_on"):
            if name not in asks:
                del self.fields[name]
        self.order_fields([*asks, "reason_code", "note", "confirmed"])

    def given(self) -> dict[str, Any]:
        """What the service is given."""
        return {name: value for name, value in self.cleaned_data.items() if name != "confirmed"}

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        hours, ethics = data.get("hours"), data.get("ethics_hours")
        if hours is not None and ethics is not None and ethics > hours:
            self.add_error(
                "ethics_hours",
                _("These are part of the hours above; there cannot be more of them."),
            )
        return data


class ProposalForm(forms.Form):
    """The second pair of eyes on a revocation. Names the proposal it was shown, so that nobody approves another."""

    proposal = forms.CharField(widget=forms.HiddenInput)
    decision = forms.ChoiceField(
        label=_("Your decision"),
        choices=[
            ("approve", _("Approve: revoke it for good")),
            ("decline", _("Decline: it stays as it is")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose a decision.")},
    )
    note = note_field()
    confirmed = forms.BooleanField(**CONFIRMED)

    def __init__(self, *args: Any, proposal: Proposal, own: bool, **kwargs: Any) -> None:
        super().__init__(*args, **{"initial": {"proposal": str(proposal.uuid)}, **kwargs})
        self.shown = str(proposal.uuid)
        if own:
            self.fields["decision"] = forms.CharField(widget=forms.HiddenInput, initial="take_back")
            del self.fields["confirmed"]

    def clean_proposal(self) -> str:
        if self.cleaned_data["proposal"] != self.shown:
            raise ValidationError(
                _("The proposal has changed since you opened this page. Read it again.")
            )
        return self.shown


class WithdrawForm(forms.Form):
    note = note_field()

    def __init__(self, *args: Any, reasons: list[Reason], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason_code"] = reason_field(reasons)
        self.order_fields(["reason_code", "note"])
