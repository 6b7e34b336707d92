"""The lock files: complete, hashed, and bound to no index."""

import subprocess
import sys
from pathlib import Path

import pytest

from tools.requirements import complaints_about

ROOT = Path(__file__).resolve().parents[2]
PIN = "--hash=sha256:0000000000000000000000000000000000000000000000000000000000000000"


def test_lock_files_are_hashed_and_name_no_address():
    outcome = subprocess.run(
        [sys.executable, "tools/requirements.py", "--check"], cwd=ROOT, capture_output=True, text=True
    )

    assert (outcome.returncode, outcome.stderr) == (0, "")


def test_both_locks_name_the_same_versions():
    def pins(name):
        lines = (ROOT / "requirements" / name).read_text().splitlines()
        return {line.split(" ")[0] for line in lines if "==" in line and line[0].isalnum()}

    assert pins("base.txt") - pins("dev.txt") == set()


@pytest.mark.parametrize(
    ("text", "complaints"),
    [
        (f"one==1.0 \\\n    {PIN}\n", []),
        ("one==1.0\n", ["lock.txt: one==1.0 has no hash"]),
        (f"one>=1.0 \\\n    {PIN}\n", ["lock.txt: one>=1.0 is not pinned"]),
        (
            f"one @ https://host/one.whl \\\n    {PIN}\n",
            ["lock.txt names an address: ://", "lock.txt: one is not pinned"],
        ),
        (
            f"--index-url simple\none==1.0 \\\n    {PIN}\n",
            [
                "lock.txt names an address: --index-url",
                "lock.txt: --index-url has no hash",
                "lock.txt: --index-url is not pinned",
            ],
        ),
    ],
)
def test_a_lock_that_binds_to_an_index_or_lacks_a_hash_is_refused(text, complaints, tmp_path):
    lock = tmp_path / "lock.txt"
    lock.write_text(text)

    assert complaints_about(lock) == complaints
