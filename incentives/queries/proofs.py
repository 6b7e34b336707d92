"""What the financial check proved of an investment, and what that leaves of the amount."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from django.db.models import BooleanField, Func, QuerySet

from incentives.calculations import depends_on_investment, estimate_amount
from incentives.choices import Outcome, Stage
from incentives.models import Application, Review
from lib.formulas import FormulaError


@dataclass(frozen=True, slots=True)
class Proof:
    """Less than was declared is proven, and by it the enterprise gets less than it asked for: at most `most_cny`."""

    declared_cny: Decimal
    proven_cny: Decimal
    most_cny: Decimal


def proof_of(application: Application) -> Proof | None:
    if not depends_on_investment(application.programme_version.amount_rules):
        return None
    return proofs_of(Application.objects.filter(pk=application.pk)).get(application.pk)


def proofs_of(applications: QuerySet[Application]) -> dict[UUID, Proof]:
    """The applications whose amount a financial check limits. Two queries, however many there are."""
    rows = applications.order_by().values("pk")
    checks = standing(Review.objects.filter(application__in=rows, stage=Stage.FINANCIAL, outcome=Outcome.ACCEPTED))
    found = checks.order_by("decided_at", "id").values_list(
        "application_id", "proven_cny", "application__investment_cny"
    )
    # A later check of the same application replaces an earlier one.
    latest = {key: (proven, declared) for key, proven, declared in found if proven is not None}
    less = {key: proven for key, (proven, declared) in latest.items() if declared is not None and proven < declared}
    if not less:
        return {}
    limited = Application.objects.filter(pk__in=less).select_related("programme_version")
    proofs = {row.pk: _proof(row, less[row.pk]) for row in limited}
    return {key: proof for key, proof in proofs.items() if proof is not None}


def standing(reviews: QuerySet[Review]) -> QuerySet[Review]:
    """Those that no return has made void, by the rule of the database."""
    said_of = ("park_id", "application_id", "stage", "round")
    return reviews.filter(Func(*said_of, function="incentives_review_stands", output_field=BooleanField()))


def _proof(application: Application, proven_cny: Decimal) -> Proof | None:
    declared, asked = application.investment_cny or Decimal(0), application.requested_cny or Decimal(0)
    if not depends_on_investment(application.programme_version.amount_rules):
        return None
    most = _most(application, proven_cny)
    return Proof(declared, proven_cny, most) if most < asked else None


def _most(application: Application, investment_cny: Decimal) -> Decimal:
    """By the rules of the programme and nothing granted before; nothing where the formula has no value."""
    rules, saving = application.programme_version.amount_rules, application.saving_tce or Decimal(0)
    try:
        return estimate_amount(rules, saving, investment_cny=investment_cny).amount_cny
    except FormulaError:
        return Decimal(0)
