"""The same project, equipment or invoice claimed twice: what is compared, and what is found."""

from __future__ import annotations

import sys
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enterprises.models import Enterprise
from incentives import queries, tasks
from incentives.choices import DocumentKind, FieldKind
from incentives.likeness import Project, alike, identifiers_in, likeness
from incentives.models import Claim, Duplicate
from incentives.services import Invalid
from incentives.services.signatures import digest
from tenancy.scopes import park_scope
from tests.incentives.cases import NOW
from tests.incentives.claimed import (
    FIELDS,
    filed,
    found,
    kept,
    prepared,
    the,
)
from tests.incentives.test_services_programmes import create, publish
from tests.scene import build_firm

pytestmark = pytest.mark.django_db
FIRM, OTHER = UUID(int=1), UUID(int=2)


@pytest.fixture
def version(scene):
    return publish(scene, create(scene, form_fields=FIELDS))


@pytest.fixture
def other_version(scene):
    return publish(scene, create(scene, code="PUMP", form_fields=FIELDS))


# What is told apart


@pytest.mark.parametrize(
    ("typed", "values"),
    [
        ("04217788", ["04217788"]),
        ("ＮＯ．０４２１－７７８８", ["NO04217788"]),
        ("ab 12/34; AB-12-34\n9911、9912", ["AB1234", "AB1234", "9911", "9912"]),
        ("none", []),
        ("0000", []),
        ("123", []),
        ("见附件", []),
    ],
)
def test_numbers_are_compared_without_their_writing(typed, values):
    assert [value for value, _shown in identifiers_in(typed)] == values


@given(st.text(max_size=60), st.text(max_size=60))
def test_likeness_is_a_share_and_the_same_both_ways(one, other):
    score = likeness(one, other)
    assert 0 <= score <= 1
    assert score == likeness(other, one)
    assert likeness(one, one) in (0, 1)


def project(firm_id=FIRM, title="Waste heat of kiln two", day=date(2026, 8, 1), amount="500000.00"):
    return Project(firm_id, title, day, amount and Decimal(amount))


@pytest.mark.parametrize(
    ("other", "score"),
    [
        (project(), 1.0),
        (project(day=date(2025, 1, 1)), 1.0),
        (project(amount="400000.00"), 1.0),
        (project(amount="400000.00", day=date(2026, 9, 1)), 1.0),
        (project(amount="400000.00", day=date(2026, 9, 2)), None),
        (project(title="Waste heat of kiln 2", amount="400000.00"), 22 / 25),
        (project(title="New lamps in hall five"), None),
        (project(title="Electric kiln two with waste heat lamps"), None),
        (project(OTHER), 1.0),
        (project(OTHER, amount="400000.00"), None),
        (project(OTHER, day=date(2026, 9, 2)), None),
        (project(OTHER, title="Waste heat of kiln two, third bid in sum"), None),
        (project(day=None, amount=None), None),
    ],
)
def test_titles_say_something_only_beside_amount_or_month(other, score):
    assert alike(project(), other) == score == alike(other, project())


# What is found


def test_same_file_in_another_programme_and_enterprise(scene, version, other_version):
    side = scene.ours
    first = filed(side.firm, version, {DocumentKind.INVOICES: "paid"})
    second = filed(side.neighbour, other_version, {DocumentKind.INVOICES: "paid"})
    assert found(first) == []
    (row,) = found(second)
    assert (row.earlier_id, row.later_id, row.found_at) == (first.pk, second.pk, NOW)
    assert row.is_open
    with park_scope(side.park.pk):
        papers = [case.documents.get() for case in (second, first)]
    (piece,) = row.evidence
    assert piece == {
        "kind": "document",
        "value": papers[0].sha256,
        "later": {"shown": "paid.pdf", "place": "invoices", "document": str(papers[0].pk)},
        "earlier": {"shown": "paid.pdf", "place": "invoices", "document": str(papers[1].pk)},
    }


def test_looking_again_changes_nothing(scene, version, other_version):
    first, second = (filed(scene.ours.firm, of, {DocumentKind.INVOICES: "paid"}) for of in (version, other_version))
    for application in (first, second):
        found(application)
    with park_scope(first.park_id):
        before = list(Duplicate.objects.values()), Claim.objects.count()
    for application in (second, first, second):
        found(application, NOW + timedelta(days=1))
    with park_scope(first.park_id):
        assert (list(Duplicate.objects.values()), Claim.objects.count()) == before


def test_marked_numbers_are_found_however_they_are_written(scene, version, other_version):
    side = scene.ours
    first = filed(
        side.firm, version, answer_invoice="no. 0421-7788", answer_machines=[["SN 77-1", "12"]], answer_remark="R 1234"
    )
    second = filed(
        side.neighbour,
        other_version,
        answer_invoice="9999 1234，ＮＯ．０４２１７７８８",
        answer_machines=[["other 1", "12"], ["sn77/1", ""]],
        answer_remark="R 1234",
    )
    found(first)
    (row,) = found(second)
    assert [(piece["kind"], piece["value"], piece["earlier"], piece["later"]) for piece in row.evidence] == [
        (
            "invoice",
            "NO04217788",
            {"shown": "no. 0421-7788", "place": "answer_invoice", "document": ""},
            {"shown": "NO.04217788", "place": "answer_invoice", "document": ""},
        ),
        (
            "serial",
            "SN771",
            {"shown": "SN 77-1", "place": "answer_machines", "document": ""},
            {"shown": "sn77/1", "place": "answer_machines", "document": ""},
        ),
    ]


def test_same_project_of_two_enterprises(scene, version):
    told = {"project_title": "Heat pumps for the drying kilns", "investment_cny": Decimal(2_345_678)}
    first = filed(scene.ours.firm, version, **told)
    second = filed(scene.ours.neighbour, version, **told, completed_on=date(2026, 7, 15))
    third = filed(build_firm(scene.ours.park, scene.ours.version, "Third"), version, completed_on=date(2026, 7, 15))
    for application in (first, third):
        assert found(application) == []
    (row,) = found(second)
    both = ["Heat pumps for the drying kilns", "2345678.00"]
    assert row.evidence == [
        {
            "kind": "project",
            "value": digest({"later": [*both, "2026-07"], "earlier": [*both, "2026-08"]}),
            "likeness": "1.00",
            "later": {"shown": told["project_title"], "place": "project_title", "document": ""},
            "earlier": {"shown": told["project_title"], "place": "project_title", "document": ""},
        }
    ]


def test_merged_enterprises_are_one(scene, version, other_version):
    told = {"project_title": "Heat pumps for the drying kilns"}
    first = filed(scene.ours.firm, version, **told)
    second = filed(scene.ours.neighbour, other_version, **told)
    assert [*found(first), *found(second)] == []
    with park_scope(first.park_id):
        Enterprise.objects.filter(pk=first.enterprise_id).update(
            status="merged", merged_into=second.enterprise_id, status_changed_at=NOW
        )
    assert [row.earlier_id for row in found(second)] == [first.pk]


@pytest.mark.parametrize("kind", [DocumentKind.LICENCE, DocumentKind.STATEMENT])
def test_papers_of_the_enterprise_are_no_evidence(scene, version, other_version, kind):
    cases = [filed(scene.ours.firm, of, {kind: "of us"}) for of in (version, other_version)]
    assert [row for case in cases for row in found(case)] == []


def test_form_that_everybody_attaches_is_no_evidence(scene, version, other_version, monkeypatch):
    firms = ((scene.ours.firm, version), (scene.ours.neighbour, other_version))
    cases = [filed(firm, of, {DocumentKind.OTHER: "form"}) for firm, of in firms]
    module = sys.modules["incentives.queries.duplicates"]
    monkeypatch.setattr(module, "MOST_SHARING", 1)
    assert [row for case in cases for row in found(case)] == []
    monkeypatch.setattr(module, "MOST_SHARING", 2)
    assert len(found(cases[0])) == 1


def test_other_park_is_never_compared(scene, version):
    first = filed(scene.ours.firm, version, {DocumentKind.INVOICES: "paid"})
    others = scene.others
    second = filed(others.firm, others.version, {DocumentKind.CONTRACT: "paid"})
    assert [*found(first), *found(second)] == []


def test_drafts_are_not_compared(scene, version):
    draft = prepared(scene.ours.firm, version, {})
    assert found(draft) == []
    with park_scope(draft.park_id):
        assert Claim.objects.filter(application=draft).count() == 0


def test_filing_is_compared_by_the_worker(scene, version, other_version, run_outbox):
    for firm, of in ((scene.ours.firm, version), (scene.ours.neighbour, other_version)):
        filed(firm, of, answer_invoice="INV 5501")
    run_outbox()
    assert [piece["value"] for piece in the(scene.ours).evidence] == ["INV5501"]


def test_what_was_filed_before_is_compared_once(scene, version, other_version):
    side = scene.ours
    cases = [filed(side.firm, of, answer_invoice="INV 5501") for of in (version, other_version)]
    with park_scope(side.park.pk):
        assert set(queries.uncompared(side.park.pk, 100)) >= {case.pk for case in cases}
    tasks.compare_uncompared(park_id=side.park.pk)
    assert {row.later_id for row in kept(side)} >= {cases[1].pk}
    with park_scope(side.park.pk):
        assert queries.uncompared(side.park.pk, 100) == []


# What a programme marks


@pytest.mark.parametrize(
    ("kind", "claim", "fault"),
    [
        (FieldKind.TEXT, "invoice", ""),
        (FieldKind.NUMBER, "invoice", "Only text and tables can hold numbers that are compared."),
        (FieldKind.TEXT, "document", "Only text and tables can hold numbers that are compared."),
    ],
)
def test_only_text_and_tables_hold_numbers_to_compare(scene, kind, claim, fault):
    row = {"key": "a", "kind": kind, "label_en": "A", "label_zh": "A", "claim": claim}
    if not fault:
        assert create(scene, form_fields=[row]).form_fields == [row]
        return
    with pytest.raises(Invalid) as refused:
        create(scene, form_fields=[row])
    assert refused.value.message == f"Field 1: {fault}"
