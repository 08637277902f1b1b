"""A large register in a minute: rows as applying and the award leave them, made here and copied in by the thousand.

What a service would do besides is left out: signing, messages to holders, the evidence. That each row is as a service writes it is tested in
tests/credentials/test_filled_register.py.
"""

import itertools
import json
import random
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib.auth.hashers import make_password
from django.db import connection, models, transaction

from accounts.models import User
from credentials import validity
from credentials.models import Application, Credential, CredentialType, StatusEvent
from credentials.names import fold
from credentials.numbers import new_number
from credentials.services.award import statement_of, today_in
from credentials.services.search import words_of
from ledger.models import GENESIS, new_salt

CHUNK = 20_000
BEGAN = datetime(2021, 3, 1, 9, tzinfo=UTC)
FIRST = (
    "Amélie Ana Aoife Béla Caleb Chloé Dmitri Elif Finn Gareth Giulia Hana Henrik Inês Ingrid Joel Kwame Leila Lucía Maja Marek Mateus Mei "
    "Nia Nils Noor Omar Orla Priya Ravi Ruth Saanvi Siobhán Sven Tariq Thabo Tomas Tove Tunde Wanjiru Yara Yusuf Zofia"
)
BEGIN = (
    "Ab Al Ban Ber Bran Car Chan Dal Dem Ek Fer Gar Gom Hal Her Iva Jan Kar Kel Kow Lin Mac Mar Mor Nov Ok Oli Per Pol Rao Ros San Schmi Smi "
    "Sol Tan Tho Var Wie Wój Yil Zie"
)
MIDDLE = "a al an ar be da de di el en er go ha i il in ki la le lo ma me ni no o on ra re ri ro sa so ta te ti to u va vi"
END = (
    "berg cik da dez dis dottir dt er es feld for ford gan ger ho ić ini ka land lan lez ley lin man mann mi nd ner ng nov o os reth ri rova "
    "s sen shi ska son ster ton tti va vić weli wood yama za zu"
)


def people(count: int, chance: random.Random) -> Iterator[str]:
    """Names as a register has them: a few surnames borne by thousands, many by one or two; some people have three words."""
    parts = itertools.product(BEGIN.split(), MIDDLE.split(), END.split())
    surnames = sorted({"".join(each).capitalize() for each in parts})
    chance.shuffle(surnames)
    weights = list(itertools.accumulate(1 / (place + 20) for place in range(len(surnames))))
    first = FIRST.split()
    for place in range(count):
        (surname,) = chance.choices(surnames, cum_weights=weights)
        second = f" {chance.choice(first)}" if place % 10 == 0 else ""
        yield f"{chance.choice(first)}{second} {surname}"


def fill(names: Sequence[str], *, kind: CredentialType, chance: random.Random) -> None:
    """A holder of each name: a person, an application, a credential, the words of its name, its first event."""
    numbers: set[str] = set()
    for begin in range(0, len(names), CHUNK):
        some = names[begin : begin + CHUNK]
        with transaction.atomic():
            _fill(some, begin, kind, numbers, chance)
        print(f"{connection.vendor}: {begin + len(some)} of {len(names)}", file=sys.stderr)


def _fill(
    names: Sequence[str],
    begin: int,
    kind: CredentialType,
    numbers: set[str],
    chance: random.Random,
) -> None:
    first = {model: _next_key(model) for model in (User, Application, Credential, StatusEvent)}
    users, applications, credentials, events = [], [], [], []
    statement, password = statement_of(kind), make_password(None)
    for place, name in enumerate(names):
        at = BEGAN + timedelta(days=chance.randrange(2000), seconds=chance.randrange(28_800))
        user = User(
            pk=first[User] + place, email=f"holder{begin + place}@register.example", name=name, password=password, date_joined=at,
        )  # fmt: skip
        application = Application(
            pk=first[Application] + place, applicant=user, credential_type=kind, name_on_id=name, listed=True,
            agreed_at=at, submitted_at=at, closed_at=at,
        )  # fmt: skip
        day = today_in(kind, at)
        credential = Credential(
            pk=first[Credential] + place, number=_unused(numbers, kind), holder=user, credential_type=kind, application=application,
            name=name, name_key=fold(name), statement=statement, issued_at=at, valid_from=day,
            valid_until=validity.last_valid_day(day, kind.validity_years), listed=True,
        )  # fmt: skip
        users.append(user)
        applications.append(application)
        credentials.append(credential)
        events.append(_issued(first[StatusEvent] + place, credential))
    for rows in (users, applications, credentials, events):
        copy_in(rows)
    copy_in([word for row in credentials for word in words_of(row)])
    _count_on(User, Application, Credential, StatusEvent)


def _issued(key: int, credential: Credential) -> StatusEvent:
    salt = new_salt()
    row = StatusEvent(
        pk=key, chain=credential.chain, at=credential.issued_at, sequence=1, previous=GENESIS, salt=salt, credential=credential,
        kind=StatusEvent.Kind.ISSUED, effective_at=credential.issued_at, valid_until=credential.valid_until,
        record=credential.digest(salt),
    )  # fmt: skip
    row.hash = row.computed_hash()
    return row


def _unused(numbers: set[str], kind: CredentialType) -> str:
    number = new_number(kind.number_prefix)
    while number in numbers:
        number = new_number(kind.number_prefix)
    numbers.add(number)
    return number


def _next_key(model: type[models.Model]) -> int:
    return (model._default_manager.aggregate(last=models.Max("pk"))["last"] or 0) + 1


def copy_in(rows: Sequence[models.Model]) -> None:
    """Write rows of one model, with their primary keys where they have them: COPY on PostgreSQL, one prepared statement elsewhere."""
    meta = rows[0]._meta
    fields = [field for field in meta.concrete_fields if rows[0].pk or not field.primary_key]
    columns = ", ".join(f'"{field.column}"' for field in fields)
    names = [field.attname for field in fields]
    values = ([_stored(row.__dict__[name]) for name in names] for row in rows)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f'COPY "{meta.db_table}" ({columns}) FROM STDIN') as copy:
                for each in values:
                    copy.write_row(each)
        else:
            places = ", ".join(["%s"] * len(fields))
            cursor.executemany(
                f'INSERT INTO "{meta.db_table}" ({columns}) VALUES ({places})', list(values)
            )


def _stored(value: Any) -> Any:
    """A value as the database keeps it; by its type, which is five times as fast as asking its field."""
    if isinstance(value, dict | list):
        return json.dumps(value)
    if connection.vendor == "postgresql":
        return value
    if isinstance(value, UUID):
        return value.hex
    if isinstance(value, datetime):
        return connection.ops.adapt_datetimefield_value(value)
    return value


def _count_on(*kinds: type[models.Model]) -> None:
    """Have the database give the next keys after those written here."""
    from django.core.management.color import no_style

    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), list(kinds)):
            cursor.execute(statement)
