from __future__ import annotations

import doctest

from lib import backoff


def test_delays_are_as_documented():
    outcome = doctest.testmod(backoff)
    assert (outcome.failed, outcome.attempted) == (0, 2)
