"""The registrar's queue as a page: any list of `Matter`s in one table, with tabs, a filter, ages and pages.

render(request, "credentials/registrar/queue.html", queue_context([*matters(at=at), *others], request, at=at))
"""

from collections.abc import Sequence
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
    "expiring": (_("Expiring"), _("Expiring")),
    "unsigned": (_("Unsigned"), _("Unsigned")),
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
    """What `credentials/registrar/queue.html` shows, from the query `kind`, `q` and the cursor `after` or `before`."""
    everything = sorted(matters, key=_place)
    kind, words = (
        request.GET.get("kind", ""),
        request.GET.get("q", "").replace("\0", "").strip()[:100],
    )
    shown = [row for row in everything if not kind or row.kind == kind]
    shown = [row for row in shown if _holds(row, fold(words))]
    begin, end = _window(shown, request.GET.get("after", ""), request.GET.get("before", ""))
    today = at.date()
    asked = {name: value for name, value in (("kind", kind), ("q", words)) if value}
    return {
        "rows": [row_of(matter, today) for matter in shown[begin:end]],
        "tabs": _tabs(everything, kind, words),
        "count": len(everything),
        "late": sum(today > matter.due for matter in everything),
        "found": len(shown),
        "kind": kind,
        "q": words,
        "next": _link(asked, after=shown[end - 1]) if end < len(shown) else None,
        "previous": _link(asked, before=shown[begin]) if begin else None,
    }


def _place(matter: Matter) -> tuple[str, str]:
    return matter.since.isoformat(), matter.key


def _cursor(matter: Matter) -> str:
    return "~".join(_place(matter))


def _holds(matter: Matter, words: str) -> bool:
    text = fold(f"{matter.who} {matter.reference} {matter.what} {matter.why}")
    return all(word in text for word in words.split())


def _window(shown: Sequence[Matter], after: str, before: str) -> tuple[int, int]:
    """Where the page begins and ends. A cursor of a matter that is gone by now still says where to go on."""
    places = [_cursor(matter) for matter in shown]
    if before:
        end = sum(place < before for place in places)
        begin = max(end - PAGE, 0)
        return begin, max(end, min(PAGE, len(places)))
    begin = sum(place <= after for place in places) if after else 0
    return begin, min(begin + PAGE, len(places))


def _link(asked: dict[str, str], **cursor: Matter) -> str:
    return "?" + urlencode({**asked, **{name: _cursor(matter) for name, matter in cursor.items()}})


def _tabs(everything: Sequence[Matter], current: str, words: str) -> list[dict[str, Any]]:
    counts: dict[str, int] = {}
    for matter in everything:
        counts[matter.kind] = counts.get(matter.kind, 0) + 1
    kept = {"q": words} if words else {}
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
