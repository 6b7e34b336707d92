"""Rows of a form: only marks of our own count, however the request was made."""

from __future__ import annotations

import doctest

import pytest
from django import forms
from django.http import QueryDict

from lib import rows
from lib.rows import Row, Rows, marks_of


class Stop(Row):
    name = forms.CharField()


def test_examples_of_the_documentation_hold():
    outcome = doctest.testmod(rows)
    assert (outcome.failed, outcome.attempted > 0) == (0, True)


@pytest.mark.parametrize(
    ("typed", "marks"),
    [
        ("stops=1&stops=0", ["1", "0"]),
        ("stops=1&stops=1", ["1"]),
        ("stops=-1&stops=x&stops=12345&stops=", []),
        ("", []),
    ],
)
def test_marks_are_short_numbers_that_come_once(typed, marks):
    assert marks_of(QueryDict(typed), "stops") == marks


def test_no_more_rows_than_the_table_holds():
    typed = QueryDict("&".join(f"stops={mark}&stops-{mark}-name=x" for mark in range(9)))
    stops = Rows(Stop, "stops", typed, most=3)
    assert (len(stops.rows), stops.is_full, stops.is_valid()) == (3, True, True)


def test_kept_rows_are_drawn_and_an_empty_one_says_nothing():
    assert [row["name"].value() for row in Rows(Stop, "stops", None, [{"name": "A"}]).rows] == ["A"]
    typed = Rows(Stop, "stops", QueryDict("stops=0&stops=1&stops-1-name=B"))
    assert (typed.is_valid(), [row.cleaned_data["name"] for row in typed.filled]) == (True, ["B"])
