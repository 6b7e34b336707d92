"""Addresses of the API at which there is nothing, and its root."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.django_db


def test_root_leads_to_the_page_of_the_api(client):
    answer = client.get("/api/v1/")
    assert (answer.status_code, answer.url) == (302, "/api/v1/docs/")
    assert 'href="/"' in client.get(answer.url).content.decode()


def test_nothing_is_said_in_the_form_of_the_api(client):
    answers = [client.post("/api/v1/"), client.get("/api/v1/nothing/")]
    assert [(answer.status_code, answer.json()["errors"][0]["code"]) for answer in answers] == [(404, "not_found")] * 2
