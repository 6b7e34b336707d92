"""Every address of the portal."""

from __future__ import annotations

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

from accounts.views.visitor import set_language
from config.health import healthz, metrics
from config.styleguide import styleguide
from config.views import landing
from parks.access import open_to_all

urlpatterns: list[URLPattern | URLResolver] = [
    path("", landing, name="landing"),
    path("healthz", healthz, name="healthz"),
    path("metrics", metrics, name="metrics"),
    path("account/", include("allauth.urls")),
    path("i18n/setlang/", set_language, name="set_language"),
    path("api/v1/", include("config.api_urls")),
    path("", include("accounts.urls")),
    path("", include("parks.urls")),
    path("", include("enterprises.urls")),
    path("", include("energy.urls")),
    path("", include("incentives.urls")),
]
if not settings.IS_PRODUCTION:
    urlpatterns.append(path("styleguide/", open_to_all(styleguide), name="styleguide"))
