"""The life of an item after its approval. Pure: where it may go from where it stands, and where a publication puts it."""

# From a state, the states a reviewer may bring an item to. Retired is the end.
MOVES: dict[str, tuple[str, ...]] = {
    "draft": (),
    "approved": ("pilot", "active"),
    "pilot": ("active", "suspended", "retired"),
    "active": ("suspended", "retired"),
    "suspended": ("active", "pilot", "retired"),
    "retired": (),
}


def may_move(before: str, after: str) -> bool:
    return after in MOVES[before]


def after_review(pool: str, before: str, *, new_version: bool) -> str:
    """Where an approved review puts an item. A new version begins its statistics anew: in the secure pool a reviewer decides again
    whether it is asked; in practice it is asked at once. Where nothing that is asked has changed, it stands where it stood.
    """
    if before == "retired":
        return before
    if before != "draft" and not new_version:
        return before
    return "approved" if pool == "secure" else "active"


def after_loading(before: str) -> str:
    """Where the content loader puts an item: what a reviewer has suspended or retired stays so."""
    return before if before in ("suspended", "retired") else "active"
