"""Programmes, the applications filed under them, and what officials decided."""

from incentives.models.applications import (
    Application,
    ApplicationDocument,
    ApplicationStep,
    NumberSeries,
    document_path,
)
from incentives.models.ledger import FIRST_YEAR, LAST_YEAR, BudgetYear, LedgerEntry
from incentives.models.programmes import (
    MONEY,
    NOT_NEGATIVE,
    Programme,
    ProgrammeTerms,
    ProgrammeVersion,
    usual_stages,
)
from incentives.models.reviews import FieldComment, Review

__all__ = [
    "FIRST_YEAR",
    "LAST_YEAR",
    "MONEY",
    "NOT_NEGATIVE",
    "Application",
    "ApplicationDocument",
    "ApplicationStep",
    "BudgetYear",
    "FieldComment",
    "LedgerEntry",
    "NumberSeries",
    "Programme",
    "ProgrammeTerms",
    "ProgrammeVersion",
    "Review",
    "document_path",
    "usual_stages",
]
