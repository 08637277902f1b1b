"""A full status list is built and signed: half its 131,072 places are taken, at random, as many as any list gets, and one document in ten is over.
Run by `python -m bench statuslist`; `statuslist ms=` is the median of ten, with the question to the database which documents are over; `cpu_ms=`
is this process's part of it, `bytes=` what a verifier fetches.
"""

import json
import os
import subprocess
import sys
import time
from datetime import timedelta
from statistics import median
from typing import Any

from bench.servers import ROOT

DOCUMENTS = 65_536


def statuslist(environment: dict[str, str]) -> str:
    print(f"Writing {DOCUMENTS} documents …", file=sys.stderr)
    command = [sys.executable, "-m", "bench.statuslist"]
    made = subprocess.run(command, check=True, cwd=ROOT, env=environment, stdout=subprocess.PIPE)
    found = json.loads(made.stdout)
    return (
        f"statuslist ms={found['ms']:.1f} build_and_sign_ms={found['sign_ms']:.1f} "
        f"cpu_ms={found['cpu_ms']:.1f} documents={found['documents']} over={found['over']} bytes={found['bytes']} load={os.getloadavg()[0]:.1f}"
    )


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lms.settings")
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection
    from django.utils import timezone

    from credentials import issuing, keys, statuslist
    from credentials.models import SigningKey, StatusList

    call_command("migrate", verbosity=0)
    now = timezone.now()
    keys.ensure_keys(at=now)
    fill(now)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    spent, worked = [], []
    for number in range(11):
        began, worked_before = time.perf_counter(), time.process_time()
        issuing.publish_status_lists(at=now + timedelta(seconds=number), anew=True)
        spent.append((time.perf_counter() - began) * 1000)
        worked.append((time.process_time() - worked_before) * 1000)
    row = StatusList.objects.get()
    places = list(issuing.ended(now).values_list("status_index", flat=True))
    key, signing = keys.current(SigningKey.Purpose.CREDENTIALS), []
    for _turn in range(10):
        began = time.perf_counter()
        statuslist.signed(1, statuslist.bits(places, row.size), key=key, at=now)
        signing.append((time.perf_counter() - began) * 1000)
    json.dump(
        {"ms": median(spent[1:]), "cpu_ms": median(worked[1:]), "sign_ms": median(signing), "documents": DOCUMENTS, "over": len(places), "bytes": len(row.body)},
        sys.stdout,
    )  # fmt: skip


def fill(now: Any) -> None:
    """Rows as issuing writes them, without their signatures: one of each is made, and the database copies it."""
    from django.db import connection

    from accounts.models import User
    from credentials.models import (
        Application,
        Credential,
        CredentialType,
        SignedDocument,
        SigningKey,
        StatusEvent,
        StatusList,
    )

    kind = CredentialType.objects.create(
        code="BENCH", edition="1", title="Bench", issuer_name="Bench", description="Bench", criteria="Bench", scope="Bench", limits="Bench",
        code_of_conduct=["Bench"], zone="UTC", validity_years=2, number_prefix="BEN", state=CredentialType.State.OPEN,
    )  # fmt: skip
    key, row = SigningKey.objects.get(purpose="credentials"), StatusList.objects.create(number=1)
    last = now.date() + timedelta(days=700)
    person = User.objects.create_user("bench@bench.example", None, name="Bench")
    asked = Application.objects.create(
        applicant=person, credential_type=kind, name_on_id="Bench", agreed_at=now, submitted_at=now, closed_at=now
    )  # fmt: skip
    held = Credential.objects.create(
        number="BEN-0", holder=person, credential_type=kind, application=asked, name="Bench", name_key="bench",
        statement={"zone": "UTC"}, issued_at=now, valid_from=now.date(), valid_until=last,
    )  # fmt: skip
    issued = StatusEvent.objects.append(
        chain=held.chain, at=now, credential=held, kind="issued", effective_at=now, valid_until=last
    )
    suspended = StatusEvent.objects.append(
        chain=held.chain, at=now, credential=held, kind="suspended", effective_at=now
    )
    document = SignedDocument.objects.append(
        chain=f"{held.chain}:documents", at=now, credential=held, event=issued, version=1, body="{}", sha256="0" * 64, key=key,
        status_list=row, status_index=0, valid_from=now, valid_until=now,
    )  # fmt: skip
    copy(person, {"email": "'b' || g || '@bench.example'", "uuid": "gen_random_uuid()"})
    copy(asked, {"uuid": "gen_random_uuid()", "applicant_id": AT})
    copy(
        held,
        {"number": "'BEN-' || g", "public_id": "gen_random_uuid()", "subject_id": "gen_random_uuid()", "holder_id": AT, "application_id": AT},
    )  # fmt: skip
    chained = {"uuid": "gen_random_uuid()", "chain": "'bench:' || g", "credential_id": AT}
    copy(issued, chained)
    copy(suspended, {**chained, "id": "9000000 + g"}, where="g % 10 = 0")
    with connection.cursor() as cursor:
        cursor.execute(DRAWN)
    drawn = "(SELECT place FROM drawn WHERE drawn.number = g)"
    copy(document, {**chained, "event_id": AT, "status_index": drawn})


AT = "1000000 + g"
# All places but the first, shuffled: as documents draw them.
DRAWN = """
CREATE TEMPORARY TABLE drawn AS SELECT place, row_number() OVER (ORDER BY random()) AS number FROM generate_series(1, 131071) AS place;
CREATE UNIQUE INDEX ON drawn (number);
"""


def copy(row: Any, differing: dict[str, str], where: str = "true") -> None:
    """Copies of a row for g from 1 on, with the columns in `differing` computed from g; the primary key too."""
    from django.db import connection

    values = {field.column: f'"{field.column}"' for field in row._meta.concrete_fields} | {
        "id": AT,
        **differing,
    }
    table, columns = row._meta.db_table, ", ".join(f'"{name}"' for name in values)
    with connection.cursor() as cursor:
        cursor.execute(
            f'INSERT INTO "{table}" ({columns}) SELECT {", ".join(values.values())} '
            f'FROM "{table}", generate_series(1, {DOCUMENTS - 1}) AS g WHERE "{table}".id = {row.pk} AND {where}'
        )


if __name__ == "__main__":
    main()
