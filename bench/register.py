"""Searching a register of 200,000 by name and number: `python -m bench register`, on PostgreSQL and on SQLite.

Run as a module it fills the database at DATABASE_URL and asks the public page, in process, from ever other addresses; it prints JSON.
"""

import itertools
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from statistics import quantiles
from typing import Any

COUNT = 200_000
CHUNK = 2_000
ASKED = 400
FIRST = [
    "Amélie",
    "Ana",
    "Aoife",
    "Béla",
    "Caleb",
    "Chloé",
    "Dmitri",
    "Elif",
    "Finn",
    "Gareth",
    "Giulia",
    "Hana",
    "Henrik",
    "Inês",
    "Ingrid",
    "Joel",
    "Kwame",
    "Leila",
    "Lucía",
    "Maja",
    "Marek",
    "Mateus",
    "Mei",
    "Nia",
    "Nils",
    "Noor",
    "Omar",
    "Orla",
    "Priya",
    "Ravi",
    "Ruth",
    "Saanvi",
    "Siobhán",
    "Sven",
    "Tariq",
    "Thabo",
    "Tomas",
    "Tove",
    "Tunde",
    "Wanjiru",
    "Yara",
    "Yusuf",
    "Zofia",
]
BEGIN = [
    "Ab",
    "Al",
    "Ban",
    "Ber",
    "Bran",
    "Car",
    "Chan",
    "Dal",
    "Dem",
    "Ek",
    "Fer",
    "Gar",
    "Gom",
    "Hal",
    "Her",
    "Iva",
    "Jan",
    "Kar",
    "Kel",
    "Kow",
    "Lin",
    "Mac",
    "Mar",
    "Mor",
    "Nov",
    "Ok",
    "Oli",
    "Per",
    "Pol",
    "Rao",
    "Ros",
    "San",
    "Schmi",
    "Smi",
    "Sol",
    "Tan",
    "Tho",
    "Var",
    "Wie",
    "Wój",
    "Yil",
    "Zie",
]
MIDDLE = [
    "a",
    "al",
    "an",
    "ar",
    "be",
    "da",
    "de",
    "di",
    "el",
    "en",
    "er",
    "go",
    "ha",
    "i",
    "il",
    "in",
    "ki",
    "la",
    "le",
    "lo",
    "ma",
    "me",
    "ni",
    "no",
    "o",
    "on",
    "ra",
    "re",
    "ri",
    "ro",
    "sa",
    "so",
    "ta",
    "te",
    "ti",
    "to",
    "u",
    "va",
    "vi",
]
END = [
    "berg",
    "cik",
    "da",
    "dez",
    "dis",
    "dottir",
    "dt",
    "er",
    "es",
    "feld",
    "for",
    "ford",
    "gan",
    "ger",
    "ho",
    "ić",
    "ini",
    "ka",
    "land",
    "lan",
    "lez",
    "ley",
    "lin",
    "man",
    "mann",
    "mi",
    "nd",
    "ner",
    "ng",
    "nov",
    "o",
    "os",
    "reth",
    "ri",
    "rova",
    "s",
    "sen",
    "shi",
    "ska",
    "son",
    "ster",
    "ton",
    "tti",
    "va",
    "vić",
    "weli",
    "wood",
    "yama",
    "za",
    "zu",
]


def people(chance: random.Random) -> Iterator[str]:
    """Names as a register has them: a few surnames borne by thousands, many by one or two."""
    surnames = sorted({f"{a}{b}{c}".capitalize() for a in BEGIN for b in MIDDLE for c in END})
    chance.shuffle(surnames)
    weights = list(itertools.accumulate(1 / (place + 20) for place in range(len(surnames))))
    for _person in range(COUNT):
        (surname,) = chance.choices(surnames, cum_weights=weights)
        yield f"{chance.choice(FIRST)} {surname}"


def fill(names: list[str]) -> None:
    """As many holders, each with an application, a credential, its words and its first event."""
    from accounts.models import User
    from credentials.models import Application, Credential, CredentialType, NameWord, StatusEvent
    from credentials.names import fold
    from credentials.numbers import new_number
    from credentials.services.award import statement_of
    from credentials.services.search import words_of

    at, last = datetime(2026, 3, 2, 9, tzinfo=UTC), date(2028, 3, 1)
    kind, _new = CredentialType.objects.get_or_create(
        code="SMT",
        edition="2026.1",
        defaults={
            "title": "Sports Massage Therapist",
            "issuer_name": "Tarn Register of Hands-on Therapy",
            "scope": "Massage.",
            "limits": "",
            "number_prefix": "SMT",
            "state": "open",
        },
    )
    statement, numbers = statement_of(kind), set()
    for begin in range(0, len(names), CHUNK):
        some = names[begin : begin + CHUNK]
        users = User.objects.bulk_create(
            [
                User(email=f"p{begin + place}@example.org", name=name, password="!")
                for place, name in enumerate(some)
            ]
        )
        applications = Application.objects.bulk_create(
            [
                Application(
                    applicant=user, credential_type=kind, name_on_id=user.name, listed=True,
                    agreed_at=at, submitted_at=at, closed_at=at,
                )
                for user in users
            ]
        )  # fmt: skip
        rows = []
        for application in applications:
            number = new_number("SMT")
            while number in numbers:
                number = new_number("SMT")
            numbers.add(number)
            rows.append(
                Credential(
                    number=number, holder=application.applicant, credential_type=kind, application=application,
                    name=application.name_on_id, name_key=fold(application.name_on_id), statement=statement,
                    issued_at=at, valid_from=at.date(), valid_until=last, listed=True,
                )
            )  # fmt: skip
        credentials = Credential.objects.bulk_create(rows)
        NameWord.objects.bulk_create([word for row in credentials for word in words_of(row)])
        StatusEvent.objects.bulk_append(
            [
                StatusEvent(chain=row.chain, at=at, credential=row, kind="issued", effective_at=at, valid_until=last)
                for row in credentials
            ]
        )  # fmt: skip


def mistyped(text: str, chance: random.Random) -> str:
    """A slip of the finger: two letters swapped, one left out, one doubled or one exchanged."""
    place = chance.randrange(1, len(text) - 1)
    match chance.randrange(4):
        case 0:
            return text[:place] + text[place + 1] + text[place] + text[place + 2 :]
        case 1:
            return text[:place] + text[place + 1 :]
        case 2:
            return text[:place] + text[place] + text[place:]
    return text[:place] + chance.choice("aeinrst") + text[place + 1 :]


def questions(names: list[str], numbers: list[str], chance: random.Random) -> Iterator[str]:
    """What people type: whole names, a surname, its beginning, each of them mistyped; numbers, right and wrong; names nobody bears."""
    for turn in range(ASKED):
        name = chance.choice(names)
        surname = name.split()[1]
        yield [
            name,
            surname,
            surname[:4],
            mistyped(surname, chance),
            f"{name.split()[0]} {mistyped(surname, chance)}",
            chance.choice(numbers),
            mistyped(chance.choice(numbers), chance),
            f"Quill{turn} Xantho",
        ][turn % 8]


def ask(asked: list[str]) -> list[float]:
    """Milliseconds of each question, asked of the public page."""
    from django.test import Client

    client, took = Client(), []
    for turn, typed in enumerate(["warm", "up", *asked]):
        began = time.perf_counter()
        address = f"10.{turn // 60000}.{turn // 250 % 250}.{turn % 250}"
        response = client.get(
            "/register/", {"q": typed}, REMOTE_ADDR=address, headers={"host": "127.0.0.1"}
        )
        took.append((time.perf_counter() - began) * 1000)
        if response.status_code not in (200, 400):
            sys.exit(f"/register/?q={typed} answered {response.status_code}")
    return took[2:]


def measured() -> dict[str, Any]:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lms.settings")
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    from credentials.models import Credential

    call_command("migrate", verbosity=0)
    chance = random.Random(20261128)
    names = list(people(chance))
    fill(names)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    numbers = list(Credential.objects.values_list("number", flat=True)[:5000])
    took = ask(list(questions(names, numbers, chance)))
    kinds = [round(quantiles(took[kind::8], n=20)[18], 1) for kind in range(8)]
    return {"n": COUNT, "p95": quantiles(took, n=20)[18], "kinds": kinds}


def register(environment: dict[str, str]) -> str:
    """The benchmark: the database of `environment`, and one of SQLite beside it."""
    with tempfile.TemporaryDirectory() as base:
        on_file = {**environment, "DATABASE_URL": f"sqlite:///{base}/register.sqlite3"}
        first, second = _measured(environment), _measured(on_file)
    return f"register n={first['n']} p95_ms={first['p95']:.1f} sqlite_p95_ms={second['p95']:.1f}"


def _measured(environment: dict[str, str]) -> dict[str, Any]:
    made = subprocess.run(
        [sys.executable, "-m", "bench.register"],
        check=True,
        env=environment,
        stdout=subprocess.PIPE,
    )
    found: dict[str, Any] = json.loads(made.stdout.splitlines()[-1])
    print(f"By kind of question, p95 ms: {found['kinds']}", file=sys.stderr)
    return found


if __name__ == "__main__":
    print(json.dumps(measured()))
