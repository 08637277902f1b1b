"""Receipts kept before their numbers were stored keep the number that was printed on them."""

from django.db import migrations


def number_receipts(apps, schema_editor):
    Receipt = apps.get_model("credentials", "Receipt")
    for kept in Receipt.objects.filter(reference=None).iterator():
        printed = f"V-{kept.checked_at:%Y}-{kept.uuid.int % 10**9:09d}"
        if not Receipt.objects.filter(reference=printed).exists():
            Receipt.objects.filter(pk=kept.pk).update(reference=printed)


class Migration(migrations.Migration):
    dependencies = [("credentials", "0002_register")]

    operations = [migrations.RunPython(number_receipts, migrations.RunPython.noop)]
