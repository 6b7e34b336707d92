"""The runner of the benchmarks; what they measure is not a test's matter."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.measurement import Measurement, median_ms

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("value", "limit", "bound", "holds"),
    [
        (1.0, 1.0, "at most", True),
        (1.1, 1.0, "at most", False),
        (2.0, 2.0, "at least", True),
        (1.9, 2.0, "at least", False),
    ],
)
def test_measurement_says_whether_its_limit_holds(value, limit, bound, holds):
    line = Measurement("import", value, "times", limit, bound).as_line()

    assert json.loads(line) == {
        "name": "import",
        "value": value,
        "unit": "times",
        "limit": limit,
        "bound": bound,
        "holds": holds,
    }


def test_median_does_not_count_the_run_that_warms_up():
    runs = []

    median_ms(lambda: runs.append(1), repetitions=3)

    assert len(runs) == 4


def test_an_unknown_benchmark_is_refused_before_anything_is_started():
    outcome = subprocess.run([sys.executable, "-m", "benchmarks", "nothing"], cwd=ROOT, capture_output=True, text=True)

    assert outcome.returncode == 2
    assert outcome.stderr.startswith("No benchmark is called nothing: choose from ")
