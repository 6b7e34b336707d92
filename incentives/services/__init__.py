"""Every write of the incentives: one function per act, the actor first, `now` given by the caller."""

from incentives.services.completeness import (
    ANSWERS,
    Missing,
    check_application,
    document_field,
    estimate_application,
    reviewable_fields,
)
from incentives.services.documents import (
    UnacceptableFile,
    attach_document,
    read_document,
    remove_document,
    sweep_orphaned_documents,
)
from incentives.services.filing import (
    Incomplete,
    NotSigned,
    WindowClosed,
    save_application,
    start_application,
    submit_application,
    withdraw_application,
)
from incentives.services.ground import ChangedMeanwhile, Invalid, NotAllowed, StateChanged
from incentives.services.mail import write_step_mails
from incentives.services.programmes import (
    NothingToPublish,
    ProgrammeClosed,
    WindowOver,
    close_programme,
    create_programme,
    publish_programme,
    update_programme,
)
from incentives.services.review import (
    BudgetExceeded,
    CapExceeded,
    accept_application,
    approve_application,
    decline_application,
    return_application,
)

__all__ = [
    "ANSWERS",
    "BudgetExceeded",
    "CapExceeded",
    "ChangedMeanwhile",
    "Incomplete",
    "Invalid",
    "Missing",
    "NotAllowed",
    "NotSigned",
    "NothingToPublish",
    "ProgrammeClosed",
    "StateChanged",
    "UnacceptableFile",
    "WindowClosed",
    "WindowOver",
    "accept_application",
    "approve_application",
    "attach_document",
    "check_application",
    "close_programme",
    "create_programme",
    "decline_application",
    "document_field",
    "estimate_application",
    "publish_programme",
    "read_document",
    "remove_document",
    "return_application",
    "reviewable_fields",
    "save_application",
    "start_application",
    "submit_application",
    "sweep_orphaned_documents",
    "update_programme",
    "withdraw_application",
    "write_step_mails",
]
