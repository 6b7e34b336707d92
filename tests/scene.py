"""The shared scene: everything that could leak, once for us and once for the others."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from django.utils import timezone

from accounts.models import OutgoingMail
from enterprises.models import DeclaredInterest, Enterprise
from incentives.choices import Outcome, Stage
from incentives.models import Application, ApplicationDocument, FieldComment, Programme, ProgrammeVersion, Review
from parks.choices import ENTERPRISE_ROLES, PARK_ROLES, Role
from parks.models import ApiKey, Invitation, Membership, Park, SupportSession
from parks.services.people import digest_of
from tenancy.models import AuditEvent
from tenancy.scopes import enterprise_scope, park_scope
from tests.factories.filing import ApplicationFactory, EnterpriseFactory, ProgrammeFactory, attach, published, submitted
from tests.factories.people import ParkFactory, person

SUBMITTED_AT = datetime(2026, 11, 3, 9, 5, tzinfo=UTC)


@dataclass
class Firm:
    """One enterprise with a person of each role, a draft and a filed application with a document each."""

    enterprise: Enterprise
    people: dict[Role, Membership]
    draft: Application
    application: Application
    document: ApplicationDocument


@dataclass
class Side:
    """One park with its officials, a programme and two enterprises."""

    park: Park
    staff: dict[Role, Membership]
    programme: Programme
    version: ProgrammeVersion
    firm: Firm
    neighbour: Firm
    review: Review
    interest: DeclaredInterest
    invitation: Invitation
    support_session: SupportSession
    api_key: ApiKey
    api_token: str
    mail: OutgoingMail
    invitation_token: str
    audit_event: AuditEvent

    def url_kwargs(self, firm: Firm) -> dict[str, Any]:
        """A value for every argument that an address of the portal can take. New arguments are added here."""
        return {
            "park_slug": self.park.slug,
            "park_id": self.park.pk,
            "enterprise_id": firm.enterprise.pk,
            "programme_id": self.programme.pk,
            "programme_version_id": self.version.pk,
            "application_id": firm.application.pk,
            "document_id": firm.document.pk,
            "membership_id": next(iter(firm.people.values())).pk,
            "invitation_id": self.invitation.pk,
            "support_session_id": self.support_session.pk,
            "interest_id": self.interest.pk,
            "api_key_id": self.api_key.pk,
            "mail_id": self.mail.pk,
            "token": self.invitation_token,
            "audit_event_id": self.audit_event.pk,
        }


@dataclass
class Scene:
    """`ours` and `others` are parks of the same shape; installation people belong to neither."""

    ours: Side
    others: Side
    operator: Membership
    observer: Membership
    everyone: list[Membership] = field(default_factory=list)


def build_scene() -> Scene:
    operator, observer = person(Role.OPERATOR), person(Role.OBSERVER)
    ours = build_side(ParkFactory(name_en="Torch Zone", name_zh="火炬园区"), "OURS", operator)
    others = build_side(ParkFactory(name_en="Secret Harbour", name_zh="隐秘港区"), "OTHERS", operator)
    everyone = [operator, observer]
    for side in (ours, others):
        everyone += [*side.staff.values(), *side.firm.people.values(), *side.neighbour.people.values()]
    return Scene(ours, others, operator, observer, everyone)


def build_side(park: Park, mark: str, operator: Membership) -> Side:
    staff = {role: person(role, park) for role in sorted(PARK_ROLES)}
    with park_scope(park.pk):
        programme = ProgrammeFactory(park=park, code=mark[:4])
        version = published(programme)
    firm = build_firm(park, version, f"{mark} first firm")
    neighbour = build_firm(park, version, f"{mark} second firm")
    with park_scope(park.pk):
        review = Review.objects.create(
            park=park,
            application=neighbour.application,
            stage=Stage.COMPLETENESS,
            outcome=Outcome.RETURNED,
            round=1,
            note=f"{mark} internal note",
            decided_by=staff[Role.REVIEWER].user,
            decided_by_name="Chen Wei",
            decided_at=SUBMITTED_AT,
        )
        FieldComment.objects.create(
            park=park,
            enterprise=neighbour.enterprise,
            application=neighbour.application,
            field="project_title",
            comment=f"{mark} second firm comment",
            round=1,
            at=SUBMITTED_AT,
            by_name="Chen Wei",
        )
        interest = DeclaredInterest.objects.create(
            park=park, enterprise=neighbour.enterprise, user=staff[Role.EXPERT].user, reason=f"{mark} interest"
        )
        audit_event = AuditEvent.objects.of_row("incentives_review", review.pk).get()
    now = timezone.now()
    invitation_token = f"{mark.lower()}-token-of-an-invitation"
    invitation = Invitation.objects.create(
        park=park,
        email=f"{mark.lower()}@example.com",
        roles=[Role.REVIEWER],
        token_digest=digest_of(invitation_token),
        invited_by=staff[Role.PARK_ADMINISTRATOR].user,
        expires_at=now + timedelta(days=7),
    )
    session = SupportSession.objects.create(
        park=park,
        operator=operator.user,
        operator_name=operator.user.name,
        reason=f"{mark} support",
        started_at=now - timedelta(hours=3),
        expires_at=now - timedelta(hours=2),
    )
    applicant = firm.people[Role.APPLICANT]
    key, token = ApiKey.objects.create(user=applicant.user, membership=applicant, name=f"{mark} gateway")
    mail = OutgoingMail.objects.create(
        key=f"{mark} letter",
        recipient=applicant.user,
        address=applicant.user.email,
        subject=f"{mark} letter",
        text=f"{mark} letter",
    )
    return Side(
        park=park,
        staff=staff,
        programme=programme,
        version=version,
        firm=firm,
        neighbour=neighbour,
        review=review,
        interest=interest,
        invitation=invitation,
        support_session=session,
        api_key=key,
        api_token=token,
        mail=mail,
        invitation_token=invitation_token,
        audit_event=audit_event,
    )


def build_firm(park: Park, version: ProgrammeVersion, name: str) -> Firm:
    with park_scope(park.pk):
        enterprise = EnterpriseFactory(park=park, name_en=name, name_zh=f"{name}公司")
    names = {"enterprise_name_en": enterprise.name_en, "enterprise_name_zh": enterprise.name_zh}
    people = {role: person(role, park, enterprise.pk, **names) for role in sorted(ENTERPRISE_ROLES)}
    owned = {
        "park": park,
        "enterprise": enterprise,
        "programme_version": version,
        "started_by": people[Role.APPLICANT].user,
    }
    with enterprise_scope(park.pk, enterprise.pk):
        application = ApplicationFactory(project_title=f"{name} project", **owned)
        document = attach(application)
        submitted(application, f"{version.code}-2026-{name[:6]}-{enterprise.credit_code[-5:]}"[:30], SUBMITTED_AT)
        draft = ApplicationFactory(project_title=f"{name} draft", **owned)
    return Firm(enterprise, people, draft, application, document)
