"""What was signed when an application was filed, kept word for word with its hash."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from typing import Any

from django.utils.translation import override

from incentives.calculations import Estimate
from incentives.choices import FieldKind
from incentives.form_fields import fields_of
from incentives.models import Application, SignedFiling
from incentives.services.completeness import ANSWERS
from incentives.services.form_fields import document_label
from parks.actors import Actor

STATEMENT = "I have read the answers and they are true."
OF_DOCUMENTS = ("kind", "name", "content_type", "size_bytes", "sha256")
OF_ENTERPRISE = ("credit_code", "name_zh", "name_en")
OF_VERSION = ("code", "number", "title_en", "title_zh")


def keep_signed(actor: Actor, application: Application, estimate: Estimate, now: datetime) -> SignedFiling:
    """The application as it is filed in this moment; called once for each round, under its lock."""
    content = signed_content(application, estimate)
    return SignedFiling.objects.create(
        park_id=application.park_id,
        enterprise_id=application.enterprise_id,
        application=application,
        round=application.round,
        content=content,
        sha256=digest(content),
        signed_by_id=actor.user_id,
        signed_by_name=actor.name,
        signed_at=now,
    )


def signed_content(application: Application, estimate: Estimate) -> dict[str, Any]:
    """Numbers and days as text, so that no reader writes them differently."""
    version, enterprise = application.programme_version, application.enterprise
    documents = application.documents.filter(removed_at=None).order_by("uploaded_at", "id")
    return {
        "statement": STATEMENT,
        "number": application.number,
        "round": application.round,
        "programme": {name: str(getattr(version, name)) for name in OF_VERSION},
        "enterprise": {name: getattr(enterprise, name) for name in OF_ENTERPRISE},
        "answers": {name: _text(getattr(application, name)) for name in ANSWERS},
        "form": _form(application),
        "documents": [{name: str(getattr(held, name)) for name in OF_DOCUMENTS} for held in documents],
        "document_names": {held.kind: _english(application, held.kind) for held in documents},
        "amount": {
            "computed_cny": str(estimate.before_cap_cny),
            "requested_cny": str(estimate.amount_cny),
            "limited_by": estimate.binding.kind.value if estimate.binding else "",
        },
    }


def canonical(content: dict[str, Any]) -> bytes:
    """The one way to write a content down: keys in order, no spaces, UTF-8.

    >>> canonical({"b": "金", "a": ["1"]}).decode()
    '{"a":["1"],"b":"金"}'
    """
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def digest(content: dict[str, Any]) -> str:
    return hashlib.sha256(canonical(content)).hexdigest()


def is_intact(filing: SignedFiling) -> bool:
    """Whether the content is still what was signed."""
    return digest(filing.content) == filing.sha256


def _form(application: Application) -> list[dict[str, Any]]:
    """The answers to the programme's own form with what was asked; values of the registration as they stood."""
    rows = []
    for field in fields_of(application.programme_version.form_fields):
        if field.is_heading:
            continue
        value = application.form_answers.get(field.key)
        if field.kind == FieldKind.REGISTERED:
            value = _text(getattr(application.enterprise, field.fact))
        rows.append({"key": field.key, "label_en": field.label_en, "label_zh": field.label_zh, "value": value})
    return rows


def _english(application: Application, kind: str) -> str:
    with override("en"):
        return document_label(application.programme_version, kind)


def _text(value: Any) -> str:
    return "" if value is None else str(value)
