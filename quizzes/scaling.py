"""Scaled scores: points of any form on one scale, so that a form that is harder by chance tells nobody less. Pure: values in, values out.

The scaled score is linear through two places: the pass mark has the score `cut`, all points the score `top` (Kolen & Brennan 2014). It is
rounded half up to a whole number, is never below 0, and that of a fail is never `cut` or more, however near it came: pass is decided on
the points alone, and the number has to say the same. Where the pass mark is all points there is no such line; below it the score rises from 0
to the cut.
"""

from decimal import Decimal
from fractions import Fraction
from math import floor


def scaled(points: Decimal, out_of: Decimal, pass_percent: Decimal, *, cut: int, top: int) -> int:
    """The scaled score of `points` of `out_of` (more than 0), with the pass mark in per cent of them."""
    earned, all_points = Fraction(points), Fraction(out_of)
    mark = Fraction(pass_percent) * all_points / 100
    if mark < all_points:
        exact = cut + (earned - mark) * (top - cut) / (all_points - mark)
    else:
        exact = Fraction(top) if earned >= all_points else earned * cut / all_points
    rounded = max(0, floor(exact + Fraction(1, 2)))
    return rounded if earned >= mark else min(rounded, cut - 1)
