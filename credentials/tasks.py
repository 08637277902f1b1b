"""Signing, publishing and rendering. Tasks take ids, look whether the work is still to do, and do it."""

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django_tasks import task

from credentials import issuing
from credentials.models import BulkRun, Case, Credential, SignedDocument
from credentials.services import bulk, cases


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


@task()
def tell_of_outcome(case_pk: int) -> None:
    """Write to somebody without an account how the concern they raised ended."""
    rows = Case.objects.exclude(contact="").filter(told_at=None, closed_at__isnull=False)
    case = rows.filter(pk=case_pk).first()
    if case is None:
        return
    link = settings.PUBLIC_URL + reverse("concern", args=[case.uuid])
    body = render_to_string(
        "credentials/mail/concern_decided.txt",
        {"case": case, "why": cases.outcome_note(case), "link": link},
    )
    subject = _("Your concern %(reference)s is decided") % {"reference": case.reference}
    send_mail(subject, body, None, [case.contact])
    Case.objects.filter(pk=case_pk).update(told_at=timezone.now())
