"""One StreamField block per item type: its editor, its validation and its stored form in one class.

`frozen()` turns a block's value into the parts of an item version: `{options, key, rationales, …}` with random option ids, because an
authored letter would leak the key. See README.md for the shapes.
"""

from wagtail.blocks import StreamBlock

from quizzes.blocks.choices import (
    MatchBlock,
    MultipleBlock,
    NumericBlock,
    OrderBlock,
    ShortTextBlock,
    SingleBlock,
    TrueFalseBlock,
)
from quizzes.blocks.essays import EssayBlock
from quizzes.blocks.pictures import HotspotBlock, LabelBlock
from quizzes.blocks.sets import CaseBlock, ExtendedBlock


class ItemBody(StreamBlock):
    """Exactly one item type."""

    single = SingleBlock()
    multiple = MultipleBlock()
    truefalse = TrueFalseBlock()
    order = OrderBlock()
    match = MatchBlock()
    numeric = NumericBlock()
    text = ShortTextBlock()
    hotspot = HotspotBlock()
    label = LabelBlock()
    extended = ExtendedBlock()
    case = CaseBlock()
    essay = EssayBlock()

    class Meta:
        min_num = 1
        max_num = 1
        form_classname = "item-body"


ITEM_TYPES = tuple(ItemBody().child_blocks)
