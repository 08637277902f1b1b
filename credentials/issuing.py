"""Signed documents, status lists and rendered certificates: what follows from status events, made by the worker and never in a request.

Each step is done once and may be asked for again. `pending_signatures` and `pending_renders` say what is still to do; the sweep enqueues it.
Order of locks: the learner, then the status list.
"""

import gzip
import hashlib
import os
import secrets
import tempfile
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django_tasks.base import Task, TaskResultStatus
from django_tasks_db.models import DBTaskResult

from accounts.services import lock_learner
from credentials import certificate, keys, openbadges, statuslist
from credentials.models import (
    Credential,
    Rendering,
    Requirement,
    SignedDocument,
    SigningKey,
    StatusEvent,
    StatusList,
)
from credentials.validity import end_of_day

# A list at most half full: a random place is then found at the first or second try, and its filling says little.
FULL = 0.5


# Signing


@transaction.atomic
def sign_credential(*, credential: Credential, at: datetime) -> list[SignedDocument]:
    """Sign every document of a credential that is still due, in the order of their events. Raises KeyMissing or NotSignable.

    Their places in the status list are published in the same transaction: a document signed after its credential was suspended
    is revoked from its first moment.
    """
    lock_learner(credential.holder_id)
    credential = Credential.objects.select_related("credential_type").get(pk=credential.pk)
    events = list(credential.events.select_related("signed_document").order_by("sequence"))
    made = []
    for event in events:
        if event.kind in StatusEvent.MAKES_DOCUMENT and not hasattr(event, "signed_document"):
            made.append(_sign(credential, event, events, at))
    if made:
        publish_status_lists(at=at, numbers={document.status_list.number for document in made})
    return made


def _sign(
    credential: Credential, event: StatusEvent, events: list[StatusEvent], at: datetime
) -> SignedDocument:
    zone = credential.statement["zone"]
    last_day = [
        row.valid_until for row in events if row.valid_until and row.sequence <= event.sequence
    ][-1]
    valid_from, valid_until = event.effective_at, end_of_day(last_day, zone)
    status_list, index = _draw_place()
    key = keys.current(SigningKey.Purpose.CREDENTIALS)
    body = openbadges.signed(
        openbadges.build(
            credential,
            valid_from=valid_from,
            valid_until=valid_until,
            requirements=list(
                credential.credential_type.requirements.filter(phase=Requirement.Phase.AWARD)
            ),
            status_list=status_list,
            status_index=index,
        ),
        key=key,
        at=at,
    )
    return SignedDocument.objects.append(
        chain=f"{credential.chain}:documents",
        at=at,
        credential=credential,
        event=event,
        version=credential.signed_documents.count() + 1,
        body=body,
        sha256=hashlib.sha256(body.encode()).hexdigest(),
        key=key,
        status_list=status_list,
        status_index=index,
        valid_from=valid_from,
        valid_until=valid_until,
    )


def _draw_place() -> tuple[StatusList, int]:
    """An unused place, at random, in the newest list. The list is locked, so that no other document takes the same."""
    newest = StatusList.objects.select_for_update().order_by("-number").first()
    if newest is None or newest.signed_documents.count() >= newest.size * FULL:
        newest = _new_list(newest.number + 1 if newest else 1)
    while True:
        index = secrets.randbelow(newest.size)
        if not newest.signed_documents.filter(status_index=index).exists():
            return newest, index


def _new_list(number: int) -> StatusList:
    try:
        with transaction.atomic():
            StatusList.objects.create(number=number)
    except IntegrityError:  # another worker began it at the same moment
        pass
    return StatusList.objects.select_for_update().get(number=number)


def pending_signatures() -> QuerySet[StatusEvent]:
    """Events whose document is not signed yet."""
    return StatusEvent.objects.filter(
        kind__in=StatusEvent.MAKES_DOCUMENT, signed_document=None
    ).order_by("pk")


# Status lists


def ended(at: datetime) -> QuerySet[SignedDocument]:
    """Documents that no longer hold at `at`: something that ends documents is in effect, written or taking effect after the document's own event."""
    end = StatusEvent.objects.filter(
        Q(sequence__gt=OuterRef("event__sequence"))
        | Q(effective_at__gt=OuterRef("event__effective_at")),
        credential=OuterRef("credential"),
        kind__in=StatusEvent.ENDS_DOCUMENTS,
        effective_at__lte=at,
    )
    return SignedDocument.objects.filter(Exists(end))


@transaction.atomic
def publish_status_lists(
    *, at: datetime, numbers: Iterable[int] | None = None, anew: bool = False
) -> list[int]:
    """Sign again every list (or those of `numbers`) whose bits have changed, that is older than an hour, or (`anew`) in any case.

    Returns the numbers of the lists signed. Raises KeyMissing.
    """
    lists = StatusList.objects.select_for_update().order_by("number")
    if numbers is not None:
        lists = lists.filter(number__in=numbers)
    published = []
    for row in lists:
        places = ended(at).filter(status_list=row).values_list("status_index", flat=True)
        field = statuslist.bits(places, row.size)
        digest = hashlib.sha256(field).hexdigest()
        fresh = row.signed_at is not None and at - row.signed_at < statuslist.RESIGN_AFTER
        if fresh and digest == row.digest and not anew:
            continue
        key = keys.current(SigningKey.Purpose.CREDENTIALS)
        row.body = statuslist.signed(row.number, field, key=key, at=at)
        row.signed_at, row.digest = at, digest
        row.save(update_fields=["body", "signed_at", "digest"])
        published.append(row.number)
    return published


# Rendering


def render(*, document: SignedDocument, at: datetime) -> Rendering:
    """Write the certificate (PDF, and its picture for the page) and the baked badge (PNG) of a document. Raises KeyMissing or CannotRender."""
    done = Rendering.objects.filter(document=document).first()
    if done:
        return done
    statement = document.credential.statement
    pdf_key = keys.pdf_key(keys.current(SigningKey.Purpose.PDF))
    if not storages["private"].exists(badge_path(statement)):
        _write(badge_path(statement), certificate.badge(statement))
    _write(document.png_path, certificate.baked_badge(document))
    _write(document.svg_path, gzip.compress(certificate.picture(document), mtime=0))
    _write(document.pdf_path, certificate.signed_pdf(document, key=pdf_key, at=at))
    return Rendering.objects.get_or_create(document=document, defaults={"rendered_at": at})[0]


def badge_path(statement: dict[str, Any]) -> str:
    """Where the picture of an achievement lies, without anybody's credential in it."""
    return f"badges/{statement['code']}-{statement['edition']}.png"


def _write(path: str, content: bytes) -> None:
    """Whole or not at all, also when the worker is killed meanwhile."""
    storage = storages["private"]
    try:
        target = Path(storage.path(path))
    except NotImplementedError:  # object stores keep a file whole or not at all
        storage.save(path, ContentFile(content))
        return
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=target.parent, suffix=".part", delete=False) as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    Path(file.name).replace(target)


def pending_renders() -> QuerySet[SignedDocument]:
    """Documents whose certificate and badge are still to be made."""
    return SignedDocument.objects.filter(rendering=None).order_by("pk")


# What was left undone


def sweep(*, at: datetime) -> dict[str, int]:
    """Enqueue what is still to sign, publish and render and waits in no queue; says how many of each."""
    from credentials.tasks import publish_status_lists as publish
    from credentials.tasks import render_document, sign_document

    signatures = set(pending_signatures().values_list("pk", flat=True)) - _waiting(sign_document)
    renders = set(pending_renders().values_list("pk", flat=True)) - _waiting(render_document)
    for pk in sorted(signatures):
        sign_document.enqueue(pk)
    for pk in sorted(renders):
        render_document.enqueue(pk)
    if not _calls_waiting(publish).exists():
        publish.enqueue()
    return {"signatures": len(signatures), "renders": len(renders)}


def finish_pending(*, at: datetime) -> int:
    """Sign, publish and render all that is due, here and now: for the demo's set-up and for repairs. Returns how many were signed."""
    credentials = Credential.objects.filter(events__in=pending_signatures()).distinct()
    signed = [
        document
        for credential in credentials
        for document in sign_credential(credential=credential, at=at)
    ]
    publish_status_lists(at=at)
    for document in pending_renders().select_related("credential"):
        render(document=document, at=at)
    return len(signed)


def _waiting(task: Task) -> set[int]:
    """First arguments of the calls of `task` no worker has begun. Those a killed worker had begun are not among them."""
    return {row["args"][0] for row in _calls_waiting(task).values_list("args_kwargs", flat=True)}


def _calls_waiting(task: Task) -> QuerySet[DBTaskResult]:
    return DBTaskResult.objects.filter(task_path=task.module_path, status=TaskResultStatus.READY)
