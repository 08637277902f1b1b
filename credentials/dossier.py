"""The dossier of a credential: everything it rests on and everything that happened to it, in one file that anybody can check. Pure.

Each row of the ledger is given as the content that was hashed, its hash, and, where text was salted, text and salt. `check` recomputes
every hash and every link from the file alone: an auditor needs nothing of ours but this description:

    hash = SHA-256( RFC 8785 JSON of content )        content.previous = hash of the row before it in its chain, sequence counts from 1
    content[salted field] = SHA-256( salt ‖ text )

Rows of a chain that concern something else are withheld: their hash, their place and what they link to is given, so the chain still holds.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import rfc8785

FORMAT = "palpate-dossier/1"
GENESIS = "0" * 64


def build(
    *,
    exported_at: str,
    exported_by: str,
    credential: Mapping[str, Any],
    application: Mapping[str, Any],
    requirements: Sequence[Mapping[str, Any]],
    documents: Sequence[Mapping[str, Any]],
    evidence: Iterable[Mapping[str, Any]],
    reviews: Iterable[Mapping[str, Any]],
    events: Iterable[Mapping[str, Any]],
    decisions: Iterable[Mapping[str, Any]],
    exceptions: Iterable[Mapping[str, Any]],
    sources: Sequence[Mapping[str, Any]],
    signed: Iterable[Mapping[str, Any]],
    renewals: Mapping[str, Sequence[Mapping[str, Any]]],
) -> dict[str, Any]:
    """The dossier as one JSON value. `evidence`, `reviews`, `events`, `decisions`, `exceptions`, `signed` and all of `renewals` (its steps,
    activities and the decisions on them) are rows as `row` makes them; `sources` says of examinations and courses what their own records say, which no chain here holds.
    """
    dossier: dict[str, Any] = {
        "format": FORMAT,
        "exported_at": exported_at,
        "exported_by": exported_by,
        "credential": dict(credential),
        "application": dict(application),
        "requirements": [dict(row) for row in requirements],
        "documents": [dict(row) for row in documents],
        "sources": [dict(row) for row in sources],
        "ledger": {
            "evidence": list(evidence),
            "reviews": list(reviews),
            "exceptions": list(exceptions),
            "decisions": list(decisions),
            "events": list(events),
            "signed_documents": list(signed),
            **{part: list(rows) for part, rows in renewals.items()},
        },
    }
    dossier["sha256"] = digest_of(dossier)
    return dossier


def row(
    content: Mapping[str, Any],
    *,
    digest: str,
    salted: Mapping[str, str] | None = None,
    salt: str = "",
    words: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """One ledger row: the hashed content, the hash, the salted texts with their salt, and `words` for people that are not hashed."""
    texts = {name: {"text": text, "salt": salt} for name, text in (salted or {}).items()}
    return {
        "content": dict(content),
        "hash": digest,
        "salted": texts,
        **({"words": dict(words)} if words else {}),
    }


def withheld(*, chain: str, sequence: int, previous: str, digest: str) -> dict[str, Any]:
    """A row of the same chain that concerns something else: only what keeps the chain together."""
    return {
        "withheld": True,
        "content": {"chain": chain, "sequence": sequence, "previous": previous},
        "hash": digest,
    }


def digest_of(dossier: Mapping[str, Any]) -> str:
    """SHA-256 of the dossier's RFC 8785 form, without its own digest."""
    return _sha256({name: value for name, value in dossier.items() if name != "sha256"})


def check(dossier: Mapping[str, Any]) -> list[str]:
    """Everything in the dossier that does not hold, in words; an empty list when all of it does."""
    found = (
        []
        if digest_of(dossier) == dossier.get("sha256")
        else ["The file is not what was exported."]
    )
    for part, rows in dossier["ledger"].items():
        found += [f"{part}: {problem}" for problem in _check_rows(rows)]
    return found


def _check_rows(rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    heads: dict[str, tuple[int, str]] = {}
    for entry in rows:
        content = entry["content"]
        chain, sequence = content["chain"], content["sequence"]
        where = f"row {sequence} of {chain}"
        before = heads.get(chain, (0, GENESIS))
        if (sequence - 1, content["previous"]) != before:
            yield f"{where} does not follow from the row before it"
        heads[chain] = (sequence, entry["hash"])
        if entry.get("withheld"):
            continue
        if _sha256(content) != entry["hash"]:
            yield f"{where} is not what was hashed"
        for name, given in entry.get("salted", {}).items():
            text = f"{given['salt']}{given['text']}"
            if hashlib.sha256(text.encode()).hexdigest() != content.get(name):
                yield f"{where}: its {name} is not what was hashed"


def _sha256(value: Any) -> str:
    return hashlib.sha256(rfc8785.dumps(value)).hexdigest()
