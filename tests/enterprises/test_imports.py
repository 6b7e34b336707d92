"""A file of enterprises on its way into the register."""

from __future__ import annotations

import pytest

from tests.enterprises.imports import checked, counts, imported, made_up, register, workbook

pytestmark = pytest.mark.django_db


def test_a_workbook_is_imported_and_nothing_changes_the_second_time(scene):
    file = workbook(made_up(40))
    assert counts(checked(scene.ours, file, "a.xlsx")) == ("checked", 40, 40, 0, 0, 0)
    done = imported(scene.ours, file, "a.xlsx")
    assert (counts(done), done.rows_done) == (("done", 40, 40, 0, 0, 0), 40)
    assert len(register(scene.ours)) == 42
    assert counts(checked(scene.ours, file, "a.xlsx")) == ("checked", 40, 0, 0, 40, 0)
