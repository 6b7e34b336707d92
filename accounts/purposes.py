"""What people confirm that it is they for: by the page that they come from, in its words."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.urls import Resolver404, resolve
from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

_PURPOSES: dict[str, StrOrPromise] = {}


def register_purpose(view_name: str, words: StrOrPromise) -> None:
    _PURPOSES[view_name] = words


def purpose_of(onward: str | None) -> str:
    """onward: where the person goes afterwards."""
    try:
        name = resolve(urlsplit(onward or "").path).view_name
    except (Resolver404, ValueError):
        name = ""
    return str(_PURPOSES.get(name) or _("Before a change to the security of your account."))
