"""Which rule of the database a refused row broke."""

from __future__ import annotations

from django.db import IntegrityError


def violated_constraint(error: IntegrityError) -> str:
    """The name of the constraint, or of the trigger's rule, as PostgreSQL reports it; empty where it names none."""
    return getattr(getattr(error.__cause__, "diag", None), "constraint_name", None) or ""


def refused_rule(error: IntegrityError) -> str:
    """What a rule of the database says that refused a row, in its own words; empty where it says nothing."""
    return getattr(getattr(error.__cause__, "diag", None), "message_primary", None) or ""
