"""Further programmes of the demo, begun from templates: one that is open all year, one that is still being written."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from incentives import services as incentives
from incentives.programme_templates import DIAGNOSIS, SHANGHAI, ProgrammeTemplate
from lib.periods import local_day
from parks.actors import Actor
from parks.models import Park

BUDGET_CNY = Decimal(2_000_000)
DIAGNOSIS_RULES = [
    {
        "condition": "manufacturer or key_energy_user",
        "text_en": "The enterprise manufactures or is a key energy user.",
        "text_zh": "企业为制造企业或重点用能单位。",
    },
    {
        "condition": "months <= 12",
        "text_en": "It applies within 12 months after the diagnosis.",
        "text_zh": "诊断完成后12个月内申报。",
    },
]
DIAGNOSIS_FIELDS = [
    ("section", "The diagnosis", "诊断情况", {}),
    ("text", "Who made the diagnosis", "诊断机构", {"key": "adviser"}),
    ("money", "Fee of the diagnosis", "诊断费用", {"key": "fee"}),
    ("number", "Electricity used in the year before", "上年度用电量", {"key": "electricity", "unit": "MWh"}),
    (
        "declaration",
        "The measures found will be carried out within two years.",
        "所提措施将在两年内实施。",
        {"key": "promise"},
    ),
]


def seed_programmes(park: Park, administrator: Actor, now: datetime) -> None:
    fields = [
        {"key": f"q{place}", "kind": kind, "label_en": english, "label_zh": chinese, **more}
        for place, (kind, english, chinese, more) in enumerate(DIAGNOSIS_FIELDS)
    ]
    diagnosis = _draft(DIAGNOSIS, park, administrator, now, eligibility_rules=DIAGNOSIS_RULES, form_fields=fields)
    incentives.publish_programme(administrator, diagnosis, now=now)
    _draft(SHANGHAI, park, administrator, now)


def _draft(template: ProgrammeTemplate, park: Park, administrator: Actor, now: datetime, **changes: Any) -> Any:
    year = local_day(now, park.time_zone).year
    window = {"opens_on": date(year, 1, 1), "closes_on": date(year, 12, 31), "budget_cny": BUDGET_CNY}
    terms = {**template.terms, **window, **changes}
    return incentives.create_programme(administrator, park=park, terms=terms, now=now)
