"""The life of a station after its approval. Pure: where it may go from where it stands, and where a publication puts it."""

# From a state, the states a reviewer may bring a station to. Retired is the end.
MOVES: dict[str, tuple[str, ...]] = {
    "draft": (),
    "approved": ("active", "retired"),
    "active": ("suspended", "retired"),
    "suspended": ("active", "retired"),
    "retired": (),
}


def may_move(before: str, after: str) -> bool:
    return after in MOVES[before]


def after_review(pool: str, before: str, *, new_version: bool) -> str:
    """Where an approved review puts a station. A new version of one that is examined waits until a reviewer puts it into use; a practice
    station is in use at once. Where nothing that is scored has changed, it stands where it stood.
    """
    if before == "retired":
        return before
    if before != "draft" and not new_version:
        return before
    return "approved" if pool == "secure" else "active"


def after_loading(before: str) -> str:
    """Where the content loader puts a station: what a reviewer has suspended or retired stays so."""
    return before if before in ("suspended", "retired") else "active"
