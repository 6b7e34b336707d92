"""Who acts, for whom, where."""

from __future__ import annotations

from dataclasses import dataclass, replace
from uuid import UUID

from django.utils.translation import gettext as _

from parks.choices import INSTALLATION_ROLES, Role
from parks.models import Membership, SupportSession
from tenancy.scopes import Author, Kind, Scope


@dataclass(frozen=True, slots=True)
class Actor:
    """A person in one of their places. Plain values, so that it outlives the transaction that loaded it.

    `is_read_only` when the park or the person's enterprise is suspended: the database itself then refuses every write.
    An operator in a support session acts with the roles of `SUPPORT_ROLES`: reads the park, edits its profile and
    branding. Predicates about decisions, money and letting people in ask for `support_session_id` as well.
    """

    user_id: int
    name: str
    membership_id: int
    roles: frozenset[Role]
    park_id: int | None = None
    enterprise_id: UUID | None = None
    support_session_id: int | None = None
    request_id: str = ""
    is_read_only: bool = False
    is_enterprise_suspended: bool = False

    def has_role(self, *roles: Role) -> bool:
        """Whether the actor holds at least one of the roles."""
        return not self.roles.isdisjoint(roles)

    @property
    def is_operator(self) -> bool:
        return Role.OPERATOR in self.roles

    @property
    def is_official(self) -> bool:
        return self.park_id is not None and self.enterprise_id is None

    @property
    def is_enterprise_person(self) -> bool:
        return self.enterprise_id is not None

    @property
    def is_of_installation(self) -> bool:
        return self.park_id is None and not self.roles.isdisjoint(INSTALLATION_ROLES)

    def of_any_request(self) -> Actor:
        """The same actor in every request: what is kept by it serves the next page too."""
        return replace(self, request_id="")

    @property
    def read_only_words(self) -> str:
        """Why nothing can be changed, in the active language; empty when something can."""
        if not self.is_read_only:
            return ""
        if self.is_enterprise_suspended:
            return _("Your enterprise is suspended: nothing can be changed.")
        return _("The park is suspended: nothing can be changed.")

    @property
    def author(self) -> Author:
        """How the audit trail names this actor."""
        return Author(self.user_id, self.name, self.membership_id, self.support_session_id, self.request_id)

    @property
    def scope(self) -> Scope:
        """The rows this actor may see."""
        if self.enterprise_id is not None:
            return Scope(Kind.ENTERPRISE, self.park_id, self.enterprise_id, self.author, self.is_read_only)
        if self.park_id is not None:
            return Scope(Kind.OFFICIAL, self.park_id, None, self.author, self.is_read_only)
        return Scope(Kind.PLATFORM, None, None, self.author)


@dataclass(frozen=True, slots=True)
class Registrant:
    """A signed-in person at the door of a park: files what lets an enterprise in, and holds no role there."""

    user_id: int
    name: str
    park_id: int
    request_id: str = ""
    is_read_only: bool = False

    @property
    def author(self) -> Author:
        return Author(self.user_id, self.name, request_id=self.request_id)

    @property
    def scope(self) -> Scope:
        return Scope(Kind.REGISTRANT, self.park_id, None, self.author, self.is_read_only)


SUPPORT_ROLES = frozenset({Role.PARK_ADMINISTRATOR, Role.AUDITOR})


def actor_of(membership: Membership, request_id: str = "") -> Actor:
    """The actor of a membership with its user loaded."""
    return Actor(
        user_id=membership.user_id,
        name=membership.user.name,
        membership_id=membership.pk,
        roles=frozenset(Role(role) for role in membership.roles),
        park_id=membership.park_id,
        enterprise_id=membership.enterprise_id,
        request_id=request_id,
        is_read_only=membership.is_enterprise_suspended
        or (membership.park is not None and membership.park.is_read_only),
        is_enterprise_suspended=membership.is_enterprise_suspended,
    )


def actor_in_support(membership: Membership, session: SupportSession, request_id: str = "") -> Actor:
    """An operator inside the park of an open support session."""
    return Actor(
        user_id=membership.user_id,
        name=membership.user.name,
        membership_id=membership.pk,
        roles=SUPPORT_ROLES,
        park_id=session.park_id,
        support_session_id=session.pk,
        request_id=request_id,
        is_read_only=session.park.is_read_only,
    )
