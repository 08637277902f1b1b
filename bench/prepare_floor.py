"""The floor's rows: one to update for each connection, and a bare page of ten blocks at /bare/."""

import os

os.environ["DJANGO_SETTINGS_MODULE"] = "bench.floor.settings"

import django

django.setup()

from django.core.management import call_command
from wagtail.models import Site

from accounts.models import User
from bench.floor.models import Answer, BarePage

CONNECTIONS = 16
TEXT = "<p>" + "The hamstrings part at the back of the knee. " * 12 + "</p>"


def main() -> None:
    call_command("migrate", verbosity=0)
    for number in range(CONNECTIONS):
        user = User.objects.create_user(f"bench{number}@example.org", name=f"Bench {number}")
        Answer.objects.create(owner=user)
    call_command("load_content", verbosity=0)
    root = Site.objects.get(is_default_site=True).root_page
    page = BarePage(title="Bare", slug="bare", body=[("text", TEXT)] * 10)
    root.add_child(instance=page)
    page.save_revision().publish()


if __name__ == "__main__":
    main()
