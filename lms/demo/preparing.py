"""Sets the demonstration up: tables, content, people, signatures, certificates, mails. Asks the database what is there, so that twice is quick."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.core.management import call_command
from django.db import transaction
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from accounts.models import User
from cms.content.loading import Loader
from cms.content.tree import keep_address
from cms.models import HomePage
from credentials.models import Credential
from lms import queue
from lms.demo.acts import Clock
from lms.demo.cast import ACCOUNTS
from lms.demo.mock_exam import MockExamination
from lms.demo.story import Story
from lms.demo.table import practise, suspend_after_talk, write_stations
from lms.demo.writing import write_drafts
from lms.installing import prepare_database, prepare_house

Say = Callable[[str], None]
# The rules and the content are older than everything that happened under them.
CONTENT_DAYS = 1100


class Preparation:
    """One run. Each line it says carries the seconds since it began."""

    def __init__(self, write: Say) -> None:
        self.write, self.began = write, time.monotonic()

    def say(self, words: str) -> None:
        self.write(f"{time.monotonic() - self.began:5.0f} s  {words}")

    def run(self) -> None:
        at = timezone.now()
        self.say("Database and static files")
        prepare_database(at=at)
        if self._is_told():
            self.say("Content and people are there already")
            keep_address()
        else:
            self._load(at)
            self._tell(at)
            self._index()
        queue.reclaim(at=timezone.now(), lost_after=timedelta(0))
        self._finish_tasks()
        self.say("Ready")

    @staticmethod
    def _is_told() -> bool:
        """The people are written in one transaction: when the last of them is there, all are."""
        return User.objects.filter(email=ACCOUNTS[-1].email).exists()

    def _load(self, at: datetime) -> None:
        loader = Loader(
            settings.BASE_DIR / "content",
            at=at - timedelta(days=CONTENT_DAYS),
            say=self.say,
        )
        loader.load()
        self.say("Signing keys, workflows and roles")
        prepare_house(at=at)

    def _tell(self, at: datetime) -> None:
        with transaction.atomic():
            story = Story(Clock(at), self.say)
            story.tell()
            write_drafts(story.people)
            write_stations(story.people)
            suspend_after_talk(story.people)
            practise(story.people, Clock(at))
            self.say("A mock examination, waiting for its release")
            MockExamination(story.people, Clock(at)).hold()
            self._show_certificate(story.people["holder"])

    @staticmethod
    def _show_certificate(holder: User) -> None:
        """The front page shows the certificate of a holder who agrees to it."""
        home = HomePage.objects.get()
        home.certificate_number = Credential.objects.get(holder=holder).number
        home.save_revision().publish()

    def _index(self) -> None:
        """Search and reference index in one go each, instead of by the thousands of small tasks that every saved row has left."""
        self.say("Search index")
        small = [
            "modelsearch.tasks.insert_or_update_object_task",
            "wagtail.tasks.update_reference_index_task",
        ]
        DBTaskResult.objects.ready().filter(task_path__in=small).delete()
        call_command("update_index", verbosity=0)
        call_command("rebuild_references_index", verbosity=0)

    def _finish_tasks(self) -> None:
        """Sign, render and send everything that waits, before anybody looks."""
        waiting = queue.waiting()
        if waiting:
            self.say(f"Signing, rendering, sending: {waiting} tasks")
            call_command("db_worker", batch=True, startup_delay=False, reload=False, verbosity=0)
