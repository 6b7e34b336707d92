from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from parks.choices import Role


class ProgrammeStatus(models.TextChoices):
    DRAFT = "draft", _("Draft")
    PUBLISHED = "published", _("Published")
    CLOSED = "closed", _("Closed")


class ApplicationState(models.TextChoices):
    DRAFT = "draft", _("Draft")
    SUBMITTED = "submitted", _("Completeness check")
    RETURNED = "returned", _("Returned")
    ACCEPTED = "accepted", _("In review")
    APPROVED = "approved", _("Approved")
    DECLINED = "declined", _("Declined")
    WITHDRAWN = "withdrawn", _("Withdrawn")


EDITABLE = frozenset({ApplicationState.DRAFT, ApplicationState.RETURNED})
WAITING_FOR_OFFICIALS = frozenset({ApplicationState.SUBMITTED, ApplicationState.ACCEPTED})
DECIDED = frozenset({ApplicationState.APPROVED, ApplicationState.DECLINED})
ENDED = frozenset({ApplicationState.APPROVED, ApplicationState.DECLINED, ApplicationState.WITHDRAWN})


IN_A_STAGE = WAITING_FOR_OFFICIALS | {ApplicationState.RETURNED}
"""With the officials of a stage, or with the enterprise until that stage goes on."""


class Stage(models.TextChoices):
    """What a programme can have done to an application, in this order. Nobody acts in two stages of one."""

    COMPLETENESS = "completeness", _("Completeness check")
    SUBSTANTIVE = "substantive", _("Substantive review")
    PANEL = "panel", _("Expert panel")
    FINANCIAL = "financial", _("Financial check")
    DECISION = "decision", _("Decision")


WAITING_WORDS = {
    Stage.COMPLETENESS: _("Completeness check"),
    Stage.SUBSTANTIVE: _("Substantive review"),
    Stage.PANEL: _("Expert panel"),
    Stage.FINANCIAL: _("Financial check"),
    Stage.DECISION: _("Awaiting decision"),
}
STAGE_ROLES = (Role.REVIEWER, Role.FINANCE_OFFICER, Role.APPROVER, Role.PARK_ADMINISTRATOR)
"""The roles that a programme can give a stage to; a panel is always the experts'."""
FEWEST_EXPERTS = 3


class FinancialCheck(models.TextChoices):
    """What a finance officer confirms to have compared."""

    INVOICES = "invoices", _("Invoices agree with the investment claimed")
    PAYMENTS = "payments", _("Bank records show the payments")
    NOT_PAID_TWICE = "not_paid_twice", _("No other public money was paid for the same investment")
    ACCOUNT = "account", _("The bank account belongs to the enterprise")


class Outcome(models.TextChoices):
    ACCEPTED = "accepted", _("Accepted as complete")
    RETURNED = "returned", _("Returned for changes")
    APPROVED = "approved", _("Approved")
    DECLINED = "declined", _("Declined")


class StepKind(models.TextChoices):
    """What the timeline of an application tells both sides."""

    STARTED = "started", _("Draft started")
    SUBMITTED = "submitted", _("Submitted")
    RESUBMITTED = "resubmitted", _("Resubmitted")
    RETURNED = "returned", _("Returned for changes")
    ACCEPTED = "accepted", _("Accepted as complete")
    PASSED = "passed", _("Stage passed")
    APPROVED = "approved", _("Approved")
    DECLINED = "declined", _("Declined")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    NOTICED = "noticed", _("On public notice")
    STANDS = "stands", _("Award stands")
    VOIDED = "voided", _("Award void")
    PAID = "paid", _("Paid")
    REVOKED = "revoked", _("Award revoked")
    RETURNED_MONEY = "returned_money", _("Money returned")
    AGREED = "agreed", _("Agreement signed")
    AGREEMENT_CONFIRMED = "agreement_confirmed", _("Agreement confirmed")
    APPEALED = "appealed", _("Appeal filed")
    APPEAL_UPHELD = "appeal_upheld", _("Appeal upheld")
    APPEAL_DISMISSED = "appeal_dismissed", _("Appeal dismissed")


class DocumentKind(models.TextChoices):
    """Documents that a programme can ask for."""

    CONTRACT = "contract", _("Energy management contract")
    SAVINGS_REPORT = "savings_report", _("Savings verification report")
    LICENCE = "licence", _("Business licence")
    INVOICES = "invoices", _("Equipment list and invoices")
    STATEMENT = "statement", _("Statement of truthfulness, stamped")
    OTHER = "other", _("Other document")


class EntryKind(models.TextChoices):
    """What an entry of a budget ledger does with the money of its year."""

    APPROPRIATED = "appropriated", _("Appropriated")
    MOVED = "moved", _("Moved between years")
    RESERVED = "reserved", _("Reserved")
    RELEASED = "released", _("Released")
    COMMITTED = "committed", _("Committed")
    CANCELLED = "cancelled", _("Commitment cancelled")
    PAID = "paid", _("Paid")
    CLAWED_BACK = "clawed_back", _("Clawed back")


class LimitKind(models.TextChoices):
    """What can keep an amount below what the rate or the formula gives."""

    ENTERPRISE = "enterprise", _("Cap per enterprise")
    YEAR = "year", _("Cap per enterprise and year")
    INVESTMENT = "investment", _("Share of the investment")


class AwardState(models.TextChoices):
    """From the approval on: what the application is to be paid, and whether that is certain."""

    PENDING = "pending", _("Awaiting public notice")
    ON_NOTICE = "on_notice", _("On public notice")
    OBJECTED = "objected", _("Objection open")
    STANDS = "stands", _("Award stands")
    VOID = "void", _("Award void")
    REVOKED = "revoked", _("Award revoked")


class ObjectionState(models.TextChoices):
    OPEN = "open", pgettext_lazy("objection", "Open")
    UPHELD = "upheld", _("Upheld")
    DISMISSED = "dismissed", _("Dismissed")


class InstalmentState(models.TextChoices):
    PLANNED = "planned", _("Waits for its condition")
    DUE = "due", _("Due")
    PAID = "paid", _("Paid")
    CANCELLED = "cancelled", _("Cancelled")


# What each kind of entry does to the sums of its year.
EFFECTS: dict[EntryKind, dict[str, int]] = {
    EntryKind.APPROPRIATED: {"appropriated_cny": 1},
    EntryKind.MOVED: {"appropriated_cny": 1},
    EntryKind.RESERVED: {"reserved_cny": 1},
    EntryKind.RELEASED: {"reserved_cny": -1},
    EntryKind.COMMITTED: {"reserved_cny": -1, "committed_cny": 1},
    EntryKind.CANCELLED: {"committed_cny": -1},
    EntryKind.PAID: {"paid_cny": 1},
    EntryKind.CLAWED_BACK: {"clawed_back_cny": 1},
}
FIGURES = {
    "appropriated_cny": _("Appropriated"),
    "reserved_cny": _("Reserved"),
    "committed_cny": _("Committed"),
    "paid_cny": _("Paid"),
    "clawed_back_cny": _("Clawed back"),
}


class FieldKind(models.TextChoices):
    """What a programme can ask in its own part of the application form."""

    SECTION = "section", _("Heading of a section")
    TEXT = "text", _("Line of text")
    LONG_TEXT = "long_text", _("Text of several lines")
    NUMBER = "number", _("Number with a unit")
    MONEY = "money", _("Amount of money")
    DATE = "date", _("Day")
    CHOICE = "choice", _("One of several")
    TABLE = "table", _("Table")
    DECLARATION = "declaration", _("Declaration to confirm")
    REGISTERED = "registered", _("Value from the registration")


class ClaimKind(models.TextChoices):
    """What two applications of a park can both claim."""

    DOCUMENT = "document", _("Same file")
    INVOICE = "invoice", _("Invoice number")
    SERIAL = "serial", _("Serial number of equipment")
    CONTRACT = "contract", _("Number of a project or contract")
    PROJECT = "project", _("Project")


IDENTIFIERS = (ClaimKind.INVOICE, ClaimKind.SERIAL, ClaimKind.CONTRACT)
"""What an answer to a programme's own field can be marked as."""
IDENTIFYING_FIELDS = frozenset({FieldKind.TEXT, FieldKind.LONG_TEXT, FieldKind.TABLE})


class DuplicateVerdict(models.TextChoices):
    """What an official found of two applications that seem to claim the same."""

    OPEN = "", pgettext_lazy("duplicate", "Not answered")
    SAME = "same", _("The same is claimed twice")
    DIFFERENT = "different", _("Not the same")
