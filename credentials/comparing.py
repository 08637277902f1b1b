"""What somebody presents, compared with what was issued: byte by byte, value by value, and by its proof.

The register's own copy decides. A stranger's JSON-LD is canonicalised only where it has exactly the shape of what we sign and no two parts
alike, so that the work has a bound; nothing is ever fetched.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import rfc8785
from django.conf import settings

from credentials import integrity, keys, openbadges, verification
from credentials.models import Credential, IssuedFile, SignedDocument, SigningKey
from credentials.numbers import normalise
from credentials.presented import Difference, Form, Json, Presented, differences, parse

MOST_PARTS = 40


class Verdict(StrEnum):
    GENUINE = "genuine"  # the bytes that were issued
    SAME = "same"  # every value as issued, set differently
    ALTERED = "altered"  # names a credential of ours and is none of its documents
    FORGED = "forged"  # altered or unknown, with a signature by a key of ours
    UNKNOWN = "unknown"  # says that it is ours, and there is no such credential
    FOREIGN = "foreign"  # another issuer's


class Proof(StrEnum):
    HOLDS = "holds"
    LOST_KEY = "lost_key"  # holds, by a key that others may have
    BROKEN = "broken"
    NONE = "none"  # a certificate's file is compared as a whole
    NOT_OURS = "not_ours"  # by no key of ours, or of a shape we do not sign


@dataclass(frozen=True)
class Comparison:
    """What came of it. `document` is the version it equals, else the one it comes nearest to."""

    presented: Presented
    verdict: Verdict
    proof: Proof
    credential: Credential | None = None
    document: SignedDocument | None = None
    newest: int = 0
    differences: tuple[Difference, ...] = ()
    whole: bool = True  # of a picture: also the picture around the credential is ours

    @property
    def genuine(self) -> bool:
        return self.verdict in (Verdict.GENUINE, Verdict.SAME)

    @property
    def older(self) -> bool:
        return bool(self.document and self.document.version < self.newest)

    @property
    def issuer(self) -> str:
        """Whom the document names as issuer."""
        named = self.presented.document.get("issuer")
        said = named.get("name") or named.get("id") if isinstance(named, dict) else named
        return str(said)[:120] if isinstance(said, str) else ""


def compare(presented: Presented) -> Comparison:
    """Compare with what was issued. Five statements at most."""
    if presented.form is Form.PDF:
        return _compare_file(presented)
    credential = _named_by(presented.document)
    if credential is None:
        return _not_in_the_register(presented)
    versions = list(credential.signed_documents.select_related("key").order_by("version"))
    same = _same(presented, versions)
    if same is None:
        return _altered(presented, credential, versions)
    exact = same.sha256 == presented.text_sha256
    whole = presented.form is Form.JSON or IssuedFile.objects.filter(
        document=same, sha256=presented.sha256
    ).exists()  # fmt: skip
    return Comparison(
        presented,
        Verdict.GENUINE if exact else Verdict.SAME,
        proof_of(parse(same.body)),
        credential,
        same,
        len(versions),
        whole=whole,
    )


def _compare_file(presented: Presented) -> Comparison:
    file = (
        IssuedFile.objects.filter(sha256=presented.sha256, form=IssuedFile.Form.PDF)
        .select_related("document__credential", "key")
        .first()
    )
    if file:
        credential = _with_events(Credential.objects.filter(pk=file.document.credential_id))
        newest = credential.signed_documents.count() if credential else 0
        proof = Proof.LOST_KEY if file.key and file.key.compromised_at else Proof.HOLDS
        return Comparison(presented, Verdict.GENUINE, proof, credential, file.document, newest)
    named = _with_events(Credential.objects.filter(number__in=presented.numbers[:1]))
    return Comparison(presented, Verdict.ALTERED if named else Verdict.UNKNOWN, Proof.NONE, named)


def _named_by(document: Json) -> Credential | None:
    """The credential whose address or number the document bears."""
    base, _slash, name = str(document.get("id", ""))[:300].rpartition("/")
    if base == f"{settings.ISSUER_URL}/credentials":
        try:
            return _with_events(Credential.objects.filter(public_id=UUID(name)))
        except ValueError:
            return None
    subject = document.get("credentialSubject")
    given = subject.get("licenseNumber") if isinstance(subject, dict) else None
    number = normalise(given) if isinstance(given, str) else None
    return _with_events(Credential.objects.filter(number=number)) if number else None


def _with_events(rows: Any) -> Credential | None:
    found: Credential | None = rows.prefetch_related(verification.events()).first()
    return found


def _same(presented: Presented, versions: list[SignedDocument]) -> SignedDocument | None:
    """The version with these very bytes, else the one with these very values."""
    for row in versions:
        if row.sha256 == presented.text_sha256:
            return row
    try:
        content = rfc8785.dumps(presented.document)
    except (rfc8785.CanonicalizationError, ValueError):
        return None
    return next((row for row in versions if rfc8785.dumps(parse(row.body)) == content), None)


def _altered(
    presented: Presented, credential: Credential, versions: list[SignedDocument]
) -> Comparison:
    proof = proof_of(presented.document)
    nearest = _nearest(presented.document, versions)
    held = proof in (Proof.HOLDS, Proof.LOST_KEY)
    return Comparison(
        presented,
        Verdict.FORGED if held else Verdict.ALTERED,
        proof,
        credential,
        nearest,
        len(versions),
        tuple(differences(parse(nearest.body), presented.document)) if nearest else (),
        whole=presented.form is Form.JSON,
    )


def _nearest(document: Json, versions: list[SignedDocument]) -> SignedDocument | None:
    """The version whose proof or place in the status list it carries, else the newest."""
    status = document.get("credentialStatus")
    place = status.get("statusListIndex") if isinstance(status, dict) else None
    values = {proof.get("proofValue") for proof in _proofs(document)}
    for row in versions:
        if str(row.status_index) == place or parse(row.body)["proof"][0]["proofValue"] in values:
            return row
    return versions[-1] if versions else None


def _not_in_the_register(presented: Presented) -> Comparison:
    document = presented.document
    issuer = document.get("issuer")
    named = issuer.get("id") if isinstance(issuer, dict) else issuer
    host = urlsplit(settings.ISSUER_URL).netloc
    ours = isinstance(named, str) and (
        named in (keys.issuer_did(), settings.ISSUER_URL) or named.startswith(f"https://{host}/")
    )
    ours = ours or str(document.get("id", "")).startswith(f"{settings.ISSUER_URL}/")
    proof = proof_of(document)
    if proof in (Proof.HOLDS, Proof.LOST_KEY):
        return Comparison(presented, Verdict.FORGED, proof)
    return Comparison(presented, Verdict.UNKNOWN if ours else Verdict.FOREIGN, proof)


# Proofs


def _proofs(document: Json) -> list[Json]:
    given = document.get("proof")
    found = given if isinstance(given, list) else [given]
    return [proof for proof in found[:5] if isinstance(proof, dict)]


def proof_of(document: Json) -> Proof:
    """Whether the document is signed by a key of ours. Not tried for a shape we do not sign."""
    try:
        openbadges.require_shape(document)
    except integrity.NotSignable:
        return Proof.NOT_OURS
    proof, key = document["proof"][0] if "proof" in document else {}, None
    issuer, _hash, public = str(proof.get("verificationMethod", "")).partition("#")
    if issuer == keys.issuer_did():
        key = SigningKey.objects.filter(
            purpose=SigningKey.Purpose.CREDENTIALS, public=public
        ).first()
    if key is None or not _bounded(document):
        return Proof.NOT_OURS
    try:
        holds = integrity.is_signed_by(document, proof, keys.public_key(key))
    except Exception:  # whatever a hostile document makes PyLD stumble over, it is not ours
        return Proof.BROKEN
    if not holds:
        return Proof.BROKEN
    return Proof.LOST_KEY if key.compromised_at else Proof.HOLDS


def _bounded(document: Json) -> bool:
    """Few parts without a name of their own, and no two alike: canonicalising them then takes one pass."""
    subject = document["credentialSubject"]
    for parts in (document.get("evidence", []), subject.get("result", [])):
        different = {rfc8785.dumps(part) for part in parts}
        if len(parts) > MOST_PARTS or len(different) != len(parts):
            return False
    return True
