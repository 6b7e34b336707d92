"""The addresses of the import into the register."""

from __future__ import annotations

from django.urls import path

from enterprises.views import import_report, imports

import_urls = [
    path("enterprises/imports/", imports.import_list, name="import_list"),
    path("enterprises/imports/new/", imports.import_upload, name="import_upload"),
    path("enterprises/imports/template/", imports.import_template, name="import_template"),
    path("enterprises/imports/<uuid:register_import_id>/", import_report.import_detail, name="import_detail"),
    path("enterprises/imports/<uuid:register_import_id>/columns/", imports.import_match, name="import_match"),
    path("enterprises/imports/<uuid:register_import_id>/start/", import_report.import_start, name="import_start"),
    path("enterprises/imports/<uuid:register_import_id>/stop/", imports.import_cancel, name="import_cancel"),
    path("enterprises/imports/<uuid:register_import_id>/resume/", imports.import_resume, name="import_resume"),
    path("enterprises/imports/<uuid:register_import_id>/file/", imports.import_file, name="import_file"),
    path(
        "enterprises/imports/<uuid:register_import_id>/rejected/", import_report.import_rejected, name="import_rejected"
    ),
]
