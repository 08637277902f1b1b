"""An essay: a task, and the rubric by which people mark it."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from wagtail.blocks import DecimalBlock, IntegerBlock, ListBlock, StructBlock, TextBlock

from quizzes.blocks.common import CheckedBlock, new_id, refuse, refuse_twins
from quizzes.rules import RULES


class LineBlock(StructBlock):
    text = TextBlock(label=_("What earns the points"), rows=2)
    points = IntegerBlock(label=_("Points"), min_value=1, max_value=50)

    class Meta:
        label = _("Line")
        label_format = "{text}"


class EssayBlock(CheckedBlock):
    """The task itself is the item's question."""

    points = IntegerBlock(label=_("Points"), min_value=1, max_value=50)
    rubric = ListBlock(
        LineBlock(),
        label=_("Rubric"),
        min_num=1,
        max_num=12,
        help_text=_("The points of its lines add up to the points of the essay."),
    )
    tolerance = DecimalBlock(
        label=_("Tolerance"),
        min_value=0,
        default=1,
        help_text=_("By how many points two markers may differ before a third decides."),
    )
    words = IntegerBlock(
        label=_("About how many words"),
        min_value=20,
        max_value=3000,
        default=200,
        help_text=_("Told to the candidate; a longer essay is taken too."),
    )
    model = TextBlock(
        label=_("Model answer"),
        rows=6,
        help_text=_("For the markers; in practice it is shown after the answer was checked."),
    )

    def check_whole(self, value: Any) -> None:
        refuse_twins((line["text"] for line in value["rubric"]), _("Each line may stand once."))
        total = sum(line["points"] for line in value["rubric"])
        if total != value["points"]:
            refuse(
                _("The lines of the rubric add up to %(total)s points; the essay has %(points)s.")
                % {"total": total, "points": value["points"]}
            )
        if value["tolerance"] >= value["points"]:
            refuse(_("The tolerance is smaller than the points of the essay."))

    def frozen(self, value: Any) -> dict[str, Any]:
        return {
            "points": value["points"],
            "options": [],
            "words": value["words"],
            "key": {"text": value["model"]},
            "scoring": {
                "rubric": [
                    {"id": new_id(), "text": line["text"], "points": line["points"]}
                    for line in value["rubric"]
                ],
                "tolerance": float(value["tolerance"]),
            },
            "rationales": {},
        }

    class Meta:
        label = _("Essay")
        icon = "edit"
        help_text = RULES["essay"]
