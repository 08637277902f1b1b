"""Drawings that authors hand in, made fit to stand inside a page. Pure: text in, text out.

An SVG inside a page is part of it: it could run scripts, load from elsewhere and paint over everything. What is not on these lists goes.
"""

from functools import lru_cache

from lxml import etree

SVG = "{http://www.w3.org/2000/svg}"
ELEMENTS = frozenset({
    "svg", "g", "path", "rect", "circle", "ellipse", "line", "polyline", "polygon", "text", "tspan", "title", "desc", "defs",
    "clipPath", "mask", "pattern", "use", "symbol", "marker", "linearGradient", "radialGradient", "stop",
})  # fmt: skip
ATTRIBUTES = frozenset({
    "viewBox", "preserveAspectRatio", "width", "height", "x", "y", "x1", "x2", "y1", "y2", "cx", "cy", "r", "rx", "ry", "fx", "fy",
    "d", "points", "dx", "dy", "rotate", "transform", "class", "id", "role", "aria-label", "aria-labelledby", "aria-describedby",
    "aria-hidden", "fill", "fill-opacity", "fill-rule", "stroke", "stroke-width", "stroke-linecap", "stroke-linejoin", "stroke-dasharray",
    "stroke-dashoffset", "stroke-miterlimit", "stroke-opacity", "opacity", "clip-path", "clip-rule", "mask", "marker-start",
    "marker-mid", "marker-end", "text-anchor", "dominant-baseline", "font-size", "font-style", "font-weight", "offset", "stop-color",
    "stop-opacity", "gradientUnits", "gradientTransform", "patternUnits", "patternTransform", "clipPathUnits", "maskUnits",
    "markerWidth", "markerHeight", "refX", "refY", "orient", "textLength", "lengthAdjust", "vector-effect", "href",
})  # fmt: skip
MAX_LENGTH = 400_000


class NotADrawing(ValueError):
    """The text is no SVG, or larger than a drawing may be."""


def _parsed(text: str) -> etree._Element:
    if len(text) > MAX_LENGTH:
        raise NotADrawing(f"The drawing is longer than {MAX_LENGTH:,} characters; simplify it.")
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(text.encode(), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise NotADrawing(f"The drawing is not well-formed: {error}.") from error
    if root.tag != f"{SVG}svg":
        raise NotADrawing(
            'The drawing does not begin with <svg xmlns="http://www.w3.org/2000/svg">.'
        )
    return root


def _keeps(name: str, value: str) -> bool:
    """Whether an attribute stays: listed, and pointing nowhere but into the drawing itself."""
    plain = value.strip().lower()
    if name == "href":
        return plain.startswith("#")
    if "url(" in plain:
        return plain.startswith("url(#") and plain.count("(") == 1
    return name in ATTRIBUTES


def _clean(element: etree._Element) -> None:
    for child in list(element):
        local = child.tag.removeprefix(SVG) if isinstance(child.tag, str) else ""
        if local not in ELEMENTS:
            element.remove(child)
        else:
            _clean(child)
    for name, value in list(element.attrib.items()):
        if not _keeps(name, value):
            del element.attrib[name]


def findings(text: str) -> list[str]:
    """What keeps a text from being a drawing of ours, as sentences; empty when nothing does."""
    try:
        root = _parsed(text)
    except NotADrawing as error:
        return [str(error)]
    return [] if root.get("viewBox") else ["The drawing has no viewBox, so it cannot be sized."]


@lru_cache(maxsize=64)
def sanitised(text: str) -> str:
    """The drawing with everything that could act or load taken out; empty when it is none."""
    try:
        root = _parsed(text)
    except NotADrawing:
        return ""
    _clean(root)
    etree.cleanup_namespaces(root)
    return etree.tostring(root, encoding="unicode", with_tail=False)
