from __future__ import annotations

from django.urls import path

from enterprises.api import ChangeRequestViews, EnterpriseViews

app_name = "enterprises"

urlpatterns = [
    path("enterprises/", EnterpriseViews.as_view({"get": "list", "post": "create"}), name="enterprise_list"),
    path("enterprises/<uuid:enterprise_id>/", EnterpriseViews.as_view({"get": "retrieve"}), name="enterprise_detail"),
    path("change-requests/", ChangeRequestViews.as_view({"get": "list", "post": "create"}), name="change_request_list"),
    path(
        "change-requests/<uuid:change_request_id>/",
        ChangeRequestViews.as_view({"get": "retrieve"}),
        name="change_request_detail",
    ),
]
