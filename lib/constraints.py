"""Which rule of the database a refused row broke."""

from __future__ import annotations

from django.db import IntegrityError


def violated_constraint(error: IntegrityError) -> str:
    """The name of the constraint, or of the trigger's rule, as PostgreSQL reports it; empty where it names none."""
    return getattr(getattr(error.__cause__, "diag", None), "constraint_name", None) or ""
