"""What happens to the enterprises of a park, told to whoever wants to know. Ids and plain values only."""

from __future__ import annotations

from tenancy.events import Event

enterprise_registered = Event("enterprises.enterprise_registered")
"""park_id, enterprise_id, by_user_id"""

enterprise_updated = Event("enterprises.enterprise_updated")
"""park_id, enterprise_id, by_user_id, changed (names of the fields)"""

interest_declared = Event("enterprises.interest_declared")
"""park_id, enterprise_id, interest_id, user_id"""

interest_ended = Event("enterprises.interest_ended")
"""park_id, enterprise_id, interest_id, user_id"""

registration_begun = Event("enterprises.registration_begun")
"""park_id, registration_id: a draft was saved for the first time"""

registration_submitted = Event("enterprises.registration_submitted")
"""park_id, registration_id, step_id"""

registration_withdrawn = Event("enterprises.registration_withdrawn")
"""park_id, registration_id, step_id"""
