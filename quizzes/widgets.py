"""Form widgets of the item bank."""

from typing import Any

from django import forms
from django.forms.widgets import Script
from django.urls import reverse
from django.utils.translation import gettext_lazy as _


class PlaceInput(forms.Textarea):
    """An outline or a point on the item's figure: typed here, or drawn on the board that board.js puts above a list of them."""

    words = {
        "choose": _("Choose a figure above; then draw on it here."),
        "outlines": _("Draw the regions on the figure"),
        "points": _("Put the pins on the figure"),
        "which": _("Which one"),
        "outline": _("Region {n}"),
        "point": _("Pin {n}"),
        "ellipse": _("Ellipse: drag"),
        "polygon": _("Polygon: click each corner"),
        "shape": _("Shape"),
        "undo": _("Take back the last corner"),
        "clear": _("Clear"),
        "hint_outline": _(
            "Drag an ellipse, or click the corners of a polygon one after the other; drag a round handle to move it. "
            "Or type: ellipse 0.5,0.5 0.1,0.2 (centre, half-axes) or polygon 0.1,0.1 0.3,0.1 0.2,0.4, in shares of the figure's width and height."
        ),
        "hint_point": _(
            "Click where the pin stands. Or type its place, such as 0.42,0.17, in shares of the figure's width and height."
        ),
    }

    def __init__(self, kind: str, attrs: dict[str, Any] | None = None) -> None:
        self.kind = kind
        super().__init__({"rows": 2, "spellcheck": "false", **(attrs or {})})

    def build_attrs(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        said = {f"data-word-{name}": str(word) for name, word in self.words.items()}
        figures = reverse("quizzes-figure", args=[0])
        attrs = super().build_attrs(*args, **kwargs)
        return {**attrs, "data-place": self.kind, "data-figures": figures, **said}

    @property
    def media(self) -> forms.Media:
        return forms.Media(
            css={"all": ["palpate/figures.css", "quizzes/board.css"]},
            js=[Script("quizzes/board.js", type="module")],  # type: ignore[list-item]
        )
