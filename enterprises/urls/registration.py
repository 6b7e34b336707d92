"""Addresses of an enterprise on its way into the register, below the page of its park."""

from __future__ import annotations

from django.urls import path

from enterprises.views import registration, registration_answers, registration_filing, registration_papers

registration_urls = [
    path("", registration.registration_start, name="registration_start"),
    path("begin/", registration.registration_begin, name="registration_begin"),
    path("<uuid:registration_id>/", registration.registration_detail, name="registration_detail"),
    path("<uuid:registration_id>/sites/", registration_answers.registration_sites, name="registration_sites"),
    path("<uuid:registration_id>/papers/", registration_papers.registration_papers, name="registration_papers"),
    path(
        "<uuid:registration_id>/papers/upload/",
        registration_papers.registration_paper_upload,
        name="registration_paper_upload",
    ),
    path("<uuid:registration_id>/check/", registration_filing.registration_check, name="registration_check"),
    path("<uuid:registration_id>/submit/", registration_filing.registration_submit, name="registration_submit"),
    path("<uuid:registration_id>/withdraw/", registration.registration_withdraw, name="registration_withdraw"),
    path(
        "<uuid:registration_id>/<slug:section>/", registration_answers.registration_section, name="registration_section"
    ),
    path(
        "<uuid:registration_id>/<slug:section>/autosave/",
        registration_answers.registration_autosave,
        name="registration_autosave",
    ),
    path(
        "papers/<uuid:registration_paper_id>/",
        registration_papers.registration_paper_download,
        name="registration_paper_download",
    ),
    path(
        "papers/<uuid:registration_paper_id>/remove/",
        registration_papers.registration_paper_remove,
        name="registration_paper_remove",
    ),
]
