"""The API, version 1."""

from __future__ import annotations

from django.urls import include, path, re_path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from config.api_views import ApiRoot, Me, NoSuchAddress

app_name = "api"

urlpatterns = [
    path("", ApiRoot.as_view(), name="root"),
    path("me/", Me.as_view(), name="me"),
    path("", include("enterprises.api_urls")),
    path("", include("energy.api_urls")),
    path("", include("incentives.api_urls")),
    path("schema/", SpectacularAPIView.as_view(), name="schema"),
    path(
        "docs/",
        SpectacularSwaggerSplitView.as_view(url_name="api:schema", template_name="api/docs.html"),
        name="docs",
    ),
    re_path(r"^.*$", NoSuchAddress.as_view(), name="no_such_address"),
]
