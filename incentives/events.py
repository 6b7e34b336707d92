"""What happened to applications. Each carries park_id, application_id and step_id, the entry of the timeline."""

from tenancy.events import Event

application_submitted = Event("incentives.application_submitted")
application_returned = Event("incentives.application_returned")
application_accepted = Event("incentives.application_accepted")
application_decided = Event("incentives.application_decided")
application_withdrawn = Event("incentives.application_withdrawn")
award_changed = Event("incentives.award_changed")
appeal_filed = Event("incentives.appeal_filed")
appeal_handled = Event("incentives.appeal_handled")
duplicate_answered = Event("incentives.duplicate_answered")
"""Carries park_id and application_id: of a side that has more to be compared."""
# Carries park_id and seat_id.
panel_seat_given = Event("incentives.panel_seat_given")
dossier_requested = Event("incentives.dossier_requested")
"""Carries park_id, application_id, request_key and by_user_id."""
