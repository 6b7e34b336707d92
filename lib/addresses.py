"""Addresses of the rows of a list."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from django.urls import reverse

from lib.identifiers import NIL


@cache
def address_of(name: str, argument: str) -> Callable[[object], str]:
    """The address of a page by the id that it takes; the way there is looked up once, not in every row."""
    before, after = reverse(name, kwargs={argument: NIL}).split(str(NIL))
    return lambda key: f"{before}{key}{after}"
