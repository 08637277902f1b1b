"""The registrar's queue as a page: any list of `Matter`s in one table, with tabs, a filter, ages and pages.

render(request, "credentials/registrar/queue.html", queue_context([*matters(at=at), *others], request, at=at))
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from credentials.services import Matter, Watched, fold, watched, working_days

PAGE = 50
SOON = 2  # working days
SCALE = 30  # working days across the bar of an age
WIDTH = 72  # its width, px

# Kind: what one is called in a row, and many on their tab. The order of the tabs.
KINDS = {
    "document": (_("Document"), _("Documents")),
    "held": (_("Held result"), _("Held results")),
    "sheets": (_("Sheets missing"), _("Sheets missing")),
    "result": (_("Results"), _("To release")),
    "fall": (_("Pass lost"), _("Passes lost")),
    "incident": (_("Incident"), _("Incidents")),
    "decision": (_("Decision"), _("Decisions")),
    "exception": (_("Exception"), _("Exceptions")),
    "adjustments": (_("Adjustments"), _("Adjustments")),
    "appeal": (_("Appeal"), _("Appeals")),
    "concern": (_("Concern"), _("Concerns")),
    "followup": (_("Follow-up"), _("Follow-ups")),
    "revocation": (_("Revocation"), _("Revocations")),
    "renewal": (_("Renewal"), _("Renewals")),
    "ending": (_("Papers"), _("Papers ending")),
    "expiring": (_("Expiring"), _("Expiring")),
    "unsigned": (_("Unsigned"), _("Unsigned")),
}


Place = Callable[[Matter], tuple[str, str]]
SORTS: dict[str, Place] = {
    "age": lambda matter: (matter.since.isoformat(), matter.key),
    "due": lambda matter: (matter.due.isoformat(), matter.key),
}


@dataclass(frozen=True)
class Row:
    """One matter as the table shows it. Lengths are px of the age bar."""

    matter: Matter
    kind: str
    age: int
    bar: float
    limit: float
    late: bool
    soon: bool
    clock: str


def row_of(matter: Matter, today: date) -> Row:
    began = matter.since.date()
    age, limit = working_days(began, today), working_days(began, matter.due)
    left = working_days(today, matter.due)
    return Row(
        matter=matter,
        kind=str(KINDS.get(matter.kind, (matter.kind,))[0]),
        age=age,
        bar=_px(age),
        limit=_px(limit),
        late=today > matter.due,
        soon=today <= matter.due and left <= SOON,
        clock=_clock(matter.due, today, left),
    )


def _px(days: int) -> float:
    return round(min(max(days, 0.5), SCALE) / SCALE * WIDTH, 1)


def _clock(due: date, today: date, left: int) -> str:
    if today > due:
        over = max(-left, 1)
        return ngettext("%(n)s day over", "%(n)s days over", over) % {"n": over}
    if left <= 0:
        return str(_("due today"))
    if left == 1:
        return str(_("due tomorrow"))
    return ngettext("%(n)s day left", "%(n)s days left", left) % {"n": left}


def queue_context(
    matters: Sequence[Matter],
    request: HttpRequest,
    *,
    at: datetime,
    lists: Mapping[str, Watched] | None = None,
) -> dict[str, Any]:
    """What `credentials/registrar/queue.html` shows, from the query `kind`, `q`, `late`, `sort` and the cursor `after` or `before`.

    `lists` are the long ones, of which `matters` holds the first only: each is counted whole, and its own tab pages through all of it.
    """
    lists = lists or {}
    asked = _asked(request)
    today = at.date()
    found = _found_in_list(lists[asked.kind], asked, request, at) if asked.kind in lists else None
    found = found or _found_among(matters, asked, request, today)
    counts = Counter(matter.kind for matter in matters)
    late = Counter(matter.kind for matter in matters if today > matter.due)
    cut = _cut(lists, counts)
    for kind, row in lists.items():
        counts[kind], late[kind] = row.counts
    query = asked.query()
    return {
        "rows": [row_of(matter, today) for matter in found.matters],
        "tabs": _tabs(counts, asked.kind, {**query, "kind": ""}),
        "acts": _acts(found.matters),
        "cut": [] if asked.kind else cut,
        "sorts": [] if asked.kind in lists else _sorts(asked.sort, query),
        "sort": "due" if asked.kind in lists else asked.sort,
        "late_only": asked.late,
        "late_link": "?" + urlencode({**query, "late": "1"}),
        "asked": [(name, value) for name, value in query.items() if name != "q"],
        "count": counts.total(),
        "late": late.total(),
        "found": found.count,
        "kind": asked.kind,
        "q": asked.words,
        "next": _link(query, after=found.next) if found.next else None,
        "previous": _link(query, before=found.previous) if found.previous else None,
    }


@dataclass(frozen=True)
class Asked:
    """What the address of the page asks for."""

    kind: str
    words: str
    late: bool
    sort: str

    def query(self) -> dict[str, str]:
        said = {
            "kind": self.kind,
            "q": self.words,
            "late": "1" if self.late else "",
            "sort": self.sort if self.sort != "age" else "",
        }
        return {name: value for name, value in said.items() if value}


def _asked(request: HttpRequest) -> Asked:
    sort = request.GET.get("sort", "")
    return Asked(
        kind=request.GET.get("kind", ""),
        words=request.GET.get("q", "").replace("\0", "").strip()[:100],
        late=request.GET.get("late") == "1",
        sort=sort if sort in SORTS else "age",
    )


@dataclass(frozen=True)
class Found:
    """One page of what fits, how many there are, and where the pages around it are."""

    matters: list[Matter]
    count: int
    previous: str | None
    next: str | None


def _found_among(
    matters: Sequence[Matter], asked: Asked, request: HttpRequest, today: date
) -> Found:
    place = SORTS[asked.sort]
    words = fold(asked.words)
    shown = [
        row
        for row in sorted(matters, key=place)
        if (not asked.kind or row.kind == asked.kind)
        and (not asked.late or today > row.due)
        and _holds(row, words)
    ]
    begin, end = _window(shown, place, request.GET.get("after", ""), request.GET.get("before", ""))
    return Found(
        shown[begin:end],
        len(shown),
        _cursor(shown[begin], place) if begin else None,
        _cursor(shown[end - 1], place) if end < len(shown) else None,
    )


def _found_in_list(row: Watched, asked: Asked, request: HttpRequest, at: datetime) -> Found:
    """A page of a long list, from the database alone."""
    if asked.words:
        row = watched(at=at, words=asked.words)[asked.kind]
    after, before = (request.GET.get(name, "")[:60] for name in ("after", "before"))
    page = row.page(after=after, before=before, size=PAGE, overdue=asked.late)
    return Found(page.matters, page.count, page.previous, page.next)


def _cut(lists: Mapping[str, Watched], shown: Mapping[str, int]) -> list[dict[str, Any]]:
    """The long lists of which the queue of everything holds the first only, and where each is whole."""
    return [
        {
            "label": KINDS[kind][1],
            "shown": shown.get(kind, 0),
            "count": row.counts[0],
            "url": "?" + urlencode({"kind": kind}),
        }
        for kind, row in lists.items()
        if row.counts[0] > shown.get(kind, 0)
    ]


def _cursor(matter: Matter, place: Place) -> str:
    return "~".join(place(matter))


def _sorts(current: str, asked: dict[str, str]) -> list[dict[str, Any]]:
    kept = {name: value for name, value in asked.items() if name != "sort"}
    words = {"age": _("Oldest first"), "due": _("Next due first")}
    return [
        {
            "label": words[name],
            "url": "?" + urlencode(kept if name == "age" else {**kept, "sort": name}),
            "current": name == current,
        }
        for name in SORTS
    ]


ACTS = {"remind": _("Remind"), "award": _("Award"), "renew": _("Renew")}


def _acts(rows: Sequence[Matter]) -> list[dict[str, Any]]:
    """What can be done to many of the matters on this page at once, and to how many of them."""
    counts = {name: sum(name in row.acts for row in rows) for name in ACTS}
    return [
        {"name": name, "label": ACTS[name], "count": count}
        for name, count in counts.items()
        if count
    ]


def _holds(matter: Matter, words: str) -> bool:
    text = fold(f"{matter.who} {matter.reference} {matter.what} {matter.why}")
    return all(word in text for word in words.split())


def _window(shown: Sequence[Matter], place: Place, after: str, before: str) -> tuple[int, int]:
    """Where the page begins and ends. A cursor of a matter that is gone by now still says where to go on; behind the last is the last page."""
    places = [_cursor(matter, place) for matter in shown]
    if before:
        end = sum(there < before for there in places)
        begin = max(end - PAGE, 0)
        return begin, max(end, min(PAGE, len(places)))
    begin = sum(there <= after for there in places) if after else 0
    if begin == len(places):
        begin = max(begin - PAGE, 0)
    return begin, min(begin + PAGE, len(places))


def _link(asked: dict[str, str], **cursor: str) -> str:
    return "?" + urlencode({**asked, **cursor})


def _tabs(counts: Counter[str], current: str, asked: dict[str, str]) -> list[dict[str, Any]]:
    kept = {name: value for name, value in asked.items() if value}
    tabs = [
        {
            "label": _("All"),
            "count": counts.total(),
            "url": "?" + urlencode(kept),
            "current": not current,
        }
    ]
    for kind in [*KINDS, *sorted(counts.keys() - KINDS.keys())]:
        if counts[kind] or kind == "document":
            tabs.append(
                {
                    "label": KINDS.get(kind, (kind, kind))[1],
                    "count": counts[kind],
                    "url": "?" + urlencode({**kept, "kind": kind}),
                    "current": current == kind,
                }
            )
    return tabs
