"""Signed documents, status lists and rendered certificates: what follows from status events, made by the worker and never in a request.

Each step is done once and may be asked for again. `pending_signatures` and `pending_renders` say what is still to do; the sweep enqueues it.
Order of locks: the learner, then the status lists.
"""

import gzip
import hashlib
import os
import secrets
import tempfile
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django_tasks.base import Task, TaskResultStatus
from django_tasks_db.models import DBTaskResult

from accounts.services import lock_learner
from credentials import certificate, keys, openbadges, statuslist
from credentials.models import (
    Credential,
    IssuedFile,
    Rendering,
    Requirement,
    SignedDocument,
    SigningKey,
    StatusEvent,
    StatusList,
)
from credentials.services.scores import scores_of
from credentials.services.standing import Coverage, coverage_at
from credentials.validity import end_of_day

# A list at most half full: a random place is then found at the first or second try, and its filling says little.
FULL = 0.5


# Signing


@transaction.atomic
def sign_credential(*, credential: Credential, at: datetime) -> list[SignedDocument]:
    """Sign every document of a credential that is still due, in the order of their events. Raises KeyMissing or NotSignable.

    The status lists are published in the same transaction where one of its documents is over: one signed after its credential was
    suspended is revoked from its first moment, and a new one is never out before the bit of the old is set.
    """
    lock_learner(credential.holder_id)
    credential = Credential.objects.select_related("credential_type").get(pk=credential.pk)
    events = list(
        credential.events.select_related("signed_document", "withdrawn_by").order_by("sequence")
    )
    made = []
    for event in events:
        due = event.kind in StatusEvent.MAKES_DOCUMENT and event.effective_at <= at
        if due and not hasattr(event, "signed_document") and not hasattr(event, "withdrawn_by"):
            made.append(_sign(credential, event, events, at))
    lists = {row.status_list.number for row in made if row.status_list.signed_at is None}
    if made:
        over = ended(at).filter(credential=credential)
        lists |= set(over.values_list("status_list__number", flat=True))
    if lists:
        publish_status_lists(at=at, numbers=lists)
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
    document = openbadges.build(
        credential,
        valid_from=valid_from,
        valid_until=valid_until,
        requirements=list(
            credential.credential_type.requirements.filter(phase=Requirement.Phase.AWARD)
        ),
        status_list=status_list,
        status_index=index,
        covers=_changed_coverage(credential, valid_from),
        scores=scores_of(credential) if credential.share_scores else {},
    )
    body = openbadges.signed(document, key=key, at=at)
    return SignedDocument.objects.append(
        chain=f"{credential.chain}:documents",
        at=at,
        credential=credential,
        event=event,
        version=credential.signed_documents.count() + 1,
        body=body,
        sha256=hashlib.sha256(body.encode()).hexdigest(),
        with_results=openbadges.says_results(document),
        with_scores=openbadges.says_scores(document),
        key=key,
        status_list=status_list,
        status_index=index,
        valid_from=valid_from,
        valid_until=valid_until,
    )


def _changed_coverage(credential: Credential, when: datetime) -> str:
    """What the credential covers from then on, where it is not what its edition says; otherwise nothing."""
    covered = coverage_at(credential, when)
    issued = Coverage(credential.statement["scope"], credential.statement["limits"])
    return "" if covered == issued else f"{covered.scope} {covered.limits}".strip()


def _draw_place() -> tuple[StatusList, int]:
    """An unused place, at random, in the newest list. Nothing is locked, so that workers sign side by side: should two draw the same place
    in the same moment, the database refuses the second document, and its task runs again.
    """
    newest = StatusList.objects.defer("body").order_by("-number").first()
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
    return StatusList.objects.get(number=number)


def pending_signatures(at: datetime | None = None) -> QuerySet[StatusEvent]:
    """Events in effect whose document is not signed yet. What takes effect later is signed then."""
    return StatusEvent.objects.filter(
        kind__in=StatusEvent.MAKES_DOCUMENT,
        signed_document=None,
        withdrawn_by=None,
        effective_at__lte=at or timezone.now(),
    ).order_by("pk")


# Status lists


def ended(at: datetime) -> QuerySet[SignedDocument]:
    """Documents that no longer hold at `at`: something that ends documents is in effect, written or taking effect after the document's own
    event; or the key that signed them is known to be in other hands.
    """
    return SignedDocument.objects.filter(_ended_by_event(at) | _LOST)


_LOST = Q(key__in=SigningKey.objects.filter(compromised_at__isnull=False))


def _ended_by_event(at: datetime) -> Q:
    """Asked of tens of thousands of documents at once: it needs no look at their own events, whose order their primary keys keep."""
    withdrawn = StatusEvent.objects.filter(withdraws__isnull=False).values("withdraws")
    ends = StatusEvent.objects.filter(
        kind__in=StatusEvent.ENDS_DOCUMENTS, effective_at__lte=at
    ).exclude(pk__in=withdrawn)
    after = Q(pk__gt=OuterRef("event")) | Q(effective_at__gt=OuterRef("valid_from"))
    return Q(Exists(ends.filter(after, credential=OuterRef("credential"))))


def _places_over(row: StatusList, at: datetime) -> set[int]:
    """The places of a list whose documents are over: two questions, each with a plan of its own."""
    mine = SignedDocument.objects.filter(status_list=row)
    return {
        place
        for over in (_ended_by_event(at), _LOST)
        for place in mine.filter(over).order_by().values_list("status_index", flat=True)
    }


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
        field = statuslist.bits(_places_over(row, at), row.size)
        digest = hashlib.sha256(field).hexdigest()
        # A list from the future (the clock was set back) holds for nobody yet: it is not fresh.
        fresh = row.signed_at and timedelta() <= at - row.signed_at < statuslist.RESIGN_AFTER
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
    """Write the certificate (PDF, and its picture for the page) and the baked badge (PNG) of a document, and note what was made.

    Done once, and again when the key that signed the PDF is in other hands. Raises KeyMissing or CannotRender.
    """
    done = Rendering.objects.select_related("key").filter(document=document).first()
    if done and done.key and done.key.compromised_at is None:
        return done
    if done and done.key is None:
        return _note_what_lies_there(done)
    statement, key = document.credential.statement, keys.current(SigningKey.Purpose.PDF)
    pdf_key = keys.pdf_key(key)
    if not storages["private"].exists(badge_path(statement)):
        _write(badge_path(statement), certificate.badge(statement))
    badge = certificate.baked_badge(document)
    pdf = certificate.signed_pdf(document, key=pdf_key, at=at)
    _write(document.png_path, badge)
    _write(document.svg_path, gzip.compress(certificate.picture(document), mtime=0))
    _write(document.pdf_path, pdf)
    return _note(document, {IssuedFile.Form.PDF: pdf, IssuedFile.Form.PNG: badge}, key, at)


@transaction.atomic
def _note(
    document: SignedDocument, files: dict[IssuedFile.Form, bytes], key: SigningKey, at: datetime
) -> Rendering:
    for form, content in files.items():
        IssuedFile.objects.get_or_create(
            document=document,
            sha256=hashlib.sha256(content).hexdigest(),
            defaults={"form": form, "key": key if form == IssuedFile.Form.PDF else None, "made_at": at},
        )  # fmt: skip
    return Rendering.objects.update_or_create(
        document=document, defaults={"key": key, "rendered_at": at}
    )[0]


def _note_what_lies_there(done: Rendering) -> Rendering:
    """Files made before they were noted: by their bytes, and the key that signed PDFs at that time."""
    document, storage = done.document, storages["private"]
    key = (
        SigningKey.objects.filter(
            purpose=SigningKey.Purpose.PDF, created_at__lte=done.rendered_at
        ).order_by("-created_at", "-pk").first()
        or keys.current(SigningKey.Purpose.PDF)
    )  # fmt: skip
    paths = {IssuedFile.Form.PDF: document.pdf_path, IssuedFile.Form.PNG: document.png_path}
    files = {form: storage.open(path).read() for form, path in paths.items()}
    return _note(document, files, key, done.rendered_at)


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
    """Documents whose certificate and badge are still to be made, or made again with another key."""
    again = Q(rendering__key=None) | Q(rendering__key__compromised_at__isnull=False)
    return SignedDocument.objects.filter(Q(rendering=None) | again).order_by("pk")


# What was left undone


def sweep(*, at: datetime) -> dict[str, int]:
    """Have signed anew what rests on a lost key, and enqueue what is still to sign, publish and render and waits in no queue; says how many."""
    from credentials.services.documents import reissue_due
    from credentials.tasks import publish_status_lists as publish
    from credentials.tasks import render_document, sign_document

    reissued = reissue_due(at=at)
    signatures = set(pending_signatures(at).values_list("pk", flat=True)) - _waiting(sign_document)
    renders = set(pending_renders().values_list("pk", flat=True)) - _waiting(render_document)
    for pk in sorted(signatures):
        sign_document.enqueue(pk)
    for pk in sorted(renders):
        render_document.enqueue(pk)
    if not _calls_waiting(publish).exists():
        publish.enqueue()
    return {"reissued": reissued, "signatures": len(signatures), "renders": len(renders)}


Progress = Callable[[str, int, int], None]


def _say_nothing(what: str, done: int, of: int) -> None:
    """Whoever does not ask for progress gets none."""


def sign_pending(*, at: datetime, progress: Progress = _say_nothing) -> int:
    """Sign all that is due, here and now. Each credential is a transaction of its own: killed, it goes on from there. Returns how many."""
    credentials = Credential.objects.filter(events__in=pending_signatures(at)).distinct()
    holders = list(credentials.values_list("pk", flat=True))
    signed = 0
    for done, pk in enumerate(holders, start=1):
        signed += len(sign_credential(credential=Credential.objects.get(pk=pk), at=at))
        progress("signed", done, len(holders))
    publish_status_lists(at=at)
    return signed


def render_pending(*, at: datetime, progress: Progress = _say_nothing) -> int:
    """Draw all certificates and badges that are due, here and now; the same way. Returns how many."""
    waiting = list(pending_renders().values_list("pk", flat=True))
    for done, pk in enumerate(waiting, start=1):
        render(document=SignedDocument.objects.select_related("credential").get(pk=pk), at=at)
        progress("drawn", done, len(waiting))
    return len(waiting)


def finish_pending(*, at: datetime, progress: Progress = _say_nothing) -> int:
    """Sign, publish and render all that is due: for the demo's set-up and for repairs. Returns how many were signed."""
    signed = sign_pending(at=at, progress=progress)
    render_pending(at=at, progress=progress)
    return signed


def _waiting(task: Task) -> set[int]:
    """First arguments of the calls of `task` no worker has begun. Those a killed worker had begun are not among them."""
    return {row["args"][0] for row in _calls_waiting(task).values_list("args_kwargs", flat=True)}


def _calls_waiting(task: Task) -> QuerySet[DBTaskResult]:
    return DBTaskResult.objects.filter(task_path=task.module_path, status=TaskResultStatus.READY)
