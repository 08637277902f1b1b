"""What two examiners' sheets mean: per station, for the whole practical, and by competence. Pure: values in, values out.

Station (R36, R37). Two sheets stand at their mean, unless
    - they are more than `discrepancy` percentage points apart,
    - one passes the station and the other does not (a split), or
    - a critical finding (a 0 on a ★ line, or a violation) is on one sheet only,
then the station is held until a chief examiner has ruled on every line that differs and every violation seen by one only.
A critical finding on both sheets, or one that the ruling confirms, is confirmed: it fails the station and the whole practical (R26).

Whole (R26). Passed when the weighted total reaches its cut, enough stations are passed, and no critical finding is confirmed. Held
while any station is; incomplete, neither passed nor failed, while one is annulled and to be sat again. A formative sheet decides alone. Stations carried over from an earlier examination (R56) are decided from their own
sheets like the others.

Reasons are codes with values, JSON only; words.py says them in the reader's language.

Arithmetic is exact (fractions); percentages are rounded only where they are said, a total downwards, a difference upwards, so that
no sentence contradicts its decision.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_DOWN, ROUND_UP, Decimal
from fractions import Fraction
from typing import Any

Reason = dict[str, Any]

APART, SPLIT, CRITICAL = "apart", "split", "critical_disagreement"
HELD, PASSED, FAILED, INCOMPLETE = "held", "passed", "failed", "incomplete"
NEAR = 10  # percentage points either side of a cut that are called near it


@dataclass(frozen=True)
class Line:
    """One line of a checklist: `critical` is ★, a 0 on it fails the station."""

    code: str
    max_points: int
    critical: bool = False
    competence: str = ""
    text: str = ""


@dataclass(frozen=True)
class StationRule:
    """A station of the plan: its lines, its weight in the total, its cut in percent, and what its violation codes mean."""

    code: str
    title: str
    lines: tuple[Line, ...]
    weight: Decimal
    cut: Decimal
    discrepancy: Decimal = Decimal(10)
    violations: Mapping[str, str] = field(default_factory=dict)

    @property
    def out_of(self) -> int:
        return sum(line.max_points for line in self.lines)

    def says(self, code: str, **values: Any) -> Reason:
        return {"code": code, "station": self.code, "title": self.title, **values}


@dataclass(frozen=True)
class Sheet:
    """One final sheet: points by line, every line rated, and the violations seen."""

    ratings: Mapping[str, int]
    violations: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Ruling:
    """A chief examiner's decision on what differs: points by line, violations confirmed or not."""

    lines: Mapping[str, int]
    violations: Mapping[str, bool]


@dataclass(frozen=True)
class Differences:
    """What a ruling on two sheets must settle, no more and no less."""

    lines: tuple[str, ...]
    violations: tuple[str, ...]


@dataclass(frozen=True)
class StationFinding:
    """A station decided or held. Percentages are exact; `percent` and `passed` are None while held."""

    rule: StationRule
    percent_a: Fraction
    percent_b: Fraction | None
    percent: Fraction | None
    held: bool
    passed: bool | None
    critical: tuple[str, ...]
    triggers: tuple[str, ...]
    reasons: tuple[Reason, ...]
    points: Mapping[str, Fraction]

    @property
    def difference(self) -> Fraction:
        return abs(self.percent_a - self.percent_b) if self.percent_b is not None else Fraction(0)


@dataclass(frozen=True)
class PlanRule:
    """When the whole is passed: cut of the weighted total in percent, and how many stations."""

    total_cut: Decimal
    minimum_stations: int


@dataclass(frozen=True)
class Whole:
    """The whole practical. `total` is exact percent, None while held or incomplete."""

    outcome: str
    total: Fraction | None
    stations_passed: int
    reasons: tuple[Reason, ...]


@dataclass(frozen=True)
class CompetenceFinding:
    """A competence across stations: points reached of points open, in percent, and the band it falls in."""

    competence: str
    percent: Fraction
    out_of: int
    band: str


def down(value: Fraction) -> Decimal:
    """Percent with two places, rounded down: never reaches a cut that the exact value does not."""
    return _decimal(value, ROUND_DOWN)


def up(value: Fraction) -> Decimal:
    """Percentage points with two places, rounded up: never reads as the limit when it is beyond it."""
    return _decimal(value, ROUND_UP)


def _decimal(value: Fraction, rounding: str) -> Decimal:
    return (Decimal(value.numerator) / Decimal(value.denominator)).quantize(
        Decimal("0.01"), rounding
    )


def said(value: Decimal) -> str:
    """A number as a sentence says it: 60, 64.5, 66.66."""
    return format(value.normalize(), "f")


def percent_of(rule: StationRule, points: Iterable[int | Fraction]) -> Fraction:
    return Fraction(sum(points)) * 100 / rule.out_of


def critical_findings(rule: StationRule, sheet: Sheet) -> frozenset[str]:
    """Codes of the ★ lines rated 0 and of the violations seen."""
    zeros = {line.code for line in rule.lines if line.critical and sheet.ratings[line.code] == 0}
    return frozenset(zeros) | sheet.violations


def differences(rule: StationRule, a: Sheet, b: Sheet) -> Differences:
    """The lines with different points and the violations only one examiner saw, in the order of the checklist."""
    return Differences(
        tuple(line.code for line in rule.lines if a.ratings[line.code] != b.ratings[line.code]),
        tuple(sorted(a.violations ^ b.violations)),
    )


def triggers(rule: StationRule, a: Sheet, b: Sheet) -> tuple[str, ...]:
    """Why two sheets cannot stand at their mean; empty when they can."""
    percent_a, percent_b = (percent_of(rule, sheet.ratings.values()) for sheet in (a, b))
    critical_a, critical_b = critical_findings(rule, a), critical_findings(rule, b)
    passes_a = percent_a >= rule.cut and not critical_a
    passes_b = percent_b >= rule.cut and not critical_b
    found = [
        (APART, abs(percent_a - percent_b) > rule.discrepancy),
        (SPLIT, passes_a != passes_b),
        (CRITICAL, critical_a != critical_b),
    ]
    return tuple(code for code, true in found if true)


def station(
    rule: StationRule, a: Sheet, b: Sheet | None = None, ruling: Ruling | None = None
) -> StationFinding:
    """Decide or hold one station. With one sheet (formative) it decides; a ruling settles what the two differ in.

    Every line must be rated on each sheet; a ruling must cover the `differences`.
    """
    if b is None:
        settled = {code: Fraction(points) for code, points in a.ratings.items()}
        return _decided(rule, a, None, settled, critical_findings(rule, a), ())
    why = triggers(rule, a, b)
    if why and ruling is None:
        return _held(rule, a, b, why)
    if ruling is not None:
        settled = {
            code: Fraction(ruling.lines.get(code, points)) for code, points in a.ratings.items()
        }
        confirmed = a.violations & b.violations | {
            code for code, yes in ruling.violations.items() if yes
        }
        zeros = {line.code for line in rule.lines if line.critical and settled[line.code] == 0}
        return _decided(rule, a, b, settled, frozenset(zeros) | confirmed, why, ruled=True)
    settled = {code: Fraction(points + b.ratings[code], 2) for code, points in a.ratings.items()}
    return _decided(rule, a, b, settled, critical_findings(rule, a), why)


def _held(rule: StationRule, a: Sheet, b: Sheet, why: tuple[str, ...]) -> StationFinding:
    percent_a, percent_b = (percent_of(rule, sheet.ratings.values()) for sheet in (a, b))
    reasons = []
    if APART in why:
        points, limit = said(up(abs(percent_a - percent_b))), said(rule.discrepancy)
        reasons.append(rule.says(APART, points=points, limit=limit))
    if CRITICAL in why:
        reasons.append(rule.says(CRITICAL))
    elif SPLIT in why:
        reasons.append(rule.says(SPLIT))
    both = tuple(sorted(critical_findings(rule, a) & critical_findings(rule, b)))
    return StationFinding(
        rule, percent_a, percent_b, None, True, None, both, why, tuple(reasons), _means(rule, a, b)
    )


def _decided(
    rule: StationRule,
    a: Sheet,
    b: Sheet | None,
    settled: Mapping[str, Fraction],
    critical: frozenset[str],
    why: tuple[str, ...],
    ruled: bool = False,
) -> StationFinding:
    percent = percent_of(rule, settled.values())
    passed = percent >= rule.cut and not critical
    reasons = [rule.says("ruled")] if ruled else []
    if critical:
        reasons.append(_critical(rule, critical, confirmed=b is not None))
    if percent < rule.cut:
        reasons.append(rule.says("below", percent=said(down(percent)), cut=said(rule.cut)))
    if passed:
        reasons.append(rule.says("passed"))
    return StationFinding(
        rule=rule,
        percent_a=percent_of(rule, a.ratings.values()),
        percent_b=percent_of(rule, b.ratings.values()) if b else None,
        percent=percent,
        held=False,
        passed=passed,
        critical=tuple(sorted(critical)),
        triggers=why,
        reasons=tuple(reasons),
        points=settled,
    )


def _means(rule: StationRule, a: Sheet, b: Sheet) -> dict[str, Fraction]:
    return {
        line.code: Fraction(a.ratings[line.code] + b.ratings[line.code], 2) for line in rule.lines
    }


def _critical(rule: StationRule, critical: frozenset[str], *, confirmed: bool) -> Reason:
    """Which findings, by code, and the competences of their lines: a candidate is told these, never the line."""
    about = {line.competence for line in rule.lines if line.code in critical and line.competence}
    return rule.says(
        "critical", findings=sorted(critical), competences=sorted(about), confirmed=confirmed
    )


def whole(
    stations: Sequence[StationFinding], rule: PlanRule, annulled: Sequence[StationRule] = ()
) -> Whole:
    """Decide the practical from its stations, or hold it while one of them is held, or leave it open while one is annulled."""
    passed = sum(1 for finding in stations if finding.passed)
    held = [finding for finding in stations if finding.held]
    if held:
        where = [finding.rule.code for finding in held]
        why = [reason for finding in held for reason in finding.reasons]
        return Whole(HELD, None, passed, ({"code": "held", "stations": where}, *why))
    if annulled:
        open_reasons: list[Reason] = [
            {"code": INCOMPLETE, "stations": [each.code for each in annulled]},
            *(each.says("annulled") for each in annulled),
        ]
        return Whole(INCOMPLETE, None, passed, tuple(open_reasons))
    weights = sum((Fraction(finding.rule.weight) for finding in stations), Fraction(0))
    weighted = (
        (finding.percent or Fraction(0)) * Fraction(finding.rule.weight) for finding in stations
    )
    total = sum(weighted, Fraction(0)) / weights
    critical = [finding for finding in stations if finding.critical]
    enough, reached = passed >= rule.minimum_stations, total >= rule.total_cut
    reasons: list[Reason] = [
        {"code": "stations", "passed": passed, "of": len(stations), "least": rule.minimum_stations},
        {"code": "total", "percent": said(down(total)), "cut": said(rule.total_cut)},
    ]
    if critical:
        where = [finding.rule.code for finding in critical]
        reasons.append({"code": "critical_anywhere", "stations": where})
    reasons += [reason for finding in stations if not finding.passed for reason in finding.reasons]
    outcome = PASSED if enough and reached and not critical else FAILED
    return Whole(outcome, total, passed, tuple(reasons))


def by_competence(stations: Sequence[StationFinding], cut: Decimal) -> list[CompetenceFinding]:
    """Hygiene, safety, communication, … across all stations, weakest first: points reached of points open, against the cut of the total."""
    reached: dict[str, Fraction] = {}
    open_points: dict[str, int] = {}
    for finding in stations:
        for line in finding.rule.lines:
            if line.competence:
                reached[line.competence] = (
                    reached.get(line.competence, Fraction(0)) + finding.points[line.code]
                )
                open_points[line.competence] = open_points.get(line.competence, 0) + line.max_points
    found = [
        CompetenceFinding(name, points * 100 / open_points[name], open_points[name], "")
        for name, points in reached.items()
    ]
    found.sort(key=lambda entry: (entry.percent, entry.competence))
    return [
        CompetenceFinding(e.competence, e.percent, e.out_of, band(e.percent, cut)) for e in found
    ]


def band(percent: Fraction, cut: Decimal) -> str:
    """Where a percentage lies against a cut: below, near (within ten points of it), above."""
    if percent < cut - NEAR:
        return "below"
    return "near" if percent < cut + NEAR else "above"
