from __future__ import annotations

from django.urls import path

from energy.views import channels, costs, feeds, imports, issues, meters, overview, rules, tariffs

app_name = "energy"
urlpatterns = [
    path("energy/", overview.energy_overview, name="energy_overview"),
    path("meters/", meters.meter_list, name="meter_list"),
    path("meters/new/", meters.meter_create, name="meter_create"),
    path("meters/<uuid:meter_id>/", meters.meter_detail, name="meter_detail"),
    path("meters/<uuid:meter_id>/edit/", meters.meter_edit, name="meter_edit"),
    path("meters/<uuid:meter_id>/retire/", meters.meter_retire, name="meter_retire"),
    path("meters/<uuid:meter_id>/confirm/", meters.meter_confirm, name="meter_confirm"),
    path("meters/<uuid:meter_id>/channels/new/", meters.channel_create, name="channel_create"),
    path("channels/<uuid:channel_id>/", channels.channel_detail, name="channel_detail"),
    path("channels/<uuid:channel_id>/edit/", meters.channel_edit, name="channel_edit"),
    path("channels/<uuid:channel_id>/cost/", costs.channel_cost, name="channel_cost"),
    path("channels/<uuid:channel_id>/tariff/", tariffs.channel_tariff, name="channel_tariff"),
    path("tariffs/", tariffs.tariff_list, name="tariff_list"),
    path("tariffs/new/", tariffs.tariff_create, name="tariff_create"),
    path("tariffs/<uuid:tariff_id>/", tariffs.tariff_detail, name="tariff_detail"),
    path("tariffs/<uuid:tariff_id>/versions/new/", tariffs.tariff_version_create, name="tariff_version_create"),
    path("tariffs/versions/<uuid:tariff_version_id>/edit/", tariffs.tariff_version_edit, name="tariff_version_edit"),
    path(
        "tariffs/versions/<uuid:tariff_version_id>/publish/",
        tariffs.tariff_version_publish,
        name="tariff_version_publish",
    ),
    path("channels/<uuid:channel_id>/checks/", rules.channel_rules, name="channel_rules"),
    path("readings/issues/", issues.issue_list, name="issue_list"),
    path("readings/issues/<uuid:reading_issue_id>/", issues.issue_detail, name="issue_detail"),
    path("readings/issues/<uuid:reading_issue_id>/accept/", issues.issue_accept, name="issue_accept"),
    path("readings/issues/<uuid:reading_issue_id>/estimate/", issues.issue_estimate, name="issue_estimate"),
    path("readings/issues/<uuid:reading_issue_id>/edit/", issues.issue_edit, name="issue_edit"),
    path("readings/issues/<uuid:reading_issue_id>/ask/", issues.issue_ask, name="issue_ask"),
    path("readings/acts/<uuid:reading_act_id>/undo/", issues.act_undo, name="act_undo"),
    path("readings/imports/", imports.import_list, name="import_list"),
    path("readings/imports/new/", imports.import_upload, name="import_upload"),
    path("readings/feeds/", feeds.feed_list, name="feed_list"),
    path("readings/feeds/new/", feeds.feed_create, name="feed_create"),
    path("readings/feeds/<uuid:feed_id>/", feeds.feed_detail, name="feed_detail"),
    path("readings/feeds/<uuid:feed_id>/edit/", feeds.feed_edit, name="feed_edit"),
    path("readings/feeds/<uuid:feed_id>/pause/", feeds.feed_pause, name="feed_pause"),
    path("readings/feeds/<uuid:feed_id>/resume/", feeds.feed_resume, name="feed_resume"),
    path("readings/feeds/<uuid:feed_id>/fetch/", feeds.feed_fetch, name="feed_fetch"),
    path("readings/feeds/<uuid:feed_id>/try/", feeds.feed_try, name="feed_try"),
    path("readings/imports/<uuid:reading_import_id>/", imports.import_detail, name="import_detail"),
    path("readings/imports/<uuid:reading_import_id>/stop/", imports.import_cancel, name="import_cancel"),
    path("readings/imports/<uuid:reading_import_id>/resume/", imports.import_resume, name="import_resume"),
    path("readings/imports/<uuid:reading_import_id>/file/", imports.import_file, name="import_file"),
    path("readings/imports/<uuid:reading_import_id>/rejected/", imports.import_rejected, name="import_rejected"),
]
