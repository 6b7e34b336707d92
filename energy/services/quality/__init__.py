"""Readings once they are stored: what is wrong with them, and what people do about it.

check_import and check_undo look at the days that a file, or the undoing of one, changed, check_balances at those that
channels share with others; accept_issue, estimate_issue, edit_issue and ask_again decide an issue, undo_act puts back
what was there; write_rules says what a channel is asked.
"""

from energy.services.quality.acts import IssueChanged, accept_issue, ask_again, edit_issue, estimate_issue, undo_act
from energy.services.quality.balances import check_balances
from energy.services.quality.checks import check_days, check_import, check_undo
from energy.services.quality.estimates import NoEstimate, Proposal, proposed
from energy.services.quality.questions import tell_of_question
from energy.services.quality.rules import rules_of, write_rules

__all__ = [
    "IssueChanged",
    "NoEstimate",
    "Proposal",
    "accept_issue",
    "ask_again",
    "check_balances",
    "check_days",
    "check_import",
    "check_undo",
    "edit_issue",
    "estimate_issue",
    "proposed",
    "rules_of",
    "tell_of_question",
    "undo_act",
    "write_rules",
]
