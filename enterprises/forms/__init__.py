"""What officials, owners and registrants type about enterprises."""

from enterprises.forms.register import (
    EnterpriseEditForm,
    EnterpriseForm,
    InterestForm,
    KeptFactsForm,
    OwnerInvitationForm,
)

__all__ = ["EnterpriseEditForm", "EnterpriseForm", "InterestForm", "KeptFactsForm", "OwnerInvitationForm"]
