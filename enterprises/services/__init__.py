"""Every write of the enterprises: one function per act, the actor first, `now` given by the caller."""

from enterprises.services.interests import InterestAlreadyDeclared, declare_interest, end_interest
from enterprises.services.register import (
    FACTS,
    CodeMalformed,
    CodeTaken,
    CodeUnconfirmed,
    EnterpriseFacts,
    register_enterprise,
    update_enterprise,
    update_kept_facts,
)

__all__ = [
    "FACTS",
    "CodeMalformed",
    "CodeTaken",
    "CodeUnconfirmed",
    "EnterpriseFacts",
    "InterestAlreadyDeclared",
    "declare_interest",
    "end_interest",
    "register_enterprise",
    "update_enterprise",
    "update_kept_facts",
]
