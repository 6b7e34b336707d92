import pytest
from django import forms
from django.core.exceptions import ValidationError

from accounts.models import User
from enterprises.forms.company import NameOwnerForm
from enterprises.forms.register import OwnerInvitationForm
from enterprises.models import Enterprise
from lib.mail_addresses import AddressField
from parks.forms.park import FirstAdministratorForm
from parks.forms.people import InvitationForm
from parks.models import Invitation, Park

UNSEEN = ["a@x.example\u202e", "a@\u200bx.example", "a\u2066@x.example", "a@x.ex\u00adample"]


@pytest.mark.parametrize("address", UNSEEN)
@pytest.mark.parametrize("form", [InvitationForm, FirstAdministratorForm, OwnerInvitationForm])
def test_form_takes_no_address_that_is_not_all_seen(form, address):
    assert "email" in form({"email": address}).errors
    assert "email" not in form({"email": "a@x.example"}).errors


def test_address_of_a_new_owner_is_looked_at_too():
    assert isinstance(NameOwnerForm.base_fields["email"], AddressField)


@pytest.mark.parametrize("address", UNSEEN)
@pytest.mark.parametrize(
    ("model", "name"),
    [
        (User, "email"),
        (Invitation, "email"),
        (Park, "contact_email"),
        (Enterprise, "contact_email"),
        (Enterprise, "energy_contact_email"),
    ],
)
def test_row_takes_no_address_that_is_not_all_seen(model, name, address):
    """What forms of rows and the import of a register ask."""
    field = model._meta.get_field(name)
    assert field.clean("a@x.example", None) == "a@x.example"
    with pytest.raises(ValidationError):
        field.clean(address, None)
    assert isinstance(field.formfield(), forms.EmailField)
