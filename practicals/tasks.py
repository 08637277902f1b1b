"""Work that is not done while somebody waits. Takes ids, calls services."""

from django_tasks import task

from practicals.models import PracticalResult
from practicals.services import reporting


@task()
def render_report(result_id: int) -> None:
    reporting.render(
        result=PracticalResult.objects.select_related(
            "appointment__plan__activity", "appointment__exam_day", "appointment__candidate"
        ).get(pk=result_id)
    )
