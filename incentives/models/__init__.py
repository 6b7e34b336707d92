"""Programmes, the applications filed under them, and what officials decided."""

from incentives.models.absences import Absence
from incentives.models.agreements import Agreement
from incentives.models.appeals import Appeal, AppealPaper
from incentives.models.applications import (
    Application,
    ApplicationDocument,
    ApplicationStep,
    NumberSeries,
    document_path,
)
from incentives.models.awards import Award, Notice, NoticeLine, Objection, ObjectionPaper
from incentives.models.clawbacks import Clawback
from incentives.models.dossiers import Dossier
from incentives.models.duplicates import Claim, Duplicate
from incentives.models.ledger import FIRST_YEAR, LAST_YEAR, BudgetYear, LedgerEntry
from incentives.models.panels import PanelSeat
from incentives.models.payments import Instalment, Payment
from incentives.models.programmes import (
    MONEY,
    MOST_NOTICE_DAYS,
    NOT_NEGATIVE,
    Programme,
    ProgrammeTerms,
    ProgrammeVersion,
    usual_stages,
)
from incentives.models.reviews import FieldComment, Review
from incentives.models.signatures import SignedFiling

__all__ = [
    "FIRST_YEAR",
    "LAST_YEAR",
    "MONEY",
    "MOST_NOTICE_DAYS",
    "NOT_NEGATIVE",
    "Absence",
    "Agreement",
    "Appeal",
    "AppealPaper",
    "Application",
    "ApplicationDocument",
    "ApplicationStep",
    "Award",
    "BudgetYear",
    "Claim",
    "Clawback",
    "Dossier",
    "Duplicate",
    "FieldComment",
    "Instalment",
    "LedgerEntry",
    "Notice",
    "NoticeLine",
    "NumberSeries",
    "Objection",
    "ObjectionPaper",
    "PanelSeat",
    "Payment",
    "Programme",
    "ProgrammeTerms",
    "ProgrammeVersion",
    "Review",
    "SignedFiling",
    "document_path",
    "usual_stages",
]
