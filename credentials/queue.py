"""The registrar's queue as a page: any list of `Matter`s in one table, with tabs, a filter, ages and pages.

render(request, "credentials/registrar/queue.html", queue_context([*matters(at=at), *others], request, at=at))
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from credentials.services import Matter, fold, working_days

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
    matters: Sequence[Matter], request: HttpRequest, *, at: datetime
) -> dict[str, Any]:
    """What `credentials/registrar/queue.html` shows, from the query `kind`, `q`, `late`, `sort` and the cursor `after` or `before`."""
    sort = request.GET.get("sort", "")
    sort = sort if sort in SORTS else "age"
    place = SORTS[sort]
    everything = sorted(matters, key=place)
    kind, words = (
        request.GET.get("kind", ""),
        request.GET.get("q", "").replace("\0", "").strip()[:100],
    )
    today = at.date()
    late_only = request.GET.get("late") == "1"
    shown = [row for row in everything if not kind or row.kind == kind]
    shown = [row for row in shown if not late_only or today > row.due]
    shown = [row for row in shown if _holds(row, fold(words))]
    begin, end = _window(shown, place, request.GET.get("after", ""), request.GET.get("before", ""))
    asked = {
        name: value
        for name, value in (
            ("kind", kind),
            ("q", words),
            ("late", "1" if late_only else ""),
            ("sort", sort if sort != "age" else ""),
        )
        if value
    }
    return {
        "rows": [row_of(matter, today) for matter in shown[begin:end]],
        "tabs": _tabs(everything, kind, {**asked, "kind": ""}),
        "acts": _acts(shown[begin:end]),
        "sorts": _sorts(sort, asked),
        "sort": sort,
        "late_only": late_only,
        "late_link": "?" + urlencode({**asked, "late": "1"}),
        "asked": [(name, value) for name, value in asked.items() if name != "q"],
        "count": len(everything),
        "late": sum(today > matter.due for matter in everything),
        "found": len(shown),
        "kind": kind,
        "q": words,
        "next": _link(asked, after=_cursor(shown[end - 1], place)) if end < len(shown) else None,
        "previous": _link(asked, before=_cursor(shown[begin], place)) if begin else None,
    }


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


def _acts(rows: Sequence[Matter]) -> list[dict[str, Any]]:
    """What can be done to many of the matters on this page at once, and to how many of them."""
    words = {"remind": _("Remind"), "award": _("Award"), "renew": _("Renew")}
    counts = {name: sum(name in row.acts for row in rows) for name in words}
    return [
        {"name": name, "label": words[name], "count": count}
        for name, count in counts.items()
        if count
    ]


def _holds(matter: Matter, words: str) -> bool:
    text = fold(f"{matter.who} {matter.reference} {matter.what} {matter.why}")
    return all(word in text for word in words.split())


def _window(shown: Sequence[Matter], place: Place, after: str, before: str) -> tuple[int, int]:
    """Where the page begins and ends. A cursor of a matter that is gone by now still says where to go on."""
    places = [_cursor(matter, place) for matter in shown]
    if before:
        end = sum(there < before for there in places)
        begin = max(end - PAGE, 0)
        return begin, max(end, min(PAGE, len(places)))
    begin = sum(there <= after for there in places) if after else 0
    return begin, min(begin + PAGE, len(places))


def _link(asked: dict[str, str], **cursor: str) -> str:
    return "?" + urlencode({**asked, **cursor})


def _tabs(
    everything: Sequence[Matter], current: str, asked: dict[str, str]
) -> list[dict[str, Any]]:
    counts: dict[str, int] = {}
    for matter in everything:
        counts[matter.kind] = counts.get(matter.kind, 0) + 1
    kept = {name: value for name, value in asked.items() if value}
    tabs = [
        {
            "label": _("All"),
            "count": len(everything),
            "url": "?" + urlencode(kept),
            "current": not current,
        }
    ]
    for kind in [*KINDS, *sorted(counts.keys() - KINDS.keys())]:
        if kind in counts or kind == "document":
            tabs.append(
                {
                    "label": KINDS.get(kind, (kind, kind))[1],
                    "count": counts.get(kind, 0),
                    "url": "?" + urlencode({**kept, "kind": kind}),
                    "current": current == kind,
                }
            )
    return tabs
