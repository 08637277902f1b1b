"""Choices, orders, pairs, numbers and words."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from wagtail.blocks import (
    BooleanBlock,
    CharBlock,
    DecimalBlock,
    ListBlock,
    StructBlock,
    TextBlock,
)

from quizzes.blocks.common import CheckedBlock, EntryBlock, new_id, refuse, refuse_twins
from quizzes.rules import RULES


class OptionBlock(StructBlock):
    text = TextBlock(label=_("Option"), rows=2)
    correct = BooleanBlock(label=_("Correct"), required=False)
    rationale = TextBlock(label=_("Why it is right or wrong"), rows=2)

    class Meta:
        label = _("Option")


class OptionsBlock(CheckedBlock):
    options = ListBlock(OptionBlock(), label=_("Options"), min_num=2, max_num=8)

    def check_whole(self, value: Any) -> None:
        refuse_twins(
            (option["text"] for option in value["options"]), _("Each option may stand once.")
        )

    def count_correct(self, value: Any) -> int:
        return sum(1 for option in value["options"] if option["correct"])

    def _frozen(self, value: Any) -> tuple[dict[str, Any], list[str]]:
        """The parts of a version but for the key, and the ids of the correct options."""
        rows = [(new_id(), option) for option in value["options"]]
        parts = {
            "options": [{"id": key, "text": option["text"]} for key, option in rows],
            "rationales": {key: option["rationale"] for key, option in rows},
        }
        return parts, [key for key, option in rows if option["correct"]]


class SingleBlock(OptionsBlock):
    def check_whole(self, value: Any) -> None:
        super().check_whole(value)
        if self.count_correct(value) != 1:
            refuse(_("Mark exactly one option as correct."))

    def frozen(self, value: Any) -> dict[str, Any]:
        parts, (correct, *_others) = self._frozen(value)
        return {**parts, "key": {"choice": correct}}

    class Meta:
        label = _("Single choice")
        icon = "radio-full"


class MultipleBlock(OptionsBlock):
    def check_whole(self, value: Any) -> None:
        super().check_whole(value)
        if self.count_correct(value) < 1:
            refuse(_("Mark at least one option as correct."))

    def frozen(self, value: Any) -> dict[str, Any]:
        parts, correct = self._frozen(value)
        return {**parts, "key": {"choices": sorted(correct)}}

    class Meta:
        label = _("Multiple choice")
        help_text = RULES["multiple"]
        icon = "tick-inverse"


class TrueFalseBlock(StructBlock):
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


class OrderBlock(CheckedBlock):
    sequence = ListBlock(StepBlock(), label=_("Steps, in the right order"), min_num=2, max_num=8)

    def check_whole(self, value: Any) -> None:
        refuse_twins((step["text"] for step in value["sequence"]), _("Each step may stand once."))

    def frozen(self, value: Any) -> dict[str, Any]:
        rows = [(new_id(), step) for step in value["sequence"]]
        # Kept sorted by their random ids, so that the stored order says nothing.
        return {
            "options": sorted(
                ({"id": key, "text": step["text"]} for key, step in rows), key=lambda row: row["id"]
            ),
            "key": {"order": [key for key, _step in rows]},
            "rationales": {key: step["rationale"] for key, step in rows},
        }

    class Meta:
        label = _("Ordering")
        help_text = RULES["order"]
        icon = "list-ol"


class PairBlock(StructBlock):
    left = CharBlock(label=_("Left"), max_length=250)
    right = CharBlock(label=_("Right"), max_length=250)
    rationale = TextBlock(label=_("Why they belong together"), rows=2)


class MatchBlock(CheckedBlock):
    pairs = ListBlock(PairBlock(), label=_("Pairs"), min_num=2, max_num=8)
    extra_right = ListBlock(
        EntryBlock(max_length=250, label=_("Right")),
        label=_("Right-hand entries that fit nothing"),
        max_num=4,
        default=[],
    )

    def check_whole(self, value: Any) -> None:
        refuse_twins(
            (pair["left"] for pair in value["pairs"]), _("Each left-hand entry may stand once.")
        )
        rights = [*(pair["right"] for pair in value["pairs"]), *value["extra_right"]]
        refuse_twins(rights, _("Each right-hand entry may stand once."))

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
        help_text = RULES["match"]
        icon = "link"


class NumericBlock(StructBlock):
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


class ShortTextBlock(StructBlock):
    accept = ListBlock(
        EntryBlock(max_length=100, label=_("Accepted answer")),
        label=_("Accepted answers"),
        min_num=1,
    )
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
