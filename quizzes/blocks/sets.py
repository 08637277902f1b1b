"""Several questions in one item: an extended matching, and a case set."""

from collections.abc import Iterable
from string import ascii_uppercase
from typing import Any

from django.utils.translation import gettext_lazy as _
from wagtail.blocks import CharBlock, ListBlock, StructBlock, TextBlock

from quizzes.blocks.choices import SingleBlock
from quizzes.blocks.common import CheckedBlock, EntryBlock, new_id, refuse, refuse_twins
from quizzes.rules import RULES


class RightOptionBlock(CharBlock):
    """One of the options above, chosen from their list; without the script, its letter or its words."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        said = {"data-right-option": "", "data-stray-label": _("not on the list")}
        self.field.widget.attrs.update(said)


class StemBlock(StructBlock):
    text = TextBlock(label=_("Stem"), rows=2)
    answer = RightOptionBlock(
        label=_("Right option"),
        max_length=250,
        help_text=_("Its letter, A for the first of the list, or its words."),
    )
    rationale = TextBlock(label=_("Why it is this one"), rows=2)

    class Meta:
        label = _("Stem")
        label_format = "{text}"


def right_option(choices: Iterable[str], said: str | None) -> str:
    """The option that words or a letter name, as the list has it; else what was said."""
    texts = [text.strip() for text in choices]
    given = (said or "").strip()
    if given in texts:
        return given
    return dict(zip(ascii_uppercase, texts, strict=False)).get(given.upper(), given)


class ExtendedBlock(CheckedBlock):
    theme = CharBlock(
        label=_("Theme"),
        max_length=250,
        help_text=_("What the options have in common, for example: structures of the knee."),
    )
    choices = ListBlock(
        EntryBlock(max_length=250, label=_("Option")),
        label=_("Options for all stems"),
        min_num=3,
        max_num=20,
    )
    stems = ListBlock(StemBlock(), label=_("Stems"), min_num=2, max_num=10)

    def clean(self, value: Any) -> Any:
        """With letters put into words, so that an option keeps its stems wherever it comes to stand."""
        value = super().clean(value)
        for stem in value["stems"]:
            stem["answer"] = right_option(value["choices"], stem["answer"])
        return value

    def check_whole(self, value: Any) -> None:
        refuse_twins(value["choices"], _("Each option may stand once."))
        refuse_twins((stem["text"] for stem in value["stems"]), _("Each stem may stand once."))
        options = {text.strip() for text in value["choices"]}
        for stem in value["stems"]:
            if right_option(value["choices"], stem["answer"]) not in options:
                refuse(
                    _("“%(answer)s” is the right option of a stem, but not on the list of options.")
                    % {"answer": stem["answer"]}
                )

    def frozen(self, value: Any) -> dict[str, Any]:
        # In the order of the alphabet, as such lists are read: where an option stands says nothing.
        options = {text.strip(): new_id() for text in sorted(value["choices"], key=str.casefold)}
        rows = [(new_id(), stem) for stem in value["stems"]]
        right = {key: right_option(value["choices"], stem["answer"]) for key, stem in rows}
        return {
            "theme": value["theme"],
            "options": [{"id": key, "text": stem["text"]} for key, stem in rows],
            "targets": [{"id": key, "text": text} for text, key in options.items()],
            "key": {"pairs": {key: options[right[key]] for key, _stem in rows}},
            "rationales": {key: stem["rationale"] for key, stem in rows},
        }

    class Meta:
        label = _("Extended matching")
        icon = "table"
        help_text = RULES["extended"]


class PartBlock(SingleBlock):
    stem = TextBlock(label=_("Question"), rows=2)

    class Meta:
        label = _("Question of the case")
        label_format = "{stem}"
        form_layout = ["stem", "options"]


class CaseBlock(CheckedBlock):
    """The case itself is the item's situation."""

    needs_stimulus = True

    parts = ListBlock(PartBlock(), label=_("Questions of the case"), min_num=2, max_num=6)

    def check_whole(self, value: Any) -> None:
        refuse_twins((part["stem"] for part in value["parts"]), _("Each question may stand once."))

    def frozen(self, value: Any) -> dict[str, Any]:
        rows = [
            (new_id(), part, block.frozen(part))
            for block, part in ((value["parts"].list_block.child_block, p) for p in value["parts"])
        ]
        return {
            "points": len(rows),
            "options": [],
            "parts": [
                {"id": key, "text": part["stem"], "options": asked["options"]}
                for key, part, asked in rows
            ],
            "key": {"parts": {key: asked["key"]["choice"] for key, _part, asked in rows}},
            "rationales": {
                name: said
                for _key, _part, asked in rows
                for name, said in asked["rationales"].items()
            },
        }

    class Meta:
        label = _("Case set")
        icon = "folder-open-inverse"
        help_text = RULES["case"]
