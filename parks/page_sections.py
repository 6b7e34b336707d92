"""What apps above `parks` add to the public page of a park.

An app registers a builder in `AppConfig.ready`:

    page_sections.register(20, public_offers)

    def public_offers(request: HttpRequest, park: Park) -> Section | None:
        offers = ProgrammeVersion.objects.open_on(local_day(timezone.now(), park.time_zone))
        return Section("incentives/_public_offers.html", {"offers": offers})

It is called inside the public scope of `park` and sees the published rows of that park and nothing else; rendering
happens in the scope too. The template is a `<section class="chapter">` with a `.chapter-head` and its entries. It gets
the context of the page (`park`, `request`) and what the section hands it. None leaves the section out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest

from parks.models import Park


@dataclass(frozen=True, slots=True)
class Section:
    template: str
    context: Mapping[str, Any] = field(default_factory=dict)


Builder = Callable[[HttpRequest, Park], Section | None]
_builders: list[tuple[int, Builder]] = []


def register(place: int, builder: Builder) -> None:
    """Add a section; lower places come first. Safe to repeat with the same builder."""
    if (place, builder) not in _builders:
        _builders.append((place, builder))
        _builders.sort(key=lambda entry: entry[0])


def sections_of(request: HttpRequest, park: Park) -> list[Section]:
    """The sections of a park's public page, in order."""
    built = (builder(request, park) for _place, builder in _builders)
    return [section for section in built if section is not None]


def forget(builder: Builder) -> None:
    """Take a section away again: for tests, which leave no trace."""
    _builders[:] = [entry for entry in _builders if entry[1] is not builder]
