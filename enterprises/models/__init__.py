"""What is kept of enterprises: the register, what is on its way into it, and what is to change in it."""

from enterprises.models.changes import ChangeRequest, EnterpriseStep
from enterprises.models.imports import RegisterImport, RegisterImportRow
from enterprises.models.register import (
    KEPT,
    VETTED,
    DeclaredInterest,
    Enterprise,
    EnterpriseLabel,
    EnterpriseOwned,
    EnterprisePaper,
    RegisteredFacts,
    Site,
)
from enterprises.models.registrations import (
    Registration,
    RegistrationPaper,
    RegistrationRemark,
    RegistrationStep,
    UnfiledAnswers,
)

__all__ = [
    "KEPT",
    "VETTED",
    "ChangeRequest",
    "DeclaredInterest",
    "Enterprise",
    "EnterpriseLabel",
    "EnterpriseOwned",
    "EnterprisePaper",
    "EnterpriseStep",
    "RegisterImport",
    "RegisterImportRow",
    "RegisteredFacts",
    "Registration",
    "RegistrationPaper",
    "RegistrationRemark",
    "RegistrationStep",
    "Site",
    "UnfiledAnswers",
]
