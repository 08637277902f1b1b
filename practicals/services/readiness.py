"""What a station still lacks before anybody reviews or approves it (R17, R21), and how it stands to the contested claims (R19)."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from django.utils.translation import gettext as _

from courses.bank import evidence
from courses.bank.evidence import evidence_lacking
from courses.models import Claim
from courses.services import claims_stated_in
from practicals.models import Checklist

RATINGS = [1, 2, 3, 4, 5]

Lacks = dict[str, list[str]]


def lacks_of(checklist: Checklist, *, at: datetime) -> Lacks:
    """What keeps a draft from its review, field by field; empty when it is ready."""
    lacks: Lacks = {}
    for field, sentence in [
        *_words_lacking(checklist),
        *_lines_lacking(checklist),
        *_anchors_lacking(checklist),
        *_figures_lacking(checklist),
        *evidence_lacking(checklist, at),
        *_stated(checklist),
    ]:
        lacks.setdefault(field, []).append(sentence)
    return lacks


def _words_lacking(checklist: Checklist) -> Iterator[tuple[str, str]]:
    needed = {
        "candidate_instructions": _("Write what the candidate reads at the door."),
        "client_script": _("Write what the client model says, and what only if asked."),
        "equipment": _("List the equipment, one thing a line."),
    }
    for field, sentence in needed.items():
        if not getattr(checklist, field).strip():
            yield field, sentence
    if not checklist.minutes:
        yield "minutes", _("Say how many minutes it takes at the table.")


def _lines_lacking(checklist: Checklist) -> Iterator[tuple[str, str]]:
    lines = checklist.frozen_lines
    if not lines:
        yield "criteria", _("Write the lines that are scored.")
        return
    if not any(line["critical"] for line in lines):
        yield (
            "criteria",
            _("Mark at least one line with ★: what fails the station if it is missed."),
        )
    without = [line["code"] for line in lines if not line["competence"]]
    if without:
        yield (
            "criteria",
            _("Say which competence each line belongs to: %(codes)s have none.")
            % {"codes": ", ".join(without)},
        )
    empty = [line["code"] for line in lines if not line["text"].strip()]
    if empty:
        yield "criteria", _("Say what is observed on %(codes)s.") % {"codes": ", ".join(empty)}


def _anchors_lacking(checklist: Checklist) -> Iterator[tuple[str, str]]:
    own = [row["value"] for row in checklist.own_anchors]
    if own and own != RATINGS:
        yield "anchors", _("Say each rating from 1 to 5 once, or leave them all out.")


def _figures_lacking(checklist: Checklist) -> Iterator[tuple[str, str]]:
    for block in checklist.figures:
        figure = block.value["figure"]
        if figure is None:
            yield "figures", _("A figure was chosen that is not there any more. Choose another.")
        elif not figure.alt.strip() or not figure.credit.strip():
            yield (
                "figures",
                _("%(figure)s needs alternative text and a credit. Write them with the figure.")
                % {"figure": figure},
            )


def _stated(checklist: Checklist) -> Iterator[tuple[str, str]]:
    """A contested claim stated as true. What the client model says is no statement of ours."""
    parts = {
        "scenario": checklist.scenario,
        "candidate_instructions": checklist.candidate_instructions,
        "criteria": "\n\n".join(line["text"] for line in checklist.frozen_lines),
        "violations": "\n\n".join(block.value["text"] for block in checklist.violations),
        "anchors": "\n\n".join(row["text"] for row in checklist.own_anchors),
    }
    for field, text in parts.items():
        for finding in claims_stated_in(text):
            yield field, _("%(finding)s. Say what is known instead.") % {"finding": finding}


def texts_of(checklist: Checklist) -> list[str]:
    """All that a station says in words, the client's among them."""
    lines = [line["text"] for line in checklist.frozen_lines]
    violations = [block.value["text"] for block in checklist.violations]
    words = [checklist.scenario, checklist.candidate_instructions, checklist.client_script]
    return [text for text in [*words, *lines, *violations] if text]


def claims_near(checklist: Checklist, *, tagged: Iterable[Claim]) -> list[Claim]:
    """Claims that a station touches and is not tagged with. Two queries at most."""
    return evidence.claims_near(texts_of(checklist), tagged=tagged)
