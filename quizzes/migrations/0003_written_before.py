"""Attempts from before this kept their scale and every device that was let go."""

from typing import Any

from django.db import migrations
from django.db.models import OuterRef, Subquery


def fill(apps: Any, schema_editor: Any) -> None:
    attempts = apps.get_model("quizzes", "Attempt").objects
    quiz = apps.get_model("quizzes", "Quiz").objects.filter(pk=OuterRef("quiz"))
    attempts.filter(submitted_at__isnull=False).update(
        scale_cut=Subquery(quiz.values("scale_cut")), scale_max=Subquery(quiz.values("scale_max"))
    )
    for attempt in attempts.filter(device__startswith="-"):
        attempt.shut_out = [attempt.device.removeprefix("-")]
        attempt.save(update_fields=["shut_out"])


class Migration(migrations.Migration):
    dependencies = [("quizzes", "0002_written")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
