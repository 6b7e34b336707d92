from __future__ import annotations

import pytest
from django.utils import timezone

from enterprises.choices import ChangeRequestState
from enterprises.models import ChangeRequest
from tenancy.scopes import park_scope
from tests.enterprises.vetting_cases import CODE, file_registration
from tests.factories.filing import EnterpriseFactory
from tests.factories.people import ParkFactory, UserFactory


@pytest.fixture
def park():
    return ParkFactory(name_en="Torch Zone", name_zh="火炬园区", contact_phone="0592 000 0000")


@pytest.fixture
def lin():
    return UserFactory(name="Lin Yue", email="lin@example.com")


@pytest.fixture
def registration(side):
    return file_registration(side.park)


@pytest.fixture
def registered(side):
    """The enterprise of that code is registered and has nobody yet."""
    with park_scope(side.park.pk):
        return EnterpriseFactory(
            park=side.park, credit_code=CODE, name_en="Old name", name_zh="旧名有限公司", address="Old"
        )


@pytest.fixture
def firm(side):
    """The first firm, whose request has been decided: the next one may be asked for."""
    with park_scope(side.park.pk):
        ChangeRequest.objects.filter(pk=side.firm.change_request.pk).update(
            state=ChangeRequestState.REJECTED, decided_at=timezone.now()
        )
    return side.firm
