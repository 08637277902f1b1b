"""Attempts that run while this is put in keep the scale they began under, as far as it is known: that of their quiz."""

from typing import Any

from django.db import migrations
from django.db.models import OuterRef, Subquery


def fill(apps: Any, schema_editor: Any) -> None:
    quiz = apps.get_model("quizzes", "Quiz").objects.filter(pk=OuterRef("quiz"))
    apps.get_model("quizzes", "Attempt").objects.filter(submitted_at=None).update(
        scale_cut=Subquery(quiz.values("scale_cut")), scale_max=Subquery(quiz.values("scale_max"))
    )


class Migration(migrations.Migration):
    dependencies = [("quizzes", "0004_later")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
