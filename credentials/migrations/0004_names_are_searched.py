"""Credentials issued before names were searched word by word are found by name as well."""

from django.db import migrations

from credentials import names


def index_names(apps, schema_editor):
    Credential = apps.get_model("credentials", "Credential")
    NameWord = apps.get_model("credentials", "NameWord")
    for credential in Credential.objects.filter(words=None).only("pk", "name").iterator():
        Credential.objects.filter(pk=credential.pk).update(name_key=names.fold(credential.name))
        NameWord.objects.bulk_create(
            NameWord(credential=credential, word=word, sound=names.sound(word))
            for word in names.words(credential.name)
        )


class Migration(migrations.Migration):
    dependencies = [("credentials", "0003_number_receipts")]

    operations = [migrations.RunPython(index_names, migrations.RunPython.noop)]
