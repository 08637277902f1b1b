import pytest
from django.db import DatabaseError, connection, transaction

from accounts.models import TeachingRecord
from accounts.services import record_teaching
from ledger.models import GENESIS, WrittenOnce
from ledger.services import verify
from tests.behind import behind_our_back
from tests.factories import NOW, UserFactory

pytestmark = pytest.mark.django_db


def taught(teacher, learner, day):
    return record_teaching(
        teacher=teacher,
        learner=learner,
        subject="Palpation",
        taught_on=NOW.date().replace(day=day),
        by=None,
        at=NOW,
    )


@pytest.fixture
def chain():
    teacher, learner = UserFactory(), UserFactory()
    return [taught(teacher, learner, day) for day in (1, 2, 3)]


def test_rows_link_to_the_one_before(chain):
    first, second, third = chain
    assert first.previous == GENESIS
    assert (second.previous, third.previous) == (first.hash, second.hash)
    assert [row.sequence for row in chain] == [1, 2, 3]
    assert list(verify(TeachingRecord)) == []


def test_rows_written_together_go_on_from_the_newest_of_their_chain(
    chain, django_assert_num_queries
):
    teacher, learner = chain[0].teacher, chain[0].learner
    rows = [
        TeachingRecord(
            chain=chain[0].chain,
            at=NOW,
            teacher=teacher,
            learner=learner,
            subject="Draping",
            taught_on=NOW.date(),
        )
        for _ in range(3)
    ]
    with django_assert_num_queries(2):
        TeachingRecord.objects.bulk_append(rows)
    assert [row.sequence for row in rows] == [4, 5, 6]
    assert rows[0].previous == chain[2].hash
    assert list(verify(TeachingRecord)) == []


def test_python_refuses_to_change_a_row(chain):
    with pytest.raises(WrittenOnce):
        chain[0].save()
    with pytest.raises(WrittenOnce):
        chain[0].delete()
    with pytest.raises(WrittenOnce):
        TeachingRecord.objects.update(subject="Something else")


def test_the_database_refuses_an_update(chain):
    with (
        pytest.raises(DatabaseError, match="written once"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("UPDATE accounts_teachingrecord SET subject = 'Something else'")


def test_an_edit_behind_our_back_is_found_and_named(chain):
    table = "accounts_teachingrecord"
    behind_our_back(f"UPDATE {table} SET subject = 'Edited' WHERE id = %s", chain[1].pk)
    (found,) = verify(TeachingRecord)
    assert (found.pk, found.sequence) == (chain[1].pk, 2)
    assert "not what was hashed" in found.what
