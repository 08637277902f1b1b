"""Issue credentials on a server of our own and let three verifiers that were not written here judge them:

    (cd tests/verifiers && npm ci) && .venv/bin/python tests/verifiers/run.py

Digital Bazaar's, the DCC's verifier-core (both on Node) and openbadgeslib. Ends with 0 when each accepts the good ones, as JSON and as PNG, and
refuses the others.
"""

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
DID = "did:web:credentials.palpate.example"
HOST = "https://credentials.palpate.example"
# The words by which Digital Bazaar's verdict is known to be for the right reason; the others say less.
EXPECTED = {
    "good": "",
    "good as a badge": "",
    "reinstated": "",
    "signed anew": "",
    "expired": "validUntil",
    "suspended": "status list says",
    "revoked": "status list says",
    "superseded": "status list says",
    "tampered": "Invalid signature",
    "tampered badge": "Invalid signature",
    "respelled": "not spelled as",
    "key of a stranger": "",
    "key that was withdrawn": "",
    "issuer of a stranger": "It is issued by",
}
ACCEPTED = {"good", "good as a badge", "reinstated", "signed anew"}


def main() -> int:
    with tempfile.TemporaryDirectory() as directory:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        os.environ |= {
            "DATA_DIR": directory,
            "DATABASE_URL": f"sqlite:///{directory}/register.sqlite3",
            "PORT": str(port),
            "DEBUG": "1",
            "DJANGO_SETTINGS_MODULE": "lms.settings",
        }
        base = f"http://127.0.0.1:{port}"
        files = prepare(Path(directory))
        manage = [sys.executable, str(ROOT / "manage.py")]
        server = subprocess.Popen(
            [*manage, "runserver", "--noreload", f"127.0.0.1:{port}"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            wait_for(f"{base}/.well-known/did.json")
            return judge(base, files)
        finally:
            server.terminate()
            server.wait(20)


def prepare(directory: Path) -> dict[str, Path]:
    """Migrate, issue and sign; one file for each case."""
    sys.path.insert(0, str(ROOT))
    import django

    django.setup()
    from django.core.files.storage import storages
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    from credentials import baking, certificate, issuing, keys
    from credentials.models import SigningKey
    from tests.credentials.issued import change, days_ago, issued, now

    keys.ensure_keys(at=now())
    # Signed with a key that is then withdrawn: what is valid is signed anew.
    anew = issued("Ivo Marchetti")
    issuing.finish_pending(at=now())
    withdrawn = anew.signed_documents.get().body
    lost = keys.current(SigningKey.Purpose.CREDENTIALS)
    call_command("signing", "compromise", lost.public, "--since", "2020-01-01", verbosity=0)
    suspended, revoked = issued("Sofia Kettle"), issued("Rufus Adeyemi")
    reinstated, good = issued("Edda Lindqvist"), issued("Orla Brandreth")
    expired = issued("Piet Blom", at=days_ago(900))
    issuing.finish_pending(at=now())
    old = reinstated.signed_documents.get().body
    change(suspended, "suspend", at=days_ago(3))
    change(revoked, "revoke", at=days_ago(3))
    change(reinstated, "suspend", at=days_ago(3))
    change(reinstated, "reinstate", at=days_ago(2))
    issuing.finish_pending(at=now())

    def newest(credential):
        return credential.signed_documents.order_by("-version").first()

    document = newest(good)
    badge = storages["private"].open(document.png_path).read()
    tampered = document.body.replace("Orla Brandreth", "Orla Brandwrong")
    contents: dict[str, str | bytes] = {
        "good": document.body,
        "good as a badge": badge,
        "reinstated": newest(reinstated).body,
        "signed anew": newest(anew).body,
        "expired": newest(expired).body,
        "suspended": newest(suspended).body,
        "revoked": newest(revoked).body,
        "superseded": old,
        "tampered": tampered,
        "tampered badge": baking.bake_png(certificate.badge(good.statement), tampered),
        "respelled": respelled(document.body),
        "key of a stranger": by_a_stranger(document.body, DID),
        "key that was withdrawn": withdrawn,
        "issuer of a stranger": by_a_stranger(document.body, "did:web:evil.example"),
    }
    files = {}
    for name, content in contents.items():
        files[name] = directory / f"{name}.{'json' if isinstance(content, str) else 'png'}"
        files[name].write_bytes(content.encode() if isinstance(content, str) else content)
    return files


def respelled(body: str) -> str:
    """The same RDF under the same signature; the JSON no longer says when it ends."""
    document = json.loads(body)
    document["https://www.w3.org/2018/credentials#validUntil"] = {
        "@type": "http://www.w3.org/2001/XMLSchema#dateTime",
        "@value": document.pop("validUntil"),
    }
    return json.dumps(document)


def by_a_stranger(body: str, issuer: str) -> str:
    """Our document, signed with a key of somebody else's under the issuer's name: 1EdTech's validator would take such a key from its fragment."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from credentials import integrity, keys
    from tests.credentials.issued import now

    document = {name: value for name, value in json.loads(body).items() if name != "proof"}
    document["issuer"] = document["issuer"] | {"id": issuer}
    key = Ed25519PrivateKey.generate()
    method = f"{issuer}#{keys.multikey(key.public_key())}"
    proof = integrity.sign(document, key=key, method=method, at=now())
    return json.dumps(document | {"proof": [proof]})


def wait_for(url: str) -> None:
    for _attempt in range(120):
        try:
            urllib.request.urlopen(url).read()
            return
        except OSError:
            time.sleep(0.5)
    raise SystemExit("The server did not start.")


Judge = Callable[[str, Path], tuple[bool, str]]


def judge(base: str, files: dict[str, Path]) -> int:
    judges: dict[str, Judge] = {
        "@digitalbazaar/vc": on_node(""),
        "DCC verifier-core": on_node("dcc"),
        "openbadgeslib": with_openbadgeslib,
    }
    wrong = served_as_stored(base, files["good"])
    for library, verdict in judges.items():
        sys.stdout.write(f"{library}\n")
        for name, path in files.items():
            accepted, said = verdict(base, path)
            right = accepted == (name in ACCEPTED)
            if library.startswith("@") and not accepted:
                right = right and EXPECTED[name] in said
            wrong += not right
            sys.stdout.write(f"  {'ok   ' if right else 'WRONG'} {name:22} {'accepted' if accepted else said}\n")  # fmt: skip
    sys.stdout.write("All as expected.\n" if not wrong else f"{wrong} not as expected.\n")
    return bool(wrong)


def served_as_stored(base: str, path: Path) -> bool:
    """Whether the address, and the refresh service, answer with the very bytes that were signed. True when they do not."""
    address = json.loads(path.read_text())["id"].removeprefix(HOST)
    answers = {urllib.request.urlopen(f"{base}{address}{end}").read() for end in (".json", "/current")}  # fmt: skip
    return answers != {path.read_bytes()}


def on_node(verifier: str) -> Judge:
    def verdict(base: str, path: Path) -> tuple[bool, str]:
        run = subprocess.run(
            ["node", str(HERE / "verify.mjs"), base, "--file", str(path)],
            capture_output=True,
            text=True,
            env={**os.environ, "VERIFIER": verifier},
        )
        said = (run.stdout + run.stderr).strip().partition("\n")[0].rpartition("  ")[2]
        return run.returncode == 0, said

    return verdict


def with_openbadgeslib(base: str, path: Path) -> tuple[bool, str]:
    from openbadgeslib.ob3.ldp import OB3LdpVerifier
    from openbadgeslib.ob3.verifier import OB3VerificationError, OB3Verifier

    def download(url: str) -> bytes:
        assert url.startswith(f"{HOST}/"), url
        return urllib.request.urlopen(base + url.removeprefix(HOST)).read()

    content = path.read_bytes()
    body = OB3Verifier.extract_token_from_png(content) if path.suffix == ".png" else content.decode()  # fmt: skip
    try:
        OB3LdpVerifier.for_issuer_did(DID).verify(
            body, check_status=True, download=download, verify_status_list=False
        )
    except (OB3VerificationError, urllib.error.HTTPError) as refusal:
        return False, str(refusal)[:110]
    return True, ""


if __name__ == "__main__":
    sys.exit(main())
