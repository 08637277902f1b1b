"""Credential numbers for people: SMT-7K3Q-90TX. Pure.

Seven random symbols and one check symbol, in two groups of four. The alphabet has 31 symbols (no I, L, O, U, Z), a prime, and each place has
its own weight, so every single wrong symbol and every swap of two symbols is caught.
"""

import re
import secrets
import unicodedata

from credentials import names

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXY"
_VALUE = {symbol: value for value, symbol in enumerate(ALPHABET)}
_LOOK_ALIKE = str.maketrans({"I": "1", "L": "1", "O": "0", "Z": "2", "U": "V"})
RANDOM_SYMBOLS = 7


def check_symbol(body: str) -> str:
    """The symbol that makes the weighted sum of all eight a multiple of 31."""
    total = sum(weight * _VALUE[symbol] for weight, symbol in enumerate(body, start=2))
    return ALPHABET[-total % len(ALPHABET)]


def new_number(prefix: str) -> str:
    """A fresh random number with a digit in it, as no name has; the caller retries on the rare collision."""
    while True:
        body = "".join(secrets.choice(ALPHABET) for _ in range(RANDOM_SYMBOLS))
        symbols = body + check_symbol(body)
        if any(map(str.isdigit, symbols)):
            return join(prefix, symbols)


def join(prefix: str, symbols: str) -> str:
    return f"{prefix}-{symbols[:4]}-{symbols[4:]}"


def normalise(text: str) -> str | None:
    """A typed number in its canonical form (case, blanks, dashes and look-alikes forgiven, but no other alphabet), or None when it cannot be one."""
    if foreign_letter(text):
        return None
    letters = re.sub(r"[^A-Za-z0-9]", "", text[:60]).upper()
    prefix, symbols = letters[: -(RANDOM_SYMBOLS + 1)], letters[-(RANDOM_SYMBOLS + 1) :]
    symbols = symbols.translate(_LOOK_ALIKE)
    if not 2 <= len(prefix) <= 6 or len(symbols) != RANDOM_SYMBOLS + 1:
        return None
    if not _holds(symbols):
        return None
    return join(prefix, symbols)


def foreign_letter(text: str) -> str:
    """The first letter of another alphabet in what was typed, with its name; empty when there is none. It may look like one of ours."""
    found = next((each for each in text[:60] if each.isalnum() and not each.isascii()), "")
    return (
        f"{found} ({unicodedata.name(found, f'U+{ord(found):04X}').capitalize()})" if found else ""
    )


def beginning(text: str) -> str | None:
    """The canonical beginning of a number that is typed in part (`smt 7k3` is SMT-7K3), or None. It has a digit, as no name has."""
    parts = re.fullmatch(r"([A-Z]{2,6})[-\s]+([A-Z0-9][A-Z0-9\s-]{0,9})", text.strip().upper())
    if parts is None or not any(letter.isdigit() for letter in parts[2]):
        return None
    symbols = re.sub(r"[-\s]", "", parts[2]).translate(_LOOK_ALIKE)
    if len(symbols) > RANDOM_SYMBOLS or any(each not in _VALUE for each in symbols):
        return None
    return join(parts[1], symbols).rstrip("-")


def near(text: str) -> list[str]:
    """The numbers one wrong, missing, doubled or swapped symbol away from what was typed. Few: the check symbol leaves one in 31."""
    letters = re.sub(r"[^A-Za-z0-9]", "", text[:60]).upper()
    prefix = re.match(r"[A-Z]{2,6}", text.strip().upper())
    if prefix is None or prefix[0] == letters:
        return []
    symbols = letters[len(prefix[0]) :].translate(_LOOK_ALIKE)
    if abs(len(symbols) - RANDOM_SYMBOLS - 1) > 1:
        return []
    tried = names.spelled_near(symbols, ALPHABET)
    return sorted(
        {
            join(prefix[0], each)
            for each in tried
            if len(each) == RANDOM_SYMBOLS + 1 and _holds(each)
        }
    )


def _holds(symbols: str) -> bool:
    return all(each in _VALUE for each in symbols) and check_symbol(symbols[:-1]) == symbols[-1]
