"""What the park and its enterprises measure: meters and channels, files of readings, and the store of their values."""

from energy.models.assets import NAMEPLATE, NEEDED, Asset, AssetChannel, AssetMember
from energy.models.blocks import IntervalBlock, IntervalBlockRevision, MonthTotal, RegisterDay
from energy.models.feed_files import FeedFile
from energy.models.feeds import PERIODS, Feed, FeedSecret
from energy.models.hierarchy import SubMeter
from energy.models.imports import (
    MOST_REJECTED_ROWS,
    MOST_TAKEN_UP,
    RUNNING_IMPORTS,
    ReadingImport,
    RejectedReading,
)
from energy.models.meters import INTERVALS, OF_THIS_AGE, Channel, Meter, OwnedByParkOrEnterprise
from energy.models.quality import (
    DEFAULTS,
    WAITING_ISSUES,
    ChannelRule,
    ReadingAct,
    ReadingIssue,
    RuleSetting,
    defaults_of,
)
from energy.models.tariffs import PRICES, Tariff, TariffAssignment, TariffVersion

__all__ = [
    "DEFAULTS",
    "INTERVALS",
    "MOST_REJECTED_ROWS",
    "MOST_TAKEN_UP",
    "NAMEPLATE",
    "NEEDED",
    "OF_THIS_AGE",
    "PERIODS",
    "PRICES",
    "RUNNING_IMPORTS",
    "WAITING_ISSUES",
    "Asset",
    "AssetChannel",
    "AssetMember",
    "Channel",
    "ChannelRule",
    "Feed",
    "FeedFile",
    "FeedSecret",
    "IntervalBlock",
    "IntervalBlockRevision",
    "Meter",
    "MonthTotal",
    "OwnedByParkOrEnterprise",
    "ReadingAct",
    "ReadingImport",
    "ReadingIssue",
    "RegisterDay",
    "RejectedReading",
    "RuleSetting",
    "SubMeter",
    "Tariff",
    "TariffAssignment",
    "TariffVersion",
    "defaults_of",
]
