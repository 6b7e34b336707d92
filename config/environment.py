"""What the environment says, and the embedded services where it says nothing."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from psycopg.conninfo import conninfo_to_dict

ROOT = Path(__file__).resolve().parent.parent


def data_dir() -> Path:
    """Where databases, uploads and mail of this installation lie."""
    return Path(os.environ.get("DATA_DIR") or ROOT / "var").resolve()


def prepare() -> None:
    """Start the embedded services of the data folder, or use those that run, unless others are named."""
    if not (os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL")):
        from config.embedded import ensure_services  # noqa: PLC0415 - settings need not load psycopg

        ensure_services(data_dir(), keep_running=False)


def database(url: str) -> dict[str, Any]:
    """Django's settings of a `postgresql://` address; everything beyond host, port, name and login is an option."""
    parts = conninfo_to_dict(url)
    named = {
        "NAME": parts.pop("dbname", ""),
        "USER": parts.pop("user", ""),
        "PASSWORD": parts.pop("password", ""),
        "HOST": parts.pop("host", ""),
        "PORT": parts.pop("port", ""),
    }
    return {"ENGINE": "django.db.backends.postgresql", **named, "OPTIONS": parts}


def flag(name: str, *, default: bool) -> bool:
    return os.environ.get(name, str(default)).lower() in {"1", "true", "yes", "on"}


def words(name: str, default: str = "") -> list[str]:
    """A comma-separated list."""
    return [word.strip() for word in os.environ.get(name, default).split(",") if word.strip()]
