"""A programme that asks for much: a second reviewer, three blind experts, two approvers. With a case on each way."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from config.demo.content import DemoFiling, DemoPerson
from incentives import queries
from incentives import services as incentives
from incentives.choices import DocumentKind, Stage
from incentives.models import Application, PanelSeat, ProgrammeVersion
from lib.periods import local_day
from parks.actors import Actor, actor_of
from parks.choices import Role
from parks.models import Membership, Park
from tenancy.scopes import Author, open_scope, park_scope

PARK = "xiamen-torch"
SECOND_REVIEWER = DemoPerson("luo.min@torch.example", "Luo Min", (Role.REVIEWER,))
EXPERTS = (
    DemoPerson("gu.wen@expert.example", "Gu Wen", (Role.EXPERT,), "zh-hans"),
    DemoPerson("bai.rui@expert.example", "Bai Rui", (Role.EXPERT,)),
    DemoPerson("fan.jie@expert.example", "Fan Jie", (Role.EXPERT,), "zh-hans"),
    DemoPerson("qiao.an@expert.example", "Qiao An", (Role.EXPERT,)),
)
STAGES = [
    {"stage": "completeness", "role": "reviewer", "approvals": 1, "working_days": 5, "above_cny": None},
    {"stage": "substantive", "role": "reviewer", "approvals": 1, "working_days": 15, "above_cny": None},
    {"stage": "panel", "role": "expert", "approvals": 3, "working_days": 10, "above_cny": None},
    {"stage": "financial", "role": "finance_officer", "approvals": 1, "working_days": 5, "above_cny": "1000000.00"},
    {"stage": "decision", "role": "approver", "approvals": 2, "working_days": 10, "above_cny": None},
]
CRITERIA = [
    {"name_en": "Saving and its proof", "name_zh": "节能量及其依据", "weight": 40, "most": 10},
    {"name_en": "Step towards near zero", "name_zh": "近零碳水平", "weight": 35, "most": 10},
    {"name_en": "Can others follow it", "name_zh": "示范推广价值", "weight": 25, "most": 10},
]
PROGRAMME = {
    "code": "NZF",
    "title_en": "Near-zero-carbon factory award",
    "title_zh": "近零碳工厂奖励",
    "summary_en": "For factories whose own measures bring their emissions near zero. Three experts score each of them"
    " without knowing whose it is; large awards pass a financial check.",
    "summary_zh": "奖励以自身措施使排放接近于零的工厂。每件申请由三位专家盲评；大额奖励须经财务审核。",
    "legal_basis": "Measures of the zone for near-zero-carbon factories, articles 5 to 9",
    "rate_cny_per_tce": Decimal("400.00"),
    "cap_cny": Decimal("2000000.00"),
    "budget_cny": Decimal("6000000.00"),
    "stages": STAGES,
    "criteria": CRITERIA,
    "panel_document_kinds": [DocumentKind.SAVINGS_REPORT],
    "document_kinds": [DocumentKind.CONTRACT, DocumentKind.SAVINGS_REPORT],
}
# Of the first firm, whose panel is at work, of the second, which awaits the decision, and of the third: what it has
# filed under another programme already, with the same contract and report.
FILINGS = (
    DemoFiling(
        "panel",
        "Photovoltaic roof and heat pumps for hall 3",
        "1.2 MW on the roof of hall 3, four heat pumps instead of the gas boiler, and a control that follows the sun.",
        Decimal("8200000.00"),
        Decimal("1260.000"),
        16,
    ),
    DemoFiling(
        "decision",
        "Electric holding furnaces with heat recovery",
        "Two gas-fired holding furnaces replaced by electric ones; their waste heat dries the moulds.",
        Decimal("9400000.00"),
        Decimal("3150.000"),
        24,
    ),
    DemoFiling(
        "submitted",
        "干燥窑余热回收及热泵改造项目",
        "三条干燥窑加装余热回收和热泵机组，替代天然气锅炉，厂区排放接近于零。",
        Decimal("6120000.00"),
        Decimal("2980.000"),
        5,
    ),
)
SCORES = (("8", "7", "9"), ("7.5", "6", "8"), ("9", "7.5", "8.5"))
Prepare = Callable[[DemoFiling, ProgrammeVersion, Actor, datetime], Application]


def seed_pipeline(
    park: Park,
    staff: dict[Role, Actor],
    firms: Iterable[list[Actor]],
    now: datetime,
    *,
    add_person: Callable[[DemoPerson, Park], Membership],
    prepare: Prepare,
) -> None:
    second = actor_of(add_person(SECOND_REVIEWER, park))
    experts = {member.user_id: actor_of(member) for member in (add_person(one, park) for one in EXPERTS)}
    if Role.EXPERT in staff:
        experts[staff[Role.EXPERT].user_id] = staff[Role.EXPERT]
    version = _publish(park, staff[Role.PARK_ADMINISTRATOR], now - timedelta(days=45))
    able = [people for people in firms if any(actor.has_role(Role.CERTIFIER) for actor in people)]
    for plan, people in zip(FILINGS, able, strict=False):
        at = now - timedelta(days=plan.days_ago)
        application = _file(plan, version, people, at, prepare)
        if plan.reached == "submitted":
            _compare(park, at)
            continue
        _review(application, staff[Role.REVIEWER], second, at)
        _score(park, application, experts, at + timedelta(days=4), everyone=plan.reached == "decision")
        if plan.reached == "decision":
            _check(application, staff[Role.FINANCE_OFFICER], at + timedelta(days=6))


def _publish(park: Park, administrator: Actor, now: datetime) -> ProgrammeVersion:
    today = local_day(now, park.time_zone)
    window = {"opens_on": date(today.year, 1, 1), "closes_on": date(today.year + 1, 6, 30)}
    with open_scope(administrator.scope):
        programme = incentives.create_programme(administrator, park=park, terms={**PROGRAMME, **window}, now=now)
        return incentives.publish_programme(administrator, programme, now=now)


def _file(
    plan: DemoFiling, version: ProgrammeVersion, people: list[Actor], at: datetime, prepare: Prepare
) -> Application:
    applicant = next(actor for actor in people if actor.has_role(Role.APPLICANT))
    certifier = next(actor for actor in people if actor.has_role(Role.CERTIFIER))
    with open_scope(applicant.scope):
        draft = prepare(plan, version, applicant, at)
    with open_scope(certifier.scope):
        return incentives.submit_application(
            certifier, draft, expected_revision=draft.revision, statement_accepted=True, now=at
        )


def _compare(park: Park, now: datetime) -> None:
    """As the worker does after each filing."""
    with park_scope(park.pk, Author(name="ParkZero demo")):
        for application_id in queries.uncompared(park.pk, 1_000):
            incentives.find_duplicates(application_id, now)


def _review(application: Application, first: Actor, second: Actor, at: datetime) -> None:
    _pass(application, first, Stage.COMPLETENESS, at + timedelta(days=1), "Complete and legible.", {})
    visit = {
        "visited_on": (at + timedelta(days=2)).date(),
        "visited_by": "Luo Min, Chen Wei",
        "visit_findings": "The plant runs as described; meters were read on the spot and agree with the report.",
    }
    _pass(application, second, Stage.SUBSTANTIVE, at + timedelta(days=3), "Eligible.", visit)


def _pass(
    application: Application, actor: Actor, stage: Stage, now: datetime, note: str, findings: dict[str, Any]
) -> None:
    with open_scope(actor.scope):
        incentives.accept_application(
            actor, application, expected_round=1, stage=stage, note=note, now=now, findings=findings
        )


def _score(park: Park, application: Application, experts: dict[int, Actor], now: datetime, *, everyone: bool) -> None:
    """The seats by the rule; all of them score, or the first alone."""
    with park_scope(park.pk, Author(name="ParkZero demo")):
        incentives.seat_experts(application.pk, now=now)
        seats = list(PanelSeat.objects.filter(application=application).order_by("assigned_at", "id"))
    for seat, scores in list(zip(seats, SCORES, strict=True))[: None if everyone else 1]:
        expert = experts[seat.expert_id]
        with open_scope(expert.scope):
            given = [Decimal(score) for score in scores]
            incentives.send_scores(expert, seat, scores=given, comment="Well founded.", now=now + timedelta(days=1))


def _check(application: Application, officer: Actor, now: datetime) -> None:
    proof = {"proven_cny": Decimal("9120000.00"), "checks": ["invoices", "payments", "account"]}
    _pass(application, officer, Stage.FINANCIAL, now, "One invoice of ¥280,000.00 is not paid yet.", proof)
