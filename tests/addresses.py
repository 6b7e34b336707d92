"""Every address of the portal, as the tests that walk them all see it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver, reverse

from parks.access import Access, access_of


@dataclass(frozen=True)
class Address:
    name: str
    arguments: tuple[str, ...]
    view: Callable[..., Any]
    access: Access | None
    route: str

    def url(self, kwargs: dict[str, Any]) -> str:
        return reverse(self.name, kwargs={name: kwargs[name] for name in self.arguments})

    @property
    def is_ours(self) -> bool:
        """Whether the view is the portal's own, not a library's."""
        owner = getattr(self.view, "cls", None) or getattr(self.view, "view_class", None) or self.view
        return owner.__module__.partition(".")[0] in {
            "config",
            "reports",
            "incentives",
            "energy",
            "enterprises",
            "parks",
            "accounts",
            "tests",
        }


def addresses(urlconf: str | None = None) -> list[Address]:
    return list(_walk(get_resolver(urlconf), "", ""))


def _walk(resolver: URLResolver, namespace: str, prefix: str) -> Iterator[Address]:
    for pattern in resolver.url_patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from _walk(pattern, inner, route)
        elif isinstance(pattern, URLPattern):
            arguments = tuple(dict.fromkeys([*_arguments_of(prefix, resolver), *pattern.pattern.regex.groupindex]))
            name = f"{namespace}{pattern.name}" if pattern.name else route
            yield Address(name, arguments, pattern.callback, access_of(pattern.callback), route)


def _arguments_of(prefix: str, resolver: URLResolver) -> list[str]:
    return list(resolver.pattern.regex.groupindex) if prefix else []
