"""An exam day is finalised: the last signature of each candidate decides all their stations and reports down. Run by `python -m bench finalise`.

Eight stations of the real plan, two examiners each; every sixth candidate is held and every sixth fails, the others pass and are issued a
credential. The statements of a day of half as many are counted beside it: by candidate they must be the same.
"""

import json
import os
import subprocess
import sys
import time
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from bench.servers import ROOT

CANDIDATES = 60


def finalise(environment: dict[str, str]) -> str:
    print(f"Signing the sheets of {CANDIDATES} candidates …", file=sys.stderr)
    command = [sys.executable, "-m", "bench.finalise", str(CANDIDATES)]
    made = subprocess.run(command, check=True, cwd=ROOT, env=environment, stdout=subprocess.PIPE)
    found = json.loads(made.stdout)
    return (
        f"finalise seconds={found['seconds']:.2f} sql={found['sql']} cpu_s={found['cpu']:.2f} candidates={found['candidates']} "
        f"sheets={found['sheets']} sql_ratio={found['ratio']:.2f} credentials={found['credentials']} held={found['held']}"
    )


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lms.settings")
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    count = int(sys.argv[1])
    half, whole = Day(count // 2), Day(count)
    half.finalise()
    whole.finalise()
    each = [day.sql / day.count for day in (half, whole)]
    found = {
        **whole.outcomes(),
        "seconds": whole.seconds,
        "cpu": whole.cpu,
        "sql": whole.sql,
        "candidates": count,
    }
    json.dump({**found, "sheets": count * 16, "ratio": each[1] / each[0]}, sys.stdout)


class Day:
    """An exam day on which everything is signed but one sheet of each candidate."""

    def __init__(self, count: int) -> None:
        from practicals.services import draw_stations

        self.count, self.sql, self.seconds, self.cpu = count, 0, 0.0, 0.0
        self.plan, self.kind = plan_of_eight()
        self.day, self.at = day_of(self.plan, count)
        self.examiners = [somebody("Examiner", "examiner") for _place in "AB"]
        draw_stations(exam_day=self.day, by=None, at=self.at - timedelta(days=3), seed=7)
        self.appointments = [self.appointment(number) for number in range(count)]
        for appointment in self.appointments:
            for assignment in self.assignments(appointment)[:-1]:
                self.sign(assignment)

    def appointment(self, number: int) -> Any:
        from courses.services import admit
        from credentials.models import Application
        from practicals.models import Appointment, Assignment
        from practicals.services.checklists import require_version

        person, before = somebody("Candidate"), self.at - timedelta(days=3)
        Application.objects.create(
            applicant=person,
            credential_type=self.kind,
            name_on_id=person.name,
            listed=True,
            agreed_at=before,
            submitted_at=before,
        )
        made = Appointment.objects.create(
            plan=self.plan,
            exam_day=self.day,
            candidate=person,
            enrolment=admit(learner=person, activity=self.plan.activity, at=before),
            candidate_number=str(1000 + number),
            place_in_circuit=number,
            starts_at=self.at,
            state=Appointment.State.ACCEPTED,
            offered_at=before,
            answered_at=before,
            checked_in_at=self.at,
        )
        Assignment.objects.bulk_create(
            Assignment(
                appointment=made,
                station=station,
                checklist_version=require_version(station.checklist),
                examiner=examiner,
                place=place,
                assigned_at=before,
            )
            for station in self.day.stations.select_related("checklist").order_by("position")
            for place, examiner in zip("AB", self.examiners, strict=True)
        )
        return made

    def assignments(self, appointment: Any) -> list[Any]:
        rows = appointment.assignments.select_related(
            "station__checklist", "checklist_version", "examiner"
        )
        return list(rows.order_by("station__position", "place"))

    def sign(self, assignment: Any) -> None:
        from practicals.services import sync_sheet

        sync_sheet(
            uuid=uuid4(),
            assignment=assignment,
            content=self.sheet(assignment),
            by=assignment.examiner,
            at=self.at,
        )

    def sheet(self, assignment: Any) -> dict[str, Any]:
        """Full marks; of every sixth candidate one sheet is far apart, of the next both are low."""
        number = int(assignment.appointment.candidate_number) % 6
        first = assignment.station.position == 0
        low = (number == 0 and first and assignment.place == "A") or number == 1
        return {
            "rev": 1,
            "final": True,
            "started_at": self.at.isoformat(),
            "finished_at": (self.at + timedelta(minutes=10)).isoformat(),
            "observations": [
                {
                    "criterion": line.code,
                    "rating": 0 if low and not line.critical else line.max_points,
                    "note": "",
                    "at": self.at.isoformat(),
                }
                for line in assignment.checklist_version.criteria.all()
            ],
            "violations": [],
            "global_rating": 2 if low else 4,
            "signature": assignment.examiner.name,
        }

    def finalise(self) -> None:
        """Sign what is missing; every practical is decided by it."""
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        last = [self.assignments(row)[-1] for row in self.appointments]
        began, worked = time.perf_counter(), time.process_time()
        with CaptureQueriesContext(connection) as captured:
            for assignment in last:
                self.sign(assignment)
        self.seconds, self.sql = time.perf_counter() - began, len(captured)
        self.cpu = time.process_time() - worked

    def outcomes(self) -> dict[str, int]:
        from credentials.models import Credential
        from practicals.models import PracticalResult

        results = PracticalResult.objects.filter(appointment__exam_day=self.day)
        if results.count() != self.count:
            sys.exit(f"Only {results.count()} of {self.count} practicals were decided.")
        return {
            "held": results.filter(outcome="held").count(),
            "credentials": Credential.objects.filter(credential_type=self.kind).count(),
        }


def somebody(name: str, *roles: str) -> Any:
    from django.utils import timezone

    from accounts.models import User
    from accounts.services import give_roles

    person = User.objects.create_user(f"{uuid4().hex[:12]}@example.org", name=f"{name} Example")
    if roles:
        give_roles(user=person, roles=roles, by=None, at=timezone.now())
    return person


def day_of(plan: Any, count: int) -> tuple[Any, datetime]:
    from django.utils import timezone

    from practicals.models import ExamDay

    now = timezone.now().replace(hour=12, minute=0, second=0, microsecond=0)
    made = ExamDay.objects.create(
        plan=plan,
        date=now.date(),
        begins_at=now.time(),
        zone="UTC",
        place="Bench",
        capacity=count,
    )
    return made, now


def plan_of_eight() -> tuple[Any, Any]:
    """The real plan and checklists, and a credential type that asks for nothing but this practical."""
    import yaml
    from django.utils import timezone

    from courses.models import Activity, Course, Module
    from credentials.models import CredentialType, Requirement
    from practicals.models import Checklist
    from practicals.services import load_checklist, load_exam_plan

    now, name = timezone.now(), uuid4().hex[:6].upper()
    kind = CredentialType.objects.create(
        code=f"B{name}",
        edition="1",
        title="Bench",
        issuer_name="Bench",
        description="Bench",
        criteria="Bench",
        scope="Bench",
        limits="Bench",
        code_of_conduct=["Bench"],
        zone="UTC",
        validity_years=2,
        number_prefix=f"B{name}"[:4],
        state=CredentialType.State.OPEN,
    )
    requirement = Requirement.objects.create(
        credential_type=kind, kind=Requirement.Kind.ACTIVITY, code="practical", title="Practical"
    )
    course = Course.objects.create(
        code=f"B-{name}", edition="1", title="Bench", hours=0, page_key=uuid4()
    )
    module = Module.objects.create(
        course=course, code="M1", title="Bench", hours=0, position=1, page_key=uuid4()
    )
    activity = Activity.objects.create(
        module=module,
        code=name,
        kind=Activity.Kind.PRACTICAL,
        title="Practical",
        position=1,
        page_key=uuid4(),
    )
    activity.satisfies.add(requirement)
    if not Checklist.objects.exists():
        for path in sorted((ROOT / "content" / "checklists").glob("??.yaml")):
            data = yaml.safe_load(path.read_text())
            load_checklist({**data, "figures": [], "claims": []}, now)
    plan = yaml.safe_load((ROOT / "content" / "exams" / "practical.yaml").read_text())
    return load_exam_plan(activity, plan, now), kind


if __name__ == "__main__":
    main()
