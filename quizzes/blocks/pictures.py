"""Questions answered on a figure: a place to point at, pins to name."""

from itertools import combinations
from math import dist
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from wagtail.blocks import BooleanBlock, CharBlock, ListBlock, StructBlock, TextBlock

from quizzes.blocks.common import CheckedBlock, EntryBlock, new_id, refuse, refuse_twins
from quizzes.geometry import inner_point, overlap, point_of, region_of
from quizzes.rules import RULES
from quizzes.widgets import PlaceInput

APART = 0.02  # pins nearer to each other cannot be told apart


class _PlaceBlock(TextBlock):
    """A place on the item's figure: typed, or drawn on the board that the editor shows."""

    kind = ""

    @cached_property
    def field(self) -> forms.Field:
        return forms.CharField(widget=PlaceInput(self.kind), **self.field_options)

    def clean(self, value: Any) -> Any:
        value = super().clean(value)
        if self.is_deferred_validation:
            return value
        try:
            self.read(value)
        except ValueError as refusal:
            raise ValidationError(str(refusal)) from refusal
        return value

    def read(self, value: str) -> Any:
        raise NotImplementedError


class OutlineBlock(_PlaceBlock):
    kind = "outline"

    def read(self, value: str) -> Any:
        return region_of(value)


class PointBlock(_PlaceBlock):
    kind = "point"

    def read(self, value: str) -> Any:
        return point_of(value)


class _PictureBlock(CheckedBlock):
    """Asked on the item's figure, whose numbers and names are not shown."""

    needs_figure = True

    picture = TextBlock(
        label=_("The figure in words"),
        rows=2,
        max_length=1500,
        help_text=_(
            "Read to those who do not see the figure, instead of its own text: view and orientation, but nothing that is asked."
        ),
    )


class RegionBlock(StructBlock):
    outline = OutlineBlock(label=_("Outline"), search_index=False)
    text = CharBlock(
        label=_("Description"),
        max_length=250,
        help_text=_(
            "Offered to everybody as another way to answer. Say where it lies and what it looks like, never what it is."
        ),
    )
    correct = BooleanBlock(label=_("Correct"), required=False)
    rationale = TextBlock(label=_("What it is, and why it is right or wrong"), rows=2)

    class Meta:
        label = _("Region")
        label_format = "{text}"


class HotspotBlock(_PictureBlock):
    several = BooleanBlock(
        label=_("More than one region is correct"),
        required=False,
        help_text=_("A marker in any of them is right. Without this, exactly one is."),
    )
    regions = ListBlock(RegionBlock(), label=_("Regions"), min_num=2, max_num=12)

    def check_whole(self, value: Any) -> None:
        rows = list(value["regions"])
        refuse_twins((row["text"] for row in rows), _("Each description may stand once."))
        correct = sum(1 for row in rows if row["correct"])
        if correct < 1 or (correct > 1 and not value["several"]):
            refuse(
                _(
                    "Mark exactly one region as correct, or say that more than one is; now %(count)s are."
                )
                % {"count": correct}
            )
        outlines = [(number, region_of(row["outline"])) for number, row in enumerate(rows, 1)]
        for (one, first), (other, second) in combinations(outlines, 2):
            if overlap(first, second):
                refuse(
                    _("Regions %(one)s and %(other)s overlap; move them apart.")
                    % {"one": one, "other": other}
                )

    def frozen(self, value: Any) -> dict[str, Any]:
        rows = [(new_id(), row, region_of(row["outline"])) for row in value["regions"]]
        points = {key: inner_point(outline) for key, _row, outline in rows}
        right = next(key for key, row, _outline in rows if row["correct"])
        return {
            "picture": value["picture"],
            "options": [
                {"id": key, "text": row["text"], "x": points[key][0], "y": points[key][1]}
                for key, row, _outline in rows
            ],
            "key": {"x": points[right][0], "y": points[right][1]},
            "scoring": {
                "regions": [
                    {"id": key, "correct": row["correct"], "outline": outline}
                    for key, row, outline in rows
                ]
            },
            "rationales": {key: row["rationale"] for key, row, _outline in rows},
        }

    class Meta:
        label = _("Hotspot")
        icon = "crosshairs"
        help_text = RULES["hotspot"]


class PinBlock(StructBlock):
    place = PointBlock(label=_("Place"), search_index=False)
    label = CharBlock(label=_("Right label"), max_length=250)
    where = CharBlock(
        label=_("What it points at, in words"),
        max_length=250,
        help_text=_(
            "Read with the pin. Say where it lies and what it looks like, never what it is."
        ),
    )
    rationale = TextBlock(label=_("Why it is this one"), rows=2)

    class Meta:
        label = _("Pin")
        label_format = "{label}"


class LabelBlock(_PictureBlock):
    pins = ListBlock(PinBlock(), label=_("Pins, numbered as they stand"), min_num=2, max_num=12)
    extra_labels = ListBlock(
        EntryBlock(max_length=250, label=_("Label")),
        label=_("Labels that fit no pin"),
        max_num=6,
        default=[],
    )

    def check_whole(self, value: Any) -> None:
        labels = [*(pin["label"] for pin in value["pins"]), *value["extra_labels"]]
        refuse_twins(labels, _("Each label may stand once."))
        places = [(number, point_of(pin["place"])) for number, pin in enumerate(value["pins"], 1)]
        for (one, first), (other, second) in combinations(places, 2):
            if dist(first, second) < APART:
                refuse(
                    _("Pins %(one)s and %(other)s stand on the same place; move them apart.")
                    % {"one": one, "other": other}
                )

    def frozen(self, value: Any) -> dict[str, Any]:
        rows = [(new_id(), new_id(), pin, point_of(pin["place"])) for pin in value["pins"]]
        labels = [(label, pin["label"]) for _key, label, pin, _place in rows]
        labels += [(new_id(), text) for text in value["extra_labels"]]
        return {
            "picture": value["picture"],
            "options": [
                {"id": key, "text": str(number), "where": pin["where"], "x": x, "y": y}
                for number, (key, _label, pin, (x, y)) in enumerate(rows, 1)
            ],
            "targets": [{"id": key, "text": text} for key, text in sorted(labels)],
            "key": {"pairs": {key: label for key, label, _pin, _place in rows}},
            "rationales": {key: pin["rationale"] for key, _label, pin, _place in rows},
        }

    class Meta:
        label = _("Label the diagram")
        icon = "tag"
        help_text = RULES["label"]
