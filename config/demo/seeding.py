"""Puts the demo parks into an empty installation by the same services that people use."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.core.management import call_command
from stdnum.cn import uscc

from accounts.models import User
from config.demo import content, energy_assets, feeds, payouts, pipeline, readings, register, tariffs
from config.demo.papers import paper
from config.demo.programmes import seed_programmes
from enterprises.models import Enterprise
from incentives import services as incentives
from incentives.choices import DocumentKind, Stage
from incentives.models import Application, ProgrammeVersion
from lib.periods import add_working_days, local_day
from parks import services as parks
from parks.actors import Actor, actor_of
from parks.choices import Role
from parks.models import Membership, Park
from tenancy.scopes import Author, login_scope, open_scope, park_scope, platform_scope

SEEDER = Author(name="ParkZero demo")
# Before the first filing, so that the money was there when it was granted.
PROGRAMMES_BEGAN = timedelta(days=60)
DOCUMENTS = [DocumentKind.CONTRACT, DocumentKind.SAVINGS_REPORT]


def seed(now: datetime) -> bool:
    """Make the three parks; False when they are there already. Windows and dates count from the day of `now`."""
    if User.objects.filter(email=content.OPERATOR.email).exists():
        return False
    call_command("load_national_list", verbosity=0)
    for plan in content.PARKS:
        seed_park(plan, now)
    # Last, so that a seeding that was cut short is taken up again.
    for someone in (content.OBSERVER, content.OPERATOR):
        add_person(someone)
    return True


@cache
def _password() -> str:
    """Hashed once: hashing is slow on purpose, and there are thirty people."""
    return make_password(content.PASSWORD)


def add_account(someone: content.DemoPerson) -> User:
    """The person with a confirmed address. Safe to repeat."""
    user = User.objects.filter(email=someone.email).first()
    if user is None:
        user = User.objects.create(
            email=someone.email, name=someone.name, password=_password(), language=someone.language
        )
    EmailAddress.objects.get_or_create(user=user, email=user.email, defaults={"verified": True, "primary": True})
    return user


def add_person(
    someone: content.DemoPerson, park: Park | None = None, enterprise: Enterprise | None = None
) -> Membership:
    """The person with a membership. Safe to repeat."""
    user = add_account(someone)
    names = {}
    if enterprise is not None:
        names = {"enterprise_name_en": enterprise.name_en, "enterprise_name_zh": enterprise.name_zh}
    with login_scope(SEEDER):
        membership, _made = Membership.objects.get_or_create(
            user=user,
            park=park,
            enterprise_id=enterprise.pk if enterprise else None,
            defaults={"roles": list(someone.roles), **names},
        )
    return membership


def seed_park(plan: content.DemoPark, now: datetime) -> None:
    park = Park.objects.filter(slug=plan.slug).first()
    with platform_scope(SEEDER):
        if park is None:
            park = parks.create_park({"slug": plan.slug, **plan.profile}, now)
        else:
            park = parks.update_park(park.pk, plan.profile)
    staff = {role: actor_of(m) for someone in plan.staff for m in [add_person(someone, park)] for role in someone.roles}
    with open_scope(staff[Role.PARK_ADMINISTRATOR].scope):
        if Enterprise.objects.exists():
            return
        Park.objects.filter(pk=park.pk).update(accent=plan.accent)
        version = publish(plan, park, staff[Role.PARK_ADMINISTRATOR], now)
        if plan is content.PARKS[0]:
            seed_programmes(park, staff[Role.PARK_ADMINISTRATOR], now)
    firms = []
    for place, firm in enumerate(plan.enterprises):
        people = seed_enterprise(firm, place, park, version, staff, now)
        firms.append(people)
        owner = register.first_owner(people)
        if place == 0 and owner is not None and owner.enterprise_id is not None:
            with park_scope(park.pk, SEEDER):
                enterprise = Enterprise.objects.get(pk=owner.enterprise_id)
            register.seed_register(enterprise, staff[Role.REVIEWER], owner, now)
    if plan.slug == payouts.PARK:
        payouts.seed_payouts(park, staff, now)
    if plan.slug == pipeline.PARK:
        pipeline.seed_pipeline(park, staff, firms, now, add_person=add_person, prepare=prepare)
    if plan.slug == readings.PARK:
        readings.seed_readings(park, staff[Role.PARK_ENERGY_MANAGER], firms, now)
        feeds.seed_feeds(park, staff[Role.PARK_ENERGY_MANAGER], now)
        tariffs.seed_tariffs(park, staff[Role.PARK_ENERGY_MANAGER], now)
    energy_assets.seed_assets(park, staff[Role.PARK_ENERGY_MANAGER], now)
    for newcomer in register.NEWCOMERS.get(plan.slug, ()):
        register.seed_newcomer(newcomer, add_account(newcomer.person).pk, park, now)


def publish(plan: content.DemoPark, park: Park, administrator: Actor, now: datetime) -> ProgrammeVersion:
    began_at = now - PROGRAMMES_BEGAN
    year = local_day(began_at, park.time_zone).year
    terms = {
        **plan.programme,
        "opens_on": date(year, 1, 1),
        "closes_on": date(local_day(now, park.time_zone).year + 1, 6, 30),
        "document_kinds": DOCUMENTS,
        **(payouts.TERMS if plan.slug == payouts.PARK else {}),
    }
    programme = incentives.create_programme(administrator, park=park, terms=terms, now=began_at)
    return incentives.publish_programme(administrator, programme, now=began_at)


def seed_enterprise(
    plan: content.DemoEnterprise,
    place: int,
    park: Park,
    version: ProgrammeVersion,
    staff: dict[Role, Actor],
    now: datetime,
) -> list[Actor]:
    """The enterprise with its people and applications; answers who acts for it."""
    with park_scope(park.pk, SEEDER):
        enterprise = Enterprise.objects.create(
            park=park,
            credit_code=plan.code_stem + uscc.calc_check_digit(plan.code_stem),
            name_en=plan.name_en,
            name_zh=plan.name_zh,
            kind=plan.kind,
            industry_code=plan.industry_code,
            industry_en=plan.industry_en,
            industry_zh=plan.industry_zh,
            is_key_energy_user=plan.is_key_energy_user,
            **register.registered_facts(park, place, plan.people),
        )
    people = [add_person(someone, park, enterprise) for someone in plan.people]
    for filing in plan.filings:
        file_application(filing, version, people, staff, now)
    return [actor_of(person) for person in people]


def file_application(
    plan: content.DemoFiling,
    version: ProgrammeVersion,
    people: Iterable[Membership],
    staff: dict[Role, Actor],
    now: datetime,
) -> None:
    actors = [actor_of(person) for person in people]
    applicant = next(actor for actor in actors if actor.has_role(Role.APPLICANT))
    certifier = next(actor for actor in actors if actor.has_role(Role.CERTIFIER))
    at = now - timedelta(days=plan.days_ago)
    with open_scope(applicant.scope):
        application = prepare(plan, version, applicant, at)
    if plan.reached == "draft":
        return
    with open_scope(certifier.scope):
        application = incentives.submit_application(
            certifier, application, expected_revision=application.revision, statement_accepted=True, now=at
        )
    compare(application, at)
    review(plan.reached, application, staff, at)


def compare(application: Application, now: datetime) -> None:
    """As the worker does after each filing."""
    with park_scope(application.park_id, SEEDER):
        incentives.find_duplicates(application.pk, now)


def prepare(plan: content.DemoFiling, version: ProgrammeVersion, applicant: Actor, at: datetime) -> Application:
    application = incentives.start_application(applicant, version, now=at)
    answers: dict[str, Any] = {
        "project_title": plan.project_title,
        "project_summary": plan.project_summary,
        "completed_on": at.date() - timedelta(days=60),
        "investment_cny": plan.investment_cny,
        "saving_tce": plan.saving_tce,
    }
    application = incentives.save_application(
        applicant, application, answers=answers, expected_revision=application.revision, now=at
    )
    for kind, name in ((DocumentKind.CONTRACT, "contract.pdf"), (DocumentKind.SAVINGS_REPORT, "savings-report.pdf")):
        if plan.reached == "draft" and kind == DocumentKind.SAVINGS_REPORT:
            continue
        lines = [name.removesuffix(".pdf").replace("-", " ").capitalize(), f"Saving: {plan.saving_tce} tce a year"]
        incentives.attach_document(applicant, application, kind=kind, upload=paper(name, lines), now=at)
    return Application.objects.get(pk=application.pk)


def review(reached: str, application: Application, staff: dict[Role, Actor], filed_at: datetime) -> None:
    """Take the application as far as the demo says, a working day after another."""
    if reached == "submitted":
        return
    reviewer, approver = staff[Role.REVIEWER], staff[Role.APPROVER]
    checked_at = _working_day_after(filed_at)
    with open_scope(reviewer.scope):
        if reached == "returned":
            comments = {
                "investment_cny": "The invoices add up to ¥9,640,000.00. Explain the difference or correct the figure.",
                "document_savings_report": "Page 2 is not stamped. Upload the stamped report.",
            }
            incentives.return_application(
                reviewer,
                application,
                expected_round=application.round,
                comments=comments,
                message="",
                note="Invoice 1187 is missing.",
                now=checked_at,
            )
            return
        note = "Invoices found in the tax system."
        incentives.accept_application(
            reviewer, application, expected_round=application.round, note=note, now=checked_at
        )
    with open_scope(approver.scope):
        decided_at = _working_day_after(checked_at)
        if reached == "approved":
            amount = application.requested_cny or Decimal(0)
            incentives.approve_application(
                approver,
                application,
                expected_round=application.round,
                amount_cny=amount,
                message="",
                note="",
                now=decided_at,
            )
        elif reached == "declined":
            incentives.decline_application(
                approver,
                application,
                expected_round=application.round,
                reason="The saving was not verified by a third party, as section 4 of the programme asks.",
                note="",
                now=decided_at,
                stage=Stage.DECISION,
            )


def _working_day_after(instant: datetime) -> datetime:
    return datetime.combine(add_working_days(instant.date(), 1, {}), instant.timetz())
