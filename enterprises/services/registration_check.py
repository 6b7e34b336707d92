"""What a registration still lacks before it can be filed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from enterprises.calculations import LENGTH, check_character_fits, has_code_shape, is_to_come
from enterprises.choices import PaperKind
from enterprises.models import Registration
from enterprises.services.registration_ground import FILED_PAPERS, SITES, kept_papers, paper_field

IDENTITY = (
    "credit_code",
    "is_code_confirmed",
    "name_zh",
    "name_en",
    "kind",
    "established_on",
    "registered_capital",
    "capital_currency",
    "legal_representative",
    "is_legal_representative",
    "address",
)
BUSINESS = ("industry_code", "industry_zh", "industry_en", "employees", "website")
CONTACTS = (
    "contact_name",
    "contact_phone",
    "contact_email",
    "energy_contact_name",
    "energy_contact_phone",
    "energy_contact_email",
)
SECTIONS: dict[str, tuple[str, ...]] = {
    "identity": IDENTITY,
    "business": BUSINESS,
    "sites": (SITES,),
    "contacts": CONTACTS,
    "papers": tuple(paper_field(kind) for kind in FILED_PAPERS),
}
"""The pages of a registration in their order, and what each asks for."""
ANSWERS = (*IDENTITY, *BUSINESS, SITES, *CONTACTS)


@dataclass(frozen=True, slots=True)
class Missing:
    """`field` is one of `SECTIONS`; for one site among several `row` is its place, counted from 0."""

    field: str
    message: str
    row: int | None = None
    column: str = ""


def section_of(field: str) -> str:
    """The page on which a field is kept."""
    return next(name for name, fields in SECTIONS.items() if field in fields)


def required_papers(registration: Registration) -> list[PaperKind]:
    """The licence, and who signs for another shows the letter that allows it."""
    if registration.is_legal_representative:
        return [PaperKind.BUSINESS_LICENCE]
    return [PaperKind.BUSINESS_LICENCE, PaperKind.AUTHORISATION]


def check_registration(registration: Registration, today: date) -> list[Missing]:
    """Everything that stands between the registration and its filing, in the order of the pages.

    Nothing here looks at other enterprises: whether a code is registered already is not for the registrant to learn.
    """
    return [
        *_missing_identity(registration, today),
        *_missing_business(registration),
        *_missing_sites(registration),
        *_missing_contacts(registration),
        *_missing_papers(registration),
    ]


def doubts_code(registration: Registration) -> bool:
    """Whether the code has the right shape and a check character that does not follow from the others."""
    code = registration.credit_code
    return has_code_shape(code) and not check_character_fits(code)


def _missing_identity(registration: Registration, today: date) -> Iterator[Missing]:
    code = registration.credit_code
    if not code:
        yield Missing("credit_code", _("Enter the code that stands on the business licence."))
    elif len(code) != LENGTH:
        yield Missing("credit_code", _("The code has 18 characters; this one has %(length)s.") % {"length": len(code)})
    elif not has_code_shape(code):
        yield Missing(
            "credit_code",
            _("The third to eighth characters are digits, and the letters I, O, S, V and Z do not occur."),
        )
    elif doubts_code(registration) and not registration.is_code_confirmed:
        yield Missing(
            "is_code_confirmed",
            _(
                "The last character of the code does not fit the others: a typing error, or a code of the early pilots."
                " Compare it with the business licence, then confirm it."
            ),
        )
    if not registration.name_zh:
        yield Missing("name_zh", _("Enter the name that stands on the business licence."))
    if is_to_come(registration.established_on, today):
        yield Missing("established_on", _("This day has not come yet."))
    if not registration.legal_representative:
        yield Missing("legal_representative", _("Enter the legal representative."))
    if not registration.address:
        yield Missing("address", _("Enter the registered address."))


def _missing_business(registration: Registration) -> Iterator[Missing]:
    if not registration.industry_code:
        yield Missing("industry_code", _("Enter the code of the industry."))
    if not registration.industry_zh and not registration.industry_en:
        yield Missing("industry_zh", _("Say what the enterprise makes or does, in one of the two languages."))


def _missing_sites(registration: Registration) -> Iterator[Missing]:
    if not registration.sites:
        yield Missing(SITES, _("Add at least one site in the park."))
    for row, site in enumerate(registration.sites):
        number = {"number": row + 1}
        if not site["name"]:
            yield Missing(SITES, _("Name site %(number)s, for example “Works 1”.") % number, row, "name")
        if not site["address"]:
            yield Missing(SITES, _("Enter the address of site %(number)s.") % number, row, "address")


def _missing_contacts(registration: Registration) -> Iterator[Missing]:
    asked = {
        "contact_name": _("Enter who answers questions of the park."),
        "contact_phone": _("Enter a telephone number."),
        "contact_email": _("Enter an e-mail address."),
    }
    for name, message in asked.items():
        if not getattr(registration, name):
            yield Missing(name, message)


def _missing_papers(registration: Registration) -> Iterator[Missing]:
    present = {paper.kind for paper in kept_papers(registration)}
    for kind in required_papers(registration):
        if kind not in present:
            yield Missing(paper_field(kind), _("Attach the document: %(name)s.") % {"name": kind.label})
