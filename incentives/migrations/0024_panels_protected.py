from __future__ import annotations

from django.db import migrations

from tenancy.guards import AUTHOR, GuardRows
from tenancy.operations import ADD, CompositeForeignKey, ProtectTable

OF_THE_EXPERT = ("scores", "comment", "scored_at", "conflict", "left_at")
# What an expert fills in, nobody else does; a seat that is scored or left stays as it is.
OWN_SCORES = f"""
OLD.scored_at IS NULL AND OLD.left_at IS NULL AND (
    NEW.expert_id = {AUTHOR}
    OR (NEW.scores, NEW.comment, NEW.scored_at, NEW.conflict) IS NOT DISTINCT FROM
       (OLD.scores, OLD.comment, OLD.scored_at, OLD.conflict)
)
"""
# The panel's word is the scores of a seat that was given.
HAS_A_SEAT = """
NEW.stage <> 'panel' OR EXISTS (
    SELECT 1 FROM incentives_panelseat AS seat
    WHERE seat.park_id = NEW.park_id AND seat.application_id = NEW.application_id AND seat.round = NEW.round
      AND seat.expert_id = NEW.decided_by_id AND seat.scored_at IS NOT NULL
)
"""


class Migration(migrations.Migration):
    dependencies = [("incentives", "0023_panels")]

    operations = [
        ProtectTable("PanelSeat", officials=ADD, columns={"official": OF_THE_EXPERT}),
        CompositeForeignKey("PanelSeat", ("park_id", "application_id"), "Application"),
        GuardRows(
            "PanelSeat",
            "own_scores",
            after="UPDATE",
            condition=OWN_SCORES,
            message="an expert fills in the own open seat",
        ),
        GuardRows(
            "Review",
            "has_a_seat",
            after="INSERT",
            condition=HAS_A_SEAT,
            message="who reviews for a panel has scored in a seat of it",
        ),
    ]
