"""Practice at the table: begun by a student, scored by themselves and by peers they ask, read by nobody else, deleted when they like.

Only practice stations of courses a person takes; nothing is certified, reported down or counted as teaching (R60).
"""

import secrets
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.services import Conflict, Forbidden, Invalid, Missing, lock_learner, notify
from courses.models import Activity, Enrolment
from courses.services import enrolment_of, require_open
from practicals import practising
from practicals.models import ExamPlan, Life, Pool, PracticeRun, PracticeSheet, Station
from practicals.practising import Report, Scored
from practicals.services.checklists import require_version
from practicals.services.sent import is_repeat, read_sent
from practicals.services.sheets import lines_of
from practicals.sheet import blanks, read_rev

LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # none that are mistaken for each other
CODE_LENGTH = 6
CODE_HOLDS = timedelta(hours=24)
SHEETS = 5  # one's own and four peers
GO_ON = timedelta(hours=12)


# What there is


def practice_stations(by: User) -> list[tuple[Activity, Station]]:
    """The practice stations of the courses a person takes, in their order. One query."""
    rows = (
        Station.objects.filter(
            plan__kind=ExamPlan.Kind.FORMATIVE,
            plan__state=ExamPlan.State.IN_FORCE,
            plan__activity__is_live=True,
            plan__activity__module__course__enrolments__learner=by,
            checklist__pool=Pool.PRACTICE,
            checklist__life=Life.ACTIVE,
        )
        .select_related("plan__activity__module__course", "checklist")
        .order_by(
            "plan__activity__module__course",
            "plan__activity__module__position",
            "plan__activity__position",
        )
        .distinct()
    )
    return [(row.plan.activity, row) for row in rows]


def classmates(*, run: PracticeRun) -> list[User]:
    """The other learners of the performer's class, whom they may ask by name. One query; none without a class."""
    own = Enrolment.objects.filter(
        learner=run.performer_id, course__modules=run.activity.module_id, cohort__isnull=False
    )
    return list(
        User.objects.filter(enrolments__cohort__in=own.values("cohort"), is_active=True)
        .exclude(pk=run.performer_id)
        .order_by("name", "pk")
        .distinct()
    )


# Beginning and asking


@transaction.atomic
def begin_practice(*, activity: Activity, by: User, at: datetime) -> PracticeRun:
    """Begin to practise a station; one begun in the last hours that nobody has finished a sheet on is gone on with.

    Raises Missing when not enrolled, Conflict for a module that is not open yet or a station that is not open for practice.
    """
    enrolment = enrolment_of(learner=by, activity=activity)
    require_open(enrolment=enrolment, activity=activity)
    station = _station_of(activity)
    lock_learner(by.pk)
    begun = PracticeRun.objects.filter(
        performer=by,
        activity=activity,
        begun_at__gt=at - GO_ON,
        version__checklist=station.checklist,
    )
    open_run = begun.exclude(sheets__final_at__isnull=False).first()
    if open_run:
        return open_run
    return PracticeRun.objects.create(
        performer=by,
        activity=activity,
        version=require_version(station.checklist),
        begun_at=at,
    )


def _station_of(activity: Activity) -> Station:
    station = (
        Station.objects.filter(plan__in=ExamPlan.objects.in_force().filter(activity=activity))
        .select_related("checklist", "plan")
        .first()
    )
    if station is None or not station.plan.is_formative:
        raise Conflict(
            "not_practice", _("“%(activity)s” is not a practice station.") % {"activity": activity}
        )
    if not station.checklist.open_for_practice or station.checklist.life != Life.ACTIVE:
        raise Conflict(
            "not_open",
            _("Station %(code)s is not open for practice.") % {"code": station.checklist.code},
        )
    return station


@transaction.atomic
def score_myself(*, run: PracticeRun, by: User, at: datetime) -> PracticeSheet:
    """The performer's own sheet on their run. Safe to call twice. Raises Missing for anybody else."""
    run = _own_run(run, by)
    return _sheet_for(run, by, at)


@transaction.atomic
def open_code(*, run: PracticeRun, by: User, at: datetime) -> PracticeRun:
    """A code with which a fellow student scores this run, for a day. One that is open stays. Raises Missing for others than its performer."""
    run = _own_run(run, by)
    if run.code_is_open(at):
        return run
    run.code, run.code_until = _new_code(), at + CODE_HOLDS
    run.save(update_fields=["code", "code_until"])
    return run


def _new_code() -> str:
    for _try in range(50):
        code = "".join(secrets.choice(LETTERS) for _letter in range(CODE_LENGTH))
        if not PracticeRun.objects.filter(code=code).exists():
            return code
    raise RuntimeError("Fifty random practice codes in a row were taken.")


@transaction.atomic
def join_by_code(*, code: str, by: User, at: datetime) -> PracticeSheet:
    """A fellow student opens their sheet on a run by its code. Safe to call twice.

    Raises Missing for a code that is not open or of a course they do not take, Conflict for one's own run or when enough people score it.
    """
    typed = "".join(code.split()).replace("-", "").upper()
    run = PracticeRun.objects.filter(code=typed).exclude(code="").first() if typed else None
    if run is None or not run.code_is_open(at) or not _takes_course(run, by):
        raise Missing(
            "no_code",
            _("There is no practice with this code now. Ask for it again: a code holds for a day."),
        )
    run = PracticeRun.objects.select_for_update().get(pk=run.pk)
    if run.performer_id == by.pk:
        raise Conflict("own_run", _("This is your own practice. The code is for a fellow student."))
    return _sheet_for(run, by, at)


def _takes_course(run: PracticeRun, by: User) -> bool:
    return Enrolment.objects.filter(learner=by, course__modules=run.activity.module_id).exists()


@transaction.atomic
def ask_classmate(*, run: PracticeRun, peer: User, by: User, at: datetime) -> PracticeSheet:
    """The performer asks somebody of their class by name; they are told. Safe to call twice.

    Raises Missing for others than its performer, Forbidden for somebody who is not of the class, Conflict when enough people score it.
    """
    run = _own_run(run, by)
    if peer not in classmates(run=run):
        raise Forbidden("not_in_class", _("Only people of your class can be asked by name."))
    sheet = _sheet_for(run, peer, at)
    notify(
        recipient=peer,
        kind="practice_asked",
        reference=str(sheet.uuid),
        subject=_("%(name)s asks you to score a practice") % {"name": by.name},
        template="practicals/mail/practice_asked.txt",
        context={"run": run, "performer": by},
        url=f"/practise/sheets/{sheet.uuid}/",
        at=at,
    )
    return sheet


def _own_run(run: PracticeRun, by: User) -> PracticeRun:
    """The run, locked, if it is this person's."""
    own = (
        PracticeRun.objects.visible_to(by)
        .select_for_update(of=("self",))
        .select_related("activity", "version__checklist")
        .filter(pk=run.pk)
        .first()
    )
    if own is None:
        raise Missing("no_practice", _("There is no such practice."))
    return own


def _sheet_for(run: PracticeRun, scorer: User, at: datetime) -> PracticeSheet:
    held = PracticeSheet.objects.filter(run=run, scorer=scorer).first()
    if held:
        return held
    if PracticeSheet.objects.filter(run=run).count() >= SHEETS:
        raise Conflict("enough", _("Enough people score this practice already."))
    return PracticeSheet.objects.create(run=run, scorer=scorer, asked_at=at)


# Scoring


@transaction.atomic
def sync_practice(*, sheet: PracticeSheet, content: Any, by: User, at: datetime) -> PracticeSheet:
    """Take the whole sheet as the device has it now, as an examination does: a higher `rev` replaces, the same again changes nothing,
    `final` finishes it. Raises Missing for anybody else's sheet, Conflict (finished, or a lower `rev`), Invalid (shape, or blanks).
    """
    own = (
        PracticeSheet.objects.visible_to(by)
        .select_for_update(of=("self",))
        .select_related("run__version")
        .filter(pk=sheet.pk)
        .first()
    )
    if own is None:
        raise Missing("no_sheet", _("There is no such sheet."))
    lines = lines_of(own.run.version)
    given, errors = read_sent(content, lines, own.run.version)
    if is_repeat(own, given, read_rev(content), require_writable=_require_open):
        return own
    if given is None:
        raise Invalid(
            "invalid", _("Some of what you sent is not right. See `errors`."), fields=errors
        )
    missing = blanks(given, lines) if given.final else {}
    if missing:
        raise Invalid(
            "sheet_incomplete",
            _("The sheet cannot be finished yet. See `errors`."),
            fields=missing,
        )
    own.rev, own.draft, own.digest, own.synced_at = given.rev, given.plain(), given.digest, at
    own.final_at = at if given.final else None
    own.save(update_fields=["rev", "draft", "digest", "synced_at", "final_at"])
    return own


def _require_open(sheet: PracticeSheet) -> None:
    if sheet.is_final:
        raise Conflict("sheet_locked", _("This sheet is finished."))


# Reading and deleting


def runs_of(by: User) -> QuerySet[PracticeRun]:
    """A person's own practice, the newest first, with its sheets and who scores them. Two queries."""
    return (
        PracticeRun.objects.visible_to(by)
        .select_related("version__checklist", "activity")
        .prefetch_related("sheets__scorer")
    )


def asked_of(by: User) -> list[PracticeSheet]:
    """The sheets a person was asked to write for others, unfinished ones first. One query."""
    rows = (
        PracticeSheet.objects.visible_to(by)
        .exclude(run__performer=by)
        .select_related("run__performer", "run__version__checklist")
        .order_by("-asked_at", "-pk")
    )
    return sorted(rows, key=lambda row: row.is_final)


def report_of(run: PracticeRun) -> Report | None:
    """What the finished sheets say, for whoever practised. None while there is none, and while they have begun their own and not finished
    it: what others saw would colour what they write.
    """
    sheets = list(run.sheets.select_related("scorer"))
    own = next((row for row in sheets if row.scorer_id == run.performer_id), None)
    if own and not own.is_final:
        return None
    finished = [row for row in sheets if row.is_final]
    if not finished:
        return None
    return practising.report(lines_of(run.version), [_scored(run, row) for row in finished])


def _scored(run: PracticeRun, sheet: PracticeSheet) -> Scored:
    marks = sheet.draft["observations"]
    return Scored(
        name=sheet.scorer.name,
        own=sheet.scorer_id == run.performer_id,
        ratings={mark["criterion"]: mark["rating"] for mark in marks},
        notes={mark["criterion"]: mark["note"] for mark in marks},
        violations={seen["code"]: seen["note"] for seen in sheet.draft["violations"]},
        global_rating=sheet.draft["global_rating"],
    )


@transaction.atomic
def delete_practice(*, run: PracticeRun, by: User, at: datetime) -> None:
    """Whoever practised deletes it with every sheet on it, for good. Safe to call twice: then it is Missing, as for anybody else."""
    _own_run(run, by).delete()


@transaction.atomic
def delete_practice_sheet(*, sheet: PracticeSheet, by: User, at: datetime) -> None:
    """Whoever wrote a sheet takes it back, for good. Raises Missing for anybody else."""
    own = PracticeSheet.objects.visible_to(by).select_for_update().filter(pk=sheet.pk).first()
    if own is None:
        raise Missing("no_sheet", _("There is no such sheet."))
    own.delete()
