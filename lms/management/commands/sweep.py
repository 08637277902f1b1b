"""Find and finish what a killed server or worker left undone. Run one of these beside the workers: `manage.py sweep --every 30`."""

import signal
from argparse import ArgumentParser
from threading import Event
from typing import Any

from django.core.management.base import BaseCommand
from django.db import close_old_connections
from django.utils import timezone

from lms.sweep import sweep


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--every", type=float, metavar="SECONDS", help="go on until stopped; without it, once"
        )

    def handle(self, *args: Any, every: float | None, **options: Any) -> None:
        stop = Event()
        if every:
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, lambda *_: stop.set())
        while True:
            done = sweep(at=timezone.now())
            if options["verbosity"] > 1 or not every:
                self.stdout.write(
                    ", ".join(f"{name.replace('_', ' ')}: {what}" for name, what in done.items())
                )
            if not every or stop.wait(every):
                return
            close_old_connections()
