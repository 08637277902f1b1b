"""The parts of a checklist as its author writes them."""

from django.utils.translation import gettext_lazy as _
from wagtail.blocks import BooleanBlock, CharBlock, ChoiceBlock, StreamBlock, StructBlock, TextBlock
from wagtail.snippets.blocks import SnippetChooserBlock

# What the report adds up across stations. A name written twice in two ways would be two competences.
COMPETENCES = [
    ("hygiene", _("Hygiene")),
    ("safety", _("Safety")),
    ("communication", _("Communication and consent")),
    ("draping", _("Draping and boundaries")),
    ("assessment", _("Assessment")),
    ("technique", _("Technique")),
    ("reasoning", _("Reasoning")),
    ("mechanics", _("Body mechanics")),
    ("aftercare", _("Aftercare and advice")),
    ("record", _("Records and hand-over")),
]


class CriterionBlock(StructBlock):
    code = CharBlock(label=_("Line"), max_length=20)
    section = CharBlock(label=_("Section"), max_length=40)
    text = TextBlock(label=_("Observable behaviour"), rows=2)
    max = ChoiceBlock(label=_("Points"), choices=[("1", "0–1"), ("2", "0–2")], default="2")
    critical = BooleanBlock(label=_("★ Critical: 0 fails the station"), required=False)
    competence = ChoiceBlock(label=_("Competence"), choices=COMPETENCES, required=False)

    class Meta:
        icon = "tick"
        label_format = "{code} {text}"


class ViolationBlock(StructBlock):
    code = CharBlock(label=_("Code"), max_length=20)
    text = TextBlock(label=_("Critical violation"), rows=2)

    class Meta:
        icon = "warning"
        label_format = "{code} {text}"


class FigureBlock(StructBlock):
    figure = SnippetChooserBlock("courses.Figure", label=_("Figure"))
    candidate = BooleanBlock(
        label=_("Shown to the candidate too"),
        required=False,
        help_text=_("Otherwise only the examiner sees it, on the sheet."),
    )

    class Meta:
        icon = "image"
        label_format = "{figure}"


class AnchorBlock(StructBlock):
    value = ChoiceBlock(
        label=_("Rating"), choices=[(str(value), str(value)) for value in range(1, 6)]
    )
    label = CharBlock(label=_("Word"), max_length=40)
    text = TextBlock(label=_("What it means at this station"), rows=2)

    class Meta:
        icon = "pick"
        label_format = "{value} {label}"


class CriteriaStream(StreamBlock):
    criterion = CriterionBlock(label=_("Line"))


class ViolationStream(StreamBlock):
    violation = ViolationBlock(label=_("Violation"))


class FigureStream(StreamBlock):
    figure = FigureBlock(label=_("Figure"))


class AnchorStream(StreamBlock):
    anchor = AnchorBlock(label=_("Rating"))
