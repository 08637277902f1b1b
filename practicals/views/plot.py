"""The number line of two sheets: where A, B and the cut lie, and how far A and B are apart. Numbers in, positions out."""

from fractions import Fraction
from typing import Any

from practicals.decision import StationFinding, down, said, up

LEFT, RIGHT = 8, 344  # of a drawing 400 units wide; the words right of the last point need the rest


def versus_plot(found: StationFinding) -> dict[str, Any]:
    """What practicals/includes/versus.svg draws; percentages as they are said everywhere else."""
    values = {"A": found.percent_a, "B": found.percent_b}
    least = min(*values.values(), Fraction(found.rule.cut))
    lowest = max(0, min(50, int(least // 10) * 10 - 10))

    def x(percent: Fraction) -> float:
        return round(float(LEFT + (percent - lowest) * (RIGHT - LEFT) / (100 - lowest)), 1)

    low, high = sorted(values, key=lambda place: (values[place], place))
    points = [
        {
            "x": x(values[place]),
            "words": f"{place} {said(down(values[place]))}",
            "label_x": x(values[place]) + (-8 if place == low else 8),
            "anchor": "end" if place == low else "start",
        }
        for place in (low, high)
    ]
    cut = x(Fraction(found.rule.cut))
    return {
        "ticks": [{"x": x(Fraction(tick)), "label": tick} for tick in range(lowest, 101, 10)],
        "cut": {
            "x": cut,
            "label": said(found.rule.cut),
            "anchor": "end" if cut > 150 else "start",
            "label_x": cut + (-6 if cut > 150 else 6),
        },
        "points": points,
        "middle": round((points[0]["x"] + points[1]["x"]) / 2, 1),
        "apart": said(up(found.difference)),
        "limit": said(found.rule.discrepancy),
        "out_of": found.rule.out_of,
        "beyond": found.difference > found.rule.discrepancy,
        "right": RIGHT,
    }
