from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import factory
from django.core.files.base import ContentFile

from enterprises.models import Enterprise
from incentives.choices import ApplicationState, DocumentKind, ProgrammeStatus, Stage, StepKind
from incentives.models import Application, ApplicationDocument, ApplicationStep, Programme, ProgrammeVersion
from incentives.services import PUBLISHED_TERMS
from incentives.services.ledger import set_budget
from parks.choices import Role

PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


class EnterpriseFactory(factory.django.DjangoModelFactory):
    """Credit codes are formally valid in shape only; give one where the check character matters."""

    class Meta:
        model = Enterprise

    credit_code = factory.Sequence(lambda n: f"91350200MA8UT{n:04d}H"[:18])
    name_en = factory.Sequence(lambda n: f"Works {n}")
    name_zh = factory.Sequence(lambda n: f"第{n}制造有限公司")


class ProgrammeFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Programme
        skip_postgeneration_save = True

    code = factory.Sequence(lambda n: f"EMC{n}")
    title_en = "Energy management contract incentive"
    title_zh = "合同能源管理奖励"
    opens_on = date(2026, 1, 1)
    closes_on = date(2027, 12, 31)
    rate_cny_per_tce = Decimal("500.00")
    cap_cny = Decimal("1500000.00")
    budget_cny = Decimal("20000000.00")
    document_kinds = [DocumentKind.CONTRACT, DocumentKind.SAVINGS_REPORT]

    @factory.post_generation
    def appropriation(self, create: bool, _extracted: object, **_kwargs: object) -> None:
        """The budget belongs to the year in which the programme opens, whatever the clock says."""
        if create:
            self.refresh_from_db()
            set_budget(self, self.budget_cny, datetime(self.opens_on.year, 1, 2, tzinfo=UTC))


def published(programme: Programme, number: int = 1) -> ProgrammeVersion:
    """The programme's published version, as an official's scope may write it."""
    programme.status = ProgrammeStatus.PUBLISHED
    programme.save(update_fields=["status"])
    return ProgrammeVersion.objects.create(
        park_id=programme.park_id,
        programme=programme,
        number=number,
        published_at=datetime(2026, 1, 1, tzinfo=UTC),
        **{name: getattr(programme, name) for name in PUBLISHED_TERMS},
    )


class ApplicationFactory(factory.django.DjangoModelFactory):
    """A complete draft; write it inside the enterprise's scope."""

    class Meta:
        model = Application

    project_title = "Chiller retrofit"
    project_summary = "Two chillers replaced."
    completed_on = date(2026, 8, 1)
    investment_cny = Decimal("9860000.00")
    saving_tce = Decimal("4200.000")


def attach(
    application: Application, kind: DocumentKind = DocumentKind.CONTRACT, body: bytes = PDF
) -> ApplicationDocument:
    document = ApplicationDocument(
        park_id=application.park_id,
        enterprise_id=application.enterprise_id,
        application=application,
        kind=kind,
        name=f"{kind.value}.pdf",
        content_type="application/pdf",
        size_bytes=len(body),
        sha256="0" * 64,
        uploaded_by_id=application.started_by_id,
    )
    document.file.save(document.name, ContentFile(body), save=False)
    document.save(force_insert=True)
    return document


def submitted(application: Application, number: str, at: datetime) -> Application:
    """The draft as it stands after its submission; inside the enterprise's scope."""
    application.state = ApplicationState.SUBMITTED
    application.stage, application.stage_role = Stage.COMPLETENESS, Role.REVIEWER
    application.number = number
    application.requested_cny = Decimal("1500000.00")
    application.round = 1
    application.submitted_at = at
    application.due_at = at
    application.save(
        update_fields=["state", "stage", "stage_role", "number", "requested_cny", "round", "submitted_at", "due_at"]
    )
    ApplicationStep.objects.create(
        park_id=application.park_id,
        enterprise_id=application.enterprise_id,
        application=application,
        kind=StepKind.SUBMITTED,
        at=at,
        by_name="Wu Hao",
        is_by_official=False,
    )
    return application
