"""Words without somebody's name and numbers, for whoever judges by number (R48). Pure: values in, values out."""

import re
from collections.abc import Iterable

HIDDEN = "[…]"
SHORTEST = 3  # letters: a shorter name stands inside too many words


def without(text: str, names: Iterable[str]) -> str:
    """The text, each of the names and numbers in it hidden: whole words, in any case, however they are spaced."""
    spelt = {" ".join(name.split()) for name in names}
    told = sorted((name for name in spelt if len(name) >= SHORTEST), key=len, reverse=True)
    if not told:
        return text
    one = "|".join(r"\s+".join(map(re.escape, name.split())) for name in told)
    return re.sub(rf"(?<!\w)(?:{one})(?!\w)", HIDDEN, text, flags=re.IGNORECASE)
