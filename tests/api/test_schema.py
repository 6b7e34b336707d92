"""The schema says what the API does: generated requests, right and wrong ones, get answers that it describes."""

from __future__ import annotations

from uuid import uuid4

import pytest
import schemathesis
from django.core.management import call_command
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from parks.choices import Role
from parks.models import ApiKey

pytestmark = pytest.mark.django_db

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
SCHEMA = schemathesis.openapi.from_dict(SchemaGenerator().get_schema(public=True))
SCHEMA.app = get_wsgi_application()
OPERATIONS = {operation.label: operation for operation in (found.ok() for found in SCHEMA.get_all_operations())}
# The same requests in every run: a failure is a change of ours, not of the dice.
BOUNDED = settings(
    max_examples=4,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture
def _one_connection():
    """As in Django's test client: a request must not close the connection that holds the test's transaction."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def headers(scene, _one_connection):
    """Of an enterprise that may do everything there, and of an official who may decide."""
    official = scene.ours.staff[Role.REVIEWER]
    official.roles = [Role.REVIEWER, Role.APPROVER]
    official.save(update_fields=["roles"])
    keys = {}
    for who, membership in (("enterprise", scene.ours.firm.people[Role.OWNER]), ("official", official)):
        _, token = ApiKey.objects.create(user=membership.user, membership=membership, name=who)
        keys[who] = {"Authorization": f"Bearer {token}"}
    return keys


@pytest.mark.parametrize("label", OPERATIONS)
def test_operation_does_what_the_schema_says(label, scene, headers):
    known = scene.ours.url_kwargs(scene.ours.firm)
    statuses = set()

    def ask(case, who, is_known):
        for name in case.path_parameters or {}:
            case.path_parameters[name] = str(known[name] if is_known else uuid4())
        response = case.call(headers=headers[who])
        statuses.add(response.status_code)
        case.validate_response(response, checks=CHECKS)

    for mode in GenerationMode:
        cases = OPERATIONS[label].as_strategy(generation_mode=mode)
        BOUNDED(given(cases, st.sampled_from(sorted(headers)), st.booleans())(ask))()
    assert statuses


def test_schema_is_complete_and_valid(tmp_path):
    call_command("spectacular", "--fail-on-warn", "--validate", "--file", str(tmp_path / "schema.yml"))


def test_every_operation_says_in_one_line_what_it_does():
    paths = SchemaGenerator().get_schema(public=True)["paths"]
    told = {
        operation["operationId"]: operation.get("summary", "") for path in paths.values() for operation in path.values()
    }
    assert [name for name, words in told.items() if not 10 <= len(words) <= 120] == []
    assert len(set(told.values())) == len(told)
