"""The vetted facts of an enterprise as text: as change requests keep them, and as people read them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from hashlib import sha256
from json import dumps
from typing import Any

from django.db import models
from django.utils.text import capfirst

from enterprises.models import Enterprise
from lib.formatting import NOTHING, day, money

Texts = Mapping[str, str]


def stored_text(name: str, value: Any) -> str:
    """A fact as a change request keeps it; amounts with the decimals of their column, so that equal is equal."""
    if value is None:
        return ""
    field = _field(name)
    if isinstance(field, models.DecimalField):
        return f"{Decimal(value).quantize(Decimal(1).scaleb(-field.decimal_places)):f}"
    return str(value)


def stored_value(name: str, text: str) -> Any:
    """The fact that `stored_text` wrote."""
    field = _field(name)
    return None if text == "" and field.null else field.to_python(text)


def texts_of(enterprise: Enterprise, names: Iterable[str]) -> dict[str, str]:
    return {name: stored_text(name, getattr(enterprise, name)) for name in names}


def shown_text(name: str, text: str, currency: str = "CNY") -> str:
    """A stored fact as one reads it in the active language. `currency` is that of the capital."""
    if text == "":
        return NOTHING
    field, value = _field(name), stored_value(name, text)
    if field.flatchoices:
        return str(dict(field.flatchoices).get(value, text))
    if isinstance(field, models.DateField):
        return day(value)
    return money(value, currency) if isinstance(field, models.DecimalField) else text


def label_of(name: str) -> str:
    return capfirst(str(_field(name).verbose_name))


def fingerprint(texts: Texts) -> str:
    """Tells whether the facts that a page showed are still the ones in the register."""
    return sha256(dumps(dict(sorted(texts.items())), ensure_ascii=False).encode()).hexdigest()


def _field(name: str) -> models.Field[Any, Any]:
    found: models.Field[Any, Any] = Enterprise._meta.get_field(name)  # type: ignore[assignment]
    return found
