"""Equivalent education, compared part by part with what the scheme asks. Pure: values in, values out.

A scheme's requirement names parts: `[{"code": "clinic", "title": "Supervised clinic", "hours": 60}]`. The applicant claims hours for each and
says where the document shows them; the reviewer decides on each and counts hours. The whole is met when every part is.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

MET, NOT_MET, MORE = "met", "not_met", "more_information"
OUTCOMES = (MET, MORE, NOT_MET)
MOST_HOURS = 9999


@dataclass(frozen=True)
class Compared:
    """One part: what is asked, claimed and counted, and what was decided (empty: nothing yet)."""

    code: str
    title: str
    needed: int
    claimed: int | None
    where: str
    counted: int | None
    outcome: str

    @property
    def missing(self) -> int:
        """Hours that are still to be shown, from what was counted, else from what is claimed."""
        shown = self.counted if self.counted is not None else self.claimed
        return max(self.needed - (shown or 0), 0)


def compare(
    parts: Sequence[Mapping[str, Any]], claimed: Mapping[str, Any], counted: Mapping[str, Any]
) -> list[Compared]:
    rows = []
    for part in parts:
        claim, count = claimed.get(part["code"], {}), counted.get(part["code"], {})
        rows.append(
            Compared(
                part["code"],
                part["title"],
                part["hours"],
                claim.get("hours"),
                claim.get("where", ""),
                count.get("hours"),
                count.get("outcome", ""),
            )
        )
    return rows


def problems(
    parts: Sequence[Mapping[str, Any]], counted: Mapping[str, Any], outcome: str
) -> dict[str, str]:
    """What keeps a decision on the whole from being made: by code of a part, "undecided", "too_few" or "not_met"."""
    found = {}
    for row in compare(parts, {}, counted):
        if row.outcome not in OUTCOMES:
            found[row.code] = "undecided"
        elif row.outcome == MET and (row.counted or 0) < row.needed:
            found[row.code] = "too_few"
        elif outcome == MET and row.outcome != MET:
            found[row.code] = "not_met"
    return found
