"""Issues that several channels of a day tell together."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("energy", "0016_traces"),
    ]

    operations = [
        migrations.AlterField(
            model_name="channelrule",
            name="rule",
            field=models.CharField(
                choices=[
                    ("missing", "Readings are missing"),
                    ("negative", "Below the lowest value"),
                    ("over_capacity", "More than the meter can count"),
                    ("spike", "Single high values"),
                    ("frozen", "The value stands still"),
                    ("zero", "Zero where there always is some"),
                    ("suspect", "Doubted by its source"),
                    ("sub_surplus", "Sub-meters count more than their head meter"),
                    ("sub_losses", "High losses to the sub-meters"),
                    ("register_gap", "Intervals and register differ"),
                ],
                max_length=20,
                verbose_name="rule",
            ),
        ),
        migrations.AlterField(
            model_name="readingissue",
            name="rule",
            field=models.CharField(
                choices=[
                    ("missing", "Readings are missing"),
                    ("negative", "Below the lowest value"),
                    ("over_capacity", "More than the meter can count"),
                    ("spike", "Single high values"),
                    ("frozen", "The value stands still"),
                    ("zero", "Zero where there always is some"),
                    ("suspect", "Doubted by its source"),
                    ("sub_surplus", "Sub-meters count more than their head meter"),
                    ("sub_losses", "High losses to the sub-meters"),
                    ("register_gap", "Intervals and register differ"),
                ],
                max_length=20,
            ),
        ),
    ]
