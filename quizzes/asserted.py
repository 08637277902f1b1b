"""What a question states as true, part by part, for the contested-claims linter. Pure: a version's content in, texts out.

A wrong option states nothing: it is there to be wrong. A key states what it says, unless the question asks for what is not so; a question
that is left open and its key are one statement. True or false states its stem only when the key says so.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

# A stem that asks for the exception: its key is somebody's mistake, tested as one.
ASKS_FOR_WRONG = re.compile(
    r"\b(?:not|never|except|least|myths?|false|incorrect|wrong|mistak\w*|misconception\w*|mislead\w*|unsupported|unproven|unsafe"
    r"|overstat\w*|contradict\w*|avoid|refuse|without|no longer|too (?:much|far))\b|n[’']t\b",
    re.IGNORECASE,
)


def asserted(content: Mapping[str, Any]) -> dict[str, str]:
    """`{"stimulus"|"stem"|"key"|"rationales": text}`, the parts that say something. Nested questions (a case's parts) count to the same parts."""
    said: dict[str, list[str]] = {}
    for part, text in _walk(content):
        if text.strip():
            said.setdefault(part, []).append(text.strip())
    return {part: "\n\n".join(texts) for part, texts in said.items()}


def _walk(content: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    stem = str(content.get("stem", ""))
    yield "stimulus", str(content.get("stimulus", ""))
    if content.get("type") != "truefalse":
        yield "stem", stem
    elif content["key"].get("choice") == "true":
        yield "key", stem
    if not ASKS_FOR_WRONG.search(stem):
        for text in _keyed(content):
            yield "key", text
            if stem and not stem.rstrip().endswith(("?", ".")):
                yield "key", f"{stem.rstrip(' :…')} {text}"
    for reason in content.get("rationales", {}).values():
        yield "rationales", str(reason)
    chosen = (content.get("key") or {}).get("parts", {})
    for part in content.get("parts", ()):
        yield from _walk({"key": {"choice": chosen.get(part.get("id"))}, **part})


def _keyed(content: Mapping[str, Any]) -> Iterable[str]:
    """The texts of the right answer."""
    key = content.get("key") or {}
    if not isinstance(key, Mapping) or content.get("type") == "truefalse":
        return
    entries = [*content.get("options", ()), *content.get("targets", ())]
    texts = {entry["id"]: str(entry.get("text", "")) for entry in entries}
    chosen = [key["choice"]] if "choice" in key else key.get("choices", key.get("order", ()))
    yield from (texts[name] for name in chosen if name in texts)
    pairs = key.get("pairs", {})
    if isinstance(pairs, Mapping):
        for left, right in pairs.items():
            yield f"{texts.get(left, '')} {texts.get(right, '')}"
    yield from content.get("scoring", {}).get("accept", ())
