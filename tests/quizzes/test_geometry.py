"""Regions that authors draw on pictures."""

import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from quizzes.geometry import (
    CORNERS_MAX,
    contains,
    faults,
    inner_point,
    overlap,
    point_of,
    region_of,
)


def polygon(*points):
    return {"shape": "polygon", "points": [list(point) for point in points]}


def ellipse(x, y, rx, ry):
    return {"shape": "ellipse", "x": x, "y": y, "rx": rx, "ry": ry}


SQUARE = polygon((0.2, 0.2), (0.6, 0.2), (0.6, 0.6), (0.2, 0.6))
HOOK = polygon((0.1, 0.1), (0.9, 0.1), (0.9, 0.9), (0.8, 0.9), (0.8, 0.2), (0.1, 0.2))


@pytest.mark.parametrize(
    ("region", "word"),
    [
        (None, "Draw a region"),
        ([], "Draw a region"),
        ({"shape": "star"}, "Draw a region"),
        ({"shape": "ellipse", "x": 0.5}, "centre"),
        (ellipse(0.5, 0.5, math.nan, 0.1), "0 to 1"),
        (ellipse("0.5", 0.5, 0.1, 0.1), "0 to 1"),
        (ellipse(0.95, 0.5, 0.1, 0.1), "beyond the picture"),
        (ellipse(0.5, 0.5, 0.001, 0.1), "too small"),
        ({"shape": "polygon", "points": "abc"}, "list of its corners"),
        (polygon((0.1, 0.1), (0.5, 0.5)), "three different corners"),
        (polygon((0.1, 0.1), (0.5, 0.1), (0.5, 0.1)), "three different corners"),
        (polygon((0.1, 0.1), (0.5, 0.1), (0.5, 0.5), (0.1, 0.1)), "each corner once"),
        (polygon((0.1, 0.1), (0.5, 0.5), (0.5, 0.1), (0.1, 0.5)), "crosses itself"),
        (polygon((0.1, 0.1), (0.5, 0.1), (0.3, 0.1)), "crosses itself"),
        (polygon((0.1, 0.1), (1.5, 0.1), (0.5, 0.5)), "on the picture"),
        (polygon((0.1, 0.1), (0.5, 0.1), (0.3, 0.105)), "too small"),
        ({"shape": "polygon", "points": [[0.1], [0.2, 0.3], [0.4, 0.5]]}, "two numbers"),
        (polygon(*((index / 2000, 0.5) for index in range(1000))), f"at most {CORNERS_MAX}"),
    ],
)
def test_what_is_no_region_is_refused_in_words(region, word):
    (sentence,) = faults(region)
    assert word in sentence and sentence.endswith(".")


@pytest.mark.parametrize("region", [SQUARE, HOOK, ellipse(0.5, 0.5, 0.5, 0.5)])
def test_a_sound_region_has_no_faults(region):
    assert faults(region) == []
    assert contains(region, *inner_point(region))


def test_the_edge_belongs_to_a_region():
    assert contains(SQUARE, 0.2, 0.4) and contains(SQUARE, 0.6, 0.6)
    assert contains(ellipse(0.5, 0.5, 0.2, 0.1), 0.7, 0.5)
    assert not contains(SQUARE, 0.61, 0.4)


def test_the_hollow_of_a_polygon_is_outside_it():
    assert not contains(HOOK, 0.4, 0.6)
    assert contains(HOOK, 0.85, 0.6)


@pytest.mark.parametrize(
    ("one", "other", "meet"),
    [
        (SQUARE, SQUARE, True),
        (SQUARE, polygon((0.6, 0.2), (0.8, 0.2), (0.8, 0.6), (0.6, 0.6)), False),  # they touch
        (SQUARE, polygon((0.2, 0.4), (0.6, 0.4), (0.6, 0.8), (0.2, 0.8)), True),  # edges in line
        (SQUARE, polygon((0.3, 0.3), (0.4, 0.3), (0.4, 0.4)), True),  # one inside the other
        (SQUARE, ellipse(0.4, 0.4, 0.05, 0.05), True),
        (SQUARE, ellipse(0.8, 0.8, 0.1, 0.1), False),
        (HOOK, ellipse(0.4, 0.6, 0.2, 0.2), False),  # in the hollow
    ],
)
def test_regions_overlap_where_they_share_an_area(one, other, meet):
    assert overlap(one, other) is meet
    assert overlap(other, one) is meet


fractions = st.floats(0, 1, allow_nan=False)


@st.composite
def regions(draw):
    """A star-shaped polygon or an ellipse, somewhere on the picture."""
    x, y = draw(st.floats(0.25, 0.75)), draw(st.floats(0.25, 0.75))
    if draw(st.booleans()):
        return ellipse(x, y, draw(st.floats(0.02, 0.25)), draw(st.floats(0.02, 0.25)))
    corners = draw(st.integers(3, 12))
    reach = draw(st.lists(st.floats(0.05, 0.25), min_size=corners, max_size=corners))
    turns = [2 * math.pi * index / corners for index in range(corners)]
    return polygon(
        *((x + r * math.cos(t), y + r * math.sin(t)) for r, t in zip(reach, turns, strict=True))
    )


@given(regions())
def test_the_inner_point_lies_inside(region):
    assume(faults(region) == [])
    assert contains(region, *inner_point(region))


@given(regions(), st.floats(0.01, 0.2), st.floats(0.01, 0.2))
def test_a_region_overlaps_whatever_is_drawn_around_its_inner_point(region, rx, ry):
    assume(faults(region) == [])
    other = ellipse(*inner_point(region), rx, ry)
    assume(faults(other) == [])
    assert overlap(region, other) and overlap(other, region)


@given(regions(), st.data())
def test_regions_apart_do_not_overlap(region, data):
    assume(faults(region) == [])
    points = region.get("points") or [[region["x"] - region["rx"], 0]]
    left = min(x for x, _y in points)
    assume(left > 0.05)
    other = ellipse(left / 2, data.draw(st.floats(0.2, 0.8)), left / 2.2, 0.1)
    assert not overlap(region, other) and not overlap(other, region)


@given(st.lists(st.tuples(fractions, fractions), max_size=70))
def test_any_list_of_points_is_judged(points):
    region = polygon(*points)
    if faults(region) == []:
        assert contains(region, *inner_point(region))
    else:
        assert all(sentence.endswith(".") for sentence in faults(region))


# As authors write them


def test_a_region_is_read_as_authors_write_it():
    assert region_of("ellipse 0.5,0.5  0.1,0.2") == ellipse(0.5, 0.5, 0.1, 0.2)
    assert region_of(" polygon 0.1,0.1 0.3,0.1\n0.2,0.4 ") == polygon(
        (0.1, 0.1), (0.3, 0.1), (0.2, 0.4)
    )
    assert point_of(" 0.42,0.17 ") == (0.42, 0.17)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("", "Begin with"),
        ("circle 0.5,0.5 0.1,0.1", "Begin with"),
        ("ellipse", "centre and its half-axes"),
        ("ellipse 0.5,0.5 0.1,0.1 0.1,0.1", "centre and its half-axes"),
        ("ellipse 0.5 0.1", "two numbers"),
        ("ellipse 0.5,0.5 nan,0.1", "0 to 1"),
        ("polygon a,b", "two numbers"),
        ("polygon 0.1,0.1 0.5,0.5 0.5,0.1 0.1,0.5", "crosses itself"),
        ("polygon " + "0.1,0.1 " * 1000, "at most"),
        ("polygon " + "9" * 5000 + ",1 0,0 1,1", "from 0 to 1"),
    ],
)
def test_what_cannot_be_read_as_a_region_is_refused_in_words(text, word):
    with pytest.raises(ValueError, match=word):
        region_of(text)


@pytest.mark.parametrize("text", ["", "0.5", "1.5,0.5", "-0.1,0.5", "nan,0.5", "0.1,0.2,0.3"])
def test_what_cannot_be_read_as_a_point_is_refused_in_words(text):
    with pytest.raises(ValueError, match="point"):
        point_of(text)


@given(st.text())
def test_any_text_is_read_or_refused(text):
    for read in (region_of, point_of):
        try:
            read(text)
        except ValueError as refusal:
            assert len(str(refusal)) < 200
