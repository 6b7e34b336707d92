"""What follows an approval until the award stands."""

from __future__ import annotations

from datetime import datetime

from incentives.models import Application
from incentives.services import ledger


def open_award(application: Application, now: datetime) -> None:
    """Called by the approval that has reserved the money, in its transaction."""
    ledger.commit(application, now)
