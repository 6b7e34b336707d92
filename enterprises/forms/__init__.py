"""What officials, owners and registrants type about enterprises."""

from enterprises.forms.industry import IndustryField
from enterprises.forms.register import (
    EnterpriseCreateForm,
    EnterpriseEditForm,
    EnterpriseForm,
    InterestForm,
    KeptFactsForm,
    OwnerInvitationForm,
)

__all__ = [
    "EnterpriseCreateForm",
    "EnterpriseEditForm",
    "EnterpriseForm",
    "IndustryField",
    "InterestForm",
    "KeptFactsForm",
    "OwnerInvitationForm",
]
