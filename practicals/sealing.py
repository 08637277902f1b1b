"""Text about a person's health, sealed before it reaches the database (R51): whoever copies that alone reads nothing of it.

The keys are lines of a file in KEYS_DIR that is not in the database nor in a backup of it: the first seals, every one opens (docs/keys.md).
Fernet: AES-128-CBC with HMAC-SHA-256, a moment and an IV in each token. Nothing is searched by what is sealed.
"""

import os
from functools import lru_cache
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db import models

MARK = "sealed:"  # what has no mark was written before there was a seal


class SealBroken(Exception):
    """The key a text was sealed with is not there."""


class SealedTextField(models.TextField):
    """Text that is plain in Python and sealed in the database. Empty stays empty."""

    def get_prep_value(self, value: Any) -> Any:
        text = super().get_prep_value(value)
        return seal(text) if text else text

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> str | None:
        return unseal(value) if value else value


def seal(text: str) -> str:
    path = keys_path()
    if not path.exists():
        _write_first(path)
    return MARK + _box().encrypt(text.encode()).decode()


def unseal(value: str) -> str:
    """The text; raises SealBroken naming the file when no key in it opens this."""
    if not value.startswith(MARK):
        return value
    try:
        return _box().decrypt(value.removeprefix(MARK).encode()).decode()
    except (InvalidToken, OSError) as error:
        raise SealBroken(
            f"Health notes cannot be read: {keys_path()} lacks the key they were sealed with. Restore it from its backup."
        ) from error


def is_sealed_by_the_first(value: str) -> bool:
    """Whether a stored value needs no sealing anew."""
    if not value.startswith(MARK):
        return False
    try:
        Fernet(keys()[0]).decrypt(value.removeprefix(MARK).encode())
    except InvalidToken:
        return False
    return True


def keys_path() -> Path:
    return Path(settings.KEYS_DIR) / "health-notes.keys"


def keys() -> list[str]:
    return keys_path().read_text().split()


def add_key() -> None:
    """Another key seals from now on; the others still open."""
    path = keys_path()
    before = keys() if path.exists() else []
    _replace(path, [Fernet.generate_key().decode(), *before])


def drop_old_keys() -> None:
    """Keep the first key alone. Only when everything is sealed with it."""
    _replace(keys_path(), keys()[:1])


def _box() -> MultiFernet:
    path = keys_path()
    return _made(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=4)
def _made(path: Path, _changed: int) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in path.read_text().split()])


def _write_first(path: Path) -> None:
    """Unless another process is first: the file appears whole or not at all."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    new = _written(path, [Fernet.generate_key().decode()])
    try:
        os.link(new, path)
    except FileExistsError:
        pass
    finally:
        new.unlink()


def _replace(path: Path, lines: list[str]) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    _written(path, lines).replace(path)


def _written(path: Path, lines: list[str]) -> Path:
    new = path.with_name(f"{path.name}.{os.getpid()}")
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write("\n".join(lines) + "\n")
        file.flush()
        os.fsync(file.fileno())
    return new
