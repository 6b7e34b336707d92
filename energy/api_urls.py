from __future__ import annotations

from django.urls import path

from energy.api import CostViews, MeterViews, ReadingImportViews, ReadingViews, TariffViews
from energy.asset_api import AssetKpiViews, AssetViews
from energy.feed_api import FeedViews, RejectedViews
from energy.hierarchy_api import BalanceViews, SubMeterViews
from energy.issue_api import ReadingActViews, ReadingIssueViews
from energy.undo_api import ImportUndoViews

app_name = "energy"

urlpatterns = [
    path("meters/", MeterViews.as_view({"get": "list"}), name="meter_list"),
    path("meters/<uuid:meter_id>/", MeterViews.as_view({"get": "retrieve"}), name="meter_detail"),
    path("meters/<uuid:meter_id>/balance/", BalanceViews.as_view({"get": "retrieve"}), name="meter_balance"),
    path("meters/<uuid:meter_id>/head/", BalanceViews.as_view({"post": "place"}), name="meter_place"),
    path("sub-meters/", SubMeterViews.as_view({"get": "list"}), name="sub_meter_list"),
    path("channels/<uuid:channel_id>/readings/", ReadingViews.as_view({"get": "retrieve"}), name="channel_readings"),
    path("channels/<uuid:channel_id>/cost/", CostViews.as_view({"get": "retrieve"}), name="channel_cost"),
    path("assets/", AssetViews.as_view({"get": "list"}), name="asset_list"),
    path("assets/<uuid:asset_id>/", AssetViews.as_view({"get": "retrieve"}), name="asset_detail"),
    path("assets/<uuid:asset_id>/kpis/", AssetKpiViews.as_view({"get": "retrieve"}), name="asset_kpis"),
    path("tariffs/", TariffViews.as_view({"get": "list"}), name="tariff_list"),
    path("tariffs/<uuid:tariff_id>/", TariffViews.as_view({"get": "retrieve"}), name="tariff_detail"),
    path("reading-imports/", ReadingImportViews.as_view({"get": "list"}), name="import_list"),
    path(
        "reading-imports/<uuid:reading_import_id>/",
        ReadingImportViews.as_view({"get": "retrieve"}),
        name="import_detail",
    ),
    path("reading-issues/", ReadingIssueViews.as_view({"get": "list"}), name="issue_list"),
    path(
        "reading-issues/<uuid:reading_issue_id>/", ReadingIssueViews.as_view({"get": "retrieve"}), name="issue_detail"
    ),
    *(
        path(
            f"reading-issues/<uuid:reading_issue_id>/{act}/",
            ReadingIssueViews.as_view({"post": act}),
            name=f"issue_{act}",
        )
        for act in ("accept", "ask", "estimate", "edit")
    ),
    path("reading-acts/<uuid:reading_act_id>/undo/", ReadingActViews.as_view({"post": "undo"}), name="act_undo"),
    path(
        "reading-imports/<uuid:reading_import_id>/rejected/",
        RejectedViews.as_view({"get": "list"}),
        name="import_rejected",
    ),
    path(
        "reading-imports/<uuid:reading_import_id>/undo/",
        ImportUndoViews.as_view({"get": "retrieve", "post": "undo"}),
        name="import_undo",
    ),
    path(
        "reading-imports/<uuid:reading_import_id>/undo/preview/",
        ImportUndoViews.as_view({"get": "preview"}),
        name="import_undo_preview",
    ),
    path("feeds/", FeedViews.as_view({"get": "list"}), name="feed_list"),
    path("feeds/<uuid:feed_id>/", FeedViews.as_view({"get": "retrieve"}), name="feed_detail"),
    path("feeds/<uuid:feed_id>/pause/", FeedViews.as_view({"post": "pause"}), name="feed_pause"),
    path("feeds/<uuid:feed_id>/resume/", FeedViews.as_view({"post": "resume"}), name="feed_resume"),
    path("feeds/<uuid:feed_id>/readings/", FeedViews.as_view({"post": "push"}), name="feed_push"),
]
