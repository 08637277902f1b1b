"""Finding credentials by name or number, also when it is typed a little wrongly. Every query goes through an index, whatever the register's size.

Who bears a name is settled among the words of names, whose index holds all that is asked; only those that are shown are fetched as credentials.
"""

from collections.abc import Iterable
from typing import Any

from django.db import connections
from django.db.models import Case, Exists, F, OrderBy, OuterRef, Q, QuerySet, Value, When
from django.db.models.expressions import RawSQL
from django.db.models.functions import Lower

from credentials import names, numbers
from credentials.models import Credential, NameWord

WORDS_ASKED = 6
SHORTEST_BEGINNING = 3  # letters that are taken as right, where a word sounds like none
VOCABULARY = 4000  # different words a likeness is worked out for
MEANT = 40  # of them tried
LOOKED_AT = 100  # bearers of names that were meant perhaps, the likest first
NEAR_SHOWN = 20


class InItsIndex(OrderBy):
    """Ascending by code points, as the index of words is: on SQLite by itself, on PostgreSQL by the operator of its class."""

    def as_postgresql(self, compiler: Any, connection: Any) -> Any:
        # The comment is for Django, which looks for the direction when it compares orderings.
        return self.as_sql(compiler, connection, template="%(expression)s USING ~<~ /* ASC */")


def index_name(credential: Credential) -> None:
    """Write the words of a holder's name as they are searched by, and its folded form."""
    credential.name_key = names.fold(credential.name)
    credential.save(update_fields=["name_key"])
    credential.words.all().delete()
    NameWord.objects.bulk_create(words_of(credential))


def words_of(credential: Credential) -> list[NameWord]:
    """The unsaved search rows of a credential's name."""
    return [
        NameWord(credential=credential, word=word, sound=names.sound(word))
        for word in names.words(credential.name)
    ]


def search(
    rows: QuerySet[Credential], typed: str, *, most: int | None = None
) -> QuerySet[Credential]:
    """Those of `rows` with the number typed, or in whose name every word typed begins a word, in the order of their names.

    `most`: where more bear such a name, that many of them; who bears the very word typed comes before who bears a longer one.
    """
    number = numbers.normalise(typed)
    if number:
        return rows.filter(number=number)
    asked = names.words(typed)[:WORDS_ASKED]
    if not asked:
        return rows.none()
    bearing = _bearing([_begins(word) for word in asked])
    if most:
        bearing = bearing.filter(Exists(rows.order_by().filter(pk=OuterRef("credential"))))
        bearing = bearing.order_by(InItsIndex(F("word")), "credential_id")[:most]
    # By an expression no index has: else the whole register may be walked in the order of its names.
    return rows.filter(pk__in=bearing.values("credential")).order_by(Lower("name_key"), "pk")


def _bearing(asked: list[Q]) -> QuerySet[NameWord]:
    """Words that answer the first of `asked`, of names in which a word answers each of the others."""
    found = NameWord.objects.filter(asked[0])
    for each in asked[1:]:
        found = found.filter(credential__in=NameWord.objects.filter(each).values("credential"))
    return found


def nearest(rows: QuerySet[Credential], typed: str) -> list[Credential]:
    """Where nothing is found: those of `rows` whose number or name was meant perhaps, the likeliest first, a handful."""
    if _may_be_a_number(typed):
        near = numbers.near(typed)
        found = rows.filter(number__in=near).order_by("number")[:NEAR_SHOWN] if near else []
        if found or any(letter.isdigit() for letter in typed):
            return list(found)
    asked = names.words(typed)[:WORDS_ASKED]
    return _near(rows, asked) if asked else []


def _may_be_a_number(typed: str) -> bool:
    """As long as one, with a dash. A number may be letters alone, as a name with a dash is: that is tried as either."""
    return "-" in typed and sum(letter.isalnum() for letter in typed) >= 8


def _begins(word: str) -> Q:
    """A word that begins so, through the index: SQLite does not use one for LIKE."""
    if connections[NameWord.objects.db].vendor == "sqlite":
        return Q(word__gte=word, word__lt=word + "\U0010ffff")
    return Q(word__startswith=word)


def _near(rows: QuerySet[Credential], asked: list[str]) -> list[Credential]:
    """The likeliest names in which every word sounds or looks like one that was typed."""
    alike: list[dict[str, float]] = []
    for word in sorted(asked, key=len, reverse=True):  # the longest says most about who is meant
        alike.append(_words_like(word))
        if not alike[-1]:
            return []
    bearing = _bearing([Q(word__in=words) for words in alike])
    likest = bearing.order_by(_rank(alike[0]), "credential_id")[:LOOKED_AT]
    found = rows.filter(pk__in=likest.values("credential"))
    likeness = {row.pk: names.likeness(alike, row.name_key.split()) for row in found}
    return sorted(found, key=lambda row: (-likeness[row.pk], row.name_key, row.pk))[:NEAR_SHOWN]


def _rank(alike: dict[str, float]) -> Case:
    """The words in steps of likeness, the likest first."""
    steps: dict[int, list[str]] = {}
    for word, like in alike.items():
        steps.setdefault(round((1 - like) * 20), []).append(word)
    return Case(*(When(word__in=words, then=Value(step)) for step, words in steps.items()))


def _words_like(asked: str) -> dict[str, float]:
    """The words of names that a word may have been meant for, and how alike they are, 0 to 1."""
    code = names.sound(asked)
    begins = asked[: max(SHORTEST_BEGINNING, len(asked) // 2)]
    likeness: dict[str, float] = {}
    for alike in (Q(sound=code), Q(sound__in=names.sounds_near(code)), _begins(begins)):
        words = NameWord.objects.filter(alike).values_list("word", flat=True)
        likeness |= _alike(asked, words.order_by().distinct()[:VOCABULARY])
        if likeness:
            break
    sure = max(likeness.values(), default=0) >= names.likeness_after_a_slip(asked)
    if not sure and connections[NameWord.objects.db].vendor == "postgresql":
        likeness |= _alike(asked, _by_trigrams(asked))
    best = sorted(likeness, key=lambda word: (-likeness[word], word))[:MEANT]
    return {word: likeness[word] for word in best}


def _alike(asked: str, words: Iterable[str]) -> dict[str, float]:
    found = {word: names.word_likeness(asked, word) for word in words}
    return {word: like for word, like in found.items() if like}


def _by_trigrams(asked: str) -> QuerySet[NameWord, str]:
    """Words that share trigrams with the one typed, the likest first."""
    alike = RawSQL("similarity(%s, word)", [asked])
    near = NameWord.objects.extra(where=["word %% %s"], params=[asked])
    return near.order_by(alike.desc(), "word").values_list("word", flat=True).distinct()[:MEANT]


def install_trigrams(using: str = "default") -> None:
    """On PostgreSQL, the extension pg_trgm and an index by it. Idempotent; called after every migrate."""
    connection = connections[using]
    table = NameWord._meta.db_table
    if connection.vendor != "postgresql" or table not in connection.introspection.table_names():
        return
    with connection.cursor() as cursor:
        cursor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
        cursor.execute(
            f'CREATE INDEX IF NOT EXISTS credentials_by_trigrams ON "{table}" USING gin (word gin_trgm_ops)'
        )
