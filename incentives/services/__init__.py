"""Every write of the incentives: one function per act, the actor first, `now` given by the caller."""

from incentives.services.caps import CapExceeded, refuse_above_caps
from incentives.services.completeness import (
    ANSWERS,
    Missing,
    check_application,
    document_field,
    estimate_application,
    explain_no_amount,
    explain_saving,
    reviewable_fields,
)
from incentives.services.documents import (
    attach_document,
    read_document,
    remove_document,
)
from incentives.services.eligibility import (
    MOST_RULES,
    OF_REGISTRATION,
    RULE_PARTS,
    RuleCheck,
    explain_condition,
    rules_of,
    rules_of_enterprise,
)
from incentives.services.facts import FACTS
from incentives.services.filing import (
    Incomplete,
    NotEligible,
    NotSigned,
    WindowClosed,
    save_application,
    start_application,
    submit_application,
    withdraw_application,
)
from incentives.services.formulas import (
    EXAMPLE_PARTS,
    MOST_EXAMPLES,
    Example,
    examples_of,
    explain_fault,
    explain_formula,
    speaks_of,
)
from incentives.services.ground import ChangedMeanwhile, Invalid, NotAllowed, StateChanged
from incentives.services.ledger import (
    BudgetExceeded,
    Holding,
    appropriate,
    holding_of,
    move,
)
from incentives.services.mail import write_step_mails
from incentives.services.programmes import (
    PUBLISHED_TERMS,
    NothingToPublish,
    ProgrammeClosed,
    WindowOver,
    close_programme,
    create_programme,
    has_unpublished_changes,
    publish_programme,
    update_programme,
)
from incentives.services.renewal import restart_application
from incentives.services.replies import is_unchanged, reply_to_comments
from incentives.services.review import (
    accept_application,
    approve_application,
    decline_application,
    return_application,
)
from parks.services.files import UnacceptableFile

__all__ = [
    "ANSWERS",
    "EXAMPLE_PARTS",
    "FACTS",
    "MOST_EXAMPLES",
    "MOST_RULES",
    "OF_REGISTRATION",
    "PUBLISHED_TERMS",
    "RULE_PARTS",
    "BudgetExceeded",
    "CapExceeded",
    "ChangedMeanwhile",
    "Example",
    "Holding",
    "Incomplete",
    "Invalid",
    "Missing",
    "NotAllowed",
    "NotEligible",
    "NotSigned",
    "NothingToPublish",
    "ProgrammeClosed",
    "RuleCheck",
    "StateChanged",
    "UnacceptableFile",
    "WindowClosed",
    "WindowOver",
    "accept_application",
    "appropriate",
    "approve_application",
    "attach_document",
    "check_application",
    "close_programme",
    "create_programme",
    "decline_application",
    "document_field",
    "estimate_application",
    "examples_of",
    "explain_condition",
    "explain_fault",
    "explain_formula",
    "explain_no_amount",
    "explain_saving",
    "has_unpublished_changes",
    "holding_of",
    "is_unchanged",
    "move",
    "publish_programme",
    "read_document",
    "refuse_above_caps",
    "remove_document",
    "reply_to_comments",
    "restart_application",
    "return_application",
    "reviewable_fields",
    "rules_of",
    "rules_of_enterprise",
    "save_application",
    "speaks_of",
    "start_application",
    "submit_application",
    "update_programme",
    "withdraw_application",
    "write_step_mails",
]
