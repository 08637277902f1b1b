"""What the marks of an essay come to. Pure: values in, values out.

A and B mark it blind to each other. Where they differ by no more than the tolerance, it has the mean of the two, to the thousandth, half
up; where they differ by more, C decides, and what C gives it has.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

THOUSANDTH = Decimal("0.001")
PLACES = ("A", "B", "C")


@dataclass(frozen=True)
class Verdict:
    """`points` once it is decided; until then `waits_for` is the place of the next marker."""

    points: Decimal | None = None
    waits_for: str = ""


def decide(marks: Mapping[str, Decimal], tolerance: Decimal) -> Verdict:
    """The verdict on an essay with these marks by place."""
    if "A" not in marks:
        return Verdict(waits_for="A")
    if "B" not in marks:
        return Verdict(waits_for="B")
    if abs(marks["A"] - marks["B"]) <= tolerance:
        mean = (marks["A"] + marks["B"]) / 2
        return Verdict(mean.quantize(THOUSANDTH, ROUND_HALF_UP))
    return Verdict(marks["C"]) if "C" in marks else Verdict(waits_for="C")


def faults_of(lines: object, rubric: Mapping[str, int]) -> list[str]:
    """What is wrong with the points given line by line, as sentences; `rubric`: the points of each line."""
    if not isinstance(lines, dict) or set(lines) != set(rubric):
        return ["Give every line of the rubric its points."]
    for name, most in rubric.items():
        value = lines[name]
        if type(value) is not int or not 0 <= value <= most:
            return ["Give each line whole points, from 0 to what it is worth."]
    return []
