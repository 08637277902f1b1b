"""Which reminders are still to be given, asked of the database: due by the day, and not told yet. So a quiet round loads no row.

A reminder's reference is `<uuid>:…:<step>`; the step is the nearest of REMIND_DAYS that has come.
"""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.db.models import Case, CharField, Exists, Func, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import Cast, Concat

from accounts.models import Notice
from credentials.services.in_force import Days

REMIND_DAYS = (7, 30, 90)  # calendar days before the last valid day, the nearest first
AT_ONCE = 500  # rows held in memory while their people are told


class Written(Func):
    """A UUID as people write it, with its hyphens; SQLite keeps it without."""

    template = "CAST(%(expressions)s AS varchar)"
    output_field = CharField()

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        column, params = compiler.compile(self.source_expressions[0])
        parts = ((1, 8), (9, 4), (13, 4), (17, 4), (21, 12))
        cut = " || '-' || ".join(f"substr({column}, {first}, {length})" for first, length in parts)
        return f"({cut})", [*params] * len(parts)


def step_come(days: Days, *, last: str, zone: str, over: str | None = None) -> Case:
    """The step that has come by today for a row with a last valid day, in its edition's time zone; `over` once that day has passed."""
    come = []
    for day, zones in days.items():
        if over:
            come.append(When(Q(**{f"{zone}__in": zones, f"{last}__lt": day}), then=Value(over)))
        for step in REMIND_DAYS:
            until = day + timedelta(days=step)
            near = Q(**{f"{zone}__in": zones, f"{last}__gte": day, f"{last}__lte": until})
            come.append(When(near, then=Value(str(step))))
    return Case(*come, default=None, output_field=CharField())


def untold(
    rows: QuerySet[Any], *, kind: str, recipient: str, uuid: str, step: Case, last: str = ""
) -> QuerySet[Any]:
    """Those of `rows` whose step has come and whose person was not told of it; with the step as `step`."""
    parts = [Written(OuterRef(uuid)), Value(":")]
    if last:
        parts += [Cast(OuterRef(last), CharField()), Value(":")]
    told = Notice.objects.filter(
        recipient=OuterRef(recipient), kind=kind, reference=Concat(*parts, OuterRef("step"))
    )
    return rows.annotate(step=step).filter(~Exists(told), step__isnull=False)


def in_parts(rows: QuerySet[Any]) -> Iterable[dict[int, str]]:
    """The steps of the rows by primary key, some at a time."""
    every = list(rows.values_list("pk", "step"))
    for begin in range(0, len(every), AT_ONCE):
        yield dict(every[begin : begin + AT_ONCE])
