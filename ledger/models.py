"""Rows that are written once.

A row of an `AppendOnly` model belongs to a *chain* (all that happened to one credential, one learner's evidence, …), has the next
`sequence` in it, names the hash of the row before it and carries its own:

    hash = SHA-256( RFC 8785 JSON of {hash_version, model, chain, sequence, previous, uuid, at, and the fields in HASHED} )

Text that may have to be erased one day (a person's words) is named in SALTED instead: only SHA-256(salt ‖ text) enters the hash, so the
chain still verifies when text and salt are gone. A field a model got later is named in LATER too: while it is empty it is no part of the
hash, so that rows from before it keep theirs. Python refuses updates and deletes here, the database refuses them by trigger.
"""

import hashlib
import secrets
import uuid as uuids
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any, ClassVar, Self

import rfc8785
from django.db import models

HASH_VERSION = 1
GENESIS = "0" * 64


class WrittenOnce(TypeError):
    """Somebody tried to change or delete a row that is written once. Append a row that supersedes it instead."""


def new_salt() -> str:
    return secrets.token_hex(16)


def plain(value: Any) -> Any:
    """A value as it enters the hash: JSON types only, the same on every database."""
    match value:
        case None | bool() | int() | str():
            return value
        case models.Model():
            return str(getattr(value, "uuid", None) or value.pk)
        case datetime():
            return value.astimezone(UTC).isoformat()
        case date() | time():
            return value.isoformat()
        case uuids.UUID() | float():
            return str(value)
        case Decimal():
            return format(value.normalize(), "f")
        case dict():
            return {str(key): plain(inner) for key, inner in value.items()}
        case list() | tuple():
            return [plain(inner) for inner in value]
    raise TypeError(f"A {type(value).__name__} cannot enter a ledger hash.")


def salted_digest(salt: str, content: dict[str, Any]) -> str:
    """SHA-256 over a salt and the RFC 8785 form of values: what a row that may change says, without saying it."""
    return hashlib.sha256(salt.encode() + rfc8785.dumps(plain(content))).hexdigest()


class AppendOnlyQuerySet(models.QuerySet):
    def append(self, *, chain: str, at: datetime, **fields: Any) -> Any:
        """Write the next row of `chain`. The caller holds the lock of whatever the chain is about."""
        return self._write(chain, at, self._head(chain), fields)

    def begin(self, *, chain: str, at: datetime, **fields: Any) -> Any:
        """Write the first row of `chain`, where the caller knows that there is none; the database refuses a mistake."""
        return self._write(chain, at, (0, GENESIS), fields)

    def _write(
        self, chain: str, at: datetime, head: tuple[int, str], fields: dict[str, Any]
    ) -> Any:
        sequence, digest = head
        row: Any = self.model(chain=chain, at=at, sequence=sequence + 1, previous=digest, **fields)
        row.hash = row.computed_hash()
        row.save(force_insert=True)
        return row

    def _head(self, chain: str) -> tuple[int, str]:
        """Sequence and hash of the newest row of a chain. One query, however long it is."""
        newest = self.filter(chain=chain).order_by("-sequence")
        return newest.values_list("sequence", "hash").first() or (0, GENESIS)

    def update(self, **kwargs: Any) -> int:
        raise WrittenOnce(f"{self.model.__name__} rows are never updated.")

    def delete(self) -> tuple[int, dict[str, int]]:
        raise WrittenOnce(f"{self.model.__name__} rows are never deleted.")

    def bulk_append(self, rows: list[Any]) -> list[Any]:
        """Write several rows, each already given its chain and `at`; rows of one chain follow each other in list order. A query for each chain."""
        heads = {chain: self._head(chain) for chain in {row.chain for row in rows}}
        for row in rows:
            sequence, digest = heads[row.chain]
            row.sequence, row.previous = sequence + 1, digest
            row.hash = row.computed_hash()
            heads[row.chain] = (row.sequence, row.hash)
        return super().bulk_create(rows)


class AppendOnly(models.Model):
    """Base of every row that is written once. Subclasses name the fields that enter the hash."""

    HASHED: ClassVar[tuple[str, ...]] = ()
    SALTED: ClassVar[tuple[str, ...]] = ()
    LATER: ClassVar[frozenset[str]] = frozenset()

    uuid = models.UUIDField(default=uuids.uuid4, unique=True, editable=False)
    at = models.DateTimeField("recorded at", editable=False)
    chain = models.CharField(max_length=80, editable=False)
    sequence = models.PositiveIntegerField(editable=False)
    previous = models.CharField(max_length=64, editable=False)
    hash = models.CharField(max_length=64, editable=False)
    salt = models.CharField(max_length=32, default=new_salt, editable=False)

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        abstract = True
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                "chain", "sequence", name="%(app_label)s_%(class)s_is_one_chain"
            )
        ]

    def hashed_content(self) -> dict[str, Any]:
        """What enters the hash: anybody who has it can compute SHA-256 of its RFC 8785 form and compare."""
        content: dict[str, Any] = {
            "hash_version": HASH_VERSION,
            "model": self._meta.label,
            "chain": self.chain,
            "sequence": self.sequence,
            "previous": self.previous,
            "uuid": str(self.uuid),
            "at": plain(self.at),
        }
        for name in self.HASHED:
            if self.enters(name):
                content[name] = plain(getattr(self, name))
        for name in self.SALTED:
            if self.enters(name):
                text = f"{self.salt}{getattr(self, name)}"
                content[name] = hashlib.sha256(text.encode()).hexdigest()
        return content

    def enters(self, name: str) -> bool:
        """Whether a field of HASHED or SALTED is part of this row's hash."""
        return name not in self.LATER or getattr(self, name) not in (None, "", [], {})

    def computed_hash(self) -> str:
        """The hash this row should carry, from the values it holds now."""
        return hashlib.sha256(rfc8785.dumps(self.hashed_content())).hexdigest()

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise WrittenOnce(f"{type(self).__name__} rows are never updated.")
        if not self.hash:
            raise WrittenOnce(
                f"Write a {type(self).__name__} with objects.append(), which links it to its chain."
            )
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> Any:
        raise WrittenOnce(f"{type(self).__name__} rows are never deleted.")

    @classmethod
    def kinds(cls) -> list[type[Self]]:
        """Every model whose rows are written once."""
        return [
            model
            for model in cls.__subclasses__()
            if not model._meta.abstract and not model._meta.proxy
        ]
