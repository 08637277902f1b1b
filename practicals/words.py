"""What decision.py gives as codes with values, in the reader's language. A stored result of before (schema 1) has sentences: they stay as they are.

Staff read percentages of stations, and which findings a critical one is, by code; a candidate the competences it touches, never a line of the
checklist.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

Said = dict[str, Any] | str


def say_all(
    reasons: Iterable[Said], rulings: Mapping[str, str], *, staff: bool = False
) -> list[str]:
    return [say(reason, rulings, staff=staff) for reason in reasons]


def say(reason: Said, rulings: Mapping[str, str] | None = None, *, staff: bool = False) -> str:
    """One reason as a sentence. `rulings` are a chief examiner's words, by station."""
    if isinstance(reason, str):
        return reason
    if reason["code"] == "ruled":
        return _ruled(reason, rulings or {})
    if reason["code"] == "annulled":
        return _annulled(reason, rulings or {})
    if reason["code"] == "critical":
        return _critical(reason, staff)
    if reason["code"] == "below" and not staff:
        return _below(reason)
    return SENTENCES[reason["code"]](reason)


def _ruled(reason: dict[str, Any], rulings: Mapping[str, str]) -> str:
    text = rulings.get(reason["station"])
    if not text:
        return _("A chief examiner decided station %(station)s, %(title)s.") % reason
    return _("A chief examiner decided station %(station)s, %(title)s: %(text)s") % {
        **reason,
        "text": text,
    }


def _annulled(reason: dict[str, Any], rulings: Mapping[str, str]) -> str:
    said = _("Station %(station)s, %(title)s, was annulled and does not count.") % reason
    text = rulings.get(reason["station"])
    return f"{said} {text}" if text else said


def _incomplete(reason: dict[str, Any]) -> str:
    count = len(reason["stations"])
    return ngettext(
        "%(count)s station is to be sat again (%(where)s); then the whole is decided.",
        "%(count)s stations are to be sat again (%(where)s); then the whole is decided.",
        count,
    ) % {"count": count, "where": ", ".join(reason["stations"])}


def _critical(reason: dict[str, Any], staff: bool) -> str:
    sentence = (
        _("A critical finding is confirmed at station %(station)s, %(title)s%(which)s.")
        if reason["confirmed"]
        else _("A critical finding was recorded at station %(station)s, %(title)s%(which)s.")
    )
    which = reason["findings"] if staff else [competence(name) for name in reason["competences"]]
    said = sentence % {**reason, "which": f" ({', '.join(which)})" if which else ""}
    return f"{said} {_('It fails the station.')}"


def _below(reason: dict[str, Any]) -> str:
    """A candidate reads bands of stations, not percentages (R29)."""
    return (
        _("You did not reach the %(cut)s percent that station %(station)s, %(title)s, needs.")
        % reason
    )


def _stations(reason: dict[str, Any]) -> str:
    passed = _("You passed %(passed)s of %(of)s stations;") % reason
    least = ngettext(
        "at least %(least)s is needed.", "at least %(least)s are needed.", reason["least"]
    )
    return f"{passed} {least % reason}"


def _held(reason: dict[str, Any]) -> str:
    count = len(reason["stations"])
    return ngettext(
        "%(count)s station is with a chief examiner: %(where)s.",
        "%(count)s stations are with a chief examiner: %(where)s.",
        count,
    ) % {"count": count, "where": ", ".join(reason["stations"])}


SENTENCES: dict[str, Callable[[dict[str, Any]], str]] = {
    "apart": lambda reason: (
        _(
            "The two examiners differ by %(points)s points on station %(station)s, %(title)s; more than %(limit)s is decided by a chief examiner."
        )
        % reason
    ),
    "critical_disagreement": lambda reason: (
        _(
            "The two examiners disagree on a critical finding at station %(station)s, %(title)s; a chief examiner decides whether it is confirmed."
        )
        % reason
    ),
    "split": lambda reason: (
        _(
            "One examiner passes station %(station)s, %(title)s, and the other does not; a chief examiner decides."
        )
        % reason
    ),
    "below": lambda reason: (
        _("%(percent)s percent were reached at station %(station)s, %(title)s; %(cut)s is needed.")
        % reason
    ),
    "passed": lambda reason: _("You passed station %(station)s, %(title)s.") % reason,
    "stations": _stations,
    "total": lambda reason: (
        _("Your total over all stations is %(percent)s percent; %(cut)s is needed.") % reason
    ),
    "held": _held,
    "incomplete": _incomplete,
    "critical_anywhere": lambda reason: (
        _("With a confirmed critical finding (%(where)s) the practical is not passed.")
        % {"where": ", ".join(reason["stations"])}
    ),
}


def competence(name: str) -> str:
    """A competence as people read it; one nobody has translated stands as it is written."""
    return str(COMPETENCES.get(name, name))


COMPETENCES = {
    "aftercare": gettext_lazy("aftercare"),
    "assessment": gettext_lazy("assessment"),
    "communication": gettext_lazy("communication"),
    "draping": gettext_lazy("draping"),
    "hygiene": gettext_lazy("hygiene"),
    "mechanics": gettext_lazy("body mechanics"),
    "reasoning": gettext_lazy("reasoning"),
    "record": gettext_lazy("the record"),
    "safety": gettext_lazy("safety"),
    "technique": gettext_lazy("technique"),
}
