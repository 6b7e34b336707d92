"""The officials' side of registrations, and the merging of enterprises."""

from __future__ import annotations

from django.urls import path

from enterprises.views import merging, vetting

vetting_urls = [
    path("enterprises/<uuid:enterprise_id>/merge/", merging.enterprise_merge, name="enterprise_merge"),
    path("registrations/", vetting.vetting_queue, name="vetting_queue"),
    path("registrations/<uuid:registration_id>/", vetting.vetting_detail, name="vetting_detail"),
    path("registrations/<uuid:registration_id>/return/", vetting.vetting_return, name="vetting_return"),
    path("registrations/<uuid:registration_id>/approve/", vetting.vetting_approve, name="vetting_approve"),
    path("registrations/<uuid:registration_id>/reject/", vetting.vetting_reject, name="vetting_reject"),
    path("registrations/<uuid:registration_id>/join/<uuid:enterprise_id>/", vetting.vetting_join, name="vetting_join"),
    path("registrations/papers/<uuid:registration_paper_id>/", vetting.vetting_paper, name="vetting_paper"),
]
