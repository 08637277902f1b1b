"""Which credentials are active, asked of the database: for lists of a large register. Agrees with `standing_of`, which answers for one."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.lookups import GreaterThanOrEqual

from credentials import validity
from credentials.models import CredentialType, StatusEvent

_STARTS, _STOPS = StatusEvent.Kind.REINSTATED, StatusEvent.Kind.SUSPENDED


Days = dict[date, list[str]]


def today_by_zone(at: datetime) -> Days:
    """The calendar day at `at` in every time zone an edition has, with the zones where it is that day. One query."""
    days: Days = {}
    for zone in CredentialType.objects.order_by().values_list("zone", flat=True).distinct():
        days.setdefault(at.astimezone(ZoneInfo(zone)).date(), []).append(zone)
    return days


def in_force(at: datetime, days: Days | None = None) -> Q:
    """The condition that a credential is active: not past the last day that holds by then, ended by nothing and not suspended.

    `days` is `today_by_zone(at)`, where it is known already.
    """
    days = days or today_by_zone(at)
    effective = StatusEvent.objects.filter(
        credential=OuterRef("pk"), effective_at__lte=at, withdrawn_by=None
    )
    ended = effective.filter(kind__in=[status.value for status in validity.FINAL])
    later = Q(effective_at__gt=OuterRef("effective_at")) | Q(
        effective_at=OuterRef("effective_at"), sequence__gt=OuterRef("sequence")
    )
    lifted = StatusEvent.objects.filter(
        later,
        credential=OuterRef("credential"),
        kind=_STARTS,
        effective_at__lte=at,
        withdrawn_by=None,
    )
    suspended = effective.filter(~Exists(lifted), kind=_STOPS)
    return _runs(at, days, effective) & ~Exists(ended) & ~Exists(suspended)


def _runs(at: datetime, days: Days, effective: QuerySet[StatusEvent]) -> Q:
    """Not past its last day. The column says which that is, but for the few whose renewal is still to take effect or never does."""
    renewals = StatusEvent.objects.filter(kind=StatusEvent.Kind.RENEWED, effective_at__gt=at)
    withdrawn = StatusEvent.objects.filter(withdraws__kind=StatusEvent.Kind.RENEWED)
    odd = Q(pk__in=renewals.order_by().values("credential")) | Q(
        pk__in=withdrawn.order_by().values("credential")
    )
    known = effective.filter(valid_until__isnull=False).order_by("-effective_at", "-sequence")
    last = Subquery(known.values("valid_until")[:1])
    begun = Q(issued_at__lte=at)
    runs = Q(pk__in=[])
    for day, zones in days.items():
        here = Q(credential_type__zone__in=zones, valid_until__gte=day)
        runs |= here & (~odd | (odd & Q(GreaterThanOrEqual(last, day))))
    return begun & runs
