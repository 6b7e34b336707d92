"""What officials, owners and registrants type about enterprises."""

from enterprises.forms.industry import IndustryField
from enterprises.forms.register import (
    EnterpriseEditForm,
    EnterpriseForm,
    InterestForm,
    KeptFactsForm,
    OwnerInvitationForm,
)

__all__ = [
    "EnterpriseEditForm",
    "EnterpriseForm",
    "IndustryField",
    "InterestForm",
    "KeptFactsForm",
    "OwnerInvitationForm",
]
