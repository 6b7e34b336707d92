"""What hangs on a feed is of whoever the feed is, and an act that was undone stays so: whatever code writes it."""

from __future__ import annotations

from django.db import migrations

from tenancy.guards import GuardRows

# Of a feed of the park it would be told that a file was taken, or read for everybody.
OF_ITS_FEED = """EXISTS (
    SELECT 1 FROM energy_feed feed
    WHERE feed.park_id = NEW.park_id AND feed.id = NEW.feed_id
      AND feed.enterprise_id IS NOT DISTINCT FROM NEW.enterprise_id
)"""


class Migration(migrations.Migration):
    dependencies = [("energy", "0013_taken_up")]

    operations = [
        *(
            GuardRows(
                model,
                "of_its_feed",
                after="INSERT OR UPDATE OF park_id, enterprise_id, feed_id",
                condition=OF_ITS_FEED,
                message="what hangs on a feed is of the same enterprise, or of the park",
            )
            for model in ("ReadingImport", "FeedFile", "FeedSecret")
        ),
        GuardRows(
            "ReadingAct",
            "undone_once",
            after="UPDATE",
            condition="OLD.undone_at IS NULL AND NEW.undone_at IS NOT NULL",
            message="an act is undone once, and stays so",
        ),
    ]
