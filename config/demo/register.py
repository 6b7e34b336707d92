"""What the demo's register holds besides its enterprises: who wants to come in, and what is to change.

Names are invented. One newcomer is called almost like an enterprise that is there, for officials to compare.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from stdnum.cn import uscc

from config.demo.content import DemoPerson
from config.demo.papers import paper
from enterprises.choices import EnterpriseKind, LabelKind, PaperKind, SiteUse
from enterprises.models import Enterprise
from enterprises.services import changes, labels, papers, registration, registration_papers, sites, update_enterprise
from parks.actors import Actor, Registrant
from parks.choices import Role
from parks.models import Park
from tenancy.scopes import open_scope

VALID_DAYS = 45
"""The certificate of the demo runs out so soon that its people have been reminded."""


@dataclass(frozen=True)
class DemoNewcomer:
    """A registration, as far as it got: draft or submitted."""

    reached: str
    person: DemoPerson
    code_stem: str
    name_en: str
    name_zh: str
    kind: EnterpriseKind
    industry: tuple[str, str, str]
    days_ago: int


TORCH_NEWCOMERS = (
    DemoNewcomer(
        "submitted",
        DemoPerson("pan.yi@jimei.example", "Pan Yi", ()),
        "91350211MA8UTDEN1",
        "Jimei Power Electronics",
        "集美电力电子有限公司",
        EnterpriseKind.MANUFACTURER,
        ("C3824", "Power electronic components", "电力电子元器件"),
        4,
    ),
    DemoNewcomer(
        "submitted",
        DemoPerson("ye.qing@castings.example", "叶青", (), "zh-hans"),
        "91350205MA8UTDEN2",
        "Haicang Precision Casting Works",
        "海沧精密铸造厂有限公司",
        EnterpriseKind.MANUFACTURER,
        ("C3391", "Iron castings", "黑色金属铸造"),
        1,
    ),
    DemoNewcomer(
        "draft",
        DemoPerson("ke.wen@cold.example", "Ke Wen", ()),
        "91350206MA8UTDEN3",
        "Huli Cold Chain Logistics",
        "湖里冷链物流有限公司",
        EnterpriseKind.LOGISTICS,
        ("G5930", "Refrigerated storage", "低温仓储"),
        0,
    ),
)
NEWCOMERS = {"xiamen-torch": TORCH_NEWCOMERS}


def registered_facts(park: Park, place: int, people: tuple[DemoPerson, ...]) -> dict[str, Any]:
    """What the licence of the park's `place`-th enterprise says, and whom to ask for."""
    facts: dict[str, Any] = {
        "established_on": date(1998 + 2 * place, 1 + place % 12, 8 + place),
        "registered_capital": Decimal(5_000_000) * (place + 1),
        "address": f"{park.city_zh}{park.name_zh}火炬路{10 + 6 * place}号",
        "employees": 60 + 85 * place,
    }
    if people:
        facts |= {
            "legal_representative": people[0].name,
            "contact_name": people[-1].name,
            "contact_email": people[-1].email,
            "contact_phone": f"+86 592 555 {1000 + 37 * place}",
        }
    return facts


def seed_register(enterprise: Enterprise, reviewer: Actor, owner: Actor, now: datetime) -> None:
    """Of the first enterprise of a park: a site, papers, a label, a request, an address that the park put right."""
    with open_scope(owner.scope):
        works = {
            "name": "Works 1",
            "address": enterprise.address,
            "area_m2": Decimal(18_400),
            "use": SiteUse.PRODUCTION,
        }
        sites.add_site(owner, enterprise, facts=works, now=now)
        licence = paper("business-licence.pdf", ["Business licence", enterprise.credit_code])
        papers.attach_paper(owner, enterprise, kind=PaperKind.BUSINESS_LICENCE, upload=licence, now=now)
        certificate = papers.attach_paper(
            owner,
            enterprise,
            kind=PaperKind.CERTIFICATE,
            upload=paper("high-tech-enterprise.pdf", ["High-tech enterprise", "Certificate"]),
            valid_until=now.date() + timedelta(days=VALID_DAYS),
            now=now,
        )
    with open_scope(reviewer.scope):
        exact = {"address": f"{enterprise.address}A座"}
        update_enterprise(reviewer, enterprise, changes=exact, now=now - timedelta(days=9))
        labels.give_label(
            reviewer,
            enterprise,
            kind=LabelKind.HIGH_TECH,
            valid_from=now.date() - timedelta(days=900),
            valid_until=certificate.valid_until,
            evidence=certificate,
            now=now,
        )
    with open_scope(owner.scope):
        changes.request_change(
            owner,
            enterprise,
            changes={"registered_capital": Decimal(20_000_000)},
            reason="The capital was raised; the new licence is attached.",
            evidence=paper("licence-of-november.pdf", ["Business licence", "Registered capital CNY 20,000,000"]),
            now=now - timedelta(days=2),
        )


def seed_newcomer(plan: DemoNewcomer, user_id: int, park: Park, now: datetime) -> None:
    """A registration by the same acts as a person's. `user_id` has a confirmed address and no place."""
    at = now - timedelta(days=plan.days_ago)
    registrant = Registrant(user_id, plan.person.name, park.pk)
    code, (industry_code, industry_en, industry_zh) = (
        plan.code_stem + uscc.calc_check_digit(plan.code_stem),
        plan.industry,
    )
    answers: dict[str, Any] = {
        "credit_code": code,
        "name_en": plan.name_en,
        "name_zh": plan.name_zh,
        "kind": plan.kind,
        "industry_code": industry_code,
        "industry_en": industry_en,
        "industry_zh": industry_zh,
        "established_on": date(2021, 5, 18),
        "registered_capital": Decimal(30_000_000),
        "legal_representative": plan.person.name,
        "is_legal_representative": True,
        "address": f"{park.city_zh}{park.name_zh}创业路8号",
    }
    with open_scope(registrant.scope):
        draft = registration.begin_registration(registrant, now=at)
        draft = registration.save_registration(
            registrant, draft, answers=answers, expected_revision=draft.revision, now=at
        )
        if plan.reached == "draft":
            return
        more: dict[str, Any] = {
            "employees": 140,
            "contact_name": plan.person.name,
            "contact_phone": "+86 592 555 2188",
            "contact_email": plan.person.email,
            "sites": [{"name": "Works 1", "address": answers["address"], "area_m2": "6200.00", "use": "production"}],
        }
        draft = registration.save_registration(
            registrant, draft, answers=more, expected_revision=draft.revision, now=at
        )
        licence = paper("business-licence.pdf", ["Business licence", code])
        registration_papers.attach_registration_paper(
            registrant, draft, kind=PaperKind.BUSINESS_LICENCE, upload=licence, now=at
        )
        registration.submit_registration(registrant, draft, now=at)


def first_owner(people: list[Actor]) -> Actor | None:
    return next((actor for actor in people if actor.has_role(Role.OWNER)), None)
