"""The statement of completion: who may have it, and its PDF, which a worker renders into private storage."""

from typing import IO
from uuid import UUID

from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.services import Missing
from courses.models import CompletionStatement
from credentials import services as register


def statement_of(*, enrolment: UUID, user: User) -> CompletionStatement:
    """The statement of one's own enrolment, or of one in a class one teaches. Raises Missing."""
    statement = (
        CompletionStatement.objects.visible_to(user)
        .select_related("enrolment__course")
        .filter(enrolment__uuid=enrolment)
        .first()
    )
    if statement is None:
        raise Missing(
            "no_statement", _("There is no statement of completion here that you may see.")
        )
    return statement


def render(*, statement: CompletionStatement) -> None:
    """Render the PDF where it is not there yet. Safe to call twice; called by the worker."""
    if not storages["private"].exists(statement.pdf_path):
        content = register.completion_pdf(
            name=statement.name,
            course=statement.course_title,
            hours=statement.hours,
            number=statement.number,
            completed_on=statement.completed_on,
        )
        storages["private"].save(statement.pdf_path, ContentFile(content))


def statement_file(*, statement: CompletionStatement) -> IO[bytes] | None:
    """The rendered PDF, open for reading, or None while a worker has yet to render it (which this asks for)."""
    from courses.tasks import render_statement

    if storages["private"].exists(statement.pdf_path):
        return storages["private"].open(statement.pdf_path)
    render_statement.enqueue(statement.pk)
    return None
