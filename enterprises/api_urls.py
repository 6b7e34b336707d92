from __future__ import annotations

from django.urls import path

from enterprises.api import ChangeRequestViews, EnterpriseViews, PaperViews

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
    path(
        "change-requests/<uuid:change_request_id>/withdraw/",
        ChangeRequestViews.as_view({"post": "withdraw"}),
        name="change_request_withdraw",
    ),
    path("enterprise-documents/", PaperViews.as_view({"get": "list", "post": "create"}), name="paper_list"),
]
