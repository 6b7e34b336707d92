"""Registrations brought to a stage by the person who files them."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from enterprises.choices import PaperKind
from enterprises.models import Registration, RegistrationRemark, RegistrationStep
from enterprises.queries.registrations import own_registration_page
from enterprises.services.registration import (
    begin_registration,
    save_registration,
    submit_registration,
    withdraw_registration,
)
from enterprises.services.registration_check import check_registration
from enterprises.services.registration_ground import shown_value
from enterprises.services.registration_papers import attach_registration_paper
from enterprises.services.unfiled import as_typed
from parks.actors import Registrant
from parks.choices import ParkStatus
from tenancy.scopes import open_scope, park_scope

# A Friday in China, so that five working days end on the next one.
NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
TODAY = date(2026, 11, 20)
EARLY_CODE = "91350203M0001QAY9B"
CODE = "91350200MA2YJ1XR9G"
PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"
SITE = {"name": "Works 1", "address": "Torch Road 1", "area_m2": "1200.00", "use": "production"}
ANSWERS = {
    "credit_code": CODE,
    "name_zh": "厦门新港精密机械有限公司",
    "legal_representative": "林悦",
    "is_legal_representative": True,
    "address": "厦门市翔安区火炬路 1 号",
    "industry_code": "C3562",
    "industry_zh": "半导体装备",
    "sites": [SITE],
    "contact_name": "Lin Yue",
    "contact_phone": "0592 555 1234",
    "contact_email": "lin@example.com",
}
IDENTITY = {
    "credit_code": CODE,
    "name_zh": "厦门新港精密机械有限公司",
    "name_en": "",
    "kind": "manufacturer",
    "established_on": "2019-04-02",
    "registered_capital": "12,000,000",
    "capital_currency": "CNY",
    "legal_representative": "林悦",
    "is_legal_representative": "on",
    "address": "厦门市翔安区火炬路 1 号",
    "revision": "0",
}


@contextmanager
def acting_as(park, user, **changes):
    registrant = replace(Registrant(user.pk, user.name, park.pk), **changes)
    with open_scope(registrant.scope):
        yield registrant


def begin(park, user, **answers):
    """A draft with these answers, unsaved where there are none."""
    with acting_as(park, user) as registrant:
        draft = begin_registration(registrant, now=NOW)
        if not answers:
            return draft
        return save_registration(registrant, draft, answers=answers, expected_revision=draft.revision, now=NOW)


def complete(park, user, **changes):
    """A draft that lacks nothing."""
    draft = begin(park, user, **{**ANSWERS, **changes})
    attach(park, user, draft)
    return stored(park, user, draft)


def attach(park, user, draft, body=PDF, kind=PaperKind.BUSINESS_LICENCE, name="licence.pdf"):
    with acting_as(park, user) as registrant:
        upload = SimpleUploadedFile(name, body, content_type="application/pdf")
        return attach_registration_paper(registrant, draft, kind=kind, upload=upload, now=NOW)


def submit(park, user, draft, now=NOW, **options):
    with acting_as(park, user) as registrant:
        return submit_registration(registrant, draft, now=now, **options)


def give_back(park, registration, comment="As on the licence, please.", field="address"):
    """What an official's return leaves behind, as the park writes it."""
    with park_scope(park.pk):
        found = Registration.objects.get(pk=registration.pk)
        found.state, found.due_at = "returned", None
        found.save(update_fields=["state", "due_at"])
        owned = {"park_id": park.pk, "registrant_id": found.registrant_id, "registration": found}
        RegistrationRemark.objects.create(
            **owned,
            field=field,
            found=shown_value(found, field),
            comment=comment,
            round=found.round,
            at=NOW,
            by_name="Chen Wei",
        )
        RegistrationStep.objects.create(
            **owned,
            kind="returned",
            at=NOW,
            by_id=found.registrant_id,
            by_name="Chen Wei",
            is_by_official=True,
            comment="One thing.",
        )
    return found


def stored(park, user, registration):
    """As its own pages read it."""
    with acting_as(park, user) as registrant:
        return as_typed(own_registration_page(registrant).get(pk=registration.pk))


def url(name, park, registration=None, **kwargs):
    if registration is not None:
        kwargs["registration_id"] = registration.pk
    return reverse(f"enterprises:registration_{name}", kwargs={"park_slug": park.slug, **kwargs})


def sites(*rows, revision=0, **buttons):
    typed = {"revision": str(revision), "rows": str(len(rows)), **buttons}
    for place, row in enumerate(rows):
        typed |= {f"site-{place}-{name}": value for name, value in row.items()}
    return typed


def said(response):
    return response.content.decode()


def problems(response):
    return {name: [str(told) for told in errors] for name, errors in response.context["form"].errors.items()}


def suspended(park):
    park.status = ParkStatus.SUSPENDED
    park.save(update_fields=["status"])
    return park


def missing_of(registration, today=TODAY):
    return [entry.field for entry in check_registration(registration, today)]


def save(park, user, draft, revision=None, now=NOW, **answers):
    with acting_as(park, user) as registrant:
        expected = draft.revision if revision is None else revision
        return save_registration(registrant, draft, answers=answers, expected_revision=expected, now=now)


def withdraw(park, user, registration, reason=""):
    with acting_as(park, user) as registrant:
        return withdraw_registration(registrant, registration, reason=reason, now=NOW)


def steps_of(park, user, registration):
    with acting_as(park, user):
        rows = RegistrationStep.objects.filter(registration=registration)
        return [(step.kind, step.by_name, step.comment) for step in rows]
