from __future__ import annotations

from collections.abc import Iterable

from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """What a membership lets a person do. Terms: docs/glossary.md."""

    OPERATOR = "operator", _("Operator")
    OBSERVER = "observer", _("Observer")
    PARK_ADMINISTRATOR = "park_administrator", _("Park administrator")
    REVIEWER = "reviewer", _("Reviewer")
    EXPERT = "expert", _("Expert")
    APPROVER = "approver", _("Approver")
    FINANCE_OFFICER = "finance_officer", _("Finance officer")
    PARK_ENERGY_MANAGER = "park_energy_manager", _("Energy manager of the park")
    AUDITOR = "auditor", _("Auditor")
    OWNER = "owner", _("Owner")
    CERTIFIER = "certifier", _("Certifier")
    APPLICANT = "applicant", _("Applicant")
    ENERGY_MANAGER = "energy_manager", _("Energy manager")


def role_words(roles: Iterable[str]) -> str:
    """The roles in words, in the order in which the portal always lists them.

    >>> role_words(["approver", "reviewer"])
    'Reviewer, Approver'
    """
    held = set(roles)
    return gettext(", ").join(str(role.label) for role in Role if role in held)


INSTALLATION_ROLES = frozenset({Role.OPERATOR, Role.OBSERVER})
PARK_ROLES = frozenset(
    {
        Role.PARK_ADMINISTRATOR,
        Role.REVIEWER,
        Role.EXPERT,
        Role.APPROVER,
        Role.FINANCE_OFFICER,
        Role.PARK_ENERGY_MANAGER,
        Role.AUDITOR,
    }
)
ENTERPRISE_ROLES = frozenset({Role.OWNER, Role.CERTIFIER, Role.APPLICANT, Role.ENERGY_MANAGER})


class ParkStatus(models.TextChoices):
    ACTIVE = "active", _("Active")
    SUSPENDED = "suspended", _("Suspended")
    ARCHIVED = "archived", _("Archived")


class ParkLevel(models.TextChoices):
    NATIONAL = "national", _("National")
    PROVINCIAL = "provincial", _("Provincial")
    MUNICIPAL = "municipal", _("Municipal")


class BoundaryType(models.TextChoices):
    """发改环资〔2025〕910号, annex 1: the whole park, or a park in a park with clear four-side boundaries."""

    WHOLE = "whole", _("Whole park")
    PARK_IN_PARK = "park_in_park", _("Park in park")


class Province(models.TextChoices):
    """Provincial-level regions by their GB/T 2260 code, and the Xinjiang Production and Construction Corps (66)."""

    BEIJING = "11", _("Beijing")
    TIANJIN = "12", _("Tianjin")
    HEBEI = "13", _("Hebei")
    SHANXI = "14", _("Shanxi")
    INNER_MONGOLIA = "15", _("Inner Mongolia")
    LIAONING = "21", _("Liaoning")
    JILIN = "22", _("Jilin")
    HEILONGJIANG = "23", _("Heilongjiang")
    SHANGHAI = "31", _("Shanghai")
    JIANGSU = "32", _("Jiangsu")
    ZHEJIANG = "33", _("Zhejiang")
    ANHUI = "34", _("Anhui")
    FUJIAN = "35", _("Fujian")
    JIANGXI = "36", _("Jiangxi")
    SHANDONG = "37", _("Shandong")
    HENAN = "41", _("Henan")
    HUBEI = "42", _("Hubei")
    HUNAN = "43", _("Hunan")
    GUANGDONG = "44", _("Guangdong")
    GUANGXI = "45", _("Guangxi")
    HAINAN = "46", _("Hainan")
    CHONGQING = "50", _("Chongqing")
    SICHUAN = "51", _("Sichuan")
    GUIZHOU = "52", _("Guizhou")
    YUNNAN = "53", _("Yunnan")
    TIBET = "54", _("Tibet")
    SHAANXI = "61", _("Shaanxi")
    GANSU = "62", _("Gansu")
    QINGHAI = "63", _("Qinghai")
    NINGXIA = "64", _("Ningxia")
    XINJIANG = "65", _("Xinjiang")
    XPCC = "66", _("XPCC")


class Currency(models.TextChoices):
    CNY = "CNY", _("Chinese yuan (CNY)")
