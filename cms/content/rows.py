"""Content into the rows of the apps beneath, through their services. Each function loads one file and says how many entries changed."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError

from accounts.services import Refusal
from cms.content.library import Library
from cms.content.shape import Problem, line_of, plain
from courses.models import Activity, Course
from courses.services import load_claim, load_contraindication, load_figure
from credentials.models import Requirement
from credentials.services import load_credential_type
from practicals.services import load_checklist, load_exam_plan
from quizzes.services import load_domain, load_item, pilot_loaded


class Faulty(Exception):
    """A file cannot be loaded; carries its problems."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


def said(error: Refusal | ValidationError) -> str:
    """What went wrong, as a sentence."""
    if isinstance(error, Refusal):
        return error.sentence
    if hasattr(error, "message_dict"):
        return " ".join(f"{name}: {' '.join(parts)}" for name, parts in error.message_dict.items())
    return " ".join(error.messages)


def attempt(file: str, line: int, load: Callable[[], Any]) -> Any:
    """Do `load`, turning its refusal into a problem of this file and line."""
    try:
        return load()
    except (Refusal, ValidationError) as error:
        raise Faulty([Problem(file, line, said(error))]) from error


def load_scheme(file: str, data: Any, at: datetime) -> int:
    _kind, new = attempt(file, 1, lambda: load_credential_type(data=plain(data), at=at))
    return int(new)


def load_claims(file: str, data: Any, at: datetime) -> int:
    changed = 0
    for index, entry in enumerate(data):
        fields = {"word": "", **plain(entry)}
        line = line_of(data, index, 1)
        _row, new = attempt(file, line, partial(load_claim, at=at, **fields))
        changed += new
    return changed


def load_contraindications(file: str, data: Any, at: datetime) -> int:
    changed = 0
    for index, entry in enumerate(data):
        fields = {"emergency": False, "phase": "", "rationale": "", **plain(entry)}
        fields["klass"] = fields.pop("class")
        line = line_of(data, index, 1)
        _row, new = attempt(file, line, partial(load_contraindication, at=at, **fields))
        changed += new
    return changed


def load_drawing(file: str, data: Any, at: datetime, root: Path) -> int:
    fields = {"view": "", "caption": "", **plain(data)}
    fields["code"] = fields.pop("id")
    fields["svg"] = (root / file).with_suffix(".svg").read_text()
    _row, new = attempt(file, 1, lambda: load_figure(at=at, **fields))
    return int(new)


def load_domains(library: Library, at: datetime) -> None:
    for position, domain in enumerate(library.domains):
        load_domain(code=str(domain["code"]), title=str(domain["title"]), position=position, at=at)


def load_items(file: str, data: Any, pool: str, at: datetime) -> int:
    changed = 0
    for index, entry in enumerate(data):
        row = plain(entry)
        line = line_of(data, index, 1)
        item, new = attempt(file, line, partial(load_item, data=row, pool=pool, at=at))
        if new and row.get("pilot"):
            pilot_loaded(item=item, at=at)
        changed += new
    return changed


def load_station_sheet(file: str, data: Any, at: datetime, pool: str = "secure") -> int:
    attempt(file, 1, lambda: load_checklist({**plain(data), "pool": pool}, at))
    return 1


def load_practical(file: str, data: Any, activity: Activity, at: datetime) -> int:
    attempt(file, 1, lambda: load_exam_plan(activity, plain(data), at))
    return 1


def written_rules(data: Any) -> dict[str, Any]:
    """The written examination's file as the fields of a quiz page."""
    cells = [
        ("cell", {"domain": str(domain["code"]), "level": level, "count": int(domain[level])})
        for domain in data["domains"]
        for level in ("recall", "apply", "analyse")
        if domain[level]
    ]
    return {
        "pool": str(data["pool"]),
        "draw": cells,
        "must_cover": plain(data["must_cover"]),
        "time_limit_minutes": int(data["time_limit_minutes"]),
        "pass_percent": Decimal(100) * int(data["pass_mark"]) / int(data["items"]),
        "attempts_allowed": int(data["attempts"]),
        "wait_days": int(data["wait_days"]),
        "feedback": "bands",
        "pilot_items": int(data.get("pilot_items", 0)),
        "delivery": str(data.get("delivery", "draw")),
        "release": str(data.get("release", "at_once")),
        "scale_cut": _number(data, "scale_cut"),
        "scale_max": _number(data, "scale_max"),
        "agreement": str(data.get("agreement", "")),
        "invigilated": bool(data.get("invigilated", False)),
        "window_days": _number(data, "window_days"),
        "break_minutes": int(data.get("break_minutes", 0)),
    }


def _number(data: Any, name: str) -> int | None:
    return int(data[name]) if name in data else None


def link_requirements(file: str, course: Any) -> None:
    """Which requirements a course, and its activities, satisfy: those of the edition in force."""
    row = Course.objects.get(code=course["code"], edition=course["edition"])
    row.satisfies.set(
        _requirements(file, course.get("satisfies", []), line_of(course, "satisfies", 1))
    )
    for module in course["modules"]:
        for index, activity in enumerate(module["activities"]):
            named = [activity["satisfies"]] if activity.get("satisfies") else []
            line = line_of(module["activities"], index, 1)
            found = Activity.objects.get(module__course=row, code=activity["code"])
            found.satisfies.set(_requirements(file, named, line))


def _requirements(file: str, codes: list[Any], line: int) -> list[Requirement]:
    rows = list(
        Requirement.objects.filter(
            code__in=[str(code) for code in codes], credential_type__state="open"
        )
    )
    missing = {str(code) for code in codes} - {row.code for row in rows}
    if missing:
        raise Faulty(
            [Problem(file, line, f"No scheme in force requires {', '.join(sorted(missing))}.")]
        )
    return rows
