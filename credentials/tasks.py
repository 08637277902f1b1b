"""Signing, publishing and rendering. Tasks take ids, look whether the work is still to do, and do it."""

from django.db import transaction
from django.utils import timezone
from django_tasks import task

from credentials import issuing
from credentials.models import BulkRun, Credential, SignedDocument
from credentials.services import bulk


@task()
def sign_document(event_pk: int) -> None:
    """Sign what is due of the event's credential (this event and any before it), and enqueue the rendering."""
    credential = Credential.objects.filter(events=event_pk).select_related("credential_type").get()
    with transaction.atomic():
        for document in issuing.sign_credential(credential=credential, at=timezone.now()):
            render_document.enqueue(document.pk)


@task()
def render_document(document_pk: int) -> None:
    document = SignedDocument.objects.select_related("credential").get(pk=document_pk)
    issuing.render(document=document, at=timezone.now())


@task()
def publish_status_lists() -> None:
    issuing.publish_status_lists(at=timezone.now())


@task()
def carry_out(run_pk: int) -> None:
    """Do what is still to do of a bulk run."""
    bulk.carry_out(run=BulkRun.objects.select_related("by").get(pk=run_pk), at=timezone.now)
