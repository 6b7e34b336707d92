"""The first administrator of a park, whom the installation names: the park itself names all others."""

from __future__ import annotations

from django.utils.translation import gettext as _

from lib.refusals import Refusal
from parks.models import Invitation, Membership, Park


class HasAdministrator(Refusal):
    code = "has_administrator"


def refuse_where_administered(park_id: int) -> None:
    """An operator enters a park by a support session, and names nobody to a park that can do so itself."""
    if Membership.objects.who_administer(park_id).exists():
        raise HasAdministrator(_("The park has an administrator: they invite their colleagues."), field="email")


def check_first_administrator(invitation: Invitation, user_id: int) -> None:
    """Of two whom operators invited at once the second finds the place taken. Administrators may invite others."""
    if invitation.park_id is None or invitation.enterprise_id is not None:
        return
    if Membership.objects.of_staff(invitation.park_id).filter(is_active=True, user=invitation.invited_by_id).exists():
        # Of the park itself, whose right to invite has been looked at.
        return
    # The lock: acceptances in one park wait for each other. Rows that refer to the park do not.
    Park.objects.select_for_update(no_key=True).get(pk=invitation.park_id)
    if Membership.objects.who_administer(invitation.park_id).exclude(user=user_id).exists():
        raise HasAdministrator(_("The park has an administrator: they invite their colleagues."))
