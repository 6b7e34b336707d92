from __future__ import annotations

from django.urls import URLPattern, path

from incentives.urls.awards import award_urls
from incentives.views import (
    absences,
    dashboard,
    desk,
    documents,
    duplicates,
    filing,
    home,
    ledger,
    meeting,
    offers,
    panel,
    programme_stages,
    programmes,
    project,
    review,
    search,
    sections,
    signing,
    trials,
)

app_name = "incentives"

enterprise_urls = [
    path("home/", home.enterprise_home, name="enterprise_home"),
    path("offers/", offers.offer_list, name="offer_list"),
    path("offers/<uuid:programme_version_id>/", offers.offer_detail, name="offer_detail"),
    path("offers/<uuid:programme_version_id>/start/", offers.application_start, name="application_start"),
    path("applications/", filing.application_list, name="application_list"),
    path("applications/<uuid:application_id>/", filing.application_detail, name="application_detail"),
    path("applications/<uuid:application_id>/project/", project.application_project, name="application_project"),
    path(
        "applications/<uuid:application_id>/sections/<int:form_section>/",
        sections.application_section,
        name="application_section",
    ),
    path(
        "applications/<uuid:application_id>/sections/<int:form_section>/autosave/",
        sections.section_autosave,
        name="section_autosave",
    ),
    path("applications/<uuid:application_id>/autosave/", project.application_autosave, name="application_autosave"),
    path(
        "applications/<uuid:application_id>/documents/", documents.application_documents, name="application_documents"
    ),
    path("applications/<uuid:application_id>/documents/upload/", documents.document_upload, name="document_upload"),
    path("applications/<uuid:application_id>/check/", signing.application_check, name="application_check"),
    path("applications/<uuid:application_id>/submit/", signing.application_submit, name="application_submit"),
    path("applications/<uuid:application_id>/withdraw/", filing.application_withdraw, name="application_withdraw"),
    path("applications/<uuid:application_id>/replies/", filing.application_replies, name="application_replies"),
    path("applications/<uuid:application_id>/copy/", filing.application_copy, name="application_copy"),
    path("applications/<uuid:application_id>/restart/", filing.application_restart, name="application_restart"),
    path("documents/<uuid:document_id>/", documents.document_download, name="document_download"),
    path("documents/<uuid:document_id>/remove/", documents.document_remove, name="document_remove"),
]
official_urls = [
    path("desk/", desk.official_home, name="official_home"),
    path("dashboard/", dashboard.dashboard, name="dashboard"),
    path("queue/", review.review_queue, name="review_queue"),
    path("queue/<uuid:application_id>/", review.review_detail, name="review_detail"),
    path("queue/<uuid:application_id>/accept/", review.review_accept, name="review_accept"),
    path("queue/<uuid:application_id>/return/", review.review_return, name="review_return"),
    path("queue/<uuid:application_id>/approve/", review.review_approve, name="review_approve"),
    path("queue/<uuid:application_id>/decline/", review.review_decline, name="review_decline"),
    path("queue/<uuid:application_id>/panel/", panel.panel_seat, name="panel_seat"),
    path("duplicates/<uuid:duplicate_id>/", duplicates.duplicate_detail, name="duplicate_detail"),
    path("deputies/", absences.absence_list, name="absence_list"),
    path("deputies/<uuid:absence_id>/end/", absences.absence_end, name="absence_end"),
    path("panel/", panel.seat_list, name="seat_list"),
    path("panel/<uuid:seat_id>/", panel.seat_detail, name="seat_detail"),
    path("panel/<uuid:seat_id>/conflict/", panel.seat_conflict, name="seat_conflict"),
    path("panel/<uuid:seat_id>/replace/", panel.seat_replace, name="seat_replace"),
    path("panel/<uuid:seat_id>/documents/<uuid:document_id>/", panel.seat_document, name="seat_document"),
    path("filed/", review.filed_list, name="filed_list"),
    path("programmes/", programmes.programme_list, name="programme_list"),
    path("programmes/new/", programmes.programme_create, name="programme_create"),
    path("programmes/<uuid:programme_id>/", programmes.programme_detail, name="programme_detail"),
    path("programmes/<uuid:programme_id>/edit/", programmes.programme_edit, name="programme_edit"),
    path("programmes/<uuid:programme_id>/stages/", programme_stages.programme_stages, name="programme_stages"),
    path("programmes/<uuid:programme_id>/preview/", trials.programme_preview, name="programme_preview"),
    path("programmes/<uuid:programme_id>/try/", trials.programme_try, name="programme_try"),
    path("programmes/<uuid:programme_id>/meeting/", meeting.decision_meeting, name="decision_meeting"),
    path("programmes/<uuid:programme_id>/meeting/decide/", meeting.decision_batch, name="decision_batch"),
    path("programmes/<uuid:programme_id>/publish/", programmes.programme_publish, name="programme_publish"),
    path("programmes/<uuid:programme_id>/ledger/", ledger.programme_ledger, name="programme_ledger"),
    path("programmes/<uuid:programme_id>/ledger/appropriate/", ledger.budget_appropriate, name="budget_appropriate"),
    path("programmes/<uuid:programme_id>/ledger/move/", ledger.budget_move, name="budget_move"),
    path("programmes/<uuid:programme_id>/close/", programmes.programme_close, name="programme_close"),
]
urlpatterns: list[URLPattern] = [
    *enterprise_urls,
    *official_urls,
    *award_urls,
    path("search/", search.search, name="search"),
]
