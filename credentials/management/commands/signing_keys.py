"""manage.py signing_keys status|ensure|rotate: the keys this register signs with."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from credentials import issuing, keys
from credentials.models import SigningKey


class Command(BaseCommand):
    help = "Show the signing keys, make those that are missing, or replace one."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "what", choices=["status", "ensure", "rotate"], nargs="?", default="status"
        )
        parser.add_argument(
            "--purpose", choices=SigningKey.Purpose.values, help="of rotate: which key to replace"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            getattr(self, options["what"])(**options)
        except keys.KeyMissing as problem:
            raise CommandError(str(problem)) from problem

    def status(self, **options: Any) -> None:
        self.stdout.write(f"Issuer: {keys.issuer_did()}")
        for key in SigningKey.objects.order_by("purpose", "pk"):
            there = "" if keys.path_of(key).exists() else f"  MISSING: {keys.path_of(key)}"
            state = f"retired {key.retired_at:%Y-%m-%d}" if key.retired_at else "signs"
            self.stdout.write(
                f"{key.purpose:12} {key.public}  since {key.created_at:%Y-%m-%d}, {state}{there}"
            )
        pending = f"{issuing.pending_signatures().count()} to sign, {issuing.pending_renders().count()} to render"
        self.stdout.write(f"Still to do: {pending}")

    def ensure(self, **options: Any) -> None:
        for key in keys.ensure_keys(at=timezone.now()):
            self.stdout.write(f"{key.purpose:12} {keys.path_of(key)}")

    def rotate(self, *, purpose: str | None, **options: Any) -> None:
        """The lists are signed anew at once, so that nothing published still needs the old key to be trusted for new facts."""
        if purpose is None:
            raise CommandError("Say which: --purpose credentials or --purpose pdf.")
        at = timezone.now()
        key = keys.rotate(purpose=purpose, at=at)
        if purpose == SigningKey.Purpose.CREDENTIALS:
            issuing.publish_status_lists(at=at, anew=True)
        self.stdout.write(f"{key.purpose:12} {keys.path_of(key)}")
