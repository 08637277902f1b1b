"""Forms of the registrar's desk beside documents and changes: refusals, exceptions, cases, many at once. They check shape only."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from credentials.forms import CONFIRMED, DayField
from credentials.models import Case, Exemption, Requirement


def words_field(
    label: Any, missing: Any, help_text: Any = "", required: bool = True
) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=4000,
        required=required,
        help_text=help_text,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": missing},
    )


class PersonField(forms.ModelChoiceField):
    """One of a few people, by uuid."""

    def __init__(self, label: Any, people: Any, missing: Any, **kwargs: Any) -> None:
        said = {"required": missing, "invalid_choice": missing}
        super().__init__(
            people,
            label=label,
            to_field_name="uuid",
            error_messages=said,
            empty_label=_("Choose"),
            **kwargs,
        )


class RefuseForm(forms.Form):
    """Why an application is refused."""

    reason = words_field(
        _("Why it is refused"),
        _("Say why. The applicant reads it."),
        _("The applicant reads this, with how to appeal within 30 days."),
    )
    confirmed = forms.BooleanField(
        label=_("I have read the record and mean it"), error_messages=CONFIRMED["error_messages"]
    )


class ExemptionForm(forms.Form):
    """An exception asked for: on what ground, why, and who is to approve it."""

    ground = forms.ChoiceField(
        label=_("Ground"),
        choices=Exemption.Ground.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose a ground.")},
    )
    reason = words_field(
        _("Why an exception is right here"),
        _("Say why. The approver and the report read it."),
        _("The approver and the report of exceptions read it; the applicant can ask to."),
    )
    valid_until = DayField(
        label=_("It holds until"),
        required=False,
        help_text=_("Leave it empty where it has no end."),
    )

    def __init__(self, *args: Any, approvers: Any, requirement: Requirement, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not requirement.expires:
            del self.fields["valid_until"]
        self.fields["approver"] = PersonField(
            _("Who approves or declines it"),
            approvers,
            _("Choose another registrar."),
            help_text=_("Another registrar, who neither taught nor examined the applicant."),
        )


class AnswerForm(forms.Form):
    """The approver's answer to an exception; whoever asked can only take it back."""

    answer = forms.ChoiceField(
        label=_("Your answer"),
        choices=[
            ("approve", _("Approve: the requirement is met from now")),
            ("decline", _("Decline: it stays as it is")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose an answer.")},
    )
    note = words_field(
        _("What you say to it"), "", _("Needed to decline. The report shows it."), required=False
    )

    def __init__(self, *args: Any, own: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if own:
            del self.fields["answer"]

    @property
    def approves(self) -> bool:
        return self.cleaned_data.get("answer") == "approve"


class CaseForm(forms.Form):
    """An appeal or a concern as it was received."""

    kind = forms.ChoiceField(
        label=_("What it is"),
        choices=[
            ("appeal", _("An appeal against a decision")),
            ("concern", _("A concern about a holder, an examination or the register")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose one.")},
    )
    raised_by = forms.CharField(
        label=_("Who raised it"),
        max_length=150,
        error_messages={"required": _("Say who raised it.")},
    )
    reference = forms.CharField(
        label=_("Credential or application"),
        max_length=40,
        required=False,
        help_text=_(
            "A number such as SMT-7K3Q-90TX or AP-2026-0042. Empty when it is about neither."
        ),
    )
    about = forms.CharField(
        label=_("About what"),
        max_length=200,
        help_text=_("In a line, for example: refusal of the education document."),
        error_messages={"required": _("Say what it is about.")},
    )
    said = words_field(_("What is said"), _("Write what is said."))
    received_on = DayField(
        label=_("Received on"),
        error_messages={"required": _("Enter the day it was received.")},
    )


class GiveForm(forms.Form):
    """Whose a case is from now on."""

    def __init__(self, *args: Any, people: Sequence[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = User.objects.filter(pk__in=[person.pk for person in people])
        self.fields["owner"] = PersonField(
            _("Owner"),
            rows,
            _("Choose a registrar who had no part in it."),
            help_text=_("Only registrars who had no part in what it is about are listed."),
        )


class NoteForm(forms.Form):
    note = words_field(_("What happened"), _("Write what happened."))


class CloseForm(forms.Form):
    outcome = forms.ChoiceField(
        label=_("Outcome"),
        choices=Case.Outcome.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose an outcome.")},
    )
    note = words_field(_("Why"), _("Say why, as you tell whoever raised it."))

    def __init__(self, *args: Any, follows: Sequence[Any] = (), **kwargs: Any) -> None:
        """`follows`: what may follow from it where it is upheld."""
        super().__init__(*args, **kwargs)
        if follows:
            self.fields["actions"] = forms.MultipleChoiceField(
                label=_("What follows?"),
                choices=[(row.action.value, row.action.label) for row in follows],
                required=False,
                widget=forms.CheckboxSelectMultiple,
                help_text=_(
                    "Choose at least one where it is upheld, wholly or in part. Nothing happens "
                    "by itself: whoever takes it on does each, or waives it with a reason."
                ),
            )


class LinkForm(forms.Form):
    """Whom a concern is about, as was found out after it was raised."""

    reference = forms.CharField(
        label=_("Whom it is about"),
        max_length=254,
        help_text=_("The number of a credential or an application, or an e-mail address."),
        error_messages={"required": _("Enter a number or an e-mail address.")},
    )
    note = words_field(_("How you know"), _("Say how you know."))


class UnlinkForm(forms.Form):
    note = words_field(_("Why the link is wrong"), _("Say how you know."))


class FollowUpForm(forms.Form):
    """What was done of one thing that follows, or why it is waived."""

    action = forms.CharField(widget=forms.HiddenInput)
    answer = forms.ChoiceField(
        label=_("How far is it?"),
        choices=[("done", _("Done")), ("waived", _("Waived: it will not be done"))],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose whether it is done or waived.")},
    )
    note = words_field(
        _("What was done, or why it is not"),
        _("Say what was done, or why it is not."),
        _("Whoever appealed is told this."),
    )


class BulkForm(forms.Form):
    """The same for many: a reason where it needs one, and the word that one means it."""

    note = words_field(_("Note for the record"), "", required=False)
    confirmed = forms.BooleanField(
        label=_("I have looked at the list and mean it"),
        error_messages=CONFIRMED["error_messages"],
    )

    def __init__(
        self, *args: Any, reasons: Sequence[tuple[str, str]] | None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        if reasons is None:
            del self.fields["note"]
            return
        self.fields["reason_code"] = forms.ChoiceField(
            label=_("Reason"),
            choices=[(code, f"{code} {text}") for code, text in reasons],
            widget=forms.RadioSelect,
            error_messages={"required": _("Choose a reason.")},
        )
        self.order_fields(["reason_code", "note", "confirmed"])


class PeriodForm(forms.Form):
    """From which day to which day a report reaches."""

    first = forms.DateField(required=False)
    last = forms.DateField(required=False)

    def between(self, default: tuple[date, date]) -> tuple[date, date]:
        data = self.cleaned_data if self.is_valid() else {}
        return data.get("first") or default[0], data.get("last") or default[1]
