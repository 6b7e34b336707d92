"""The shared scene: everything that could leak, once for us and once for the others."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.utils import timezone

from accounts.models import OutgoingMail, User
from energy.choices import AssetKind, AssetRole
from energy.models import (
    AssetChannel,
    AssetMember,
    Channel,
    Feed,
    Meter,
    ReadingAct,
    ReadingImport,
    ReadingIssue,
    TariffVersion,
)
from enterprises.models import (
    ChangeRequest,
    DeclaredInterest,
    Enterprise,
    EnterpriseLabel,
    EnterprisePaper,
    RegisterImport,
    Registration,
    RegistrationPaper,
    Site,
    UnfiledAnswers,
)
from incentives.choices import Outcome, Stage
from incentives.models import (
    Absence,
    Application,
    ApplicationDocument,
    Duplicate,
    FieldComment,
    PanelSeat,
    Programme,
    ProgrammeVersion,
    Review,
)
from parks.choices import ENTERPRISE_ROLES, PARK_ROLES, Role
from parks.models import ApiKey, CalendarDay, Invitation, Membership, Park, SavedView, SupportSession
from parks.services.people import digest_of
from tenancy.models import AuditEvent
from tenancy.scopes import Author, enterprise_scope, park_scope, platform_scope, registrant_scope
from tests.factories.assets import asset, link, membership
from tests.factories.awards import Aftermath, aftermath
from tests.factories.filing import ApplicationFactory, EnterpriseFactory, ProgrammeFactory, attach, published, submitted
from tests.factories.measured import channel, feed, meter, reading_import
from tests.factories.people import ParkFactory, UserFactory, person
from tests.factories.quality import asked_issue
from tests.factories.register import (
    RegistrationFactory,
    change_request,
    filed,
    label,
    paper,
    register_import,
    registration_paper,
    remark,
    site,
)
from tests.factories.tariffs import assignment, tariff_version

SUBMITTED_AT = datetime(2026, 11, 3, 9, 5, tzinfo=UTC)


@dataclass
class Firm:
    """One enterprise with a person of each role, a draft and a filed application with a document each.

    `registration` is one that its `registrant`, who has no place yet, has filed for a further enterprise.
    """

    enterprise: Enterprise
    people: dict[Role, Membership]
    draft: Application
    application: Application
    document: ApplicationDocument
    site: Site
    paper: EnterprisePaper
    label: EnterpriseLabel
    change_request: ChangeRequest
    registrant: User
    registration: Registration
    registration_paper: RegistrationPaper
    meter: Meter
    channel: Channel
    feed: Feed
    reading_import: ReadingImport
    reading_issue: ReadingIssue
    reading_act: ReadingAct
    asset_channel: AssetChannel
    asset_member: AssetMember


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
    register_import: RegisterImport
    saved_view: SavedView
    seat: PanelSeat
    absence: Absence
    duplicate: Duplicate
    tariff_version: TariffVersion
    decided: dict[Any, Aftermath] = field(default_factory=dict)

    def after_decision(self, firm: Firm) -> Aftermath:
        """An award of the firm, made when it is first asked for: most tests want none."""
        if firm.enterprise.pk not in self.decided:
            self.decided[firm.enterprise.pk] = aftermath(self, firm)
        return self.decided[firm.enterprise.pk]

    def url_kwargs(self, firm: Firm) -> dict[str, Any]:
        """A value for every argument that an address of the portal can take. New arguments are added here."""
        decided = self.after_decision(firm)
        return {
            "award_id": decided.award.pk,
            "notice_id": decided.notice.pk,
            "instalment_id": decided.instalment.pk,
            "dossier_id": decided.dossier.pk,
            "agreement_id": decided.agreement.pk,
            "appeal_id": decided.appeal.pk,
            "appeal_paper_id": decided.appeal_paper.pk,
            "objection_id": decided.objection.pk,
            "objection_paper_id": decided.objection_paper.pk,
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
            "mail_id": self.mail.pk,
            "token": self.invitation_token,
            "audit_event_id": self.audit_event.pk,
            "site_id": firm.site.pk,
            "paper_id": firm.paper.pk,
            "label_id": firm.label.pk,
            "change_request_id": firm.change_request.pk,
            "registration_id": firm.registration.pk,
            "registration_paper_id": firm.registration_paper.pk,
            "tariff_id": self.tariff_version.tariff_id,
            "tariff_version_id": self.tariff_version.pk,
            "meter_id": firm.meter.pk,
            "channel_id": firm.channel.pk,
            "feed_id": firm.feed.pk,
            "reading_import_id": firm.reading_import.pk,
            "reading_issue_id": firm.reading_issue.pk,
            "reading_act_id": firm.reading_act.pk,
            "asset_id": firm.asset_member.microgrid_id,
            "asset_channel_id": firm.asset_channel.pk,
            "asset_member_id": firm.asset_member.pk,
            "section": "identity",
            "message_kind": "incentives.received",
            "form_section": 1,
            "register_import_id": self.register_import.pk,
            "seat_id": self.seat.pk,
            "absence_id": self.absence.pk,
            "duplicate_id": self.duplicate.pk,
            "saved_view_id": self.saved_view.pk,
            "year": holiday().day.year,
            "calendar_day_id": holiday().pk,
        }


@dataclass
class Scene:
    """`ours` and `others` are parks of the same shape; installation people belong to neither."""

    ours: Side
    others: Side
    operator: Membership
    observer: Membership
    everyone: list[Membership] = field(default_factory=list)


def holiday() -> CalendarDay:
    """A day off that is entered, also where tests have emptied the tables."""
    with platform_scope():
        told = {"is_working": False, "name_en": "National Day", "name_zh": "国庆节"}
        return CalendarDay.objects.get_or_create(day=date(2026, 10, 1), defaults=told)[0]


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
    reviewer = staff[Role.REVIEWER].user
    with park_scope(park.pk, Author(reviewer.pk, reviewer.name)):
        review = Review.objects.create(
            park=park,
            application=neighbour.application,
            stage=Stage.COMPLETENESS,
            outcome=Outcome.RETURNED,
            round=1,
            note=f"{mark} internal note",
            decided_by=reviewer,
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
        seat = PanelSeat.objects.create(
            park=park,
            application=firm.application,
            expert=staff[Role.EXPERT].user,
            expert_name=f"{mark} expert",
            round=1,
            assigned_at=SUBMITTED_AT,
        )
        audit_event = AuditEvent.objects.of_row("incentives_review", review.pk).get()
        imported = register_import(park, staff[Role.PARK_ADMINISTRATOR].user, f"{mark} register.xlsx")
    with park_scope(park.pk):
        duplicate = claimed_twice(firm.application, neighbour.application, mark)
        price = tariff_version(park, f"{mark} tariff")
        for counted in (firm.channel, neighbour.channel):
            assignment(counted, price.tariff)
    administrator = staff[Role.PARK_ADMINISTRATOR].user
    with park_scope(park.pk, Author(administrator.pk, administrator.name)):
        saved_view = SavedView.objects.create(
            park=park, user=administrator, page="enterprises:enterprise_list", name=f"{mark} view", query="kind=service"
        )
    # Of days gone by: nobody stands in.
    finance, approver = staff[Role.FINANCE_OFFICER].user, staff[Role.APPROVER].user
    with park_scope(park.pk, Author(finance.pk, finance.name)):
        absence = Absence.objects.create(
            park=park,
            person=finance,
            person_name=f"{mark} officer",
            role=Role.FINANCE_OFFICER,
            deputy=approver,
            deputy_name=f"{mark} deputy",
            starts_at=SUBMITTED_AT,
            ends_at=SUBMITTED_AT + timedelta(days=1),
            declared_at=SUBMITTED_AT,
        )
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
    # On a day gone by, whatever the clock says: nobody is inside.
    entered_at = SUBMITTED_AT + timedelta(minutes=len(mark))
    session = SupportSession.objects.create(
        park=park,
        operator=operator.user,
        operator_name=operator.user.name,
        reason=f"{mark} support",
        started_at=entered_at,
        expires_at=entered_at + timedelta(hours=1),
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
        register_import=imported,
        saved_view=saved_view,
        seat=seat,
        absence=absence,
        duplicate=duplicate,
        tariff_version=price,
    )


def claimed_twice(one: Application, other: Application, mark: str) -> Duplicate:
    """An invoice in both; its evidence is gone, so that it keeps no decision of a test waiting."""
    earlier, later = sorted((one, other), key=lambda application: application.pk)
    side = {"shown": f"{mark} invoice 04217788", "place": "", "document": ""}
    piece = {"kind": "invoice", "value": "04217788", "later": side, "earlier": side}
    pair = {"park_id": one.park_id, "later": later, "earlier": earlier}
    duplicate = Duplicate.objects.create(**pair, evidence=[piece], found_at=SUBMITTED_AT)
    duplicate.gone_at = SUBMITTED_AT
    duplicate.save(update_fields=["gone_at"])
    return duplicate


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
        owner = people[Role.OWNER].user
        place = site(enterprise, f"{name} site")
        licence = paper(enterprise, owner, f"{name} licence.pdf")
        wish = change_request(enterprise, owner, f"C-{name[:12]}-{enterprise.credit_code[-4:]}"[:20], f"{name} renamed")
    registrant = UserFactory(name=f"{name} registrant")
    with registrant_scope(park.pk, Author(registrant.pk, registrant.name)):
        registration = RegistrationFactory(
            park=park, registrant=registrant, registrant_name=registrant.name, name_en=f"{name} newcomer"
        )
        registered_paper = registration_paper(registration, f"{name} newcomer licence.pdf")
        filed(registration, f"R-{name[:12]}-{registrant.pk}"[:20])
        UnfiledAnswers.objects.create(
            park=park, registrant=registrant, registration=registration, answers={"address": f"{name} newcomer typed"}
        )
    with park_scope(park.pk):
        given = label(enterprise, owner, f"{name} label")
        remark(registration, f"{name} newcomer remark")
        head = meter(park, enterprise, name=f"{name} meter", serial=f"{name} serial")
        counted = channel(head)
        gateway = feed(park, enterprise, name=f"{name} feed")
        brought = reading_import(gateway, owner, f"{name} readings.csv")
        doubted, decided = asked_issue(counted, owner, f"{name} asked")
        microgrid = asset(park, enterprise, AssetKind.MICROGRID, name=f"{name} microgrid")
        member = membership(microgrid, asset(park, enterprise, name=f"{name} array"))
        measured = link(microgrid, counted, AssetRole.IMPORT)
    return Firm(
        enterprise=enterprise,
        people=people,
        draft=draft,
        application=application,
        document=document,
        site=place,
        paper=licence,
        label=given,
        change_request=wish,
        registrant=registrant,
        registration=registration,
        registration_paper=registered_paper,
        meter=head,
        channel=counted,
        feed=gateway,
        reading_import=brought,
        reading_issue=doubted,
        reading_act=decided,
        asset_channel=measured,
        asset_member=member,
    )
