"""What web server, worker and beat write: kept in files, and on the terminal only what somebody should read at once."""

from __future__ import annotations

import json
import logging
import re
import sys
from logging.handlers import RotatingFileHandler
from pathlib import Path

from honcho.manager import SYSTEM_PRINTER_NAME
from honcho.printer import Message, Printer

LOUD = frozenset({"warning", "error", "critical"})
# The application server writes a few lines of its own, which are not JSON.
QUIET_LINE = re.compile(r"\s*$|\[[^]]+\] \[\d+\] \[(INFO|DEBUG)\] ")
QUIET_SYSTEM_LINE = re.compile(r".* (started|stopped) \(|sending SIGTERM |SIG(TERM|INT) received")
ASKED_TO_STOP = re.compile(r"SIG(TERM|INT) received")
ENDED = re.compile(r"(?P<name>\S+) stopped \(rc=(?P<status>-?\d+)\)")
LARGEST_BYTES = 10_000_000


class ProcessLogs(Printer):
    """Takes the lines of honcho's processes. Each start begins a new file; the three before it are kept."""

    def __init__(self, folder: Path) -> None:
        super().__init__(sys.stderr)
        self.folder = folder
        self.folder.mkdir(mode=0o700, exist_ok=True)
        self.files: dict[str, RotatingFileHandler] = {}
        self.is_stopping = False
        self.ended_alone: tuple[str, int] | None = None  # the process that ended first, unasked, and its status

    def write(self, message: Message) -> None:
        text = message.data.decode("utf-8", "replace") if isinstance(message.data, bytes) else message.data
        for line in text.splitlines():
            self._file(message.name).emit(logging.makeLogRecord({"msg": line}))
            if message.name == SYSTEM_PRINTER_NAME:
                self._notice_end(line)
            if is_loud(message.name, line):
                super().write(message._replace(data=line))

    def _notice_end(self, line: str) -> None:
        ended = ENDED.match(line)
        if ended and not self.is_stopping:
            self.ended_alone = ended["name"], int(ended["status"])
        self.is_stopping = self.is_stopping or bool(ended or ASKED_TO_STOP.match(line))

    def _file(self, name: str) -> RotatingFileHandler:
        if name not in self.files:
            path = self.folder / f"{name}.log"
            had_lines = path.exists() and path.stat().st_size > 0
            self.files[name] = RotatingFileHandler(path, maxBytes=LARGEST_BYTES, backupCount=3, encoding="utf-8")
            if had_lines:
                self.files[name].doRollover()
        return self.files[name]


def is_loud(name: str, line: str) -> bool:
    """Whether the line belongs on the terminal. What cannot be read as a log line does: a traceback, for example.

    >>> is_loud("web", '{"level": "info", "event": "request_finished"}')
    False
    >>> is_loud("worker", '{"level": "warning", "event": "task_retrying"}')
    True
    """
    if name == SYSTEM_PRINTER_NAME:
        return not QUIET_SYSTEM_LINE.match(line)
    try:
        entry = json.loads(line)
    except ValueError:
        return not QUIET_LINE.match(line)
    return not isinstance(entry, dict) or str(entry.get("level", "")).lower() in LOUD
