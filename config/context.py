"""What the frame around every page shows."""

from __future__ import annotations

from typing import Any


def frame(request: Any) -> dict[str, Any]:
    actor = getattr(request, "actor", None)
    return {"actor": actor, "current_park": getattr(request, "park", None)}
