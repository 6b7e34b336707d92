from __future__ import annotations

from django.urls import URLPattern, path

from incentives.views import agreements, appeals, awards, clawbacks, dossiers, notices, payments

award_urls: list[URLPattern] = [
    path("awards/", awards.award_list, name="award_list"),
    path("awards/<uuid:award_id>/", awards.award_detail, name="award_detail"),
    path("awards/<uuid:award_id>/objections/", awards.objection_set_aside, name="objection_set_aside"),
    path("awards/<uuid:award_id>/revoke/", clawbacks.award_revoke, name="award_revoke"),
    path("awards/<uuid:award_id>/returned/", clawbacks.clawback_return, name="clawback_return"),
    path("queue/<uuid:application_id>/dossier/", dossiers.dossier_list, name="dossier_list"),
    path("dossiers/<uuid:dossier_id>/", dossiers.dossier_download, name="dossier_download"),
    path("awards/<uuid:award_id>/agreement/", agreements.agreement_attach, name="agreement_attach"),
    path("agreements/<uuid:agreement_id>/", agreements.agreement_download, name="agreement_download"),
    path("agreements/<uuid:agreement_id>/confirm/", agreements.agreement_confirm, name="agreement_confirm"),
    path("applications/<uuid:application_id>/appeal/", appeals.application_appeal, name="application_appeal"),
    path("appeals/<uuid:appeal_id>/", appeals.appeal_handle, name="appeal_handle"),
    path("appeals/papers/<uuid:appeal_paper_id>/", appeals.appeal_paper_download, name="appeal_paper_download"),
    path("payments/", payments.payment_list, name="payment_list"),
    path("payments/import/", payments.payment_import, name="payment_import"),
    path("payments/<uuid:instalment_id>/confirm/", payments.instalment_confirm, name="instalment_confirm"),
    path("payments/<uuid:instalment_id>/record/", payments.payment_record, name="payment_record"),
    path("notices/new/", awards.notice_publish, name="notice_publish"),
    path("objections/<uuid:objection_id>/", awards.objection_handle, name="objection_handle"),
    path(
        "objections/papers/<uuid:objection_paper_id>/",
        awards.objection_paper_download,
        name="objection_paper_download",
    ),
    path("parks/<slug:park_slug>/notices/", notices.notice_list, name="notice_list"),
    path("parks/<slug:park_slug>/notices/<uuid:notice_id>/", notices.notice_detail, name="notice_detail"),
    path("parks/<slug:park_slug>/notices/<uuid:notice_id>/object/", notices.objection_file, name="objection_file"),
]
