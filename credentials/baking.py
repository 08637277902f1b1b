"""A badge picture that carries its credential, so that the picture alone can be verified."""

from openbadgeslib import baking


def bake_png(picture: bytes, document: str) -> bytes:
    """The PNG with the signed document in its one uncompressed iTXt chunk `openbadgecredential`. Raises ValueError if it has one."""
    if baking.has_png(picture, keyword=baking.ITXT_KEYWORD_OB3):
        raise ValueError("This picture carries a credential already.")
    baked: bytes = baking.bake_png(picture, document, keyword=baking.ITXT_KEYWORD_OB3)
    return baked


def baked_document(picture: bytes) -> str | None:
    """The document a baked PNG carries, or None."""
    return baking.extract_png(picture, keyword=baking.ITXT_KEYWORD_OB3)
