"""A registrar awards 2,000 credentials in one batch and a worker signs them; it is killed (kill -9) in each half and begun again.
Run by `python -m bench issue`.

`seconds` is from the first decision to the last signed document, with the time it took to begin again, `cpu_ms` what all of it cost for each
credential; `sign_ms` is the CPU of one signature (shape, guard, canonical form, Ed25519), the median of 300. `lost` and `doubled` count credentials,
decisions and documents. The steps are those the worker's tasks call. Certificates are drawn afterwards and are not in these figures.
"""

import json
import os
import resource
import signal
import subprocess
import sys
import time
from datetime import timedelta
from statistics import median
from typing import Any

from bench.servers import ROOT

COUNT = int(os.environ.get("BENCH_COUNT", "2000"))
WORKER = [sys.executable, "-m", "bench.issue", "work"]


def issue(environment: dict[str, str]) -> str:
    step("prepare", environment)
    began, worked = time.monotonic(), children_seconds()
    kills = sum(
        killed_at(words, environment)
        for words in (f"decided {COUNT * 2 // 5} of", f"signed {COUNT // 2} of")
    )
    subprocess.run(WORKER, check=True, cwd=ROOT, env=environment, stdout=sys.stderr)
    seconds, worked = time.monotonic() - began, children_seconds() - worked
    found = json.loads(step("judge", environment))
    return (
        f"issue n={found['documents']} seconds={seconds:.1f} sign_ms={found['sign_ms']:.1f} cpu_ms={worked * 1000 / COUNT:.1f} "
        f"kills={kills} lost={found['lost']} doubled={found['doubled']} broken={found['broken']} load={os.getloadavg()[0]:.1f}"
    )


def children_seconds() -> float:
    """CPU of the processes begun here that have ended, killed ones too."""
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime


def step(name: str, environment: dict[str, str]) -> bytes:
    command = [sys.executable, "-m", "bench.issue", name]
    return subprocess.run(
        command, check=True, cwd=ROOT, env=environment, stdout=subprocess.PIPE
    ).stdout


def killed_at(words: str, environment: dict[str, str]) -> bool:
    """Run the worker until it has said `words`, and kill it. False when it came to its end without."""
    worker = subprocess.Popen(WORKER, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
    assert worker.stdout is not None
    for line in worker.stdout:
        if line.endswith(f"00 of {COUNT}\n"):
            print(line, end="", file=sys.stderr)
        if line.startswith(words):
            print(f"{line.strip()}: kill -9", file=sys.stderr)
            worker.send_signal(signal.SIGKILL)
            break
    return worker.wait() == -signal.SIGKILL


# In a process of its own


def prepare() -> None:
    """Everything but the decisions: people, applications, and evidence for each requirement."""
    from django.core.management import call_command
    from django.utils import timezone

    from accounts.models import Role, User
    from accounts.services import give_roles
    from credentials import keys
    from credentials.models import Application, CredentialType, Requirement

    call_command("migrate", verbosity=0)
    now = timezone.now()
    keys.ensure_keys(at=now)
    kind = CredentialType.objects.create(
        code="BENCH", edition="1", title="Sports Massage Therapist", issuer_name="Bench", description="Bench " * 8,
        criteria="Bench " * 30, scope="Bench " * 30, limits="Bench", code_of_conduct=["Bench"], zone="UTC", validity_years=2,
        number_prefix="BEN", award=CredentialType.Award.BY_DECISION, state=CredentialType.State.OPEN,
    )  # fmt: skip
    needs = [
        Requirement.objects.create(credential_type=kind, kind=each, code=f"{each}-{place}", title=f"Bench {place}", position=place)
        for place, each in enumerate(["course", "activity", "activity", "document", "document", "document", "agreement"])
    ]  # fmt: skip
    registrar = User.objects.create_user("registrar@bench.example", None, name="Registrar")
    give_roles(user=registrar, roles=[Role.REGISTRAR], by=None, at=now)
    people = User.objects.bulk_create(
        User(email=f"bench{number}@bench.example", name=f"Bench Person {number}") for number in range(COUNT)
    )  # fmt: skip
    Application.objects.bulk_create(
        Application(
            applicant=person, credential_type=kind, name_on_id=person.name, agreed_at=now, submitted_at=now
        )
        for person in people
    )  # fmt: skip
    for person in people:
        evidence(person, needs, now)
    ask()


def evidence(person: Any, needs: list[Any], now: Any) -> None:
    import uuid

    from credentials.models import Evidence

    Evidence.objects.bulk_append(
        [
            Evidence(
                chain=f"evidence:{person.uuid}", at=now, learner=person, requirement=need, requirement_code=need.code, source="document",
                reference=uuid.uuid4(), label="Bench", valid_until=now.date() + timedelta(days=400),
            )
            for need in needs
        ]
    )  # fmt: skip


def ask() -> None:
    """The registrar's batch: all 2,000, as the preview shows them."""
    from django.utils import timezone

    from accounts.models import User
    from credentials.models import Application
    from credentials.services import start_bulk

    keys = [f"decision:{uuid}" for uuid in Application.objects.values_list("uuid", flat=True)]
    registrar = User.objects.get(email="registrar@bench.example")
    start_bulk(action="award", keys=keys, by=registrar, at=timezone.now())


def work() -> None:
    """Award what is not awarded, then sign what is not signed; each is a transaction of its own."""
    from django.core.management import call_command
    from django.utils import timezone

    from credentials.models import BulkRun, BulkStep
    from credentials.services import bulk

    run = BulkRun.objects.get()
    done = run.steps.exclude(state=BulkStep.State.WAITING).count()

    def clock() -> Any:
        """Asked at each step, so it counts them."""
        nonlocal done
        done += 1
        if done % 20 == 0:
            print(f"decided {done} of {COUNT}", flush=True)
        return timezone.now()

    if run.finished_at is None:
        bulk.carry_out(run=run, at=clock)
    call_command("signing", "finish", "--only-sign")


def judge() -> None:
    """What was lost or done twice, whether every chain holds, and what a signature costs."""
    from credentials.models import (
        BulkStep,
        Credential,
        Decision,
        Evidence,
        SignedDocument,
        StatusEvent,
    )
    from ledger.services import verify

    parts = (
        (BulkStep.objects.filter(state=BulkStep.State.DONE), "key"),
        (Decision.objects.all(), "application"),
        (Credential.objects.all(), "application"),
        (StatusEvent.objects.all(), "credential"),
        (SignedDocument.objects.all(), "event"),
        (SignedDocument.objects.all(), "status_index"),
    )
    counts = [(rows.count(), rows.order_by().values(of).distinct().count()) for rows, of in parts]
    chained = (Decision, Evidence, SignedDocument, StatusEvent)
    json.dump(
        {
            "documents": SignedDocument.objects.count(),
            "lost": sum(COUNT - different for _all, different in counts),
            "doubled": sum(everything - different for everything, different in counts),
            "broken": sum(1 for model in chained for _row in verify(model)),
            "sign_ms": median(signature_ms()),
        },
        sys.stdout,
    )


def signature_ms() -> list[float]:
    """CPU of signing 300 of the documents once more, each."""
    from django.utils import timezone

    from credentials import keys, openbadges
    from credentials.models import SignedDocument, SigningKey

    key, now, spent = keys.current(SigningKey.Purpose.CREDENTIALS), timezone.now(), []
    for body in SignedDocument.objects.values_list("body", flat=True)[:300]:
        document = {name: value for name, value in json.loads(body).items() if name != "proof"}
        began = time.process_time()
        openbadges.signed(document, key=key, at=now)
        spent.append((time.process_time() - began) * 1000)
    return spent


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lms.settings")
    import django

    django.setup()
    {"prepare": prepare, "work": work, "judge": judge}[sys.argv[1]]()
