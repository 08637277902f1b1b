"""The number line of two sheets: where A, B and the cut lie, and how far A and B are apart. Numbers in, positions out."""

from fractions import Fraction
from typing import Any

from practicals.decision import StationFinding, down, said, up

# Of a drawing 400 units wide; the words beside the outermost points need the rest.
LEFT, RIGHT = 60, 340
BESIDE = 8  # from a point to its words
HALF_CUT = 34  # half the width of the words at the cut and of a tick's number, together
HALF_APART = 84  # half the width of the words over the bracket


def versus_plot(found: StationFinding) -> dict[str, Any]:
    """What includes/versus.html draws of a station with two sheets; percentages as they are said everywhere else.

    Each kind of words has a row of its own, so none meets another: apart over the bracket, the sheets outward of their points, the cut
    among the numbers of the axis, where it takes the place of those it would touch.
    """
    percent_b = found.percent_a if found.percent_b is None else found.percent_b
    (low, low_name), (high, high_name) = sorted([(found.percent_a, "A"), (percent_b, "B")])
    cut = Fraction(found.rule.cut)
    lowest = max(0, min(50, int(min(low, cut) // 10) * 10 - 10))

    def x(percent: Fraction) -> float:
        return round(float(LEFT + (percent - lowest) * (RIGHT - LEFT) / (100 - lowest)), 1)

    def tick(percent: int) -> dict[str, Any]:
        at = x(Fraction(percent))
        return {"x": at, "label": percent if abs(at - x(cut)) >= HALF_CUT else ""}

    middle = round((x(low) + x(high)) / 2, 1)
    return {
        "ticks": [tick(percent) for percent in range(lowest, 101, 10)],
        "cut": {"x": x(cut), "label": said(found.rule.cut)},
        "points": [
            {
                "x": x(low),
                "words": f"{low_name} {said(down(low))}",
                "label_x": x(low) - BESIDE,
                "anchor": "end",
            },
            {
                "x": x(high),
                "words": f"{high_name} {said(down(high))}",
                "label_x": x(high) + BESIDE,
                "anchor": "start",
            },
        ],
        "apart_x": min(max(middle, HALF_APART), 400 - HALF_APART),
        "apart": said(up(found.difference)),
        "limit": said(found.rule.discrepancy),
        "out_of": found.rule.out_of,
        "beyond": found.difference > found.rule.discrepancy,
        "left": LEFT,
        "right": RIGHT,
    }
