import doctest

from lib import identifiers


def test_examples_hold():
    outcome = doctest.testmod(identifiers)
    assert (outcome.failed, outcome.attempted > 0) == (0, True)
