"""The order of loading: what others name comes first. One transaction for each part; files that are as they were change nothing."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from django.db import transaction

from cms.content import rows, tree
from cms.content.library import POOLS, Library, open_library
from cms.content.lint import lint_library
from cms.content.rows import Faulty
from cms.editing import ensure_workflow
from cms.models import ContentFile, HomePage
from courses.models import Activity
from quizzes.services import load_enemies

Say = Callable[[str], None]


class Loader:
    """Loads a library into the database. `say` is told what is going on; `force` loads files that have not changed too."""

    def __init__(
        self, root: Path, *, at: datetime, say: Say = lambda _words: None, force: bool = False
    ) -> None:
        self.root, self.at, self.say, self.force = root, at, say, force
        self.loaded = 0

    def load(self) -> int:
        """Read, check, lint and load everything; how many files were loaded. Raises Faulty before anything is written."""
        library = self.read()
        self.known = dict(ContentFile.objects.values_list("path", "sha256"))
        self._lint(library)
        self._registers(library)
        self._bank(library)
        self._pages(library)
        with transaction.atomic():
            ensure_workflow()
        return self.loaded

    def read(self) -> Library:
        """The checked library. Raises Faulty with every problem there is."""
        self.say("Reading and checking the content")
        library = open_library(self.root)
        if library.problems:
            raise Faulty(library.problems)
        return library

    # Files that have not changed

    def _changed(self, library: Library, name: str, *files: str) -> bool:
        return self.force or self.known.get(name) != library.digest(*files)

    def _note(self, library: Library, name: str, *files: str) -> None:
        """Remember that `name` is loaded as it is now. In the transaction that loaded it."""
        ContentFile.objects.update_or_create(
            path=name, defaults={"sha256": library.digest(*files), "loaded_at": self.at}
        )
        self.loaded += 1

    @contextmanager
    def _part(self, title: str) -> Iterator[None]:
        before = self.loaded
        with transaction.atomic():
            yield
        count = self.loaded - before
        self.say(f"{title}: {f'{count} files' if count else 'as it was'}")

    def _each(
        self,
        library: Library,
        files: Mapping[str, Any],
        load: Callable[[str, Any], Any],
        beside: str = "",
    ) -> None:
        """Load those of `files` that changed; `beside` is the suffix of a second file that belongs to each."""
        for file, data in files.items():
            both = [file, str(Path(file).with_suffix(beside))] if beside else [file]
            if self._changed(library, file, *both):
                load(file, data)
                self._note(library, file, *both)

    # The parts

    def _lint(self, library: Library) -> None:
        """Contested claims stated as true. What was found clean is not read again."""
        files = sorted(
            str(path.relative_to(self.root))
            for pattern in ("*.yaml", "*.md")
            for path in self.root.rglob(pattern)
        )
        if not self._changed(library, "(linted)", *files):
            return
        self.say("Looking for contested claims stated as true")
        found = lint_library(library)
        if found:
            raise Faulty(found)
        self._note(library, "(linted)", *files)
        self.loaded -= 1

    def _registers(self, library: Library) -> None:
        at = self.at
        with self._part("Scheme"):
            self._each(library, library.scheme, lambda file, data: rows.load_scheme(file, data, at))
        with self._part("Registers"):
            self._each(library, library.claims, lambda file, data: rows.load_claims(file, data, at))
            self._each(
                library,
                library.contraindications,
                lambda file, data: rows.load_contraindications(file, data, at),
            )
        with self._part("Figures"):
            self._each(
                library,
                library.figures,
                lambda file, data: rows.load_drawing(file, data, at, self.root),
                ".svg",
            )

    def _bank(self, library: Library) -> None:
        at = self.at
        with transaction.atomic():
            rows.load_domains(library, at)
        for pool in POOLS:
            with self._part(f"Questions, {pool} pool"):
                self._each(
                    library,
                    library.items[pool],
                    partial(rows.load_items, pool=pool, at=at),
                )
        with self._part("Enemies"):
            self._each(
                library, library.enemies, lambda _file, data: load_enemies(groups=data, at=at)
            )
        with self._part("Checklists"):
            self._each(
                library,
                library.checklists,
                lambda file, data: rows.load_station_sheet(file, data, at),
            )
        with self._part("Practice stations"):
            files = {data["code"]: file for file, data in library.checklists.items()}
            for file, data in library.practice_stations.items():
                both = [file, files[data["lines_of"]]]
                if self._changed(library, file, *both):
                    rows.load_station_sheet(file, data, at, pool="practice")
                    self._note(library, file, *both)

    def _pages(self, library: Library) -> None:
        for file, data in library.home.items():
            with self._part("Front page and catalogue"):
                home = tree.ensure_site(
                    str(data["title"]), "\n".join(data["headline"]), str(data["lede"])
                )
                catalogue = tree.ensure_catalogue(home, data["catalogue"])
                if self._changed(library, file, file) or not (home.live and catalogue.live):
                    tree.publish_home(home, file, data)
                    tree.publish(catalogue, file, 1, {})
                    self._note(library, file, file)
        for file in tree.load_order(library):
            self._course(library, file, catalogue)
        with self._part("Pages"):
            home = HomePage.objects.get()
            self._each(library, library.pages, lambda _file, page: tree.publish_page(home, page))

    def _course(self, library: Library, file: str, catalogue: Any) -> None:
        course, lessons = library.courses[file], library.course_lessons(file)
        exams = {Path(name).stem: name for name in library.exams}
        used = [
            exams[activity["exam"]]
            for module in course["modules"]
            for activity in module["activities"]
            if activity.get("exam")
        ]
        with self._part(str(course["title"])):
            pages = tree.ensure_course(catalogue, course, lessons)
            if self._changed(library, file, file, *used) or not pages[""].live:
                self._structure(library, file, pages, exams)
                self._note(library, file, file, *used)
            for code, lesson in lessons.items():
                if self._changed(library, lesson.file, lesson.file) or not pages[code].live:
                    tree.publish_lesson(pages[code], lesson, pages)
                    self._note(library, lesson.file, lesson.file)
            rows.link_requirements(file, course)

    def _structure(
        self, library: Library, file: str, pages: Mapping[str, Any], exams: Mapping[str, str]
    ) -> None:
        """The course, its modules, quizzes and practicals; examinations by their own files."""
        course = library.courses[file]
        tree.publish_course(pages[""], file, course)
        for module, line in tree.module_lines(course):
            tree.publish_module(pages[module["code"]], file, line, module, pages)
            for activity in module["activities"]:
                page, exam = pages[activity["code"]], exams.get(activity.get("exam", ""))
                if activity["kind"] == "quiz":
                    tree.publish_quiz(
                        page, file, line, activity, library.exams[exam] if exam else None
                    )
                elif activity["kind"] == "practical":
                    tree.publish_practical(page, file, line, activity)
                    if exam:
                        row = Activity.objects.get(page_key=page.translation_key)
                        rows.load_practical(exam, library.exams[exam], row, self.at)
