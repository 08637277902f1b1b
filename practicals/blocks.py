"""The parts of a checklist as its author writes them."""

from django.utils.translation import gettext_lazy as _
from wagtail.blocks import BooleanBlock, CharBlock, ChoiceBlock, StreamBlock, StructBlock, TextBlock


class CriterionBlock(StructBlock):
    code = CharBlock(label=_("Line"), max_length=20)
    section = CharBlock(label=_("Section"), max_length=40)
    text = TextBlock(label=_("Observable behaviour"), rows=2)
    max = ChoiceBlock(label=_("Points"), choices=[("1", "0–1"), ("2", "0–2")], default="2")
    critical = BooleanBlock(label=_("★ Critical: 0 fails the station"), required=False)
    competence = CharBlock(label=_("Competence"), max_length=40, required=False)

    class Meta:
        icon = "tick"
        label_format = "{code} {text}"


class ViolationBlock(StructBlock):
    code = CharBlock(label=_("Code"), max_length=20)
    text = TextBlock(label=_("Critical violation"), rows=2)

    class Meta:
        icon = "warning"
        label_format = "{code} {text}"


class CriteriaStream(StreamBlock):
    criterion = CriterionBlock(label=_("Line"))


class ViolationStream(StreamBlock):
    violation = ViolationBlock(label=_("Violation"))
