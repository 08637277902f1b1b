"""The rules of a renewal, as values: what counts, what is capped, what is missing, when it may be begun."""

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credentials import renewing
from credentials.renewing import Activity, Verdict

SMT = {
    "hours": 24,
    "categories": [
        {"code": "ethics", "title": "Ethics and law", "minimum_hours": 3},
        {"code": "safety", "title": "Sports safety", "minimum_hours": 4},
        {"code": "hands-on", "title": "Live hands-on learning", "minimum_hours": 8},
        {"code": "self-care", "title": "Self-care", "maximum_hours": 4},
    ],
    "documents": ["licence", "insurance"],
    "agreement": True,
}
FIRST, LAST, TODAY = dt.date(2025, 3, 14), dt.date(2027, 3, 13), dt.date(2026, 11, 23)
RULES = renewing.read(SMT)
CYCLE = renewing.cycle(RULES, first=FIRST, last=LAST, late_months=12)


def activity(key="a", hours="2", category="ethics", day=dt.date(2026, 5, 2), **fields) -> Activity:
    return Activity(
        **{
            "key": key,
            "first_day": day,
            "last_day": day,
            "hours": Decimal(hours),
            "category": category,
            "sha256": f"file of {key}",
            **fields,
        }
    )


def assess(*rows: Activity, used=(), today=TODAY, rules=RULES, cycle=CYCLE):
    return renewing.assess(rules, cycle, rows, used=used, today=today)


def verdict(row: Activity, **given) -> Verdict:
    return assess(row, **given).rows[0].verdict


def test_an_activity_within_the_cycle_counts_whole():
    tally = assess(activity(hours="2.5"))
    assert (tally.rows[0].verdict, tally.total) == (Verdict.COUNTS, Decimal("2.5"))


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"day": FIRST - dt.timedelta(days=1)}, Verdict.BEFORE),
        ({"day": FIRST}, Verdict.COUNTS),
        ({"day": TODAY}, Verdict.COUNTS),
        ({"day": TODAY + dt.timedelta(days=1)}, Verdict.TO_COME),
        ({"category": "cooking"}, Verdict.UNKNOWN_CATEGORY),
        ({"sha256": "old certificate"}, Verdict.USED_BEFORE),
        ({"decision": "not_accepted"}, Verdict.NOT_ACCEPTED),
        ({"decision": "more_information"}, Verdict.ASKED),
        ({"decision": "accepted"}, Verdict.COUNTS),
    ],
)
def test_each_verdict(fields, expected):
    assert verdict(activity(**fields), used={"old certificate"}) is expected


def test_an_activity_that_began_before_the_cycle_does_not_count_in_parts():
    row = activity(first_day=FIRST - dt.timedelta(days=2), last_day=FIRST + dt.timedelta(days=2))
    assert verdict(row) is Verdict.BEFORE


def test_in_the_late_months_hours_of_these_months_count():
    late = LAST + dt.timedelta(days=40)
    assert verdict(activity(day=LAST + dt.timedelta(days=30)), today=late) is Verdict.COUNTS
    closed = CYCLE.closes + dt.timedelta(days=5)
    assert verdict(activity(day=closed), today=closed) is Verdict.AFTER


def test_a_certificate_counts_once():
    tally = assess(activity("a"), activity("b", sha256="file of a"))
    assert [row.verdict for row in tally.rows] == [Verdict.COUNTS, Verdict.USED_BEFORE]
    assert tally.total == 2


def test_a_certificate_that_was_not_accepted_may_be_sent_again():
    tally = assess(activity("a", decision="not_accepted"), activity("b", sha256="file of a"))
    assert tally.rows[1].verdict is Verdict.COUNTS


def test_hours_above_the_cap_of_a_category_do_not_count():
    rows = [activity(key, "3", "self-care") for key in "abc"]
    tally = assess(*rows)
    assert [row.verdict for row in tally.rows] == [Verdict.COUNTS, Verdict.PARTLY, Verdict.FULL]
    assert [row.counted for row in tally.rows] == [3, 1, 0]
    share = tally.shares[-1]
    assert (share.counted, share.over) == (4, 5)


def test_what_is_missing_is_the_total_or_the_minima_whichever_is_more():
    assert assess().missing == 24
    nearly = assess(activity("a", "24", "hands-on"))
    assert (nearly.total, nearly.missing) == (24, 7)  # ethics 3 and safety 4
    assert not nearly.complete
    whole = assess(
        activity("a", "17", "hands-on"), activity("b", "3"), activity("c", "4", "safety")
    )
    assert whole.complete


def test_a_renewal_is_begun_in_the_window_the_rules_give():
    assert CYCLE.opens == FIRST
    rules = renewing.read({**SMT, "opens_months": 6})
    assert renewing.cycle(rules, first=FIRST, last=LAST, late_months=0).opens == dt.date(
        2026, 9, 13
    )
    short = renewing.read({**SMT, "opens_months": 60})
    assert renewing.cycle(short, first=FIRST, last=LAST, late_months=0).opens == FIRST


def test_without_late_months_a_cycle_closes_with_its_last_day():
    assert renewing.cycle(RULES, first=FIRST, last=LAST, late_months=0).closes == LAST
    assert CYCLE.closes == dt.date(2028, 3, 13)


def test_an_edition_may_ask_nothing():
    assert not renewing.read({}).asks_something


# Other bodies' rules, as far as hours and categories say them (domain.md 2.4)

BODIES = {
    "NCBTMB": (
        {"hours": 24, "categories": [("ethics", 3, None), ("self-care", 0, 4), ("other", 0, None)]},
        {"ethics": 3, "self-care": 6, "other": 17},
        Decimal(24),
        True,
    ),
    "Oregon": (
        {
            "hours": 25,
            "categories": [("ethics", 4, None), ("contact", 11, None), ("distance", 0, 10)],
        },
        {"ethics": 4, "contact": 11, "distance": 14},
        Decimal(25),
        True,
    ),
    "Wisconsin": (
        {"hours": 24, "categories": [("ethics", 2, None), ("other", 0, None)]},
        {"ethics": 1, "other": 23},
        Decimal(24),
        False,
    ),
    "Texas": ({"hours": 12, "categories": []}, {"anything": 12}, Decimal(12), True),
}


@pytest.mark.parametrize("body", BODIES)
def test_rules_of_other_bodies(body):
    said, hours, total, complete = BODIES[body]
    categories = [
        {"code": code, "title": code, "minimum_hours": least, "maximum_hours": most}
        for code, least, most in said["categories"]
    ]
    rules = renewing.read({**said, "categories": categories})
    tally = assess(*(activity(code, str(n), code) for code, n in hours.items()), rules=rules)
    assert (tally.total, tally.complete) == (total, complete)


# Whatever is claimed

days = st.dates(FIRST - dt.timedelta(days=400), TODAY + dt.timedelta(days=400))
claims = st.builds(
    lambda number, day, length, hours, category, file, decision: Activity(
        str(number), day, day + dt.timedelta(days=length), Decimal(hours) / 2, category, file,
        decision,
    ),
    st.integers(), days, st.integers(0, 20), st.integers(1, 60),
    st.sampled_from(["ethics", "safety", "hands-on", "self-care", "cooking"]),
    st.sampled_from("abcdefgh"),
    st.sampled_from(["", "accepted", "not_accepted", "more_information"]),
)  # fmt: skip
lists = st.lists(claims, max_size=12)


@given(lists, st.sets(st.sampled_from("abc")))
def test_no_more_counts_than_was_claimed_and_no_category_exceeds_its_maximum(rows, used):
    tally = assess(*rows, used=used)
    assert 0 <= tally.total <= sum(row.hours for row in rows)
    for found in tally.rows:
        assert 0 <= found.counted <= found.activity.hours
        assert bool(found.counted) == (found.verdict in (Verdict.COUNTS, Verdict.PARTLY))
    for share in tally.shares:
        assert share.category.maximum is None or share.counted <= share.category.maximum


@given(lists, claims)
def test_one_more_activity_never_takes_hours_away(rows, more):
    assert assess(*rows, more).total >= assess(*rows).total
    assert assess(*rows, more).missing <= assess(*rows).missing


@given(lists, st.sets(st.sampled_from("abcdefgh")))
def test_each_certificate_counts_at_most_once_and_none_that_was_used(rows, used):
    counted = [row.activity.sha256 for row in assess(*rows, used=used).rows if row.counted]
    assert len(counted) == len(set(counted))
    assert not used & set(counted)


@given(lists)
def test_complete_is_just_what_the_rules_ask(rows):
    tally = assess(*rows)
    minima = all(tally.counted_in(row.code) >= row.minimum for row in RULES.categories)
    assert tally.complete == (tally.total >= RULES.hours and minima)


@given(lists)
def test_whatever_counts_is_dated_within_the_cycle_and_past(rows):
    for found in assess(*rows).rows:
        if found.counted:
            assert found.activity.first_day >= FIRST and found.activity.last_day <= TODAY
