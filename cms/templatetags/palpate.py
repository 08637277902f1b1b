"""Tags and filters of our templates: `{% load palpate %}`. See cms/templates/README.md."""

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import template
from django.forms import (
    BoundField,
    CheckboxInput,
    CheckboxSelectMultiple,
    FileInput,
    RadioSelect,
    Textarea,
)
from django.utils import timezone
from django.utils.dateformat import format as date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from cms.icons import ICONS

register = template.Library()

# The shape a kind of status is drawn with: full disc, half disc, diamond, ring.
SHAPES = {
    "active": "active", "done": "done", "pass": "pass", "passed": "pass", "met": "done", "accepted": "done", "valid": "active",
    "suspended": "suspended", "due": "due", "held": "held", "incomplete": "held", "annulled": "held", "reduced": "held", "scope_reduced": "held", "partial": "held", "soon": "due",
    "revoked": "revoked", "fail": "fail", "failed": "fail", "overdue": "overdue", "rejected": "fail", "refused": "fail",
    "now": "now", "open": "now", "running": "now",
    "expired": "expired", "lapsed": "expired", "surrendered": "expired", "deceased": "expired", "draft": "draft", "waiting": "waiting",
}  # fmt: skip


@register.simple_tag
def icon(name: str, size: str = "", label: str = "") -> SafeString:
    """`{% icon "check" %}`, `{% icon "clock" "s" %}` (18 px), `{% icon "star" label="Critical line" %}` (else it is decoration)."""
    drawing = mark_safe(ICONS[name])  # noqa: S308 our own constants
    said = (
        format_html('role="img" aria-label="{}"', label)
        if label
        else mark_safe('aria-hidden="true"')
    )
    return format_html(
        '<svg class="icon{}" viewBox="0 0 24 24" {}>{}</svg>',
        f" {size}" if size else "",
        said,
        drawing,
    )


@register.inclusion_tag("includes/status.html")
def status(kind: str, word: str = "") -> dict[str, Any]:
    """`{% status "active" "Active" %}`: always a word and a shape. An unknown kind is drawn as a ring."""
    return {
        "shape": SHAPES.get(str(kind).lower(), "waiting"),
        "word": word or str(kind).replace("_", " ").capitalize(),
    }


@register.inclusion_tag("includes/field.html")
def field(
    bound: BoundField,
    label: str = "",
    hint: str = "",
    width: str = "",
    legend_class: str = "",
    **attrs: Any,
) -> dict[str, Any]:
    """`{% field form.x %}`, with `label=`, `hint=`, `width="s"` and any attribute of the input, e.g. `autocomplete="name"`."""
    widget = bound.field.widget
    kind = "row" if isinstance(widget, CheckboxInput) else "plain"
    if isinstance(widget, RadioSelect | CheckboxSelectMultiple):
        kind = "rows"
    elif kind == "plain" and widget.use_fieldset:
        kind = "group"
    auto_id, hint = bound.auto_id or bound.html_name, hint or str(bound.help_text)
    described = [f"{auto_id}_hint"] * bool(hint) + [f"{auto_id}_error"] * bool(bound.errors)
    classes = [widget.attrs.get("class", ""), f"w-{width}" if width else ""]
    attrs = {name.replace("_", "-"): value for name, value in attrs.items()}
    attrs |= {"class": " ".join(filter(None, classes)) or False}
    if isinstance(widget, Textarea) and widget.attrs.get("rows") == "10":  # Django's own default
        attrs.setdefault("rows", 5)
    if kind in ("plain", "row"):
        attrs["aria-describedby"] = " ".join(described) or False
        if bound.errors:
            attrs["aria-invalid"] = "true"
    shown = ""
    if not bound.is_hidden and kind != "rows":
        shown = bound.as_widget(attrs=attrs)
    return {
        "field": bound,
        "kind": kind,
        "control": shown,
        "label": label or bound.label,
        "hint": hint,
        "auto_id": auto_id,
        "described": " ".join(described),
        "optional": not bound.field.required
        and kind != "row"
        and not isinstance(widget, FileInput),
        "legend_class": legend_class,
    }


@register.filter
def focus_id(bound: BoundField) -> str:
    """The id a link in the error summary leads to: the first control of the field."""
    auto_id = bound.auto_id or bound.html_name
    if isinstance(bound.field.widget, RadioSelect | CheckboxSelectMultiple):
        return f"{auto_id}_0"
    return bound.id_for_label or auto_id


@register.simple_tag(takes_context=True)
def current(context: template.Context, url: str, said: Any = None, also: str = "") -> SafeString:
    """`{% current item.url item.current %}`: ` aria-current="page"` for this page, `"true"` for what contains it or, with
    `also="/apply/ /appointments/"`, for pages that belong to it though their address does not begin with its own.
    """
    path = getattr(context.get("request"), "path", "")
    if said is False:
        return mark_safe("")
    if said is True or path == url:
        return mark_safe(' aria-current="page"')
    if path and url != "/" and url.startswith("/") and path.startswith((url, *also.split())):
        return mark_safe(' aria-current="true"')
    return mark_safe("")


@register.filter
def day(value: date | datetime | None) -> str:
    """23 November 2026, of a moment in the current zone. Day and month stay on one line."""
    if not value:
        return ""
    if isinstance(value, datetime) and timezone.is_aware(value):
        value = timezone.localtime(value)
    return date_format(value, "j\u00a0F Y")


@register.filter
def moment(value: datetime | None, zone: str | ZoneInfo | None = None) -> str:
    """23 Nov 2026, 10:42:07 UTC, in the given zone (`|moment:"Europe/London"`) or the current one. Day and month stay on one line."""
    if not value:
        return ""
    if timezone.is_aware(value):
        value = timezone.localtime(
            value, ZoneInfo(zone) if isinstance(zone, str) and zone else zone or None
        )
    return date_format(value, "j\u00a0M Y, H:i:s\u00a0T").strip()


@register.filter
def nbsp(value: Any) -> str:
    """The same text, never broken between its words."""
    return str(value).replace(" ", "\u00a0")


@register.filter
def sentences(value: Any) -> str:
    """One text of one message or of several."""
    return " ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
