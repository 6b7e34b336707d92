"""An award on public notice with an objection: what follows a decision, for the scene."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

from django.core.files.base import ContentFile

from incentives.choices import AwardState
from incentives.models import (
    Agreement,
    Appeal,
    AppealPaper,
    Application,
    Award,
    Dossier,
    Instalment,
    Notice,
    NoticeLine,
    Objection,
    ObjectionPaper,
)
from incentives.services import attach_agreement, file_appeal, make_dossier
from lib.identifiers import uuid7
from parks.choices import Role
from tenancy.scopes import enterprise_scope, park_scope, public_scope
from tests.factories.filing import ApplicationFactory, ProgrammeFactory, published, submitted

if TYPE_CHECKING:
    from tests.scene import Firm, Side

FILED_AT = datetime(2026, 11, 3, 9, 5, tzinfo=UTC)


@dataclass
class Aftermath:
    """What one approval led to."""

    award: Award
    notice: Notice
    objection: Objection
    instalment: Instalment
    dossier: Dossier
    agreement: Agreement
    appeal: Appeal
    appeal_paper: AppealPaper
    objection_paper: ObjectionPaper


def filed(side: Side, firm: Firm, letter: str, notice_working_days: int) -> Application:
    """Under a programme of its own, so that nothing else of the scene changes."""
    code = f"{letter}{side.park.pk % 1000}{firm.enterprise.credit_code[-4:-1]}"
    with park_scope(side.park.pk):
        programme = ProgrammeFactory(park=side.park, code=code, notice_working_days=notice_working_days)
        version = published(programme)
    with enterprise_scope(side.park.pk, firm.enterprise.pk):
        application = ApplicationFactory(
            park=side.park,
            enterprise=firm.enterprise,
            programme_version=version,
            # Like no other title of the enterprise: nothing seems to be claimed twice.
            project_title=f"{firm.enterprise.name_en} awarded {uuid4().hex} {uuid4().hex}",
            started_by=firm.people[Role.APPLICANT].user,
        )
        submitted(application, f"{code}-2026-0001", FILED_AT)
    return application


def agreed(side: Side, firm: Firm) -> Agreement:
    """Of an award that stands without a notice."""
    from tests.incentives.cases import NOW, accept, acting_as, approve, pdf

    application = approve(side, accept(side, filed(side, firm, "A", 0)))
    upload = pdf(name=f"{firm.enterprise.name_en} agreement.pdf")
    with acting_as(firm.people[Role.OWNER]) as actor:
        award = Award.objects.select_related("application").get(application=application)
        return attach_agreement(actor, award, upload=upload, signed_on=NOW.date(), now=NOW)


def appealed(side: Side, firm: Firm) -> tuple[Appeal, AppealPaper]:
    from tests.incentives.cases import NOW, acting_as, decline, pdf

    application = decline(side, filed(side, firm, "B", 0))
    with acting_as(firm.people[Role.OWNER]) as actor:
        appeal = file_appeal(
            actor,
            application,
            reasons=f"{firm.enterprise.name_en} appeals",
            uploads=[pdf(name=f"{firm.enterprise.name_en} proof.pdf")],
            now=NOW,
        )
        return appeal, appeal.papers.get()


def aftermath(side: Side, firm: Firm) -> Aftermath:
    """What the notice says is public, and names nobody of the scene."""
    from tests.incentives.cases import accept, approve

    application = approve(side, accept(side, filed(side, firm, "N", 5)))
    version = application.programme_version
    now = datetime.now(UTC)
    with park_scope(side.park.pk):
        award = Award.objects.get(application=application)
        notice = Notice.objects.create(
            park=side.park,
            programme_version=version,
            number=f"{version.code}-N-2026-001",
            title_en=version.title_en,
            title_zh=version.title_zh,
            working_days=5,
            published_at=now,
            ends_at=now + timedelta(days=7),
        )
        line = NoticeLine.objects.create(
            park=side.park,
            notice=notice,
            award=award,
            number=application.number,
            enterprise_name_en="Published works",
            enterprise_name_zh="公示企业",
            project_title="Published project",
            amount_cny=award.amount_cny,
        )
        award.state = AwardState.ON_NOTICE
        award.save(update_fields=["state"])
    with park_scope(side.park.pk):
        # Planned as it would be if the award stood already.
        instalment = Instalment.objects.create(
            park=side.park,
            enterprise=firm.enterprise,
            award=award,
            number=f"{application.number}/1",
            place=1,
            percent=100,
            amount_cny=award.amount_cny,
            condition_en=f"{firm.enterprise.name_en} condition",
            condition_zh="条件",
        )
    with public_scope(side.park.pk):
        objection = Objection(
            park_id=side.park.pk,
            line=line,
            name="Gu Yan",
            contact="13800000000",
            text=f"{firm.enterprise.name_en} contested",
            filed_at=now,
        )
        objection.save(force_insert=True)
        objection_paper = ObjectionPaper(
            park_id=side.park.pk,
            objection=objection,
            name=f"{firm.enterprise.name_en} contested.pdf",
            content_type="application/pdf",
            size_bytes=1,
            sha256="0" * 64,
            uploaded_at=now,
            file=ContentFile(b"%PDF", name="x"),
        )
        objection_paper.save(force_insert=True)
    with park_scope(side.park.pk):
        dossier = make_dossier(application.pk, uuid7(), side.staff[Role.AUDITOR].user_id, now)
    return Aftermath(
        award, notice, objection, instalment, dossier, agreed(side, firm), *appealed(side, firm), objection_paper
    )
