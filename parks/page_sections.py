"""What apps above add to a page that is drawn below them.

The app of the page keeps a `PageSections`; an app above registers a builder in `AppConfig.ready`:

    page_sections.public_park.register(20, open_programmes)

    def open_programmes(request: HttpRequest, park: Park) -> Section | None:
        offers = queries.public_offers(park, local_day(timezone.now(), park.time_zone))
        return Section("incentives/_public_offers.html", {"offers": offers})

It is called and rendered inside the scope of the page and sees what the page may see, on the public page of a park the
published rows of that park and nothing else. The template is one `<section>` in the manner of the page. It gets what
the page hands over, `request`, and what the section adds. None leaves the section out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeAlias, TypeVar

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from accounts.models import User
from parks.models import Park

Subject = TypeVar("Subject")


@dataclass(frozen=True, slots=True)
class Section:
    template: str
    context: Mapping[str, Any] = field(default_factory=dict)


Builder: TypeAlias = Callable[[Any, Subject], Section | None]


class PageSections(Generic[Subject]):
    """The sections that others add to one page; `name` is what their templates call what the page is about."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._builders: list[tuple[int, Builder[Subject]]] = []

    def register(self, place: int, builder: Builder[Subject]) -> None:
        """Add a section; lower places come first. Safe to repeat with the same builder."""
        if (place, builder) not in self._builders:
            self._builders.append((place, builder))
            self._builders.sort(key=lambda entry: entry[0])

    def rendered(self, request: HttpRequest, subject: Subject) -> list[SafeString]:
        """The sections in order."""
        built = (builder(request, subject) for _place, builder in self._builders)
        return [
            render_to_string(section.template, {self._name: subject, **section.context}, request=request)
            for section in built
            if section is not None
        ]

    def forget(self, builder: Builder[Subject]) -> None:
        """Take a section away again: for tests, which leave no trace."""
        self._builders[:] = [entry for entry in self._builders if entry[1] is not builder]


public_park: PageSections[Park] = PageSections("park")
# Outside every scope, as the login role: what a person finds before they have chosen a place.
membership_choose: PageSections[User] = PageSections("person")
