"""An exam day today for the two examiners of the demonstration: candidates who have accepted, every station assigned. Prints it as JSON:
`assignments` of examiner1, `both` by place, `candidates` by number with the e-mail they sign in with.

Run in the demonstration's environment: `python -m tests.browser.table_day CANDIDATES`. What the registrar's screens make in twenty steps is
made here in one, so that a test of the tablets begins at the tablets.
"""

import json
import os
import sys
from datetime import timedelta
from uuid import uuid4

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lms.settings")

PASSWORD = "palpate-demo"


def main() -> None:
    import django

    django.setup()
    from django.utils import timezone

    from accounts.models import User
    from accounts.services import open_account
    from courses.services import admit
    from credentials.models import Application, CredentialType
    from practicals.models import Appointment, Assignment, ExamDay, ExamPlan
    from practicals.services import draw_stations
    from practicals.services.checklists import require_version

    now = timezone.localtime().replace(second=0, microsecond=0)
    plan = ExamPlan.objects.filter(kind=ExamPlan.Kind.CERTIFYING).order_by("pk").last()
    assert plan is not None
    kind = CredentialType.objects.get(code="SMT", state=CredentialType.State.OPEN)
    day = ExamDay.objects.create(
        plan=plan,
        date=now.date(),
        begins_at=now.time(),
        zone=str(now.tzinfo),
        place=f"Table Hall {uuid4().hex[:4]}",
        capacity=int(sys.argv[1]),
    )
    examiners = [
        User.objects.get(email=f"{name}@example.org") for name in ("examiner1", "examiner2")
    ]
    day.examiners.set(examiners)
    draw_stations(exam_day=day, by=None, at=now - timedelta(days=3), seed=7)
    for number in range(int(sys.argv[1])):
        name = f"table-{uuid4().hex[:8]}"
        candidate, _new = open_account(
            email=f"{name}@example.org", name=name, password=PASSWORD, by=None, at=now
        )
        Application.objects.create(
            applicant=candidate,
            credential_type=kind,
            name_on_id=name,
            listed=False,
            agreed_at=now - timedelta(days=9),
            submitted_at=now - timedelta(days=9),
        )
        appointment = Appointment.objects.create(
            plan=plan,
            exam_day=day,
            candidate=candidate,
            enrolment=admit(learner=candidate, activity=plan.activity, at=now - timedelta(days=3)),
            candidate_number=str(7001 + number),
            place_in_circuit=number,
            starts_at=now,
            state=Appointment.State.ACCEPTED,
            offered_at=now - timedelta(days=3),
            answered_at=now - timedelta(days=3),
        )
        for station in day.stations.select_related("checklist").order_by("position"):
            for place, examiner in zip("AB", examiners, strict=True):
                Assignment.objects.create(
                    appointment=appointment,
                    station=station,
                    checklist_version=require_version(station.checklist),
                    examiner=examiner,
                    place=place,
                    assigned_at=now - timedelta(days=3),
                )
    rows = list(
        Assignment.objects.filter(appointment__exam_day=day).select_related(
            "station__checklist", "appointment__candidate"
        )
    )
    both: dict[str, dict[str, str]] = {}
    for row in rows:
        named = f"{row.station.checklist.code} {row.appointment.candidate_number}"
        both.setdefault(named, {})[row.place] = str(row.uuid)
    json.dump(
        {
            "day": str(day.uuid),
            "place": day.place,
            "candidates": {
                row.appointment.candidate_number: row.appointment.candidate.email for row in rows
            },
            "assignments": {named: places["A"] for named, places in both.items()},
            "both": both,
        },
        sys.stdout,
    )


if __name__ == "__main__":
    main()
