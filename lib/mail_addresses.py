"""E-mail addresses as people type them: what stands there is all there is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.validators import validate_email
from django.db import models

from lib.text import validate_seen


class AddressField(forms.EmailField):
    default_validators = [validate_email, validate_seen]


class AddressModelField(models.EmailField):
    default_validators = [validate_email, validate_seen]

    def deconstruct(self) -> tuple[str, str, Sequence[Any], dict[str, Any]]:
        """Django's own to migrations: what is refused is no matter of the column."""
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.EmailField", args, kwargs
