from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class EnterpriseKind(models.TextChoices):
    MANUFACTURER = "manufacturer", _("Manufacturer")
    SERVICE = "service", _("Service")
    ENERGY_SERVICE = "energy_service", _("Energy service company")
    RESEARCH = "research", _("Research and development")
    LOGISTICS = "logistics", _("Logistics")
    OTHER = "other", _("Other")


class EnterpriseStatus(models.TextChoices):
    ACTIVE = "active", _("Active")
    SUSPENDED = "suspended", _("Suspended")
    DEREGISTERED = "deregistered", _("Deregistered")
