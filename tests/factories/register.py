"""What hangs on an enterprise, and enterprises on their way into the register."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import factory
from django.core.files.base import ContentFile

from accounts.models import User
from enterprises.choices import ImportState, LabelKind, PaperKind, RegistrationState, RegistrationStepKind, RowOutcome
from enterprises.models import (
    ChangeRequest,
    Enterprise,
    EnterpriseLabel,
    EnterprisePaper,
    RegisterImport,
    RegisterImportRow,
    Registration,
    RegistrationPaper,
    RegistrationRemark,
    RegistrationStep,
    Site,
)
from parks.models import Park, StoredFile
from tests.factories.filing import PDF

FILED_AT = datetime(2026, 11, 3, 9, 5, tzinfo=UTC)
DUE_AT = datetime(2026, 11, 10, 15, 59, tzinfo=UTC)


class RegistrationFactory(factory.django.DjangoModelFactory):
    """A complete draft; write it inside the registrant's scope. Give `park`, `registrant` and `registrant_name`."""

    class Meta:
        model = Registration

    credit_code = factory.Sequence(lambda n: f"91350200MA8RG{n:04d}H"[:18])
    name_en = factory.Sequence(lambda n: f"Newcomer {n}")
    name_zh = factory.Sequence(lambda n: f"第{n}新来有限公司")
    industry_code = "C3562"
    legal_representative = "Lin Yue"
    address = "厦门火炬高新区"
    contact_name = "Lin Yue"
    contact_phone = "+86 592 5550000"
    contact_email = "lin@example.com"
    sites = factory.LazyFunction(
        lambda: [{"name": "Works 1", "address": "Torch Road 1", "area_m2": "1200.00", "use": "production"}]
    )


def stored_file(row: StoredFile, body: bytes = PDF) -> Any:
    """The row with its file in the storage, saved."""
    row.content_type, row.size_bytes, row.sha256 = "application/pdf", len(body), "0" * 64
    row.file.save(row.name, ContentFile(body), save=False)
    row.save(force_insert=True)
    return row


def registration_paper(
    registration: Registration,
    name: str = "licence.pdf",
    kind: PaperKind = PaperKind.BUSINESS_LICENCE,
    valid_until: date | None = None,
) -> RegistrationPaper:
    return stored_file(
        RegistrationPaper(
            park_id=registration.park_id,
            registrant_id=registration.registrant_id,
            registration=registration,
            kind=kind,
            name=name,
            valid_until=valid_until,
            uploaded_by_id=registration.registrant_id,
        )
    )


def filed(registration: Registration, number: str) -> Registration:
    """The draft as it stands after its filing; inside the registrant's scope."""
    changes = {
        "state": RegistrationState.SUBMITTED,
        "number": number,
        "round": 1,
        "submitted_at": FILED_AT,
        "due_at": DUE_AT,
    }
    for name, value in changes.items():
        setattr(registration, name, value)
    registration.save(update_fields=list(changes))
    RegistrationStep.objects.create(
        park_id=registration.park_id,
        registrant_id=registration.registrant_id,
        registration=registration,
        kind=RegistrationStepKind.SUBMITTED,
        at=FILED_AT,
        by_id=registration.registrant_id,
        by_name=registration.registrant_name,
        is_by_official=False,
        due_at=DUE_AT,
    )
    return registration


def remark(registration: Registration, comment: str, by_name: str = "Chen Wei") -> RegistrationRemark:
    """What an official wants corrected; inside the park's scope."""
    return RegistrationRemark.objects.create(
        park_id=registration.park_id,
        registrant_id=registration.registrant_id,
        registration=registration,
        field="address",
        comment=comment,
        round=1,
        at=FILED_AT,
        by_name=by_name,
    )


def site(enterprise: Enterprise, name: str) -> Site:
    return Site.objects.create(park_id=enterprise.park_id, enterprise=enterprise, name=name, address="Torch Road 1")


def paper(enterprise: Enterprise, by: User, name: str) -> EnterprisePaper:
    return stored_file(
        EnterprisePaper(
            park_id=enterprise.park_id,
            enterprise=enterprise,
            kind=PaperKind.BUSINESS_LICENCE,
            name=name,
            uploaded_by=by,
        )
    )


def label(enterprise: Enterprise, by: User, note: str) -> EnterpriseLabel:
    return EnterpriseLabel.objects.create(
        park_id=enterprise.park_id,
        enterprise=enterprise,
        kind=LabelKind.PILOT,
        valid_from=date(2026, 1, 1),
        note=note,
        given_by=by,
        given_by_name=by.name,
    )


def change_request(enterprise: Enterprise, by: User, number: str, name_en: str) -> ChangeRequest:
    return ChangeRequest.objects.create(
        park_id=enterprise.park_id,
        enterprise=enterprise,
        number=number,
        changes={"name_en": [enterprise.name_en, name_en]},
        reason="The name on the licence has changed.",
        requested_by=by,
        requested_by_name=by.name,
        requested_at=FILED_AT,
        due_at=DUE_AT,
    )


def register_import(park: Park, by: User, name: str) -> RegisterImport:
    """A checked file of one row; inside the park's scope."""
    made: RegisterImport = stored_file(
        RegisterImport(
            park=park,
            name=name,
            uploaded_by=by,
            uploaded_by_name=by.name,
            headings=["credit code", "name"],
            reading={"kind": "csv", "encoding": "utf-8", "delimiter": ",", "heading_row": 1, "sheet": "", "height": 0},
            mapping={"credit_code": 0, "name_zh": 1},
            rows_total=1,
            rows_checked=1,
            rows_new=1,
        )
    )
    RegisterImportRow.objects.create(
        park=park,
        register_import=made,
        number=2,
        credit_code="91350200MA2YJ1XR9G",
        outcome=RowOutcome.NEW,
        facts={"credit_code": "91350200MA2YJ1XR9G", "name_zh": name},
    )
    for state in (ImportState.CHECKING, ImportState.CHECKED):
        made.state = state
        made.save(update_fields=["state"])
    return made
