"""How alike two questions read: the same both ways, from nothing to all."""

from hypothesis import given
from hypothesis import strategies as st

from quizzes.similarity import FEW, NEAR, Question, likeness, nearest, words

TEXTS = st.text(alphabet="abc sé.,?", max_size=60)


@given(TEXTS, TEXTS)
def test_likeness_is_the_same_both_ways_and_between_nothing_and_all(one, other):
    assert likeness(one, other) == likeness(other, one)
    assert 0 <= likeness(one, other) <= 1


@given(TEXTS)
def test_a_text_is_wholly_like_itself_and_an_empty_one_like_nothing(text):
    assert likeness(text, text) == (1 if words(text) else 0)
    assert likeness(text, "") == 0


@given(TEXTS, st.lists(TEXTS, max_size=8), st.integers(1, 5))
def test_the_nearest_come_first_and_are_no_more_than_asked_for(text, others, limit):
    found = nearest(Question(text), enumerate(map(Question, others)), limit=limit)
    shares = [share for _name, share in found]
    assert len(found) <= limit and shares == sorted(shares, reverse=True)
    assert all(share == likeness(text, others[name]) >= NEAR for name, share in found)
    left_out = {likeness(text, other) for i, other in enumerate(others) if i not in dict(found)}
    assert len(found) == limit or all(share < NEAR for share in left_out)


def test_case_accents_punctuation_and_plurals_make_no_difference():
    assert likeness("Which NERVES pass, the café?", "which nerve pass the cafe") == 1


def test_a_question_put_in_other_words_is_near_and_another_is_not():
    said = "A client on apixaban asks for deep tissue work. What do you do?"
    assert likeness(said, "A runner on apixaban asks for deep tissue work. What do you do?") > 0.6
    assert likeness(said, "Which stroke usually opens and closes a session?") < 0.1


@given(st.lists(TEXTS, min_size=4, max_size=4))
def test_what_two_questions_offer_makes_them_no_less_alike(texts):
    asks, offers, other, offered = texts
    (plain,) = nearest(Question(asks), [(1, Question(other))], least=0)
    (both,) = nearest(Question(asks, offers), [(1, Question(other, offered))], least=0)
    assert plain[1] <= both[1] <= 1
    enough = min(len(words(offers)), len(words(offered))) >= FEW
    assert enough or both == plain


def test_the_same_answers_to_a_question_put_otherwise_are_near():
    offers = "Over muscle Over the vessels Over bone Nowhere at all"
    one = Question("Where is pressure kept away from?", offers)
    other = Question("Name what a therapist leaves out behind the knee.", offers)
    assert nearest(one, [("it", other)])
    assert not nearest(one, [("it", Question(other.asks, "Yes No"))])
