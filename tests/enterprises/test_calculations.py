import doctest

import pytest

from enterprises import calculations
from enterprises.calculations import check_character_fits, has_code_shape, normalised_code

# Registered codes, and codes of the early pilots, which are legal and fail the check.
FITTING = ["91350200MA2YJ1XR9G", "91350213678251743X", "91350200776049653A", "91110000600037341L"]
EARLY = ["91350203M0001QAY9B", "91350211M0000XUF46", "91350203M0001FUE2P"]


def test_examples_hold():
    assert doctest.testmod(calculations).failed == 0


@pytest.mark.parametrize("code", FITTING)
def test_registered_code_fits(code):
    assert (has_code_shape(code), check_character_fits(code)) == (True, True)


@pytest.mark.parametrize("code", EARLY)
def test_early_code_has_the_shape_and_does_not_fit(code):
    assert (has_code_shape(code), check_character_fits(code)) == (True, False)


def test_every_single_wrong_character_is_noticed():
    code = FITTING[0]
    wrong = [
        code[:place] + other + code[place + 1 :] for place in range(17) for other in "07AY" if code[place] != other
    ]
    assert [one for one in wrong if has_code_shape(one) and check_character_fits(one)] == []


@pytest.mark.parametrize(
    "written",
    [
        "91350200ma2yj1xr9g",
        "  91350200MA2YJ1XR9G\n",
        "９１３５０２００ＭＡ２ＹＪ１ＸＲ９Ｇ",
        "9135 0200 MA2Y J1XR 9G",
        "91350200-MA2YJ1XR9-G",
        "91350200　MA2YJ1XR9G",
    ],
)
def test_code_is_stored_in_one_form(written):
    assert normalised_code(written) == "91350200MA2YJ1XR9G"


@pytest.mark.parametrize(
    "code", ["", "9135", "91350200MA2YJ1XR9GG", "91350200MA2YJ1XR9I", "9135O200MA2YJ1XR9G", "九1350200MA2YJ1XR9G"]
)
def test_other_text_has_not_the_shape(code):
    assert not has_code_shape(code)


def test_code_of_a_rural_collective_has_the_shape():
    assert has_code_shape("N2350206MF12345678")
