from __future__ import annotations

from django.urls import path

from energy.api import CostViews, MeterViews, ReadingImportViews, ReadingViews, TariffViews

app_name = "energy"

urlpatterns = [
    path("meters/", MeterViews.as_view({"get": "list"}), name="meter_list"),
    path("meters/<uuid:meter_id>/", MeterViews.as_view({"get": "retrieve"}), name="meter_detail"),
    path("channels/<uuid:channel_id>/readings/", ReadingViews.as_view({"get": "retrieve"}), name="channel_readings"),
    path("channels/<uuid:channel_id>/cost/", CostViews.as_view({"get": "retrieve"}), name="channel_cost"),
    path("tariffs/", TariffViews.as_view({"get": "list"}), name="tariff_list"),
    path("tariffs/<uuid:tariff_id>/", TariffViews.as_view({"get": "retrieve"}), name="tariff_detail"),
    path("reading-imports/", ReadingImportViews.as_view({"get": "list"}), name="import_list"),
    path(
        "reading-imports/<uuid:reading_import_id>/",
        ReadingImportViews.as_view({"get": "retrieve"}),
        name="import_detail",
    ),
]
