"""Acting in tests as the middleware does, and cases brought to a stage by the services themselves."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from uuid import uuid4

from django.core.files.uploadedfile import SimpleUploadedFile

from incentives import services
from incentives.choices import DocumentKind, Stage
from incentives.models import Application, Programme
from incentives.services.ledger import set_budget
from parks.actors import Actor, actor_of
from parks.choices import Role
from parks.models import Membership
from tenancy.scopes import open_scope, park_scope
from tests.scene import Firm, Side

# A Wednesday; five working days later is Wednesday 11 November.
NOW = datetime(2026, 11, 4, 9, 0, tzinfo=UTC)
PDF = b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


@contextmanager
def acting_as(membership: Membership, **changes: object) -> Iterator[Actor]:
    actor = replace(actor_of(membership), **changes)
    with open_scope(actor.scope):
        yield actor


def give_budget(programme: Programme, amount: str) -> None:
    """Set the budget of a programme, as its administrator does; inside a scope of its park."""
    current = Programme.objects.select_related("park").get(pk=programme.pk)
    current.budget_cny = Decimal(amount)
    current.save(update_fields=["budget_cny"])
    set_budget(current, current.budget_cny, NOW)


def pdf(mark: str = "", name: str = "report.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, PDF + f"% {mark}\n".encode(), content_type="text/plain")


def unlike() -> str:
    """A title that no other is like: projects that are alike have to be compared before one of them is approved."""
    return uuid4().hex


def fill(firm: Firm, **answers: object) -> Application:
    """The firm's draft with both required documents and these answers."""
    with acting_as(firm.people[Role.APPLICANT]) as actor:
        application = firm.draft
        for kind in (DocumentKind.CONTRACT, DocumentKind.SAVINGS_REPORT):
            # Of each application its own: one file of two would be a sign that the same is claimed twice.
            mark = f"{kind} {application.pk}"
            services.attach_document(actor, application, kind=kind, upload=pdf(mark), now=NOW)
        application.refresh_from_db()
        if answers:
            application = services.save_application(
                actor, application, answers=answers, expected_revision=application.revision, now=NOW
            )
    return application


def file(firm: Firm, now: datetime = NOW, **answers: object) -> Application:
    """The firm's draft, submitted by its certifier."""
    application = fill(firm, **answers)
    return submit(firm, application, now)


def submit(firm: Firm, application: Application, now: datetime = NOW) -> Application:
    with acting_as(firm.people[Role.CERTIFIER]) as actor:
        return services.submit_application(
            actor, application, expected_revision=application.revision, statement_accepted=True, now=now
        )


def compare(application: Application, now: datetime = NOW) -> None:
    """As the worker does when it is filed or reopened."""
    with park_scope(application.park_id):
        if Application.objects.filter(pk=application.pk, compared_at=None).exists():
            services.find_duplicates(application.pk, now)


def accept(side: Side, application: Application, now: datetime = NOW) -> Application:
    """By the reviewer, when the worker has compared it."""
    compare(application, now)
    with acting_as(side.staff[Role.REVIEWER]) as actor:
        return services.accept_application(
            actor, application, expected_round=application.round, note="complete", now=now
        )


def decline(side: Side, application: Application, now: datetime = NOW) -> Application:
    """By the reviewer, in the completeness check."""
    with acting_as(side.staff[Role.REVIEWER]) as actor:
        return services.decline_application(
            actor,
            application,
            expected_round=application.round,
            reason="It is outside the programme.",
            note="",
            now=now,
            stage=Stage.COMPLETENESS,
        )


def give_back(side: Side, application: Application, now: datetime = NOW) -> Application:
    with acting_as(side.staff[Role.REVIEWER]) as actor:
        return services.return_application(
            actor,
            application,
            expected_round=application.round,
            comments={"saving_tce": "Use the verified figure."},
            message="One figure differs.",
            note="",
            now=now,
        )


def approve(
    side: Side,
    application: Application,
    amount: str = "1000.00",
    now: datetime = NOW,
    member: Membership | None = None,
) -> Application:
    """By the approver, when the worker has compared it."""
    compare(application, now)
    with acting_as(member or side.staff[Role.APPROVER]) as actor:
        return services.approve_application(
            actor,
            application,
            expected_round=application.round,
            amount_cny=Decimal(amount),
            message="Granted.",
            note="",
            now=now,
        )
