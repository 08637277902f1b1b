"""Receipts: somebody checked a credential and keeps the answer. A receipt knows nothing about who asked."""

import hashlib
import re
from datetime import datetime
from typing import Any

import rfc8785
from django.db import IntegrityError, transaction

from credentials import numbers
from credentials.models import IssuedFile, Receipt, SignedDocument
from credentials.verification import Answer

PREFIX = "VR"
# Receipts kept before their numbers had a check symbol: V-2026-118402339.
_OLDER = re.compile(r"V-?(\d{4})-?(\d{9})")


def keep(answer: Answer, *, at: datetime, presented: dict[str, Any] | None = None) -> Receipt:
    """Write down an answer as it was given; `presented` names the document that was compared (see `compared`)."""
    said = answer.as_json()
    for _attempt in range(5):
        try:
            with transaction.atomic():
                return Receipt.objects.create(
                    reference=numbers.new_number(PREFIX),
                    number=answer.credential.number,
                    asked_on=answer.on,
                    answer=said,
                    presented=presented,
                    checked_at=at,
                )
        except IntegrityError:
            continue
    raise RuntimeError("Five random receipt numbers in a row were taken.")


def compared(answer: Answer, digest: str) -> dict[str, Any] | None:
    """The document of this credential with that SHA-256, as a receipt names it; None where none was issued with it."""
    if not re.fullmatch(r"[0-9a-f]{64}", digest):
        return None
    mine = SignedDocument.objects.filter(credential=answer.credential)
    document = mine.filter(sha256=digest).first()
    if document:
        return {"form": "json", "version": document.version, "sha256": digest}
    file = (
        IssuedFile.objects.filter(document__in=mine, sha256=digest)
        .select_related("document")
        .first()
    )
    if file is None:
        return None
    return {"form": file.form, "version": file.document.version, "sha256": digest}


def find(typed: str) -> Receipt | None:
    """The receipt with a number, however it was typed."""
    older = _OLDER.fullmatch(typed.strip().upper()[:60])
    if older:
        return Receipt.objects.filter(reference="V-{}-{}".format(*older.groups())).first()
    number = numbers.normalise(typed)
    if number is None or not number.startswith(f"{PREFIX}-"):
        return None
    return Receipt.objects.filter(reference=number).first()


def content(receipt: Receipt) -> dict[str, Any]:
    """What a receipt says, for programs and for its digest."""
    said = {
        "receipt": str(receipt.uuid),
        "checked_at": receipt.checked_at.isoformat(),
        "asked_on": receipt.asked_on and receipt.asked_on.isoformat(),
        "answer": receipt.answer,
    }
    return said | ({"presented": receipt.presented} if receipt.presented else {})


def digest(receipt: Receipt) -> str:
    """SHA-256 over the RFC 8785 form of the receipt: a kept copy and the register's must show the same."""
    return hashlib.sha256(rfc8785.dumps(content(receipt))).hexdigest()
