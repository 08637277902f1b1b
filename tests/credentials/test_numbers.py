from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credentials import numbers

bodies = st.text(numbers.ALPHABET, min_size=7, max_size=7)


@given(bodies)
def test_a_number_is_its_own_canonical_form(body):
    number = numbers.join("SMT", body + numbers.check_symbol(body))
    assert numbers.normalise(number) == number


def test_a_new_number_is_no_name(monkeypatch):
    letters, digits = "GNPQERT", "GN4QERT"
    drawn = iter(letters + digits)
    monkeypatch.setattr(numbers.secrets, "choice", lambda _symbols: next(drawn))
    assert numbers.check_symbol(letters).isalpha()
    assert numbers.new_number("SMT")[4:].replace("-", "")[:7] == digits


def test_new_numbers_are_canonical_and_differ():
    made = {numbers.new_number("SMT") for _each in range(200)}
    assert len(made) == 200
    assert all(numbers.normalise(number) == number for number in made)


NUMBER = numbers.join("SMT", "7K3Q90T" + numbers.check_symbol("7K3Q90T"))


@pytest.mark.parametrize(
    "typed",
    [
        NUMBER.lower(),
        NUMBER.replace("-", ""),
        NUMBER.replace("-", " "),
        NUMBER.replace("-", " – "),
        NUMBER.replace("0", "o"),
        f"  {NUMBER}\n",
    ],
)
def test_case_blanks_dashes_and_look_alikes_are_forgiven(typed):
    assert numbers.normalise(typed) == NUMBER


@given(bodies, st.integers(0, 7), st.sampled_from(numbers.ALPHABET))
def test_every_single_wrong_symbol_is_caught(body, place, wrong):
    symbols = body + numbers.check_symbol(body)
    spoilt = symbols[:place] + wrong + symbols[place + 1 :]
    if spoilt != symbols:
        assert numbers.normalise(numbers.join("SMT", spoilt)) is None


@given(bodies)
def test_every_swap_of_two_symbols_is_caught(body):
    symbols = body + numbers.check_symbol(body)
    for one, other in combinations(range(8), 2):
        swapped = list(symbols)
        swapped[one], swapped[other] = swapped[other], swapped[one]
        if swapped != list(symbols):
            assert numbers.normalise(numbers.join("SMT", "".join(swapped))) is None


def test_a_letter_of_another_alphabet_is_not_passed_over():
    assert numbers.normalise(f"{NUMBER}\u0416") is None
    assert numbers.normalise(NUMBER.replace("M", "\u041c")) is None
    assert numbers.foreign_letter(NUMBER) == ""


@given(st.text(max_size=5000))
def test_no_text_upsets_it(text):
    number = numbers.normalise(text)
    assert number is None or numbers.normalise(number) == number


@pytest.mark.parametrize(
    "text", ["", "\0", "SMT", "7K3Q90TX", "A-7K3Q-90TX", "TOOLONGPREFIX-7K3Q-90TX", "<script>"]
)
def test_what_cannot_be_a_number_is_none(text):
    assert numbers.normalise(text) is None
