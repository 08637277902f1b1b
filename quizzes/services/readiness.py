"""What an item still lacks before anybody reviews or approves it (R17), and how it stands to the contested claims (R19)."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from courses.bank.evidence import claims_near as claims_near
from courses.bank.evidence import evidence_lacking
from courses.services import claim_rules, lint_claims
from quizzes.asserted import asserted
from quizzes.frozen import freeze
from quizzes.models import Item

# Which field of the editor a part of a question is written in.
FIELDS = {"stimulus": "stimulus", "stem": "stem", "key": "body", "rationales": "body"}
# Said as true, these are refused in a key; X is refused wherever it is said.
NOT_KEYED = ("X", "Q")

Lacks = dict[str, list[str]]


def lacks_of(item: Item, *, at: datetime) -> Lacks:
    """What keeps a draft from its review, field by field; empty when it is ready."""
    lacks: Lacks = {}
    for field, sentence in _lacking(item, at):
        lacks.setdefault(field, []).append(sentence)
    return lacks


def _lacking(item: Item, at: datetime) -> Iterator[tuple[str, str]]:
    if not item.domain_id:
        yield "domain", _("Say which domain it belongs to.")
    if not item.level:
        yield "level", _("Say which cognitive level it asks.")
    if not item.stem.strip():
        yield "stem", _("Ask something.")
    yield from evidence_lacking(item, at)
    if item.figure and not item.figure.alt.strip():
        yield "figure", _("The figure has no alternative text. Write it with the figure.")
    yield from _body_lacks(item)


def _body_lacks(item: Item) -> Iterator[tuple[str, str]]:
    if not item.body:
        yield "body", _("Choose a type of answer and write it.")
        return
    try:
        item.clean()
        item.body.stream_block.clean(item.body)
    except ValidationError as error:
        named = getattr(error, "error_dict", {"body": [error]})
        for field, errors in named.items():
            for sentence in dict.fromkeys(said for part in errors for said in sentences_of(part)):
                yield field, sentence
        return
    content = freeze(item, keep_media=False)
    if not all(reason.strip() for reason in _reasons(content)):
        yield "body", _("Give the reason for each option.")
    yield from _stated(content)


def _reasons(content: Any) -> Iterator[str]:
    """Every rationale of a version, however deep its type puts it."""
    if isinstance(content, Mapping):
        for name, value in content.items():
            if name == "rationales" and isinstance(value, Mapping):
                yield from map(str, value.values())
            else:
                yield from _reasons(value)
    elif isinstance(content, list):
        for entry in content:
            yield from _reasons(entry)


def _stated(content: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """A contested claim stated as true."""
    rules = claim_rules()
    for part, text in asserted(content).items():
        refused = NOT_KEYED if part == "key" else ("X",)
        for finding in lint_claims(text, rules):
            if finding.status in refused:
                yield (
                    FIELDS[part],
                    _("%(finding)s. Test it as a mistake, or say what is known.")
                    % {"finding": finding},
                )


def texts_of(item: Item) -> list[str]:
    """All that an item says in words."""
    words = [item.stimulus, item.stem]
    if item.body:
        words += _strings(item.body.get_prep_value())
    return [text for text in words if text]


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for name, entry in value.items():
            if name not in ("id", "type"):
                yield from _strings(entry)
    elif isinstance(value, list):
        for entry in value:
            yield from _strings(entry)


def sentences_of(error: Any) -> Iterable[str]:
    """Every sentence of a validation error, however deep a block has put it."""
    if hasattr(error, "non_block_errors"):
        for part in [*error.non_block_errors.as_data(), *error.block_errors.values()]:
            yield from sentences_of(part)
    elif hasattr(error, "error_dict"):
        for name, parts in error.message_dict.items():
            yield from (part if name == "__all__" else f"{name}: {part}" for part in parts)
    else:
        yield from error.messages
