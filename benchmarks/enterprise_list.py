"""The register and its search at the size of a large zone: 12,000 enterprises with labels, owners and documents.

Pages are asked for through HTTP with Django's test client, signed in as a reviewer: every middleware, the session, the
scope with its policies, and the template; not the web server and the network. `p95_ms` is the largest of the pages.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from functools import partial
from statistics import median, quantiles
from time import process_time

from django.conf import settings
from django.db import connection, connections, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from benchmarks.measurement import Measurement, duration_ms
from benchmarks.official_queue import client_of, triggers_off
from enterprises.choices import EnterpriseKind, LabelKind, PaperKind
from enterprises.models import Enterprise, EnterpriseLabel, EnterprisePaper
from parks.choices import Role
from parks.models import Membership, Park

ENTERPRISES = 12_000
BATCH = 2_000
LIMIT_MS = 200.0
EXPORT_LIMIT_MS = 5_000.0
REPETITIONS = 40
NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
TODAY = date(2026, 11, 22)
CITIES = (
    ("厦门", "Xiamen"),
    ("苏州", "Suzhou"),
    ("合肥", "Hefei"),
    ("宁德", "Ningde"),
    ("西安", "Xi'an"),
    ("常州", "Changzhou"),
)
WORDS = (
    ("晨光", "Chengguang"),
    ("海澜", "Hailan"),
    ("云泰", "Yuntai"),
    ("鹭源", "Luyuan"),
    ("启航", "Qihang"),
    ("金湖", "Jinhu"),
    ("恒信", "Hengxin"),
    ("华创", "Huachuang"),
    ("瑞能", "Ruineng"),
    ("东方", "Dongfang"),
    ("博远", "Boyuan"),
    ("鼎盛", "Dingsheng"),
)
TRADES = (
    ("光电", "Optoelectronics", "C3976"),
    ("锂电池", "Lithium Battery", "C3841"),
    ("精密机械", "Precision Machinery", "C3484"),
    ("新材料", "New Materials", "C2659"),
    ("半导体", "Semiconductor", "C3973"),
    ("光伏", "Photovoltaics", "C3825"),
    ("汽车零部件", "Automotive Parts", "C3670"),
    ("生物制药", "Biopharma", "C2761"),
    ("物流", "Logistics", "G5920"),
    ("节能服务", "Energy Services", "M7514"),
    ("软件", "Software", "I6513"),
    ("玻璃", "Glass", "C3041"),
)
CONTACTS = ("林悦", "吴昊", "陈伟", "黄丽", "赵明", "孙琪", "Lin Yue", "Wu Hao")
KINDS = (EnterpriseKind.MANUFACTURER,) * 7 + (EnterpriseKind.SERVICE, EnterpriseKind.RESEARCH, EnterpriseKind.LOGISTICS)
LIST, SEARCH = "enterprises:enterprise_list", "incentives:search"
PAGES = {
    "first page": (LIST, {}),
    "page 240": (LIST, {"page": "240"}),
    "last page": (LIST, {"page": "480"}),
    "by credit code": (LIST, {"sort": "credit_code"}),
    "latest first": (LIST, {"sort": "-created_at"}),
    "search 光": (LIST, {"q": "光"}),
    # In the name of every enterprise.
    "search 公司": (LIST, {"q": "公司"}),
    "search 公": (LIST, {"q": "公"}),
    "search 光电": (LIST, {"q": "光电"}),
    "search 锂电池": (LIST, {"q": "锂电池"}),
    "search 晨光光电": (LIST, {"q": "晨光光电"}),
    "search semiconductor": (LIST, {"q": "semiconductor"}),
    "search xiamen glass": (LIST, {"q": "xiamen glass"}),
    "search code prefix": (LIST, {"q": "913502000"}),
    "search contact 林悦": (LIST, {"q": "林悦"}),
    "search without a hit": (LIST, {"q": "nothing is called this"}),
    "facet section C": (LIST, {"section": "C"}),
    "facets label and owner": (LIST, {"label": "pilot", "owner": "no"}),
    "facets and search": (LIST, {"q": "光电", "kind": "manufacturer", "key_user": "yes", "papers": "expiring"}),
    "box 光电": (SEARCH, {"q": "光电"}),
    "box number": (SEARCH, {"q": "R-7K4M-2Q9X"}),
    "box xiamen": (SEARCH, {"q": "xiamen"}),
}


def measure() -> Iterator[Measurement]:
    settings.ALLOWED_HOSTS = ["testserver"]
    logging.disable(logging.INFO)
    client = client_of(make_place())
    wall: dict[str, float] = {}
    cpu: dict[str, float] = {}
    for name, (page, parameters) in PAGES.items():
        wall[name], cpu[name] = times_of(partial(asked, client, reverse(page), parameters))
        yield Measurement(f"{name}, p95", wall[name], "ms", LIMIT_MS)
    yield Measurement("p95_ms", max(wall.values()), "ms", LIMIT_MS)
    yield Measurement(
        "processor time of the web process, median, most expensive page", max(cpu.values()), "ms", LIMIT_MS
    )
    # A page without rows asks neither for them nor for their labels; a search is one statement more.
    listed = [parameters for page, parameters in PAGES.values() if page == LIST]
    counts = {queries_of(client, parameters) - ("q" in parameters) for parameters in listed}
    yield Measurement("queries of a page of the register, without the search", max(counts), "queries", 15)
    yield Measurement("different query counts of pages with rows", len(counts - {min(counts)}), "counts", 1)
    for file_format in ("csv", "xlsx"):
        fetch = partial(asked, client, reverse(LIST), {"export": file_format})
        yield Measurement(f"12,000 rows as {file_format}", duration_ms(fetch), "ms", EXPORT_LIMIT_MS)


def asked(client: Client, address: str, parameters: dict[str, str]) -> None:
    response = client.get(address, parameters)
    if response.status_code != 200:
        raise RuntimeError(f"{address} answered {response.status_code}")


def times_of(act: Callable[[], object]) -> tuple[float, float]:
    """p95 on the clock, and the median of the processor's time of this process; the first run is not counted."""
    act()
    walls, processor = [], []
    for _ in range(REPETITIONS):
        before = process_time()
        walls.append(duration_ms(act))
        processor.append((process_time() - before) * 1000)
    return quantiles(walls, n=20)[-1], median(processor)


def queries_of(client: Client, parameters: dict[str, str]) -> int:
    with CaptureQueriesContext(connection) as captured:
        asked(client, reverse(LIST), parameters)
    return len(captured)


def make_place() -> Membership:
    """The reviewer of a park with everything in it, made where it is missing. Safe to repeat."""
    park, _ = Park.objects.using("owner").get_or_create(
        slug="measured-register", defaults={"name_en": "Register", "name_zh": "名录园区", "province": "35"}
    )
    user, _ = User.objects.using("owner").get_or_create(
        email="official@register.example", defaults={"name": "official"}
    )
    membership, _ = Membership.objects.using("owner").get_or_create(
        user=user, park=park, enterprise_id=None, defaults={"roles": [Role.REVIEWER]}
    )
    if not Enterprise.objects.using("owner").filter(park=park).exists():
        with transaction.atomic(using="owner"):
            fill(park, user)
        vacuum()
    return membership


def fill(park: Park, official: User) -> None:
    """As the owner: made-up rows need no trail."""
    rows = [enterprise(park, row) for row in range(ENTERPRISES)]
    with triggers_off("enterprises_enterprise", "enterprises_enterpriselabel", "enterprises_enterprisepaper"):
        Enterprise.objects.using("owner").bulk_create(rows, batch_size=BATCH)
        EnterpriseLabel.objects.using("owner").bulk_create(labels_of(park, rows, official), batch_size=BATCH)
        EnterprisePaper.objects.using("owner").bulk_create(papers_of(park, rows, official), batch_size=BATCH)
    owners = User.objects.using("owner").bulk_create(
        (User(email=f"owner{row}@register.example", name=f"Owner {row}") for row in range(ENTERPRISES // 2)),
        batch_size=BATCH,
    )
    Membership.objects.using("owner").bulk_create(
        (
            Membership(user=owner, park=park, enterprise_id=rows[2 * row].pk, roles=[Role.OWNER])
            for row, owner in enumerate(owners)
        ),
        batch_size=BATCH,
    )


def enterprise(park: Park, row: int) -> Enterprise:
    city_zh, city_en = CITIES[row % len(CITIES)]
    word_zh, word_en = WORDS[row * 7 % len(WORDS)]
    trade_zh, trade_en, industry = TRADES[row * 5 % len(TRADES)]
    return Enterprise(
        park=park,
        credit_code=f"9135020{row % 10}MA{row * 104_729 % 10**7:07}X"[:18].ljust(18, "0")[:13] + f"{row:05}",
        name_zh=f"{city_zh}{word_zh}{trade_zh}{row:05}有限公司",
        name_en=f"{city_en} {word_en} {trade_en} {row:05} Co., Ltd" if row % 4 else "",
        kind=KINDS[row % len(KINDS)],
        industry_code=industry if row % 3 else industry[1:],
        legal_representative=CONTACTS[row % len(CONTACTS)],
        address=f"{city_zh}高新区创业路{row % 900}号",
        employees=row % 4000,
        contact_name=CONTACTS[row * 3 % len(CONTACTS)],
        contact_phone=f"+86 592 555{row:05}",
        contact_email=f"contact{row}@register.example",
        is_key_energy_user=row % 20 == 0,
        created_at=NOW - timedelta(hours=row),
    )


def labels_of(park: Park, rows: list[Enterprise], official: User) -> Iterator[EnterpriseLabel]:
    for number, kind in enumerate(LabelKind):
        for row in rows[number :: 9 + number]:
            yield EnterpriseLabel(
                park=park,
                enterprise=row,
                kind=kind,
                valid_from=TODAY - timedelta(days=400),
                valid_until=TODAY + timedelta(days=300) if number % 2 else None,
                given_by=official,
                given_by_name=official.name,
            )


def papers_of(park: Park, rows: list[Enterprise], official: User) -> Iterator[EnterprisePaper]:
    for number, row in enumerate(rows):
        yield EnterprisePaper(
            park=park,
            enterprise=row,
            kind=PaperKind.BUSINESS_LICENCE,
            name="licence.pdf",
            content_type="application/pdf",
            size_bytes=1000,
            sha256="0" * 64,
            uploaded_by=official,
            valid_until=TODAY + timedelta(days=number % 1500) if number % 3 == 0 else None,
        )


def vacuum() -> None:
    with connections["owner"].cursor() as cursor:
        for model in (Enterprise, EnterpriseLabel, EnterprisePaper, Membership):
            cursor.execute(f"VACUUM ANALYZE {model._meta.db_table}")
