"""What the blocks of item types share: ids, checks that wait until an item is handed to its review, refusals of a whole item."""

import secrets
from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from wagtail.blocks import CharBlock, StructBlock, StructBlockValidationError


class EntryBlock(CharBlock):
    """One entry of a list of texts. Wagtail shows no label beside it there, so its label is said to those who hear the editor."""

    def __init__(self, *args: Any, label: Any, **kwargs: Any) -> None:
        super().__init__(*args, label=label, **kwargs)
        self.field.widget.attrs["aria-label"] = label


class CheckedBlock(StructBlock):
    """A block whose parts have to fit each other. A draft may be half written: what a check refuses there is said when it is submitted."""

    def clean(self, value: Any) -> Any:
        value = super().clean(value)
        if not self.is_deferred_validation:
            self.check_whole(value)
        return value

    def check_whole(self, value: Any) -> None:
        """Refuse a whole that is none."""


def new_id() -> str:
    """An option id: short, random, says nothing about the order it was written in."""
    return secrets.token_hex(3)


def refuse(sentence: Any) -> None:
    """Say what is wrong with an item as a whole."""
    raise StructBlockValidationError(non_block_errors=[ValidationError(sentence)])


def refuse_twins(texts: Iterable[str], sentence: Any) -> None:
    """Two entries that read the same cannot be told apart by those who answer."""
    read = [" ".join(text.split()) for text in texts]
    if len(set(read)) != len(read):
        refuse(sentence)
