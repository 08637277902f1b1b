"""Signing keys. The private halves are files in KEYS_DIR, readable by the owner only; the public halves are rows and stand in did.json.

`<SigningKey.public>.pem` holds an Ed25519 key (credentials and status lists), or a P-256 key with its certificate (PDF signatures).
Keys are made by `manage.py signing ensure` (setup and the demo call it), never in a request. Losing one means that nothing more is
signed until a new one is made; what was signed stays valid. A key that others may have read is declared compromised: it leaves did.json,
and what it signed is signed anew (docs/keys.md).
"""

import os
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import quote, urlsplit

import base58
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    EllipticCurvePrivateKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.x509.oid import NameOID
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import IntegrityError, transaction

from credentials.models import SigningKey

# The two bytes that say "Ed25519 public key" in a Multikey.
ED25519_PUBLIC = b"\xed\x01"
CERTIFICATE_DAYS = 3660
Purpose = SigningKey.Purpose


class KeyMissing(RuntimeError):
    """A signature is due and its private key is not there. The message names the file or the command that helps."""


@dataclass(frozen=True)
class PdfKey:
    """What a PDF is signed with."""

    private: EllipticCurvePrivateKey
    certificate: x509.Certificate


def issuer_did() -> str:
    """The did:web of ISSUER_URL: `did:web:credentials.palpate.example`. Raises ImproperlyConfigured when the address cannot be one."""
    parts = urlsplit(settings.ISSUER_URL)
    if not parts.hostname or parts.path.strip("/") or parts.query:
        raise ImproperlyConfigured(
            f"ISSUER_URL must be a bare https address of a host, not {settings.ISSUER_URL!r}."
        )
    return f"did:web:{quote(parts.netloc.lower(), safe='.-')}"


def verification_method(key: SigningKey) -> str:
    return f"{issuer_did()}#{key.public}"


def multikey(public: Ed25519PublicKey) -> str:
    """A public key as Multikey writes it: `z6Mk…`."""
    return "z" + base58.b58encode(ED25519_PUBLIC + public.public_bytes_raw()).decode()


def public_key(key: SigningKey) -> Ed25519PublicKey:
    """The Ed25519 key a row stands for."""
    return Ed25519PublicKey.from_public_bytes(
        base58.b58decode(key.public[1:])[len(ED25519_PUBLIC) :]
    )


def path_of(key: SigningKey) -> Path:
    return Path(settings.KEYS_DIR) / f"{key.public}.pem"


def current(purpose: str) -> SigningKey:
    """The key that signs now. Raises KeyMissing when none was made yet."""
    key = SigningKey.objects.filter(purpose=purpose, retired_at=None).first()
    if key is None:
        raise KeyMissing(
            f"There is no signing key for “{Purpose(purpose).label}”. Run: manage.py signing ensure"
        )
    return key


def private_key(key: SigningKey) -> Ed25519PrivateKey:
    """The private half of a key for credentials. Raises KeyMissing naming the file."""
    loaded = serialization.load_pem_private_key(_read(key), password=None)
    if not isinstance(loaded, Ed25519PrivateKey) or multikey(loaded.public_key()) != key.public:
        raise KeyMissing(f"{path_of(key)} holds another key than its name says.")
    return loaded


def pdf_key(key: SigningKey) -> PdfKey:
    """The private half and certificate of a key for PDFs. Raises KeyMissing naming the file."""
    content = _read(key)
    loaded, certificate = (
        serialization.load_pem_private_key(content, None),
        x509.load_pem_x509_certificate(content),
    )
    if (
        not isinstance(loaded, EllipticCurvePrivateKey)
        or certificate.fingerprint(hashes.SHA256()).hex() != key.public
    ):
        raise KeyMissing(f"{path_of(key)} holds another key than its name says.")
    return PdfKey(loaded, certificate)


def _read(key: SigningKey) -> bytes:
    try:
        return path_of(key).read_bytes()
    except OSError as error:
        raise KeyMissing(
            f"The private signing key {path_of(key)} cannot be read ({error.strerror}). Restore it from its backup, "
            "or make a new one: manage.py signing rotate"
        ) from error


def ensure_keys(*, at: datetime) -> list[SigningKey]:
    """One signing key for each purpose, made where there is none. Safe to call twice. Raises KeyMissing when a file has gone."""
    keys = []
    for purpose in Purpose.values:
        key = SigningKey.objects.filter(purpose=purpose, retired_at=None).first()
        if key is None:
            try:
                with transaction.atomic():
                    key = _make(purpose, at)
            except IntegrityError:  # somebody made one at the same moment
                key = current(purpose)
        _read(key)
        keys.append(key)
    return keys


@transaction.atomic
def rotate(*, purpose: str, at: datetime) -> SigningKey:
    """Retire the key that signs now and make another. What the old one signed stays verifiable: it remains in did.json."""
    SigningKey.objects.select_for_update().filter(purpose=purpose, retired_at=None).update(
        retired_at=at
    )
    return _make(purpose, at)


@transaction.atomic
def compromise(*, key: SigningKey, since: datetime, at: datetime) -> SigningKey:
    """Others may have had `key` since then: it leaves did.json and signs nothing more. Returns the key that signs now, made where it was this.

    Declared again with an earlier moment, that one is kept; a later one changes nothing.
    """
    if since > at:
        raise ValueError("A key is not compromised in the future.")
    SigningKey.objects.select_for_update().get(pk=key.pk)
    key.refresh_from_db()
    if key.compromised_at is None or since < key.compromised_at:
        key.compromised_at = since
        key.save(update_fields=["compromised_at"])
    if key.retired_at is None:
        return rotate(purpose=key.purpose, at=at)
    return current(key.purpose)


def _make(purpose: str, at: datetime) -> SigningKey:
    """The file first, then the row: a row without its file would stop all signing, a file without a row harms nothing."""
    public, pem = _new_ed25519() if purpose == Purpose.CREDENTIALS else _new_p256(at)
    directory = Path(settings.KEYS_DIR)
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(directory / f"{public}.pem", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(pem)
        file.flush()
        os.fsync(file.fileno())
    return SigningKey.objects.create(purpose=purpose, public=public, created_at=at)


def _pem(key: Ed25519PrivateKey | EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _new_ed25519() -> tuple[str, bytes]:
    key = Ed25519PrivateKey.generate()
    return multikey(key.public_key()), _pem(key)


def _new_p256(at: datetime) -> tuple[str, bytes]:
    """A key with a certificate of our own making: it says who signed to anybody who has seen the issuer's fingerprint before."""
    key = generate_private_key(SECP256R1())
    host = urlsplit(settings.ISSUER_URL).hostname or ""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host[:64])])
    usage = x509.KeyUsage(
        digital_signature=True, content_commitment=True, key_encipherment=False, data_encipherment=False,
        key_agreement=False, key_cert_sign=False, crl_sign=False, encipher_only=False, decipher_only=False,
    )  # fmt: skip
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(at - timedelta(hours=1))
        .not_valid_after(at + timedelta(days=CERTIFICATE_DAYS))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(
            x509.SubjectAlternativeName([x509.UniformResourceIdentifier(settings.ISSUER_URL)]),
            critical=False,
        )
        .sign(key, hashes.SHA256())
    )
    return certificate.fingerprint(hashes.SHA256()).hex(), _pem(key) + certificate.public_bytes(
        serialization.Encoding.PEM
    )
