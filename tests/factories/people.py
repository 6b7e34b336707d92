from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

import factory

from accounts.models import User
from parks.choices import Province, Role
from parks.models import Membership, Park

PASSWORD = "correct horse battery"


class ParkFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Park

    slug = factory.Sequence(lambda n: f"park-{n}")
    name_en = factory.Sequence(lambda n: f"Park {n}")
    name_zh = factory.Sequence(lambda n: f"第{n}园区")
    province = Province.FUJIAN


class UserFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = User
        skip_postgeneration_save = True

    email = factory.Sequence(lambda n: f"person{n}@example.com")
    name = factory.Sequence(lambda n: f"Person {n}")
    language = "en"
    password = factory.django.Password(PASSWORD)


class MembershipFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Membership

    user = factory.SubFactory(UserFactory)


def person(
    roles: Role | Collection[Role], park: Park | None = None, enterprise_id: UUID | None = None, **fields: object
) -> Membership:
    """A new person with one membership."""
    held = [roles] if isinstance(roles, Role) else list(roles)
    return MembershipFactory(park=park, enterprise_id=enterprise_id, roles=held, **fields)
