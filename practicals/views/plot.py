"""The number line of two sheets: where A, B and the cut lie, and how far A and B are apart. Numbers in, positions out."""

from fractions import Fraction
from typing import Any

from practicals.decision import StationFinding, down, said, up

# Of a drawing 400 units wide; the words right of the last point need the rest.
LEFT, RIGHT = 8, 344


def versus_plot(found: StationFinding) -> dict[str, Any]:
    """What includes/versus.html draws of a station with two sheets; percentages as they are said everywhere else."""
    percent_b = found.percent_a if found.percent_b is None else found.percent_b
    (low, low_name), (high, high_name) = sorted([(found.percent_a, "A"), (percent_b, "B")])
    cut = Fraction(found.rule.cut)
    lowest = max(0, min(50, int(min(low, cut) // 10) * 10 - 10))

    def x(percent: Fraction) -> float:
        return round(float(LEFT + (percent - lowest) * (RIGHT - LEFT) / (100 - lowest)), 1)

    left_of_cut = x(cut) > 150
    return {
        "ticks": [{"x": x(Fraction(tick)), "label": tick} for tick in range(lowest, 101, 10)],
        "cut": {
            "x": x(cut),
            "label": said(found.rule.cut),
            "anchor": "end" if left_of_cut else "start",
            "label_x": x(cut) + (-6 if left_of_cut else 6),
        },
        "points": [
            {
                "x": x(low),
                "words": f"{low_name} {said(down(low))}",
                "label_x": x(low) - 8,
                "anchor": "end",
            },
            {
                "x": x(high),
                "words": f"{high_name} {said(down(high))}",
                "label_x": x(high) + 8,
                "anchor": "start",
            },
        ],
        "middle": round((x(low) + x(high)) / 2, 1),
        "apart": said(up(found.difference)),
        "limit": said(found.rule.discrepancy),
        "out_of": found.rule.out_of,
        "beyond": found.difference > found.rule.discrepancy,
        "right": RIGHT,
    }
