"""Enterprises of a park and what is kept of them."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator, URLValidator
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Coalesce, NullIf
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from enterprises.choices import ENDED_STATUSES, EnterpriseKind, EnterpriseStatus, LabelKind, PaperKind, SiteUse
from enterprises.querysets import DeclaredInterestQuerySet, EnterpriseQuerySet
from lib.identifiers import uuid7
from lib.mail_addresses import AddressModelField
from parks.choices import Currency
from parks.models import ParkOwned, StoredFile

NOT_NEGATIVE = MinValueValidator(Decimal(0))
# More than any employer of the world has at one place: what is above it is a number of something else.
MOST_EMPLOYEES = MaxValueValidator(1_000_000, _("Enter at most 1,000,000 employees."))
WEB_ADDRESS = URLValidator(schemes=["http", "https"], message=_("Enter a web address, for example www.example.cn."))
# What an official has compared with papers: afterwards it changes by request only.
VETTED = (
    "credit_code",
    "name_zh",
    "name_en",
    "kind",
    "industry_code",
    "established_on",
    "registered_capital",
    "capital_currency",
    "legal_representative",
    "address",
)
# What its people keep up to date themselves.
KEPT = (
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


class RegisteredFacts(models.Model):
    """What is said of an enterprise, by whoever registers it and in the register."""

    credit_code = models.CharField(_("unified social credit code"), max_length=18)
    name_en = models.CharField(_("name in English"), max_length=200, blank=True)
    name_zh = models.CharField(_("name in Chinese"), max_length=200)
    kind = models.CharField(
        _("type"), max_length=20, choices=EnterpriseKind.choices, default=EnterpriseKind.MANUFACTURER
    )
    industry_code = models.CharField(_("industry code (GB/T 4754)"), max_length=6, blank=True)
    industry_en = models.CharField(_("main products in English"), max_length=200, blank=True)
    industry_zh = models.CharField(_("main products in Chinese"), max_length=200, blank=True)
    established_on = models.DateField(_("established on"), null=True, blank=True)
    registered_capital = models.DecimalField(
        _("registered capital"), max_digits=18, decimal_places=2, null=True, blank=True, validators=[NOT_NEGATIVE]
    )
    capital_currency = models.CharField(
        _("currency of the capital"), max_length=3, choices=Currency.choices, default=Currency.CNY
    )
    legal_representative = models.CharField(_("legal representative"), max_length=120, blank=True)
    address = models.CharField(_("registered address"), max_length=300, blank=True)
    employees = models.PositiveIntegerField(_("employees"), null=True, blank=True, validators=[MOST_EMPLOYEES])
    website = models.CharField(_("website"), max_length=200, blank=True, validators=[WEB_ADDRESS])
    contact_name = models.CharField(_("contact person"), max_length=120, blank=True)
    contact_phone = models.CharField(_("contact telephone"), max_length=40, blank=True)
    contact_email = AddressModelField(_("contact e-mail"), blank=True)
    energy_contact_name = models.CharField(_("contact person for energy"), max_length=120, blank=True)
    energy_contact_phone = models.CharField(_("telephone for energy"), max_length=40, blank=True)
    energy_contact_email = AddressModelField(_("e-mail for energy"), blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name_en or self.name_zh


class Enterprise(RegisteredFacts, ParkOwned):
    """A business registered in a park, known by its unified social credit code. Every one here has been vetted.

    `merged_into` names the enterprise that goes on where two were found to be one; both keep their history.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    is_key_energy_user = models.BooleanField(_("key energy user"), default=False)
    status = models.CharField(
        _("status"), max_length=20, choices=EnterpriseStatus.choices, default=EnterpriseStatus.ACTIVE
    )
    status_reason = models.CharField(_("reason"), max_length=300, blank=True)
    status_changed_at = models.DateTimeField(null=True)
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, related_name="merged")
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(auto_now=True)

    objects = EnterpriseQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["name_zh"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["park", "id"], name="enterprise_of_park"),
            models.UniqueConstraint(
                fields=["park", "credit_code"],
                name="enterprise_code_once",
                violation_error_message=_("An enterprise with this code is already registered in this park."),
            ),
            models.CheckConstraint(
                condition=Q(status=EnterpriseStatus.MERGED, merged_into__isnull=False)
                | ~Q(status=EnterpriseStatus.MERGED) & Q(merged_into=None),
                name="enterprise_merged_into_one",
            ),
            models.CheckConstraint(
                condition=Q(website="") | Q(website__iregex="^https?://"), name="enterprise_website_is_of_the_web"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["park", "name_zh"], name="enterprise_park_name"),
            models.Index(
                "park", Coalesce(NullIf("name_en", Value("")), "name_zh"), "id", name="enterprise_english_name"
            ),
            # All that the counts of the list's filters read of every enterprise of the park.
            models.Index(
                fields=["park", "id"],
                include=["status", "kind", "is_key_energy_user", "industry_code"],
                name="enterprise_facets",
            ),
        ]

    @property
    def has_ended(self) -> bool:
        """Whether its registration has ended: nobody acts for it, and nothing of it changes."""
        return self.status in ENDED_STATUSES


class EnterpriseOwned(ParkOwned):
    """A row of one enterprise of a park; protected by `ProtectTable(enterprises=…)` in a migration."""

    enterprise = models.ForeignKey(Enterprise, models.PROTECT, related_name="+", db_index=False)

    class Meta:
        abstract = True


class Site(EnterpriseOwned):
    """A place where an enterprise works. One that was left keeps its row."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(_("name of the site"), max_length=120)
    address = models.CharField(_("address"), max_length=300)
    area_m2 = models.DecimalField(
        _("area (m²)"), max_digits=12, decimal_places=2, null=True, blank=True, validators=[NOT_NEGATIVE]
    )
    use = models.CharField(_("use"), max_length=20, choices=SiteUse.choices, default=SiteUse.PRODUCTION)
    opened_at = models.DateTimeField(default=timezone.now)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["opened_at", "id"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["park", "id"], name="site_of_park")]
        indexes: ClassVar = [models.Index(fields=["park", "enterprise"], name="site_of_enterprise")]

    def __str__(self) -> str:
        return self.name


def paper_path(paper: EnterprisePaper, filename: str) -> str:
    """Storage keys carry the park; the name the person gave is never part of a path."""
    return f"parks/{paper.park_id}/enterprises/{paper.enterprise_id}/{paper.pk}"


class EnterprisePaper(StoredFile, EnterpriseOwned):
    """A document about an enterprise as a whole: its licence, a certificate, the evidence of a label.

    `reminded_for` is the last day before `valid_until` of which its people were reminded, counted in days left.
    """

    kind = models.CharField(_("document"), max_length=20, choices=PaperKind.choices)
    file = models.FileField(upload_to=paper_path, max_length=200)
    valid_until = models.DateField(_("valid until"), null=True, blank=True)
    reminded_for = models.SmallIntegerField(null=True)

    class Meta:
        ordering: ClassVar = ["uploaded_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["park", "id"], name="enterprise_paper_of_park"),
            models.UniqueConstraint(fields=["park", "enterprise", "id"], name="enterprise_paper_of_enterprise"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["park", "enterprise"], name="enterprise_paper_list"),
            models.Index(fields=["file"], name="enterprise_paper_file"),
            models.Index(
                fields=["park", "valid_until"],
                condition=Q(removed_at=None, valid_until__isnull=False),
                name="enterprise_paper_expiry",
            ),
        ]


class EnterpriseLabel(EnterpriseOwned):
    """A label that the park gave an enterprise, from a day to a day, on evidence. Taken back, it stays on record."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.CharField(_("label"), max_length=30, choices=LabelKind.choices)
    valid_from = models.DateField(_("valid from"))
    valid_until = models.DateField(_("valid until"), null=True, blank=True)
    evidence = models.ForeignKey(EnterprisePaper, models.PROTECT, null=True, blank=True, related_name="+")
    note = models.CharField(_("source or note"), max_length=300, blank=True)
    given_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    given_by_name = models.CharField(max_length=120)
    given_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True)
    end_reason = models.CharField(_("reason"), max_length=300, blank=True)

    class Meta:
        ordering: ClassVar = ["kind", "valid_from"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["park", "id"], name="enterprise_label_of_park"),
            models.UniqueConstraint(
                fields=["park", "enterprise", "kind"],
                condition=Q(ended_at=None),
                name="enterprise_label_once",
                violation_error_message=_("The enterprise has this label already."),
            ),
            models.CheckConstraint(
                condition=Q(valid_until=None) | Q(valid_until__gte=F("valid_from")),
                name="enterprise_label_ends_after_it_begins",
                violation_error_message=_("A label cannot end before it begins."),
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["park", "kind"], name="enterprise_label_kind")]

    def __str__(self) -> str:
        return str(self.get_kind_display())


class DeclaredInterest(ParkOwned):
    """An official's interest in an enterprise: they may not act in its cases."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    enterprise = models.ForeignKey(Enterprise, models.PROTECT, related_name="declared_interests")
    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    reason = models.CharField(_("reason"), max_length=300)
    declared_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True)

    objects = DeclaredInterestQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["park", "id"], name="declared_interest_of_park"),
            models.UniqueConstraint(
                fields=["park", "enterprise", "user"],
                condition=Q(ended_at=None),
                name="declared_interest_once",
                violation_error_message=_("This interest is already declared."),
            ),
        ]

    def __str__(self) -> str:
        return self.reason
