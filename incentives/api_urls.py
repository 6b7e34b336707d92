from __future__ import annotations

from django.urls import path

from incentives.api import (
    ApplicationViews,
    AwardViews,
    CaseViews,
    DocumentViews,
    NoticeViews,
    PaymentViews,
    ProgrammeViews,
)
from incentives.official_api import DashboardViews, MeetingViews, OwnSeatViews, PanelViews, StageViews

app_name = "incentives"

urlpatterns = [
    path("programmes/", ProgrammeViews.as_view({"get": "list"}), name="programme_list"),
    path(
        "programmes/<uuid:programme_version_id>/", ProgrammeViews.as_view({"get": "retrieve"}), name="programme_detail"
    ),
    path(
        "programmes/<uuid:programme_version_id>/stages/",
        StageViews.as_view({"get": "retrieve"}),
        name="programme_stages",
    ),
    path(
        "programmes/<uuid:programme_version_id>/meeting/",
        MeetingViews.as_view({"get": "retrieve"}),
        name="programme_meeting",
    ),
    path("seats/", OwnSeatViews.as_view({"get": "list"}), name="seat_list"),
    path(
        "seats/<uuid:seat_id>/",
        OwnSeatViews.as_view({"get": "retrieve", "patch": "partial_update"}),
        name="seat_detail",
    ),
    path("seats/<uuid:seat_id>/send/", OwnSeatViews.as_view({"post": "send"}), name="seat_send"),
    path("dashboard/", DashboardViews.as_view({"get": "retrieve"}), name="dashboard"),
    path("applications/", ApplicationViews.as_view({"get": "list", "post": "create"}), name="application_list"),
    path(
        "applications/<uuid:application_id>/",
        ApplicationViews.as_view({"get": "retrieve", "patch": "partial_update"}),
        name="application_detail",
    ),
    path("applications/<uuid:application_id>/check/", ApplicationViews.as_view({"get": "check"}), name="check"),
    path("applications/<uuid:application_id>/submit/", ApplicationViews.as_view({"post": "submit"}), name="submit"),
    path(
        "applications/<uuid:application_id>/withdraw/", ApplicationViews.as_view({"post": "withdraw"}), name="withdraw"
    ),
    path("applications/<uuid:application_id>/restart/", ApplicationViews.as_view({"post": "restart"}), name="restart"),
    path(
        "applications/<uuid:application_id>/documents/",
        DocumentViews.as_view({"post": "attach"}),
        name="document_attach",
    ),
    path("documents/<uuid:document_id>/", DocumentViews.as_view({"delete": "destroy"}), name="document_detail"),
    path("documents/<uuid:document_id>/content/", DocumentViews.as_view({"get": "content"}), name="document_content"),
    path("awards/", AwardViews.as_view({"get": "list"}), name="award_list"),
    path("awards/<uuid:award_id>/", AwardViews.as_view({"get": "retrieve"}), name="award_detail"),
    path("payments/", PaymentViews.as_view({"get": "list"}), name="payment_list"),
    path("notices/", NoticeViews.as_view({"get": "list"}), name="notice_list"),
    path("queue/", CaseViews.as_view({"get": "list"}), name="case_list"),
    path("queue/<uuid:application_id>/", CaseViews.as_view({"get": "retrieve"}), name="case_detail"),
    path(
        "queue/<uuid:application_id>/reviews/",
        CaseViews.as_view({"get": "reviews"}, pagination_class=None),
        name="case_reviews",
    ),
    path("queue/<uuid:application_id>/panel/", PanelViews.as_view({"get": "retrieve"}), name="case_panel"),
    path("queue/<uuid:application_id>/accept/", CaseViews.as_view({"post": "accept"}), name="case_accept"),
    path("queue/<uuid:application_id>/return/", CaseViews.as_view({"post": "give_back"}), name="case_return"),
    path("queue/<uuid:application_id>/approve/", CaseViews.as_view({"post": "approve"}), name="case_approve"),
    path("queue/<uuid:application_id>/decline/", CaseViews.as_view({"post": "decline"}), name="case_decline"),
]
