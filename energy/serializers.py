"""What the API gives of meters, imports and readings."""

from __future__ import annotations

from rest_framework import serializers

from energy.models import Channel, Meter, ReadingImport, SubMeter, Tariff, TariffVersion


class ChannelSerializer(serializers.ModelSerializer):
    class Meta:
        model = Channel
        fields = (
            "id",
            "code",
            "flow",
            "kind",
            "unit",
            "interval_minutes",
            "multiplier",
            "rated_power_kw",
            "starts_on",
            "ends_on",
        )
        read_only_fields = fields


class MeterSerializer(serializers.ModelSerializer):
    """A meter with its channels; `enterprise` is null for one of the park itself.

    `is_to_confirm`: the park has not confirmed what the enterprise entered, and files of the park do not fill it yet.
    """

    is_to_confirm = serializers.BooleanField(read_only=True)
    channels = ChannelSerializer(many=True, read_only=True)

    class Meta:
        model = Meter
        fields = (
            "id",
            "serial",
            "name",
            "location",
            "commodity",
            "enterprise",
            "starts_on",
            "ends_on",
            "is_to_confirm",
            "confirmed_at",
            "channels",
        )
        read_only_fields = fields


class SubMeterSerializer(serializers.ModelSerializer):
    """Below which head meter a meter hangs, from `starts_on` up to, not including, `ends_on`."""

    class Meta:
        model = SubMeter
        fields = ("id", "meter", "head", "starts_on", "ends_on")
        read_only_fields = fields


class BelowSerializer(serializers.Serializer):
    meter = serializers.UUIDField(source="meter.pk")
    starts_on = serializers.DateField()
    ends_on = serializers.DateField()
    total = serializers.FloatField(source="use.total", allow_null=True)
    completeness_percent = serializers.FloatField(source="use.completeness_percent", allow_null=True)


class BalanceSerializer(serializers.Serializer):
    """What passed a head meter in a month and what passed those right below it, in `unit`."""

    meter = serializers.UUIDField(source="meter.pk")
    month = serializers.DateField(source="starts_on", help_text="Its first day.")
    unit = serializers.CharField()
    total = serializers.FloatField(source="use.total", allow_null=True)
    sub_meters_total = serializers.FloatField(source="below_use.total", allow_null=True, default=None)
    difference = serializers.FloatField(source="lost", allow_null=True)
    losses_percent = serializers.FloatField(source="lost_percent", allow_null=True)
    completeness_percent = serializers.FloatField(
        allow_null=True, help_text="Of the less complete side: the difference is no surer."
    )
    sub_meters = BelowSerializer(source="below", many=True)


class ReadingImportSerializer(serializers.ModelSerializer):
    """A file of readings; readings_read = readings_stored + readings_unchanged + readings_rejected."""

    class Meta:
        model = ReadingImport
        fields = (
            "id",
            "feed",
            "enterprise",
            "name",
            "sha256",
            "state",
            "readings_read",
            "readings_stored",
            "readings_unchanged",
            "readings_rejected",
            "rejected_by_rule",
            "first_day",
            "last_day",
            "failure",
            "failure_line",
            "uploaded_by_name",
            "uploaded_at",
            "finished_at",
        )
        read_only_fields = fields


class DayReadingsSerializer(serializers.Serializer):
    """A day by the clock of the park. A value that is not there is null, never zero."""

    day = serializers.DateField()
    starts_at = serializers.DateTimeField(help_text="When the first interval begins; the others follow without a gap.")
    values = serializers.ListField(child=serializers.FloatField(allow_null=True))
    flags = serializers.ListField(
        child=serializers.IntegerField(),
        help_text="Of each value: 0 missing, 1 measured, 2 estimated, 3 edited, 4 suspect.",
    )
    total = serializers.FloatField(allow_null=True, help_text="The sum of what is there; of observed values the mean.")
    peak = serializers.FloatField(allow_null=True)
    measured_count = serializers.IntegerField()


class ReadingsSerializer(serializers.Serializer):
    """What is kept of a channel, in its unit; days of which nothing is kept are left out."""

    channel = serializers.UUIDField()
    unit = serializers.CharField()
    interval_minutes = serializers.IntegerField()
    time_zone = serializers.CharField()
    days = DayReadingsSerializer(many=True)


class TariffVersionSerializer(serializers.ModelSerializer):
    """Prices in CNY per kWh, kW and kVA a month. Of `seasons` each names its months and, for each kind of day, 48
    letters, one a half hour: S sharp peak, P peak, F flat, V valley, D deep valley."""

    class Meta:
        model = TariffVersion
        fields = (
            "id",
            "number",
            "state",
            "starts_on",
            "ends_on",
            "source",
            "price_sharp",
            "price_peak",
            "price_flat",
            "price_valley",
            "price_deep",
            "levy_per_kwh",
            "demand_price_per_kw",
            "capacity_price_per_kva",
            "seasons",
        )
        read_only_fields = fields


class TariffSerializer(serializers.ModelSerializer):
    """Its days, months and half hours are those of the clock of `time_zone`."""

    versions = TariffVersionSerializer(many=True, read_only=True)

    class Meta:
        model = Tariff
        fields = ("id", "name", "time_zone", "versions")
        read_only_fields = fields


class ChargeSerializer(serializers.Serializer):
    kind = serializers.ChoiceField(choices=["energy", "levy", "demand", "capacity", "adjustment"])
    period = serializers.CharField(help_text="Of energy: sharp, peak, flat, valley or deep.")
    quantity = serializers.DecimalField(max_digits=20, decimal_places=3)
    unit = serializers.CharField()
    price = serializers.DecimalField(max_digits=12, decimal_places=6, help_text="Of an adjustment: percent.")
    days = serializers.IntegerField(help_text="Of what is charged by the month: for how many of its days.")
    month_days = serializers.IntegerField()
    version_number = serializers.IntegerField()
    amount = serializers.DecimalField(max_digits=20, decimal_places=2, help_text="CNY, taken to the cent.")


class MonthCostSerializer(serializers.Serializer):
    """A month, or the part of it that was asked for: `total` is the sum of the amounts of its lines."""

    month = serializers.DateField(help_text="Its first day, by the clock of the tariff.")
    use_kwh = serializers.DictField(child=serializers.DecimalField(max_digits=20, decimal_places=3))
    demand_kw = serializers.DecimalField(max_digits=20, decimal_places=3, allow_null=True)
    demand_at = serializers.DateTimeField(allow_null=True)
    power_factor = serializers.DecimalField(max_digits=4, decimal_places=2, allow_null=True)
    lines = ChargeSerializer(many=True)
    total = serializers.DecimalField(max_digits=20, decimal_places=2)
    charged_days = serializers.IntegerField(help_text="How many of the days have a tariff.")
    days = serializers.IntegerField()
    completeness_percent = serializers.FloatField(allow_null=True)


class CostSerializer(serializers.Serializer):
    channel = serializers.UUIDField()
    months = MonthCostSerializer(many=True)
    total = serializers.DecimalField(max_digits=20, decimal_places=2)
