"""What the park and its enterprises measure: meters and channels, files of readings, and the store of their values."""

from energy.models.assets import NAMEPLATE, NEEDED, Asset, AssetChannel, AssetMember
from energy.models.blocks import IntervalBlock, IntervalBlockRevision, MonthTotal, RegisterDay
from energy.models.feed_files import FeedFile
from energy.models.feeds import PERIODS, Feed, FeedSecret
from energy.models.hierarchy import SubMeter
from energy.models.imports import (
    ENDED_IMPORTS,
    FALLEN_IMPORTS,
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
from energy.models.tariffs import CHARGES, PRICES, TERMS, Tariff, TariffAssignment, TariffVersion
from energy.models.traces import ImportUndo, ReadingTrace
from energy.models.virtual import ChannelFormula

__all__ = [
    "CHARGES",
    "DEFAULTS",
    "ENDED_IMPORTS",
    "FALLEN_IMPORTS",
    "INTERVALS",
    "MOST_REJECTED_ROWS",
    "MOST_TAKEN_UP",
    "NAMEPLATE",
    "NEEDED",
    "OF_THIS_AGE",
    "PERIODS",
    "PRICES",
    "RUNNING_IMPORTS",
    "TERMS",
    "WAITING_ISSUES",
    "Asset",
    "AssetChannel",
    "AssetMember",
    "Channel",
    "ChannelFormula",
    "ChannelRule",
    "Feed",
    "FeedFile",
    "FeedSecret",
    "ImportUndo",
    "IntervalBlock",
    "IntervalBlockRevision",
    "Meter",
    "MonthTotal",
    "OwnedByParkOrEnterprise",
    "ReadingAct",
    "ReadingImport",
    "ReadingIssue",
    "ReadingTrace",
    "RegisterDay",
    "RejectedReading",
    "RuleSetting",
    "SubMeter",
    "Tariff",
    "TariffAssignment",
    "TariffVersion",
    "defaults_of",
]
