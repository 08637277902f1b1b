"""Whether a text states as true what the register of contested claims says may not be stated. Pure: text and rules in, findings out.

A claim is looked for sentence by sentence with the register's own patterns. Each pattern lets go of sentences that deny, question or
quote; what stands in quotation marks is somebody's words, not ours, and is put aside first. It finds plain assertions. A person who
reviews remains necessary.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

# What a reader hears as one statement. An abbreviation's full stop would end it too early.
ABBREVIATIONS = re.compile(
    r"\b(e\.g|i\.e|etc|vs|cf|approx|no|fig|dr|mr|mrs|ms|st)\.(?=\s)", re.IGNORECASE
)
SENTENCE_END = re.compile(r"(?<=[.!?…])[\"”’')\]]*\s+(?=[\"“‘'(\[]?[A-Z0-9À-Þ])|\n\s*\n")
QUOTED = re.compile(r"“[^”]*”|\"[^\"\n]*\"|‘[^’\n]*’(?![a-z])")
MARKUP = re.compile(r"<[^>]+>|[*_`#]+|\]\([^)]*\)|\[")
LONGEST = 2_000
# What turns a claim into a denial, a question or a report of it.
HEDGES = re.compile(
    r"\b(?:no|not|never|nor|neither|nobody|nothing|cannot|without|myths?|whether|false|wrong|mistaken|misleading|unsupported|unproven"
    r"|disputed|contested|rather than|instead of|claim\w*|belie[fv]\w*|says?|said|saying|told|hears?|heard|writes?|asks?|asked)\b"
    r"|(?<=\w)n[’']t\b|[“”\"]",
    re.IGNORECASE,
)
# Words that bring a text near the register (R19); a claim is near when its own statement uses the same one.
TERMS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"\b(?:de)?tox(?:in|ic|if)?\w*",
        r"\blact(?:ic|ate)\b",
        r"\bflush\w*",
        r"\badhesions?\b",
        r"\bbreak\w* (?:up|down)\b",
        r"\bscar\w*",
        r"\brealign\w*",
        r"\bcortisol\b",
        r"\bknots?\b",
    )
)


class BadPattern(ValueError):
    """A pattern of the register is no regular expression."""


@dataclass(frozen=True)
class Rule:
    """One entry of the register as the linter reads it. `status`: X (never true), Q (qualified wording only), OK (not overstated)."""

    code: str
    status: str
    statement: str
    patterns: tuple[re.Pattern[str], ...]


@dataclass(frozen=True)
class Finding:
    """A sentence that states a claim: which, and what the register says about it."""

    code: str
    status: str
    statement: str
    sentence: str

    def __str__(self) -> str:
        why = {
            "X": "is marked X: never stated as true",
            "Q": "may only be said in the qualified wording",
            "OK": "is overstated",
        }[self.status]
        return f"“{self.sentence}” states {self.code}, which {why} ({self.statement})"


def rule(*, code: str, status: str, statement: str, patterns: Sequence[str]) -> Rule:
    """A rule from a register entry. Raises BadPattern when one of its patterns does not compile."""
    compiled = []
    for pattern in patterns:
        try:
            compiled.append(re.compile(pattern, re.IGNORECASE))
        except re.error as error:
            raise BadPattern(f"{code}: {error}") from error
    return Rule(code, status, statement, tuple(compiled))


def _put_aside(quotation: re.Match[str]) -> str:
    """Dots for somebody else's words, as long as they were, keeping the full stop that ends them."""
    words = quotation.group()
    return "·" * (len(words) - 2) + f"{words[-2]}”" if words[-2] in ".!?" else "·" * len(words)


def sentences(text: str) -> Iterator[tuple[str, str]]:
    """The sentences of a text without markup, in order, each as it stands and with quotations put aside.

    An over-long one is cut, so that no pattern runs away on it.
    """
    plain = ABBREVIATIONS.sub(lambda found: found[1].replace(".", ""), MARKUP.sub(" ", text))
    own = QUOTED.sub(_put_aside, plain)
    begin = 0
    for end in [*SENTENCE_END.finditer(own), None]:
        stop = end.start() if end else len(own)
        for start in range(begin, stop, LONGEST):
            piece = slice(start, min(start + LONGEST, stop))
            yield " ".join(plain[piece].split()), " ".join(own[piece].split())
        begin = end.end() if end else stop


def lint(text: str, rules: Iterable[Rule]) -> list[Finding]:
    """Every sentence of `text` that states a contested claim, at most once for each claim."""
    rules = list(rules)
    found = []
    for sentence, own_words in sentences(text):
        for entry in rules:
            if any(pattern.search(own_words) for pattern in entry.patterns):
                found.append(Finding(entry.code, entry.status, entry.statement, sentence))
    return found


def touched(text: str, rules: Iterable[Rule]) -> list[str]:
    """The codes of the claims a text comes near, whatever it says about them: it uses a term of the claim, or would state it but for a
    denial, a question or a quotation.
    """
    plain = " ".join(MARKUP.sub(" ", text).split())
    bare = HEDGES.sub(" ", plain).replace("?", ".")
    used = [term for term in TERMS if term.search(plain)]
    return [
        entry.code
        for entry in rules
        if any(term.search(entry.statement) for term in used)
        or any(
            pattern.search(sentence)
            for pattern in entry.patterns
            for sentence, _own in sentences(bare)
        )
    ]


def lint_all(texts: Mapping[str, str], rules: Iterable[Rule]) -> dict[str, list[Finding]]:
    """`lint` over named texts; only those with findings."""
    rules = list(rules)
    results = {name: lint(text, rules) for name, text in texts.items()}
    return {name: findings for name, findings in results.items() if findings}
