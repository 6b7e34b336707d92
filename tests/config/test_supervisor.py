"""What watches the processes and the servers of an installation."""

from __future__ import annotations

import threading
from pathlib import Path
from types import SimpleNamespace

from config import supervisor


def test_everything_stops_in_words_when_the_database_has_ended(monkeypatch, capsys):
    ended = iter([[], ["PostgreSQL"]])
    monkeypatch.setattr(supervisor, "ended_services", lambda _folder: next(ended))
    monkeypatch.setattr(supervisor, "WATCH_SECONDS", 0.01)
    stops = []
    manager = SimpleNamespace(returncode=None, terminate=lambda: stops.append(True))
    supervisor.watch(manager, Path("var"), threading.Event())
    assert (manager.returncode, stops) == (1, [True])
    assert capsys.readouterr().err == "PostgreSQL has ended, so ParkZero stops. Start again: nothing is lost.\n"


def test_servers_that_are_stopped_on_purpose_are_no_news(monkeypatch, capsys):
    is_over = threading.Event()
    is_over.set()
    supervisor.watch(SimpleNamespace(), Path("var"), is_over)
    assert capsys.readouterr().err == ""
