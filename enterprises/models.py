"""Enterprises of a park and what is kept of them."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Value
from django.db.models.functions import Coalesce, NullIf
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from enterprises.choices import EnterpriseKind, EnterpriseStatus
from enterprises.querysets import DeclaredInterestQuerySet, EnterpriseQuerySet
from lib.identifiers import uuid7
from parks.models import ParkOwned


class Enterprise(ParkOwned):
    """A business registered in a park, known by its unified social credit code."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    credit_code = models.CharField(_("unified social credit code"), max_length=18)
    name_en = models.CharField(_("name in English"), max_length=200, blank=True)
    name_zh = models.CharField(_("name in Chinese"), max_length=200)
    kind = models.CharField(
        _("type"), max_length=20, choices=EnterpriseKind.choices, default=EnterpriseKind.MANUFACTURER
    )
    industry_code = models.CharField(_("industry code (GB/T 4754)"), max_length=6, blank=True)
    industry_en = models.CharField(_("main products in English"), max_length=200, blank=True)
    industry_zh = models.CharField(_("main products in Chinese"), max_length=200, blank=True)
    legal_representative = models.CharField(_("legal representative"), max_length=120, blank=True)
    address = models.CharField(_("address"), max_length=300, blank=True)
    contact_name = models.CharField(_("contact person"), max_length=120, blank=True)
    contact_phone = models.CharField(_("contact telephone"), max_length=40, blank=True)
    contact_email = models.EmailField(_("contact e-mail"), blank=True)
    is_key_energy_user = models.BooleanField(_("key energy user"), default=False)
    status = models.CharField(
        _("status"), max_length=20, choices=EnterpriseStatus.choices, default=EnterpriseStatus.ACTIVE
    )
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
        ]
        indexes: ClassVar = [
            models.Index(fields=["park", "name_zh"], name="enterprise_park_name"),
            models.Index(
                "park", Coalesce(NullIf("name_en", Value("")), "name_zh"), "id", name="enterprise_english_name"
            ),
        ]

    def __str__(self) -> str:
        return self.name_en or self.name_zh


class EnterpriseOwned(ParkOwned):
    """A row of one enterprise of a park; protected by `ProtectTable(enterprises=…)` in a migration."""

    enterprise = models.ForeignKey(Enterprise, models.PROTECT, related_name="+", db_index=False)

    class Meta:
        abstract = True


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
                condition=models.Q(ended_at=None),
                name="declared_interest_once",
                violation_error_message=_("This interest is already declared."),
            ),
        ]

    def __str__(self) -> str:
        return self.reason
