"""What the README promises exists, and CI runs it."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def promised_targets():
    documents = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
    texts = [path.read_text() for path in documents]
    return {target for text in texts for target in re.findall(r"(?:^|`|\$ )make ([a-z]+)\b", text, re.MULTILINE)}


def offered_targets():
    return set(re.findall(r"^([a-z]+):.* ## ", (ROOT / "Makefile").read_text(), re.MULTILINE))


def test_every_command_of_the_documents_exists():
    assert promised_targets() - offered_targets() == set()
    assert promised_targets() >= {"run", "test", "lint"}


def test_ci_runs_the_commands_of_the_readme():
    script = (ROOT / ".ci" / "run").read_text()

    assert re.findall(r"^make (\w+)$", script, re.MULTILINE) == ["lint", "test"]


@pytest.mark.parametrize("script", [".ci/run"])
def test_shell_scripts_parse(script):
    assert subprocess.run(["bash", "-n", ROOT / script]).returncode == 0


def test_make_lists_its_targets():
    outcome = subprocess.run(["make", "--no-print-directory", "help"], cwd=ROOT, capture_output=True, text=True)

    assert {line.split()[1] for line in outcome.stdout.splitlines()} == offered_targets()
