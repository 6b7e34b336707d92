"""Every address of the portal."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from accounts.views.visitor import set_language
from config.health import healthz, metrics
from config.views import landing

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
    path("", include("incentives.urls")),
]
