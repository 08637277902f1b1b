"""Work that is not done while somebody waits. Takes ids, calls services."""

from django.utils import timezone
from django_tasks import task

from quizzes.models import ItemRuling, Release
from quizzes.services import reporting, ruling


@task()
def render_report(release_id: int) -> None:
    reporting.render(release=Release.objects.get(pk=release_id))


@task()
def catch_up(ruling_id: int) -> None:
    """What a ruling moves, once it is committed and every later submission knows it."""
    ruling.apply_ruling(ruling=ItemRuling.objects.get(pk=ruling_id), at=timezone.now())
