"""How each type that is worth a part is marked, in one sentence: the author and the candidate read the same."""

from typing import Any

from django.utils.translation import gettext_lazy as _

RULES: dict[str, Any] = {
    "multiple": _("All or nothing: every right option is chosen, and no other."),
    "order": _("Each step that stands right behind the one it follows earns an equal share."),
    "match": _("Each right pair earns an equal share."),
    "hotspot": _("All or nothing: the marker lies on the right place."),
    "label": _("Each pin with its right label earns an equal share. No label fits two pins."),
    "extended": _(
        "Each right answer earns an equal share. An option may be used more than once, or not at all."
    ),
    "case": _("Each question of the case is worth one point, whatever the others earn."),
    "essay": _(
        "In an examination two people mark it by its rubric, not knowing whose it is; in practice you compare it with a model answer."
    ),
}
