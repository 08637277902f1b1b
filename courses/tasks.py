"""Work that is not done while somebody waits. Takes ids, calls services."""

from django_tasks import task

from courses.models import CompletionStatement
from courses.services import statements


@task()
def render_statement(statement_id: int) -> None:
    statements.render(
        statement=CompletionStatement.objects.select_related("enrolment").get(pk=statement_id)
    )
