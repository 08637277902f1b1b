"""The life of an entry after its approval, as far as it is the same in every bank. Pure: where it may go, and where a publication puts it."""

from collections.abc import Mapping

DRAFT = "draft"
APPROVED = "approved"
ACTIVE = "active"
SUSPENDED = "suspended"
RETIRED = "retired"
# The pool whose entries wait for a reviewer to put them into use.
SECURE = "secure"

Moves = Mapping[str, tuple[str, ...]]


def may_move(moves: Moves, before: str, after: str) -> bool:
    return after in moves[before]


def after_review(pool: str, before: str, *, new_version: bool) -> str:
    """Where an approved review puts an entry. A new version of what is examined begins its statistics anew and waits until a reviewer
    puts it into use; what is practised is in use at once. Where nothing has changed of what is used, it stands where it stood.
    """
    if before == RETIRED:
        return before
    if before != DRAFT and not new_version:
        return before
    return APPROVED if pool == SECURE else ACTIVE


def after_loading(before: str) -> str:
    """Where the content loader puts an entry: what a reviewer has suspended or retired stays so."""
    return before if before in (SUSPENDED, RETIRED) else ACTIVE
