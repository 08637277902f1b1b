"""Whether a requirement is met: the pure rule."""

import datetime as dt
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credentials.requirements import DocumentFact, EvidenceFact, State, judge

ON = dt.date(2026, 11, 23)
ONE, OTHER = uuid.uuid4(), uuid.uuid4()


def fact(reference=ONE, counts=True, until=None, label="Shown"):
    return EvidenceFact(reference, counts, label, until)


def document(outcome=None, reason="Illegible"):
    return DocumentFact(uuid.uuid4(), outcome, reason)


@pytest.mark.parametrize(
    ("evidence", "sent", "state"),
    [
        ([], None, State.MISSING),
        ([fact()], None, State.MET),
        ([fact(until=ON)], None, State.MET),
        ([fact(until=ON - dt.timedelta(days=1))], None, State.EXPIRED),
        ([fact(), fact(counts=False)], None, State.MISSING),
        ([fact(counts=False), fact()], None, State.MET),
        ([fact(), fact(OTHER, counts=False)], None, State.MET),
        ([], document(), State.WAITING),
        ([], document("more_information"), State.RETURNED),
        ([], document("not_met"), State.REFUSED),
        ([fact()], document("not_met"), State.MET),
        ([fact(until=ON - dt.timedelta(days=1))], document(), State.WAITING),
        ([fact(), fact(until=dt.date(2020, 1, 1))], None, State.EXPIRED),
    ],
)
def test_the_state_of_a_requirement(evidence, sent, state):
    assert judge(evidence, sent, ON).state is state


def test_the_fact_that_lasts_longest_is_named():
    short, long = (
        fact(ONE, until=dt.date(2027, 1, 1)),
        fact(OTHER, until=dt.date(2028, 1, 1), label="New"),
    )
    found = judge([long, short], None, ON)
    assert (found.label, found.valid_until) == ("New", dt.date(2028, 1, 1))
    endless = judge([long, short, fact(uuid.uuid4(), label="Endless")], None, ON)
    assert (endless.label, endless.valid_until) == ("Endless", None)


def test_a_returned_document_says_why():
    assert (
        judge([], document("more_information", "Send both sides."), ON).label == "Send both sides."
    )


FACTS = st.lists(
    st.builds(
        EvidenceFact,
        reference=st.sampled_from([ONE, OTHER]),
        counts=st.booleans(),
        label=st.just("Shown"),
        valid_until=st.none() | st.dates(dt.date(2026, 1, 1), dt.date(2027, 12, 31)),
    ),
    max_size=8,
)


@given(FACTS)
def test_only_the_newest_row_of_each_source_matters(facts):
    newest = [
        row
        for number, row in enumerate(facts)
        if row.reference not in {later.reference for later in facts[number + 1 :]}
    ]
    assert judge(facts, None, ON) == judge(newest, None, ON)


@given(FACTS, st.dates(dt.date(2026, 1, 1), dt.date(2027, 12, 31)))
def test_what_is_met_on_a_day_was_met_on_every_day_before(facts, day):
    if judge(facts, None, day).met:
        assert judge(facts, None, day - dt.timedelta(days=1)).met
