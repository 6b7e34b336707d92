"""Ports of this machine."""

from __future__ import annotations

import socket

LOCAL = "127.0.0.1"


def free_port() -> int:
    """A port that is free now. Another program may take it before it is used: whoever uses it has to try again."""
    with socket.socket() as probe:
        probe.bind((LOCAL, 0))
        port: int = probe.getsockname()[1]
        return port
