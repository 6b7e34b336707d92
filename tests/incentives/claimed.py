"""Applications that claim something, and what is said of two that claim the same."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from itertools import count
from uuid import uuid4

from django.core.files.uploadedfile import SimpleUploadedFile

from incentives import services
from incentives.choices import DuplicateVerdict
from incentives.models import Application, Duplicate
from parks.choices import Role
from tenancy.scopes import park_scope
from tests.incentives.cases import NOW, PDF, acting_as, submit

marks = count(1)
FIELDS = [
    {"key": "invoice", "kind": "text", "label_en": "Invoices", "label_zh": "发票号码", "claim": "invoice"},
    {
        "key": "machines",
        "kind": "table",
        "label_en": "Equipment",
        "label_zh": "设备",
        "claim": "serial",
        "options": [{"label_en": "Serial", "label_zh": "编号"}, {"label_en": "kW", "label_zh": "功率", "unit": "kW"}],
    },
    {"key": "remark", "kind": "text", "label_en": "Remark", "label_zh": "备注"},
]
FIELDS = [{"is_required": False, **row} for row in FIELDS]


def paper(mark):
    return SimpleUploadedFile(f"{mark}.pdf", PDF + f"% {mark}\n".encode(), content_type="application/pdf")


def prepared(firm, version, papers, **answers):
    """A draft that shares nothing with any other but what is given. papers: kind to what its file says."""
    unlike = next(marks)
    told = {
        "project_title": f"{uuid4().hex} {unlike}",
        "project_summary": "As described.",
        "completed_on": date(2026, 8, 1),
        "investment_cny": Decimal(1_000_000 + unlike),
        "saving_tce": Decimal(100),
        **answers,
    }
    kinds = {kind: f"{kind} {unlike}" for kind in version.document_kinds} | papers
    with acting_as(firm.people[Role.APPLICANT]) as actor:
        application = services.start_application(actor, version, now=NOW)
        for kind, words in kinds.items():
            services.attach_document(actor, application, kind=kind, upload=paper(words), now=NOW)
        application.refresh_from_db()
        return services.save_application(
            actor, application, answers=told, expected_revision=application.revision, now=NOW
        )


def filed(firm, version, papers=None, **answers):
    return submit(firm, prepared(firm, version, papers or {}, **answers))


def found(application, now=NOW):
    with park_scope(application.park_id):
        return services.find_duplicates(application.pk, now)


def kept(side):
    with park_scope(side.park.pk):
        rows = Duplicate.objects.exclude(pk=side.duplicate.pk).order_by("found_at", "id")
        return list(rows.select_related("later", "earlier"))


def the(side):
    (row,) = kept(side)
    return row


def answer(membership, row, verdict=DuplicateVerdict.DIFFERENT, reason="Two invoices of one number.", **changes):
    with acting_as(membership, **changes) as actor:
        answered = services.answer_duplicate(
            actor, row, verdict=verdict, reason=reason, seen=services.evidence_mark(row), now=NOW
        )
        return answered[0]


def approve_now(side, application, member=None):
    """Whatever the worker has done."""
    with acting_as(member or side.staff[Role.APPROVER]) as actor:
        return services.approve_application(
            actor, application, expected_round=1, amount_cny=Decimal(1000), message="In part.", note="", now=NOW
        )


def set_compared(application, at):
    with park_scope(application.park_id):
        Application.objects.filter(pk=application.pk).update(compared_at=at)


def compared_at(application):
    with park_scope(application.park_id):
        return Application.objects.values_list("compared_at", flat=True).get(pk=application.pk)
