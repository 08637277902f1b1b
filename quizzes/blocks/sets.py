"""Several questions in one item: an extended matching, and a case set."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from wagtail.blocks import CharBlock, ListBlock, StructBlock, TextBlock

from quizzes.blocks.choices import SingleBlock
from quizzes.blocks.common import new_id, refuse, refuse_twins
from quizzes.rules import RULES


class StemBlock(StructBlock):
    text = TextBlock(label=_("Stem"), rows=2)
    answer = CharBlock(
        label=_("Right option"),
        max_length=250,
        help_text=_("Written as it stands in the list of options."),
    )
    rationale = TextBlock(label=_("Why it is this one"), rows=2)

    class Meta:
        label = _("Stem")
        label_format = "{text}"


class ExtendedBlock(StructBlock):
    theme = CharBlock(
        label=_("Theme"),
        max_length=250,
        help_text=_("What the options have in common, for example: structures of the knee."),
    )
    choices = ListBlock(
        CharBlock(max_length=250), label=_("Options for all stems"), min_num=3, max_num=20
    )
    stems = ListBlock(StemBlock(), label=_("Stems"), min_num=2, max_num=10)

    def clean(self, value: Any) -> Any:
        value = super().clean(value)
        refuse_twins(value["choices"], _("Each option may stand once."))
        refuse_twins((stem["text"] for stem in value["stems"]), _("Each stem may stand once."))
        options = {text.strip() for text in value["choices"]}
        for stem in value["stems"]:
            if stem["answer"].strip() not in options:
                refuse(
                    _("“%(answer)s” is the right option of a stem, but not on the list of options.")
                    % {"answer": stem["answer"]}
                )
        return value

    def frozen(self, value: Any) -> dict[str, Any]:
        # In the order of the alphabet, as such lists are read: where an option stands says nothing.
        options = {text.strip(): new_id() for text in sorted(value["choices"], key=str.casefold)}
        rows = [(new_id(), stem) for stem in value["stems"]]
        return {
            "theme": value["theme"],
            "options": [{"id": key, "text": stem["text"]} for key, stem in rows],
            "targets": [{"id": key, "text": text} for text, key in options.items()],
            "key": {"pairs": {key: options[stem["answer"].strip()] for key, stem in rows}},
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


class CaseBlock(StructBlock):
    """The case itself is the item's situation."""

    needs_stimulus = True

    parts = ListBlock(PartBlock(), label=_("Questions of the case"), min_num=2, max_num=6)

    def clean(self, value: Any) -> Any:
        value = super().clean(value)
        refuse_twins((part["stem"] for part in value["parts"]), _("Each question may stand once."))
        return value

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
