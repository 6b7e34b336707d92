"""What is written to the logs, and what never is."""

from __future__ import annotations

import pytest

from config.logging import hide_secrets


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("Gone: /invitations/DEnQ-kw_3/", "Gone: /invitations/[hidden]/"),
        ("GET /invitations/DEnQ-kw_3/?next=/", "GET /invitations/[hidden]/?next=/"),
        ("GET /account/confirm-email/Mg:1vAb/", "GET /account/confirm-email/[hidden]/"),
        ("GET /account/password/reset/key/1-set/", "GET /account/password/reset/key/[hidden]/"),
        ("GET /park/staff/", "GET /park/staff/"),
    ],
)
def test_secrets_in_addresses_are_hidden(said, kept):
    assert hide_secrets(None, "info", {"event": said, "request": said}) == {"event": kept, "request": kept}


def test_values_of_secret_names_are_hidden():
    event = {"event": "signed in", "password": "x", "Authorization": "Bearer x", "code": 200}

    assert hide_secrets(None, "info", event) == {
        "event": "signed in",
        "password": "[hidden]",
        "Authorization": "[hidden]",
        "code": 200,
    }
