"""Every write to parks and their people, one function per act."""

from parks.services.keys import MOST_KEYS, TooManyKeys, create_api_key, delete_api_keys_of, revoke_api_key
from parks.services.lifecycle import archive_park, create_park, resume_park, suspend_park, update_park
from parks.services.people import (
    accept_invitation,
    change_roles,
    digest_of,
    end_membership,
    invite,
    register_by_invitation,
    revoke_invitation,
)
from parks.services.profile import change_branding, change_profile
from parks.services.support import end_support_session, start_support_session

__all__ = [
    "MOST_KEYS",
    "TooManyKeys",
    "accept_invitation",
    "archive_park",
    "change_branding",
    "change_profile",
    "change_roles",
    "create_api_key",
    "create_park",
    "delete_api_keys_of",
    "digest_of",
    "end_membership",
    "end_support_session",
    "invite",
    "register_by_invitation",
    "resume_park",
    "revoke_api_key",
    "revoke_invitation",
    "start_support_session",
    "suspend_park",
    "update_park",
]
