"""The words of a page, an item or a checklist that stand there as true, for the linter of contested claims."""

from collections.abc import Iterator
from typing import Any

from django.db import models
from wagtail.fields import StreamField

from courses.services import claims_stated_in

# What is no statement of ours: choosers, codes, what others wrote or say.
NOT_OURS = frozenset(
    {
        "type",
        "id",
        "klass",
        "register",
        "claim",
        "figure",
        "film",
        "captions",
        "said",
        "code",
        "level",
    }
)
FIELDS_NOT_OURS = frozenset({"client_script", "reference", "search_description", "draft_title"})


def texts_of(thing: models.Model) -> Iterator[str]:
    """Every text of its fields and blocks; of a wrong option only the reason why it is wrong."""
    false_statement = _is_false_statement(thing)
    for field in thing._meta.get_fields():
        if isinstance(field, StreamField):
            yield from _leaves(getattr(thing, field.name).get_prep_value())
        elif _holds_words(field) and not (false_statement and field.name == "stem"):
            yield str(getattr(thing, field.name) or "")


def stated_by(thing: models.Model) -> list[str]:
    """A sentence for each contested claim that it states as true."""
    return [str(finding) for finding in claims_stated_in("\n\n".join(texts_of(thing)))]


def _holds_words(field: Any) -> bool:
    if field.name in FIELDS_NOT_OURS or not getattr(field, "editable", False):
        return False
    return field.name == "title" or isinstance(field, models.TextField)


def _is_false_statement(thing: Any) -> bool:
    """Whether it is a true-or-false question whose statement is false: that one may be a myth."""
    body = getattr(thing, "body", None)
    return bool(body and body[0].block_type == "truefalse" and not body[0].value["answer"])


def _leaves(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for entry in value:
            yield from _leaves(entry)
    elif isinstance(value, dict):
        if value.get("type") == "references":
            return
        wrong = value.get("correct") is False
        for key, entry in value.items():
            if key not in NOT_OURS and not (wrong and key == "text"):
                yield from _leaves(entry)
