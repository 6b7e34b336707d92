"""A page without a form takes no form: what is sent to it is refused, not passed over in silence."""

from __future__ import annotations

import pytest
from django.db import transaction
from django.test import Client

from parks.access import Door
from tests.addresses import Address, addresses
from tests.clients import actor, placeless_client, signed_in_client

pytestmark = pytest.mark.django_db
# What is typed is kept also where nothing of it can be read.
TAKEN = {"enterprises:registration_autosave": 200, "incentives:application_autosave": 200}
NOT_ALLOWED = 405


def clients_of(scene) -> list[tuple[object, Client]]:
    """Somebody of each role, with who they act as."""
    side = scene.ours
    people = [scene.operator, scene.observer, *side.staff.values(), *side.firm.people.values()]
    return [(actor(person), signed_in_client(person)) for person in people]


def visitor(address: Address, scene, people) -> Client | None:
    """Somebody who may open the address."""
    if address.access.door in {Door.OPEN, Door.PUBLIC_PARK}:
        return Client()
    if address.access.door is Door.REGISTERING:
        return placeless_client(scene.ours.firm.registrant)
    return next((client for who, client in people if address.access.admits(who)), None)


def sent(client: Client, url: str) -> int:
    """What a form without any answer is answered with; whatever it has changed is taken back."""
    with transaction.atomic():
        status = client.post(url, {"sent": "nothing that a form asks for"}).status_code
        transaction.set_rollback(True)
    return status


def test_no_page_passes_over_what_is_sent_to_it(scene):
    people, kwargs = clients_of(scene), scene.ours.url_kwargs(scene.ours.firm)
    answers = {}
    for address in addresses():
        if not (address.is_ours and address.access) or address.route.startswith("api/"):
            continue
        client = visitor(address, scene, people)
        assert client is not None, f"nobody opens {address.name}"
        answers[address.name] = sent(client, address.url(kwargs))

    assert answers["enterprises:enterprise_list"] == NOT_ALLOWED
    assert answers["enterprises:enterprise_create"] == 422
    assert {name: status for name, status in answers.items() if status < 300} == TAKEN
