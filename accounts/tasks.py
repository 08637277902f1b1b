"""Mail. Tasks take ids, look whether the work is still to do, and do it; `manage.py sweep` enqueues what a killed worker left."""

from django.conf import settings
from django.core.mail import EmailMessage, send_mail
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _
from django_tasks import task

from accounts.models import Invitation, Notice


@task()
def send_notice(pk: int) -> None:
    notice = Notice.objects.select_related("recipient").filter(pk=pk, sent_at=None).first()
    if notice is None:
        return
    link = f"\n\n{settings.PUBLIC_URL}{notice.url}" if notice.url else ""
    mail = EmailMessage(
        notice.subject, f"{notice.body.strip()}{link}\n", None, [notice.recipient.email]
    )
    if notice.calendar:
        mail.attach("appointment.ics", notice.calendar, "text/calendar")
    mail.send()
    Notice.objects.filter(pk=pk).update(sent_at=timezone.now())


@task()
def send_invitation(pk: int) -> None:
    rows = Invitation.objects.select_related("invited_by").filter(sent_at=None)
    invitation = rows.filter(pk=pk).first()
    if invitation is None:
        return
    body = render_to_string(
        "accounts/mail/invitation.txt",
        {
            "invitation": invitation,
            "link": f"{settings.PUBLIC_URL}/invitations/{invitation.uuid}/",
        },
    )
    send_mail(_("You are invited to Palpate"), body, None, [invitation.email])
    Invitation.objects.filter(pk=pk).update(sent_at=timezone.now())
