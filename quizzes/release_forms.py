"""Forms of marking, ruling and releasing. They read shapes; what is allowed is decided by the services."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from quizzes.models import ItemRuling, ItemVersion
from quizzes.services import right_of


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


class RulingForm(forms.Form):
    kind = forms.ChoiceField(label=_("Ruling"), widget=forms.RadioSelect, choices=())
    also = forms.Field(required=False)
    reasons = forms.CharField(
        label=_("Reasons"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_(
            "What is wrong, by which source, and why this ruling. Registrars read it: do not repeat the question or its answers."
        ),
    )

    # What a ruling does, under its name.
    MEANS = {
        ItemRuling.Kind.VOID: _("Out of every result: neither its points nor what they are out of"),
        ItemRuling.Kind.CREDIT: _("Everybody who met it has all its points"),
        ItemRuling.Kind.RESCORE: _("The answers you name are right too; nobody loses by it"),
        ItemRuling.Kind.STANDS: _("As it was marked at first"),
    }

    def __init__(self, *args: Any, version: ItemVersion, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.content = version.content
        self.fields["also"] = self._also()
        kinds = [
            (kind, kind.label)
            for kind in ItemRuling.Kind
            if kind != ItemRuling.Kind.RESCORE or self.can_name
        ]
        self.fields["kind"].choices = kinds  # type: ignore[attr-defined]

    @property
    def can_name(self) -> bool:
        """Whether other right answers of this type can be named on a form."""
        return bool(right_of(self.content)) or self.content["type"] in ("text", "numeric")

    def _also(self) -> forms.Field:
        label = _("These count as well")
        kind = self.content["type"]
        if right_of(self.content):
            hint = (
                _("All that are chosen together make one right answer.")
                if kind == "multiple"
                else ""
            )
            right = right_of(self.content)
            return forms.MultipleChoiceField(
                label=label,
                required=False,
                help_text=hint,
                widget=forms.CheckboxSelectMultiple,
                choices=[
                    (row["id"], row["text"])
                    for row in self.content["options"]
                    if kind == "multiple" or not right[row["id"]]
                ],
            )
        return forms.CharField(
            label=label,
            required=False,
            help_text=_("One answer a line."),
            widget=forms.Textarea(attrs={"rows": 3}),
        )

    @property
    def rows(self) -> list[tuple[Any, str]]:
        """Each choice of a ruling with what it does."""
        return [(choice, str(self.MEANS[choice.data["value"]])) for choice in self["kind"]]

    def named(self) -> list[dict[str, Any]]:
        """The answers that count as well, in the shape of answers."""
        if self.cleaned_data["kind"] != ItemRuling.Kind.RESCORE:
            return []
        said = self.cleaned_data["also"]
        match self.content["type"]:
            case "multiple":
                return [{"choices": said}] if said else []
            case "numeric":
                return [{"value": _number(line)} for line in _lines(said)]
            case "text":
                return [{"text": line} for line in _lines(said)]
        return [{"choice": option} for option in said]


def _lines(said: str) -> list[str]:
    return [line.strip() for line in said.splitlines() if line.strip()]


def _number(line: str) -> Any:
    """A number, or what was written, which the service then refuses in words."""
    try:
        return float(line)
    except ValueError:
        return line


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
