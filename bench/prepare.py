"""Rows to measure on: the real content, people who sit a quiz, one credential. Prints what the driver needs as JSON.

Run by `python -m bench`, with DATABASE_URL set. The statements of one request are counted here, in process, with our own settings.
"""

import json
import os
import sys
import uuid

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lms.settings")

import django

django.setup()

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from accounts.sessions import SessionStore
from courses.models import Activity, Course
from courses.services import enrol
from credentials.models import Credential, CredentialType
from credentials.services import apply, record_evidence
from quizzes.services import start_attempt

CSRF = "b" * 32


def session_of(user: User) -> str:
    store = SessionStore()
    store[SESSION_KEY] = str(user.pk)
    store[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    store[HASH_SESSION_KEY] = user.get_session_auth_hash()
    store.create()
    return store.session_key


def cookies(key: str) -> dict[str, str]:
    return {settings.SESSION_COOKIE_NAME: key, settings.CSRF_COOKIE_NAME: CSRF}


def statements(key: str | None, method: str, path: str, body: object = None) -> int:
    """SQL statements of one warm request, counted from outside the view."""
    client = Client(enforce_csrf_checks=True)
    if key:
        client.cookies.load(cookies(key))
    headers = {"X-CSRFToken": CSRF, "Host": "127.0.0.1"}

    def send(content: object) -> int:
        data = json.dumps(content) if content is not None else ""
        response = client.generic(method, path, data, "application/json", headers=headers)
        return response.status_code

    later = {**body, "seq": body["seq"] + 1} if isinstance(body, dict) else body
    send(body)
    with CaptureQueriesContext(connection) as captured:
        status = send(later)
    if status != 200:
        sys.exit(f"{method} {path} answered {status}")
    return len(captured)


def learners() -> list[User]:
    """Made by bench.prepare_floor, each with a row of the floor's."""
    return list(User.objects.filter(email__startswith="bench").order_by("pk"))


def credential_of(user: User) -> Credential:
    """A credential earned by evidence for every requirement."""
    now = timezone.now()
    kind = CredentialType.objects.get(code="SMT", state="open")
    apply(
        by=user,
        credential_type=kind,
        name_on_id=user.name,
        agreed=True,
        listed=True,
        accommodations="",
        at=now,
    )
    for requirement in kind.requirements.filter(phase="award"):
        record_evidence(
            learner=user,
            requirement=requirement,
            source="document",
            reference=uuid.uuid4(),
            label="For measuring",
            by=None,
            at=now,
        )
    return Credential.objects.get(holder=user)


def main() -> None:
    now = timezone.now()
    course = Course.objects.get(code="SMT-PREP")
    quiz = Activity.objects.filter(
        module__course=course, kind="quiz", module__requires=None
    ).first()
    lesson = Activity.objects.filter(
        module__course=course, kind="lesson", module__requires=None
    ).order_by("module__position", "position")[1]
    sittings = []
    people = learners()
    for user in people:
        enrol(learner=user, course=course, at=now)
        attempt, _new = start_attempt(activity=quiz, by=user, at=now)
        choices = [
            (row.position, {"choice": row.option_order[0]})
            for row in attempt.responses.order_by("position")
            if row.item_version.content["type"] in ("single", "truefalse")
        ]
        sittings.append(
            {"session": session_of(user), "attempt": str(attempt.uuid), "answers": choices}
        )
    first = sittings[0]
    number = credential_of(people[0]).number
    position, answer = first["answers"][0]
    save = f"/api/v1/attempts/{first['attempt']}/responses/{position}/"
    json.dump(
        {
            "sittings": sittings,
            "lesson": lesson.path,
            "save_sql": statements(
                first["session"], "PUT", save, {"answer": answer, "flagged": False, "seq": 1}
            ),
            "page_sql": statements(first["session"], "GET", lesson.path),
            "number": number,
            "verify_sql": statements(None, "GET", f"/api/v1/verify/{number}/"),
        },
        sys.stdout,
    )


if __name__ == "__main__":
    main()
