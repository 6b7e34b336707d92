"""What the API gives of meters, imports and readings."""

from __future__ import annotations

from rest_framework import serializers

from energy.models import Channel, Meter, ReadingImport


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
