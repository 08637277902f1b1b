"""Set up the demonstration and serve it on http://127.0.0.1:PORT, with people at every stage and the password printed for everybody.

Safe to repeat: what is there stays. `--prepare` does all but serve. Everything lies in DATA_DIR (and at DATABASE_URL, where one is given).
"""

import os
import sys
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from lms.demo.cast import ACCOUNTS, PASSWORD
from lms.demo.preparing import Preparation
from lms.demo.supervisor import Supervisor, is_free

# What makes an installation a demonstration. Read by the settings, so it is set before they are.
ENVIRONMENT = {
    "PALPATE_DEMO": "1",
    "EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend",
    "PYTHONUNBUFFERED": "1",
}


class Command(BaseCommand):
    help = __doc__
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--prepare", action="store_true", help="do all but serve")

    def handle(self, *args: Any, prepare: bool, **options: Any) -> None:
        if not settings.DEMO:
            environment = {"LOG_LEVEL": "ERROR", **os.environ, **ENVIRONMENT}
            os.execve(sys.executable, [sys.executable, *sys.argv], environment)  # noqa: S606 ourselves
        port = int(os.environ.get("PORT", "8000"))
        if not prepare and not is_free(port):
            raise CommandError(f"Port {port} is taken. Choose another: PORT=8001 make demo")
        self._say("Palpate, the demonstration")
        Preparation(self._say).run()
        if prepare:
            return
        supervisor = Supervisor(root=settings.BASE_DIR, port=port, say=self._say)
        supervisor.run(when_ready=lambda: self._welcome(port))
        self._say("Stopped.")

    def _welcome(self, port: int) -> None:
        wide = max(len(part.email) for part in ACCOUNTS)
        self._say(f"\n    http://127.0.0.1:{port}/\n")
        self._say(
            f"Sign in with one of these and the password {PASSWORD}, or choose “View as” on the page.\n"
        )
        for part in ACCOUNTS:
            self._say(f"    {part.email:{wide}}  {part.sees}")
        self._say("\nEvery mail is at /outbox/. Stop with Ctrl-C.")

    def _say(self, words: str) -> None:
        self.stdout.write(words)
        self.stdout.flush()
