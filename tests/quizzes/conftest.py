"""What the tests of quizzes share."""

import pytest

from quizzes.models import Pool, Quiz
from tests.quizzes.bank import add_items, exam


@pytest.fixture(scope="module")
def standing_invigilated(standing) -> Quiz:
    return standing(invigilated)


def invigilated() -> Quiz:
    """An examination of four questions that is sat under invigilation."""
    add_items(8, pool=Pool.SECURE)
    quiz = exam(("D1", "", 4))
    Quiz.objects.filter(pk=quiz.pk).update(invigilated=True)
    quiz.refresh_from_db()
    return quiz
