"""Every combination the rule knows, and the rule restated independently for Hypothesis to compare."""

from decimal import Decimal
from fractions import Fraction
from itertools import product
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from practicals import decision, words
from practicals.decision import APART, CRITICAL, SPLIT, Line, PlanRule, Ruling, Sheet, StationRule

LINES = tuple(
    Line(
        f"T2.{number:02}",
        2,
        critical=number == 1,
        competence="safety" if number == 1 else "technique",
    )
    for number in range(1, 11)
)


def rule(code="T2", lines=LINES, weight="50", cut="60", discrepancy="10"):
    return StationRule(
        code,
        "Deep tissue",
        lines,
        Decimal(weight),
        Decimal(cut),
        Decimal(discrepancy),
        {"T2.a": "Works on a strain"},
    )


def sheet(points, *, star=2, violations=()):
    """A sheet reaching `points` of 20 in all; the ★ line has `star` of them."""
    ratings, left = {LINES[0].code: star}, points - star
    for line in LINES[1:]:
        ratings[line.code] = min(2, left)
        left -= ratings[line.code]
    assert left == 0
    return Sheet(ratings, frozenset(violations))


def words_of(found, *, staff=False):
    return words.say_all(found.reasons, {}, staff=staff)


# One station


def test_two_sheets_stand_at_their_mean():
    found = decision.station(rule(), sheet(18), sheet(16))
    assert (found.percent_a, found.percent_b, found.percent) == (90, 80, 85)
    assert (found.held, found.passed, found.triggers) == (False, True, ())
    assert found.reasons == ({"code": "passed", "station": "T2", "title": "Deep tissue"},)


def test_ten_points_apart_stand_and_more_are_held():
    assert not decision.station(rule(), sheet(18), sheet(16)).held
    found = decision.station(rule(), sheet(19), sheet(16))
    assert found.held and found.triggers == (APART,)
    assert found.percent is None and found.passed is None
    assert words_of(found) == [
        "The two examiners differ by 15 points on station T2, Deep tissue; more than 10 is decided by a chief examiner."
    ]


def test_a_split_is_held_however_close_the_sheets_are():
    found = decision.station(rule(), sheet(12), sheet(11))
    assert found.held and found.triggers == (SPLIT,)
    assert "One examiner passes" in words_of(found)[0]


def test_reaching_the_cut_exactly_passes():
    assert decision.station(rule(), sheet(12), sheet(12)).passed
    failed = decision.station(rule(), sheet(11), sheet(11))
    assert not failed.passed and not failed.held
    assert words_of(failed) == [
        "You did not reach the 60 percent that station T2, Deep tissue, needs."
    ]
    assert words_of(failed, staff=True)[0].startswith("55 percent were reached at station T2")


def test_a_zero_on_a_star_line_by_one_examiner_only_is_held():
    found = decision.station(rule(), sheet(18), sheet(18, star=0))
    assert found.held and CRITICAL in found.triggers
    assert found.critical == ()
    assert "disagree on a critical finding" in words_of(found)[0]


def test_a_zero_on_a_star_line_by_both_fails_the_station_and_is_confirmed():
    found = decision.station(rule(), sheet(18, star=0), sheet(18, star=0))
    assert (found.held, found.passed, found.critical) == (False, False, ("T2.01",))
    assert words_of(found) == [
        "A critical finding is confirmed at station T2, Deep tissue (safety). It fails the station."
    ]
    assert "(T2.01)" in words_of(found, staff=True)[0]


def test_a_violation_by_one_examiner_only_is_held_and_by_both_confirmed():
    seen, unseen = sheet(18, violations=["T2.a"]), sheet(18)
    assert decision.station(rule(), seen, unseen).held
    both = decision.station(rule(), seen, seen)
    assert (both.held, both.passed, both.critical) == (False, False, ("T2.a",))
    assert "Works on a strain" not in words_of(both)[0]
    assert "(T2.a)" in words_of(both, staff=True)[0]


def test_two_different_critical_findings_are_a_disagreement():
    found = decision.station(rule(), sheet(18, star=0), sheet(18, violations=["T2.a"]))
    assert found.held and found.triggers == (CRITICAL,)


def test_a_confirmed_finding_beside_a_doubtful_one_is_held_and_stays_confirmed():
    found = decision.station(rule(), sheet(18, star=0), sheet(18, star=0, violations=["T2.a"]))
    assert found.held and found.critical == ("T2.01",)


def test_both_below_and_both_critical_across_the_cut_is_no_split():
    found = decision.station(rule(), sheet(12, star=0), sheet(11, star=0))
    assert found.triggers == () and found.passed is False


def test_a_ruling_settles_what_differs_and_only_that():
    a, b = sheet(18), sheet(14)
    differing = decision.differences(rule(), a, b)
    assert differing.lines == ("T2.08", "T2.09") and differing.violations == ()
    found = decision.station(rule(), a, b, Ruling({"T2.08": 1, "T2.09": 0}, {}))
    assert not found.held and found.percent == Fraction(15, 20) * 100
    assert found.reasons[0]["code"] == "ruled"
    said = words.say(found.reasons[0], {"T2": "The note gives the time."})
    assert said == "A chief examiner decided station T2, Deep tissue: The note gives the time."


def test_a_ruling_can_confirm_or_clear_a_violation():
    a, b = sheet(18, violations=["T2.a"]), sheet(18)
    confirmed = decision.station(rule(), a, b, Ruling({}, {"T2.a": True}))
    cleared = decision.station(rule(), a, b, Ruling({}, {"T2.a": False}))
    assert (confirmed.passed, confirmed.critical) == (False, ("T2.a",))
    assert (cleared.passed, cleared.critical) == (True, ())


def test_a_ruling_of_zero_on_a_star_line_confirms_it():
    a, b = sheet(18), sheet(18, star=0)
    lines = dict.fromkeys(decision.differences(rule(), a, b).lines, 0)
    found = decision.station(rule(), a, b, Ruling(lines, {}))
    assert found.critical == ("T2.01",) and not found.passed


def test_one_formative_sheet_decides():
    assert decision.station(rule(), sheet(12)).passed
    assert not decision.station(rule(), sheet(11)).passed
    failed = decision.station(rule(), sheet(18, star=0))
    assert failed.critical == ("T2.01",) and "was recorded" in words_of(failed)[0]


TABLE = list(
    product(
        [20, 18, 16, 12, 11, 8],
        [20, 18, 16, 12, 11, 8],
        [2, 0],
        [2, 0],
        [(), ("T2.a",)],
        [(), ("T2.a",)],
    )
)


@pytest.mark.parametrize(("points_a", "points_b", "star_a", "star_b", "seen_a", "seen_b"), TABLE)
def test_the_truth_table_of_a_station(points_a, points_b, star_a, star_b, seen_a, seen_b):
    if (points_a == 20 and star_a == 0) or (points_b == 20 and star_b == 0):
        return  # twenty points cannot be reached without the ★ line
    a = sheet(points_a, star=star_a, violations=seen_a)
    b = sheet(points_b, star=star_b, violations=seen_b)
    found = decision.station(rule(), a, b)
    critical_a = ({"T2.01"} if star_a == 0 else set()) | set(seen_a)
    critical_b = ({"T2.01"} if star_b == 0 else set()) | set(seen_b)
    pass_a, pass_b = points_a >= 12 and not critical_a, points_b >= 12 and not critical_b
    held = abs(points_a - points_b) > 2 or pass_a != pass_b or critical_a != critical_b
    assert found.held == held
    if not held:
        assert found.percent == Fraction((points_a + points_b) * 100, 40)
        assert found.passed == (points_a + points_b >= 24 and not critical_a)
        assert set(found.critical) == critical_a


# A station in every way two sheets and a ruling can meet

FINDS = [frozenset(), frozenset({"star"}), frozenset({"T2.a"}), frozenset({"star", "T2.a"})]
# Points of the lower sheet, points between the two (2 stand, 3 are apart), what each finds, and which of them is A.
MEETINGS = list(product(range(9, 14), range(6), FINDS, FINDS, [False, True]))


@settings(max_examples=10, deadline=None)
@given(st.lists(st.integers(0, 2), min_size=10, max_size=10), st.booleans())
def test_every_meeting_of_apart_split_critical_violation_and_ruling(ruled, confirms):
    """What is held, what a ruling may settle, and what then fails: every combination, whichever examiner is the harsher."""
    for meeting in MEETINGS:
        meet(*meeting, ruled, confirms)


def meet(low, gap, in_low, in_high, swap, ruled, confirms):
    a, b = (
        sheet(points, star=0 if "star" in found else 2, violations=found - {"star"})
        for points, found in ((low, in_low), (low + gap, in_high))
    )
    if swap:
        a, b = b, a
    held = decision.station(rule(), a, b)
    split = (low >= 12 and not in_low) != (low + gap >= 12 and not in_high)
    expected = {APART: gap > 2, SPLIT: split, CRITICAL: in_low != in_high}
    assert set(held.triggers) == {name for name, true in expected.items() if true}
    assert held.held == bool(held.triggers)
    assert set(held.critical) == {"T2.01" if f == "star" else f for f in in_low & in_high}
    if not held.held:
        return
    differing = decision.differences(rule(), a, b)
    points = dict(zip((line.code for line in LINES), ruled, strict=True))
    ruling = Ruling(
        {code: points[code] for code in differing.lines},
        dict.fromkeys(differing.violations, confirms),
    )
    found = decision.station(rule(), a, b, ruling)
    ratings = {**a.ratings, **ruling.lines}
    star = {"T2.01"} if ratings["T2.01"] == 0 else set()
    seen = (a.violations & b.violations) | (a.violations ^ b.violations if confirms else set())
    assert not found.held and found.triggers == held.triggers
    assert set(found.critical) == star | seen
    assert found.percent == sum(ratings.values()) * 5
    assert found.passed == (sum(ratings.values()) >= 12 and not star | seen)
    assert found.reasons[0]["code"] == "ruled"


@given(st.sampled_from(["star", "T2.a"]), st.booleans(), st.booleans())
def test_an_unconfirmed_critical_finding_never_fails_and_never_passes_by_itself(which, by_a, both):
    """R36: on both sheets it is confirmed; on one it holds, until a chief examiner confirms it or does not."""
    found = {"star": 0} if which == "star" else {"violations": ["T2.a"]}
    with_it, without = sheet(18, **found), sheet(18)
    sheets = (with_it, with_it) if both else (with_it, without) if by_a else (without, with_it)
    decided = decision.station(rule(), *sheets)
    assert decided.held != both and decided.passed is (False if both else None)


# Whole and competences, against the rule restated

points = st.integers(0, 2)
lines = st.lists(st.tuples(st.integers(1, 2), st.booleans()), min_size=1, max_size=8)


@st.composite
def stations(draw):
    made = []
    for number, shape in enumerate(draw(st.lists(lines, min_size=1, max_size=8))):
        own = tuple(
            Line(f"S{number}.{index}", most, critical, f"c{index % 3}")
            for index, (most, critical) in enumerate(shape)
        )
        its_rule = StationRule(
            f"S{number}",
            "Station",
            own,
            Decimal(draw(st.integers(1, 40))) / 2,
            Decimal(draw(st.integers(0, 100))),
            Decimal(draw(st.integers(0, 100))),
        )
        sheets = [
            Sheet(
                {line.code: draw(st.integers(0, line.max_points)) for line in own},
                frozenset(draw(st.sets(st.sampled_from(["x", "y"])))),
            )
            for _place in "AB"
        ]
        made.append((its_rule, *sheets))
    return made


def restated(its_rule, a, b):
    """(held, percent, passed, critical) by the words of R36 and R37, written another way."""
    out_of = sum(line.max_points for line in its_rule.lines)
    share = [Fraction(100 * sum(s.ratings.values()), out_of) for s in (a, b)]
    critical = [
        {line.code for line in its_rule.lines if line.critical and not s.ratings[line.code]}
        | s.violations
        for s in (a, b)
    ]
    passes = [p >= Fraction(its_rule.cut) and not c for p, c in zip(share, critical, strict=True)]
    held = (
        max(share) - min(share) > Fraction(its_rule.discrepancy)
        or len(set(passes)) == 2
        or critical[0] != critical[1]
    )
    mean = sum(share) / 2
    return held, mean, mean >= Fraction(its_rule.cut) and not critical[0], critical[0] & critical[1]


@given(stations(), st.integers(0, 100), st.integers(0, 8))
def test_the_whole_is_passed_exactly_when_every_part_of_the_rule_holds(made, total_cut, minimum):
    findings = [decision.station(*one) for one in made]
    whole = decision.whole(findings, PlanRule(Decimal(total_cut), minimum))
    expected = [restated(*one) for one in made]
    for found, (held, percent, passed, critical) in zip(findings, expected, strict=True):
        assert found.held == held and set(found.critical) == critical
        if not held:
            assert (found.percent, found.passed) == (percent, passed)
    if any(held for held, *_rest in expected):
        assert whole.outcome == decision.HELD and whole.total is None
        return
    weights = [Fraction(one[0].weight) for one in made]
    total = sum(
        w * percent for w, (_h, percent, _p, _c) in zip(weights, expected, strict=True)
    ) / sum(weights)
    passed = sum(passed for _h, _pc, passed, _c in expected)
    confirmed = any(critical for *_rest, critical in expected)
    assert whole.total == total and whole.stations_passed == passed
    assert (whole.outcome == decision.PASSED) == (
        total >= total_cut and passed >= minimum and not confirmed
    )


@given(stations())
def test_a_sentence_never_contradicts_its_decision(made):
    for its_rule, a, b in made:
        found = decision.station(its_rule, a, b)
        if found.percent is not None and found.percent < its_rule.cut:
            assert decision.down(found.percent) < its_rule.cut
        if APART in found.triggers:
            assert decision.up(found.difference) > its_rule.discrepancy


@given(stations())
def test_the_order_of_the_examiners_does_not_matter(made):
    for its_rule, a, b in made:
        one, other = decision.station(its_rule, a, b), decision.station(its_rule, b, a)
        assert (one.held, one.passed, one.percent, one.critical) == (
            other.held,
            other.passed,
            other.percent,
            other.critical,
        )


@given(stations())
def test_competences_add_up_to_the_points_of_all_stations(made):
    findings = [decision.station(*one) for one in made]
    found = decision.by_competence(findings, Decimal(60))
    points_in_all = sum(sum(finding.points.values()) for finding in findings)
    assert sum(entry.percent * entry.out_of / 100 for entry in found) == points_in_all
    assert [entry.percent for entry in found] == sorted(entry.percent for entry in found)


def test_a_confirmed_critical_finding_fails_the_whole_however_high_the_total():
    good, bad = (
        decision.station(rule("P1"), sheet(20), sheet(20)),
        decision.station(rule(), sheet(18, star=0), sheet(18, star=0)),
    )
    whole = decision.whole([good, bad], PlanRule(Decimal(65), 1))
    assert whole.outcome == decision.FAILED and whole.total == 95
    assert "With a confirmed critical finding (T2) the practical is not passed." in words_of(whole)


def test_the_reasons_of_a_fail_say_where_and_how_much():
    low, good = (
        decision.station(rule("P1"), sheet(8), sheet(8)),
        decision.station(rule(), sheet(16), sheet(16)),
    )
    whole = decision.whole([low, good], PlanRule(Decimal(65), 2))
    assert whole.outcome == decision.FAILED
    assert words_of(whole) == [
        "You passed 1 of 2 stations; at least 2 are needed.",
        "Your total over all stations is 60 percent; 65 is needed.",
        "You did not reach the 60 percent that station P1, Deep tissue, needs.",
    ]


def test_a_held_whole_names_its_held_stations():
    whole = decision.whole(
        [decision.station(rule(), sheet(20), sheet(12))], PlanRule(Decimal(65), 1)
    )
    assert words_of(whole)[0] == "1 station is with a chief examiner: T2."


@pytest.mark.parametrize(
    ("percent", "said"), [(49, "below"), (50, "near"), (69, "near"), (70, "above")]
)
def test_a_band_is_ten_points_either_side_of_the_cut(percent, said):
    assert decision.band(Fraction(percent), Decimal(60)) == said


def test_every_reason_has_words_and_none_names_a_line_to_a_candidate():
    held = decision.station(rule(), sheet(20), sheet(12))
    one = decision.station(rule(), sheet(18), sheet(18, star=0))
    split = decision.station(rule(), sheet(12), sheet(11))
    failed = decision.station(rule(), sheet(8, star=0), sheet(8, star=0))
    ruled = decision.station(rule(), sheet(18), sheet(14), Ruling({"T2.08": 1, "T2.09": 0}, {}))
    plan = PlanRule(Decimal(65), 1)
    every = [held, one, split, failed, ruled]
    wholes = [
        decision.whole(every, plan),
        decision.whole([failed, ruled], plan),
        decision.whole([ruled], plan, [rule()]),
    ]
    reasons = [reason for found in (*every, *wholes) for reason in found.reasons]
    assert {reason["code"] for reason in reasons} == {
        *words.SENTENCES,
        "ruled",
        "critical",
        "annulled",
    }
    for sentence in words.say_all(reasons, {}):
        assert sentence.endswith(".") and "%(" not in sentence and "T2.0" not in sentence


def test_a_stored_sentence_of_before_stays_readable():
    assert words.say("You passed station T2, Deep tissue.") == "You passed station T2, Deep tissue."


def test_a_reason_is_said_in_the_readers_language():
    reason = {"code": "total", "percent": "60", "cut": "65"}
    english = words.say(reason)
    german = "Insgesamt %(percent)s Prozent; %(cut)s sind nötig."
    with mock.patch.object(words, "_", lambda text: german):
        assert words.say(reason) == "Insgesamt 60 Prozent; 65 sind nötig."
    assert english == "Your total over all stations is 60 percent; 65 is needed."
