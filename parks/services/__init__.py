"""Every write to parks and their people, one function per act."""

from parks.services.lifecycle import archive_park, create_park, resume_park, suspend_park, update_park
from parks.services.support import end_support_session, start_support_session

__all__ = [
    "archive_park",
    "create_park",
    "end_support_session",
    "resume_park",
    "start_support_session",
    "suspend_park",
    "update_park",
]
