"""What happens to the enterprises of a park, told to whoever wants to know. Ids and plain values only."""

from __future__ import annotations

from tenancy.events import Event

# Nobody here waits for this; apps above that keep something for each enterprise, such as a meter, will.
enterprise_registered = Event("enterprises.enterprise_registered")
"""park_id, enterprise_id, by_user_id"""

enterprise_updated = Event("enterprises.enterprise_updated")
"""park_id, enterprise_id, by_user_id, changed (names of the fields), step_id of what the park did unasked, or None"""

enterprises_imported = Event("enterprises.enterprises_imported")
"""park_id, register_import_id, by_user_id, registered and updated (ids of enterprises), step_ids of the updated:
once for many of a file"""

registration_begun = Event("enterprises.registration_begun")
"""park_id, registration_id, registrant_id: a draft was saved for the first time"""

registration_submitted = Event("enterprises.registration_submitted")
"""park_id, registration_id, step_id"""

registration_withdrawn = Event("enterprises.registration_withdrawn")
"""park_id, registration_id, step_id"""

change_requested = Event("enterprises.change_requested")
change_decided = Event("enterprises.change_decided")
"""park_id, enterprise_id, change_request_id"""

paper_expires = Event("enterprises.paper_expires")
"""park_id, enterprise_id, paper_id, valid_until (ISO), days_before (one of `REMINDED_BEFORE`)"""

standing_changed = Event("enterprises.standing_changed")
"""park_id, enterprise_id, step_id, owner_ids (of the memberships of its owners as they were)"""

ownership_changed = Event("enterprises.ownership_changed")
"""park_id, enterprise_id, step_id, membership_ids (whose roles changed)"""

registration_returned = Event("enterprises.registration_returned")
registration_approved = Event("enterprises.registration_approved")
registration_rejected = Event("enterprises.registration_rejected")
registration_joined = Event("enterprises.registration_joined")
"""park_id, registration_id, step_id: what an official decided"""

enterprises_merged = Event("enterprises.enterprises_merged")
"""park_id, enterprise_id, merged_into_id, by_user_id, membership_ids of the people who went along"""

register_file_matched = Event("enterprises.register_file_matched")
register_import_started = Event("enterprises.register_import_started")
"""park_id, register_import_id, by_user_id: the worker has something to do"""
