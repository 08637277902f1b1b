"""One StreamField block per item type: its editor, its validation and its stored form in one class.

`frozen()` turns a block's value into the parts of an item version: `{options, key, rationales, …}` with random option ids, because an
authored letter would leak the key. See README.md for the shapes.
"""

import secrets
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from wagtail.blocks import (
    BooleanBlock,
    CharBlock,
    DecimalBlock,
    ListBlock,
    StreamBlock,
    StructBlock,
    StructBlockValidationError,
    TextBlock,
)


def new_id() -> str:
    """An option id: short, random, says nothing about the order it was written in."""
    return secrets.token_hex(3)


class OptionBlock(StructBlock):
    text = TextBlock(label=_("Option"), rows=2)
    correct = BooleanBlock(label=_("Correct"), required=False)
    rationale = TextBlock(label=_("Why it is right or wrong"), rows=2)

    class Meta:
        label = _("Option")


class ItemTypeBlock(StructBlock):
    """Base of all item types."""

    def frozen(self, value: Any) -> dict[str, Any]:
        raise NotImplementedError


class _OptionsBlock(ItemTypeBlock):
    options = ListBlock(OptionBlock(), label=_("Options"), min_num=2, max_num=8)

    def count_correct(self, value: Any) -> int:
        return sum(1 for option in value["options"] if option["correct"])

    def frozen(self, value: Any) -> dict[str, Any]:
        rows = [(new_id(), option) for option in value["options"]]
        correct = [key for key, option in rows if option["correct"]]
        return {
            "options": [{"id": key, "text": option["text"]} for key, option in rows],
            "key": self.key(correct),
            "rationales": {key: option["rationale"] for key, option in rows},
        }

    def key(self, correct: list[str]) -> dict[str, Any]:
        raise NotImplementedError


class SingleBlock(_OptionsBlock):
    def clean(self, value: Any) -> Any:
        value = super().clean(value)
        if self.count_correct(value) != 1:
            raise StructBlockValidationError(non_block_errors=[ValidationError(_("Mark exactly one option as correct."))])
        return value

    def key(self, correct: list[str]) -> dict[str, Any]:
        return {"choice": correct[0]}

    class Meta:
        label = _("Single choice")
        icon = "radio-full"


class MultipleBlock(_OptionsBlock):
    def clean(self, value: Any) -> Any:
        value = super().clean(value)
        if self.count_correct(value) < 1:
            raise StructBlockValidationError(non_block_errors=[ValidationError(_("Mark at least one option as correct."))])
        return value

    def key(self, correct: list[str]) -> dict[str, Any]:
        return {"choices": sorted(correct)}

    class Meta:
        label = _("Multiple choice")
        icon = "tick-inverse"


class TrueFalseBlock(ItemTypeBlock):
    answer = BooleanBlock(label=_("The statement is true"), required=False)
    why_true = TextBlock(label=_("Said to those who answer “true”"), rows=2)
    why_false = TextBlock(label=_("Said to those who answer “false”"), rows=2)

    def frozen(self, value: Any) -> dict[str, Any]:
        return {
            "options": [{"id": "true", "text": "True"}, {"id": "false", "text": "False"}],
            "key": {"choice": "true" if value["answer"] else "false"},
            "rationales": {"true": value["why_true"], "false": value["why_false"]},
        }

    class Meta:
        label = _("True or false")
        icon = "check"


class StepBlock(StructBlock):
    text = TextBlock(label=_("Step"), rows=2)
    rationale = TextBlock(label=_("Why it stands here"), rows=2)


class OrderBlock(ItemTypeBlock):
    sequence = ListBlock(StepBlock(), label=_("Steps, in the right order"), min_num=2, max_num=8)

    def frozen(self, value: Any) -> dict[str, Any]:
        rows = [(new_id(), step) for step in value["sequence"]]
        # Kept sorted by their random ids, so that the stored order says nothing.
        return {
            "options": [{"id": key, "text": step["text"]} for key, step in sorted(rows, key=lambda row: row[0])],
            "key": {"order": [key for key, _step in rows]},
            "rationales": {key: step["rationale"] for key, step in rows},
        }

    class Meta:
        label = _("Ordering")
        icon = "list-ol"


class PairBlock(StructBlock):
    left = CharBlock(label=_("Left"), max_length=250)
    right = CharBlock(label=_("Right"), max_length=250)
    rationale = TextBlock(label=_("Why they belong together"), rows=2)


class MatchBlock(ItemTypeBlock):
    pairs = ListBlock(PairBlock(), label=_("Pairs"), min_num=2, max_num=8)
    extra_right = ListBlock(CharBlock(max_length=250), label=_("Right-hand entries that fit nothing"), default=[])

    def clean(self, value: Any) -> Any:
        value = super().clean(value)
        rights = [pair["right"] for pair in value["pairs"]] + list(value["extra_right"])
        if len(set(rights)) != len(rights):
            raise StructBlockValidationError(non_block_errors=[ValidationError(_("Each right-hand entry may stand once."))])
        return value

    def frozen(self, value: Any) -> dict[str, Any]:
        rows = [(new_id(), new_id(), pair) for pair in value["pairs"]]
        rights = [(right, pair["right"]) for _left, right, pair in rows]
        rights += [(new_id(), text) for text in value["extra_right"]]
        return {
            "options": [{"id": left, "text": pair["left"]} for left, _right, pair in rows],
            "targets": [{"id": key, "text": text} for key, text in sorted(rights)],
            "key": {"pairs": {left: right for left, right, _pair in rows}},
            "rationales": {left: pair["rationale"] for left, _right, pair in rows},
        }

    class Meta:
        label = _("Matching")
        icon = "link"


class NumericBlock(ItemTypeBlock):
    value = DecimalBlock(label=_("Answer"))
    tolerance = DecimalBlock(label=_("Tolerance, either side"), min_value=0, default=0)
    unit = CharBlock(label=_("Unit"), required=False, max_length=30)
    rationale = TextBlock(label=_("Why"), rows=2)

    def frozen(self, value: Any) -> dict[str, Any]:
        return {
            "options": [],
            "unit": value["unit"],
            "key": {"value": float(value["value"])},
            "scoring": {"tolerance": float(value["tolerance"])},
            "rationales": {"": value["rationale"]},
        }

    class Meta:
        label = _("Number")
        icon = "order"


class ShortTextBlock(ItemTypeBlock):
    accept = ListBlock(CharBlock(max_length=100), label=_("Accepted answers"), min_num=1)
    rationale = TextBlock(label=_("Why"), rows=2)

    def frozen(self, value: Any) -> dict[str, Any]:
        accept = list(value["accept"])
        return {
            "options": [],
            "key": {"text": accept[0]},
            "scoring": {"accept": accept},
            "rationales": {"": value["rationale"]},
        }

    class Meta:
        label = _("Short text")
        icon = "pilcrow"


class ItemBody(StreamBlock):
    """Exactly one item type."""

    single = SingleBlock()
    multiple = MultipleBlock()
    truefalse = TrueFalseBlock()
    order = OrderBlock()
    match = MatchBlock()
    numeric = NumericBlock()
    text = ShortTextBlock()

    class Meta:
        min_num = 1
        max_num = 1
        form_classname = "item-body"


