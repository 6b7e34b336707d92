"""What the rows of this app are called in the audit trail: by the enterprise or the registration they belong to."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, TypeAlias

from django.db.models import Model

from enterprises.models import (
    ChangeRequest,
    DeclaredInterest,
    Enterprise,
    EnterpriseLabel,
    EnterprisePaper,
    EnterpriseStep,
    Registration,
    RegistrationPaper,
    RegistrationRemark,
    RegistrationStep,
    Site,
)
from enterprises.services.registration_ground import FIELDS
from lib.templatetags.ui import localized_filter
from parks.audit_words import value_words
from parks.row_names import known_columns
from tenancy.models import AuditEvent

Named: TypeAlias = Callable[[Collection[str]], Mapping[str, str]]
# What each is about besides what it belongs to, by column; "" where that says enough.
OF_ENTERPRISES: dict[type[Model], str] = {
    ChangeRequest: "number",
    DeclaredInterest: "",
    EnterpriseLabel: "kind",
    EnterprisePaper: "name",
    EnterpriseStep: "kind",
    Site: "name",
}
OF_REGISTRATIONS: dict[type[Model], str] = {
    RegistrationPaper: "name",
    RegistrationRemark: "field",
    RegistrationStep: "kind",
}


def names_of_register(events: Sequence[AuditEvent]) -> dict[int, str]:
    """Names by event: "Torch Motors · Works 1", "R-2026-0007 · address"."""
    return {
        **_names(events, OF_ENTERPRISES, "enterprise_id", _enterprises),
        **_names(events, OF_REGISTRATIONS, "registration_id", _registrations),
    }


def _names(events: Sequence[AuditEvent], parts: Mapping[type[Model], str], owner: str, named: Named) -> dict[int, str]:
    """The names of parts: `owner` is the column of what they belong to, `named` what that is called, by its id."""
    found = {
        event_id: (str(columns.get(owner) or ""), _about(model, about, columns))
        for model, about in parts.items()
        for event_id, columns in known_columns(events, model, [owner, about] if about else [owner]).items()
    }
    owners = {belongs_to for belongs_to, _words in found.values() if belongs_to}
    names = named(owners) if owners else {}
    return {
        event_id: f"{names[belongs_to]} · {words}" if words else names[belongs_to]
        for event_id, (belongs_to, words) in found.items()
        if belongs_to in names
    }


def _about(model: type[Model], column: str, columns: Mapping[str, Any]) -> str:
    value = columns.get(column) or ""
    if model is RegistrationRemark:
        return str(FIELDS.get(value, value))
    return value_words(model._meta.db_table, column, value) if value else ""


def _enterprises(ids: Collection[str]) -> dict[str, str]:
    known = Enterprise.objects.filter(pk__in=ids).only("name_en", "name_zh")
    return {str(enterprise.pk): localized_filter(enterprise, "name") for enterprise in known}


def _registrations(ids: Collection[str]) -> dict[str, str]:
    filed = Registration.objects.filter(pk__in=ids).exclude(number="")
    return {str(pk): number for pk, number in filed.values_list("pk", "number")}
