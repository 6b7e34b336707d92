"""What the demo parks hold. Names of enterprises and people are invented; what is said of the parks is public.

Sources: China Daily 2021-11-05 (Xiamen Torch: more than 12,000 businesses, incentives for energy management contracts
of at most 1.5 million yuan a company) and 2023-03-21 (Hefei: carbon credit pilot), Xinhua 2025-05-01 (Liyang). The rate
of 340 yuan a tonne is the sum of the central 240 and the city's 100 yuan of the older Xiamen rules.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from enterprises.choices import EnterpriseKind
from parks.choices import Role

PASSWORD = "zero-carbon-demo"  # noqa: S105 - printed at every start of the demo, which holds invented people only


@dataclass(frozen=True)
class DemoPerson:
    email: str
    name: str
    roles: tuple[Role, ...]
    language: str = "en"


@dataclass(frozen=True)
class DemoFiling:
    """An application, as far as it got: draft, submitted, returned, accepted, approved or declined."""

    reached: str
    project_title: str
    project_summary: str
    investment_cny: Decimal
    saving_tce: Decimal
    days_ago: int


@dataclass(frozen=True)
class DemoEnterprise:
    code_stem: str
    name_en: str
    name_zh: str
    kind: EnterpriseKind
    industry_code: str
    industry_en: str
    industry_zh: str
    is_key_energy_user: bool = False
    people: tuple[DemoPerson, ...] = ()
    filings: tuple[DemoFiling, ...] = ()


@dataclass(frozen=True)
class DemoPark:
    slug: str
    profile: dict[str, object]
    accent: str
    staff: tuple[DemoPerson, ...]
    programme: dict[str, object]
    enterprises: tuple[DemoEnterprise, ...] = field(default_factory=tuple)


OPERATOR = DemoPerson("sun.qi@parkzero.example", "Sun Qi", (Role.OPERATOR,))
OBSERVER = DemoPerson("he.jing@ministry.example", "He Jing", (Role.OBSERVER,))


def firm(stem: str, en: str, zh: str, kind: EnterpriseKind, industry: tuple[str, str, str]) -> DemoEnterprise:
    return DemoEnterprise(stem, en, zh, kind, *industry)


MAKER, SERVICE, ESCO = EnterpriseKind.MANUFACTURER, EnterpriseKind.SERVICE, EnterpriseKind.ENERGY_SERVICE

CHENGGUANG = DemoEnterprise(
    "91350213MA8UTDEM3",
    "Xiamen Chengguang Optoelectronics",
    "厦门晨光光电有限公司",
    MAKER,
    "C3976",
    "Optoelectronic devices",
    "光电子器件",
    is_key_energy_user=True,
    people=(
        DemoPerson("wu.hao@chengguang.example", "Wu Hao", (Role.OWNER, Role.CERTIFIER)),
        DemoPerson("lin.yue@chengguang.example", "Lin Yue", (Role.APPLICANT, Role.ENERGY_MANAGER)),
    ),
    filings=(
        DemoFiling(
            "returned",
            "Chiller plant and compressed air retrofit",
            "Two water-cooled chillers and four compressors of building 3 replaced, with variable speed drives and one"
            " control system. Shared-savings contract of six years with Haixi Energy Services.",
            Decimal("9860000.00"),
            Decimal("4200.000"),
            12,
        ),
        DemoFiling(
            "draft",
            "LED lighting of the clean rooms",
            "3,200 luminaires replaced, dimmed by presence and daylight.",
            Decimal("1240000.00"),
            Decimal("310.500"),
            2,
        ),
    ),
)
TORCH_FIRMS = (
    CHENGGUANG,
    DemoEnterprise(
        "91350213MA8UTDEM4",
        "Haicang Precision Castings",
        "海沧精密铸造有限公司",
        MAKER,
        "C3391",
        "Iron castings",
        "黑色金属铸造",
        is_key_energy_user=True,
        people=(DemoPerson("zheng.lan@castings.example", "Zheng Lan", (Role.OWNER, Role.CERTIFIER, Role.APPLICANT)),),
        filings=(
            DemoFiling(
                "submitted",
                "Waste heat recovery of melting furnace 2",
                "Flue gas at 480 °C preheats the charge and heats the bath of the pickling line.",
                Decimal("3480000.00"),
                Decimal("1865.250"),
                3,
            ),
        ),
    ),
    DemoEnterprise(
        "91350213MA8UTDEM5",
        "Tongxiang Battery Materials",
        "同翔电池材料股份有限公司",
        MAKER,
        "C3985",
        "Electronic specialty materials",
        "电子专用材料",
        is_key_energy_user=True,
        people=(
            DemoPerson("xu.ning@battery.example", "许宁", (Role.OWNER, Role.CERTIFIER, Role.APPLICANT), "zh-hans"),
        ),
        filings=(
            DemoFiling(
                "accepted",
                "干燥窑余热回收与热泵改造",
                "三条干燥窑加装余热回收和热泵机组，替代天然气锅炉，合同期五年，节能效益分享型。",
                Decimal("6120000.00"),
                Decimal("2980.000"),
                9,
            ),
        ),
    ),
    DemoEnterprise(
        "91350213MA8UTDEM6",
        "Xiang'an Display Glass",
        "翔安显示玻璃有限公司",
        MAKER,
        "C3042",
        "Special glass",
        "特种玻璃",
        is_key_energy_user=True,
        people=(DemoPerson("gao.min@glass.example", "Gao Min", (Role.OWNER, Role.CERTIFIER, Role.APPLICANT)),),
        filings=(
            DemoFiling(
                "approved",
                "Oxygen enrichment of the tank furnace",
                "Oxygen-enriched combustion and a new regenerator; savings verified over twelve months.",
                Decimal("12400000.00"),
                Decimal("5100.000"),
                40,
            ),
        ),
    ),
    DemoEnterprise(
        "91350213MA8UTDEM7",
        "Egret Data Centre Services",
        "白鹭数据中心服务有限公司",
        SERVICE,
        "I6450",
        "Internet data services",
        "互联网数据服务",
        people=(DemoPerson("deng.fei@egret.example", "Deng Fei", (Role.OWNER, Role.CERTIFIER, Role.APPLICANT)),),
        filings=(
            DemoFiling(
                "declined",
                "Free cooling of hall B",
                "Indirect evaporative coolers for 240 racks.",
                Decimal("2900000.00"),
                Decimal("820.000"),
                30,
            ),
        ),
    ),
    firm(
        "91350213MA8UTDEM8",
        "Haixi Energy Services",
        "海西节能服务有限公司",
        ESCO,
        ("M7514", "Energy saving services", "节能技术推广服务"),
    ),
    DemoEnterprise(
        "91350213MA8UTDEM9",
        "Torch Microelectronics Packaging",
        "火炬微电子封装有限公司",
        MAKER,
        "C3973",
        "Integrated circuits",
        "集成电路",
        people=(DemoPerson("he.jing@packaging.example", "He Jing", (Role.OWNER, Role.CERTIFIER, Role.APPLICANT)),),
        filings=(
            DemoFiling(
                "approved",
                "Vacuum pumps of the die-attach line",
                "Dry pumps with speed control replace 26 oil-sealed pumps; metered for six months.",
                Decimal("2150000.00"),
                Decimal("640.000"),
                7,
            ),
        ),
    ),
    firm(
        "91350213MA8UTDEN0",
        "Jimei Food Machinery",
        "集美食品机械有限公司",
        MAKER,
        ("C3531", "Food machinery", "食品机械"),
    ),
)
HEFEI_FIRMS = (
    DemoEnterprise(
        "91340100MA8UTDEM1",
        "Luzhou Home Appliances",
        "庐州家用电器有限公司",
        MAKER,
        "C3852",
        "Household air conditioners",
        "家用空气调节器",
        is_key_energy_user=True,
        people=(DemoPerson("cao.yi@luzhou.example", "Cao Yi", (Role.OWNER, Role.CERTIFIER, Role.APPLICANT)),),
        filings=(
            DemoFiling(
                "submitted",
                "Powder coating line with infrared drying",
                "Gas convection ovens of two coating lines replaced by electric infrared.",
                Decimal("4150000.00"),
                Decimal("960.000"),
                4,
            ),
        ),
    ),
    firm(
        "91340100MA8UTDEM2",
        "Shushan Quantum Instruments",
        "蜀山量子仪器有限公司",
        MAKER,
        ("C4014", "Laboratory instruments", "实验分析仪器"),
    ),
    firm(
        "91340100MA8UTDEM3",
        "Chaohu Solar Inverters",
        "巢湖光伏逆变器有限公司",
        MAKER,
        ("C3825", "Photovoltaic equipment", "光伏设备及元器件"),
    ),
)
LIYANG_FIRMS = (
    DemoEnterprise(
        "91320481MA8UTDEM1",
        "Tianmu Lake Power Batteries",
        "天目湖动力电池有限公司",
        MAKER,
        "C3841",
        "Lithium-ion batteries",
        "锂离子电池",
        is_key_energy_user=True,
        people=(DemoPerson("fang.rui@tianmu.example", "Fang Rui", (Role.OWNER, Role.CERTIFIER, Role.APPLICANT)),),
    ),
    firm(
        "91320481MA8UTDEM2",
        "Liyang Canopy Solar",
        "溧阳廊道光伏有限公司",
        ESCO,
        ("D4416", "Solar power generation", "太阳能发电"),
    ),
)


def staff_of(domain: str, names: tuple[str, ...], language: str = "en") -> tuple[DemoPerson, ...]:
    """An administrator, a reviewer, an approver, a finance officer, an expert, an auditor and an energy manager."""
    roles = (
        Role.PARK_ADMINISTRATOR,
        Role.REVIEWER,
        Role.APPROVER,
        Role.FINANCE_OFFICER,
        Role.EXPERT,
        Role.AUDITOR,
        Role.PARK_ENERGY_MANAGER,
    )
    return tuple(
        DemoPerson(f"{name.lower().replace(' ', '.')}@{domain}", name, (role,), language)
        for name, role in zip(names, roles, strict=True)
    )


PARKS = (
    DemoPark(
        "xiamen-torch",
        {
            "name_en": "Xiamen Torch High-tech Zone",
            "name_zh": "厦门火炬高新区",
            "seal": "炬",
            "description_en": "High-tech zone of more than 12,000 businesses, among them 31 projects of Global 500"
            " companies. It pays incentives for energy management contracts and links smart energy with intelligent"
            " manufacturing, renewable sources first.",
            "description_zh": "高新区现有企业一万二千余家，其中世界500强企业投资项目31个。对合同能源管理项目给予奖励，"
            "推动智慧能源与智能制造融合，优先使用可再生能源。",
            "industries_en": "Optoelectronics, integrated circuits, new energy",
            "industries_zh": "平板显示、集成电路、新能源",
        },
        "#0b5e59",
        staff_of("torch.example", ("Huang Li", "Chen Wei", "Zhao Ming", "Qian Yu", "Tang Bo", "Luo Xin", "Fang Min")),
        {
            "code": "EMC",
            "title_en": "Energy management contract incentive",
            "title_zh": "合同能源管理项目奖励",
            "summary_en": "For projects under an energy management contract that were completed and verified. The"
            " incentive follows the verified annual saving and ends at the cap for each company.",
            "summary_zh": "适用于已完工并经核定节能量的合同能源管理项目。"
            "奖励按核定年节能量计算，每家企业累计不超过上限。",
            "legal_basis": "GB/T 24915-2020",
            "rate_cny_per_tce": Decimal("340.00"),
            "cap_cny": Decimal("1500000.00"),
            "budget_cny": Decimal("20000000.00"),
        },
        TORCH_FIRMS,
    ),
    DemoPark(
        "hefei-high-tech",
        {
            "name_en": "Hefei High-tech Zone",
            "name_zh": "合肥高新区",
            "seal": "合",
            "province": "34",
            "city_en": "Hefei",
            "city_zh": "合肥市",
            "latitude": Decimal("31.83"),
            "longitude": Decimal("117.13"),
            "boundary_type": "whole",
            "description_en": "Runs a carbon credit pilot for industrial enterprises since March 2023: measured by"
            " economy, energy, pollutants and carbon; excess emissions are offset by bought credits, surplus is sold.",
            "description_zh": "2023年3月启动工业企业碳积分试点，从经济、能源、污染物排放、碳排放等方面评价企业，"
            "超额排放可购买积分抵消，富余积分可出售。",
            "industries_en": "Home appliances, quantum technology, photovoltaics",
            "industries_zh": "智能家电、量子信息、光伏",
        },
        "#7a3b12",
        staff_of("hefei.example", ("Jiang Tao", "Wei Na", "Song Kai", "Peng Lu", "Yuan Hui", "Shi Yan", "Lu Jing")),
        {
            "code": "ESR",
            "title_en": "Industrial energy saving retrofit incentive",
            "title_zh": "工业节能改造奖励",
            "summary_en": "For retrofits of industrial processes with a verified annual saving.",
            "summary_zh": "适用于经核定节能量的工业节能技术改造项目。",
            "legal_basis": "财建〔2010〕249号",
            "rate_cny_per_tce": Decimal("240.00"),
            "cap_cny": Decimal("1000000.00"),
            "budget_cny": Decimal("8000000.00"),
        },
        HEFEI_FIRMS,
    ),
    DemoPark(
        "changzhou-liyang",
        {
            "name_en": "Changzhou Liyang High-tech Zone",
            "name_zh": "常州溧阳高新区",
            "seal": "溧",
            "description_en": "A road under a photovoltaic canopy with a charging station is part of a zero-carbon park"
            " of 100 hectares; wind and hydropower are to follow.",
            "description_zh": "百公顷零碳园区内建有光伏廊道和充电站，后续将引入风电和水电。",
            "industries_en": "Power batteries, smart grid, photovoltaics",
            "industries_zh": "动力电池、智能电网、光伏",
        },
        "#1f4f8f",
        staff_of("liyang.example", ("Xie Jun", "Bai Lin", "Du Peng", "Kong Rui", "Mo Fan", "Ye Qing", "Cai Yun")),
        {
            "code": "GRN",
            "title_en": "Green manufacturing saving award",
            "title_zh": "绿色制造节能奖励",
            "summary_en": "For verified savings in manufacturing.",
            "summary_zh": "适用于制造业经核定的节能项目。",
            "legal_basis": "",
            "rate_cny_per_tce": Decimal("300.00"),
            "cap_cny": Decimal("800000.00"),
            "budget_cny": Decimal("5000000.00"),
        },
        LIYANG_FIRMS,
    ),
)
