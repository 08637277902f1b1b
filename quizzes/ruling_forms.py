"""The form of a ruling on a question. What else counts as right has the shape of the question: options, regions, lines, places, pairs."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quizzes import scoring
from quizzes.geometry import contains
from quizzes.models import ItemRuling, ItemVersion
from quizzes.rulings import ENTRIES
from quizzes.services import right_of

# One more key for the whole question, said entry by entry.
WHOLE = {"order", *ENTRIES}
HINTS = {
    "multiple": gettext_lazy("All that are chosen together make one right answer."),
    "hotspot": gettext_lazy("A marker in any of these regions is right too."),
    "text": gettext_lazy("One answer a line."),
    "numeric": gettext_lazy("One number a line; the tolerance holds round each."),
    "order": gettext_lazy("Give each step its place in the other right order."),
    "match": gettext_lazy(
        "Change what the other key has otherwise. All of it together is one more key."
    ),
    "extended": gettext_lazy(
        "Change the stems that have another right option; each stem stands for itself."
    ),
    "case": gettext_lazy(
        "Change the questions that have another right option; each question stands for itself."
    ),
}
HINTS["label"] = HINTS["match"]


class RulingForm(forms.Form):
    kind = forms.ChoiceField(
        label=gettext_lazy("Ruling"), widget=forms.RadioSelect, choices=ItemRuling.Kind.choices
    )
    reasons = forms.CharField(
        label=gettext_lazy("Reasons"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=gettext_lazy(
            "What is wrong, by which source, and why this ruling. Registrars read it: do not repeat the question or its answers."
        ),
    )

    # What a ruling does, under its name.
    MEANS = {
        ItemRuling.Kind.VOID: gettext_lazy(
            "Out of every result: neither its points nor what they are out of"
        ),
        ItemRuling.Kind.CREDIT: gettext_lazy("Everybody who met it has all its points"),
        ItemRuling.Kind.RESCORE: gettext_lazy(
            "The answers you name are right too; nobody loses by it"
        ),
        ItemRuling.Kind.STANDS: gettext_lazy("As it was marked at first"),
    }

    def __init__(
        self, *args: Any, version: ItemVersion, before: ItemRuling | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.content = version.content
        self.counting = (
            list(before.also) if before and before.kind == ItemRuling.Kind.RESCORE else []
        )
        if not self.can_name:
            field = self.fields["kind"]
            field.choices = [  # type: ignore[attr-defined]
                pair for pair in ItemRuling.Kind.choices if pair[0] != ItemRuling.Kind.RESCORE
            ]
        elif self.content["type"] in WHOLE:
            self._add_entries()
        else:
            self.fields["also"] = self._also()
        if self.counting and self.content["type"] in {*WHOLE, "multiple"}:
            self.fields["kept"] = self._kept()

    @property
    def can_name(self) -> bool:
        """Whether a second key is possible: not where people mark."""
        return not scoring.is_marked_by_hand(self.content)

    @property
    def hint(self) -> str:
        return str(HINTS.get(self.content["type"], ""))

    # The fields of what else counts

    def _also(self) -> forms.Field:
        label, kind = _("These count as well"), self.content["type"]
        if kind in ("text", "numeric"):
            said = "\n".join(in_words(self.content, answer) for answer in self.counting)
            return forms.CharField(
                label=label,
                required=False,
                initial=said,
                help_text=self.hint,
                widget=forms.Textarea(attrs={"rows": 3}),
            )
        return forms.MultipleChoiceField(
            label=label,
            required=False,
            help_text=self.hint,
            widget=forms.CheckboxSelectMultiple,
            choices=self._wrong_options(),
            initial=self._options_counting(),
        )

    def _wrong_options(self) -> list[tuple[str, str]]:
        right = _right_regions(self.content) if self._is_spot else right_of(self.content)
        every = self.content["type"] == "multiple"
        rows = self.content["options"]
        return [(row["id"], row["text"]) for row in rows if every or not right[row["id"]]]

    @property
    def _is_spot(self) -> bool:
        return self.content["type"] == "hotspot"

    def _options_counting(self) -> list[str]:
        if self._is_spot:
            return [_region_at(self.content, answer) for answer in self.counting]
        return [answer["choice"] for answer in self.counting if "choice" in answer]

    def _add_entries(self) -> None:
        for name, label, choices, initial in _entries(self.content):
            self.fields[name] = forms.ChoiceField(
                label=label, choices=choices, initial=initial, required=False
            )

    def _kept(self) -> forms.Field:
        return forms.TypedMultipleChoiceField(
            label=_("These count already"),
            coerce=int,
            required=False,
            help_text=_("Take the mark away from what shall count no more."),
            widget=forms.CheckboxSelectMultiple,
            choices=[(n, in_words(self.content, row)) for n, row in enumerate(self.counting)],
            initial=list(range(len(self.counting))),
        )

    # As the page shows it

    @property
    def rows(self) -> list[tuple[Any, str]]:
        """Each choice of a ruling with what it does."""
        return [(choice, str(self.MEANS[choice.data["value"]])) for choice in self["kind"]]

    @property
    def entries(self) -> list[Any]:
        return [self[name] for name in self.fields if name.startswith("entry_")]

    # As the service takes it

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if self.content["type"] == "order" and given.get("kind") == ItemRuling.Kind.RESCORE:
            places = [given.get(field.name) for field in self.entries]
            if len(set(places)) != len(places):
                raise forms.ValidationError(_("Give each place in the order to one step only."))
        return given

    def named(self) -> list[dict[str, Any]]:
        """The answers that count as well, in the shape of answers."""
        if self.cleaned_data["kind"] != ItemRuling.Kind.RESCORE:
            return []
        kept = [self.counting[n] for n in self.cleaned_data.get("kept", ())]
        return kept + [row for row in self._new() if row not in kept]

    def _new(self) -> list[dict[str, Any]]:
        if self.content["type"] in WHOLE:
            key = self._other_key()
            return [] if key == self.content["key"] else [key]
        said = self.cleaned_data["also"]
        match self.content["type"]:
            case "multiple":
                return [{"choices": sorted(said)}] if said else []
            case "numeric":
                return [{"value": _number(line)} for line in _lines(said)]
            case "text":
                return [{"text": line} for line in _lines(said)]
            case "hotspot":
                options = {row["id"]: row for row in self.content["options"]}
                return [{"x": options[name]["x"], "y": options[name]["y"]} for name in said]
        return [{"choice": option} for option in said]

    def _other_key(self) -> dict[str, Any]:
        said = {
            field.name.removeprefix("entry_"): self.cleaned_data[field.name]
            for field in self.entries
        }
        if self.content["type"] == "order":
            return {"order": sorted(said, key=lambda name: int(said[name]))}
        return {ENTRIES[self.content["type"]]: said}


def _entries(content: Mapping[str, Any]) -> Iterable[tuple[str, str, list[tuple[str, str]], str]]:
    """Of each entry of a question: the field's name, what it says, what it may be given, and what the key gives it."""
    if content["type"] == "order":
        places = [(str(n), str(n)) for n in range(1, len(content["options"]) + 1)]
        texts = {row["id"]: row["text"] for row in content["options"]}
        for n, name in enumerate(content["key"]["order"], 1):
            yield f"entry_{name}", texts[name], places, str(n)
        return
    key = content["key"][ENTRIES[content["type"]]]
    for row in content.get("parts") or content["options"]:
        choices = [
            (entry["id"], entry["text"]) for entry in row.get("options") or content["targets"]
        ]
        where = row.get("where")
        label = f"{row['text']}. {where}" if where else row["text"]
        yield f"entry_{row['id']}", label, choices, key[row["id"]]


def _right_regions(content: Mapping[str, Any]) -> dict[str, bool]:
    return {row["id"]: row["correct"] for row in content["scoring"]["regions"]}


def _region_at(content: Mapping[str, Any], answer: Mapping[str, Any]) -> str:
    rows = content["scoring"]["regions"]
    return next(
        (row["id"] for row in rows if contains(row["outline"], answer["x"], answer["y"])), ""
    )


def in_words(content: Mapping[str, Any], answer: Mapping[str, Any]) -> str:
    """An answer as a reader of the bank reads it; of several entries those that differ from the key."""
    texts = {row["id"]: row["text"] for row in [*content["options"], *content.get("targets", [])]}
    for part in content.get("parts", []):
        texts |= {row["id"]: row["text"] for row in [part, *part["options"]]}
    kind = content["type"]
    if kind in ENTRIES:
        field = ENTRIES[kind]
        other = {
            entry: given
            for entry, given in answer[field].items()
            if given != content["key"][field].get(entry)
        }
        return "; ".join(f"{texts[entry]} → {texts[given]}" for entry, given in other.items())
    match kind:
        case "order":
            return " → ".join(texts[name] for name in answer["order"])
        case "multiple":
            return " + ".join(texts[name] for name in answer["choices"])
        case "hotspot":
            return texts.get(_region_at(content, answer), "")
        case "numeric":
            return f"{answer['value']:g}"
        case "text":
            return str(answer["text"])
    return texts[answer["choice"]]


def _lines(said: str) -> list[str]:
    return [line.strip() for line in said.splitlines() if line.strip()]


def _number(line: str) -> Any:
    """A number, or what was written, which the service then refuses in words."""
    try:
        return float(line)
    except ValueError:
        return line
