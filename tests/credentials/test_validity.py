from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credentials.validity import (
    FINAL,
    MAY_FOLLOW,
    Event,
    Status,
    end_of_day,
    history,
    last_valid_day,
    standing,
)

LONDON = "Europe/London"
GRANTED = datetime(2025, 3, 14, 9, tzinfo=UTC)
LAST = date(2027, 3, 13)


def at(*args: int) -> datetime:
    return datetime(*args, tzinfo=UTC)


def life(*more: tuple[str, datetime] | tuple[str, datetime, date]) -> list[Event]:
    events = [Event(1, "issued", GRANTED, LAST)]
    for kind, when, *last in more:
        events.append(Event(len(events) + 1, kind, when, *last))
    return events


def test_before_it_was_granted_it_is_pending():
    assert standing(life(), GRANTED - timedelta(seconds=1), LONDON).status is Status.PENDING


def test_it_is_active_from_the_instant_it_was_granted_to_the_end_of_its_last_day():
    assert standing(life(), GRANTED, LONDON).valid
    assert standing(life(), at(2027, 3, 13, 23, 59, 59), LONDON).valid
    assert standing(life(), at(2027, 3, 14), LONDON).status is Status.EXPIRED


def test_its_last_day_ends_by_the_clock_of_its_zone():
    events = [Event(1, "issued", GRANTED, date(2027, 7, 1))]
    assert standing(events, at(2027, 7, 1, 22, 59), LONDON).valid  # 23:59 in London
    assert not standing(events, at(2027, 7, 1, 23, 0), LONDON).valid
    assert standing(events, at(2027, 7, 1, 23, 0), "America/New_York").valid
    assert not standing(events, at(2027, 7, 1, 15, 0), "Asia/Tokyo").valid


def test_suspended_and_reinstated_on_the_day():
    events = life(("suspended", at(2026, 11, 2, 8)), ("reinstated", at(2026, 11, 20, 8)))
    assert standing(events, at(2026, 11, 2, 7), LONDON).valid
    suspended = standing(events, at(2026, 11, 2, 8), LONDON)
    assert (suspended.status, suspended.since) == (Status.SUSPENDED, at(2026, 11, 2, 8))
    assert standing(events, at(2026, 11, 20, 8), LONDON).valid


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("revoked", Status.REVOKED),
        ("surrendered", Status.SURRENDERED),
        ("deceased", Status.DECEASED),
    ],
)
def test_an_end_holds_for_ever(kind, status):
    events = life(
        (kind, at(2026, 1, 1)),
        ("reinstated", at(2026, 2, 1)),
        ("renewed", at(2026, 3, 1), date(2031, 1, 1)),
    )
    for moment in (at(2026, 1, 1), at(2026, 6, 1), at(2035, 1, 1)):
        assert standing(events, moment, LONDON).status is status


def test_suspended_past_the_last_day_is_expired():
    assert (
        standing(life(("suspended", at(2026, 1, 1))), at(2027, 6, 1), LONDON).status
        is Status.EXPIRED
    )


def test_renewal_moves_the_last_day_and_is_not_known_before():
    events = life(("renewed", at(2027, 3, 1), date(2029, 3, 13)))
    assert standing(events, at(2027, 2, 1), LONDON).valid_until == LAST
    assert standing(events, at(2028, 1, 1), LONDON).valid_until == date(2029, 3, 13)
    assert standing(events, at(2028, 1, 1), LONDON).valid


def test_events_count_by_when_they_take_effect_not_by_when_they_were_written():
    written_late = [
        *life(),
        Event(2, "revoked", at(2026, 5, 1)),
        Event(3, "suspended", at(2026, 4, 1)),
    ]
    assert standing(written_late, at(2026, 4, 15), LONDON).status is Status.SUSPENDED
    assert standing(written_late, at(2026, 5, 15), LONDON).status is Status.REVOKED


def test_history_shows_each_stretch_once():
    events = life(
        ("suspended", at(2026, 11, 2, 8)),
        ("reinstated", at(2026, 11, 20, 8)),
        ("corrected", at(2026, 12, 1)),
    )
    spans = history(events, at(2027, 6, 1), LONDON)
    assert [span.status for span in spans] == [
        Status.ACTIVE,
        Status.SUSPENDED,
        Status.ACTIVE,
        Status.EXPIRED,
    ]
    assert [span.until for span in spans[:-1]] == [span.since for span in spans[1:]]
    assert spans[-1].since == at(2027, 3, 14) and spans[-1].until is None


kinds = st.sampled_from(
    [
        "suspended",
        "reinstated",
        "renewed",
        "revoked",
        "surrendered",
        "deceased",
        "corrected",
        "scope_changed",
    ]
)
offsets = st.integers(min_value=0, max_value=4000)


@given(
    st.lists(st.tuples(kinds, offsets), max_size=6),
    offsets,
    st.sampled_from([LONDON, "Pacific/Auckland", "UTC"]),
)
def test_history_and_standing_agree_at_every_instant(more, asked, zone):
    events = life(
        *((kind, GRANTED + timedelta(days=days), LAST + timedelta(days=days)) if kind == "renewed"
          else (kind, GRANTED + timedelta(days=days)) for kind, days in more)
    )  # fmt: skip
    now = GRANTED + timedelta(days=4001)
    moment = GRANTED + timedelta(days=asked)
    spans = history(events, now, zone)
    [there] = [
        span
        for span in spans
        if span.since <= moment and (span.until is None or moment < span.until)
    ]
    assert there.status is standing(events, moment, zone).status


@pytest.mark.parametrize(
    ("first", "years", "last"),
    [
        (date(2025, 3, 14), 2, date(2027, 3, 13)),
        (date(2024, 2, 29), 2, date(2026, 2, 28)),
        (date(2024, 2, 29), 4, date(2028, 2, 28)),
        (date(2026, 1, 1), 1, date(2026, 12, 31)),
        (date(2023, 3, 1), 1, date(2024, 2, 29)),
    ],
)
def test_the_last_valid_day_is_the_day_before_the_anniversary(first, years, last):
    assert last_valid_day(first, years) == last


def test_a_day_ends_one_microsecond_before_the_next_also_when_clocks_change():
    for day in (date(2026, 3, 29), date(2026, 10, 25), date(2026, 6, 1)):
        next_midnight = datetime.combine(
            day + timedelta(days=1), datetime.min.time(), ZoneInfo(LONDON)
        )
        assert next_midnight.astimezone(UTC) - end_of_day(day, LONDON).astimezone(UTC) == timedelta(
            microseconds=1
        )


def test_nothing_may_follow_an_end():
    assert not FINAL & set(MAY_FOLLOW)
