"""Issue five credentials on a server of our own and let the Node verifier judge them:

    (cd tests/verifiers && npm ci) && .venv/bin/python tests/verifiers/run.py

Ends with 0 when it accepts the good and the reinstated one and refuses the others for the right reason.
"""

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent


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
        cases = prepare()
        manage = [sys.executable, str(ROOT / "manage.py")]
        server = subprocess.Popen(
            [*manage, "runserver", "--noreload", f"127.0.0.1:{port}"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            wait_for(f"{base}/.well-known/did.json")
            return judge(base, cases, Path(directory))
        finally:
            server.terminate()
            server.wait(20)


def prepare() -> dict[str, tuple[str, str]]:
    """Migrate, issue and sign; for each case the credential's public id and a word of the verdict expected ("" for valid)."""
    sys.path.insert(0, str(ROOT))
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    from credentials import issuing, keys
    from tests.credentials.issued import change, days_ago, issued, now

    keys.ensure_keys(at=now())
    suspended, revoked, reinstated = (
        issued("Sofia Kettle"),
        issued("Rufus Adeyemi"),
        issued("Edda Lindqvist"),
    )
    good, expired = issued("Orla Brandreth"), issued("Piet Blom", at=days_ago(900))
    issuing.finish_pending(at=now())
    change(suspended, "suspend", at=days_ago(3))
    change(revoked, "revoke", at=days_ago(3))
    change(reinstated, "suspend", at=days_ago(3))
    change(reinstated, "reinstate", at=days_ago(2))
    issuing.finish_pending(at=now())
    cases = {
        "good": (good, ""),
        "reinstated": (reinstated, ""),
        "expired": (expired, "validUntil"),
        "suspended": (suspended, "status list says"),
        "revoked": (revoked, "status list says"),
    }
    return {
        name: (str(credential.public_id), verdict) for name, (credential, verdict) in cases.items()
    }


def wait_for(url: str) -> None:
    for _attempt in range(120):
        try:
            urllib.request.urlopen(url).read()
            return
        except OSError:
            time.sleep(0.5)
    raise SystemExit("The server did not start.")


def judge(base: str, cases: dict[str, tuple[str, str]], directory: Path) -> int:
    wrong = 0
    for name, (public_id, verdict) in cases.items():
        wrong += not agrees(name, verdict, base, public_id)
    good, reinstated = cases["good"][0], cases["reinstated"][0]
    document = urllib.request.urlopen(f"{base}/credentials/{good}.json").read().decode()
    respelled = json.loads(document)
    respelled["https://www.w3.org/2018/credentials#validUntil"] = {
        "@type": "http://www.w3.org/2001/XMLSchema#dateTime",
        "@value": respelled.pop("validUntil"),
    }
    superseded = (
        urllib.request.urlopen(f"{base}/credentials/{reinstated}.json?version=1").read().decode()
    )
    files = {
        "tampered": (document.replace("Orla Brandreth", "Orla Brandwrong"), "Invalid signature"),
        "respelled": (json.dumps(respelled), "not spelled as"),
        "superseded": (superseded, "status list says"),
    }
    for name, (content, verdict) in files.items():
        path = directory / f"{name}.json"
        path.write_text(content)
        wrong += not agrees(name, verdict, base, "--file", str(path))
    sys.stdout.write("All as expected.\n" if not wrong else f"{wrong} not as expected.\n")
    return bool(wrong)


def agrees(name: str, verdict: str, base: str, *arguments: str) -> bool:
    """Whether the verifier accepts (`verdict` empty), or refuses for a reason that contains `verdict`."""
    run = subprocess.run(
        ["node", str(HERE / "verify.mjs"), base, *arguments], capture_output=True, text=True
    )
    said = (run.stdout + run.stderr).strip()
    right = run.returncode == 0 if not verdict else run.returncode == 1 and verdict in said
    sys.stdout.write(f"{'ok   ' if right else 'WRONG'} {name:11} {said}\n")
    return right


if __name__ == "__main__":
    sys.exit(main())
