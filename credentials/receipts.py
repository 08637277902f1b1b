"""Receipts: somebody checked a credential and keeps the answer. A receipt knows nothing about who asked."""

import hashlib
from datetime import datetime

import rfc8785

from credentials.models import Receipt
from credentials.verification import Answer


def keep(answer: Answer, *, at: datetime) -> Receipt:
    """Write down an answer as it was given."""
    said = answer.as_json()
    return Receipt.objects.create(
        number=answer.credential.number, asked_on=answer.on, answer=said, checked_at=at
    )


def reference(receipt: Receipt) -> str:
    """What people quote, drawn from the uuid so that it says nothing about how many there are: V-2026-118402339."""
    return f"V-{receipt.checked_at:%Y}-{receipt.uuid.int % 10**9:09d}"


def digest(receipt: Receipt) -> str:
    """SHA-256 over the RFC 8785 form of the receipt: a kept copy and the register's must show the same."""
    content = {
        "receipt": str(receipt.uuid),
        "checked_at": receipt.checked_at.isoformat(),
        "asked_on": receipt.asked_on and receipt.asked_on.isoformat(),
        "answer": receipt.answer,
    }
    return hashlib.sha256(rfc8785.dumps(content)).hexdigest()
