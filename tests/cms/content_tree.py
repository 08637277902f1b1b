"""A whole content/ in miniature, to break in every way."""

import json
from pathlib import Path

import yaml

from tests.quizzes.bank import ANSWERS, LONG_ANSWERS

WORDS = "You rest the palm and wait until the client breathes out. " * 55

LESSON = """---
code: "{code}"
title: Lesson {code}
slug: lesson-{slug}
minutes: 12
lede: What you learn here.
objectives:
  - text: Put it in words
    level: apply
---
{words}

## A heading

See [the other](lesson:{other}) and *lean* **lightly**.

::: figure
id: knee
:::

::: research
claim: CC1
text: Twelve people gripped.
:::

::: contraindication
class: A
title: One calf swollen
text: Stop.
register: dvt-pe
:::

::: table
caption: Ranges
head: [Movement, Range]
rows:
  - [Flexion, "120"]
:::

::: check
stem: Why?
options:
  - text: Because
    correct: true
    why: It is so.
  - text: Never mind
    why: It matters.
:::

::: references
- A source, 2001
:::
"""

SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10"><path d="M0 0h9"/></svg>'


def item(code: str, level: str, **fields) -> dict:
    return {
        "code": code,
        "type": "single",
        "domain": "D1",
        "level": level,
        "stem": f"What of {code}?",
        "options": [
            {"text": "This", "correct": True, "rationale": "It is so."},
            {"text": "That", "rationale": "It is not so."},
        ],
        "reference": "Source, 2001",
        "review_by": "@2028-11-01",
        "must_cover": ["scope"],
        **fields,
    }


# One of each type that is answered on a figure, in several parts or at length.
KINDS = [
    {
        **{name: value for name, value in item(f"K-{kind}", "apply").items() if name != "options"},
        **json.loads(json.dumps({**ANSWERS, **LONG_ANSWERS}[kind])),
        "type": kind,
        "domain": "TRY",
    }
    for kind in ("hotspot", "label", "extended", "case", "essay")
]


def reasons(letter: str) -> list[dict]:
    return [
        {"code": f"{letter}1", "outcome": "met", "text": "Met."},
        {"code": f"{letter}2", "outcome": "not_met", "text": "Not met."},
    ]


def requirement(code: str, kind: str, letter: str, **fields) -> dict:
    return {
        "code": code,
        "kind": kind,
        "title": code.title(),
        "help": "Do it.",
        "reasons": reasons(letter),
        **fields,
    }


FILES: dict[str, object] = {
    "scheme/smt.yaml": {
        "code": "SMT",
        "edition": "2026.1",
        "title": "Sports Massage Therapist",
        "issuer": "Tarn Register",
        "zone": "Europe/London",
        "validity_years": 2,
        "number_prefix": "SMT",
        "award": "automatic",
        "scope": "Massage.",
        "limits": "Not diagnosis.",
        "description": "Shown.",
        "criteria": "Earned.",
        "code_of_conduct": ["I stay within my scope."],
        "requirements": [
            requirement("education", "course", "E", accepts_document=True),
            requirement("written", "activity", "W"),
            requirement("practical", "activity", "P"),
        ],
        "suspension_reasons": [{"code": "S1", "text": "Ended."}],
        "revocation_reasons": [{"code": "R1", "text": "Breach."}],
        "reinstatement_reasons": [{"code": "T1", "text": "Put right."}],
        "renewal_reasons": [{"code": "N1", "text": "Shown again."}],
    },
    "registers/claims.yaml": [
        {
            "code": "CC1",
            "statement": "Massage flushes lactic acid.",
            "status": "X",
            "evidence": "It was measured.",
            "safe_wording": "Light activity does more.",
            "references": ["Wiltshire 2010"],
            "review_by": "@2028-11-01",
            "patterns": [r"^(?![^.!?]*\b(?:not|never)\b)[^.!?]*\bmassage\b[^.!?]*\bflush"],
        }
    ],
    "registers/contraindications.yaml": [
        {
            "slug": "dvt-pe",
            "condition": "A clot",
            "class": "A",
            "action": "Stop.",
            "urgency": "same-day",
            "grade": "C",
            "reference": "Consensus.",
            "review_by": "@2028-11-01",
        }
    ],
    "figures/knee.yaml": {
        "id": "knee",
        "title": "The knee",
        "alt": "A knee",
        "credit": "Palpate, own drawing",
        "key": [{"n": 1, "label": "Artery", "kind": "vessel"}],
        "review": "awaiting an anatomist's review",
    },
    "items/secure/d1.yaml": [item("D1-R-001", "recall"), item("D1-A-001", "apply")],
    "items/practice/d1.yaml": [item("P-D1-001", "recall")],
    "items/practice/kinds.yaml": KINDS,
    "items/enemies.yaml": [["K-case", "K-essay"]],
    "items/domains.yaml": [{"code": "TRY", "title": "Every kind"}],
    "checklists/t1.yaml": {
        "code": "T1",
        "title": "Strokes",
        "scenario": "A runner.",
        "minutes": 12,
        "criteria": [
            {
                "code": "T1.01",
                "section": "Prepare",
                "text": "Cleans hands",
                "max": 1,
                "critical": True,
            }
        ],
        "violations": [{"code": "V1", "text": "Harms."}],
    },
    "checklists/practice/t1.yaml": {
        "code": "P-T1",
        "title": "Strokes, to practise",
        "scenario": "A fellow student.",
        "minutes": 12,
        "candidate_instructions": "Give foundation strokes.",
        "client_script": "Be yourself.",
        "equipment": ["table"],
        "lines_of": "T1",
        "figures": [{"figure": "knee", "candidate": True}],
        "claims": ["CC1"],
    },
    "exams/written.yaml": {
        "code": "SMT-WRITTEN",
        "edition": "2026.1",
        "title": "Written examination",
        "pool": "secure",
        "items": 2,
        "time_limit_minutes": 5,
        "pass_mark": 1,
        "attempts": 3,
        "wait_days": 30,
        "domains": [{"code": "D1", "title": "Ethics", "recall": 1, "apply": 1, "analyse": 0}],
        "must_cover": {"scope": 1},
    },
    "exams/practical.yaml": {
        "code": "SMT-PRACTICAL",
        "edition": "2026.1",
        "title": "Practical examination",
        "stations": [
            {
                "code": "T1",
                "checklist": "T1",
                "title": "Strokes",
                "minutes": 12,
                "weight": 100,
                "draw": "fixed",
                "cut_percent": 60,
            }
        ],
        "pass_rule": {
            "total_cut_percent": 65,
            "stations_passed_min": 1,
            "station_cut_percent": 60,
            "critical_fails_max": 0,
        },
        "discrepancy": {"points": 10},
        "retake": {"wait_days": 30},
        "reading_minutes": 2,
        "change_minutes": 2,
        "trainer_bar_months": 24,
    },
    "courses/smt/course.yaml": {
        "code": "PREP",
        "edition": "2026.1",
        "title": "Preparation",
        "lede": "It teaches.",
        "hours": 10,
        "satisfies": ["education"],
        "modules": [
            {
                "code": "M1",
                "title": "One",
                "hours": 4,
                "slug": "one",
                "summary": "First.",
                "requires": [],
                "objectives": [{"code": "1", "text": "Know it.", "level": "recall"}],
                "activities": [
                    {"kind": "lesson", "code": "1.1"},
                    {
                        "kind": "quiz",
                        "code": "M1-CHECK",
                        "title": "Check",
                        "items": 1,
                        "domains": ["D1"],
                    },
                    {"kind": "practical", "code": "ST", "title": "Station", "checklist": "P-T1"},
                ],
            },
            {
                "code": "M2",
                "title": "Two",
                "hours": 6,
                "slug": "two",
                "summary": "Second.",
                "requires": ["M1"],
                "objectives": [],
                "activities": [{"kind": "lesson", "code": "2.1"}],
            },
        ],
    },
    "courses/exams/course.yaml": {
        "code": "EXAM",
        "edition": "2026.1",
        "title": "Examinations",
        "lede": "They examine.",
        "hours": 0,
        "access": "application",
        "modules": [
            {
                "code": "EX",
                "title": "Two",
                "hours": 0,
                "slug": "both",
                "summary": "Both.",
                "requires": [],
                "objectives": [],
                "activities": [
                    {
                        "kind": "quiz",
                        "code": "SMT-WRITTEN",
                        "title": "Written",
                        "exam": "written",
                        "satisfies": "written",
                    },
                    {
                        "kind": "practical",
                        "code": "SMT-PRACTICAL",
                        "title": "Practical",
                        "exam": "practical",
                        "satisfies": "practical",
                        "required": True,
                    },
                ],
            }
        ],
    },
    "pages/home.yaml": {
        "title": "Palpate",
        "headline": ["One.", "Two."],
        "lede": "It is this.",
        "credential": "SMT",
        "ways_note": "A note.",
        "ways": [{"number": "10", "unit": "hours", "title": "Learn", "text": "So."}],
        "sayings_note": "A note.",
        "sayings": [{"said": "It flushes.", "claim": "CC1"}],
        "plate": {"figure": "knee", "title": "A plate", "text": "See."},
        "catalogue": {"title": "Courses", "slug": "courses", "lede": "All."},
    },
    "figures/knee.svg": SVG,
    "courses/smt/lessons/1.1.md": LESSON.format(code="1.1", slug="a", other="2.1", words=WORDS),
    "courses/smt/lessons/2.1.md": LESSON.format(code="2.1", slug="b", other="1.1", words=WORDS),
    "pages/privacy.md": "---\ntitle: Privacy\nslug: privacy\nlede: Yours.\n---\nKept.\n",
    "pages/the-credential.md": (
        "---\ntitle: The credential\nslug: the-credential\ncredential: SMT\nlede: Shown.\n---\nIt says.\n"
    ),
}


def write(root: Path) -> Path:
    for name, data in FILES.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(data, str):
            path.write_text(data)
        else:
            text = yaml.safe_dump(data, sort_keys=False, allow_unicode=True)
            path.write_text(text.replace("'@2028-11-01'", "2028-11-01"))
    return root


def swap(root: Path, name: str, old: str, new: str) -> int:
    """Replace the first `old` in a file; returns the line it stands in."""
    path = root / name
    text = path.read_text()
    assert old in text, f"{old!r} is not in {name}"
    path.write_text(text.replace(old, new, 1))
    return text[: text.index(old)].count("\n") + 1
