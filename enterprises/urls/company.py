"""Addresses of what happens to a registered enterprise: its page, changes, sites, documents, labels, standing."""

from __future__ import annotations

from django.urls import path

from enterprises.views import changes, keeping, profile, standing

ONE = "enterprises/<uuid:enterprise_id>/"
company_urls = [
    path(ONE, profile.enterprise_detail, name="enterprise_detail"),
    path(f"{ONE}sites/new/", keeping.enterprise_site_create, name="enterprise_site_create"),
    path(f"{ONE}documents/new/", keeping.enterprise_paper_create, name="enterprise_paper_create"),
    path(f"{ONE}labels/new/", keeping.label_give, name="label_give"),
    path(f"{ONE}suspend/", standing.enterprise_suspend, name="enterprise_suspend"),
    path(f"{ONE}resume/", standing.enterprise_resume, name="enterprise_resume"),
    path(f"{ONE}deregister/", standing.enterprise_deregister, name="enterprise_deregister"),
    path(f"{ONE}reinstate/", standing.enterprise_reinstate, name="enterprise_reinstate"),
    path(f"{ONE}ownership/", standing.ownership_assign, name="ownership_assign"),
    path("change-requests/", changes.change_request_list, name="change_request_list"),
    path("change-requests/<uuid:change_request_id>/", changes.change_request_detail, name="change_request_detail"),
    path(
        "change-requests/<uuid:change_request_id>/approve/",
        changes.change_request_approve,
        name="change_request_approve",
    ),
    path(
        "change-requests/<uuid:change_request_id>/reject/",
        changes.change_request_reject,
        name="change_request_reject",
    ),
    path("enterprises/documents/", keeping.paper_list, name="paper_list"),
    path("enterprises/documents/<uuid:paper_id>/", keeping.paper_download, name="paper_download"),
    path("enterprises/documents/<uuid:paper_id>/edit/", keeping.paper_edit, name="paper_edit"),
    path("enterprises/documents/<uuid:paper_id>/remove/", keeping.paper_remove, name="paper_remove"),
    path("enterprises/sites/<uuid:site_id>/", keeping.site_edit, name="site_edit"),
    path("enterprises/sites/<uuid:site_id>/close/", keeping.site_close, name="site_close"),
    path("enterprises/labels/<uuid:label_id>/end/", keeping.label_end, name="label_end"),
    path("company/", profile.profile, name="profile"),
    path("company/changes/new/", changes.change_request_create, name="change_request_create"),
    path("company/changes/<uuid:change_request_id>/", changes.change_detail, name="change_detail"),
    path("company/changes/<uuid:change_request_id>/withdraw/", changes.change_withdraw, name="change_withdraw"),
    path("company/sites/new/", keeping.site_create, name="site_create"),
    path("company/documents/new/", keeping.paper_create, name="paper_create"),
    path("company/people/<int:membership_id>/ownership/", standing.ownership_offer, name="ownership_offer"),
]
