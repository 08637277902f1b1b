"""What evidence comes from, shown beside it: the apps above give a short account of their own records by name of the source.

`register_source("practical", accounts)`: `accounts` takes references and returns an `Account` for each it knows, in a fixed number of queries.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID


@dataclass(frozen=True)
class Account:
    """A record in a few words: facts as (name, value), and a table (its first row the head; or none), and what stands under it."""

    title: str
    facts: Sequence[tuple[str, str]] = ()
    table: Sequence[Sequence[str]] = ()
    note: str = ""

    def as_json(self) -> dict[str, Any]:
        said = asdict(self)
        return {**said, "facts": [list(row) for row in said["facts"]]}


Accounts = Callable[[set[UUID]], dict[UUID, Account]]
_SOURCES: dict[str, Accounts] = {}


def register_source(name: str, accounts: Accounts) -> None:
    _SOURCES[name] = accounts


def accounts_of(facts: Iterable[tuple[str, UUID]]) -> dict[UUID, Account]:
    """The accounts of evidence, given as (source, reference), by reference; nothing for what no app accounts for."""
    asked: dict[str, set[UUID]] = {}
    for source, reference in facts:
        if source in _SOURCES:
            asked.setdefault(source, set()).add(reference)
    return {
        reference: account
        for source, references in asked.items()
        for reference, account in _SOURCES[source](references).items()
    }
