"""The life of a station after its approval. Pure: where it may go from where it stands; where a publication puts it is the same in every bank."""

from courses.bank.lifecycle import after_loading, after_review

__all__ = ["MOVES", "after_loading", "after_review"]

# From a state, the states a reviewer may bring a station to. Retired is the end.
MOVES: dict[str, tuple[str, ...]] = {
    "draft": (),
    "approved": ("active", "retired"),
    "active": ("suspended", "retired"),
    "suspended": ("active", "retired"),
    "retired": (),
}
