from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("incentives", "0010_titles_can_be_read")]

    operations = [
        migrations.RemoveIndex("Application", "application_waiting"),
        migrations.RemoveIndex("Application", "application_filed"),
        migrations.RemoveIndex("Application", "application_decided"),
        migrations.AddIndex(
            "Application",
            models.Index(
                fields=["park", "due_at", "submitted_at", "id"],
                include=[
                    "number",
                    "state",
                    "enterprise",
                    "programme_version",
                    "requested_cny",
                    "started_by",
                    "started_at",
                ],
                condition=models.Q(("state__in", ["accepted", "submitted"])),
                name="application_waiting",
            ),
        ),
        migrations.AddIndex(
            "Application",
            models.Index(
                fields=["park", "-submitted_at", "id"],
                include=["number", "state", "enterprise"],
                condition=models.Q(("submitted_at__isnull", False)),
                name="application_filed",
            ),
        ),
        migrations.AddIndex(
            "Application",
            models.Index(
                fields=["park", "-decided_at", "id"],
                include=["number", "state", "enterprise", "submitted_at"],
                condition=models.Q(("state__in", ["approved", "declined"])),
                name="application_decided",
            ),
        ),
        migrations.AddIndex(
            "Review",
            models.Index(fields=["park", "decided_by", "application"], include=["stage"], name="review_of_person"),
        ),
    ]
