"""The colours of tokens.css: text 5.5 : 1 on every surface it stands on, borders of controls and focus rings 3 : 1, light and dark."""

import re
from pathlib import Path

import pytest

TOKENS = Path(__file__).parent.parent / "cms/static/palpate/css/tokens.css"
PAIRS = {
    name: (light, dark)
    for name, light, dark in re.findall(
        r"--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)", TOKENS.read_text()
    )
}
SURFACES = ("paper", "raised", "sunk", "picked")
TEXT = ("ink", "muted", "action", "accent", "pass", "caution", "stop")


def rgb(value: str) -> tuple[float, ...]:
    return tuple(int(value[at : at + 2], 16) / 255 for at in (1, 3, 5))


def colour(name: str, scheme: int) -> tuple[float, ...]:
    if (
        name == "picked"
    ):  # color-mix(8% action, raised); mixed in sRGB, which is darker than in oklab here
        over, under = (rgb(PAIRS[each][scheme]) for each in ("action", "raised"))
        return tuple(0.08 * a + 0.92 * b for a, b in zip(over, under, strict=True))
    return rgb(PAIRS[name][scheme])


def luminance(channels: tuple[float, ...]) -> float:
    red, green, blue = (
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str, scheme: int) -> float:
    low, high = sorted(luminance(colour(name, scheme)) for name in (one, other))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("surface", SURFACES)
@pytest.mark.parametrize("text", TEXT)
def test_text(text: str, surface: str, scheme: int):
    assert contrast(text, surface, scheme) >= 5.5


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("on", ["action", "stop"])
def test_text_on_filled_controls(on: str, scheme: int):
    assert contrast("on-action", on, scheme) >= 5.5


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("surface", SURFACES)
@pytest.mark.parametrize("line", ["line", "action"])
def test_borders_and_focus_rings(line: str, surface: str, scheme: int):
    assert contrast(line, surface, scheme) >= 3
