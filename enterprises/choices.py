from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


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
    MERGED = "merged", _("Merged into another")


ENDED_STATUSES = frozenset({EnterpriseStatus.DEREGISTERED, EnterpriseStatus.MERGED})


class SiteUse(models.TextChoices):
    PRODUCTION = "production", _("Production")
    OFFICE = "office", _("Office")
    LABORATORY = "laboratory", _("Laboratory")
    WAREHOUSE = "warehouse", _("Warehouse")
    OTHER = "other", _("Other")


class PaperKind(models.TextChoices):
    """Documents that say something of an enterprise as a whole."""

    BUSINESS_LICENCE = "business_licence", _("Business licence")
    AUTHORISATION = "authorisation", _("Letter of authorisation")
    CERTIFICATE = "certificate", _("Certificate or qualification")
    EVIDENCE = "evidence", _("Evidence of a fact")
    OTHER = "other", _("Other")


class LabelKind(models.TextChoices):
    """What an enterprise is besides its facts, for a time and on evidence."""

    GLOBAL_500 = "global_500", _("Project of a Global 500 firm")
    HIGH_TECH = "high_tech", _("High-tech enterprise")
    PILOT = "pilot", _("Pilot enterprise")
    NEAR_ZERO_CARBON_FACTORY = "near_zero_carbon_factory", _("Near-zero-carbon factory")
    GREEN_FACTORY = "green_factory", _("Green factory")


class RegistrationState(models.TextChoices):
    DRAFT = "draft", _("Draft")
    SUBMITTED = "submitted", _("Being checked")
    RETURNED = "returned", _("Returned")
    APPROVED = "approved", _("Registered")
    JOINED = "joined", _("Joined to a registered enterprise")
    REJECTED = "rejected", _("Rejected")
    WITHDRAWN = "withdrawn", _("Withdrawn")


OPEN_REGISTRATIONS = frozenset({RegistrationState.DRAFT, RegistrationState.SUBMITTED, RegistrationState.RETURNED})
EDITABLE_REGISTRATIONS = frozenset({RegistrationState.DRAFT, RegistrationState.RETURNED})


class RegistrationStepKind(models.TextChoices):
    SUBMITTED = "submitted", pgettext_lazy("act", "Filed")
    RETURNED = "returned", _("Returned with comments")
    RESUBMITTED = "resubmitted", _("Filed again")
    APPROVED = "approved", _("Registered")
    JOINED = "joined", _("Joined to a registered enterprise")
    REJECTED = "rejected", _("Rejected")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class ChangeRequestState(models.TextChoices):
    SUBMITTED = "submitted", _("Being checked")
    APPROVED = "approved", _("Approved")
    REJECTED = "rejected", _("Rejected")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class EnterpriseStepKind(models.TextChoices):
    """What happened to a registered enterprise as a whole, told to both sides."""

    SUSPENDED = "suspended", _("Suspended")
    RESUMED = "resumed", _("Suspension lifted")
    DEREGISTERED = "deregistered", _("Deregistered")
    REINSTATED = "reinstated", _("Registered again")
    HANDED_OVER = "handed_over", _("Ownership handed over")
    ASSIGNED = "assigned", _("New owner named by the park")
    MERGED = "merged", _("Merged into another")
    ABSORBED = "absorbed", _("Another was merged into it")
    CORRECTED = "corrected", _("Facts changed by the park")


class ImportState(models.TextChoices):
    """The way of a file into the register. What is being done by the worker is CHECKING and IMPORTING."""

    UPLOADED = "uploaded", _("Columns to be matched")
    CHECKING = "checking", pgettext_lazy("import", "Being checked")
    CHECKED = "checked", _("Checked, nothing imported yet")
    IMPORTING = "importing", _("Being imported")
    DONE = "done", _("Imported")
    CANCELLED = "cancelled", pgettext_lazy("import", "Stopped")
    FAILED = "failed", _("Failed")


class RowOutcome(models.TextChoices):
    """What importing a row does, or did, to the register."""

    NEW = "new", _("New")
    UPDATE = "update", _("Update")
    UNCHANGED = "unchanged", _("Unchanged")
    REJECTED = "rejected", _("Rejected")
