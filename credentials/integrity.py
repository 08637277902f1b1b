"""W3C Data Integrity proofs, cryptosuite eddsa-rdfc-2022, over PyLD and cryptography.

What is signed is the RDF a JSON document expands to, not its letters; so a term no context defines would go unsigned. `require_signable`
refuses such a document, and contexts are never fetched: they come from the package openbadgeslib, each pinned by its SHA-256.
"""

import functools
import hashlib
import importlib.util
import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import base58
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from pyld import jsonld

Json = dict[str, Any]
Loader = Callable[[str, Any], Json]

CREDENTIALS_V2 = "https://www.w3.org/ns/credentials/v2"
OPEN_BADGES = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"
OPEN_BADGES_EXTENSIONS = "https://purl.imsglobal.org/spec/ob/v3p0/extensions.json"

PINNED = {
    CREDENTIALS_V2: (
        "credentials-v2.json",
        "59955ced6697d61e03f2b2556febe5308ab16842846f5b586d7f1f7adec92734",  # the digest VC Data Model 2.0 itself prints
    ),
    OPEN_BADGES: (
        "ob-v3p0-context-3.0.3.json",
        "3d34f4d4ef1bce691106e63798beb5e7b862ba841423f5ee1e53ab7ddf3bca84",
    ),
    OPEN_BADGES_EXTENSIONS: (
        "ob-v3p0-extensions.json",
        "87c06c81bc2317663bf288d740d94fddd2818c4342b186270ff6371dfaa63f93",
    ),
}


class NotSignable(ValueError):
    """The document says something its proof would not cover, or names a context that is not pinned."""


@functools.cache
def pinned_context(url: str) -> Json:
    """A context document as shipped with openbadgeslib (its data only, no code of it runs). Raises NotSignable for any other."""
    if url not in PINNED:
        raise NotSignable(f"{url} is not one of the pinned contexts.")
    name, digest = PINNED[url]
    package = importlib.util.find_spec("openbadgeslib")
    if package is None or package.origin is None:
        raise NotSignable("The package openbadgeslib, which brings the contexts, is not installed.")
    content = (Path(package.origin).parent / "ob3" / "contexts" / name).read_bytes()
    if hashlib.sha256(content).hexdigest() != digest:
        raise NotSignable(f"{name} of openbadgeslib is not the file that was pinned.")
    loaded: Json = json.loads(content)
    return loaded


def closed_world(url: str, options: Any = None) -> Json:
    """PyLD's document loader, given with every call (its global one is shared by the process): pinned contexts and nothing else."""
    return {
        "contextUrl": None,
        "documentUrl": url,
        "document": pinned_context(url),
        "tag": "static",
    }


def canonical(document: Any, loader: Loader = closed_world) -> str:
    """The RDF of a document, expanded or not, as canonical N-Quads (RDFC-1.0, which PyLD knows by its older name)."""
    options = {"algorithm": "URDNA2015", "format": "application/n-quads", "documentLoader": loader}
    quads: str = jsonld.normalize(document, options)
    return quads


def _digests(document: Json, proof: Json, loader: Loader, expanded: Any = None) -> bytes:
    """SHA-256 of the proof options, then of the document without its proof: the 64 bytes that are signed."""
    unsecured = {name: value for name, value in document.items() if name != "proof"}
    options = {name: value for name, value in proof.items() if name != "proofValue"} | {
        "@context": document["@context"]
    }
    return b"".join(
        hashlib.sha256(canonical(part, loader).encode()).digest()
        for part in (options, expanded or unsecured)
    )


def sign(
    document: Json,
    *,
    key: Ed25519PrivateKey,
    method: str,
    at: datetime,
    loader: Loader = closed_world,
    expanded: Any = None,
) -> Json:
    """A proof for `document` by `key`, which `method` (a DID URL) names, made at `at`. `expanded`: what `require_signable` returned for it."""
    proof = {
        "type": "DataIntegrityProof",
        "cryptosuite": "eddsa-rdfc-2022",
        "created": f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "verificationMethod": method,
        "proofPurpose": "assertionMethod",
    }
    digests = _digests(document, proof, loader, expanded)
    signature = key.sign(digests)
    key.public_key().verify(signature, digests)  # a faulty machine does not hand out a wrong one
    return proof | {"proofValue": "z" + base58.b58encode(signature).decode()}


def is_signed_by(
    document: Json, proof: Json, key: Ed25519PublicKey, loader: Loader = closed_world
) -> bool:
    """Whether `proof` was made over `document` by `key`. Only for documents of our own: it sets no limit to the work of a hostile one."""
    try:
        key.verify(base58.b58decode(proof["proofValue"][1:]), _digests(document, proof, loader))
    except InvalidSignature:
        return False
    return True


# Literals that differ from document to document; no context makes their letters mean anything else.
_LITERALS = frozenset(
    {"identityHash", "licenseNumber", "awardedDate", "validFrom", "validUntil", "statusListIndex", "encodedList"}
)  # fmt: skip
_ADDRESS = re.compile(r"(https://|urn:uuid:|did:web:)[A-Za-z0-9._~:/?#%=-]+")


def require_signable(document: Json, loader: Loader = closed_world) -> Any:
    """Raise NotSignable unless all the document says is in the RDF that will be signed. Returns the document expanded.

    It must come back unchanged from expanding and compacting, and every type and id must be absolute. Whether it comes back depends on its
    terms, not on whose name and which dates it holds; so that is tried once for all documents that differ in these alone.
    """
    expanded = jsonld.expand(document, {"documentLoader": loader})
    for keyword, value in _identifiers(expanded):
        if ":" not in value:
            raise NotSignable(f"{keyword} “{value}” is defined by none of the contexts.")
    shape = json.dumps(_shape(document), sort_keys=True)
    if loader is not closed_world or shape not in _tried:
        _require_return(document, expanded, loader)
        if loader is closed_world and len(_tried) < 1000:
            _tried.add(shape)
    return expanded


_tried: set[str] = set()


def _shape(value: Any, name: str = "") -> Any:
    """The document with the letters of its literals and addresses taken out."""
    if isinstance(value, dict):
        return {key: _shape(inner, key) for key, inner in value.items()}
    if isinstance(value, list):
        return [_shape(inner, name) for inner in value]
    if isinstance(value, str) and name in _LITERALS:
        return "…"
    if isinstance(value, str) and name == "id" and (found := _ADDRESS.fullmatch(value)):
        return found[1] + "…"
    return value


def _require_return(document: Json, expanded: Any, loader: Loader) -> None:
    returned = jsonld.compact(expanded, document["@context"], {"documentLoader": loader})
    if _plain(document) != _plain(returned):
        lost = ", ".join(sorted(_names(document) - _names(returned)))
        raise NotSignable(
            f"No context defines these terms: {lost}."
            if lost
            else "Some of its values are not what the contexts define."
        )


def _identifiers(node: Any) -> Iterator[tuple[str, str]]:
    if isinstance(node, list):
        for inner in node:
            yield from _identifiers(inner)
    elif isinstance(node, dict):
        for name, value in node.items():
            if name in ("@id", "@type"):
                yield from (
                    (name, each) for each in (value if isinstance(value, list) else [value])
                )
            else:
                yield from _identifiers(value)


def _plain(value: Any) -> Any:
    """A JSON value in which a list of one is that one, as compacting leaves it."""
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return _plain(value[0]) if len(value) == 1 else [_plain(inner) for inner in value]
    return value


def _names(value: Any) -> set[str]:
    if isinstance(value, dict):
        return set(value) | {name for inner in value.values() for name in _names(inner)}
    if isinstance(value, list):
        return {name for inner in value for name in _names(inner)}
    return set()
