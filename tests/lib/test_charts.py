from __future__ import annotations

from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from energy.views.drawing import mark_words
from lib.charts import marks


@pytest.mark.parametrize(
    ("highest", "words"),
    [
        (5.55e-17, ["1", "0"]),
        (9.9e-10, ["1", "0"]),
        (1e-9, ["0.000000001", "0.00000000075", "0.0000000005", "0.00000000025", "0"]),
        (3e-9, ["0.000000003", "0.000000002", "0.000000001", "0"]),
        (13.42, ["15", "10", "5", "0"]),
        (0.8, ["0.8", "0.6", "0.4", "0.2", "0"]),
        (1e11, ["100,000,000,000", "75,000,000,000", "50,000,000,000", "25,000,000,000", "0"]),
    ],
)
def test_scale_of_every_size_has_words(highest, words):
    told = mark_words(marks(highest))
    assert [float(word.replace(",", "")) for word in told] == [float(word.replace(",", "")) for word in words]


@given(highest=st.floats(0, 1e12), lowest=st.floats(-1e12, 0))
def test_scale_holds_every_value_that_can_be_stored(highest, lowest):
    found = marks(highest, lowest)
    near = 1e-6 * (found[-1] - found[0])
    assert 2 <= len(found) <= 7
    assert found[0] - near <= lowest
    assert highest <= found[-1] + near
    assert len(mark_words(found)) == len(found)


def test_what_has_no_end_is_drawn_as_nothing():
    assert marks(inf) == marks(0.0, -inf) == [0.0, 1.0]
