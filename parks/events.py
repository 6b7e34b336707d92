"""What happens to people and parks, told to whoever wants to know. Ids and plain values only."""

from __future__ import annotations

from tenancy.events import Event

invitation_accepted = Event("parks.invitation_accepted")
"""invitation_id, membership_id"""

administrator_invited = Event("parks.administrator_invited")
"""invitation_id, at (ISO). By an operator, into a park."""

membership_roles_changed = Event("parks.membership_roles_changed")
"""membership_id, roles (as they are now), at (ISO), by_name"""

membership_ended = Event("parks.membership_ended")
"""membership_id, at (ISO), by_name"""

park_created = Event("parks.park_created")
park_suspended = Event("parks.park_suspended")
park_resumed = Event("parks.park_resumed")
park_archived = Event("parks.park_archived")
"""park_id. A seam: apps above that keep something for each park, such as a feed, will want to know."""
