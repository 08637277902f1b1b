"""Names as they are searched: folded, word by word, as they sound, and how far two are from each other. Pure."""

import unicodedata
from collections.abc import Iterator

# Letters that have no accent to take off, apostrophes in all their shapes, and dashes between names.
_PLAIN = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"}
    | dict.fromkeys("'’‘ʼ", "")
    | dict.fromkeys("-‐‑–", " ")
)
LONGEST_WORD, LONGEST_SOUND = 40, 12

# What two spellings of one sound become; longer ones first.
_SOUNDS = [
    *((part, "s") for part in ("tsch", "sch", "sh", "ch", "cz", "sz", "zh", "ts", "tz")),
    ("ph", "f"),
    ("th", "t"),
    ("gh", "g"),
    ("ck", "k"),
    ("qu", "k"),
    ("x", "ks"),
]
_SOFT = "eiy"
_CODES = {
    **dict.fromkeys("bp", "P"),
    **dict.fromkeys("dt", "T"),
    **dict.fromkeys("gkq", "K"),
    **dict.fromkeys("fvw", "F"),
    **dict.fromkeys("sz", "S"),
    "l": "L",
    "m": "M",
    "n": "N",
    "r": "R",
}
_VOWELS = frozenset("aeiouyj")
ALPHABET = "AFHKLMNPRSTY"


def fold(name: str) -> str:
    """A name for searching: no case, accents, apostrophes or dashes, single blanks."""
    letters = (
        letter
        for letter in unicodedata.normalize("NFKD", name)
        if not unicodedata.combining(letter)
    )
    return " ".join("".join(letters).casefold().translate(_PLAIN).split())


def words(name: str) -> list[str]:
    """The words of a name, folded, each once."""
    return list(dict.fromkeys(word[:LONGEST_WORD] for word in fold(name).split()))


def sound(word: str) -> str:
    """How a folded word sounds, roughly and in no one language: its consonants in groups, and whether it begins with a vowel.

    A word in letters this knows nothing of is its own sound.
    """
    if not word.isascii():
        return word[:LONGEST_SOUND]
    said = word
    for part, plain in _SOUNDS:
        said = said.replace(part, plain)
    codes = ""
    for place, letter in enumerate(said):
        if letter == "c":
            code = "S" if said[place + 1 : place + 2] in tuple(_SOFT) else "K"
        elif letter in _VOWELS:
            code = "" if place else "Y" if letter in "yj" else "A"
        elif letter == "h":
            code = "" if place else "H"
        else:
            code = _CODES.get(letter, letter.upper() if letter.isalnum() else "")
        if code and not codes.endswith(code):
            codes += code
    return codes[:LONGEST_SOUND]


def sounds_near(code: str) -> set[str]:
    """The sounds one step from a sound: a consonant missed out, added or exchanged, or two that changed places. None for the shortest."""
    if len(code) < 3 or not code.isascii():
        return set()
    near = {code[:i] + code[i + 1 :] for i in range(len(code))}
    near |= {code[:i] + code[i + 1] + code[i] + code[i + 2 :] for i in range(len(code) - 1)}
    near |= {code[:i] + other + code[i:] for i in range(len(code) + 1) for other in ALPHABET}
    if len(code) > 3:
        near |= {code[:i] + other + code[i + 1 :] for i in range(len(code)) for other in ALPHABET}
    return near - {code}


def distance(one: str, other: str, limit: int = 3) -> int:
    """How many letters are missed out, added, exchanged or swapped with their neighbour between two words; `limit` when it is no less."""
    if abs(len(one) - len(other)) >= limit:
        return limit
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        older, before, row = before, row, [i]
        for j, wanted in enumerate(other, 1):
            step = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != wanted))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == wanted:
                step = min(step, older[j - 2] + 1)
            row.append(step)
        if min(row) >= limit:
            return limit
    return min(row[-1], limit)


def likeness(alike: list[dict[str, float]], name: list[str]) -> float:
    """How well a name answers what was asked, 0 to 1. `alike`: for each word asked, the words like it and how alike they are."""
    total = 0.0
    for words_like in alike:
        best = max(words_like.get(word, 0.0) for word in name)
        if not best:
            return 0.0
        total += best
    return total / len(alike)


def word_likeness(word: str, other: str) -> float:
    """How well one word of a name answers a word asked for, 0 to 1: it begins so, is a slip or two away, or sounds the same."""
    if other.startswith(word):
        return 1.0
    allowed = 1 if len(word) < 6 else 2
    apart = distance(word, other, allowed + 1)
    if apart <= allowed:
        return _likeness_after(apart, max(len(word), len(other)))
    return 0.5 if len(word) > 3 and sound(word) == sound(other) else 0.0


def _likeness_after(slips: int, letters: int) -> float:
    return 1 - slips / (2 * letters)


def likeness_after_a_slip(word: str) -> float:
    """How like a word of a name is, at least, that is one slip away from the word asked for."""
    return _likeness_after(1, len(word))


def spelled_near(symbols: str, alphabet: str) -> Iterator[str]:
    """A code with one symbol exchanged, missed out, added, or swapped with its neighbour."""
    for i in range(len(symbols) - 1):
        yield symbols[:i] + symbols[i + 1] + symbols[i] + symbols[i + 2 :]
    for i in range(len(symbols)):
        yield symbols[:i] + symbols[i + 1 :]
        for other in alphabet:
            yield symbols[:i] + other + symbols[i + 1 :]
    for i in range(len(symbols) + 1):
        for other in alphabet:
            yield symbols[:i] + other + symbols[i:]
