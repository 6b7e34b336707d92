"""Production says in one line what it lacks, and trusts nothing that nobody set."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from config.environment import ROOT

COMPLETE = {
    "PATH": os.environ["PATH"],
    "PARKZERO_MODE": "production",
    "SECRET_KEY": "of this test alone",
    "SITE_URL": "https://portal.example/",
    "SMTP_HOST": "mail.example",
    "DATABASE_URL": "postgresql://app@127.0.0.1:1/unset",
}
ASKED = """
import json
from config import settings as s
print(json.dumps([s.DEBUG, s.SITE_URL, s.EMAIL_HOST, s.DATABASES["default"]["CONN_HEALTH_CHECKS"],
                  s.REST_FRAMEWORK["NUM_PROXIES"], s.ALLAUTH_TRUSTED_PROXY_COUNT]))
"""


def settings_of(tmp_path, **environment):
    """What a process with this environment reads, and its last line of complaint."""
    told = {**COMPLETE, "DATA_DIR": str(tmp_path), **environment}
    outcome = subprocess.run(
        [sys.executable, "-c", ASKED], env=told, cwd=ROOT, capture_output=True, text=True, check=False
    )
    return json.loads(outcome.stdout or "null"), (outcome.stderr.strip().splitlines() or [""])[-1]


@pytest.mark.parametrize("name", ["SECRET_KEY", "SITE_URL", "SMTP_HOST"])
def test_production_says_what_it_lacks(tmp_path, name):
    read, complaint = settings_of(tmp_path, **{name: ""})
    assert read is None
    assert complaint.startswith(f"django.core.exceptions.ImproperlyConfigured: Set {name} to ")
    assert complaint.endswith("; production has no default.")


@pytest.mark.parametrize(
    ("environment", "proxies"), [({}, 0), ({"BEHIND_PROXY": "true"}, 1), ({"PROXY_COUNT": "2", "DEBUG": "true"}, 2)]
)
def test_production_that_is_complete_starts(tmp_path, environment, proxies):
    read, _ = settings_of(tmp_path, **environment)
    assert read == [False, "https://portal.example", "mail.example", True, proxies, proxies]
