"""Bitstring Status List 1.0: which of our signed documents no longer hold, one bit each, in a signed list anybody may fetch.

A bit is set for ever (revocation is not reversible): a reinstated credential gets a new document with a new place. Lists are full of unused
places, and places are drawn at random, so that neither says how many credentials there are or in which order they were issued.
"""

import base64
import gzip
import json
from collections.abc import Iterable
from datetime import datetime, timedelta

from credentials import integrity, keys, openbadges
from credentials.integrity import Json
from credentials.models import SigningKey

VALID_FOR = timedelta(days=7)
RESIGN_AFTER = timedelta(hours=1)
MAX_AGE_SECONDS = 60


def bits(indexes: Iterable[int], size: int) -> bytes:
    """A bit string of `size` places with those at `indexes` set; place 0 is the left-most bit of the first byte."""
    field = bytearray(size // 8)
    for index in indexes:
        field[index // 8] |= 0x80 >> index % 8
    return bytes(field)


def encoded(field: bytes) -> str:
    """As the list carries it: multibase base64url of the gzipped bits. The same bits always give the same text."""
    return "u" + base64.urlsafe_b64encode(gzip.compress(field, 4, mtime=0)).rstrip(b"=").decode()


def build(number: int, field: bytes, *, at: datetime) -> Json:
    """The unsigned list credential. Purpose and type are strings: verifiers compare them so."""
    url = openbadges.status_list_url(number)
    return {
        "@context": [integrity.CREDENTIALS_V2],
        "id": url,
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": keys.issuer_did(),
        "validFrom": openbadges.moment(at, "UTC"),
        "validUntil": openbadges.moment(at + VALID_FOR, "UTC"),
        "credentialSubject": {
            "id": f"{url}#list",
            "type": "BitstringStatusList",
            "statusPurpose": "revocation",
            "encodedList": encoded(field),
            "ttl": MAX_AGE_SECONDS * 1000,
        },
    }


def signed(number: int, field: bytes, *, key: SigningKey, at: datetime) -> str:
    """The signed list as it is served. Raises KeyMissing."""
    document = build(number, field, at=at)
    proof = integrity.sign(
        document,
        key=keys.private_key(key),
        method=keys.verification_method(key),
        at=at,
        expanded=integrity.require_signable(document),
    )
    return json.dumps(document | {"proof": proof}, separators=(",", ":"))
