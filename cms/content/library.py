"""All content files together. Reading it reports every fault there is, each with file and line; nothing is loaded from faulty content."""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path
from typing import Any

from cms.content import shapes
from cms.content.lessons import Lesson, check_lesson, parse
from cms.content.shape import Check, Problem, Reader, line_of, read
from courses.services import BadPattern, claim_rule, drawing_faults
from quizzes.services import overlap, region_of

LEVELS = ("recall", "apply", "analyse")
POOLS = ("secure", "practice")


@dataclass
class Library:
    """What was read, by kind, as data that remembers its lines; keys are files as they are named in faults."""

    root: Path
    scheme: dict[str, Any] = field(default_factory=dict)
    claims: dict[str, Any] = field(default_factory=dict)
    contraindications: dict[str, Any] = field(default_factory=dict)
    figures: dict[str, Any] = field(default_factory=dict)
    items: dict[str, dict[str, Any]] = field(default_factory=lambda: {pool: {} for pool in POOLS})
    practice_domains: dict[str, Any] = field(default_factory=dict)
    enemies: dict[str, Any] = field(default_factory=dict)
    checklists: dict[str, Any] = field(default_factory=dict)
    practice_stations: dict[str, Any] = field(default_factory=dict)
    exams: dict[str, Any] = field(default_factory=dict)
    courses: dict[str, Any] = field(default_factory=dict)
    lessons: dict[str, Lesson] = field(default_factory=dict)
    pages: dict[str, Lesson] = field(default_factory=dict)
    home: dict[str, Any] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def digest(self, *files: str) -> str:
        """SHA-256 over the bytes of files."""
        whole = hashlib.sha256()
        for file in files:
            whole.update((self.root / file).read_bytes())
        return whole.hexdigest()

    @property
    def domains(self) -> list[dict[str, Any]]:
        """The domains of the blueprint, in order, and those that practice has besides."""
        written = next(
            (data for file, data in self.exams.items() if file.endswith("written.yaml")), None
        )
        beside = [domain for data in self.practice_domains.values() for domain in data]
        return [*(written["domains"] if written else []), *beside]

    def course_lessons(self, course_file: str) -> dict[str, Lesson]:
        """The lessons of a course, by code."""
        folder = str(Path(course_file).parent / "lessons")
        return {
            lesson.code: lesson
            for file, lesson in self.lessons.items()
            if str(Path(file).parent) == folder
        }


def open_library(root: Path) -> Library:
    """Read and check everything under `root`."""
    library = Library(root)
    _read_yaml(library, "scheme/*.yaml", shapes.SCHEME, library.scheme)
    _read_yaml(library, "registers/claims.yaml", shapes.CLAIMS, library.claims)
    _read_yaml(
        library,
        "registers/contraindications.yaml",
        shapes.CONTRAINDICATIONS,
        library.contraindications,
    )
    _read_yaml(library, "figures/*.yaml", shapes.FIGURE, library.figures)
    for pool in POOLS:
        _read_yaml(library, f"items/{pool}/*.yaml", shapes.ITEMS, library.items[pool])
    _read_yaml(library, "items/enemies.yaml", shapes.ENEMIES, library.enemies)
    _read_yaml(library, "items/domains.yaml", shapes.DOMAINS, library.practice_domains)
    _read_yaml(library, "checklists/[!g]*.yaml", shapes.CHECKLIST, library.checklists)
    _read_yaml(
        library, "checklists/practice/*.yaml", shapes.PRACTICE_STATION, library.practice_stations
    )
    _read_yaml(library, "exams/written.yaml", shapes.WRITTEN, library.exams)
    _read_yaml(library, "exams/practical.yaml", shapes.PRACTICAL, library.exams)
    _read_yaml(library, "courses/*/course.yaml", shapes.COURSE, library.courses)
    _read_yaml(library, "pages/home.yaml", shapes.HOME, library.home)
    lesson_kinds = (shapes.LESSON_BLOCKS, shapes.LESSON_FRONT)
    _read_markdown(library, "courses/*/lessons/*.md", lesson_kinds, library.lessons)
    _read_markdown(library, "pages/*.md", (shapes.PAGE_BLOCKS, shapes.PAGE_FRONT), library.pages)
    if not library.problems:
        library.problems += sorted(_cross_check(library))
    return library


def _read_yaml(library: Library, pattern: str, shape: Check, into: dict[str, Any]) -> None:
    for path in sorted(library.root.glob(pattern)):
        data, problems = read(path, library.root, shape)
        library.problems += problems
        if data is not None:
            into[str(path.relative_to(library.root))] = data


def _read_markdown(
    library: Library, pattern: str, kind: tuple[tuple[str, ...], Check], into: dict[str, Lesson]
) -> None:
    for path in sorted(library.root.glob(pattern)):
        lesson, problems = parse(path, library.root, kinds=kind[0], front=kind[1])
        library.problems += problems
        if lesson:
            into[lesson.file] = lesson


# What files say of each other


def _cross_check(library: Library) -> Iterator[Problem]:
    yield from _check_claims(library)
    yield from _check_figures(library)
    yield from _check_items(library)
    yield from _check_enemies(library)
    yield from _check_checklists(library)
    yield from _check_exams(library)
    yield from _check_courses(library)
    for lesson in [*library.lessons.values(), *library.pages.values()]:
        yield from _check_names(library, lesson)
    for lesson in library.lessons.values():
        reader = Reader(lesson.file)
        check_lesson(lesson, reader)
        yield from reader.problems
    yield from _check_home(library)


def _entries(files: dict[str, Any]) -> Iterator[tuple[str, int, Any]]:
    """Each entry of files that are lists, with its file and line."""
    for file, data in files.items():
        for index, entry in enumerate(data):
            yield file, line_of(data, index, 1), entry


def _doubles(places: Iterable[tuple[str, int, str]], what: str) -> Iterator[Problem]:
    seen: dict[str, str] = {}
    for file, line, name in places:
        if name in seen:
            yield Problem(file, line, f"The {what} “{name[:80]}” stands in {seen[name]} already.")
        seen.setdefault(name, f"{file}:{line}")


def _check_claims(library: Library) -> Iterator[Problem]:
    yield from _doubles(
        ((file, line, row["code"]) for file, line, row in _entries(library.claims)), "claim"
    )
    slugs = ((file, line, row["slug"]) for file, line, row in _entries(library.contraindications))
    yield from _doubles(slugs, "contraindication")
    for file, line, row in _entries(library.claims):
        for index, pattern in enumerate(row["patterns"]):
            try:
                claim_rule(
                    code=row["code"], status=row["status"], statement="", patterns=[str(pattern)]
                )
            except BadPattern as error:
                yield Problem(
                    file,
                    line_of(row["patterns"], index, line),
                    f"The pattern does not compile: {error}.",
                )


def _check_figures(library: Library) -> Iterator[Problem]:
    for file, figure in library.figures.items():
        drawing = (library.root / file).with_suffix(".svg")
        if figure["id"] != drawing.stem:
            yield Problem(file, 1, f"The id “{figure['id']}” is not the name of the file.")
        if not drawing.exists():
            yield Problem(file, 1, f"There is no drawing {drawing.name} beside it.")
            continue
        for sentence in drawing_faults(drawing.read_text()):
            yield Problem(str(drawing.relative_to(library.root)), 1, sentence)


def _check_items(library: Library) -> Iterator[Problem]:
    every = [place for pool in POOLS for place in _entries(library.items[pool])]
    yield from _doubles(((file, line, row["code"]) for file, line, row in every), "item code")
    stems = ((file, line, " ".join(row["stem"].split()).lower()) for file, line, row in every)
    yield from _doubles(stems, "stem")
    domains = {domain["code"] for domain in library.domains}
    claims = _codes(library.claims, "code")
    tags = set(_must_cover(library))
    for file, line, row in every:
        if row["domain"] not in domains:
            yield Problem(file, line, f"{row['code']}: there is no domain {row['domain']}.")
        for code in set(row.get("claims", [])) - claims:
            yield Problem(file, line, f"{row['code']}: there is no claim {code}.")
        for tag in set(row.get("must_cover", [])) - tags:
            yield Problem(file, line, f"{row['code']}: “{tag}” is not on the must-cover list.")
        if row.get("figure") and row["figure"] not in _figure_ids(library):
            yield Problem(file, line, f"{row['code']}: there is no figure {row['figure']}.")
        yield from _check_answer(file, line, row)


def _check_enemies(library: Library) -> Iterator[Problem]:
    """Enemies are items of one pool."""
    pool_of = {row["code"]: pool for pool in POOLS for _f, _l, row in _entries(library.items[pool])}
    for file, groups in library.enemies.items():
        for index, group in enumerate(groups):
            line = line_of(groups, index, 1)
            for code in group:
                if code not in pool_of:
                    yield Problem(file, line, f"There is no item {code}.")
            if len({pool_of[code] for code in group if code in pool_of}) > 1:
                yield Problem(file, line, "Enemies are of one pool: the others never meet.")


def _check_answer(file: str, line: int, row: Any) -> Iterator[Problem]:
    """Each type has its own parts, and none of another type's."""
    needed = shapes.ITEM_PARTS[row["type"]]
    for part in needed:
        if part not in row:
            yield Problem(
                file, line, f"{row['code']}: an item of type {row['type']} needs “{part}”."
            )
            return
    yield from _CHECKS.get(row["type"], _nothing)(file, line, row)


def _nothing(file: str, line: int, row: Any) -> Iterator[Problem]:
    """No demand besides the shape."""
    yield from ()


def _correct(rows: Any) -> int:
    return sum(1 for row in rows if row.get("correct"))


def _check_single(file: str, line: int, row: Any) -> Iterator[Problem]:
    correct = _correct(row["options"])
    if correct != 1:
        yield Problem(
            file, line, f"{row['code']}: exactly one option is correct; here {correct} are."
        )


def _check_multiple(file: str, line: int, row: Any) -> Iterator[Problem]:
    if not _correct(row["options"]):
        yield Problem(file, line, f"{row['code']}: no option is correct.")


def _check_truefalse(file: str, line: int, row: Any) -> Iterator[Problem]:
    if {str(key).lower() for key in row["rationales"]} != {"true", "false"}:
        yield Problem(file, line, f"{row['code']}: “rationales” needs true and false.")


def _check_hotspot(file: str, line: int, row: Any) -> Iterator[Problem]:
    regions = row["regions"]
    correct = _correct(regions)
    where = line_of(row, "regions", line)
    if not correct or (correct > 1 and not row.get("several")):
        yield Problem(
            file,
            where,
            f"{row['code']}: exactly one region is correct, unless “several” is true; here {correct} are.",
        )
    outlines = [region_of(str(region["outline"])) for region in regions]
    for (one, first), (other, second) in combinations(enumerate(outlines), 2):
        if overlap(first, second):
            sentence = f"{row['code']}: regions {one + 1} and {other + 1} overlap."
            yield Problem(file, line_of(regions, other, where), sentence)


def _check_extended(file: str, line: int, row: Any) -> Iterator[Problem]:
    choices = {str(text).strip() for text in row["choices"]}
    for index, stem in enumerate(row["stems"]):
        if str(stem["answer"]).strip() not in choices:
            sentence = f"{row['code']}: “{stem['answer']}” is not among the choices."
            yield Problem(file, line_of(row["stems"], index, line), sentence)


def _check_case(file: str, line: int, row: Any) -> Iterator[Problem]:
    for index, part in enumerate(row["parts"]):
        correct = _correct(part["options"])
        if correct != 1:
            sentence = f"{row['code']}: exactly one option is correct; here {correct} are."
            yield Problem(file, line_of(row["parts"], index, line), sentence)


def _check_essay(file: str, line: int, row: Any) -> Iterator[Problem]:
    essay = row["essay"]
    total = sum(entry["points"] for entry in essay["rubric"])
    if total != essay["points"]:
        sentence = (
            f"{row['code']}: the rubric adds up to {total} points; the essay has {essay['points']}."
        )
        yield Problem(file, line_of(essay, "points", line), sentence)


_CHECKS: dict[str, Callable[[str, int, Any], Iterator[Problem]]] = {
    "single": _check_single,
    "multiple": _check_multiple,
    "truefalse": _check_truefalse,
    "hotspot": _check_hotspot,
    "extended": _check_extended,
    "case": _check_case,
    "essay": _check_essay,
}


def _check_checklists(library: Library) -> Iterator[Problem]:
    every = library.checklists | library.practice_stations
    codes = ((file, 1, data["code"]) for file, data in every.items())
    yield from _doubles(codes, "checklist")
    for file, data in every.items():
        yield from _check_station_names(library, file, data)
    for file, data in library.checklists.items():
        places = [
            (file, line_of(data["criteria"], index, 1), row["code"])
            for index, row in enumerate(data["criteria"])
        ]
        yield from _doubles(places, "line")


def _check_station_names(library: Library, file: str, data: Any) -> Iterator[Problem]:
    """The figures, claims and lines that a station names are there."""
    stations = {row["code"] for row in library.checklists.values()}
    if "lines_of" in data and data["lines_of"] not in stations:
        yield Problem(
            file, line_of(data, "lines_of", 1), f"There is no checklist {data['lines_of']}."
        )
    figures = {row["id"] for row in library.figures.values()}
    for index, entry in enumerate(data.get("figures", [])):
        if entry["figure"] not in figures:
            line = line_of(data["figures"], index, 1)
            yield Problem(file, line, f"There is no figure {entry['figure']}.")
    claims = {row["code"] for rows in library.claims.values() for row in rows}
    for code in data.get("claims", []):
        if code not in claims:
            yield Problem(file, line_of(data, "claims", 1), f"There is no claim {code}.")


def _check_exams(library: Library) -> Iterator[Problem]:
    checklists = {data["code"] for data in library.checklists.values()}
    for file, data in library.exams.items():
        if "domains" in data:
            drawn = sum(domain[level] for domain in data["domains"] for level in LEVELS)
            if drawn != data["items"]:
                line = line_of(data, "items", 1)
                yield Problem(
                    file,
                    line,
                    f"The blueprint draws {drawn} questions; the examination has {data['items']}.",
                )
            yield from _check_bank(library, file, data)
        for index, station in enumerate(data.get("stations", [])):
            if station["checklist"] not in checklists:
                line = line_of(data["stations"], index, 1)
                yield Problem(file, line, f"There is no checklist {station['checklist']}.")


def _check_bank(library: Library, file: str, data: Any) -> Iterator[Problem]:
    """The pool holds enough of each kind, and of each subject that has to be covered."""
    every = [row for _file, _line, row in _entries(library.items[data["pool"]])]
    bank = [row for row in every if not row.get("pilot")]
    for index, domain in enumerate(data["domains"]):
        for level in LEVELS:
            have = sum(
                1 for row in bank if (row["domain"], row["level"]) == (domain["code"], level)
            )
            if have < domain[level]:
                line = line_of(data["domains"], index, 1)
                yield Problem(
                    file,
                    line,
                    f"{domain['code']} {level}: the pool has {have} of {domain[level]} questions.",
                )
    for tag, least in data["must_cover"].items():
        have = sum(1 for row in bank if tag in row.get("must_cover", []))
        if have < least:
            line = line_of(data["must_cover"], tag, 1)
            yield Problem(file, line, f"“{tag}”: the pool has {have} of {least} questions.")


def _check_courses(library: Library) -> Iterator[Problem]:
    for file, course in library.courses.items():
        lessons = library.course_lessons(file)
        modules = [module["code"] for module in course["modules"]]
        used = set()
        for index, module in enumerate(course["modules"]):
            line = line_of(course["modules"], index, 1)
            for code in set(module["requires"]) - set(modules[:index]):
                yield Problem(
                    file, line, f"{module['code']} requires {code}, which is no module before it."
                )
            for place, activity in enumerate(module["activities"]):
                where = line_of(module["activities"], place, line)
                used.add(activity["code"])
                yield from _check_activity(library, activity, lessons, (file, where))
        codes = [
            *modules,
            *(row["code"] for module in course["modules"] for row in module["activities"]),
        ]
        yield from _doubles(((file, 1, code) for code in codes), "code")
        for code in lessons.keys() - used:
            yield Problem(
                lessons[code].file, 1, f"No module of {course['code']} has the lesson {code}."
            )
        if course["hours"] and course["hours"] != sum(
            module["hours"] for module in course["modules"]
        ):
            yield Problem(
                file,
                line_of(course, "hours", 1),
                "The hours of the modules do not add up to the course's.",
            )


def _check_activity(
    library: Library, activity: Any, lessons: dict[str, Lesson], place: tuple[str, int]
) -> Iterator[Problem]:
    file, line = place
    code, kind = activity["code"], activity["kind"]
    if kind == "lesson" and code not in lessons:
        yield Problem(file, line, f"There is no lesson {code}.")
    if (
        kind == "quiz"
        and not activity.get("exam")
        and not (activity.get("items") and activity.get("domains"))
    ):
        yield Problem(file, line, f"{code}: a quiz needs “items” and “domains”, or “exam”.")
    unknown = set(activity.get("domains", [])) - {domain["code"] for domain in library.domains}
    if unknown:
        yield Problem(file, line, f"{code}: there is no domain {', '.join(sorted(unknown))}.")
    practised = {data["code"] for data in library.practice_stations.values()}
    if (
        kind == "practical"
        and not activity.get("exam")
        and activity.get("checklist") not in practised
    ):
        named = activity.get("checklist")
        yield Problem(file, line, f"{code}: there is no practice station {named}.")
    if activity.get("exam") and not any(
        name.endswith(f"{activity['exam']}.yaml") for name in library.exams
    ):
        yield Problem(file, line, f"{code}: there is no examination “{activity['exam']}”.")
    if kind != "lesson" and "title" not in activity:
        yield Problem(file, line, f"{code}: the title is missing.")


def _check_names(library: Library, lesson: Lesson) -> Iterator[Problem]:
    """Figures, claims, contraindications and lessons that a text names exist, and agree with it."""
    claims, figures = _codes(library.claims, "code"), _figure_ids(library)
    register = {row["slug"]: row["class"] for _f, _l, row in _entries(library.contraindications)}
    codes = {other.code for other in library.lessons.values()}
    for name, line in lesson.named("figure", "id"):
        if name not in figures:
            yield Problem(lesson.file, line, f"There is no figure {name}.")
    for name, line in lesson.named("research", "claim"):
        if name not in claims:
            yield Problem(lesson.file, line, f"There is no claim {name}.")
    for block in lesson.blocks:
        if block.kind == "contraindication" and block.data.get("register"):
            slug, klass = block.data["register"], block.data["class"]
            if slug not in register:
                yield Problem(lesson.file, block.line, f"The register has no entry {slug}.")
            elif register[slug] != klass:
                sentence = f"The register has {slug} as class {register[slug]}, not {klass}."
                yield Problem(lesson.file, block.line, sentence)
    for code, line in lesson.links:
        if code not in codes:
            yield Problem(lesson.file, line, f"There is no lesson {code} to link to.")


def _check_home(library: Library) -> Iterator[Problem]:
    for file, home in library.home.items():
        claims = _codes(library.claims, "code")
        for index, row in enumerate(home["sayings"]):
            if row["claim"] not in claims:
                line = line_of(home["sayings"], index, 1)
                yield Problem(file, line, f"There is no claim {row['claim']}.")
        if home["plate"]["figure"] not in _figure_ids(library):
            yield Problem(
                file, line_of(home, "plate", 1), f"There is no figure {home['plate']['figure']}."
            )


def _codes(files: dict[str, Any], key: str) -> set[str]:
    return {row[key] for _file, _line, row in _entries(files)}


def _figure_ids(library: Library) -> set[str]:
    return {figure["id"] for figure in library.figures.values()}


def _must_cover(library: Library) -> Iterator[str]:
    for data in library.exams.values():
        yield from data.get("must_cover", {})
