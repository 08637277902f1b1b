"""The shape of each kind of content file. See content/README.md for what it means."""

from cms.content.shape import (
    anything,
    choice,
    day,
    flag,
    mapping,
    number,
    read_by,
    record,
    rows,
    text,
)
from quizzes.services import ITEM_TYPES, point_of, region_of

LEVEL = choice("recall", "apply", "analyse")
CLASS = choice("A", "L", "R")
OUTCOME = choice("met", "not_met", "more_information")

# Blocks of lessons and pages

OPTION = record({"text": text(250), "why": text(600)}, {"correct": flag})
BLOCKS = {
    "figure": record({"id": text(60)}),
    "contraindication": record(
        {"class": CLASS, "title": text(150), "text": text(1_000)}, {"register": text(60)}
    ),
    "steps": record(
        {
            "title": text(150),
            "steps": rows(
                record({"text": text(800)}, {"dose": text(120), "watch": text(250)}), least=1
            ),
        }
    ),
    "research": record({"claim": text(10), "text": text(2_000)}),
    "terms": rows(record({"term": text(100), "meaning": text(600)}), least=1),
    "vignette": record(
        {"title": text(150), "text": text(2_000), "question": text(250), "answer": text(2_000)}
    ),
    "table": record(
        {
            "caption": text(200),
            "head": rows(text(120), least=2),
            "rows": rows(rows(text(400)), least=1),
        }
    ),
    "check": record({"stem": text(600), "options": rows(OPTION, least=2)}),
    "references": rows(text(400), least=1),
}
LESSON_BLOCKS = tuple(BLOCKS)
PAGE_BLOCKS = ("figure", "table", "research", "references")

OBJECTIVE = record({"text": text(400), "level": LEVEL}, {"code": text(10)})
LESSON_FRONT = record(
    {
        "code": text(10),
        "title": text(200),
        "slug": text(80),
        "minutes": number(1, 240),
        "lede": text(600),
        "objectives": rows(OBJECTIVE, least=1),
    }
)
PAGE_FRONT = record(
    {"title": text(200), "slug": text(80), "lede": text(600)}, {"credential": text(20)}
)

# The scheme

REASON = {"code": text(10), "text": text(250)}
SCHEME = record(
    {
        "code": text(20),
        "edition": text(20),
        "title": text(150),
        "issuer": text(150),
        "zone": text(50),
        "validity_years": number(1, 20),
        "number_prefix": text(6),
        "award": choice("automatic", "by_decision"),
        "scope": text(),
        "limits": text(),
        "description": text(),
        "criteria": text(),
        "code_of_conduct": rows(text(500), least=1),
        "requirements": rows(
            record(
                {
                    "code": text(40),
                    "kind": choice(
                        "course", "activity", "document", "hours", "agreement", "credential"
                    ),
                    "title": text(150),
                    "help": text(2_000),
                    "reasons": rows(record({**REASON, "outcome": OUTCOME}), least=1),
                },
                {
                    "accepts_document": flag,
                    "expires": flag,
                    "allows_not_required": flag,
                    "course": text(40),
                    "activity": text(30),
                    "parts": rows(
                        record({"code": text(40), "title": text(150), "hours": number(1, 5_000)}),
                        least=1,
                    ),
                },
            ),
            least=1,
        ),
        "suspension_reasons": rows(record(REASON), least=1),
        "revocation_reasons": rows(record(REASON), least=1),
        "reinstatement_reasons": rows(record(REASON), least=1),
        "renewal_reasons": rows(record(REASON), least=1),
    },
    {"renewal": anything, "pass_rules": rows(text(500), least=1)},
)

# Registers and figures

CLAIMS = rows(
    record(
        {
            "code": text(10),
            "statement": text(250),
            "status": choice("X", "Q", "OK"),
            "evidence": text(),
            "safe_wording": text(600),
            "references": rows(text(300)),
            "review_by": day,
            "patterns": rows(text(4_000), least=1),
        },
        {"word": text(30)},
    ),
    least=1,
)
CONTRAINDICATIONS = rows(
    record(
        {
            "slug": text(60),
            "condition": text(250),
            "class": CLASS,
            "action": text(1_000),
            "urgency": choice("now", "same-day", "before-massage", "none"),
            "grade": text(20),
            "reference": text(1_000),
            "review_by": day,
        },
        {"emergency": flag, "phase": text(30), "rationale": text(1_000)},
    ),
    least=1,
)
FIGURE = record(
    {
        "id": text(60),
        "title": text(150),
        "alt": text(1_500),
        "credit": text(200),
        "key": rows(
            record(
                {"n": number(1, 60), "label": text(120)},
                {"kind": choice("muscle", "vessel", "nerve", "bone", "zone", "other")},
            )
        ),
        "review": text(150),
    },
    {"view": text(150), "caption": text(600)},
)

# Items

ITEM_OPTION = record({"text": text(1_000), "rationale": text(1_500)}, {"correct": flag})
ITEM_REGION = record(
    {"outline": read_by(region_of), "text": text(250), "rationale": text(1_500)}, {"correct": flag}
)
ITEM_PIN = record(
    {
        "place": read_by(point_of),
        "label": text(250),
        "where": text(250),
        "rationale": text(1_500),
    }
)
ITEM_STEM = record({"text": text(500), "answer": text(250), "rationale": text(1_500)})
ITEM_PART = record({"stem": text(1_000), "options": rows(ITEM_OPTION, least=2, most=8)})
ITEM_ESSAY = record(
    {
        "points": number(1, 50),
        "model": text(),
        "rubric": rows(record({"text": text(500), "points": number(1, 50)}), least=1, most=12),
    },
    {"tolerance": number(0, 50, whole=False), "words": number(20, 3_000)},
)
ENEMIES = rows(rows(text(30), least=2))
DOMAINS = rows(record({"code": text(10), "title": text(150)}))
ITEMS = rows(
    record(
        {
            "code": text(30),
            "type": choice(*ITEM_TYPES),
            "domain": text(10),
            "level": LEVEL,
            "stem": text(2_000),
            "reference": text(300),
            "review_by": day,
        },
        {
            "stimulus": text(4_000),
            "figure": text(60),
            "claims": rows(text(10)),
            "must_cover": rows(text(40)),
            "options": rows(ITEM_OPTION, least=2),
            "answer": flag,
            "rationales": mapping(text(1_500)),
            "sequence": rows(record({"text": text(500), "rationale": text(1_500)}), least=2),
            "pairs": rows(
                record({"left": text(250), "right": text(250), "rationale": text(1_500)}), least=2
            ),
            "extra_right": rows(text(250)),
            "numeric": record(
                {"value": number(-1e9, 1e9, whole=False), "rationale": text(1_500)},
                {"tolerance": number(0, 1e9, whole=False), "unit": text(30)},
            ),
            "text": record({"accept": rows(text(100), least=1), "rationale": text(1_500)}),
            "picture": text(1_500),
            "regions": rows(ITEM_REGION, least=2, most=12),
            "several": flag,
            "pins": rows(ITEM_PIN, least=2, most=12),
            "extra_labels": rows(text(250), most=6),
            "theme": text(250),
            "choices": rows(text(250), least=3, most=20),
            "stems": rows(ITEM_STEM, least=2, most=10),
            "parts": rows(ITEM_PART, least=2, most=6),
            "essay": ITEM_ESSAY,
            "pilot": flag,
        },
    ),
    least=1,
)
ITEM_PARTS = {
    "single": ("options",),
    "multiple": ("options",),
    "truefalse": ("answer", "rationales"),
    "order": ("sequence",),
    "match": ("pairs",),
    "numeric": ("numeric",),
    "text": ("text",),
    "hotspot": ("figure", "picture", "regions"),
    "label": ("figure", "picture", "pins"),
    "extended": ("theme", "choices", "stems"),
    "case": ("stimulus", "parts"),
    "essay": ("essay",),
}

# Checklists and examinations

STATION_EXTRAS = {
    "figures": rows(record({"figure": text(60)}, {"candidate": flag})),
    "global_ratings": rows(
        record({"value": number(1, 5), "label": text(40), "text": text(400)}), least=5
    ),
    "reference": text(300),
    "review_by": day,
    "claims": rows(text(10)),
}
CHECKLIST = record(
    {
        "code": text(20),
        "title": text(150),
        "scenario": text(),
        "minutes": number(1, 240),
        "criteria": rows(
            record(
                {
                    "code": text(20),
                    "section": text(40),
                    "text": text(600),
                    "max": number(1, 2),
                },
                {"critical": flag, "competence": text(40)},
            ),
            least=1,
        ),
    },
    {
        "candidate_instructions": text(),
        "client_script": text(),
        "equipment": rows(text(200)),
        "violations": rows(record({"code": text(20), "text": text(400)})),
        **STATION_EXTRAS,
    },
)
# Open to students: a stem of its own, and the lines of a station that is examined.
PRACTICE_STATION = record(
    {
        "code": text(20),
        "title": text(150),
        "scenario": text(),
        "minutes": number(1, 240),
        "candidate_instructions": text(),
        "client_script": text(),
        "equipment": rows(text(200), least=1),
        "lines_of": text(20),
    },
    STATION_EXTRAS,
)
WRITTEN = record(
    {
        "code": text(30),
        "edition": text(20),
        "title": text(200),
        "pool": choice("secure", "practice"),
        "items": number(1, 500),
        "time_limit_minutes": number(1, 600),
        "pass_mark": number(0, 500),
        "attempts": number(1, 20),
        "wait_days": number(0, 365),
        "domains": rows(
            record(
                {
                    "code": text(10),
                    "title": text(150),
                    "recall": number(0, 200),
                    "apply": number(0, 200),
                    "analyse": number(0, 200),
                },
                {"modules": rows(text(10))},
            ),
            least=1,
        ),
        "must_cover": mapping(number(0, 100)),
    },
    {
        "pilot_items": number(0, 100),
        "delivery": choice("draw", "form"),
        "release": choice("at_once", "by_person"),
        "scale_cut": number(1, 10_000),
        "scale_max": number(1, 10_000),
        "agreement": text(4_000),
        "invigilated": flag,
        "window_days": number(1, 3_650),
        "break_minutes": number(0, 240),
        **dict.fromkeys(
            (
                "pass_mark_status",
                "pass_mark_note",
                "attempts_note",
                "window_months",
                "blueprint_status",
                "blueprint_note",
            ),
            anything,
        ),
    },
)
STATION = record(
    {
        "code": text(20),
        "checklist": text(20),
        "title": text(150),
        "minutes": number(1, 240),
        "weight": number(0, 100, whole=False),
        "draw": choice("fixed", "pair"),
    },
    {"pair": text(1), "cut_percent": number(0, 100, whole=False)},
)
PRACTICAL = record(
    {
        "code": text(30),
        "edition": text(20),
        "title": text(200),
        "stations": rows(STATION, least=1),
        "pass_rule": anything,
        "discrepancy": anything,
        "retake": anything,
        "reading_minutes": number(0, 60),
        "change_minutes": number(0, 60),
        "trainer_bar_months": number(0, 120),
    },
    {"examiners_per_station": number(1, 5), "cut_status": anything, "cut_note": anything},
)

# Courses and the front page

ACTIVITY = record(
    {"kind": choice("lesson", "quiz", "practical"), "code": text(30)},
    {
        "title": text(200),
        "required": flag,
        "items": number(1, 200),
        "domains": rows(text(10), least=1),
        "pass_percent": number(0, 100),
        "checklist": text(20),
        "exam": choice("written", "practical"),
        "satisfies": text(40),
    },
)
COURSE = record(
    {
        "code": text(40),
        "edition": text(20),
        "title": text(200),
        "lede": text(1_000),
        "hours": number(0, 5_000),
        "modules": rows(
            record(
                {
                    "code": text(20),
                    "title": text(200),
                    "hours": number(0, 2_000),
                    "slug": text(80),
                    "summary": text(2_000),
                    "requires": rows(text(20)),
                    "objectives": rows(OBJECTIVE),
                    "activities": rows(ACTIVITY),
                }
            ),
            least=1,
        ),
    },
    {"access": choice("open", "application"), "satisfies": rows(text(40))},
)
HOME = record(
    {
        "title": text(200),
        "headline": rows(text(60), least=1),
        "lede": text(600),
        "credential": text(20),
        "ways_note": text(300),
        "ways": rows(
            record({"number": text(8), "unit": text(30), "title": text(60), "text": text(400)}),
            least=1,
        ),
        "sayings_note": text(300),
        "sayings": rows(record({"said": text(120), "claim": text(10)}), least=1),
        "plate": record({"figure": text(60), "title": text(150), "text": text(600)}),
        "catalogue": record({"title": text(200), "slug": text(80), "lede": text(600)}),
    }
)
