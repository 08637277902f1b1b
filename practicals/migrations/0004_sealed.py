"""Health notes from before there was a seal are sealed."""

from typing import Any

from django.db import migrations

SEALED = {"ClientModel": ("allergies", "avoid", "notes"), "Appointment": ("avoid",)}


def seal(apps: Any, schema_editor: Any) -> None:
    for name, fields in SEALED.items():
        model = apps.get_model("practicals", name)
        for row in model.objects.only("pk", *fields).iterator():
            if any(getattr(row, field) for field in fields):
                row.save(update_fields=fields)


class Migration(migrations.Migration):
    dependencies = [("practicals", "0003_later")]

    operations = [migrations.RunPython(seal, migrations.RunPython.noop)]
