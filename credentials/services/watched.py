"""The long lists of the queue: credentials and documents that end, and what is not signed. A large register has thousands of each, so the
database finds them and says where each stands; only those of a page are read. Nothing of them is left unsaid.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from operator import itemgetter
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from credentials.models import Application, Credential, Evidence, RenewalRequest, StatusEvent
from credentials.names import fold
from credentials.services.award import today_in
from credentials.services.in_force import Days, in_force, today_by_zone
from credentials.services.lasting import WATCHED_DAYS, Ending, ending_rows, endings_in
from credentials.services.matter import Matter

EXPIRING_DAYS = 90  # calendar days before its last day that a credential is watched
SIGNING_TIME = timedelta(minutes=10)
FIRST = 100  # of each list, those that the queue of everything shows

Matters = Callable[[QuerySet[Any]], list[Matter]]
Place = tuple[Any, int]


@dataclass(frozen=True)
class Watched:
    """One long list: its rows, the column they stand in order by, and the matters some of them are.

    `once`: a column of which only the first row counts. `late`: those before it in the order are past their time.
    """

    kind: str
    rows: QuerySet[Any]
    order: str
    late: date | datetime
    matters_of: Matters
    once: str = "pk"

    @cached_property
    def places(self) -> list[Place]:
        """Where each row stands, in their order: the column and the primary key, nothing else of it. One query, whatever is asked of the list."""
        columns = self.rows.order_by(self.order, "pk").values_list(self.order, "pk", self.once)
        seen: dict[Any, Place] = {}
        for value, key, once in columns:
            seen.setdefault(once, (value, key))
        return list(seen.values())

    @cached_property
    def counts(self) -> tuple[int, int]:
        """How many there are, and how many of them are past their time."""
        return len(self.places), len(self.overdue)

    @property
    def overdue(self) -> list[Place]:
        return self.places[: bisect_left(self.places, self.late, key=itemgetter(0))]

    def first(self, most: int = FIRST) -> list[Matter]:
        """The first of them in their order."""
        return self._matters(self.places[:most])

    def page(
        self, *, after: str = "", before: str = "", size: int, overdue: bool = False
    ) -> "Page":
        """The page after a place or before one; a place nobody knows is the beginning, behind the last is the last page.

        Its row may be gone by now.
        """
        places = self.overdue if overdue else self.places
        there = self._place(before or after)
        if there and before:
            end = bisect_left(places, there)
            begin = max(end - size, 0)
        else:
            begin = bisect_right(places, there) if there else 0
            if begin == len(places):
                begin = max(begin - size, 0)
            end = min(begin + size, len(places))
        return Page(
            matters=self._matters(places[begin:end]),
            count=len(places),
            previous=_written(places[begin]) if begin else None,
            next=_written(places[end - 1]) if 0 < end < len(places) else None,
        )

    def _matters(self, places: Sequence[Place]) -> list[Matter]:
        every: QuerySet[Any] = self.rows.model._default_manager.all()
        keys = [key for _value, key in places]
        return self.matters_of(every.filter(pk__in=keys).order_by(self.order, "pk"))

    def _place(self, text: str) -> Place | None:
        """A place as `_written` wrote it; None for anything else."""
        value, _mark, key = text.partition("~")
        if not (key.isascii() and key.isdecimal() and len(key) <= 18):
            return None
        try:
            return type(self.late).fromisoformat(value), int(key)
        except ValueError:
            return None


@dataclass(frozen=True)
class Page:
    """Some matters of a list in their order, and the places before and after which there are more."""

    matters: list[Matter]
    count: int
    previous: str | None
    next: str | None


def _written(place: Place) -> str:
    value, key = place
    return f"{value.isoformat()}~{key}"


def watched(*, at: datetime, words: str = "") -> dict[str, Watched]:
    """The long lists by their kind: whole, or those whose names and numbers hold these words. Nothing is asked until it is looked at."""
    days = today_by_zone(at)
    return {kind: make(at, days, fold(words).split()) for kind, make in LISTS.items()}


# Credentials that end


def expiring_rows(at: datetime, days: Days | None = None) -> QuerySet[Credential]:
    """Active credentials that end within EXPIRING_DAYS, for which no renewal was sent."""
    sent = RenewalRequest.objects.waiting().filter(credential=OuterRef("pk"))
    today = at.date()
    return Credential.objects.filter(
        in_force(at, days),
        ~Exists(sent),
        valid_until__gte=today - timedelta(days=1),  # a day of slack: the edition's zone decides
        valid_until__lte=today + timedelta(days=EXPIRING_DAYS),
    )


def _expiring(at: datetime, days: Days, words: Sequence[str]) -> Watched:
    rows = expiring_rows(at, days).filter(*[_named(word) for word in words])
    return Watched("expiring", rows, "valid_until", at.date(), partial(_ending_soon, at=at))


def _named(word: str) -> Q:
    return Q(name_key__contains=word) | Q(number__icontains=word)


def _ending_soon(rows: QuerySet[Credential], *, at: datetime) -> list[Matter]:
    few = rows.select_related("credential_type").only(
        "public_id", "name", "number", "valid_until", "issued_at", "credential_type__zone"
    )
    found = []
    for row in few:
        left = (row.valid_until - today_in(row.credential_type, at)).days
        found.append(
            Matter(
                key=f"expiring:{row.public_id}",
                kind="expiring",
                who=row.name,
                reference=row.number,
                what=_("Ends %(day)s") % {"day": date_format(row.valid_until, "j F Y")},
                why=_("Not renewed yet"),
                url=reverse("credential-dossier", args=[row.public_id]),
                since=max(
                    row.issued_at, at - timedelta(days=EXPIRING_DAYS - min(left, EXPIRING_DAYS))
                ),
                due=row.valid_until,
                acts=("remind", "renew"),
            )
        )
    return found


# Documents that end


def _ending(at: datetime, days: Days, words: Sequence[str]) -> Watched:
    rows = ending_rows(at=at, days=WATCHED_DAYS, unanswered=True, zones=days)
    for word in words:
        rows = rows.filter(_about(word, at))
    return Watched("ending", rows, "valid_until", at.date(), partial(_papers, at=at))


def _about(word: str, at: datetime) -> Q:
    """Evidence of somebody whose credential or open application is found by a word, or of a requirement that is."""
    same = {"credential_type": OuterRef("requirement__credential_type")}
    held = Credential.objects.filter(_named(word), holder=OuterRef("learner"), **same)
    asked = Application.objects.filter(
        applicant=OuterRef("learner"), closed_at=None, name_on_id__icontains=word, **same
    )
    return Exists(held) | Exists(asked) | Q(requirement__title__icontains=word)


def _papers(rows: QuerySet[Evidence], *, at: datetime) -> list[Matter]:
    return [
        Matter(
            key=f"ending:{row.evidence.uuid}",
            kind="ending",
            who=row.credential.name if row.credential else row.application.name_on_id,
            reference=row.credential.number if row.credential else row.application.reference,
            what=row.requirement.short_title,
            why=_ending_words(row),
            url=reverse("credential-dossier", args=[row.credential.public_id])
            if row.credential
            else reverse("application-decision", args=[row.application.uuid]),
            since=max(row.evidence.at, at - timedelta(days=WATCHED_DAYS - row.left)),
            due=row.last_day,
            acts=("remind",),
        )
        for row in endings_in(rows, at=at)
    ]


def _ending_words(row: Ending) -> str:
    day = date_format(row.last_day, "j F Y")
    if row.left >= 0:
        return _("Valid until %(day)s; no newer one has come") % {"day": day}
    if row.credential:
        return _("Ran out on %(day)s; the credential is active") % {"day": day}
    return _("Ran out on %(day)s; the requirement is open again") % {"day": day}


# What is not signed


def unsigned_rows(at: datetime) -> QuerySet[StatusEvent]:
    """Events whose document should be signed by now."""
    return StatusEvent.objects.filter(
        kind__in=StatusEvent.MAKES_DOCUMENT,
        signed_document=None,
        withdrawn_by=None,
        at__lt=at - SIGNING_TIME,
        effective_at__lt=at - SIGNING_TIME,
    )


def _unsigned(at: datetime, days: Days, words: Sequence[str]) -> Watched:
    rows = unsigned_rows(at)
    for word in words:
        rows = rows.filter(
            Q(credential__name_key__contains=word) | Q(credential__number__icontains=word)
        )
    midnight = at.replace(hour=0, minute=0, second=0, microsecond=0)
    return Watched("unsigned", rows, "at", midnight, _still_to_sign, once="credential")


def _still_to_sign(rows: QuerySet[StatusEvent]) -> list[Matter]:
    """The worker does it by itself; one that lies here means that it does not run."""
    return [
        Matter(
            key=f"unsigned:{row.uuid}",
            kind="unsigned",
            who=row.credential.name,
            reference=row.credential.number,
            what=_("%(event)s, not yet signed") % {"event": row.get_kind_display()},
            why=_("Signing takes seconds. Ask the site administrator whether the worker runs."),
            url=reverse("credential-dossier", args=[row.credential.public_id]),
            since=row.at,
            due=row.at.date(),
        )
        for row in rows.select_related("credential")
    ]


LISTS: dict[str, Callable[[datetime, Days, Sequence[str]], Watched]] = {
    "expiring": _expiring,
    "ending": _ending,
    "unsigned": _unsigned,
}
