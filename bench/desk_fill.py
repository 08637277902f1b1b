"""What a registrar's desk works with beside a large register: signed documents, evidence that ends, reminders that were sent.

Rows as the services leave them, copied in as in register_fill.py. Of the newest credentials some wait for their signature; of those who hold
an active one, some have let a document run out; whoever should have been reminded by today was.
"""

import random
import sys
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta

from accounts.models import Notice
from bench.register_fill import CHUNK, copy_in
from credentials.models import (
    Credential,
    CredentialType,
    Evidence,
    Rendering,
    Requirement,
    SignedDocument,
    SigningKey,
    StatusList,
)
from credentials.services.lasting import RAN_OUT, REMIND_DAYS
from ledger.models import GENESIS, new_salt

UNSIGNED = 300  # the newest credentials, whose worker stood still
YEAR = 365
LATE = 0.01  # of the holders, who have sent nothing since last year's ended


def fill_desk(kind: CredentialType, *, chance: random.Random, today: date) -> None:
    """Beside every credential of the register: its document, two years of insurance, and what its holder was told."""
    insurance = Requirement.objects.create(
        credential_type=kind, code="insurance", kind=Requirement.Kind.DOCUMENT, title="Professional insurance", expires=True
    )  # fmt: skip
    keys = {
        purpose: SigningKey.objects.create(
            purpose=purpose, public=f"bench {purpose}", created_at=_morning(today)
        )
        for purpose in (SigningKey.Purpose.CREDENTIALS, SigningKey.Purpose.PDF)
    }
    every = list(Credential.objects.order_by("pk").values_list("pk", flat=True))
    for begin in range(0, len(every), CHUNK):
        some = every[begin : begin + CHUNK]
        rows = Credential.objects.filter(pk__in=some).order_by("pk")
        held = list(rows.select_related("holder").prefetch_related("events"))
        _sign(held[: len(every) - UNSIGNED - begin], begin, keys)
        proofs = [proof for row in held for proof in _insured(row, insurance, chance, today)]
        copy_in(proofs)
        notices = [*_told_of_expiry(held, today), *_told_of_papers(proofs, today)]
        if notices:
            copy_in(notices)
        print(f"desk: {begin + len(some)} of {len(every)}", file=sys.stderr)


def _morning(day: date) -> datetime:
    return datetime.combine(day, time(8), UTC)


def _sign(
    held: Sequence[Credential], begin: int, keys: dict[SigningKey.Purpose, SigningKey]
) -> None:
    """A document for each, and its certificate; a status list for every 60,000."""
    if not held:
        return
    documents = []
    for place, row in enumerate(held, begin):
        if place % 60_000 == 0 or place == begin:
            status_list = StatusList.objects.get_or_create(number=place // 60_000 + 1)[0]
        (event,) = row.events.all()
        document = SignedDocument(
            pk=event.pk, chain=f"{row.chain}:documents", at=row.issued_at, sequence=1, previous=GENESIS, salt=new_salt(), credential=row,
            event=event, version=1, body="{}", sha256="0" * 64, key=keys[SigningKey.Purpose.CREDENTIALS], status_list=status_list,
            status_index=place % 60_000, valid_from=row.issued_at, valid_until=_morning(row.valid_until),
        )  # fmt: skip
        document.hash = document.computed_hash()
        documents.append(document)
    copy_in(documents)
    copy_in(
        [
            Rendering(document=row, key=keys[SigningKey.Purpose.PDF], rendered_at=row.at)
            for row in documents
        ]
    )


def _insured(
    row: Credential, insurance: Requirement, chance: random.Random, today: date
) -> list[Evidence]:
    """Last year's insurance and this year's; of somebody whose credential is over, those of its time; of a few none for this year."""
    ends = min(today, row.valid_until) + timedelta(days=chance.randrange(YEAR))
    days = [ends - timedelta(days=YEAR), ends][: 1 if chance.random() < LATE else 2]
    found: list[Evidence] = []
    for sequence, day in enumerate(days, 1):
        proof = Evidence(
            chain=f"evidence:{row.holder.uuid}", at=row.issued_at, sequence=sequence, salt=new_salt(), learner=row.holder, requirement=insurance,
            previous=found[-1].hash if found else GENESIS, requirement_code=f"{row.statement['code']} {row.statement['edition']} insurance",
            source="document", reference=row.public_id, label="Professional insurance", valid_until=day,
        )  # fmt: skip
        proof.hash = proof.computed_hash()
        found.append(proof)
    return found


def _told_of_expiry(held: Sequence[Credential], today: date) -> list[Notice]:
    return [
        _told(row.holder_id, "credential_expiring", f"{row.public_id}:{row.valid_until}:{step}", today)
        for row in held
        for step in REMIND_DAYS
        if 0 <= (row.valid_until - today).days <= step
    ]  # fmt: skip


def _told_of_papers(proofs: Sequence[Evidence], today: date) -> list[Notice]:
    """Of this year's, whatever was due by today; of last year's the first word, after which a new one was sent."""
    found = []
    newest = {row.learner_id: row for row in proofs}
    for row in proofs:
        assert row.valid_until is not None
        left = (row.valid_until - today).days
        due = REMIND_DAYS if row is newest[row.learner_id] else REMIND_DAYS[-1:]
        steps = [str(step) for step in due if left <= step] + [RAN_OUT] * (left < 0)
        found += [
            _told(row.learner_id, "document_expiring", f"{row.uuid}:{step}", today)
            for step in steps
        ]
    return found


def _told(person: int, kind: str, reference: str, today: date) -> Notice:
    at = _morning(today)
    return Notice(
        recipient_id=person, kind=kind, reference=reference, subject="It ends", body="It ends.", created_at=at, sent_at=at
    )  # fmt: skip
