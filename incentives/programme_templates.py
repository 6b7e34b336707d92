"""Programmes to start from: the rules of others as far as their sources tell them, and what these leave open.

Sources: 财建〔2010〕249号 and 发改办环资〔2010〕2528号 (national, 2010); the Xiamen city rules for energy management
contracts with the cap of the Torch plan of October 2021; the Shanghai rules of 2020.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from incentives.choices import DocumentKind, FieldKind, Stage
from parks.choices import Role

EMC_PAPERS = [DocumentKind.CONTRACT, DocumentKind.SAVINGS_REPORT, DocumentKind.LICENCE]
FIVE_DAYS, TEN_DAYS, TWENTY_DAYS = 5, 10, 20


@dataclass(frozen=True)
class ProgrammeTemplate:
    """`open_points` are what no source settles: the official decides them before publishing."""

    key: str
    name: Any
    about: Any
    terms: Mapping[str, Any]
    open_points: tuple[Any, ...] = field(default=())


def _rule(condition: str, text_en: str, text_zh: str) -> dict[str, str]:
    return {"condition": condition, "text_en": text_en, "text_zh": text_zh}


def _field(kind: FieldKind, key: str, label_en: str, label_zh: str, **more: Any) -> dict[str, Any]:
    told = {"hint_en": "", "hint_zh": "", "unit": "", "options": [], "is_required": True, "condition": "", "fact": ""}
    return {"key": key, "kind": kind.value, "label_en": label_en, "label_zh": label_zh, **told, **more}


def _option(label_en: str, label_zh: str, unit: str = "") -> dict[str, str]:
    return {"label_en": label_en, "label_zh": label_zh, "unit": unit}


def _paper(key: str, label_en: str, label_zh: str, condition: str = "") -> dict[str, str]:
    return {"key": key, "label_en": label_en, "label_zh": label_zh, "condition": condition}


def _stage(stage: Stage, role: Role, approvals: int, working_days: int) -> dict[str, Any]:
    return {
        "stage": stage.value,
        "role": role.value,
        "approvals": approvals,
        "working_days": working_days,
        "above_cny": None,
    }


def _criterion(name_en: str, name_zh: str, weight: int) -> dict[str, Any]:
    return {"name_en": name_en, "name_zh": name_zh, "weight": weight, "most": 10}


IS_SERVICE = _rule("energy_service", "The applicant is an energy service company.", "申报单位为节能服务公司。")
EQUIPMENT = [_option("Equipment", "设备"), _option("Number", "数量", "pcs"), _option("Rated power", "额定功率", "kW")]

XIAMEN = ProgrammeTemplate(
    "xiamen_emc",
    _("Energy management contracts, Xiamen"),
    _("340 yuan for a tce (240 central and 100 city), at most 1.5 million for an enterprise, three experts."),
    {
        "code": "EMC",
        "title_en": "Energy management contract incentive",
        "title_zh": "合同能源管理奖励",
        "summary_en": (
            "Rewards energy service companies for projects under energy management contracts by the energy they save."
        ),
        "summary_zh": "对节能服务公司以合同能源管理方式实施的节能项目，按年节能量给予奖励。",
        "rate_cny_per_tce": Decimal(340),
        "cap_cny": Decimal(1_500_000),
        "example_cases": [
            {"saving_tce": "1000", "investment_cny": "3000000", "amount_cny": "340000"},
            {"saving_tce": "6176.5", "investment_cny": "20000000", "amount_cny": "1500000"},
        ],
        "document_kinds": EMC_PAPERS,
        "eligibility_rules": [
            IS_SERVICE,
            _rule(
                "capital >= 5000000",
                "Its registered capital is at least 5 million yuan.",
                "注册资本不低于500万元。",
            ),
            _rule("months <= 6", "It applies within 6 months after completion.", "项目完工后6个月内申报。"),
        ],
        "form_fields": [
            _field(FieldKind.SECTION, "contract", "Contract and equipment", "合同与设备"),
            _field(FieldKind.TEXT, "customer", "Energy user of the contract", "用能单位"),
            _field(FieldKind.DATE, "agreed_on", "Contract signed on", "合同签订日期"),
            _field(FieldKind.TABLE, "equipment", "Main equipment", "主要设备", options=EQUIPMENT),
            _field(FieldKind.SECTION, "standing", "The applicant", "申报单位情况"),
            _field(FieldKind.REGISTERED, "company", "Name in the register", "登记名称", fact="name_zh"),
            _field(FieldKind.REGISTERED, "person", "Legal representative", "法定代表人", fact="legal_representative"),
            _field(
                FieldKind.DECLARATION,
                "credit_good",
                "The applicant has a good credit record and full-time technical staff.",
                "申报单位信用良好，并有专职技术人员。",
            ),
            _field(
                FieldKind.DECLARATION,
                "no_other",
                "No city award for energy saving was received for this project.",
                "本项目未获得过市级节能资金奖励。",
            ),
        ],
        "document_rules": [
            _paper("d1", "Implementation plan", "项目实施方案"),
            _paper("d2", "Proof of the funds invested", "资金投入证明"),
            _paper("d3", "Acceptance report confirmed by both parties", "双方确认的竣工验收报告"),
        ],
        "stages": [
            _stage(Stage.COMPLETENESS, Role.REVIEWER, 1, FIVE_DAYS),
            _stage(Stage.PANEL, Role.EXPERT, 3, TWENTY_DAYS),
            _stage(Stage.DECISION, Role.APPROVER, 2, TEN_DAYS),
        ],
        "criteria": [
            _criterion("Effect and method of measurement of the saving", "节能效果及监测方法", 50),
            _criterion("Necessity and scale of the project", "项目必要性及规模", 30),
            _criterion("Implementation and funds", "实施方案及资金投入", 20),
        ],
    },
    (
        _("The rates of the Torch plan of 2021 are not published; 340 yuan is the sum of the older city rules."),
        _("The window of 2021/2022 is told ambiguously, and review was quarterly: enter your own."),
        _("Whether the city share is left out where a city award was received before."),
        _("The weights of the experts' criteria: the rules name what the report tells, and no points."),
        _("The budget."),
    ),
)
NATIONAL = ProgrammeTemplate(
    "national_2010",
    _("Energy management contracts, national rule of 2010"),
    _("240 yuan for a tce, from 100 up to below 10,000 tce a year, in industry from 500."),
    {
        "code": "EPC",
        "title_en": "Reward for energy management contracts (central)",
        "title_zh": "合同能源管理项目财政奖励（中央）",
        "legal_basis": "财建〔2010〕249号；发改办环资〔2010〕2528号",
        "rate_cny_per_tce": Decimal(240),
        "cap_cny": Decimal(2_400_000),
        "saving_min_tce": Decimal(100),
        "saving_below_tce": Decimal(10_000),
        "example_cases": [
            {"saving_tce": "100", "investment_cny": "500000", "amount_cny": "24000"},
            {"saving_tce": "99.999", "investment_cny": "500000", "amount_cny": "0"},
        ],
        "document_kinds": EMC_PAPERS,
        "eligibility_rules": [
            IS_SERVICE,
            _rule(
                "sector != 1 or saving >= 500",
                "In industry it saves at least 500 tce.",
                "工业项目年节能量不低于500吨标准煤。",
            ),
            _rule(
                "esco_percent >= 70",
                "The energy service company pays at least 70 % of the investment.",
                "节能服务公司投资占70%以上。",
            ),
            _rule("not_excluded", "The project is not of an excluded kind.", "项目不属于不予支持的范围。"),
        ],
        "form_fields": [
            _field(FieldKind.SECTION, "kind_of", "Kind of project", "项目类型"),
            _field(
                FieldKind.CHOICE,
                "sector",
                "Sector",
                "领域",
                options=[
                    _option("Industry", "工业"),
                    _option("Buildings", "建筑"),
                    _option("Transport", "交通"),
                    _option("Other", "其他"),
                ],
            ),
            _field(
                FieldKind.NUMBER,
                "esco_percent",
                "Share of the energy service company",
                "节能服务公司投资比例",
                unit="%",
            ),
            _field(
                FieldKind.DECLARATION,
                "not_excluded",
                "The project is neither new-built nor relocated, no expansion or equal replacement, no solar or wind"
                " project, and its unit is neither to be phased out nor illegally approved.",
                "项目不属于新建、异地迁建，不以扩大产能或等量替代为主，不属于太阳能、风能利用项目，项目单位不属于应淘汰或违规审批。",
            ),
        ],
    },
    (
        _("The cap of 2.4 million yuan is what 10,000 tce bring at this rate: the rule names none."),
        _("What the province and the city add to the central 240 yuan."),
        _("The budget and the window."),
    ),
)
SHANGHAI = ProgrammeTemplate(
    "shanghai",
    _("Energy management contracts, Shanghai"),
    _("800 yuan for a tce, at most 30 % of the investment and 5 million, from 50 tce a year on; all year."),
    {
        "code": "SHEMC",
        "title_en": "Support for energy management contracts",
        "title_zh": "合同能源管理项目扶持",
        "rate_cny_per_tce": Decimal(800),
        "cap_cny": Decimal(5_000_000),
        "cap_percent": Decimal(30),
        "saving_min_tce": Decimal(50),
        "example_cases": [
            {"saving_tce": "1000", "investment_cny": "2000000", "amount_cny": "600000"},
            {"saving_tce": "9000", "investment_cny": "30000000", "amount_cny": "5000000"},
        ],
        "document_kinds": [*EMC_PAPERS, DocumentKind.INVOICES],
        "eligibility_rules": [
            _rule("shared == 1", "The contract shares the savings.", "采用节能效益分享型合同。"),
        ],
        "form_fields": [
            _field(FieldKind.SECTION, "contract", "Contract", "合同"),
            _field(
                FieldKind.CHOICE,
                "shared",
                "Type of the contract",
                "合同类型",
                options=[_option("Shared savings", "节能效益分享型"), _option("Guaranteed savings", "节能量保证型")],
            ),
        ],
        "document_rules": [_paper("d1", "Audit of the investment", "投资审计报告", "investment > 5000000")],
    },
    (
        _("Guaranteed savings get 600 yuan for a tce: a programme of their own, or a rate of your choice."),
        _("From which investment on an audit is needed; 5 million is a proposal."),
        _("The budget, and whether the window is the whole year."),
    ),
)
FACTORY = ProgrammeTemplate(
    "near_zero_factory",
    _("Award for near-zero-carbon factories"),
    _("One amount for each factory with the label; the amount is yours to decide."),
    {
        "code": "NZCF",
        "title_en": "Award for near-zero-carbon factories",
        "title_zh": "近零碳工厂奖励",
        "document_kinds": [DocumentKind.LICENCE],
        "eligibility_rules": [
            _rule(
                "near_zero_carbon_factory",
                "The enterprise holds the label of a near-zero-carbon factory.",
                "企业已获近零碳工厂称号。",
            )
        ],
        "document_rules": [_paper("d1", "Certificate of the evaluation", "评价证书")],
    },
    (
        _("The amount: no source gives one. Write it as the formula, for example 500000, and as the cap."),
        _("The standard of the evaluation and who makes it."),
        _("The budget and the window."),
    ),
)
DIAGNOSIS = ProgrammeTemplate(
    "energy_diagnosis",
    _("Subsidy for energy diagnoses"),
    _("200 yuan for a tce found by the diagnosis, at most 60,000 yuan (Shanghai)."),
    {
        "code": "DIAG",
        "title_en": "Subsidy for energy diagnoses",
        "title_zh": "节能诊断补贴",
        "rate_cny_per_tce": Decimal(200),
        "cap_cny": Decimal(60_000),
        "example_cases": [
            {"saving_tce": "120", "investment_cny": "0", "amount_cny": "24000"},
            {"saving_tce": "500", "investment_cny": "0", "amount_cny": "60000"},
        ],
        "document_kinds": [DocumentKind.LICENCE, DocumentKind.INVOICES],
        "document_rules": [_paper("d1", "Diagnosis report", "节能诊断报告")],
    },
    (
        _("Whether the saving is found or carried out, and who confirms it."),
        _("The budget and the window."),
    ),
)
TEMPLATES: Mapping[str, ProgrammeTemplate] = {
    template.key: template for template in (XIAMEN, NATIONAL, SHANGHAI, FACTORY, DIAGNOSIS)
}
