"""The icons of the portal: one list, one sprite built from it."""

from functools import cache, lru_cache
from pathlib import Path

from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

ICON_LIST = Path(__file__).resolve().parent.parent / "frontend" / "icons.txt"


class UnknownIcon(ValueError):
    """An icon that is not in frontend/icons.txt and so not in the sprite."""


@cache
def icon_names() -> frozenset[str]:
    return frozenset(ICON_LIST.read_text(encoding="utf-8").split())


def icon_svg(name: str, label: str = "") -> SafeString:
    """An icon as a reference into the sprite.

    Decoration is hidden from screen readers; with a label it is an image of that name.
    Raises UnknownIcon, because a hole in the page is found later than an error.
    """
    spoken = format_html('role="img" aria-label="{}"', label) if label else None
    return _drawn(name, spoken)


@lru_cache(maxsize=1_000)
def _drawn(name: str, spoken: SafeString | None) -> SafeString:
    """Kept because a page draws the same few icons a hundred times."""
    if name not in icon_names():
        raise UnknownIcon(f'"{name}" is not listed in frontend/icons.txt')
    return format_html(
        '<svg class="icon" width="18" height="18" {} focusable="false"><use href="{}#{}"></use></svg>',
        spoken or SafeString('aria-hidden="true"'),
        static("frontend/icons.svg"),
        name,
    )
