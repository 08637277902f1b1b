"""The forms of the scheme editor: an edition, its requirements, its reasons. Only drafts are given parts."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, cast
from zoneinfo import available_timezones

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from credentials import rows_field
from credentials.models import CredentialType, Reason, Requirement
from credentials.rows_field import CategoriesField, PartsField


class RenewalRulesForm(forms.ModelForm):
    """What an edition asks of a renewal (renewing.py reads it), field by field; what has no field here stays as it is."""

    RULES = ("hours", "categories", "documents", "agreement", "opens_months")

    renewal_hours = forms.DecimalField(
        label=gettext_lazy("Hours a renewal asks for"),
        required=False,
        min_value=0,
        max_value=rows_field.MOST_RENEWAL_HOURS,
        step_size=Decimal("0.5"),
        help_text=gettext_lazy("Continuing education within the period. Nothing: none."),
    )
    renewal_categories = CategoriesField(
        label=gettext_lazy("Categories of these hours"),
        required=False,
        help_text=gettext_lazy(
            "Empty a title and its hours to take the category out; save for more rows."
        ),
    )
    renewal_documents = forms.MultipleChoiceField(
        label=gettext_lazy("Documents that are current when it is renewed"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    renewal_agreement = forms.BooleanField(
        label=gettext_lazy("The code of conduct is signed again"), required=False
    )
    renewal_opens_months = forms.IntegerField(
        label=gettext_lazy("Begun at the earliest, months before the last valid day"),
        required=False,
        min_value=1,
        max_value=120,
        help_text=gettext_lazy("Nothing: from the first day of the period."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in self.RULES:
            self.initial[f"renewal_{name}"] = self.instance.renewal.get(name)
        self._offer_documents()

    def _offer_documents(self) -> None:
        """Those of this edition that run out; a new edition has none yet."""
        field = cast(forms.MultipleChoiceField, self.fields["renewal_documents"])
        rows = self.instance.requirements.filter(expires=True) if self.instance.pk else []
        field.choices = [(row.code, row.title) for row in rows]
        if not field.choices:
            del self.fields["renewal_documents"]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        least = sum(
            Decimal(str(row.get("minimum_hours", 0))) for row in data.get("renewal_categories", ())
        )
        if "renewal_hours" in data and least > (data["renewal_hours"] or 0):
            said = _("The categories ask for %(hours)s hours at least, more than the whole.")
            self.add_error("renewal_categories", said % {"hours": least})
        self.instance.renewal = self._put_together(data)
        return data

    def _put_together(self, data: Mapping[str, Any]) -> dict[str, Any]:
        asked = [name for name in self.RULES if f"renewal_{name}" in self.fields]
        given = {name: data.get(f"renewal_{name}") for name in asked}
        given["hours"] = rows_field.number(given["hours"] or Decimal(0))
        kept = {name: value for name, value in self.instance.renewal.items() if name not in asked}
        return kept | {name: value for name, value in given.items() if value}


class EditionForm(RenewalRulesForm):
    """A draft's own words. Its state is changed by opening and closing it, never here."""

    code_of_conduct = forms.CharField(
        label=gettext_lazy("Code of conduct"),
        widget=forms.Textarea(attrs={"rows": 14}),
        help_text=gettext_lazy("One sentence a line; they are numbered in this order."),
    )
    pass_rules = forms.CharField(
        label=gettext_lazy("Pass rules"),
        widget=forms.Textarea(attrs={"rows": 6}),
        required=False,
        help_text=gettext_lazy("One sentence a line, for the public page; numbered in this order."),
    )
    zone = forms.ChoiceField(
        label=gettext_lazy("Time zone its days end in"),
        choices=[(zone, zone) for zone in sorted(available_timezones())],
    )

    class Meta:
        model = CredentialType
        fields = (
            "code",
            "edition",
            "title",
            "issuer_name",
            "number_prefix",
            "award",
            "validity_years",
            "zone",
            "description",
            "criteria",
            "scope",
            "limits",
            "pass_rules",
            "late_months",
            "code_of_conduct",
        )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            for name in ("code_of_conduct", "pass_rules"):
                self.initial[name] = "\n".join(getattr(self.instance, name))
        for name in ("description", "criteria", "scope", "limits"):
            self.fields[name].widget.attrs["rows"] = 4

    def clean_code_of_conduct(self) -> list[str]:
        return self._lines("code_of_conduct")

    def clean_pass_rules(self) -> list[str]:
        return self._lines("pass_rules")

    def _lines(self, name: str) -> list[str]:
        lines = (line.strip() for line in self.cleaned_data[name].splitlines())
        return [line for line in lines if line]

    def clean_validity_years(self) -> int:
        years = self.cleaned_data["validity_years"]
        if not 1 <= years <= 10:
            raise ValidationError(_("Between one and ten years."))
        return years


class OfADraft(forms.ModelForm):
    """A part of an edition: it can be given to drafts only."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = cast(forms.ModelChoiceField, self.fields["credential_type"])
        choices.queryset = CredentialType.objects.filter(state=CredentialType.State.DRAFT)


class RequirementForm(OfADraft):
    parts = PartsField(
        label=gettext_lazy("Parts of equivalent education"),
        required=False,
        help_text=gettext_lazy(
            "What education elsewhere is compared with, part by part. Empty a title to take the part out; save for more rows."
        ),
    )

    class Meta:
        model = Requirement
        fields = (
            "credential_type",
            "position",
            "code",
            "title",
            "kind",
            "phase",
            "help",
            "accepts_document",
            "allows_not_required",
            "expires",
            "parts",
        )
        labels = {
            "credential_type": gettext_lazy("Edition"),
            "position": gettext_lazy("Place in the list"),
            "code": gettext_lazy("Code"),
            "title": gettext_lazy("Title"),
            "kind": gettext_lazy("What shows it"),
            "phase": gettext_lazy("When it is asked for"),
            "help": gettext_lazy("What the applicant reads"),
            "accepts_document": gettext_lazy("Takes a document instead"),
            "allows_not_required": gettext_lazy("May be said not to be required"),
            "expires": gettext_lazy("Runs out"),
        }

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        takes = data.get("accepts_document") or data.get("kind") == Requirement.Kind.DOCUMENT
        if data.get("parts") and not takes:
            self.add_error("parts", _("Only what a document may stand for is compared in parts."))
        return data


class RequirementChoice(forms.ModelChoiceField):
    def label_from_instance(self, obj: Requirement) -> str:
        return f"{obj.credential_type.code} {obj.credential_type.edition}: {obj.title}"


class ReasonForm(OfADraft):
    requirement = RequirementChoice(
        label=gettext_lazy("Requirement"),
        queryset=Requirement.objects.filter(
            credential_type__state=CredentialType.State.DRAFT
        ).select_related("credential_type"),
        required=False,
    )

    class Meta:
        model = Reason
        fields = ("credential_type", "requirement", "purpose", "code", "text")
        labels = {
            "credential_type": gettext_lazy("Edition"),
            "purpose": gettext_lazy("What it is a reason for"),
            "code": gettext_lazy("Code"),
            "text": gettext_lazy("Text"),
        }

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        requirement, kind = data.get("requirement"), data.get("credential_type")
        if requirement and kind and requirement.credential_type_id != kind.pk:
            self.add_error("requirement", _("This requirement belongs to another edition."))
        document_purposes = (
            Reason.Purpose.MET,
            Reason.Purpose.NOT_MET,
            Reason.Purpose.MORE_INFORMATION,
        )
        if not requirement and data.get("purpose") in document_purposes:
            self.add_error("requirement", _("Say which requirement this reason belongs to."))
        return data
