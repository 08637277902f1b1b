"""Where learners stand in a course: its outline as one of them sees it, and the next step."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID

from django.db.models import F

from courses.models import Activity, Course, Enrolment, Module, Progress


@dataclass(frozen=True)
class Step:
    """One activity of an outline and the learner's state in it: "" (not begun), started, held, failed, complete, or closed."""

    activity: Activity
    state: str


@dataclass(frozen=True)
class Part:
    """One module of an outline: its steps, how many of the owed ones are done, what it requires, and which of that keeps it closed."""

    module: Module
    steps: list[Step]
    done: int
    owed: int
    requires: list[Module]
    closed_by: list[Module]

    @property
    def complete(self) -> bool:
        return self.done == self.owed


@dataclass(frozen=True)
class Structure:
    """What a course consists of, in order: its live modules, what each requires (module ids), its live activities by module id."""

    modules: list[Module]
    requires: dict[int, list[int]]
    activities: dict[int, list[Activity]]


def structure_of(*, course_id: int) -> Structure:
    """The modules and activities of a course. Two queries, whatever its size."""
    modules: dict[int, Module] = {}
    requires: dict[int, list[int]] = {}
    # One row for each module and module it requires.
    rows = Module.objects.filter(course=course_id, is_live=True).annotate(required_id=F("requires"))
    for row in rows.order_by("position", "pk"):
        modules.setdefault(row.pk, row)
        if row.required_id:
            requires.setdefault(row.pk, []).append(row.required_id)
    activities: dict[int, list[Activity]] = {}
    for activity in Activity.objects.filter(module__course=course_id, is_live=True).order_by(
        "position", "pk"
    ):
        module = modules.get(activity.module_id)
        if module:
            activity.module = module
            activities.setdefault(module.pk, []).append(activity)
    return Structure(list(modules.values()), requires, activities)


def parts_of(structure: Structure, states: Mapping[int, str]) -> list[Part]:
    """The outline that follows from a course and one learner's states, by activity id."""

    def missing(module: Module) -> int:
        steps = structure.activities.get(module.pk, [])
        return sum(
            1 for step in steps if step.required and states.get(step.pk) != Progress.State.COMPLETE
        )

    lacking = {module.pk: missing(module) for module in structure.modules}
    by_id = {module.pk: module for module in structure.modules}
    parts = []
    for module in structure.modules:
        activities = structure.activities.get(module.pk, [])
        requires = [by_id[pk] for pk in structure.requires.get(module.pk, []) if pk in by_id]
        closed_by = [required for required in requires if lacking[required.pk]]
        owed = sum(1 for activity in activities if activity.required)
        steps = [
            Step(activity, states.get(activity.pk, "closed" if closed_by else ""))
            for activity in activities
        ]
        parts.append(Part(module, steps, owed - lacking[module.pk], owed, requires, closed_by))
    return parts


@lru_cache(maxsize=64)
def kept_structure(course_id: int, _uuid: UUID, _revision: int) -> Structure:
    """A course as it was at a revision, read once in each process. What is kept is shared: read it, never change it."""
    return structure_of(course_id=course_id)


def outline(*, enrolment: Enrolment, course: Course | None = None) -> list[Part]:
    """A course as this learner sees it, in order. Three queries, whatever its size.

    Given the `course` as the database has it now, one query: what belongs to its revision is read once and kept.
    """
    structure = (
        kept_structure(course.pk, course.uuid, course.revision)
        if course
        else structure_of(course_id=enrolment.course_id)
    )
    states = dict(Progress.objects.filter(enrolment=enrolment).values_list("activity_id", "state"))
    return parts_of(structure, states)


def next_step(parts: Sequence[Part]) -> Activity | None:
    """The first open, owed activity that is not complete; failed and held ones wait for those never begun."""
    open_steps = [
        step
        for part in parts
        if not part.closed_by
        for step in part.steps
        if step.activity.required and step.state != Progress.State.COMPLETE
    ]
    fresh = [step for step in open_steps if step.state in ("", Progress.State.STARTED)]
    failed = [step for step in open_steps if step.state == Progress.State.FAILED]
    chosen = next(iter(fresh or failed), None)
    return chosen.activity if chosen else None


def hours_done(parts: Sequence[Part]) -> int:
    """Hours of the modules that are complete."""
    return sum(part.module.hours for part in parts if part.owed and part.complete)


def syllabus(*, course: Course) -> list[Part]:
    """A course as nobody in particular sees it: everything there is, nothing done. Two queries."""
    return parts_of(structure_of(course_id=course.pk), {})
