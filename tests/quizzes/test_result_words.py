"""Why there is a version of a result is said in words, whatever was written when it was made."""

import pytest

from quizzes.models import ItemRuling, ResultVersion
from quizzes.services.standing import REASONS


@pytest.mark.parametrize("reason", ResultVersion.WHY)
def test_each_reason_has_words(reason):
    said = ResultVersion(reason=reason).why
    assert said[0].isupper() and said != reason


def test_what_follows_an_incident_has_words():
    assert set(REASONS.values()) <= set(ResultVersion.WHY)


def test_a_ruling_is_told_without_its_reference():
    assert ResultVersion(reason=ItemRuling().mark).why == "A question was ruled on"


def test_what_nobody_knows_is_said_as_it_was_written():
    assert ResultVersion(reason="by hand").why == "by hand"
