"""What every act on a registration begins and ends with: the row locked, the way written, the values shown.

Shared by `registration`, which is the registrant's, and by the acts of officials.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from enterprises.choices import EnterpriseKind, PaperKind, RegistrationStepKind, SiteUse
from enterprises.models import RegisteredFacts, Registration, RegistrationPaper, RegistrationStep
from lib.formatting import day, money, number
from lib.refusals import Refusal
from parks.choices import Currency

SITES = "sites"
REGISTERED_FACTS = (
    "credit_code",
    "name_zh",
    "name_en",
    "kind",
    "established_on",
    "registered_capital",
    "capital_currency",
    "legal_representative",
    "address",
    "industry_code",
    "industry_zh",
    "industry_en",
    "employees",
    "website",
    "contact_name",
    "contact_phone",
    "contact_email",
    "energy_contact_name",
    "energy_contact_phone",
    "energy_contact_email",
)
"""The facts of a registration in the order of its pages; `SITES` stand before the contacts."""
FILED_PAPERS = (PaperKind.BUSINESS_LICENCE, PaperKind.AUTHORISATION, PaperKind.CERTIFICATE, PaperKind.OTHER)


class NotAllowed(Refusal):
    """The person may not do this; the message says who may."""

    code = "not_allowed"


class StateChanged(Refusal):
    """The registration is not, or no longer, what the person decided on when the page was loaded."""

    code = "state_changed"


class Invalid(Refusal):
    """A value that cannot be kept; `field` names it."""

    code = "invalid"


def paper_field(kind: str) -> str:
    """How a document is named where a field is: in what is missing and in an official's remarks."""
    return f"paper_{kind}"


def _labels() -> dict[str, str | Promise]:
    facts = {field.name: capfirst(field.verbose_name) for field in Registration._meta.fields}
    sites = {SITES: _("Sites")}
    papers = {paper_field(kind): kind.label for kind in FILED_PAPERS}
    before = REGISTERED_FACTS.index("contact_name")
    ordered = [*REGISTERED_FACTS[:before], SITES, *REGISTERED_FACTS[before:], *papers]
    known = {**facts, **sites, **papers}
    return {name: known[name] for name in ordered}


FIELDS: dict[str, str | Promise] = _labels()
"""What an official can ask to correct, with its label, in the order of the pages."""


def lock_registration(registration: Registration) -> Registration:
    """The registration as it is now, with its park, held until the end of the transaction."""
    related = Registration.objects.select_related("park")
    return related.select_for_update(of=("self",)).get(pk=registration.pk)


def save_columns(registration: Registration, **changes: Any) -> Registration:
    """Write only these columns: each role may touch its own ones alone."""
    for name, value in changes.items():
        setattr(registration, name, value)
    registration.save(update_fields=list(changes))
    return registration


def add_registration_step(
    *,
    registration: Registration,
    kind: RegistrationStepKind,
    by_user_id: int,
    by_name: str,
    is_by_official: bool,
    now: datetime,
    comment: str = "",
) -> RegistrationStep:
    """Added last, so that it keeps the deadline as the act left it."""
    return RegistrationStep.objects.create(
        park_id=registration.park_id,
        registrant_id=registration.registrant_id,
        registration=registration,
        kind=kind,
        at=now,
        by_id=by_user_id,
        by_name=by_name,
        is_by_official=is_by_official,
        comment=comment,
        due_at=registration.due_at,
    )


def kept_papers(registration: Registration) -> Sequence[RegistrationPaper]:
    """What is filed with it, oldest first. A page loads them once, as `kept`, with its registration."""
    loaded: Sequence[RegistrationPaper] | None = getattr(registration, "kept", None)
    return list(registration.papers.filter(removed_at=None)) if loaded is None else loaded


def shown_value(registration: Registration, field: str) -> str:
    """One of `FIELDS` as one reads it, a line for each site or document; empty when nothing stands there."""
    if field == SITES:
        return "\n".join(shown_site(site) for site in registration.sites)
    if field not in REGISTERED_FACTS:
        return "\n".join(paper.name for paper in kept_papers(registration) if paper_field(paper.kind) == field)
    return shown_fact(registration, field)


def shown_fact(row: RegisteredFacts, field: str) -> str:
    """One of `REGISTERED_FACTS` as one reads it, of a registration or of an enterprise; empty when it is not given."""
    value = getattr(row, field)
    return "" if value is None or value == "" else _written(row, field, value)


def _written(row: RegisteredFacts, field: str, value: Any) -> str:
    match field:
        case "kind":
            return str(EnterpriseKind(value).label)
        case "capital_currency":
            return str(Currency(value).label)
        case "established_on":
            return day(value)
        case "registered_capital":
            return money(value, row.capital_currency)
        case "employees":
            return number(value)
        case _name:
            return str(value)


def shown_site(site: dict[str, Any]) -> str:
    """One site of `Registration.sites` in a line: what it is called, where, how large, what for."""
    use = str(SiteUse(site["use"]).label) if site["use"] in SiteUse.values else ""
    area = f"{number(Decimal(site['area_m2']).normalize())} m²" if site["area_m2"] else ""
    return " · ".join(part for part in (site["name"], site["address"], area, use) if part)
