"""Content into pages. First every page gets its place in the tree as a draft, so that links between lessons lead somewhere; then each is
filled and published, as an author would: a revision, validated, then published.
"""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.html import escape
from django.utils.text import slugify
from wagtail.models import Locale, Page, Site

from cms.content import prose
from cms.content.lessons import Block, Lesson
from cms.content.library import Library
from cms.content.rows import Faulty, attempt, written_rules
from cms.content.shape import Problem, line_of, plain
from cms.models import (
    CataloguePage,
    CoursePage,
    CredentialPage,
    HomePage,
    LessonPage,
    ModulePage,
    PracticalPage,
    QuizPage,
    StandardPage,
)
from courses.models import Activity, Claim, Contraindication, Course, Figure
from practicals.models import Checklist

KINDS = {"lesson": LessonPage, "quiz": QuizPage, "practical": PracticalPage}


# The tree


def ensure_site(title: str, headline: str, lede: str) -> HomePage:
    """The front page as the root of the site. Wagtail's welcome page goes."""
    home = HomePage.objects.first()
    if home is None:
        locale, _new = Locale.objects.get_or_create(language_code=settings.LANGUAGE_CODE)
        root = Page.get_first_root_node() or Page.add_root(
            instance=Page(title="Root", slug="root", locale=locale)
        )
        home = HomePage(
            title=title, slug="front", headline=headline, lede=lede, live=False, locale=locale
        )
        root.add_child(instance=home)
    site = Site.objects.filter(is_default_site=True).first() or Site(is_default_site=True)
    host, port = _public_address()
    if (site.root_page_id, site.hostname, site.port) != (home.pk, host, port):
        before = site.root_page if site.root_page_id else None
        site.root_page, site.hostname, site.port, site.site_name = home, host, port, title
        site.save()
        if (
            before
            and type(before.specific) is Page
            and before.depth == 2
            and not before.get_children_count()
        ):
            before.delete()
    return HomePage.objects.get(pk=home.pk)


def keep_address() -> None:
    """The site stands where people find this installation now: it may have moved to another name or port since."""
    host, port = _public_address()
    site = Site.objects.get(is_default_site=True)
    if (site.hostname, site.port) != (host, port):
        site.hostname, site.port = host, port
        site.save(update_fields=["hostname", "port"])


def _public_address() -> tuple[str, int]:
    public = urlsplit(settings.PUBLIC_URL)
    return public.hostname or "", public.port or (443 if public.scheme == "https" else 80)


def ensure_child(parent: Page, model: type[Page], slug: str, **fields: Any) -> Any:
    """The child page of this slug, made as a draft where there is none."""
    found = model.objects.child_of(parent).filter(slug=slug).first()
    if found:
        return found
    page = model(slug=slug, live=False, **fields)
    Page.objects.get(pk=parent.pk).add_child(instance=page)
    return model.objects.get(pk=page.pk)


def ensure_catalogue(home: HomePage, data: Any) -> CataloguePage:
    given = plain(data)
    return ensure_child(
        home, CataloguePage, given["slug"], title=given["title"], lede=given["lede"]
    )


def ensure_course(catalogue: Page, course: Any, lessons: Mapping[str, Lesson]) -> dict[str, Page]:
    """The pages of a course, by code ("" is the course itself); those that are new are drafts. Pages stand in the order of the file.

    A page that was deleted comes back under the key of its row, so that what learners did there still counts.
    """
    data = plain(course)
    keys = _known_keys(data)
    page = ensure_child(
        catalogue,
        CoursePage,
        slugify(data["code"]),
        title=data["title"],
        code=data["code"],
        edition=data["edition"],
        **keys.get("", {}),
    )
    pages: dict[str, Page] = {"": page}
    for module in data["modules"]:
        code = module["code"]
        fields = {"title": module["title"], "code": code, **keys.get(code, {})}
        pages[code] = ensure_child(page, ModulePage, module["slug"], **fields)
        inside = [_ensure_activity(pages[code], row, lessons, keys) for row in module["activities"]]
        pages |= {
            row["code"]: found for row, found in zip(module["activities"], inside, strict=True)
        }
        _put_in_order(pages[code], inside)
    _put_in_order(page, [pages[module["code"]] for module in data["modules"]])
    return pages


def _ensure_activity(
    module: Page, activity: Any, lessons: Mapping[str, Lesson], keys: Mapping[str, Any]
) -> Page:
    code = activity["code"]
    lesson = lessons.get(code) if activity["kind"] == "lesson" else None
    slug = str(lesson.front["slug"]) if lesson else slugify(code)
    title = str(lesson.front["title"]) if lesson else activity["title"]
    return ensure_child(
        module, KINDS[activity["kind"]], slug, title=title, code=code, **keys.get(code, {})
    )


def _known_keys(course: Any) -> dict[str, dict[str, Any]]:
    """The page keys that rows of this course have, by code."""
    row = Course.objects.filter(code=course["code"], edition=course["edition"]).first()
    if row is None:
        return {}
    known = {"": row.page_key}
    known |= dict(row.modules.values_list("code", "page_key"))
    known |= dict(Activity.objects.filter(module__course=row).values_list("code", "page_key"))
    return {code: {"translation_key": key} for code, key in known.items()}


def _put_in_order(parent: Page, children: list[Page]) -> None:
    """Let the named children stand first, in this order."""
    present = list(Page.objects.get(pk=parent.pk).get_children().values_list("pk", flat=True))
    wanted = [child.pk for child in children]
    if present[: len(wanted)] == wanted:
        return
    for child in reversed(children):
        Page.objects.get(pk=child.pk).move(Page.objects.get(pk=parent.pk), pos="first-child")


# Filling


def publish(page: Page, file: str, line: int, fields: Mapping[str, Any]) -> None:
    """Put values into a page, validate it as the editor would, and publish it as a new revision."""
    fresh = page.__class__.objects.get(pk=page.pk)
    for name, value in fields.items():
        setattr(fresh, name, value)
    try:
        fresh.full_clean()
        for name in ("body", "objectives", "draw", "ways", "sayings"):
            stream = getattr(fresh, name, None)
            if stream is not None:
                stream.stream_block.clean(stream)
    except ValidationError as error:
        raise Faulty([Problem(file, line, sentence) for sentence in sentences(error)]) from error
    attempt(file, line, lambda: fresh.save_revision().publish())


def sentences(error: Any) -> list[str]:
    """Every sentence of a validation error, however deep a block has put it."""
    inner = [
        part
        for name in ("block_errors", "non_block_errors")
        for part in _parts(getattr(error, name, None))
    ]
    if inner:
        return [sentence for part in inner for sentence in sentences(part)]
    if hasattr(error, "message_dict"):
        return [f"{name}: {text}" for name, texts in error.message_dict.items() for text in texts]
    return list(getattr(error, "messages", [str(error)]))


def _parts(errors: Any) -> list[Any]:
    rows = errors.values() if isinstance(errors, dict) else errors or ()
    return [row for row in rows if row]


def publish_course(page: Page, file: str, course: Any) -> None:
    data = plain(course)
    fields = {name: data[name] for name in ("title", "code", "edition", "lede", "hours")}
    publish(page, file, 1, {**fields, "access": data.get("access", "open"), "is_open": True})


def publish_module(
    page: Page, file: str, line: int, module: Any, pages: Mapping[str, Page]
) -> None:
    data = plain(module)
    objectives = [
        ("objective", {"text": row["text"], "level": row["level"]}) for row in data["objectives"]
    ]
    publish(
        page,
        file,
        line,
        {
            "title": data["title"],
            "code": data["code"],
            "hours": data["hours"],
            "summary": data["summary"].strip(),
            "objectives": objectives,
            "requires": [pages[code] for code in data["requires"]],
        },
    )


def publish_quiz(page: Page, file: str, line: int, activity: Any, written: Any) -> None:
    """A check of practice questions, or the written examination by its own file."""
    data = plain(activity)
    fields: dict[str, Any] = {
        "title": data["title"],
        "code": data["code"],
        "required": data.get("required", True),
    }
    if written is not None:
        fields |= written_rules(written)
        fields["minutes"] = fields["time_limit_minutes"]
    else:
        share, rest = divmod(data["items"], len(data["domains"]))
        fields["draw"] = [
            ("cell", {"domain": code, "level": "", "count": share + (place < rest)})
            for place, code in enumerate(data["domains"])
        ]
        fields |= {"minutes": data["items"] * 2, "pass_percent": data.get("pass_percent", 0)}
    publish(page, file, line, fields)


def publish_practical(page: Page, file: str, line: int, activity: Any) -> None:
    data = plain(activity)
    checklist = Checklist.objects.filter(code=data.get("checklist", "")).first()
    publish(
        page,
        file,
        line,
        {
            "title": data["title"],
            "code": data["code"],
            "required": data.get("required", False),
            "checklist": checklist,
            "minutes": checklist.minutes if checklist else 150,
        },
    )


def publish_lesson(page: Page, lesson: Lesson, pages: Mapping[str, Page]) -> None:
    front = plain(lesson.front)
    publish(
        page,
        lesson.file,
        1,
        {
            "title": front["title"],
            "slug": front["slug"],
            "code": front["code"],
            "minutes": front["minutes"],
            "lede": front["lede"].strip(),
            "objectives": [("objective", row) for row in front["objectives"]],
            "body": stream_of(lesson, pages),
        },
    )


def publish_page(home: HomePage, lesson: Lesson) -> None:
    """A plain page, or (with `credential:` in its front matter) the programme page of a credential."""
    front = plain(lesson.front)
    model = CredentialPage if "credential" in front else StandardPage
    named = {"code": front["credential"]} if "credential" in front else {}
    page = attempt(
        lesson.file,
        1,
        lambda: ensure_child(home, model, front["slug"], title=front["title"], **named),
    )
    body = stream_of(lesson, {})
    publish(
        page,
        lesson.file,
        1,
        {"title": front["title"], "lede": front["lede"].strip(), "body": body, **named},
    )


def publish_home(home: HomePage, file: str, data: Any) -> None:
    given = plain(data)
    claims = Claim.objects.in_bulk([row["claim"] for row in given["sayings"]], field_name="code")
    publish(
        home,
        file,
        1,
        {
            "title": given["title"],
            "headline": "\n".join(given["headline"]),
            "lede": given["lede"].strip(),
            "credential": given["credential"],
            "ways_note": given["ways_note"],
            "ways": [("way", row) for row in given["ways"]],
            "sayings_note": given["sayings_note"],
            "sayings": [
                ("saying", {"said": row["said"], "claim": claims[row["claim"]]})
                for row in given["sayings"]
            ],
            "plate": Figure.objects.get(code=given["plate"]["figure"]),
            "plate_title": given["plate"]["title"],
            "plate_text": given["plate"]["text"].strip(),
        },
    )


# Blocks


def stream_of(lesson: Lesson, pages: Mapping[str, Page]) -> list[tuple[str, Any]]:
    """The blocks of a file as a stream's value."""

    def link(target: str) -> str:
        found = prose.LESSON.match(target)
        if found:
            return f'linktype="page" id="{pages[found["code"]].pk}"'
        return f'href="{escape(target)}"'

    return [(block.kind, _value(block, link)) for block in lesson.blocks]


def _value(block: Block, link: Callable[[str], str]) -> Any:
    """A block's data as the value of its class in cms/blocks.py."""
    data = plain(block.data)
    match block.kind:
        case "text":
            return prose.rich_text(data, link)
        case "figure":
            return {"figure": Figure.objects.get(code=data["id"])}
        case "contraindication":
            entry = Contraindication.objects.filter(slug=data.get("register", "")).first()
            return {
                "klass": data["class"],
                "title": data["title"],
                "text": data["text"].strip(),
                "register": entry,
            }
        case "steps":
            steps = [{"dose": "", "watch": "", **row} for row in data["steps"]]
            return {"title": data["title"], "steps": steps}
        case "research":
            return {"claim": Claim.objects.get(code=data["claim"]), "text": data["text"].strip()}
        case "terms":
            return {"terms": data}
        case "table":
            return {"table": _table(data)}
        case "check":
            options = [{"correct": False, **row} for row in data["options"]]
            return {"stem": data["stem"].strip(), "options": options}
        case "references":
            return {"references": data}
    return data


def _table(data: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "columns": [{"type": "text", "heading": heading} for heading in data["head"]],
        "rows": [{"values": row} for row in data["rows"]],
        "caption": data["caption"],
    }


def module_lines(course: Any) -> list[tuple[Any, int]]:
    """The modules of a course file, each with its line."""
    return [
        (module, line_of(course["modules"], index, 1))
        for index, module in enumerate(course["modules"])
    ]


def load_order(library: Library) -> list[str]:
    """Course files, those without lessons last."""
    return sorted(library.courses, key=lambda file: (not library.course_lessons(file), file))
