"""Finding credentials by name or number, also when it is typed a little wrongly. Every query goes through an index, whatever the register's size."""

from collections.abc import Iterable

from django.db import connections
from django.db.models import Q, QuerySet
from django.db.models.expressions import RawSQL
from django.db.models.functions import Lower

from credentials import names, numbers
from credentials.models import Credential, NameWord

WORDS_ASKED = 6
SHORTEST_BEGINNING = 3  # letters that are taken as right, where a word sounds like none
VOCABULARY = 4000  # different words a likeness is worked out for
MEANT = 40  # of them tried
LOOKED_AT = 300  # rows put in order
NEAR_SHOWN = 20


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


def search(rows: QuerySet[Credential], typed: str) -> QuerySet[Credential]:
    """Those of `rows` with the number typed, or in whose name every word typed begins a word, in the order of their names."""
    number = numbers.normalise(typed)
    if number:
        return rows.filter(number=number)
    asked = names.words(typed)[:WORDS_ASKED]
    # By an expression no index has: else a search for two words may walk the whole register in the order of its names.
    found = rows.order_by(Lower("name_key"), "pk") if asked else rows.none()
    for word in asked:
        found = found.filter(pk__in=NameWord.objects.filter(_begins(word)).values("credential"))
    return found


def nearest(rows: QuerySet[Credential], typed: str) -> list[Credential]:
    """Where nothing is found: those of `rows` whose number or name was meant perhaps, the likeliest first, a handful."""
    if _may_be_a_number(typed):
        near = numbers.near(typed)
        return list(rows.filter(number__in=near).order_by("number")[:NEAR_SHOWN]) if near else []
    asked = names.words(typed)[:WORDS_ASKED]
    return _near(rows, asked) if asked else []


def _may_be_a_number(typed: str) -> bool:
    letters = "".join(letter for letter in typed if letter.isalnum())
    return "-" in typed and any(letter.isdigit() for letter in letters) and len(letters) >= 8


def _begins(word: str) -> Q:
    """A word that begins so, through the index: SQLite does not use one for LIKE."""
    if connections[NameWord.objects.db].vendor == "sqlite":
        return Q(word__gte=word, word__lt=word + "\U0010ffff")
    return Q(word__startswith=word)


def _near(rows: QuerySet[Credential], asked: list[str]) -> list[Credential]:
    """The likeliest names in which every word sounds or looks like one that was typed."""
    for word in asked:
        alike = _words_like(word)
        if not alike:
            return []
        rows = rows.filter(pk__in=NameWord.objects.filter(word__in=alike).values("credential"))
    found = rows.order_by("name_key", "pk")[:LOOKED_AT]
    likeness = {row.pk: names.likeness(asked, row.name_key.split()) for row in found}
    return sorted(found, key=lambda row: -likeness[row.pk])[:NEAR_SHOWN]


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
    if connections[NameWord.objects.db].vendor == "postgresql":
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
