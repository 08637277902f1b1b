"""What a bank is, to what is done alike in all of them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from accounts.models import Role, User
from courses.bank.lifecycle import Moves
from courses.bank.models import Entry, Reading, ReviewTask, Transition

Row = TypeVar("Row", bound=Entry)
Lacks = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Words:
    """What is said of the entries of one bank, in whole sentences (lazily translated)."""

    only_reviewers: Any
    wrote: Any
    wrote_part: Any
    pool_closed: Any
    retired: Any
    in_review: Any
    not_the_author: Any
    no_life: Any
    no_move: Any  # with %(before)s and %(after)s
    say_why: Any
    passed_over: Any
    brought_along: Any


@dataclass(frozen=True)
class Bank(Generic[Row]):
    """A bank: what its entries are, who reads and who reviews them, where their life may go, what a draft must have, what freezes it.

    `name` begins the names of its chains, `verb` is how Wagtail's history calls a step.
    """

    name: str
    verb: str
    workflow: str
    model: type[Row]
    transition: type[Transition]
    reading: type[Reading]
    task: type[ReviewTask]
    life: Any
    moves: Moves
    reviewers: tuple[Role, ...]
    readable_pools: Callable[[User], list[str]]
    lacks_of: Callable[..., Lacks]  # (entry, *, at)
    texts_of: Callable[[Row], list[str]]
    freeze: Callable[..., Any]  # (*, the entry by its name, at)
    words: Words

    def of(self, entry: Row) -> dict[str, Row]:
        """An entry under the name its rows know it by."""
        return {str(self.model._meta.model_name): entry}
