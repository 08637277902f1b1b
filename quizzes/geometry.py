"""Regions on a picture. Pure. Coordinates are fractions of its width and height, from its upper left corner.

A region is `{"shape": "ellipse", "x", "y", "rx", "ry"}` (centre and half-axes) or `{"shape": "polygon", "points": [[x, y], …]}`.
Authors write it as `ellipse 0.5,0.5 0.1,0.2` or `polygon 0.1,0.1 0.3,0.1 0.2,0.4`; a drawing board writes the same.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

Point = tuple[float, float]
Region = Mapping[str, Any]

CORNERS_MAX = 60
LEAST = 0.02  # of the picture's width and height: less cannot be hit
ROUND = 64  # corners that stand for an ellipse where two regions are compared
_NEAR = 1e-9


def region_of(text: str) -> Region:
    """What an author wrote as a region. Raises ValueError with a sentence for anything else."""
    shape, *pairs = text.split()[: CORNERS_MAX + 2] or [""]
    if len(pairs) > CORNERS_MAX:
        raise ValueError(f"A polygon has at most {CORNERS_MAX} corners.")
    if shape not in ("ellipse", "polygon"):
        raise ValueError("Begin with “ellipse” or “polygon”, or draw on the picture.")
    points = [_pair(pair) for pair in pairs]
    if shape == "polygon":
        region: Region = {"shape": shape, "points": [list(point) for point in points]}
    elif len(points) == 2:
        (x, y), (rx, ry) = points
        region = {"shape": shape, "x": x, "y": y, "rx": rx, "ry": ry}
    else:
        raise ValueError(
            "Write an ellipse as its centre and its half-axes: ellipse 0.5,0.5 0.1,0.2"
        )
    for sentence in faults(region):
        raise ValueError(sentence)
    return region


def point_of(text: str) -> Point:
    """What an author wrote as a point. Raises ValueError with a sentence for anything else."""
    point = _pair(text.strip())
    if not all(map(is_fraction, point)):
        raise ValueError("The point lies outside the picture: both numbers are from 0 to 1.")
    return point


def _pair(text: str) -> Point:
    x, _comma, y = text.partition(",")
    try:
        return float(x), float(y)
    except ValueError:
        raise ValueError(
            f"Write a point as two numbers, such as 0.42,0.17; not “{text[:30]}”."
        ) from None


def is_fraction(value: Any) -> bool:
    """Whether a value is a number from 0 to 1."""
    return (
        isinstance(value, int | float)
        and not isinstance(value, bool)
        and math.isfinite(value)
        and 0 <= value <= 1
    )


def faults(region: Any) -> list[str]:
    """What keeps a value from being a region, as sentences; empty when nothing does."""
    if not isinstance(region, Mapping) or region.get("shape") not in ("ellipse", "polygon"):
        return ["Draw a region: an ellipse or a polygon."]
    return _ellipse_faults(region) if region["shape"] == "ellipse" else _polygon_faults(region)


def _ellipse_faults(region: Region) -> list[str]:
    if set(region) != {"shape", "x", "y", "rx", "ry"}:
        return ["An ellipse has a centre (x, y), a half-width and a half-height."]
    x, y, rx, ry = (region[name] for name in ("x", "y", "rx", "ry"))
    if not all(map(is_fraction, (x, y, rx, ry))):
        return ["The numbers of an ellipse lie from 0 to 1."]
    if x - rx < -_NEAR or x + rx > 1 + _NEAR or y - ry < -_NEAR or y + ry > 1 + _NEAR:
        return ["The ellipse reaches beyond the picture."]
    return _too_small(2 * rx, 2 * ry)


def _polygon_faults(region: Region) -> list[str]:
    points = region.get("points")
    if set(region) != {"shape", "points"} or not isinstance(points, list | tuple):
        return ["A polygon is a list of its corners."]
    if len(points) > CORNERS_MAX:
        return [f"A polygon has at most {CORNERS_MAX} corners; this one has {len(points)}."]
    if not all(isinstance(point, list | tuple) and len(point) == 2 for point in points):
        return ["Each corner of a polygon is two numbers, x and y."]
    if not all(is_fraction(value) for point in points for value in point):
        return ["Every corner of a polygon lies on the picture, from 0 to 1."]
    if len({tuple(point) for point in points}) < 3:
        return ["A polygon has at least three different corners."]
    if len({tuple(point) for point in points}) < len(points):
        return ["A polygon has each corner once."]
    if _crosses_itself([(float(x), float(y)) for x, y in points]):
        return ["The outline of the polygon crosses itself."]
    xs, ys = zip(*points, strict=True)
    return _too_small(max(xs) - min(xs), max(ys) - min(ys))


def _too_small(width: float, height: float) -> list[str]:
    if min(width, height) + _NEAR < LEAST:
        return [
            f"The region is too small to be hit: make it at least {LEAST:.0%} of the picture wide and high."
        ]
    return []


def _side(a: Point, b: Point, c: Point) -> float:
    """On which side of a→b lies c: positive, negative, or 0 on the line."""
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def _cross(a: Point, b: Point, c: Point, d: Point) -> bool:
    """Whether two edges cross, each passing from one side of the other to the other."""
    return _side(a, b, c) * _side(a, b, d) < -(_NEAR**2) and _side(c, d, a) * _side(c, d, b) < -(
        _NEAR**2
    )


def _meet(a: Point, b: Point, c: Point, d: Point) -> bool:
    """Whether two edges cross or touch."""
    return _cross(a, b, c, d) or any(
        _distance(point, *edge) < _NEAR
        for point, edge in ((a, (c, d)), (b, (c, d)), (c, (a, b)), (d, (a, b)))
    )


def _edges(points: Sequence[Point]) -> list[tuple[Point, Point]]:
    return list(pairwise([*points, points[0]]))


def _crosses_itself(points: Sequence[Point]) -> bool:
    edges = _edges(points)
    last = len(edges) - 1
    for first, (a, b) in enumerate(edges):
        for second in range(first + 1, len(edges)):
            c, d = edges[second]
            if second == first + 1 or (first, second) == (0, last):
                # Neighbours share a corner; they may not fold back upon each other.
                far, corner, near = (a, b, d) if second == first + 1 else (b, a, c)
                if abs(_side(far, corner, near)) < _NEAR and _towards(corner, far, near):
                    return True
            elif _meet(a, b, c, d):
                return True
    return False


def _towards(corner: Point, one: Point, other: Point) -> bool:
    """Whether both lie in the same direction from a corner."""
    return (one[0] - corner[0]) * (other[0] - corner[0]) + (one[1] - corner[1]) * (
        other[1] - corner[1]
    ) > 0


def _distance(point: Point, a: Point, b: Point) -> float:
    """From a point to an edge."""
    dx, dy = b[0] - a[0], b[1] - a[1]
    length = dx * dx + dy * dy
    along = ((point[0] - a[0]) * dx + (point[1] - a[1]) * dy) / length if length else 0
    along = min(1.0, max(0.0, along))
    return math.dist(point, (a[0] + along * dx, a[1] + along * dy))


def _outline(region: Region) -> list[Point]:
    if region["shape"] == "polygon":
        return [(float(x), float(y)) for x, y in region["points"]]
    turns = [2 * math.pi * step / ROUND for step in range(ROUND)]
    return [
        (
            region["x"] + region["rx"] * math.cos(turn),
            region["y"] + region["ry"] * math.sin(turn),
        )
        for turn in turns
    ]


def contains(region: Region, x: float, y: float) -> bool:
    """Whether a point lies in a region; its edge belongs to it."""
    if region["shape"] == "ellipse":
        across = (x - region["x"]) / region["rx"]
        down = (y - region["y"]) / region["ry"]
        return across * across + down * down <= 1 + _NEAR
    points = _outline(region)
    if any(_distance((x, y), *edge) < _NEAR for edge in _edges(points)):
        return True
    return any(left < x < right for left, right in _spans(points, y))


def _spans(points: Sequence[Point], y: float) -> list[tuple[float, float]]:
    """Where the horizontal line at `y` runs inside a polygon."""
    crossings = sorted(
        a[0] + (y - a[1]) * (b[0] - a[0]) / (b[1] - a[1])
        for a, b in _edges(points)
        if (a[1] <= y) != (b[1] <= y)
    )
    return list(zip(crossings[::2], crossings[1::2], strict=True))


def _slabs(*heights: float) -> Iterator[float]:
    """Halfway between each height and the next: between them no edge begins or ends."""
    for above, below in pairwise(sorted(set(heights))):
        yield (above + below) / 2


def inner_point(region: Region) -> Point:
    """A point well inside a region, to the ten-thousandth where that still lies inside."""
    if region["shape"] == "ellipse":
        return region["x"], region["y"]
    points = _outline(region)
    edges = _edges(points)
    inside = [
        ((left + right) / 2, y)
        for y in _slabs(*(point[1] for point in points))
        for left, right in _spans(points, y)
    ]
    middle = (
        sum(point[0] for point in points) / len(points),
        sum(point[1] for point in points) / len(points),
    )
    if contains(region, *middle):
        inside.append(middle)
    best = max(inside, key=lambda point: min(_distance(point, *edge) for edge in edges))
    rounded = (round(best[0], 4), round(best[1], 4))
    return rounded if contains(region, *rounded) else best


def overlap(one: Region, other: Region) -> bool:
    """Whether two regions have an area in common; they may touch."""
    first, second = _outline(one), _outline(other)
    if any(_cross(*a, *b) for a in _edges(first) for b in _edges(second)):
        return True
    return any(
        min(right, end) - max(left, start) > _NEAR
        for y in _slabs(*(point[1] for point in [*first, *second]))
        for left, right in _spans(first, y)
        for start, end in _spans(second, y)
    )
