from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Commodity(models.TextChoices):
    """What a meter measures. Of the environment values are states, averaged over time; of all others quantities."""

    ELECTRICITY = "electricity", _("Electricity")
    WATER = "water", _("Water")
    GAS = "gas", _("Gas")
    HEAT = "heat", _("Heat")
    STEAM = "steam", _("Steam")
    COOLING = "cooling", _("Cooling")
    ENVIRONMENT = "environment", _("Environment")


class Flow(models.TextChoices):
    """Which way a channel counts, seen from the enterprise or the park that it belongs to."""

    IMPORT = "import", _("Drawn")
    EXPORT = "export", _("Fed in")
    GENERATION = "generation", _("Generated")
    CHARGE = "charge", _("Charged into storage")
    DISCHARGE = "discharge", _("Discharged from storage")
    EV_CHARGING = "ev_charging", _("Charged into vehicles")
    STATE = "state", _("Observed")


class ChannelKind(models.TextChoices):
    INTERVAL = "interval", _("Use of each interval")
    REGISTER = "register", _("Cumulative register")
    VIRTUAL = "virtual", _("Worked out by a formula")


OF_DEVICES = (ChannelKind.INTERVAL, ChannelKind.REGISTER)
"""What a device gives, and files bring."""


class Unit(models.TextChoices):
    """The units in which channels are kept. What files use besides is converted: `energy.calculations.units`."""

    KWH = "kWh", "kWh"
    KVARH = "kvarh", "kvarh"
    CUBIC_METRE = "m3", "m³"
    GIGAJOULE = "GJ", "GJ"
    TONNE = "t", "t"
    CELSIUS = "degC", "°C"
    WATT_PER_SQUARE_METRE = "W/m2", "W/m²"
    MICROGRAM_PER_CUBIC_METRE = "ug/m3", "µg/m³"
    PERCENT = "percent", "%"


class AssetKind(models.TextChoices):
    """What makes, keeps or uses electricity and is more than one meter."""

    PV = "pv", _("Photovoltaic array")
    STORAGE = "storage", _("Storage")
    CHARGING = "charging", _("Charging station")
    MICROGRID = "microgrid", _("Microgrid")
    BUILDING = "building", _("Zero-energy building")


class AssetRole(models.TextChoices):
    """What a channel measures of an asset, seen from the asset."""

    GENERATION = "generation", _("Generation")
    SELF_USE = "self_use", _("Own use of the generation")
    EXPORT = "export", _("Export")
    CURTAILED = "curtailed", _("Curtailed energy")
    IRRADIANCE = "irradiance", _("Irradiance")
    CHARGE = "charge", pgettext_lazy("of storage", "Charge")
    DISCHARGE = "discharge", pgettext_lazy("of storage", "Discharge")
    STATE_OF_CHARGE = "state_of_charge", _("State of charge")
    IMPORT = "import", _("Drawn from the grid")
    LOAD = "load", _("Consumption")


class AssetKpi(models.TextChoices):
    """What is worked out of the readings of an asset: `energy.calculations.asset_kpis`."""

    SPECIFIC_YIELD = "specific_yield", _("Specific yield")
    PERFORMANCE_RATIO = "performance_ratio", _("Performance ratio")
    SELF_CONSUMPTION = "self_consumption", _("Self-consumption")
    CURTAILMENT = "curtailment", _("Curtailment")
    ROUND_TRIP = "round_trip", _("Round-trip efficiency")
    CYCLES = "cycles", _("Full cycles")
    UTILISATION = "utilisation", _("Utilisation")
    SELF_SUFFICIENCY = "self_sufficiency", _("Self-sufficiency")
    ENERGY_BALANCE = "energy_balance", _("Generation to consumption")
    INTENSITY = "intensity", _("Use per area")
    FULL_LOAD_HOURS = "full_load_hours", _("Full-load hours")


class QualityRule(models.TextChoices):
    """What is looked for in the readings of a day once they are stored."""

    MISSING = "missing", _("Readings are missing")
    NEGATIVE = "negative", _("Below the lowest value")
    OVER_CAPACITY = "over_capacity", _("More than the meter can count")
    SPIKE = "spike", _("Single high values")
    FROZEN = "frozen", _("The value stands still")
    ZERO = "zero", _("Zero where there always is some")
    SUSPECT = "suspect", _("Doubted by its source")
    SUB_SURPLUS = "sub_surplus", _("Sub-meters count more than their head meter")
    SUB_LOSSES = "sub_losses", _("High losses to the sub-meters")
    REGISTER_GAP = "register_gap", _("Intervals and register differ")


ACROSS_CHANNELS = frozenset({QualityRule.SUB_SURPLUS, QualityRule.SUB_LOSSES, QualityRule.REGISTER_GAP})
"""What is told by several channels together: of a whole day, not of single intervals."""


class Severity(models.TextChoices):
    NOTICE = "notice", _("Notice")
    WARNING = "warning", _("Warning")
    CRITICAL = "critical", _("Critical")


class IssueState(models.TextChoices):
    """What became of an issue. The readings are as they came until somebody estimates or edits them."""

    OPEN = "open", _("To decide")
    ASKED = "asked", _("Asked again")
    ACCEPTED = "accepted", _("Accepted as it is")
    ESTIMATED = "estimated", _("Estimated")
    EDITED = "edited", _("Edited by hand")
    RESOLVED = "resolved", _("Settled by new readings")


class ActKind(models.TextChoices):
    ACCEPT = "accept", _("Accepted")
    ESTIMATE = "estimate", _("Estimated")
    EDIT = "edit", _("Edited by hand")
    ASK = "ask", _("Asked again")


class FeedFormat(models.TextChoices):
    LONG_TABLE = "long_table", _("Table, one reading a row")
    WIDE_TABLE = "wide_table", _("Table, one day a row")
    NEM12 = "nem12", _("NEM12")
    GREEN_BUTTON = "green_button", _("Green Button (ESPI)")
    PUSHED = "pushed", _("Readings sent by a gateway (JSON)")


class FeedSource(models.TextChoices):
    """Where the files of a feed come from. People may bring files to every feed, whatever its source."""

    UPLOAD = "upload", _("People bring files")
    PUSH = "push", _("A gateway sends readings (API)")
    HTTPS = "https", _("Web address (HTTPS)")
    S3 = "s3", _("Object storage (S3)")
    SFTP = "sftp", _("File server (SFTP)")
    FOLDER = "folder", _("Folder of this server")

    @property
    def is_fetched(self) -> bool:
        """Whether the portal goes and looks for files."""
        return self not in {FeedSource.UPLOAD, FeedSource.PUSH}


class ImportState(models.TextChoices):
    QUEUED = "queued", _("Waiting")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")
    UNDOING = "undoing", _("Being undone")
    UNDONE = "undone", _("Undone")


class Rule(models.TextChoices):
    """Why a reading or a row of a file was not taken."""

    UNREADABLE_ROW = "unreadable_row", _("The row cannot be read")
    UNREADABLE_TIME = "unreadable_time", _("The time cannot be read")
    NO_SUCH_TIME = "no_such_time", _("There is no such time on the day of a clock change")
    UNREADABLE_VALUE = "unreadable_value", _("The value is not a number")
    UNKNOWN_METER = "unknown_meter", _("No channel has this name")
    UNCONFIRMED_METER = "unconfirmed_meter", _("The park has not confirmed this meter of an enterprise")
    UNKNOWN_UNIT = "unknown_unit", _("The unit does not fit the channel")
    WRONG_INTERVAL = "wrong_interval", _("The interval is not that of the channel")
    OFF_GRID = "off_grid", _("The time is not the beginning of an interval")
    OUTSIDE_VALIDITY = "outside_validity", _("The channel was not in service on that day")
    DUPLICATE = "duplicate", _("A later row gives another value for the same time")
    NEGATIVE = "negative", _("The value is negative")
    OUT_OF_RANGE = "out_of_range", _("The value is beyond what the meter can measure")
    FUTURE = "future", _("The time lies in the future")
    TRUNCATED = "truncated", _("The file ends without its last record")
    REGISTER_RESET = "register_reset", _("The register went back without a rollover")


class TariffPeriod(models.TextChoices):
    """The five kinds of hours of time-of-use tariffs, the dearest first: 尖峰, 高峰, 平段, 低谷, 深谷."""

    SHARP = "sharp", _("Sharp peak")
    PEAK = "peak", pgettext_lazy("of a tariff", "Peak")
    FLAT = "flat", _("Flat period")
    VALLEY = "valley", pgettext_lazy("of a tariff", "Valley")
    DEEP = "deep", _("Deep valley")


class DayKind(models.TextChoices):
    WORKING = "working", pgettext_lazy("kind of day", "Working days")
    WEEKEND = "weekend", _("Weekends")
    HOLIDAY = "holiday", _("Holidays")


class TariffState(models.TextChoices):
    DRAFT = "draft", pgettext_lazy("of a tariff", "Draft")
    IN_FORCE = "in_force", pgettext_lazy("of a tariff", "In force")
    REPLACED = "replaced", pgettext_lazy("of a tariff", "Replaced")


class ChargeBasis(models.TextChoices):
    """What the second part of a two-part tariff is charged by."""

    NONE = "none", _("None: a one-part tariff")
    DEMAND = "demand", _("Highest demand of the month")
    CAPACITY = "capacity", _("Transformer capacity")


class PowerFactorStandard(models.TextChoices):
    """Which mean power factor a user is held to."""

    HIGH = "0.90", "0.90"
    MIDDLE = "0.85", "0.85"
    LOW = "0.80", "0.80"
