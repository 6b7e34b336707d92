"""What every page needs to draw its frame, whoever looks at it."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

THEMES = ("auto", "light", "dark")
DENSITIES = ("comfortable", "dense")


def chosen(request: HttpRequest, cookie: str, allowed: tuple[str, ...]) -> str:
    """The cookie's value when it is one of the allowed ones, else the first of them."""
    value = request.COOKIES.get(cookie, "")
    return value if value in allowed else allowed[0]


def interface(request: HttpRequest) -> dict[str, Any]:
    """Theme and density come from cookies, so that the first paint is right without a script."""
    return {
        "theme": chosen(request, "theme", THEMES),
        "density": chosen(request, "density", DENSITIES),
        "languages": settings.LANGUAGES,
    }
