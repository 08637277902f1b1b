"""Rows for whole written examinations: the real content, a quiz of 50 questions, people enrolled and signed in. Prints them as JSON.

Run by `python -m bench attempt` and `python -m bench sittings`, with DATABASE_URL set and the number of people as argument. The statements of one whole
attempt are counted here, in process, with our own settings.
"""

import json
import os
import sys
import uuid

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lms.settings")

import django

django.setup()

from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from bench.prepare import CSRF, cookies, session_of
from courses.models import Activity, Course
from courses.services import enrol
from quizzes.models import Domain, Pool
from quizzes.services import load_quiz

QUESTIONS = 50


def quiz_of_fifty() -> Activity:
    """Fifty questions of the secure pool, spread over the domains as the bank is."""
    now = timezone.now()
    course = Course.objects.get(code="SMT-PREP")
    example = Activity.objects.filter(module__course=course, module__requires=None).first()
    assert example is not None
    activity = Activity.objects.create(
        module=example.module,
        code="BENCH",
        kind=Activity.Kind.QUIZ,
        title="Fifty",
        position=99,
        required=False,
        page_key=uuid.uuid4(),
    )
    domains = list(
        Domain.objects.filter(versions__pool=Pool.SECURE).order_by("position").distinct()
    )
    each, rest = divmod(QUESTIONS, len(domains))
    cells = [(domain.code, "", each + (place < rest)) for place, domain in enumerate(domains)]
    load_quiz(
        activity=activity,
        pool=Pool.SECURE,
        cells=cells,
        time_limit_minutes=150,
        pass_percent=68,
        at=now,
    )
    return activity


def answer_to(question: dict) -> dict:
    return {"choice": question["options"][0]["id"]}


def statements_of_an_attempt(session: str, activity: Activity) -> int:
    """SQL statements of a whole attempt: start, each answer saved singly, submit."""
    client = Client(enforce_csrf_checks=True)
    client.cookies.load(cookies(session))
    headers = {"X-CSRFToken": CSRF, "Host": "127.0.0.1"}

    def send(method: str, path: str, body: object = None) -> dict:
        data = json.dumps(body) if body is not None else ""
        response = client.generic(
            method, f"/api/v1/{path}", data, "application/json", headers=headers
        )
        if response.status_code not in (200, 201):
            sys.exit(f"{method} {path} answered {response.status_code}: {response.content[:300]!r}")
        return response.json()

    def whole() -> None:
        attempt = send("POST", f"activities/{activity.uuid}/attempts/")
        for question in attempt["questions"]:
            body = {"answer": answer_to(question), "flagged": False, "seq": 1}
            send("PUT", f"attempts/{attempt['uuid']}/responses/{question['position']}/", body)
        send("POST", f"attempts/{attempt['uuid']}/submit/")

    whole()
    with CaptureQueriesContext(connection) as captured:
        whole()
    return len(captured)


def main() -> None:
    call_command("migrate", verbosity=0)
    call_command("load_content", verbosity=0, stdout=sys.stderr)
    activity, now = quiz_of_fifty(), timezone.now()
    sessions = []
    for number in range(int(sys.argv[1]) + 1):
        user = User.objects.create_user(f"sits{number}@example.org", name=f"Candidate {number}")
        enrol(learner=user, course=activity.module.course, at=now)
        sessions.append(session_of(user))
    counted = statements_of_an_attempt(sessions.pop(), activity)
    json.dump({"activity": str(activity.uuid), "sessions": sessions, "sql": counted}, sys.stdout)


if __name__ == "__main__":
    main()
